"""JSON Canonicalization Scheme (RFC 8785): the one text of a JSON value that is hashed and signed."""

from typing import Any

import rfc8785

from federation.errors import Malformed

__all__ = ["canonical"]


def canonical(value: Any) -> bytes:
    """The canonical UTF-8 bytes of a JSON value.

    Floats are accepted, since peers send them (coordinates); integers beyond 2**53 are not, since readers differ on
    them. Raises Malformed.
    """
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"no canonical form: {error}") from error
