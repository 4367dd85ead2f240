"""Cosignatures (C2SP tlog-cosignature): a witness says that, at this time, this was the largest tree it had seen.

The signature in the line is a timestamp (8 bytes, POSIX seconds) and an Ed25519 signature over

    cosignature/v1
    time 1679315147
    (the text of the checkpoint)

ML-DSA-44 would be a second `Algorithm` beside `COSIGNATURE_V1`; its message names the cosigner, which `verifies` is given.
"""

from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.tlog.encoding import MAX_SIZE
from node.tlog.errors import SignatureError
from node.tlog.note import (
    Algorithm,
    Note,
    Signature,
    VerifierKey,
    decode_text,
    ed25519_verifies,
    parse_signatures,
)

_TIMESTAMP_SIZE = 8


def _verifies(key: VerifierKey, text: bytes, signature: bytes) -> bool:
    timestamp = int.from_bytes(signature[:_TIMESTAMP_SIZE])
    if timestamp > MAX_SIZE:
        return False
    return ed25519_verifies(key.public_key, _message(text, timestamp), signature[_TIMESTAMP_SIZE:])


COSIGNATURE_V1 = Algorithm(0x04, 32, _verifies)


def _message(text: bytes, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n".encode() + text


def cosign(text: str, name: str, private_key: Ed25519PrivateKey, timestamp: int) -> Signature:
    """Cosign the text of a checkpoint at this POSIX time. The key must serve this one witness and nothing else."""
    key = VerifierKey(name, COSIGNATURE_V1, private_key.public_key().public_bytes_raw())
    value = timestamp.to_bytes(_TIMESTAMP_SIZE) + private_key.sign(_message(text.encode(), timestamp))
    return Signature(name, key.id, value)


def timestamp(signature: Signature) -> int:
    """When the witness says that it cosigned, in POSIX seconds; worth as much as the verified cosignature."""
    return int.from_bytes(signature.value[:_TIMESTAMP_SIZE])


def accept(note: Note, answer: bytes, witness: Iterable[VerifierKey]) -> tuple[Signature, ...]:
    """The cosignatures in a witness's answer that verify by its own keys for this checkpoint (tlog-witness).

    Whatever else the answer holds is dropped, line by line: a line in another's name must not enter the
    checkpoint that we show, where it would make every reader reject the whole. Raises MalformedError if the answer is no signature lines.
    """
    keys = tuple(witness)
    accepted = []
    for signature in parse_signatures(decode_text(answer, "cosignatures")):
        try:
            accepted += [line for _, line in Note(note.text, (signature,)).verify(keys)]
        except SignatureError:
            continue
    return tuple(accepted)
