"""What the other lines and sentences of a post tell of the day of what is counted in one of them.

Who types in lines means a day that stands above or below for what she counts: `Viernes 28 de agosto`, and on the line below
`#planeamos 90 raciones`. A line that is nothing but a day is read; whatever else names another day than today is asked back. In
folded text (`domain.sentence`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from node.domain.day_words import WEEKDAYS
from node.domain.expression import expression
from node.domain.kind import NotAllowedError
from node.domain.sentence import CLOCK
from node.domain.spans import (
    CLAUSES,
    LONG_MONTHS,
    PICTURE,
    TIME,
    TODAY,
    Day,
    around,
    days_in,
    many_days,
    opening_of,
    sentences_of,
    without,
)
from node.tongues import Tongue, message

_TITLE = expression(
    r"\W*(?:resumen|balance|recuento|total(?:es)?|cierre|informe|reporte|summary|report|recap)\b.*|.*:\s*"
)
"""A line above, of which what stands below is a part."""
_WORD = expression(r"\w")
_HOURS = expression(
    rf"{CLOCK.pattern}|(?<![\w.,:/])[0-9]{{1,2}}(?:[:.][0-9]{{2}})?\s*(?:hrs?|hs|h|horas)\b\.?|\b(?:at|a\s+las?)\s+[0-9]{{1,2}}(?::[0-9]{{2}})?\b"
)
"""Hours, also where nothing but they stand beside a day."""
_HEADER = expression(
    r"\b(?:hola|buen[oa]s|vecin\w*|estimad\w*|amig\w*|comunidad|ollas?|almuerzo|cena|once|desayuno|menu|comedor|hi|hello|dear|neighbou?rs|lunch|dinner|breakfast|kitchen|meal)\b"
)
"""What may stand above the line of the day and tell of the same meal, or greet; any other line may be what is on that day."""
_NOTICE = expression(
    r"\b(?:reunion|asamblea|junta|taller|charla|bingo|rifa|corte|operativo|partido|feria|sin\s+(?:agua|luz)|cerrad\w*|meeting|assembly|workshop|closed)\b"
)
"""What, named there, is something else on that day all the same: `Reunión de vecinos`."""
_WHEN = expression(r"^\W*(?:fecha|cuando|date|when)\s*:")
_DATE = expression(r"\b(?:fecha|date)\W{1,3}[0-9]")
_TOTAL = expression(r"\b(?:en\s+total|in\s+total|altogether)\b")
_COMING = expression(r"(?:pasado\s+)?manana|tomorrow|.*\b(?:semanas?|weeks?|mes(?:es)?|months?|ano|year)\b.*")
_GONE = expression(r"(?:ante)?ayer|antier|(?:ante)?anoche|antenoche|yesterday|(?:last|previous)\s.*")
_NEXT = expression(
    r"\b(?:proxim[oa]s?|siguientes?|next|vemos|see\s+you|esperamos|hay|habra|haremos|tendremos|volvemos|volveremos|toca|vamos\s+a|back"
    r"|(?:we|it|they|there)(?:\s+will|['’]ll)|will\s+be|there['’]s)\b"
)
_PAST = expression(
    rf"\b(?:{_GONE.pattern}|fue|fueron|era|eran|hubo|lleg(?:o|aron)|tra(?:jo|jeron)|dej(?:o|aron)|was|were|came|arrived|served|cooked|closed|happened)\b"
)
"""What tells of a day to come, in words below what is done, and what tells that it is none."""
_IDLE = expression(
    rf"\b(?:que|tremendo|lindo|hermoso|bello|gran|feliz|largo|what\s+a|great|lovely|busy|long|happy)\s+(?:[a-z]+\s+)?(?:dia|day)\b"
    rf"|\bdia\s+(?:del|de(?=\s+l[oa]s?\b)|internacional)\s+(?:la\s+|l[oa]s\s+)?(?!{'|'.join(WEEKDAYS)}|{LONG_MONTHS})[a-z]+|\b(?:fue|es|era|sido)\s+un\s+(?:[a-z]+\s+)?dia\b|\b(?:est|es)[oa]s\s+dias\b|\bthese\s+days\b|\banos\s+(?:de|cocinando|juntas)\b|\byears\s+of\b"
)
"""Words of time that name no day: `¡Qué día!`, `Feliz día del niño`."""
_THANKS = expression(r"\b(?:gracias|thanks?|thank)\b")
_BEGUN = expression(
    r"\b(?:partimos|empezamos|comenzamos|start(?:ing|ed)?(?:\s+of)?)\s+(?:(?:el|la|the)\s+)?(?:semana|mes|ano|week|month|year)\b"
)
_SUM = expression(
    r"\b(?:(?:est[ea]|la|el|this|last|the|todo?a?)\s+(?:semana|mes|ano|week|month|year)|va\s+del?\s+(?:ano|mes)|in\s+all$)\b(?!\s+(?:que\s+viene|proxim))"
    r"|\bhace\s+(?:ya\s+)?\w+\s+(?:semanas?|mes(?:es)?|dias?|anos?)\b|\best[ao]s\s+\w+\s+(?:semanas|meses|dias)\b"
    r"|\b(?:semanas?|mes(?:es)?|weeks?|months?)\s+(?:pasad[oa]s?|ago)\b|\b(?:past|last)\s+(?:\w+\s+)?(?:weeks?|months?)\b"
)
"""What may be the sum of many days, or a day long gone; not where a week is only `_BEGUN`."""
_CLOSED = expression(
    r"\b(?:descansamos|cerramos(?!\s(?:el|la)\s)|(?:no|not)\s(?:abrimos|cocinamos|open|hay(?!\s(?!olla|comida|almuerzo|servicio|cocina|nada)\w))|estamos\scerrados|we\s(?:rest|close)|we['’]?\s?a?re\sclosed)\b"
)
"""Where nothing is cooked on a day that is named."""
_APART = rf"[,;()!?\u2014\u2013]|[.](?![0-9])|\s[-/]\s|\b(?:y|and)\b(?=[^,;()!?.:]{{0,80}}?{_NEXT.pattern})"


def refuse_many_days(before: str, said: str) -> None:
    """NotAllowedError where what is planned, without a day that was understood, is told with a time, or below a line with one."""
    line, _ = around(before, said)
    told = (CLOCK.sub(" ", line), *_titles(before))
    if any(found[0] not in TODAY for each in told for found in TIME.finditer(each)):
        raise many_days()


@dataclass(frozen=True, slots=True)
class Told:
    """A day, and the line `above` or below that is nothing but it; "" where that says an hour too."""

    on: str
    line: str
    above: bool


def day_elsewhere(before: str, after: str, tongue: Tongue, today: date, *, done: bool) -> Told | None:
    """The day that is all that the line or sentence right above or below says, where none else of what is told without a day tells
    of time. None where none but today is named. NotAllowedError where another one names a day that may be meant. What is `done` is
    not of a day to come."""
    above, below = sentences_of(before[: opening_of(before)]), sentences_of(after)
    naming = [each for each in above if _names_other([each], tongue, today, done=done)]
    for each in below:
        parts = [part for part in _parts(each) if not _is_to_come(part)] if done else [each]
        naming += [each] if _names_other(parts, tongue, today, done=done) else []
    if not naming:
        return None
    line, timed = naming[0], [each for each in (*above, *below) if TIME.search(_timed(each))]
    lead, near = _last_two(above)
    behind = next(filter(_WORD.search, below), "")
    day = _only_day(line, tongue, today) if timed == [line] and line in (near, behind) else None
    if day is None or (line == near and lead and (not _HEADER.search(lead) or _NOTICE.search(lead))):
        raise many_days()
    if done and day.day > today:
        raise NotAllowedError("on", message("a day that has come, because this is said as done"))
    if done and day.name and line != near:  # below what is done, a day of the week may be the next one
        raise many_days()
    on = day.day.isoformat() if done and day.name else day.found.day
    return Told(on, "" if _HOURS.search(line) else line, above=line == near)


def _last_two(lines: list[str]) -> tuple[str, str]:
    """The last two lines that say something; "" for one that is not there."""
    *_, lead, near = ("", "", *filter(_WORD.search, lines))
    return lead, near


def _only_day(line: str, tongue: Tongue, today: date) -> Day | None:
    """The day that a line is, with no word beside it but an hour."""
    line = _HOURS.sub(" ", line)
    days = days_in(line, "on", tongue, today)
    return days[0] if len(days) == 1 and not _WORD.search(_WHEN.sub("", without(line, days[0]))) else None


def _timed(line: str) -> str:
    """A line without hours, and words of time that name no day."""
    return _IDLE.sub(" ", CLOCK.sub(" ", line))


def _parts(line: str) -> Iterator[str]:
    """What a line says, one thing after the other; so is a day and what stands behind its colon: `Viernes 14: próxima olla el 28`."""
    for part in re.split(_APART, PICTURE.sub(";", line)):
        head, colon, tail = part.partition(":")
        yield from (head, tail) if colon and TIME.search(head) else (part,)


def _is_to_come(words: str) -> bool:
    """Whether words below what is done tell of another day than its own."""
    return bool(_NEXT.search(words) and not _PAST.search(words))


def _is_today(line: str, tongue: Tongue, today: date) -> bool:
    """Whether each time that a line names is today."""
    left = CLOCK.sub(" ", line)
    try:
        days = days_in(left, "on", tongue, today)
    except NotAllowedError:
        return False
    for day in days:
        left = without(left, day)
    return bool(days) and all(day.day == today for day in days) and not TIME.search(left)


def _names_other(parts: list[str], tongue: Tongue, today: date, *, done: bool) -> bool:
    """Whether any of these words names a day that may be meant, but for today."""
    return any(_names_day(each, done=done) and not _is_today(each, tongue, today) for each in parts)


def _names_day(line: str, *, done: bool) -> bool:
    other = _COMING if done else _GONE
    if _DATE.search(line):
        return True
    for clause in CLAUSES.split(_timed(line)):
        if _CLOSED.search(clause):
            continue
        named = (found[0] for found in TIME.finditer(clause))
        summed = done and _SUM.search(clause) and not (_BEGUN.search(clause) or _THANKS.search(clause))
        if summed or any(each not in TODAY and not other.fullmatch(each) for each in named):
            return True
    return False


def sums_up(before: str, said: str) -> bool:
    """Whether what names no day is the sum of several: `en total`, or below `Resumen de la semana:`."""
    start = opening_of(before)
    return bool(_TOTAL.search(before[start:] + said)) or any(TIME.search(line) for line in _titles(before))


def _titles(before: str) -> list[str]:
    """The lines above, of which what is told below is a part."""
    return [line for line in sentences_of(before[: opening_of(before)]) if _TITLE.fullmatch(line)]
