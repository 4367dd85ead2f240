"""DOOR. Weekly pick-ups and deliveries of a collective: private, and never published.

A place is a name that everybody in the collective knows, never an address. Who goes is known to the members alone.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial

from node.domain.dates import read_day
from node.domain.kind import NotAllowedError, Speaker
from node.domain.measure import read_number, read_quantity
from node.domain.privacy import refuse_exact
from node.domain.provisions import refusals, words
from node.domain.series import Weekly
from node.domain.stock import thing_named
from node.errors import ConflictError, NotPermittedError, UnknownError
from node.pantry import may_change
from node.publish import Idempotency, Publisher
from node.publish.door import own
from node.speak import tongues
from node.storage import pantry, pickups
from node.storage.collectives import Collective
from node.storage.database import Snapshot, Transaction
from node.storage.pickups import Pickup
from node.tongues import Tongue, message
from schemas import Unit

WAYS = {"fetch": message("We fetch it"), "bring": message("We take it there")}
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.h]([0-5]\d)")
_WORDS = 100
_MOST_PEOPLE = 100
_MOST_KILOS = Decimal(100_000)


class Pickups:
    """The door of pick-ups and deliveries. What is typed is read in the language of the collective; InvalidError names the
    field."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def begin(
        self,
        speaker: Speaker,
        *,
        way: str,
        what: str,
        place: str,
        weekday: str,
        clock: str,
        people: str,
        ends: str = "",
        key: str = "",
    ) -> int:
        """A new series from today on; its number. The same `key` a second time changes nothing."""
        may_change(speaker)

        def apply(transaction: Transaction) -> int:
            collective = own(transaction, speaker)
            tongue = tongues(collective)[0]
            body = "\n".join((way, what, place, weekday, clock, people, ends)).encode()
            once = Idempotency("pickups.begin", key, body) if key else None
            if once is not None and (known := once.known(transaction, speaker)) is not None:
                return int(known)
            today = tongue.today(transaction.now)
            last = _ends(ends, tongue, today)
            _way(way)
            number = pickups.add(
                transaction,
                collective.id,
                way=way,
                what=words(what, "what", _WORDS),
                place=_place(place),
                weekday=_weekday(weekday),
                clock=_clock(clock),
                people=_people(people, tongue),
                begins=today,
                ends=last,
            )
            if once is not None:
                once.keep(transaction, speaker, str(number))
            return number

        return await self._publisher.apply(speaker, apply)

    async def end(self, speaker: Speaker, number: int) -> None:
        """There is no more of it from tomorrow on; what was brought stays written down."""
        may_change(speaker)

        def apply(transaction: Transaction) -> None:
            collective, series = _known(transaction, speaker, number)
            today = _today(transaction, collective)
            if series.ends is None or series.ends > today:
                pickups.end(transaction, number, today)

        await self._publisher.apply(speaker, apply)

    async def join(self, speaker: Speaker, number: int, day: date) -> None:
        """A member goes on a day; a second time changes nothing."""
        member = _member(speaker)

        def apply(transaction: Transaction) -> None:
            collective, series = _known(transaction, speaker, number)
            _on(series, day)
            if day < _today(transaction, collective):
                raise NotAllowedError("day", "a day that is still to come")
            pickups.join(transaction, collective.id, number, day, member)

        await self._publisher.apply(speaker, apply)

    async def leave(self, speaker: Speaker, number: int, day: date) -> None:
        """She does not go after all."""
        member = _member(speaker)

        def apply(transaction: Transaction) -> None:
            _known(transaction, speaker, number)
            pickups.leave(transaction, number, day, member)

        await self._publisher.apply(speaker, apply)

    async def weigh(self, speaker: Speaker, number: int, day: date, weight: str) -> None:
        """Write down how much was brought on a day that has come. ConflictError where it is in the pantry already."""
        may_change(speaker)

        def apply(transaction: Transaction) -> None:
            collective, series = _known(transaction, speaker, number)
            _on(series, day)
            if day > _today(transaction, collective):
                raise NotAllowedError("day", "a day that has come")
            there = pickups.weights(transaction, number, day).get(day)
            tongue = tongues(collective)[0]
            typed = weight if any(sign.isalpha() for sign in weight) else f"{weight} kg"
            amount = read_quantity(typed, "weight", tongue, (Unit.KILOGRAM,)).value
            if not 0 <= amount <= _MOST_KILOS:
                raise NotAllowedError("weight", "zero or more")
            if there is not None and there.lot is not None and there.amount != amount:
                raise ConflictError(
                    message("It is in the pantry already."), hint=message("Count its lot there.")
                )
            pickups.weigh(transaction, number, day, amount)

        await self._publisher.apply(speaker, apply)

    async def store(self, speaker: Speaker, number: int, day: date) -> int:
        """Put what was fetched on a day into the pantry; a second time changes nothing. The lot's number."""
        may_change(speaker)

        def apply(transaction: Transaction) -> int:
            collective, series = _known(transaction, speaker, number)
            there = pickups.weights(transaction, number, day).get(day)
            if there is None or not there.amount or series.way != "fetch":
                raise NotAllowedError("day", "a day on which something was fetched")
            if there.lot is not None:
                return there.lot
            lot = pantry.add(
                transaction,
                collective.id,
                what=series.what,
                thing=thing_named(series.what),
                unit=Unit.KILOGRAM.value,
                expires=None,
            )
            pantry.move(transaction, lot, there.amount, "arrived", note=series.place)
            pickups.stored(transaction, number, day, lot)
            return lot

        return await self._publisher.apply(speaker, apply)


def misread(tongue: Tongue, today: date, typed: Mapping[str, str]) -> list[NotAllowedError]:
    """All that does not read of what somebody typed for a new series, each field by itself."""
    return refusals(*(partial(read, typed.get(name, ""), tongue, today) for name, read in _READ.items()))


def weekly(series: Pickup) -> Weekly:
    """On which days a stored series is."""
    return Weekly(series.weekday, series.begins, series.ends)


def _known(snapshot: Snapshot, speaker: Speaker, number: int) -> tuple[Collective, Pickup]:
    collective = own(snapshot, speaker)
    series = pickups.by_id(snapshot, collective.id, number)
    if series is None:
        raise UnknownError(message("There is no such pick-up or delivery."))
    return collective, series


def _today(snapshot: Snapshot, collective: Collective) -> date:
    return tongues(collective)[0].today(snapshot.now)


def _member(speaker: Speaker) -> int:
    if speaker.member is None:
        raise NotPermittedError(message("Only members come in here."))
    return speaker.member


def _on(series: Pickup, day: date) -> None:
    if not weekly(series).falls_on(day):
        raise NotAllowedError("day", "a day on which it takes place")


def _ends(typed: str, tongue: Tongue, today: date) -> date | None:
    last = read_day(typed, "ends", tongue, today) if typed.strip() else None
    if last is not None and last < today:
        raise NotAllowedError("ends", "a day that is still to come")
    return last


def _way(typed: str) -> None:
    if typed not in WAYS:
        raise NotAllowedError("way", "whether you fetch it or take it there")


def _place(place: str) -> str:
    named = words(place, "place", _WORDS)
    refuse_exact("place", named)
    return named


def _weekday(typed: str) -> int:
    if typed not in tuple("0123456"):
        raise NotAllowedError("weekday", "a day of the week")
    return int(typed)


def _clock(typed: str) -> str:
    found = _CLOCK.fullmatch(typed.strip())
    if found is None:
        raise NotAllowedError("clock", "a time of day, like {example}", example="18:00")
    return f"{int(found[1]):02}:{found[2]}"


def _people(typed: str, tongue: Tongue) -> int:
    expected = NotAllowedError("people", "a whole number from 1 to {most}", most=_MOST_PEOPLE)
    try:
        count = read_number(typed, "people", tongue, thousands=True)
    except NotAllowedError:
        raise expected from None
    if count != count.to_integral_value() or not 0 < count <= _MOST_PEOPLE:
        raise expected
    return int(count)


_READ: Mapping[str, Callable[[str, Tongue, date], object]] = {
    "way": lambda text, _tongue, _today: _way(text),
    "what": lambda text, _tongue, _today: words(text, "what", _WORDS),
    "place": lambda text, _tongue, _today: _place(text),
    "weekday": lambda text, _tongue, _today: _weekday(text),
    "clock": lambda text, _tongue, _today: _clock(text),
    "people": lambda text, tongue, _today: _people(text, tongue),
    "ends": _ends,
}
"""How each field of a new series is read."""
