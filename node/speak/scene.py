"""The scene as it stands in one transaction: what kinds may look at, read lazily."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from node.activities import REGISTRY
from node.domain.kind import AnyKind, Audience, Thing
from node.storage import actors, collectives, entries, gathering, members, objects, sums
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tongues import Tongue, languages
from schemas import Record, SchemaError, from_wire

_KEPT_BYTES = 8192
"""Documents up to this size are kept in memory as they were read: the same bytes say the same, and boards and timelines show the
same things again and again. Larger ones are read each time."""
ECHO = "echo"
"""State of a row that only holds the document of a Note which was folded into another thing."""


def record_in(kind: AnyKind, document: Mapping[str, Any]) -> Record | None:
    """The record that a document of this kind carries; None where it does not hold."""
    try:
        return from_wire(document) if document.get("kind", "note") == kind.name else None
    except SchemaError:
        return None


def _read(kind: str, document: bytes) -> tuple[Mapping[str, Any], Record | None]:
    """A stored document, and the record in it."""
    known, read = REGISTRY.get(kind), msgspec.json.decode(document) if document else {}
    return read, record_in(known, read) if known is not None and read else None


_kept = lru_cache(maxsize=512)(_read)


def thing_of(row: objects.Object) -> Thing:
    """A stored object as kinds see it."""
    document, record = (_kept if len(row.document) <= _KEPT_BYTES else _read)(row.kind, row.document)
    return Thing(
        id=row.uri,
        kind=row.kind,
        owner=row.owner,
        state=row.state,
        record=record,
        document=document,
        audience=Audience(row.audience),
        published=row.published,
        due=row.due,
        facts=row.facts,
        local=row.collective is not None,
    )


@lru_cache(maxsize=64)
def tongue(language: str, zone: str) -> Tongue:
    """The tongue of a language in a time zone, made once."""
    return Tongue.of(language, ZoneInfo(zone))


def tongues(collective: Collective, *, translated: bool = True) -> tuple[Tongue, ...]:
    """The languages in which a collective speaks, its own first."""
    own = tongue(collective.locale, collective.timezone)
    if not translated:
        return (own,)
    return (own, *(tongue(other, collective.timezone) for other in languages() if other != own.language))


def unknown(actor: str) -> str:
    """How people read an actor of whom only the id is known: two of one host do not look alike."""
    return actor.partition("://")[2].rstrip("/") or actor


class LiveScene:
    """A `Scene` over a snapshot or transaction. Remembers which hashtags and mentions a text made use of."""

    def __init__(
        self,
        snapshot: Snapshot,
        origin: str,
        *,
        here: str = "",
        url: str = "",
        found: Mapping[str, str] | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._origin = origin
        self.here = here
        self.url = url
        self._found = found or {}
        self.tags: dict[str, str] = {}
        self.mentions: dict[str, str] = {}
        self._ahead: dict[tuple[str, str], list[Thing]] = {}

    def day(self, at: datetime) -> date:
        """The day that it is at a moment, in the zone of the collective `here`, or of this node's first."""
        return at.astimezone(self._zone).date()

    @cached_property
    def _zone(self) -> tzinfo:
        own = collectives.by_uri(self._snapshot, self.here) or next(
            iter(collectives.every(self._snapshot)), None
        )
        return ZoneInfo(own.timezone) if own is not None else UTC

    def over(self, due: datetime | None) -> bool:
        """Whether a deadline has passed."""
        return due is not None and due <= self._snapshot.now

    def ours(self, actor: str) -> bool:
        """Whether this actor is one of the node's collectives."""
        return (
            actor.startswith(f"{self._origin}/c/") and collectives.by_uri(self._snapshot, actor) is not None
        )

    def thing(self, uri: str) -> Thing | None:
        """The present state of an object, by any of its ids."""
        row = objects.by_alias(self._snapshot, uri)
        return None if row is None or row.state == ECHO else thing_of(row)

    def answering(self, uri: str, relation: str) -> Sequence[Thing]:
        """Every thing that has this relation to `uri`, oldest first."""
        if (known := self._ahead.get((uri, relation))) is not None:
            return known
        return [thing_of(row) for row in objects.linking(self._snapshot, uri, relation) if row.state != ECHO]

    def look_ahead(self, uris: Iterable[str], relation: str) -> None:
        """Read in one statement what `answering` will be asked for. In a snapshot only: what is written afterwards is not seen."""
        found: dict[str, list[Thing]] = {uri: [] for uri in uris if (uri, relation) not in self._ahead}
        for target, row in gathering.objects_linking(self._snapshot, found, relation) if found else ():
            if row.state != ECHO:
                found[target].append(thing_of(row))
        self._ahead |= {(uri, relation): things for uri, things in found.items()}

    def replying(self, uris: Iterable[str], kind: str) -> Sequence[tuple[str, Thing]]:
        """Every thing of a kind that replies to one of `uris`, with what it replies to."""
        return [(about, thing_of(row)) for about, row in objects.replying(self._snapshot, uris, kind)]

    def said(self, actor: str, kind: str, since: datetime | None = None) -> Sequence[Thing]:
        """Every thing of a kind by an actor, or those that came since a moment, oldest first, tombstones included."""
        rows = objects.said_by(self._snapshot, actor, kind, since)
        return [thing_of(row) for row in rows if row.state != ECHO]

    def ever_said(self, actor: str, kind: str) -> bool:
        """Whether an actor said a thing of a kind, or one that was withdrawn since."""
        return objects.ever_said(self._snapshot, actor, kind)

    def balances(self, actor: str, until: date | None = None) -> Mapping[tuple[str, str], int]:
        """What the things of an actor have booked, by (account, commodity), up to the end of a day; else all, as its account says."""
        own = collectives.by_uri(self._snapshot, actor) if until is None else None
        if own is not None:
            return entries.balances(self._snapshot, own.id)
        return sums.balances(self._snapshot, actor, "9999" if until is None else until.isoformat())

    def booked(self, subject: str, account: str, commodity: str) -> Sequence[tuple[str, int]]:
        """What its owner booked in an account for a subject, day by day."""
        known = objects.by_uri(self._snapshot, subject)
        return [] if known is None else sums.by_day(self._snapshot, known.owner, subject, account, commodity)

    def is_fund(self, actor: str) -> bool:
        """Whether one of this node's collectives says of itself that it is a fund."""
        own = collectives.by_uri(self._snapshot, actor)
        return own is not None and own.kind == "fund"

    def holders(self, actor: str, roles: Collection[str]) -> int:
        """How many members of one of this node's collectives have one of these roles."""
        own = collectives.by_uri(self._snapshot, actor)
        return 0 if own is None else sum(each.role in roles for each in members.of(self._snapshot, own.id))

    def log_size(self, actor: str) -> int | None:
        """How many leaves the log of an actor's account has."""
        own = collectives.by_uri(self._snapshot, actor)
        log = None if own is None else entries.log_of(self._snapshot, own.id)
        return None if log is None else log.size

    def name(self, actor: str) -> str:
        """How people read an actor."""
        return self.called(actor)[0]

    def handle(self, actor: str) -> str:
        """`user@host` of an actor."""
        return self.called(actor)[1]

    def called(self, actor: str) -> tuple[str, str]:
        """Name and handle of an actor."""
        if (own := collectives.by_uri(self._snapshot, actor)) is not None:
            return own.name, f"{own.handle}@{urlsplit(self._origin).netloc}"
        if (known := actors.profile(self._snapshot, actor)) is not None:
            return known.name or known.handle or known.host, known.handle or f"{known.username}@{known.host}"
        return unknown(actor), unknown(actor)

    def mention(self, handle: str) -> str | None:
        """Actor URI of a handle written in the text."""
        handle = handle.lower().lstrip("@")
        name, _, host = handle.partition("@")
        actor = self._found.get(handle)
        if actor is None and host in ("", urlsplit(self._origin).netloc):
            own = collectives.by_handle(self._snapshot, name)
            actor = None if own is None else own.uri
        if actor is None and (known := actors.by_handle(self._snapshot, handle)) is not None:
            actor = known.uri
        if actor is not None:
            self.mentions[actor] = f"@{handle if host else self.handle(actor)}"
        return actor

    def tag(self, name: str) -> str:
        """URL of a hashtag's page on this node."""
        url = f"{self._origin}/tags/{quote(name.lower())}"
        self.tags[name.lower()] = url
        return url
