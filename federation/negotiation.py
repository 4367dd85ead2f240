"""What a GET asks for: the ActivityStreams document or the page for people, by its Accept header (RFC 9110 12.5.1)."""

import re
from functools import lru_cache

from federation.vocab import ACTIVITY_JSON, AS2_CONTEXT, LD_JSON, LD_JSON_AS2

__all__ = ["DOCUMENT_TYPE", "document_type"]

DOCUMENT_TYPE = f"{ACTIVITY_JSON}; charset=utf-8"
_JSON = "application/json"
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_MAX_CHARS = 2048
# Commas and semicolons inside a quoted string (the profile) do not separate.
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_MEDIA_RANGE = re.compile(rf'(?:[^,"]|{_QUOTED})+')
_PARAMETER = re.compile(rf'(?:[^;"]|{_QUOTED})+')
_WEIGHT = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


@lru_cache(maxsize=512)
def document_type(accept: str) -> str | None:
    """The Content-Type with which to answer by the document; None where a page is wanted.

    A document is wanted where one of its types is named and no page is named with a higher weight. Wildcards want a page,
    as browsers do. `application/json` counts as the document. What cannot be read counts as absent.
    """
    weights: dict[str, float] = {}
    for media_range in _MEDIA_RANGE.findall(accept[:_MAX_CHARS]):
        kind, weight = _read(media_range)
        weights[kind] = max(weight, weights.get(kind, 0.0))
    activity, linked = weights.get(ACTIVITY_JSON, 0.0), weights.get(LD_JSON, 0.0)
    wanted = max(activity, linked, weights.get(_JSON, 0.0))
    if wanted == 0 or wanted < max((weights.get(kind, 0.0) for kind in _HTML), default=0.0):
        return None
    return LD_JSON_AS2 if linked == wanted > activity else DOCUMENT_TYPE


def _read(media_range: str) -> tuple[str, float]:
    """One media range as (type, weight); the type "" where it is not one that is looked for."""
    kind, *parameters = (part.strip() for part in (_PARAMETER.findall(media_range) or [""]))
    weight = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        match name.strip().lower():
            case "q":
                weight = float(value.strip()) if _WEIGHT.fullmatch(value.strip()) else 0.0
            case "profile" if AS2_CONTEXT not in value.strip().strip('"').split():
                return "", 0.0
    return kind.lower(), weight
