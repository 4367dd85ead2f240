"""What is to come, as iCalendar (RFC 5545): meals, days on which a decision is reviewed, rounds, campaigns, deadlines of needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import import_module

from node.board import board
from node.domain.wording import amount_of, good_name
from node.feeds.entries import title_of
from node.shown import in_language, texts_of
from node.speak import LiveScene
from node.speak.scene import thing_of
from node.storage import gathering, objects
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tongues import Tongue
from schemas import Record
from schemas.campaign import Campaign
from schemas.decision import Decision
from schemas.meal import Meal
from schemas.need import Need
from schemas.offer import Offer
from schemas.round import Round

_EACH = 60
"""Things of one kind that are looked at."""
_PAST = timedelta(days=60)
"""How long what is over stays in the calendar."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something with a day or a moment. `name` tells the occasions of one thing apart."""

    uri: str
    name: str
    at: date | datetime
    title: str
    text: str
    place: str
    changed: datetime
    cancelled: bool = False


def calendar(name: str, occasions: list[Occasion], tongue: Tongue) -> bytes:
    """The calendar as it is served."""
    # Loaded by the first who asks for one: every start would pay 2 MiB and 50 ms for it.
    icalendar = import_module("icalendar")
    made = icalendar.Calendar()
    made.add("prodid", "-//Minga//minga//ES")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", str(tongue.zone))
    made.add("refresh-interval;value=duration", "PT6H")
    for occasion in occasions:
        event = icalendar.Event()
        event.add("uid", f"{occasion.uri}#{occasion.name}" if occasion.name else occasion.uri)
        event.add("dtstamp", occasion.changed)
        event.add("dtstart", occasion.at)
        event.add("summary", occasion.title)
        event.add("description", f"{occasion.text}\n{occasion.uri}".strip())
        event.add("url", occasion.uri)
        if occasion.place:
            event.add("location", occasion.place)
        event.add("transp", "TRANSPARENT")
        if occasion.cancelled:
            event.add("status", "CANCELLED")
        made.add_component(event)
    return bytes(made.to_ical())


def of_collective(snapshot: Snapshot, own: Collective, tongue: Tongue) -> list[Occasion]:
    """What a collective will do, and did lately."""
    found: list[Occasion] = []
    rows = [
        row
        for kind in ("meal", "need", "decision", "round", "campaign")
        for row in objects.of_owner(snapshot, own.uri, kind, limit=_EACH)
        if row.audience == "public" and row.state != "covered" and row.document
    ]
    told = gathering.posts_by_uri(snapshot, {row.uri for row in rows})
    for row in rows:
        thing, post = thing_of(row), told.get(row.uri)
        if post is None or thing.record is None:
            continue
        warning = thing.document.get("summary")
        text = str(warning) if warning else in_language(texts_of(thing.document), tongue.language).plain
        for name, at, title, place in _moments(thing.record, text, own.name, tongue):
            if _recent(at, snapshot.now):
                changed = post.edited or post.published
                off = thing.state == "cancelled"
                said = tongue.say("Called off: {what}", what=title) if off else title
                found.append(Occasion(row.uri, name, at, said, text, place, changed, off))
    return sorted(found, key=lambda occasion: (occasion.at.isoformat(), occasion.uri))


def of_board(snapshot: Snapshot, origin: str, tongue: Tongue) -> list[Occasion]:
    """Until when what stands on the board is needed or offered."""
    scene = LiveScene(snapshot, origin)
    found = []
    lines = [line for line in board(snapshot, origin, "", only_open=True) if line.by is not None]
    rows = gathering.objects_by_uri(snapshot, {line.uri for line in lines})
    for line in lines:
        row = rows.get(line.uri)
        thing = None if row is None else thing_of(row)
        if line.by is None or row is None or thing is None or not isinstance(thing.record, Need | Offer):
            continue
        what = _goods(thing.record, tongue)
        title = f"{scene.name(thing.owner)}: {what}"
        found.append(Occasion(row.uri, "by", line.by, title, "", line.place or "", row.updated))
    return sorted(found, key=lambda occasion: (occasion.at.isoformat(), occasion.uri))


def _moments(
    record: Record, text: str, owner: str, tongue: Tongue
) -> Iterator[tuple[str, date | datetime, str, str]]:
    """The occasions of one thing: a name, when, a title, where."""
    title = title_of(text, owner, tongue)
    match record:
        case Meal():
            yield "", record.on, record.menu, ""
        case Need() if record.by is not None:
            words = tongue.say("Needed until now: {what}", what=_goods(record, tongue))
            yield "by", record.by, words, record.place or ""
        case Decision() if record.review_on is not None:
            yield "review", record.review_on, tongue.say("To be reviewed: {what}", what=title), ""
        case Round():
            yield "claims", record.claims_until, tongue.say("Claims end: {what}", what=title), ""
            yield "appeals", record.appeal_until, tongue.say("Appeals end: {what}", what=title), ""
            if record.pay_from is not None:
                yield "pay", record.pay_from, tongue.say("Paid from now: {what}", what=title), ""
        case Campaign():
            yield "closes", record.closes, tongue.say("Last day: {what}", what=record.title), ""


def _goods(record: Need | Offer, tongue: Tongue) -> str:
    return amount_of(record.available or record.quantity, good_name(record.what, tongue), tongue)


def _recent(at: date | datetime, now: datetime) -> bool:
    day = at.date() if isinstance(at, datetime) else at
    return day >= (now - _PAST).date()
