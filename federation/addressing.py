"""Who may read what: five audiences, and the `to` and `cc` that say them. Which inboxes follow from them, the host knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from federation.interfaces import JsonObject
from federation.vocab import PUBLIC, ids_of, is_public

__all__ = [
    "Addressed",
    "Audience",
    "address",
    "audience_of",
    "recipients",
    "without_blind",
]

Audience = Literal["public", "unlisted", "followers", "peers", "direct"]
_BLIND = frozenset({"bto", "bcc"})
_NAMED = ("to", "cc", "audience")


@dataclass(frozen=True, slots=True)
class Addressed:
    """What stands in `to` and `cc` of an activity and of its object."""

    to: tuple[str, ...]
    cc: tuple[str, ...] = ()


def address(audience: Audience, *, followers: str, peers: str, mentioned: Sequence[str] = ()) -> Addressed:
    """The `to` and `cc` for an audience. `followers` and `peers` are the author's collections; `mentioned` actor URIs."""
    named = tuple(dict.fromkeys(mentioned))
    match audience:
        case "public":
            return Addressed((PUBLIC,), (followers, *named))
        case "unlisted":
            return Addressed((followers,), (PUBLIC, *named))
        case "followers":
            return Addressed((followers,), named)
        case "peers":
            return Addressed((peers, *named))
        case "direct":
            return Addressed(named)


def audience_of(document: JsonObject, *, followers: str | None, peers: str | None = None) -> Audience:
    """Who may read an activity or object, by how it is addressed. `followers` and `peers` are the author's collections.

    Takes Public in each of its spellings. Whatever names no collection known here is direct: the narrow reading.
    """
    if is_public(document.get("to")):
        return "public"
    if is_public(document.get("cc")) or is_public(document.get("audience")):
        return "unlisted"
    named = set(recipients(document))
    if followers is not None and followers in named:
        return "followers"
    if peers is not None and peers in named:
        return "peers"
    return "direct"


def recipients(document: JsonObject) -> tuple[str, ...]:
    """Every actor and collection that a document and its embedded object name, once each; Public and blind copies are not."""
    embedded = document.get("object")
    layers = [document, embedded] if isinstance(embedded, dict) else [document]
    found = (
        name for layer in layers for key in _NAMED for name in ids_of(layer.get(key)) if not is_public(name)
    )
    return tuple(dict.fromkeys(found))


def without_blind(value: Any) -> Any:
    """A copy of a document without `bto` and `bcc`, at whatever depth they stand (ActivityPub section 6)."""
    if isinstance(value, dict):
        return {key: without_blind(inner) for key, inner in value.items() if key not in _BLIND}
    if isinstance(value, list):
        return [without_blind(inner) for inner in value]
    return value
