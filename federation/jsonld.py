"""The JSON-LD that is accepted: plain JSON with known names, read within stated bounds, and never the network.

Documents are processed as JSON (ActivityPub section 3 allows it, and a remote context is a stranger's lever on
meaning). Keywords that re-arrange a document (`@graph`, `@included`, `@reverse`) are refused wherever they stand:
they served to slip entries past other servers' checks (CVE-2022-24307, CVE-2026-46349).
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import accumulate
from typing import Any, NoReturn

from federation.errors import Malformed, TooDeep, TooLarge
from federation.interfaces import JsonObject

__all__ = ["BUNDLED_CONTEXTS", "bundled_context", "namespaced", "parse", "parse_object"]

BUNDLED_CONTEXTS = {
    "https://www.w3.org/ns/activitystreams": "activitystreams.jsonld",
    "https://w3id.org/security/v1": "security-v1.jsonld",
    "https://w3id.org/security/data-integrity/v1": "data-integrity-v1.jsonld",
    "https://w3id.org/security/data-integrity/v2": "data-integrity-v2.jsonld",
    "https://w3id.org/security/multikey/v1": "multikey-v1.jsonld",
    "https://www.w3.org/ns/did/v1": "did-v1.jsonld",
}

_REFUSED = frozenset({"@graph", "@included", "@reverse"})
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# An opening bracket counts +1, a closing one -1 (255 read as a signed byte).
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_INT_BITS = 64


def _deeper(body: bytes, allowed: int) -> bool:
    """Whether `body` nests deeper than `allowed`, without parsing it; exact for well-formed JSON."""
    if body.count(b"[") + body.count(b"{") <= allowed:
        return False
    bare = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside_strings = b"".join(bare.split(b'"')[::2])
    steps = outside_strings.translate(_STEPS, _NOT_BRACKETS)
    return max(accumulate(memoryview(steps).cast("b")), default=0) > allowed


def _members(pairs: list[tuple[str, Any]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("a property stands twice in one object")
    if not _REFUSED.isdisjoint(members):
        raise Malformed("@graph, @included and @reverse are not accepted")
    return members


def _constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is no JSON")


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise Malformed("a number is out of range")
    return number


def _int(digits: str) -> int:
    # The length is looked at first: turning a million digits into a number takes minutes.
    if len(digits) > _INT_BITS // 3 or (number := int(digits)).bit_length() > _INT_BITS:
        raise Malformed("a number is out of range")
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_constant, parse_float=_float, parse_int=_int
)


def parse(body: bytes, *, max_bytes: int, max_depth: int) -> Any:
    """The JSON value in `body` (UTF-8, no byte order mark).

    Size and depth are checked before anything is parsed. Duplicate properties, NaN and Infinity, numbers beyond
    64 bits or a double, and lone surrogates are refused: two readers must never see two documents in the same
    bytes. Raises TooLarge, TooDeep, Malformed.
    """
    if len(body) > max_bytes:
        raise TooLarge(f"{len(body)} bytes, {max_bytes} are accepted")
    if _deeper(body, max_depth):
        raise TooDeep(f"nested deeper than {max_depth}")
    try:
        value = _DECODER.decode(body.decode())
        if _SURROGATE.search(body):
            json.dumps(value, ensure_ascii=False).encode()
    except ValueError as error:
        raise Malformed(f"no JSON: {error}") from error
    return value


def parse_object(body: bytes, *, max_bytes: int, max_depth: int) -> JsonObject:
    """`parse`, for what must be one object. Raises TooLarge, TooDeep, Malformed."""
    value = parse(body, max_bytes=max_bytes, max_depth=max_depth)
    if not isinstance(value, dict):
        raise Malformed("the document is not a JSON object")
    return value


def _prefixes(context: object) -> Iterator[tuple[str, str]]:
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, dict):
            for prefix, iri in part.items():
                if isinstance(iri, str):
                    yield prefix, iri


def namespaced(value: JsonObject, term: str, namespaces: Sequence[str], context: object = None) -> Any:
    """The property `term` of one of `namespaces`, however this document spells it; None where it is absent.

    Tried in order: the bare term, `prefix:term` with a prefix that the inline context maps to one of the
    namespaces, the full IRI. `context` is the document's `@context` for an object nested in it. ValueFlows alone
    has three namespaces in use (WIRE.md section 2).
    """
    if term in value:
        return value[term]
    for prefix, iri in _prefixes(context if context is not None else value.get("@context")):
        if iri in namespaces and f"{prefix}:{term}" in value:
            return value[f"{prefix}:{term}"]
    for namespace in namespaces:
        if namespace + term in value:
            return value[namespace + term]
    return None


def bundled_context(url: str) -> JsonObject | None:
    """The JSON-LD context published at `url`, from our own copy; None where we have none. For tests and tools."""
    name = BUNDLED_CONTEXTS.get(url)
    if name is None:
        return None
    context: JsonObject = json.loads(files("federation").joinpath("contexts", name).read_bytes())
    return context
