"""A cosignature holds for one text, one time and one witness, and a witness's answer cannot spoil a checkpoint."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from node.tlog.cosignature import COSIGNATURE_V1, accept, timestamp
from node.tlog.errors import ForgedSignatureError, MalformedError, UnsignedError
from node.tlog.note import ED25519, Note, Signature, VerifierKey, sign
from tests.node.tlog.world import LOG, NOON, cosignature, forged_line, log_key, private_key, witness_key

TEXT = str(LOG.head(7))


def lines(*signatures: Signature) -> bytes:
    return "".join(f"{signature}\n" for signature in signatures).encode()


def test_a_cosignature_is_a_time_and_a_signature_over_header_time_and_text():
    line = cosignature(TEXT, "w1", at=1_679_315_147)
    message = b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()
    public = Ed25519PublicKey.from_public_bytes(witness_key("w1").public_key)
    public.verify(line.value[8:], message)
    assert line.value[:8] == (1_679_315_147).to_bytes(8)
    assert timestamp(line) == 1_679_315_147


def test_the_same_key_as_log_and_as_witness_has_two_ids():
    public = witness_key("w1").public_key
    assert VerifierKey("n", ED25519, public).id != VerifierKey("n", COSIGNATURE_V1, public).id
    assert str(witness_key("w1")).split("+")[2].startswith("B")  # 0x04 in base64


def test_a_cosignature_verifies_for_its_text_only():
    assert Note(TEXT, (cosignature(TEXT, "w1"),)).verify([witness_key("w1")])
    with pytest.raises(ForgedSignatureError):
        Note(str(LOG.head(8)), (cosignature(TEXT, "w1"),)).verify([witness_key("w1")])


def test_a_cosignature_with_another_time_does_not_verify():
    line = cosignature(TEXT, "w1")
    later = Signature(line.name, line.key_id, (NOON + 1).to_bytes(8) + line.value[8:])
    with pytest.raises(ForgedSignatureError):
        Note(TEXT, (later,)).verify([witness_key("w1")])


@pytest.mark.parametrize("time", [2**63, 2**64 - 1])
def test_a_time_beyond_all_times_does_not_verify_even_if_signed(time):
    with pytest.raises(ForgedSignatureError):
        Note(TEXT, (cosignature(TEXT, "w1", at=time),)).verify([witness_key("w1")])


def test_a_plain_signature_by_the_witness_is_no_cosignature():
    plain = sign(TEXT, witness_key("w1").name, private_key("w1"))
    with pytest.raises(UnsignedError):
        Note(TEXT, (plain,)).verify([witness_key("w1")])
    disguised = Signature(plain.name, witness_key("w1").id, bytes(8) + plain.value)
    with pytest.raises(ForgedSignatureError):
        Note(TEXT, (disguised,)).verify([witness_key("w1")])


@pytest.mark.parametrize("length", [1, 7, 8, 71, 73])
def test_a_cosignature_of_another_length_is_forged_and_no_crash(length):
    line = Signature(witness_key("w1").name, witness_key("w1").id, bytes(length))
    with pytest.raises(ForgedSignatureError):
        Note(TEXT, (line,)).verify([witness_key("w1")])


def test_the_answer_of_a_witness_is_accepted():
    line = cosignature(TEXT, "w1")
    assert accept(LOG.note(7), lines(line), [witness_key("w1")]) == (line,)


def test_forged_and_foreign_lines_in_an_answer_do_not_enter_the_checkpoint():
    good = cosignature(TEXT, "w1")
    answer = lines(
        forged_line(log_key()),
        forged_line(witness_key("w2")),
        forged_line(witness_key("w1")),
        good,
        cosignature(TEXT, "w2"),
    )
    accepted = accept(LOG.note(7), answer, [witness_key("w1")])
    assert accepted == (good,)
    assert LOG.note(7).signed(*accepted).verify([log_key(), witness_key("w1"), witness_key("w2")])


def test_an_answer_about_another_checkpoint_gives_nothing():
    assert accept(LOG.note(7), lines(cosignature(str(LOG.head(8)), "w1")), [witness_key("w1")]) == ()


@pytest.mark.parametrize(
    "answer", [b"", b"\n", b"no lines\n", b"\xff\n", lines(cosignature(TEXT, "w1"))[:-1]]
)
def test_an_answer_that_is_no_signature_lines_is_malformed(answer):
    with pytest.raises(MalformedError):
        accept(LOG.note(7), answer, [witness_key("w1")])
