"""A note says nothing until a key that we know has signed it, and no line of a stranger changes that."""

from contextlib import suppress
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from node.tlog.cosignature import COSIGNATURE_V1
from node.tlog.encoding import to_base64
from node.tlog.errors import (
    AmbiguousKeyError,
    ForgedSignatureError,
    MalformedError,
    UnsignedError,
)
from node.tlog.note import ED25519, MAX_BYTES, MAX_SIGNATURES, Note, Signature, VerifierKey, sign

# The example of c2sp.org/signed-note.
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
NAME = "fondo.example/c/fondo/log"


def key_of(private: Ed25519PrivateKey, name: str = NAME) -> VerifierKey:
    return VerifierKey(name, ED25519, private.public_key().public_bytes_raw())


def signed(text: str = "texto\n", *signatures: Signature) -> Note:
    return Note(text, (sign(text, NAME, PRIVATE), *signatures))


def test_the_example_of_the_specification_verifies():
    key = VerifierKey.parse(SPEC_KEY, ED25519)
    note = Note.parse(SPEC_NOTE)
    assert [signer for signer, _ in note.verify([key])] == [key]
    assert note.text == "This is an example message.\n"
    assert str(key) == SPEC_KEY
    assert bytes(note) == SPEC_NOTE


def test_the_example_with_one_letter_changed_is_forged():
    with pytest.raises(ForgedSignatureError):
        Note.parse(SPEC_NOTE.replace(b"message", b"massage")).verify([VerifierKey.parse(SPEC_KEY, ED25519)])


def test_a_text_with_empty_lines_is_divided_at_the_last_one():
    note = signed("uno\n\n\n— dos AAAAAAA=\n\ntres\n")
    assert Note.parse(bytes(note)) == note


def test_signatures_of_strangers_say_nothing_and_harm_nothing():
    note = signed("texto\n", sign("otro\n", "elsewhere.example", OTHER))
    assert note.verify([key_of(PRIVATE)]) == ((key_of(PRIVATE), note.signatures[0]),)
    with pytest.raises(UnsignedError):
        note.verify([])


def test_a_key_of_the_same_name_but_another_id_is_another_key():
    with pytest.raises(UnsignedError):
        signed().verify([key_of(OTHER)])


def test_a_line_with_the_name_and_id_of_a_known_key_must_verify():
    forged = Signature(NAME, key_of(PRIVATE).id, bytes(64))
    for note in (Note("texto\n", (forged,)), signed("texto\n", forged)):
        with pytest.raises(ForgedSignatureError):
            note.verify([key_of(PRIVATE)])


@pytest.mark.parametrize("length", [1, 63, 65, 72])
def test_a_signature_of_another_length_is_forged_and_no_crash(length):
    note = Note("texto\n", (Signature(NAME, key_of(PRIVATE).id, bytes(length)),))
    with pytest.raises(ForgedSignatureError):
        note.verify([key_of(PRIVATE)])


def test_a_public_key_that_is_no_point_verifies_nothing():
    broken = VerifierKey(NAME, ED25519, b"\xff" * 32)
    note = Note("texto\n", (Signature(NAME, broken.id, bytes(64)),))
    with pytest.raises(ForgedSignatureError):
        note.verify([broken])


def test_two_known_keys_that_collide_in_name_and_id_are_refused():
    """An id has 32 bits: among a hundred thousand keys of one name, two share theirs."""
    seen: dict[bytes, VerifierKey] = {}
    for i in count():
        key = VerifierKey(NAME, ED25519, i.to_bytes(32))
        if key.id in seen:
            break
        seen[key.id] = key
    with pytest.raises(AmbiguousKeyError):
        signed().verify([key, seen[key.id]])


def test_a_key_given_twice_is_one_key():
    assert len(signed().verify([key_of(PRIVATE), key_of(PRIVATE)])) == 1


def test_a_signature_is_not_added_twice():
    note = signed()
    assert note.signed(note.signatures[0]) == note


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        b"texto\n",
        b"texto\n\n",
        b"\n\n" + b"\n".join(SPEC_NOTE.split(b"\n")[2:]),
        SPEC_NOTE[:-1],
        SPEC_NOTE + b"\n",
        SPEC_NOTE + b"trailing",
        SPEC_NOTE.replace(b"\n", b"\r\n"),
        SPEC_NOTE.replace(b"This", b"Th\x00is"),
        SPEC_NOTE.replace(b"This", b"Th\xffis"),
        SPEC_NOTE.replace("— ".encode(), b"- "),
        SPEC_NOTE.replace(b"example.com/foo ", b"example.com/foo  "),
        SPEC_NOTE.replace(b"example.com/foo ", b"example.com/+oo "),
        SPEC_NOTE.replace(b"example.com/foo ", b" "),
        SPEC_NOTE.replace(b"example.com/foo ", "example.com/\u2003foo ".encode()),
        SPEC_NOTE.replace(b"yaQM=", b"yaQN="),
        SPEC_NOTE.replace(b"yaQM=", b"yaQM"),
        SPEC_NOTE.replace(b"yaQM=", b"ya-M="),
        "texto\n\n— name AAAAAA==\n".encode(),
        b"a" * MAX_BYTES + SPEC_NOTE,
        SPEC_NOTE + SPEC_NOTE.split(b"\n\n")[1] * MAX_SIGNATURES,
    ],
)
def test_what_is_not_exactly_a_note_is_malformed(data):
    with pytest.raises(MalformedError):
        Note.parse(data)


def test_at_least_sixteen_signatures_are_read():
    lines = [sign("texto\n", f"w{i}.example", OTHER) for i in range(16)]
    assert len(Note.parse(bytes(signed("texto\n", *lines))).signatures) == 17


@given(st.binary())
def test_any_bytes_are_a_note_or_malformed(data):
    with suppress(MalformedError):
        assert bytes(Note.parse(data)) == data


@given(st.data())
def test_a_note_with_any_byte_changed_is_refused(data):
    whole = bytes(signed())
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[at]))
    with pytest.raises((MalformedError, ForgedSignatureError, UnsignedError)):
        Note.parse(whole[:at] + bytes([byte]) + whole[at + 1 :]).verify([key_of(PRIVATE)])


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        SPEC_KEY.replace("530d903a", "530D903A"),
        SPEC_KEY.replace("530d903a", "530d903b"),
        SPEC_KEY.replace("example.com/foo", ""),
        SPEC_KEY.replace("example.com/foo", "example.com foo"),
        SPEC_KEY.replace("example.com/foo", "example.com/\ud800"),
        SPEC_KEY[:-4],
        SPEC_KEY + "\n",
        SPEC_KEY + "+",
        "example.com/foo+530d903a+",
        str(VerifierKey(NAME, COSIGNATURE_V1, bytes(32))),
        str(VerifierKey(NAME, ED25519, bytes(33))),
    ],
)
def test_what_is_not_exactly_a_verifier_key_is_malformed(vkey):
    with pytest.raises(MalformedError):
        VerifierKey.parse(vkey, ED25519)


@given(
    st.text() | st.builds(lambda a, b, c: f"{a}+{b}+{c}", st.text(), st.text(), st.binary().map(to_base64))
)
def test_any_text_is_a_verifier_key_or_malformed(text):
    with suppress(MalformedError):
        assert str(VerifierKey.parse(text, ED25519, COSIGNATURE_V1)) == text
