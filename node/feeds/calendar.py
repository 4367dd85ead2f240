"""What is to come, as iCalendar (RFC 5545): meals, assemblies, rounds, campaigns, until when things are needed and offered.

An assembly is known by what it decided: on the day of a decision there was one, on the day of its review there is the next.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any

from node.board import board
from node.domain.wording import amount_of, good_name
from node.feeds.entries import readable, title_of
from node.shown import in_language, texts_of
from node.speak.scene import thing_of
from node.storage import gathering, objects
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tongues import Tongue, message
from schemas import Record
from schemas.campaign import Campaign
from schemas.decision import Decision
from schemas.meal import Meal
from schemas.need import Need
from schemas.offer import Offer
from schemas.round import Round

_EACH = 60
"""Things of one kind that are looked at."""
_PRESSING = 200
"""Of needs and offers the most pressing."""
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
    published: datetime
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
        event.add("last-modified", occasion.changed)
        # It has to grow with each change, and not by one: calendars that have a later one keep it.
        event.add("sequence", max(0, int((occasion.changed - occasion.published).total_seconds())))
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
        for kind in ("meal", "decision", "round", "campaign")
        for row in objects.of_owner(snapshot, own.uri, kind, limit=_EACH)
        if row.audience == "public" and row.document
    ]
    for kind in ("need", "offer"):
        rows += objects.nearest(snapshot, own.uri, kind, since=snapshot.now - _PAST, limit=_PRESSING)
    told = gathering.posts_by_uri(snapshot, {row.uri for row in rows})
    for row in rows:
        thing, post = thing_of(row), told.get(row.uri)
        if post is None or thing.record is None:
            continue
        warning = _warning(thing.document)
        text = warning or in_language(texts_of(thing.document), tongue.language).plain
        title = title_of(text, own.name, tongue)
        said_on = post.published.astimezone(tongue.zone).date()
        for name, at, form, what, place in _moments(thing.record, title, said_on, tongue):
            if _recent(at, snapshot.now):
                off = thing.state == "cancelled"
                said = tongue.say(form, what=title if warning else what)
                said = tongue.say("Called off: {what}", what=said) if off else said
                changed = post.edited or post.published
                found.append(Occasion(row.uri, name, at, said, text, place, post.published, changed, off))
    return sorted(found, key=lambda occasion: (occasion.at.isoformat(), occasion.uri))


def of_board(snapshot: Snapshot, origin: str, tongue: Tongue) -> list[Occasion]:
    """Until when what stands on the board is needed or offered."""
    found = []
    lines = [line for line in board(snapshot, origin, "", only_open=True) if line.by is not None]
    rows = gathering.objects_by_uri(snapshot, {line.uri for line in lines})
    for line in lines:
        row = rows.get(line.uri)
        thing = None if row is None else thing_of(row)
        if line.by is None or row is None or thing is None or not isinstance(thing.record, Need | Offer):
            continue
        what = _warning(thing.document) or _goods(thing.record, tongue)
        title = f"{line.owner.name}: {what}"
        found.append(
            Occasion(row.uri, "by", line.by, title, "", line.place or "", row.published, row.updated)
        )
    return sorted(found, key=lambda occasion: (occasion.at.isoformat(), occasion.uri))


def _moments(
    record: Record, title: str, said_on: date, tongue: Tongue
) -> Iterator[tuple[str, date | datetime, str, str, str]]:
    """The occasions of one thing: a name, when, how it is told, what, where."""
    match record:
        case Meal():
            yield "", record.on, "{what}", record.menu, record.place or ""
        case Need() if record.by is not None:
            yield "by", record.by, message("Deadline: {what}"), _goods(record, tongue), record.place or ""
        case Offer() if record.by is not None:
            yield "by", record.by, message("Offer ends: {what}"), _goods(record, tongue), record.place or ""
        case Decision():
            yield "assembly", said_on, message("Assembly: {what}"), title, ""
            if record.review_on is not None:
                yield "review", record.review_on, message("Assembly, to review: {what}"), title, ""
        case Round():
            yield "claims", record.claims_until, message("Claims end: {what}"), title, ""
            yield "appeals", record.appeal_until, message("Appeals end: {what}"), title, ""
            if record.pay_from is not None:
                yield "pay", record.pay_from, message("Paid from now: {what}"), title, ""
        case Campaign():
            yield "closes", record.closes, message("Last day: {what}"), record.title or title, ""


def _goods(record: Need | Offer, tongue: Tongue) -> str:
    return amount_of(record.available or record.quantity, good_name(record.what, tongue), tongue)


def _warning(document: Mapping[str, Any]) -> str:
    """Behind what a thing hides; what is in it is then told in no title either."""
    warning = document.get("summary")
    return readable(warning) if isinstance(warning, str) else ""


def _recent(at: date | datetime, now: datetime) -> bool:
    day = at.date() if isinstance(at, datetime) else at
    return day >= (now - _PAST).date()
