"""The paper behind what was booked: its number as somebody typed it, or the digest of its photograph."""

from base64 import b64decode, b64encode
from hashlib import sha256


def digest_of(photograph: bytes) -> str:
    """What is published of a photograph: its SHA-256 in base64."""
    return b64encode(sha256(photograph).digest()).decode()


def is_digest(evidence: str) -> bool:
    """Whether it can be the digest of a file; else it is the number of a slip."""
    try:
        return len(b64decode(evidence, validate=True)) == sha256().digest_size
    except ValueError:
        return False
