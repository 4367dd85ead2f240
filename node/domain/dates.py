"""Days and moments as people type them. `today` is an argument; a day without its year is the one nearest to it."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from node.domain.expression import expression
from node.domain.kind import Heard, NotAllowedError, Scene
from node.tongues import Spoken, Tongue

_ISO = expression(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_NUMBERS = expression(r"([0-9]{1,2})[/.-]([0-9]{1,2})(?:[/.-]([0-9]{4}|[0-9]{2}))?")
_WORDS = expression(r"([0-9]{1,2})(?:\s+(?:de|of))?\s+([^\W\d]+\.?)(?:\s+(?:de\s+|del\s+|of\s+)?([0-9]{4}))?")
_MONTH_FIRST = expression(r"([^\W\d]+\.?)\s+([0-9]{1,2})(?:\s+([0-9]{4}))?")
_WEEKDAY = expression(
    r"(?P<before>(?:pr[oó]ximo|next)\s+)?(?P<name>[^\W\d]+\.?)(?P<after>\s+(?:que viene|pr[oó]ximo))?(?:\s+(?P<number>[0-9]{1,2}))?"
)
_LEAD = expression(
    r"(?:(?:para|hasta|by|until|on)\s+)?(?P<the>(?:el|este|the|this)\s+(?:d[ií]a\s+)?|d[ií]a\s+)?(?P<rest>.+)"
)
_COMMA = expression(r",(?=\s|$)")
_ORDINAL = expression(r"(?<=[0-9])(?:st|nd|rd|th|ero|[º°])(?!\w)")
_CLOCK = expression(
    r"(?P<day>.+?)(?:,?\s+|(?<=[0-9])T)(?P<at>(?:a las?|at)\s+)?(?P<hour>[0-9]{1,2})"
    r"(?:[:.](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?(?P<sign>\s*(?:horas|hrs?|hs?)\.?)?"
    r"(?:\s*(?P<half>[ap]\.?\s?m\.?|de la mañana|de la tarde|de la noche))?",
    re.IGNORECASE,
)
_DOTTED = expression(
    r"(?P<day>(?:(?!a\s+las?\b|at\b)[^\W\d_]+\s+)+)(?P<first>0?[1-9]|[12][0-9]|3[01])\.(?P<second>0[1-9]|1[0-2])",
    re.IGNORECASE,
)
"""A day in words, and behind it what may be its number and month as well as a time."""
_NOON = 12
_CENTURY = 2000
_NEAR_YEARS = 10
"""How far from today a year of two digits may be: `26-12-04` is no day."""

EARLIEST_ZONE = timedelta(hours=14)
"""Where on earth a day begins first."""

CLOCKS = timedelta(days=1)
"""By how much the clocks of a fund and of its members may differ: boards without a battery."""

YEARS = (2, 9998)
"""Years whose days have a beginning and an end in every zone."""

RELATIVE = {
    "hoy": 0, "hoy día": 0, "hoy dia": 0, "today": 0, "mañana": 1, "manana": 1, "tomorrow": 1, "pasado mañana": 2, "pasado manana": 2,
    "day after tomorrow": 2, "ayer": -1, "yesterday": -1, "anteayer": -2,
}  # fmt: skip


def read_day(text: str, field: str, tongue: Tongue, today: date) -> date:
    """`2026-12-05`, `5/12`, `5 de diciembre`, `el viernes`, `viernes 5`, `viernes 5 de diciembre`, `el 5`, `mañana`."""
    words = _ORDINAL.sub("", _COMMA.sub("", " ".join(text.split()).casefold()))
    lead = _LEAD.fullmatch(words)
    rest = lead["rest"] if lead else ""
    day = (
        _relative(rest, today)
        or _written(rest, field, tongue, today)
        or _of_week(rest, tongue, today)
        or _named_twice(rest, field, tongue, today)
        or (_of_month(rest, today) if lead and lead["the"] else None)
    )
    if day is None:
        raise NotAllowedError(
            field,
            "a day, like {spoken}, {example} or {iso}",
            spoken=Spoken(today),
            example=today,
            iso=today.isoformat(),
        )
    return day


def read_moment(text: str, field: str, tongue: Tongue, today: date) -> datetime:
    """A moment in UTC: a day with its time in the collective's zone, or an ISO moment; a day alone is its end."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None and YEARS[0] <= moment.year <= YEARS[1]:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    words, clock = read_clock(text, field)
    try:
        day = read_day(words, field, tongue, today)
    except NotAllowedError:
        _refuse_dotted(words, field, tongue, today)
        raise
    return tongue.end_of(day) if clock is None else datetime.combine(day, clock, tongue.zone).astimezone(UTC)


def read_clock(text: str, field: str) -> tuple[str, time | None]:
    """A day as typed without the time of day that stands behind it, and that time: `18:00`, `a las 18`, `18 hrs`, `6 pm`.

    `viernes 4.12` is a day with its number and month, and no time.
    """
    found = _CLOCK.fullmatch(text.strip())
    if _DOTTED.fullmatch(text.strip()):
        return text, None
    if not found or not (found["at"] or found["minute"] or found["sign"] or found["half"]):
        return text, None
    try:
        hour = _hour(int(found["hour"]), (found["half"] or "").casefold())
        return found["day"], time(hour, int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError:
        raise NotAllowedError(field, "a time of day, like {example}", example="18:00") from None


def _refuse_dotted(words: str, field: str, tongue: Tongue, today: date) -> None:
    """Raise NotAllowedError with both readings where it is no such day, so that it may have been a time: `viernes 18.10`."""
    found = _DOTTED.fullmatch(words.strip())
    first, second = (found["first"], found["second"]) if found else ("24", "")
    day = _nearest(int(first), int(second), None, today) if int(first) < 24 else None
    if found and day:
        raise NotAllowedError(
            field,
            'a day with one reading: "{small}" or "{large}"',
            small=tongue.day(day),
            large=f"{' '.join(found['day'].split())} {first}:{second}",
        )


def _hour(hour: int, half: str) -> int:
    """The hour of the day, from midnight on, by the half that it was said with; 24 where there is none such."""
    if not half:
        return hour
    if not 1 <= hour <= _NOON or (half.endswith("noche") and (hour == _NOON or hour < 6)):
        return 24  # the hours around midnight belong to two days
    return hour % _NOON + (_NOON if half.startswith("p") or half.endswith(("tarde", "noche")) else 0)


def _relative(words: str, today: date) -> date | None:
    return today + timedelta(days=RELATIVE[words]) if words in RELATIVE else None


def _written(words: str, field: str, tongue: Tongue, today: date) -> date | None:
    """A day with its number and month."""
    if iso := _ISO.fullmatch(words):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    if numbers := _NUMBERS.fullmatch(words):
        first, second = int(numbers[1]), int(numbers[2])
        if tongue.language == "en" and first <= 12 and second <= 12 and first != second:
            readings = [
                _nearest(first, second, numbers[3], today),
                _nearest(second, first, numbers[3], today),
            ]
            small, large = (day.isoformat() if day else "" for day in readings)
            raise NotAllowedError(
                field, 'a day with one reading: "{small}" or "{large}"', small=small, large=large
            )
        return _nearest(first, second, numbers[3], today)
    if named := _WORDS.fullmatch(words):
        month = tongue.month(named[2])
        return _nearest(int(named[1]), month, named[3], today) if month else None
    if named := _MONTH_FIRST.fullmatch(words):
        # `mar 5` is a Tuesday in Spanish.
        month = None if tongue.weekday(named[1]) is not None else tongue.month(named[1])
        return _nearest(int(named[2]), month, named[3], today) if month else None
    return None


def _of_week(words: str, tongue: Tongue, today: date) -> date | None:
    """The next day of that name, with `próximo` not today's; or the nearest with that name and number."""
    found = _WEEKDAY.fullmatch(words)
    weekday = tongue.weekday(found["name"]) if found else None
    if found is None or weekday is None:
        return None
    if not found["number"]:
        first = today + timedelta(days=1 if found["before"] or found["after"] else 0)
        return first + timedelta(days=(weekday - first.weekday()) % 7)
    near = (today + timedelta(days=step * sign) for step in range(46) for sign in (1, -1))
    wanted = int(found["number"])
    return next((day for day in near if day.weekday() == weekday and day.day == wanted), None)


def _named_twice(words: str, field: str, tongue: Tongue, today: date) -> date | None:
    """`viernes 4 de diciembre`: a day whose name and date must say the same."""
    name, _, written = words.partition(" ")
    weekday = tongue.weekday(name)
    day = _written(written, field, tongue, today) if weekday is not None else None
    if day is not None and day.weekday() != weekday:
        raise NotAllowedError(
            field, "a day whose name and number are of the same day, like {spoken}", spoken=Spoken(day)
        )
    return day


def _of_month(words: str, today: date) -> date | None:
    """`el 4`: the next day of that number."""
    if not re.fullmatch(r"[0-9]{1,2}", words):
        return None
    ahead = (today + timedelta(days=step) for step in range(62))
    return next((day for day in ahead if day.day == int(words)), None)


def _nearest(day: int, month: int, year: str | None, today: date) -> date | None:
    if year and len(year) == 2:
        whole = _CENTURY + int(year)
        years: tuple[int, ...] = (whole,) if abs(whole - today.year) <= _NEAR_YEARS else ()
    else:
        years = (int(year),) if year else (today.year, today.year + 1, today.year - 1)
    days = [found for number in years if (found := _day(number, month, day))]
    return min(days, key=lambda found: abs(found - today), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if YEARS[0] <= year <= YEARS[1] else None
    except ValueError:
        return None


def refuse_past(moment: datetime | None, field: str, heard: Heard, before: datetime | None = None) -> None:
    """Raise NotAllowedError for a new deadline that is over already."""
    if moment is not None and moment != before and moment <= heard.at:
        raise NotAllowedError(field, "a moment that is still to come")


def refuse_future(day: date, field: str, heard: Heard, scene: Scene) -> None:
    """Raise NotAllowedError for a day that has not begun: here, or for a peer's word anywhere on earth."""
    latest = scene.day(heard.at) if scene.ours(heard.actor) else (heard.at + EARLIEST_ZONE).date()
    if day > latest:
        raise NotAllowedError(field, "today or an earlier day")


def said_at(document: Mapping[str, Any]) -> datetime | None:
    """When a document says that it was published; None where that is no moment with its zone."""
    try:
        moment = datetime.fromisoformat(str(document.get("published")))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def refuse_ahead(heard: Heard) -> None:
    """Raise NotAllowedError for a peer's document of a moment to come: what we count of it a stranger judges by what it says."""
    said = said_at(heard.document)
    if said is None or said - heard.at.replace(microsecond=0) > CLOCKS:
        raise NotAllowedError("published", "a moment that is at most a day ahead")


def refuse_over(day: date, field: str, heard: Heard, scene: Scene, before: date | None = None) -> None:
    """Raise NotAllowedError for a new plan for a day that is over, where `heard` is our own."""
    if day != before and day < scene.day(heard.at):
        raise NotAllowedError(field, "today or a later day")
