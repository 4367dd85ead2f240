"""One signed activity behind an entry, read once: every check goes by this reading, so that none sees a record where another sees nothing.

What a record means is what `from_wire` makes of it; what is in no way plain (who says it, of what, when) ends in a verdict here.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from federation import same_origin
from federation.integrity import read_time
from federation.limits import DEFAULT_LIMITS
from node.verify.source import DifferenceError
from schemas import Record, SchemaError, from_wire

JsonObject = dict[str, Any]

TAKES_BACK = ("Delete", "Undo")
_PATH = re.compile(r"(/[A-Za-z0-9_-]+)+")
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Act:
    """An activity: its `id`, its `verb` (its type), the id of its `thing`, the `record` that it says of that (None where it takes it
    back), the moment at which it was said. `document` is the thing as it was signed, empty where only its id is."""

    id: str
    verb: str
    thing: str
    record: Record | None
    at: datetime
    document: JsonObject


def read_act(document: JsonObject, uri: str, actor: str, now: datetime) -> Act:
    """The activity that an entry names `uri`. DifferenceError where it is none of `actor`'s, or cannot be read in one way only."""
    if document.get("id") != uri or document.get("actor") != actor or not same_origin(uri, actor):
        raise DifferenceError("activities", f"{uri} is not an activity of {actor}")
    verb, at = document.get("type"), moment_of(document, now, "activities")
    if not isinstance(verb, str):
        raise DifferenceError("activities", f"{uri} is of no type: {verb!r}"[:500])
    inner = document.get("object")
    thing = inner.get("id") if isinstance(inner, dict) else inner
    if not isinstance(thing, str):
        raise DifferenceError("activities", f"{uri} names nothing that it says something of: {thing!r}"[:500])
    said = inner if isinstance(inner, dict) else {}
    if not _is_plain(thing, actor) or said.get("attributedTo", actor) != actor:
        raise DifferenceError("activities", f"{uri} books {thing}, which is nothing that {actor} says")
    return Act(uri, verb, thing, None if verb in TAKES_BACK else _record(uri, thing, said), at, said)


def moment_of(document: JsonObject, now: datetime, check: str) -> datetime:
    """When a document was published. DifferenceError, named `check`, where it does not say, or says a moment that cannot be."""
    at, id_ = read_time(document.get("published")), document.get("id")
    if at is None:
        raise DifferenceError(check, f"{id_} does not say when it was published")
    if not _EARLIEST <= at <= now + timedelta(seconds=DEFAULT_LIMITS.clock_skew_seconds):
        raise DifferenceError(check, f"{id_} says that it was published on {at}")
    return at


def _is_plain(uri: str, actor: str) -> bool:
    """Whether an id is one of the actor's server, spelled as that server spells all of them: one thing has not two names."""
    own = urlsplit(actor)
    origin = f"{own.scheme}://{own.netloc}"
    return uri.startswith(origin) and _PATH.fullmatch(uri.removeprefix(origin)) is not None


def _record(uri: str, thing: str, said: JsonObject) -> Record:
    if not isinstance(said.get("kind"), str):
        raise DifferenceError("activities", f"{uri} says of {thing} nothing that can be booked")
    try:
        return from_wire(said)
    except SchemaError as error:
        raise DifferenceError("activities", f"{thing}, said by {uri}, cannot be read: {error}") from error
