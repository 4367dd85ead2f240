"""Digests of a body: Digest (RFC 3230, with the draft-cavage schemes) and Content-Digest (RFC 9530)."""

import binascii
import re
from base64 import b64decode, b64encode
from hashlib import sha256, sha512

from http_sfv.dictionary import Dictionary
from http_sfv.item import Item

from federation.errors import BadDigest

__all__ = ["byte_sequences", "check_content_digest", "check_digest", "content_digest", "digest"]

_ALGORITHMS = {"sha-256": sha256, "sha-512": sha512}
_ONE_BYTE_SEQUENCE = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]+={0,2}):")
_MAX_CHARS = 8192


def digest(body: bytes) -> str:
    """The value of a Digest header (RFC 3230): `SHA-256=…`."""
    return f"SHA-256={b64encode(sha256(body).digest()).decode()}"


def content_digest(body: bytes) -> str:
    """The value of a Content-Digest header (RFC 9530): `sha-256=:…:`."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def byte_sequences(value: str) -> dict[str, bytes]:
    """A structured-field dictionary of byte sequences (RFC 8941): Content-Digest, Signature. Raises ValueError."""
    if len(value) > _MAX_CHARS:
        raise ValueError("longer than any honest header")
    # Nearly every header has one member, which needs no general parser (15 to 60 µs).
    if (one := _ONE_BYTE_SEQUENCE.fullmatch(value)) is not None:
        return {one[1]: b64decode(one[2], validate=True)}
    members = Dictionary()
    members.parse(value.encode("ascii"))
    found = {name: member.value for name, member in members.items() if isinstance(member, Item)}
    return {name: item for name, item in found.items() if isinstance(item, bytes)}


def _compare(digests: dict[str, bytes], body: bytes) -> None:
    known = [name for name in digests if name in _ALGORITHMS]
    if not known:
        raise BadDigest("no digest of an algorithm that we know")
    for name in known:
        if _ALGORITHMS[name](body).digest() != digests[name]:
            raise BadDigest(f"the {name} digest is of another body")


def check_digest(value: str, body: bytes) -> None:
    """Check a Digest header against the body.

    Algorithm names are case-insensitive; of several digests all that we know must be right, and one must be known.
    Raises BadDigest.
    """
    digests: dict[str, bytes] = {}
    if len(value) > _MAX_CHARS:
        raise BadDigest("longer than any honest header")
    for member in value.split(","):
        name, _, encoded = member.strip().partition("=")
        if name.lower() in digests:
            raise BadDigest("two digests of one algorithm")
        try:
            digests[name.lower()] = b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            digests[name.lower()] = b""
    _compare(digests, body)


def check_content_digest(value: str, body: bytes) -> None:
    """Check a Content-Digest header against the body; the rules are those of `check_digest`. Raises BadDigest."""
    try:
        digests = byte_sequences(value)
    except ValueError as error:
        raise BadDigest("a Content-Digest that cannot be read") from error
    _compare(digests, body)
