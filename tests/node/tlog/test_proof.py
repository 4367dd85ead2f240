"""An offline proof shows one entry in one witnessed tree, and shows nothing when anything of it is changed."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.tlog.errors import InclusionError, MalformedError, QuorumError, TlogError
from node.tlog.policy import Policy
from node.tlog.proof import Proof
from tests.node.tlog.world import LOG, log_key, witness_key

POLICY = Policy.parse(f"log {log_key()}\nwitness w1 {witness_key('w1')}\nquorum w1\n".encode())


def proof(index: int = 3, size: int = 11, extra: bytes | None = None) -> Proof:
    return Proof(index, LOG.inclusion(index, size), LOG.note(size, "w1"), extra)


def test_a_proof_is_carried_as_text_and_verifies():
    text = bytes(proof(extra=b"a gift"))
    assert text.startswith(b"c2sp.org/tlog-proof@v1\nextra YSBnaWZ0\nindex 3\n")
    read = Proof.parse(text)
    assert read == proof(extra=b"a gift")
    assert read.verify(b"entry 3", POLICY).checkpoint == LOG.head(11)


def test_every_entry_has_a_proof_in_every_size():
    for size in range(1, 12):
        for index in range(size):
            Proof.parse(bytes(proof(index, size))).verify(b"entry %d" % index, POLICY)


def test_another_entry_is_not_proved():
    with pytest.raises(InclusionError):
        proof().verify(b"entry 4", POLICY)


def test_another_index_is_not_proved():
    with pytest.raises(InclusionError):
        Proof(4, proof().hashes, proof().checkpoint).verify(b"entry 3", POLICY)


def test_a_size_zero_checkpoint_proves_nothing():
    with pytest.raises(InclusionError):
        Proof(0, (), LOG.note(0, "w1")).verify(b"entry 0", POLICY)


def test_a_proof_without_its_witness_is_refused():
    with pytest.raises(QuorumError):
        Proof(3, LOG.inclusion(3, 11), LOG.note(11)).verify(b"entry 3", POLICY)


WHOLE = bytes(proof(extra=b"a gift"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        WHOLE.replace(b"@v1", b"@v2"),
        WHOLE.replace(b"index 3\n", b""),
        WHOLE.replace(b"index 3\n", b"index 03\n"),
        WHOLE.replace(b"index 3\n", b"index 9999999999999999999\n"),
        WHOLE.replace(b"index 3\n", b"index 3\nindex 3\n"),
        WHOLE.replace(b"index 3\n", b"index 3\n" + WHOLE.split(b"\n")[3] * 2 + b"\n"),
        WHOLE.replace(b"index 3\n", b"index 3\n" + (WHOLE.split(b"\n")[3] + b"\n") * 64),
        WHOLE.replace(b"extra ", b"extra  "),
        WHOLE.replace(b"extra YSBnaWZ0\nindex 3\n", b"index 3\nextra YSBnaWZ0\n"),
        WHOLE.replace(b"\n", b"\r\n"),
        WHOLE.replace(b"\n\n", b"\n\n\n", 1),
        WHOLE[:-1],
        WHOLE + b"\n",
        WHOLE + b"trailing",
        WHOLE.split(b"\n\n")[0],
    ],
)
def test_what_is_not_exactly_a_proof_is_malformed(data):
    with pytest.raises(MalformedError):
        Proof.parse(data)


@given(st.data())
def test_a_proof_with_any_byte_changed_is_refused_unless_it_is_in_the_unauthenticated_extra(data):
    at = data.draw(st.integers(0, len(WHOLE) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != WHOLE[at]))
    changed = WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :]
    in_extra = WHOLE.index(b"extra ") <= at < WHOLE.index(b"index")
    try:
        Proof.parse(changed).verify(b"entry 3", POLICY)
    except TlogError:
        return
    assert in_extra


@given(st.binary())
def test_any_bytes_are_a_proof_or_malformed(data):
    with suppress(MalformedError):
        Proof.parse(b"c2sp.org/tlog-proof@v1\nindex 0\n" + data)


def test_a_proof_of_a_log_that_is_known_from_elsewhere_verifies():
    any_log = Policy.parse(f"witness w1 {witness_key('w1')}\nquorum w1\n".encode())
    assert proof().verify(b"entry 3", any_log, [log_key()]).checkpoint == LOG.head(11)
