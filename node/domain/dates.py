"""Days and moments as people type them. `today` is an argument; a day without its year is the one nearest to it."""

import re
from datetime import UTC, date, datetime, time, timedelta

from node.domain.kind import Heard, NotAllowedError, Scene
from node.tongues import Tongue

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_NUMBERS = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})(?:[/.-]([0-9]{4}))?")
_WORDS = re.compile(r"([0-9]{1,2})(?:\s+de)?\s+([^\W\d]+\.?)(?:\s+(?:de\s+|del\s+)?([0-9]{4}))?")
_WEEKDAY = re.compile(r"([^\W\d]+\.?),?(?:\s+([0-9]{1,2}))?")
_TIME = re.compile(
    r"(.+?)[ T]+(?:a las |at )?([0-9]{1,2})[:.]([0-9]{2})(?::([0-9]{2}))?(?:\s*h(?:rs?)?\.?)?", re.IGNORECASE
)

EARLIEST_ZONE = timedelta(hours=14)
"""Where on earth a day begins first."""

YEARS = (2, 9998)
"""Years whose days have a beginning and an end in every zone."""

RELATIVE = {
    "hoy": 0, "today": 0, "mañana": 1, "manana": 1, "tomorrow": 1, "pasado mañana": 2, "ayer": -1, "yesterday": -1, "anteayer": -2,
}  # fmt: skip


def read_day(text: str, field: str, tongue: Tongue, today: date) -> date:
    """`2026-12-05`, `5/12`, `5 de diciembre`, `viernes`, `viernes 5`, `mañana`."""
    words = " ".join(text.split()).casefold()
    day = _relative(words, today) or _written(words, field, tongue, today) or _of_week(words, tongue, today)
    if day is None:
        raise NotAllowedError(field, "a day, like {example} or {iso}", example=today, iso=today.isoformat())
    return day


def read_moment(text: str, field: str, tongue: Tongue, today: date) -> datetime:
    """A moment in UTC: a day with its time in the collective's zone, or an ISO moment; a day alone is its end."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None and YEARS[0] <= moment.year <= YEARS[1]:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    found = _TIME.fullmatch(text.strip())
    if not found:
        return tongue.end_of(read_day(text, field, tongue, today))
    day = read_day(found[1], field, tongue, today)
    try:
        clock = time(int(found[2]), int(found[3]), int(found[4] or 0))
    except ValueError:
        raise NotAllowedError(field, "a time of day, like {example}", example="18:00") from None
    return datetime.combine(day, clock, tongue.zone).astimezone(UTC)


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
    return None


def _of_week(words: str, tongue: Tongue, today: date) -> date | None:
    """The next day of that name, or the nearest with that name and number."""
    found = _WEEKDAY.fullmatch(words)
    weekday = tongue.weekday(found[1]) if found else None
    if found is None or weekday is None:
        return None
    if not found[2]:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    near = (today + timedelta(days=step * sign) for step in range(46) for sign in (1, -1))
    return next((day for day in near if day.weekday() == weekday and day.day == int(found[2])), None)


def _nearest(day: int, month: int, year: str | None, today: date) -> date | None:
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


def refuse_over(day: date, field: str, heard: Heard, scene: Scene, before: date | None = None) -> None:
    """Raise NotAllowedError for a new plan for a day that is over, where `heard` is our own."""
    if day != before and day < scene.day(heard.at):
        raise NotAllowedError(field, "today or a later day")
