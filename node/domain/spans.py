"""On which day something was done: `ayer #servimos 118 raciones`, `#recibimos 24 kg el lunes`.

A day is taken only where it surely is the one of what is counted: right before the hashtag, right behind it, or at the end of
what is counted, where nothing else tells of time. Whatever else names a time is asked back: what was done on each day is counted
by itself. Found in folded text (`domain.sentence`).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from node.domain.counting import MEASURE
from node.domain.dates import read_day
from node.domain.day_words import MONTHS, WEEKDAYS, Found, find_day
from node.domain.expression import expression
from node.domain.kind import NotAllowedError
from node.domain.sentence import CLOCK
from node.tongues import Tongue, message

SERVINGS = (
    "racion raciones porcion porciones plato platos almuerzo almuerzos desayuno desayunos once onces comida comidas cena cenas"
    " colacion colaciones vianda viandas"
    " ration rations serving servings plate plates meal meals portion portions lunch lunches dinner dinners breakfasts"
)
COURSE = rf"(?:{SERVINGS.replace(' ', '|')})"
"""What is counted at a table, by name, and a pattern of any of it."""
_LONG = "|".join(name for name in MONTHS if len(name) > 4 or name in ("june", "july"))
_SHORT = "|".join(name for name in MONTHS if len(name) <= 4)
_NO_COUNT = rf"(?![0-9]|[.,][0-9]|\s*(?:{MEASURE}|{COURSE})\b)"
_TIME = expression(
    rf"\b(?:{'|'.join(WEEKDAYS)})s?\b|\b(?:{_LONG})\b|[0-9]\s*(?:de\s+|of\s+)?(?:{_SHORT})\b|\b(?:{_SHORT})\.?\s+[0-9]"
    r"|\b(?:hoy|ayer|anteayer|antier|(?:ante)?anoche|antenoche|today|tonight|yesterday|tomorrow)\b|(?<!\bla )(?<!\besta )\bmanana\b"
    r"|\b(?:last|previous|(?:the\s+)?other)\s+(?:night|evening|afternoon|morning)\b|\b(?:la\s+)?otra\s+(?:noche|tarde|manana)\b"
    r"|\bthe\s+(?:night|evening|day)\s+before\b|\b(?:on|for|by|until|next|last|this)\s+(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)\b|\b(?:noche|tarde)\s+(?:anterior|pasada|antes)\b"
    r"|\b(?:semanas?|quincenas?|mes|meses|anos?|weeks?|weekends?|months?|years?|findes?|feriados?|festivos?|vacaciones|holidays?"
    r"|temporadas?|veranos?|inviernos?|otonos?|primaveras?|summers?|winters?|navidad|nochebuena|pascuas?|christmas|easter)\b"
    r"|(?<!\bbuenos )\bdias\b|(?<!\bdel )(?<!\bbuen )(?<!\bmedio )\bdia\b|(?<!\bof the )(?<!\bgood )\bdays?\b"
    r"|(?<!\bbuenas )\b(?:mananas|tardes|noches)\b|\b(?:mornings|evenings|nights)\b"
    r"|\b(?:diari[ao]s?|diariamente|semanal(?:es|mente)?|mensual(?:es|mente)?|anual(?:es|mente)?|daily|weekly|monthly|yearly)\b"
    r"|\b(?:vez|veces)\s+pasadas?\b|\bultimas?\s+(?:vez|veces)\b|\blast\s+times?\b"
    rf"|(?<![\w.,])20[0-9]{{2}}\b{_NO_COUNT}(?!\s+[^\W\d_])|\b(?:en|de|del|desde|hasta|in|of|since)\s+20[0-9]{{2}}\b{_NO_COUNT}"
    rf"|(?<![\w.,/])(?!(?:1/[234]|2/3|3/4)\b)[0-9]{{1,2}}[./-][0-9]{{1,2}}\b{_NO_COUNT}"
    rf"|\b(?:el|al|del|dia|the)\s+(?:dia\s+)?[0-9]{{1,2}}(?:st|nd|rd|th)?\b{_NO_COUNT}"
)
"""Whatever tells of a time, but for the hour."""
_GOVERNED = expression(
    r"\b(?:a|al|ante|antes|con|contra|de|del|desde|despues|durante|en|entre|hacia|hasta|pal?|para|partir|por|segun|sobre|tras|cada|tod[ao]s?"
    r"|l[oa]s|aqui|aca|tardar|ultim[oa]s?|proxim[oa]s?|pasad[oa]s?|otr[oa]s?|since|until|till|by|before|after|for|due|from|to|through|of|in"
    r"|between|every|each|all|last|past|next|per|como|as|like)\b"
)
_WRITTEN = expression(r"(?<=[0-9])\s+(?:de|of)\s|\s(?:de|del|of)\s+(?=20[0-9]{2})")
_NOW = expression(r"\b(?:hoy|today)\b")
_MOST = 8
_LONGEST = 400
"""Characters on each side of a hashtag that are looked through."""
_LAST_WORD = expression(r"(?<![^\W_])[^\W_]++\W*+$")
_JOINED = expression(r"\s*,?\s*(?:de\s+)?")
_JOINTS = expression(
    r"\b(?:y|e|o|ni|and|or|el|la|l[oa]s|the|on|de|del|of|al?|to|hasta|until|tambien|also|too|[0-9]+)\b"
)
_SIGN = r"[,;:()!?\n\x1e\x1f\u2014\u2013]|[.](?![0-9])|\s-\s"
_AT = r"(?:(?:la|las|los|el|nuestr[oa]|the|our)\s+)?[^\W\d_]+(?:\s+(?:de|del|of)\s+(?:(?:la|las|los|the)\s+)?[^\W\d_]+)*"
_LED_IN = expression(rf"\s*(?:(?:en|in|at)\s+{_AT}\s*)?(?:,\s*)?(?:(?:we|nosotr[oa]s|ya|les|se)\s*)?[^\w]*")
"""What may stand between a day and the hashtag."""
_COUNTED = expression(
    r"[^0-9]*[0-9][0-9.,]*\s*[^\W\d_]+(?:\s+[^\W\d_]*(?:[aiu]d|frit)[oa]s?)?"
    r"(?:\s+(?:de|of|con|with|en|in|at|al|from)\s+(?:(?:la|las|los|el|the|nuestr[oa]|our)\s+)?+[^\W\d_]+(?:\s+[^\W\d_]*(?:[aiu]d|frit)[oa]s?)?)*"
    r"\s*,?\s*"
)
"""What is counted, with nothing of a verb behind: `118 raciones de porotos con riendas`."""
_BEHIND = expression(rf"\s*(?:(?:en|in|at)\s+{_AT}\s*)?(?:{_SIGN}|#|$)")
_TOTAL = expression(r"\b(?:en\s+total|in\s+total|altogether)\b")
_TITLE = expression(
    r"\W*(?:resumen|balance|recuento|total(?:es)?|cierre|informe|reporte|summary|report|recap)\b.*|.*:\s*"
)
"""A line above, of which what stands below is a part."""
_END = expression(r"(?<![.!?\u2026])[.!?\u2026]++(?=\s|$)|\n")
_WEEK = timedelta(days=7)
_LEAD = r"(?:(?:el|la|l[oa]s|the|on|para|pal|dia|tod[oa]s?|pasado)\s){0,4}"
_AND = expression(
    rf"[\s,]{{0,3}}(?:(?:[yeou]|ni|and|or|al?|hasta|to|till|until|through)\b|[-\u2013/&+])\s?{_LEAD}"
)
_LISTED = expression(rf"[\s,]{{1,3}}{_LEAD}")
_AND_AFTER = expression(r"\s(?:o|y)\s(?:(?:el|al)\s)?pasado\b")
"""What joins another day to one: `lunes o martes`, `lunes, miércoles y viernes`, `mañana o pasado`."""
_SPANNING = expression(
    r"\b(?:desde|hasta|antes|despues|partir|entre|since|from|until|till|before|after|between)\b(?:\s(?:del?|el|la|the|on)\b){0,2}\s?$"
)
"""What makes a day one end of several."""
_NAMES = "|".join(WEEKDAYS)
OTHER_WEEK = expression(
    r"\b(?:proxim[oa]|otra|siguiente|next|following)\s(?:semana|week)\b|\b(?:semana|week)\s(?:que\sviene|proxima|siguiente|entrante|after\snext)\b"
    rf"|\bsubsiguiente\b|\b(?:{_NAMES})\s(?:en\s(?:ocho|quince)|week|after\snext)\b|\botro\s(?:{_NAMES})\b|\ba\sweek\s(?:on|from)\b"
)
"""What tells of another week than the one that begins today."""
_NOT = expression(
    rf"\b(?:no|not)\s(?:(?:el|on|for|para|este)\s)*(?:{'|'.join(WEEKDAYS)})\b|\bsino\b|\b(?:{'|'.join(WEEKDAYS)})\sno\b"
)
_ALSO_NAMED = expression(rf"\b(?:hoy|manana|today|tomorrow),?\s(?=(?:el\s)?(?:{_NAMES})\b)")
"""`hoy lunes` names one day."""
_KINDS = (frozenset(WEEKDAYS), frozenset(("hoy", "manana", "today", "tomorrow")))
_TODAY = ("hoy", "today", "tonight")


@dataclass(frozen=True, slots=True)
class Done:
    """The day on which something was done, and where it stands: from `start` to `end`, before the hashtag or `behind` it."""

    on: str
    start: int
    end: int
    behind: bool


@dataclass(frozen=True, slots=True)
class _Day:
    """One expression of time; `name` where it is no more than a day of the week."""

    found: Found
    day: date
    start: int
    end: int
    name: bool


def opening_of(before: str) -> int:
    """Where the last sentence of a text begins."""
    return max((found.end() for found in _END.finditer(before)), default=0)


def done_on(before: str, said: str, tongue: Tongue, today: date) -> Done | None:
    """On which day was done what is told by the words `before` a hashtag, and by those `said` after it; None where they name no
    time at all. NotAllowedError where it is not surely one day, or one to come."""
    line, tag = _around(before, said)
    if not _TIME.search(line):
        return None
    for each in _days(line, tongue, today):
        if _fits(line, each, tag, alone=not _TIME.search(_without(line, each))):
            if each.day > today:
                raise NotAllowedError("on", message("a day that has come, because this is said as done"))
            shift = len(before) - tag if each.start < tag else -tag - 1
            on = each.day.isoformat() if each.name else each.found.day
            return Done(on, each.start + shift, each.end + shift, behind=each.start > tag)
    raise many_days()


def _around(before: str, said: str) -> tuple[str, int]:
    """What is looked through around a hashtag, and where in it the hashtag is. NotAllowedError where the same sentence tells of a
    time further away."""
    start = opening_of(before)
    near = max(start, len(before) - _LONGEST)
    if _TIME.search(before[start:near]) or _TIME.search(said[_LONGEST:]):
        raise many_days()
    return f"{before[near:]}#{said[:_LONGEST]}", len(before) - near


def many_days() -> NotAllowedError:
    """Why what was done on more days than one is not counted."""
    return NotAllowedError("on", message("on which day, because each day is counted by itself"))


def refuse_many_days(before: str, said: str, day: tuple[int, int] | None) -> None:
    """NotAllowedError where what is planned, told by the words `before` a hashtag and those `said` after it, is for no single day:
    for none that was understood, or for another one beside the `day`, the place of which is counted from the hashtag."""
    line, tag = _around(before, said)
    line = CLOCK.sub(lambda found: "\x1f" * len(found[0]), line)
    times = [found for found in _TIME.finditer(line) if day or found[0] not in _TODAY]
    if day is None:
        titled = any(found[0] not in _TODAY for each in _titles(before) for found in _TIME.finditer(each))
        if times or titled:
            raise many_days()
        return
    start, end = (max(0, tag + place) for place in day)
    words = line[start:end]
    lead = _ALSO_NAMED.sub("", line[start:tag]) if end <= tag else ""
    named = {found[0] for found in _TIME.finditer(lead) if any(found[0] in kind for kind in _KINDS)}
    if len(named) > 1 or OTHER_WEEK.search(line) or _NOT.search(line):
        raise many_days()
    spanning = any(
        _SPANNING.search(line[:at])
        for at in (start, *(start + found.start() for found in re.finditer(r"\w+", words)))
    )
    if spanning or _AND_AFTER.match(line, end) or any(_beside(line, start, end, each) for each in times):
        raise many_days()


def _beside(line: str, start: int, end: int, other: "re.Match[str]") -> bool:
    """Whether another time is joined to the day that stands from `start` to `end`."""
    first, last = (end, other.start()) if other.start() >= end else (other.end(), start)
    if first > last:
        return False
    kinds = [
        [kind & set(re.findall(r"\w+", each)) for kind in _KINDS] for each in (line[start:end], other[0])
    ]
    apart = any(one and two and one != two for one, two in zip(*kinds, strict=True))
    return bool(_AND.fullmatch(line, first, last) or (apart and _LISTED.fullmatch(line, first, last)))


def sums_up(before: str, said: str) -> bool:
    """Whether what names no day is the sum of several: `en total`, or below `Resumen de la semana:`."""
    start = opening_of(before)
    return bool(_TOTAL.search(before[start:] + said)) or any(_TIME.search(line) for line in _titles(before))


def _titles(before: str) -> list[str]:
    """The lines above, of which what is told below is a part."""
    return [line for line in _END.split(before[: opening_of(before)]) if _TITLE.fullmatch(line)]


def _days(line: str, tongue: Tongue, today: date) -> list[_Day]:
    """The days of a line in their order; what says the same day twice, `hoy lunes 24`, is one."""
    days: list[_Day] = []
    left = line
    while found := find_day(left, today, bare=True):
        if len(days) == _MOST:
            raise many_days()
        left = left[: found.start] + "\x1f" * (found.end - found.start) + left[found.end :]
        words = line[found.start : found.clock]
        name = not set(re.findall(r"\w+", words)) - {"el", "on", "the", "este", *WEEKDAYS}
        day = read_day(found.day, "on", tongue, today)
        last = name and day > today
        days.append(_Day(found, day - _WEEK if last else day, found.start, found.clock, name))
    merged: list[_Day] = []
    for each in sorted(days, key=lambda day: day.start):
        former = merged[-1] if merged else None
        if former and _JOINED.fullmatch(line, former.end, each.start) and _same(former, each):
            sure = former if each.name else each
            merged[-1] = _Day(sure.found, sure.day, former.start, each.end, sure.name)
        else:
            merged.append(each)
    return merged


def _same(one: _Day, other: _Day) -> bool:
    named = one.name or other.name
    return one.day == other.day or (named and one.day.weekday() == other.day.weekday())


def _without(line: str, day: _Day) -> str:
    return line[: day.start] + "\x1f" * (day.end - day.start) + line[day.end :]


def _fits(line: str, day: _Day, tag: int, *, alone: bool) -> bool:
    """Whether a day is surely that of what is counted."""
    words, lead = line[day.start : day.end], line[: day.start]
    last = _LAST_WORD.search(re.split(_SIGN, lead)[-1])
    now = _NOW.search(words) is not None
    if _GOVERNED.search(_WRITTEN.sub(" ", words)) or (last and _GOVERNED.search(last[0])):
        return False
    if day.end <= tag and not _LED_IN.fullmatch(line, day.end, tag):
        return alone and now
    if day.end <= tag or not re.search(r"\w", line[tag + 1 : day.start]):
        return alone or _told_apart(line, day, tag)
    if now and alone:
        return True
    counted = _COUNTED.fullmatch(line, tag + 1, day.start) is not None
    return alone and counted and _BEHIND.match(line, day.end) is not None


def _told_apart(line: str, day: _Day, tag: int) -> bool:
    """Whether what else tells of time stands in clauses of its own, and says more than a day."""
    before, behind = line[: min(day.start, tag)], line[max(day.end, tag + 1) :]
    *others, own = re.split(_SIGN, before)
    counted, *later = re.split(_SIGN, behind)
    if _TIME.search(own) or _TIME.search(counted):
        return False
    clauses = [each for each in (*others, *later) if _TIME.search(each)]
    return all(re.search(r"\w", _JOINTS.sub(" ", _TIME.sub(" ", each))) for each in clauses)
