"""ActivityStreams 2.0 as peers really write it: values or lists, objects or ids, Public in three spellings.

Everything here reads a parsed document without changing it. Nothing here believes it: see `verify` and `origin`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from federation.errors import Malformed, TooLarge
from federation.interfaces import JsonObject
from federation.jsonld import parse_object
from federation.limits import DEFAULT_LIMITS, Limits

__all__ = [
    "ACTIVITY_JSON",
    "ACTIVITY_TYPES",
    "ACTOR_TYPES",
    "AS2_CONTEXT",
    "LD_JSON",
    "LD_JSON_AS2",
    "PUBLIC",
    "PUBLIC_SPELLINGS",
    "Activity",
    "activity_of",
    "as_list",
    "id_of",
    "ids_of",
    "is_as2_media_type",
    "is_public",
    "read_activity",
    "types_of",
]

AS2_CONTEXT = "https://www.w3.org/ns/activitystreams"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
PUBLIC_SPELLINGS = frozenset({PUBLIC, "as:Public", "Public"})
_MAX_ID_CHARS = 2048

ACTIVITY_JSON = "application/activity+json"
LD_JSON = "application/ld+json"
LD_JSON_AS2 = f'{LD_JSON}; profile="{AS2_CONTEXT}"'

ACTOR_TYPES = frozenset({"Application", "Group", "Organization", "Person", "Service"})

# AS2 vocabulary section 3.1, and what peers send beside it: EmojiReact (FEP-c0e0), QuoteRequest (FEP-044f).
ACTIVITY_TYPES = frozenset(
    {
        "Accept", "Add", "Announce", "Arrive", "Block", "Create", "Delete", "Dislike", "EmojiReact", "Flag",
        "Follow", "Ignore", "Invite", "Join", "Leave", "Like", "Listen", "Move", "Offer", "Question",
        "QuoteRequest", "Read", "Reject", "Remove", "TentativeAccept", "TentativeReject", "Travel", "Undo",
        "Update", "View",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity as received. `body` are its exact bytes, `document` the same, parsed; never change it.

    `id` and `actor` are http(s) URLs. `type` is one string; of a list it is the first that names an activity.
    `object_id` is "" where there is none or it has no id; `object` the embedded object, if it is embedded.
    `object_ids` are all, where there are several (Flag). `to` and `cc` are ids, Public in its full spelling.
    """

    body: bytes
    document: JsonObject
    id: str
    type: str
    actor: str
    object_id: str
    object: JsonObject | None
    object_ids: tuple[str, ...]
    target: str
    to: tuple[str, ...]
    cc: tuple[str, ...]

    @property
    def public(self) -> bool:
        """Whether it is addressed to everybody, listed or not."""
        return PUBLIC in self.to or PUBLIC in self.cc


def as_list(value: Any) -> list[Any]:
    """The values of a property, which peers write as one value or as a list; absent and null are none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def id_of(value: Any) -> str | None:
    """The id of what a property names, by id or embedded; of a list, of its first entry. None where it has none.

    An id with whitespace, control characters or a backslash is none: such ids have fooled URL parsers.
    """
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("id", value.get("@id"))
    if not isinstance(value, str) or not value or len(value) > _MAX_ID_CHARS:
        return None
    # Of all whitespace only the plain space counts as printable.
    return value if value.isprintable() and " " not in value and "\\" not in value else None


def ids_of(value: Any) -> Iterator[str]:
    """The ids of all that a property names, those without one left out."""
    return (found for entry in as_list(value) if (found := id_of(entry)) is not None)


def types_of(value: Any) -> tuple[str, ...]:
    """The types of an object, as strings: `type` may be one string or a list of them. Empty where it has none."""
    if not isinstance(value, dict):
        return ()
    types = as_list(value.get("type", value.get("@type")))
    return tuple(name for name in types if isinstance(name, str) and name)


def is_public(value: Any) -> bool:
    """Whether an id is Public in any of its spellings, or a list of recipients holds it."""
    return any(found in PUBLIC_SPELLINGS for found in ids_of(value))


def is_as2_media_type(content_type: str) -> bool:
    """Whether a Content-Type is one of ActivityStreams: activity+json, or ld+json with the AS2 profile."""
    essence, *parameters = (part.strip() for part in content_type.split(";"))
    if essence.lower() == ACTIVITY_JSON:
        return True
    if essence.lower() != LD_JSON:
        return False
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "profile" and AS2_CONTEXT in value.strip().strip('"').split():
            return True
    return False


def _recipients(value: Any) -> tuple[str, ...]:
    ids = (PUBLIC if found in PUBLIC_SPELLINGS else found for found in ids_of(value))
    return tuple(dict.fromkeys(ids))


def _url(value: Any, what: str) -> str:
    found = id_of(value)
    if found is None or not found.startswith(("https://", "http://")):
        raise Malformed(f"the {what} is no http(s) URL")
    return found


def read_activity(body: bytes, limits: Limits = DEFAULT_LIMITS) -> Activity:
    """The activity in the body of a request.

    Tolerant of what peers do: missing optional properties, unknown contexts and types, one value or many.
    Strict on what identifies: it has an id, a type, and exactly one actor. Raises Malformed, TooLarge, TooDeep.
    """
    document = parse_object(body, max_bytes=limits.body_bytes, max_depth=limits.json_depth)
    return activity_of(body, document, limits)


def activity_of(body: bytes, document: JsonObject, limits: Limits = DEFAULT_LIMITS) -> Activity:
    """`read_activity`, for a document that is parsed already. Raises Malformed, TooLarge."""
    types = types_of(document)
    if not types:
        raise Malformed("the document has no type")
    actors = as_list(document.get("actor"))
    actor = _url(actors, "actor")
    if any(id_of(other) != actor for other in actors):
        raise Malformed("an activity of several actors has no author")
    to, cc = _recipients(document.get("to")), _recipients(document.get("cc"))
    if len(to) + len(cc) > limits.recipients:
        raise TooLarge(f"{len(to) + len(cc)} recipients")
    objects = as_list(document.get("object"))
    return Activity(
        body=body,
        document=document,
        id=_url(document, "id"),
        type=next((name for name in types if name in ACTIVITY_TYPES), types[0]),
        actor=actor,
        object_id=id_of(objects) or "",
        object=objects[0] if objects and isinstance(objects[0], dict) else None,
        object_ids=tuple(ids_of(objects)),
        target=id_of(document.get("target")) or "",
        to=to,
        cc=cc,
    )
