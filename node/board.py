"""The board: what is true now, ours and our peers': asked, promised, received, lacking. Read from one snapshot.

What a need lacks is what its owner says. What was received of it is known from the receipts that reached us; the rest of what is
not lacking is promised. So the figures always add up: asked = received + promised + lacking.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Literal

from node.activities import REGISTRY
from node.domain.kind import Thing
from node.domain.markup import to_text
from node.domain.matching import ZERO, owed, pledges_of, still_lacking, useful_from
from node.domain.measure import total
from node.errors import InvalidError
from node.shown import Author, Shelf
from node.speak import LiveScene, may_read, tongues
from node.speak.scene import thing_of
from node.storage import collectives, follows, limits, objects
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.objects import Object
from node.tongues import Tongue, message
from schemas import Quantity
from schemas.need import Need
from schemas.offer import Offer
from schemas.receipt import Receipt

BoardKind = Literal["need", "offer"]
KINDS: tuple[BoardKind, ...] = ("need", "offer")
OPEN = ("open",)
EVERY = ("open", "covered")


@dataclass(frozen=True, slots=True)
class Line:
    """One need or offer. Of an offer `asked` is the amount offered and `lacking` what is left of it; none of the amounts is
    there where as much as is wanted is offered."""

    id: int
    uri: str
    kind: str
    state: str
    owner: Author
    ours: bool
    what: str
    good: str | None
    asked: Quantity | None
    promised: Quantity | None
    received: Quantity | None
    lacking: Quantity | None
    minimum: Quantity | None
    by: datetime | None
    place: str | None
    urgent: bool


def board(
    snapshot: Snapshot,
    origin: str,
    reader: str,
    *,
    kinds: Sequence[str] = KINDS,
    only_open: bool = False,
    before: int | None = None,
    limit: int = 100,
    others: bool = False,
) -> list[Line]:
    """The lines of this node and of those whom it follows that a reader ("" for a stranger) may see: what is urgent and open
    first, then newest first. `before` is the id
    of the last line of the page before; `only_open` without those whose deadline is over; `others` without the reader's own.
    InvalidError for a kind that has no line here."""
    for kind in kinds:
        if kind not in KINDS:
            raise InvalidError("kind", message("one of these: {known}"), known=", ".join(KINDS))
    scene = LiveScene(snapshot, origin, here=reader)
    shelf = Shelf(snapshot, origin, reader)
    but = reader if others else ""
    rows = _rows(snapshot, kinds, only_open=only_open, before=before, page=limit, for_all=not reader, but=but)
    own = collectives.by_uri(snapshot, reader) if reader else None

    @cache
    def hidden(owner: str) -> bool:
        if own is None or owner == own.uri:
            return False
        return limits.hides(snapshot, own.id, owner) or follows.blocks(snapshot, own.uri, owner)

    def wanted(row: Object) -> bool:
        return not hidden(row.owner) and may_read(snapshot, row, reader)

    things = ((row, thing_of(row)) for row in rows if wanted(row))
    shown = islice((each for each in things if isinstance(each[1].record, Need | Offer)), limit)
    return _lines(list(shown), scene, shelf)


def _rows(
    snapshot: Snapshot,
    kinds: Sequence[str],
    *,
    only_open: bool,
    before: int | None,
    page: int,
    for_all: bool,
    but: str,
) -> Iterator[Object]:
    """Every row after `before`, read in pages: what one reader may not read hides nothing older."""
    if "need" in kinds and (before is None or objects.is_pressing(snapshot, before)):
        after = before
        while rows := objects.pressing(
            snapshot, "need", before=after, limit=page, for_all=for_all, near=True, but=but
        ):
            yield from rows
            after = rows[-1].id
        before = None
    states = OPEN if only_open else EVERY
    while rows := objects.board(
        snapshot,
        kinds=kinds,
        states=states,
        before=before,
        limit=page,
        for_all=for_all,
        overdue=not only_open,
        near=True,
        but=but,
    ):
        yield from rows
        before = rows[-1].id


def line_of(row: Object, scene: LiveScene, shelf: Shelf) -> Line | None:
    """The line of one thing; None where it is neither a need nor an offer that reads."""
    return next(iter(lines_of([row], scene, shelf)), None)


def lines_of(rows: Iterable[Object], scene: LiveScene, shelf: Shelf) -> list[Line]:
    """The lines of those of these things that are needs or offers that read."""
    return _lines([(row, thing_of(row)) for row in rows], scene, shelf)


def _lines(things: Sequence[tuple[Object, Thing]], scene: LiveScene, shelf: Shelf) -> list[Line]:
    arrived = _arrived(scene, [thing for _, thing in things])
    lines = (_line(row, thing, scene, shelf, arrived.get(thing.id, ZERO)) for row, thing in things)
    return [line for line in lines if line is not None]


def _line(row: Object, thing: Thing, scene: LiveScene, shelf: Shelf, arrived: Decimal) -> Line | None:
    record = thing.record
    if not isinstance(record, Need | Offer):
        return None
    lacking = record.available or record.quantity
    received = promised = None
    if record.quantity is not None and lacking is not None:
        arrived = min(arrived, record.quantity.value - lacking.value)
        received = Quantity.of(arrived, lacking.unit)
        promised = Quantity.of(record.quantity.value - lacking.value - arrived, lacking.unit)
    return Line(
        id=row.id,
        uri=row.uri,
        kind=row.kind,
        state="expired" if row.state == "open" and scene.over(row.due) else row.state,
        owner=shelf.author(row.owner),
        ours=row.collective is not None,
        what=record.what,
        good=record.good,
        asked=record.quantity,
        promised=promised,
        received=received,
        lacking=lacking,
        minimum=useful_from(record) if isinstance(record, Need) else record.minimum,
        by=row.due,
        place=record.place,
        urgent=isinstance(record, Need) and bool(record.urgent),
    )


def _arrived(scene: LiveScene, things: Sequence[Thing]) -> dict[str, Decimal]:
    """What arrived of each need, as its owner says it: also known to who never heard of the pledges."""
    needs = {
        thing.id: (thing.owner, thing.record.quantity.unit)
        for thing in things
        if isinstance(thing.record, Need) and still_lacking(thing.record) != thing.record.quantity
    }
    arrived: dict[str, list[Quantity]] = {}
    for about, receipt in scene.replying(needs, Receipt.kind()):
        record, (owner, _) = receipt.record, needs[about]
        if receipt.owner == owner and isinstance(record, Receipt) and record.quantity is not None:
            arrived.setdefault(about, []).append(record.quantity)
    return {about: total(each, needs[about][1]).value for about, each in arrived.items()}


@dataclass(frozen=True, slots=True)
class Pledged:
    """A pledge for a need, in whatever state. `text` is what it says, also where nobody else reads it; `owing`: it was accepted,
    and something of it is still to come."""

    id: int
    uri: str
    state: str
    owner: Author
    text: str
    owing: bool


def pledged(snapshot: Snapshot, origin: str, need: Object, collective: Collective) -> list[Pledged]:
    """Every pledge for a need that the collective may read, oldest first; none for other things."""
    scene = LiveScene(snapshot, origin, here=collective.uri)
    shelf = Shelf(snapshot, origin, collective.uri)
    thing = scene.thing(need.uri) if need.kind == Need.kind() else None
    tongue = tongues(collective)[0]

    def one(pledge: Thing, row: Object) -> Pledged:
        text = text_of(snapshot, origin, row, tongue)
        if (
            text
            and pledge.due is not None
            and thing is not None
            and thing.due is not None
            and pledge.due > thing.due
        ):
            late = tongue.say("That is later than what was asked for: {day}.", day=thing.due)
            text = f"{text} {late}"
        owing = owed(pledge, scene) > ZERO
        return Pledged(row.id, row.uri, row.state, shelf.author(row.owner), text, owing)

    found = (
        (pledge, objects.by_uri(snapshot, pledge.id))
        for pledge in (pledges_of(thing, scene) if thing else ())
    )
    return [
        one(pledge, row)
        for pledge, row in found
        if row is not None and may_read(snapshot, row, collective.uri)
    ]


def text_of(snapshot: Snapshot, origin: str, row: Object, tongue: Tongue) -> str:
    """The text of a thing that is no post: an offer that only the two who negotiate know. "" where nothing is left of it."""
    thing, kind = thing_of(row), REGISTRY.get(row.kind)
    if kind is None or thing.record is None:
        return ""
    there = LiveScene(snapshot, origin, here=row.owner, url=row.uri)
    return to_text(kind.text(thing.record, tongue, there))
