"""Days inside a sentence: `antes del 28/8`, `para el viernes a las 18:00`, `by August 28`. Found in folded text (`domain.sentence`).

A day is given back so that it reads in only one way (`domain.dates`): names of months, days of the week and `mañana` as an ISO
day, numbers as they were typed, because which of them is the month depends on the language.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from node.domain.expression import expression

MONTHS = {
    name: number + 1
    for names in (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "january february march april may june july august september october november december",
        "ene feb mar abr may jun jul ago sep oct nov dic",
        "jan feb mar apr may jun jul aug sept oct nov dec",
    )
    for number, name in enumerate(names.split())
} | {"setiembre": 9}
WEEKDAYS = {
    name: number
    for names in (
        "lunes martes miercoles jueves viernes sabado domingo",
        "monday tuesday wednesday thursday friday saturday sunday",
    )
    for number, name in enumerate(names.split())
}
RELATIVE = {
    "hoy": 0, "hoy dia": 0, "today": 0, "tonight": 0, "manana": 1, "tomorrow": 1, "pasado manana": 2, "ayer": -1, "yesterday": -1, "anteayer": -2,
}  # fmt: skip

_UNTIL = (
    r"\b(?:a\s+mas\s+tardar|de\s+(?:aqui|aca|hoy)\s+al?|(?<![0-9] )al|antes|hasta|para|p/|pa['’]?l?|xa|x(?=\s+(?:el|la|manana|hoy)\b)|by|before|until|till|due|for|on)"
    r"(?:\s+(?:de|del|el|la|the|este|esta|this|proximo|next|dia)\b){0,4}+\s+"
)
_NOW = r"hoy(?:\s+dia\b(?!\s+[0-9]{1,2}\b))?"
"""`hoy`, and `hoy día`, as it is said in Chile; not where the day has a number."""
_MAYBE = rf"(?:{_UNTIL}|\b(?:el|the|este|this|proximo|next)\s+){{0,4}}+"
"""Possessive and bounded, as what `_UNTIL` ends with: both take the same words, and a text of nothing else would be tried in every way."""
_FRACTIONS = ("1/2", "1/3", "2/3", "1/4", "3/4")
_YEAR = r"((?:20)?[0-9]{2})"
_NO_AMOUNT = r"(?![0-9/]|[.,][0-9]|\s*(?:kg|g|l|ml|kilos?|litros?|h|hrs?|hs|horas?|u|unidades|[ap]\.?m)\b)"
_MONTH = "|".join(
    rf"{name}(?!\s+del?\s+(?!20[0-9]{{2}})\w)" if name == "mar" else name
    for name in sorted(MONTHS, key=len, reverse=True)
)
"""`mar` is no month where it is the Mar del Plata."""
_WEEKDAY = rf"({'|'.join(WEEKDAYS)})\b(?:['’]s\b)?(?:\s+([0-9]{{1,2}})\b{_NO_AMOUNT})?(\s+(?:proximo|que\s+viene)\b)?"
_DOTTED = rf"(?:({'|'.join(WEEKDAYS)})\s+)([0-9]{{1,2}})\.([0-9]{{1,2}})\b{_NO_AMOUNT}"
"""`viernes 4.12`: a day with its number and month, where they are of one day."""
_TIME = expression(
    r"\s*,?\s*(?:(?:a\s+las?|at|desde\s+las?|tipo)\s+)([0-9]{1,2})(?:[:.]([0-9]{2})|\s+y\s+(media|cuarto)\b(?!\s+(?:de\s+)?(?:docena|kilo|kg|litro)))?(?![0-9:])"
    r"(?:\s*(?:(?:hrs?|hs|h|horas)\b\.?|([ap])\.?m\b\.?|(?:de|en)\s+la\s+(manana|tarde|noche)\b))?"
    r"|\s*,?\s*([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(?:([ap])\.?m\b\.?|(?:hrs?|hs)\b\.?(?!\s+(?:de|of)\b))"
)
_PAST = {"media": "30", "cuarto": "15"}

_NAME_BEFORE = expression(rf"{_MAYBE}\b({'|'.join(WEEKDAYS)})\s*,?\s*$")
_ISO = expression(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Written = Callable[["re.Match[str]", date], str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """A day, with its time where one is said beside it, and where in the text it stands, its time from `clock`; `yearless` where
    no year was said with the month."""

    day: str
    time: str
    start: int
    end: int
    clock: int
    yearless: bool = False

    def past(self, today: date) -> bool:
        """Whether it is a day before today, said without its number and month."""
        return bool(_ISO.fullmatch(self.day)) and self.day < today.isoformat()

    def ahead(self, today: date) -> bool:
        """Whether it is a day after today."""
        return bool(_ISO.fullmatch(self.day)) and self.day > today.isoformat()


def find_day(folded: str, today: date, *, bare: bool) -> Found | None:
    """The first day of a folded text. `bare`: also `hoy`, `ayer` and `el viernes`, which without `para` are no deadline."""
    for pattern, written in (*_DATED, *(_BARE if bare else _DEADLINES)):
        found = pattern.search(folded)
        day = written(found, today) if found else None
        if found is not None and day is not None:
            clock = _TIME.match(folded, found.end())
            end = clock.end() if clock else found.end()
            yearless = written in (_typed, _named) and found[found.re.groups] is None
            start = _name_before(folded, found.start(), day)
            return Found(day, _time(clock) if clock else "", start, end, found.end(), yearless)
    return None


def _name_before(folded: str, start: int, day: str) -> int:
    """Where an expression begins that names the day of the week before the date: `antes del viernes 28 de agosto`."""
    led = _NAME_BEFORE.search(folded, 0, start) if _ISO.fullmatch(day) else None
    named = _day(*map(int, day.split("-"))) if led is not None else None
    agrees = led is not None and named is not None and WEEKDAYS[led[1]] == named.weekday()
    return led.start() if led and agrees else start


def _time(clock: "re.Match[str]") -> str:
    """`18:00`, of `a las 18`, `6pm`, `a las 6 de la tarde`."""
    hour, minutes = int(clock[1] or clock[6]), clock[2] or clock[7] or _PAST.get(clock[3] or "", "00")
    half = clock[4] or clock[8] or {"manana": "a", "tarde": "p", "noche": "p"}.get(clock[5] or "")
    if clock[5] == "noche" and (hour == 12 or hour < 6):
        return f"24:{minutes}"  # it belongs to two days: the door asks which is meant
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour}:{minutes}"


def _typed(found: "re.Match[str]", _today: date) -> str | None:
    if found[0] in _FRACTIONS:
        return None
    year = found[2]
    return found[1] if year is None else f"{found[1]}/{year if len(year) == 4 else f'20{year}'}"


def _named(found: "re.Match[str]", today: date) -> str | None:
    number, month = int(found[1] or found[4]), MONTHS[found[2] or found[3]]
    years = (int(found[5]),) if found[5] else (today.year, today.year + 1, today.year - 1)
    days = [day for year in years if (day := _day(year, month, number))]
    return min(days, key=lambda day: abs(day - today)).isoformat() if days else f"{number}/{month}"


def _of_week(found: "re.Match[str]", today: date) -> str | None:
    """The next day of that name, on that day itself a week later where it is called the next; or the nearest with that name and
    number."""
    weekday = WEEKDAYS[found[1]]
    if found[2] is None:
        ahead = (weekday - today.weekday()) % 7
        later = found[3] or re.search(r"\b(?:proximo|next)\b", found[0])
        return (today + timedelta(days=ahead or (7 if later else 0))).isoformat()
    near = (today + timedelta(days=step * sign) for step in range(46) for sign in (1, -1))
    wanted = int(found[2])
    return next((day.isoformat() for day in near if (day.weekday(), day.day) == (weekday, wanted)), None)


def _of_week_dotted(found: "re.Match[str]", today: date) -> str | None:
    """The day of that number and month nearest to today, if it has that name; else it may be a time, and nobody knows."""
    years = (today.year, today.year + 1, today.year - 1)
    days = [day for year in years if (day := _day(year, int(found[3]), int(found[2])))]
    near = min(days, key=lambda day: abs(day - today), default=None)
    return near.isoformat() if near is not None and near.weekday() == WEEKDAYS[found[1]] else None


def _of_month(found: "re.Match[str]", today: date) -> str | None:
    """The next day with that number, from today on."""
    ahead = (today + timedelta(days=step) for step in range(62))
    return next((day.isoformat() for day in ahead if day.day == int(found[1])), None)


def _month_end(_found: "re.Match[str]", today: date) -> str:
    following = today.replace(day=1) + timedelta(days=31)
    return (following.replace(day=1) - timedelta(days=1)).isoformat()


def _near(found: "re.Match[str]", today: date) -> str:
    return (today + timedelta(days=RELATIVE[" ".join(found[1].split())])).isoformat()


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_DATED: tuple[tuple["re.Pattern[str]", Written], ...] = (
    (expression(rf"{_MAYBE}\b(20[0-9]{{2}}-[0-9]{{1,2}}-[0-9]{{1,2}})\b"), lambda found, _today: found[1]),
    (
        expression(rf"{_MAYBE}(?<![\w/.,])(?<![0-9] )([0-9]{{1,2}}/[0-9]{{1,2}})(?:/{_YEAR})?\b{_NO_AMOUNT}"),
        _typed,
    ),
    (expression(rf"{_MAYBE}\b{_DOTTED}"), _of_week_dotted),
    (expression(rf"{_UNTIL}([0-9]{{1,2}}-[0-9]{{1,2}})(?:-{_YEAR})?\b{_NO_AMOUNT}"), _typed),
    (
        expression(
            rf"{_MAYBE}(?<![\w/.,])(?:([0-9]{{1,2}})(?:st|nd|rd|th)?\s+(?:(?:de|of)\s+)?({_MONTH})"
            rf"|({_MONTH})\s+([0-9]{{1,2}})(?:st|nd|rd|th)?\b{_NO_AMOUNT})\b(?:,?\s+(?:(?:de|del|of)\s+)?(20[0-9]{{2}})\b)?"
        ),
        _named,
    ),
)
_DEADLINES: tuple[tuple["re.Pattern[str]", Written], ...] = (
    (
        expression(
            rf"{_UNTIL}(?:(?<=\bel )|(?<=\baqui al )|(?<=\baca al )|(?<=\bdel )|(?<=\bdia )|(?<=\bpal )|(?<=\bpa'l )|(?<=\bhoy al )|(?<=\bproximo )|(?<=\bthe ))([0-9]{{1,2}})(?:st|nd|rd|th)?(?=\s*(?:$|[^\w\s]|\n|(?:a\s+las|at|por|porfa\w*|en|gracias|please|thanks)\b))(?![.,/:-][0-9])"
        ),
        _of_month,
    ),
    (expression(rf"{_UNTIL}{_WEEKDAY}"), _of_week),
    (
        expression(
            rf"{_UNTIL}(anteayer|ayer|yesterday|{_NOW}|today|tonight|pasado\s+manana|(?<!\bla )(?<!\besta )manana|tomorrow)\b(?:['’]s\b)?"
        ),
        _near,
    ),
    (expression(rf"{_UNTIL}(?:fin\s+de|end\s+of\s+(?:the\s+)?)\s*(?:mes|month)\b"), _month_end),
)
_BARE: tuple[tuple["re.Pattern[str]", Written], ...] = (
    (expression(rf"{_MAYBE}\b{_WEEKDAY}"), _of_week),
    (
        expression(
            rf"{_MAYBE}\b(anteayer|ayer|{_NOW}|yesterday|today|tonight|pasado\s+manana|(?<!\bla )(?<!\besta )manana|tomorrow)\b(?:['’]s\b)?"
        ),
        _near,
    ),
)
