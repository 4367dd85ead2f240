"""Base64 and decimals as the C2SP specifications write them: one spelling for each value, and no other.

Two spellings of one value would let a stranger change bytes that are hashed or compared without changing what they mean.
"""

import re
from base64 import b64decode, b64encode

from node.tlog.errors import MalformedError

MAX_SIZE = 2**63 - 1
_DECIMAL = re.compile("0|[1-9][0-9]{0,18}")


def to_base64(data: bytes) -> str:
    """Standard padded base64 (RFC 4648, section 4)."""
    return b64encode(data).decode()


def from_base64(text: str, what: str) -> bytes:
    """The bytes behind standard padded base64. Raises MalformedError about `what`."""
    try:
        data = b64decode(text, validate=True)
    except ValueError as error:
        raise MalformedError(what, "not base64") from error
    if to_base64(data) != text:
        raise MalformedError(what, "base64 in another spelling")
    return data


def from_base64_hash(text: str, what: str) -> bytes:
    """A SHA-256 hash written in base64. Raises MalformedError about `what`."""
    data = from_base64(text, what)
    if len(data) != 32:
        raise MalformedError(what, "a hash that is not 32 bytes long")
    return data


def from_decimal(text: str, what: str) -> int:
    """A number from 0 to 2^63 − 1 without leading zeroes. Raises MalformedError about `what`."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise MalformedError(what, "not a decimal number in range")
    return int(text)
