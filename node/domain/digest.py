"""The digest by which a document is named once and for all."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import rfc8785

from node.domain.errors import DomainError


class DigestError(DomainError):
    """A document that has no canonical form: a number that is too large, a text that is none."""


def digest_of(document: Mapping[str, Any]) -> str:
    """Standard padded base64 of the SHA-256 of the RFC 8785 bytes of a document, its proof included."""
    try:
        return b64encode(sha256(rfc8785.dumps(dict(document))).digest()).decode()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise DigestError(str(error)[:200]) from error
