"""On which day something was done, or is to be: `ayer #servimos 118 raciones`, `#planeamos 90 raciones el lunes`.

A day is taken only where it surely is the one of what is counted: right before the hashtag, right behind it, or at the end of
what is counted, where nothing else tells of time. Whatever else names a time is asked back: what was done on each day is counted
by itself. Found in folded text (`domain.sentence`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from node.domain.counting import MEASURE
from node.domain.dates import read_day
from node.domain.day_words import MONTHS, WEEKDAYS, Found, find_day
from node.domain.expression import expression
from node.domain.kind import NotAllowedError
from node.domain.sentence import CLOCK, EVERY
from node.tongues import Tongue, message

SERVINGS = (
    "racion raciones porcion porciones plato platos almuerzo almuerzos desayuno desayunos once onces comida comidas cena cenas"
    " colacion colaciones merienda meriendas vianda viandas menu menus"
    " ration rations serving servings plate plates meal meals portion portions lunch lunches dinner dinners breakfasts bowl bowls"
)
CUPS = "taza tazas vaso vasos copa copas"
COURSE = rf"(?:{f'{SERVINGS} {CUPS}'.replace(' ', '|')})"
"""What is counted at a table, by name, what holds as much where it is said of what, and a pattern of any of it."""
LONG_MONTHS = "|".join(name for name in MONTHS if len(name) > 4 or name in ("june", "july"))
_SHORT = "|".join(name for name in MONTHS if len(name) <= 4)
_NO_COUNT = rf"(?![0-9]|[.,][0-9]|\s*(?:{MEASURE}|{COURSE})\b)"
TIME = expression(
    rf"\b(?:{'|'.join(WEEKDAYS)})s?\b|\b(?:{LONG_MONTHS})\b|[0-9][\s./-]*(?:de\s+|of\s+)?(?:{_SHORT})\b|\b(?:{_SHORT})\.?\s+[0-9]"
    r"|\b(?:hoy|ayer|anteayer|antier|(?:ante)?anoche|antenoche|today|tonight|yesterday|tomorrow)\b|(?<!\bla )(?<!\besta )\bmanana\b"
    r"|\b(?:last|previous|(?:the\s+)?other)\s+(?:night|evening|afternoon|morning)\b|\b(?:la\s+)?otra\s+(?:noche|tarde|manana)\b"
    r"|\bthe\s+(?:night|evening|day)\s+before\b|\b(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun(?!-|\s+dried))\b|\b(?:lun|mie|jue|vie|sab|dom|mnn|mna|mnna|mnana)\b|\bpasado\b|\b(?:fortnights?|overnight)\b|\b(?:noche|tarde)\s+(?:anterior|pasada|antes)\b"
    r"|\b(?:semanas?|quincenas?|mes|meses|anos?|weeks?|weekends?|months?|years?|findes?|feriados?|festivos?|vacaciones|holidays?"
    r"|temporadas?|(?<!\bde )(?:veranos?|inviernos?|otonos?|primaveras?)|summers?|winters?|navidad|nochebuena|pascuas?|(?:christmas|easter)(?!\s+(?:dinners?|lunch(?:es)?|meals?|puddings?|cakes?|eggs?)\b))\b"
    r"|(?<!\bbuenos )\bdias\b|(?<!\bdel )(?<!\bbuen )(?<!\bmedio )\bdia\b|(?<!\bof the )(?<!\bgood )\bdays?\b"
    r"|(?<!\bbuenas )\b(?:mananas|tardes|noches)\b|\b(?:mornings|evenings|nights)\b"
    r"|\b(?:diari[ao]s?|diariamente|semanal(?:es|mente)?|mensual(?:es|mente)?|anual(?:es|mente)?|daily|weekly|monthly|yearly)\b"
    r"|\b(?:vez|veces)\s+pasadas?\b|\bultimas?\s+(?:vez|veces)\b|\blast\s+times?\b"
    rf"|(?<![\w.,])20[0-9]{{2}}\b{_NO_COUNT}(?!\s+[^\W\d_])|\b(?:en|de|del|desde|hasta|in|of|since)\s+20[0-9]{{2}}\b{_NO_COUNT}"
    r"|(?<![\w.,/])[0-9]{1,2}[./-][0-9]{1,2}[./-](?:20)?[0-9]{2}\b"
    rf"|(?<![\w.,/])(?!(?:1/[234]|2/3|3/4)\b)[0-9]{{1,2}}(?:[./-]|\s/\s)[0-9]{{1,2}}\b{_NO_COUNT}"
    rf"|\b(?:el|al|del|dia|the)\s+(?:dia\s+)?[0-9]{{1,2}}(?:st|nd|rd|th)?\b{_NO_COUNT}"
)
"""Whatever tells of a time, but for the hour."""
_GOVERNED = expression(
    r"\b(?:a|al|ante|antes|con|contra|de|del|desde|despues|durante|en|entre|hacia|hasta|pal?|para|partir|por|segun|sobre|tras|cada|tod[ao]s?"
    r"|l[oa]s|aqui|aca|tardar|ultim[oa]s?|proxim[oa]s?|pasad[oa]s?|otr[oa]s?|since|until|till|by|before|after|for|due|from|to|through|of|in"
    r"|between|every|each|all|last|past|next|per|como|as|like)\b"
)
_WRITTEN = expression(r"(?<=[0-9])\s+(?:de|of)\s|\s(?:de|del|of)\s+(?=20[0-9]{2})")
_NOW = expression(r"\b(?:hoy|today|tonight)\b")
_MOST = 8
_LONGEST = 400
"""Characters on each side of a hashtag that are looked through."""
_LAST_WORD = expression(r"(?<![^\W_])[^\W_]++\W*+$")
_JOINED = expression(r"\s*,?\s*(?:de\s+)?")
_JOINTS = expression(
    r"\b(?:y|e|o|ni|and|or|el|la|l[oa]s|the|on|de|del|of|al?|to|hasta|until|tambien|also|too|[0-9]+)\b"
)
_SIGN = r"[,;:()!?\n\x1e\x1f\u2014\u2013]|[.](?![0-9])|\s-\s"
PICTURE = expression(
    "(?![\u26d4\u2716-\u2718\u274c\u274e\u2753-\u2755\u2795\u2796\U0001f44e\U0001f6ab\U0001f6d1])[\u2600-\u27bf\u2b50\u200d\ufe0f\U0001f000-\U0001faff]"
)
"""A picture that says nothing of a day, as a cross or a question mark would."""
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
_END = expression(r"(?<![.!?\u2026])[.!?\u2026]++(?=\s|$)|\n")
_NAMING = "el on the este this s para hasta antes a mas tardar del de al by before until for"
"""Words of an expression that says no more than a day of the week, beside its name."""
_WEEK = timedelta(days=7)
_OPEN = (
    r"(?:no|not|ni|nunca|never|\w+n['’]t|sino|salvo|excepto|except|unless|menos\sque|instead|rather|vez\sde|lugar\sde|cada|every|each|otr[oa]|other"
    r"|(?:sub)?siguiente|following|after\snext|en\s(?:ocho|quince)|primer[oa]?(?!\shora)|segund[oa]|tercer[oa]?|ultim[oa]|first|second|third|last)"
)
_OPEN_LEAD = expression(
    rf"\b(?:{_OPEN}|desde|despues|partir|contar|pasado|pase|tras|luego|entre|hasta|hacia|cerca|previo|cuando|apenas"
    r"|en|fin|dos|tres|two|three|in|since|from|after|between|until|till|than|around|about|starting|once|when|but|end|good|best|use|vencen?|caducan?|expires?)\b(?:\s(?:del?|el|la|the|on|of))*\s?$"
)
_OPEN_TAIL = expression(
    rf"\b(?:{_OPEN}|mas|santo|is|are|pasad[oa]|por\smedio|suspend\w+|cancel\w+|(?:o|u|or)(?!\s(?:antes|before|sooner|earlier)\b)|(?:si|if)(?!\s(?:es|se|pueden?|alguien|possible|you|anyone)\b))\b"
)
"""What, right before a day or behind it in its clause, makes it another day than that one, no day, or one of several."""
_PLANNED = expression(
    rf"[^0-9]*[0-9][0-9.,]*(?:\s+(?:{COURSE}\b|(?!{COURSE}\b)[^\W\d_]+(?:\s+[^\W\d_]+){{0,2}}))?(?:\s+[^\W\d_]*(?:[aiu]d|frit|calient|vegan)[oae]s?)?"
    r"(?:\s+(?:(?:de|of|con|with|y|and|en|in|at|al)\s+(?:(?:la|las|los|el|the|nuestr[oa]|our)\s+)?+|(?:a|para|for|to)\s+(?:[0-9]+|l[oa]s|the|our)\s+)"
    r"[^\W\d_]+(?:\s+[^\W\d_]*(?:[aiu]d|frit|calient|vegan)[oae]s?)?)*[\s,(]*"
)
"""What is planned, with no word behind it of which nobody knows whether it changes the day."""
_COURSE_OF = expression(rf"[^0-9]*[0-9][0-9.,]*\s+{COURSE}\s+(?:de|of)\s+")
_BEHIND_DISH = expression(
    rf"(?:\s*a\s+la\s+[^\W\d_]+)?(?:\s+(?:(?:en|in|at)\s+{_AT}|(?:a|para|for|to)\s+(?:[0-9]+|l[oa]s|the|our)\s+[^\W\d_]+))*[\s,(]*"
)
"""What stands before a dish, and behind it."""
_THEN = expression(
    r"\s*(?:$|[)]|(?:en|in|at|on|para|for|con|with|a|al|por|y|and|de|of|gracias|thanks|como|as|o|or|mediodia|morning|afternoon|evening|night|noon|lunch\w*|dinner\w*|si|if|l[oa]s|les|ven\w*|come|se)\b)"
)
"""What may stand behind its day."""
_CALLS = expression(
    r"\s*(?:porfa\w*|xfa|please|gratis|free|temprano|early|vecin\w+|everyone|all|necesit\w+|falta\w*(?!\s+(?:por\s+)?(?:confirm|ver|defin|acord))|difund\w+|compart\w+|share)\b"
)
"""What may stand there too, where it is all that does, or nothing parts the day from what is planned in front of it."""
_IF = expression(r"\b(?:si|if)\b.*")
_AS_EVER = expression(rf"\b(?:como|as|like)\s+(?:{EVERY.pattern})")
_ELSE = expression(
    r"\b(?:(?:nos\s)?vemos|see\syou|pas(?:o|amos)\sa\s(?:buscar|retirar)|cocin(?:o|amos)|descansamos|abrimos|cerramos|estamos\scerrados|we\s(?:rest|cook|open|close)"
    r"|we['’]?\s?a?re\s(?:closed|open))\b"
)
"""What is done on another day, in a clause of its own: `y nos vemos el domingo`, `el sábado no abrimos`."""
CLAUSES = expression(rf"{_SIGN}|\b(?:y|and)\b")
_RANGE = expression(r"\b(?:antes|hasta|before|until|till)\b")
TODAY = ("hoy", "today", "tonight")
_WHY = frozenset((*TODAY, "ayer", "anteayer", "anoche", "yesterday"))
"""Words of time that tell why something is needed, not by when."""
_HERE = "\x1d"
"""Where the day stood that was taken out."""


@dataclass(frozen=True, slots=True)
class Done:
    """The day on which something was done, and where it stands: from `start` to `end`, before the hashtag or `behind` it."""

    on: str
    start: int
    end: int
    behind: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One expression of time; `name` where it is no more than a day of the week."""

    found: Found
    day: date
    start: int
    end: int
    name: bool


def opening_of(before: str) -> int:
    """Where the last sentence of a text begins."""
    return max((found.end() for found in _END.finditer(before)), default=0)


def sentences_of(text: str) -> list[str]:
    """The lines of a text, and the sentences in them."""
    return _END.split(text)


def done_on(before: str, said: str, tongue: Tongue, today: date) -> Done | None:
    """On which day was done what is told by the words `before` a hashtag, and by those `said` after it; None where they name no
    time at all. NotAllowedError where it is not surely one day, or one to come."""
    line, tag = around(before, said)
    if not TIME.search(line):
        return None
    for each in days_in(line, "on", tongue, today):
        if _fits(line, each, tag, alone=not TIME.search(without(line, each))):
            if each.day > today:
                raise NotAllowedError("on", message("a day that has come, because this is said as done"))
            shift = len(before) - tag if each.start < tag else -tag - 1
            on = each.day.isoformat() if each.name else each.found.day
            return Done(on, each.start + shift, each.end + shift, behind=each.start > tag)
    raise many_days()


def around(before: str, said: str, field: str = "on") -> tuple[str, int]:
    """What is looked through around a hashtag, and where in it the hashtag is. NotAllowedError where the same sentence tells of a
    time further away."""
    start = opening_of(before)
    near = max(start, len(before) - _LONGEST)
    if TIME.search(before[start:near]) or TIME.search(said[_LONGEST:]):
        raise many_days(field)
    return PICTURE.sub(" ", f"{before[near:]}#{said[:_LONGEST]}"), len(before) - near


def many_days(field: str = "on") -> NotAllowedError:
    """Why what was done, or is to be, on more days than one is not taken."""
    if field == "by":
        return NotAllowedError(field, message("on which of these days"))
    return NotAllowedError(field, message("on which day, because each day is counted by itself"))


def refuse_unsure_day(
    field: str,
    before: str,
    said: str,
    place: tuple[int, int],
    tongue: Tongue,
    today: date,
    after_dish: Callable[[str], str | None] = lambda _words: None,
) -> None:
    """NotAllowedError where a day is not surely the one that is meant, because another word of time stands in the sentence, or a
    word beside it rules it out, puts it off, or makes it one of several. Its `place` is counted from the hashtag. `after_dish` gives
    what follows the dish with which words begin."""
    line, tag = around(before, said, field)
    start, end = (max(0, tag + each) for each in place)
    line = _AS_EVER.sub(_blank, line)
    for day in days_in(line, field, tongue, today):
        if day.start < end and start < day.end:
            start, end = min(start, day.start), max(end, day.end)
    line = CLOCK.sub(_blank, line)
    lead = re.split(_SIGN, line[:start])[-1]
    tail = re.split(rf"{_SIGN}|[#0-9]", line[end:])[0]
    clauses = CLAUSES.split(f"{line[:start]}{_HERE}{line[end:]}")
    apart = [each for each in clauses if _HERE in each or not _ELSE.search(each)]
    others = {found[0] for each in apart for found in TIME.finditer(each)}
    if field == "by":
        tail, others = _IF.sub("", tail), others - _WHY
    several = field == "on" and (
        _RANGE.search(line, start, end)
        or not (_THEN.match(tail) or _is_call(line, start, tail, tag))
        or not _is_led(line, start, tag, after_dish)
    )
    if others or several or _OPEN_LEAD.search(lead) or _OPEN_TAIL.search(tail):
        raise many_days(field)


def _is_call(line: str, start: int, tail: str, tag: int) -> bool:
    """Whether what stands behind a day only calls out: alone, or where no sign parts the day from the hashtag in front of it."""
    call = _CALLS.match(tail)
    if call is None:
        return False
    near = start > tag and not re.search(_SIGN, line[tag + 1 : start])
    return near or not tail[call.end() :].strip()


def _is_led(line: str, start: int, tag: int, after_dish: Callable[[str], str | None]) -> bool:
    """Whether all that stands between a hashtag and the day behind it is what is planned."""
    behind = line[tag + 1 : start].rstrip("\x1f")
    if start <= tag or not re.search("[0-9]", behind) or _PLANNED.fullmatch(behind):
        return True
    course = _COURSE_OF.match(behind)
    rest = after_dish(behind[course.end() :]) if course else None
    return rest is not None and _BEHIND_DISH.fullmatch(f" {rest}") is not None


def _blank(found: "re.Match[str]") -> str:
    return "\x1f" * len(found[0])


def days_in(line: str, field: str, tongue: Tongue, today: date) -> list[Day]:
    """The days of a line in their order; what says the same day twice, `hoy lunes 24`, is one."""
    days: list[Day] = []
    left = line
    while found := find_day(left, today, bare=True):
        if len(days) == _MOST:
            raise many_days(field)
        left = left[: found.start] + "\x1f" * (found.end - found.start) + left[found.end :]
        words = line[found.start : found.clock]
        name = not set(re.findall(r"\w+", words)) - {*_NAMING.split(), *WEEKDAYS}
        day = read_day(found.day, field, tongue, today)
        last = name and day > today
        days.append(Day(found, day - _WEEK if last else day, found.start, found.clock, name))
    merged: list[Day] = []
    for each in sorted(days, key=lambda day: day.start):
        former = merged[-1] if merged else None
        if former and _JOINED.fullmatch(line, former.end, each.start) and _same(former, each):
            sure = former if each.name else each
            merged[-1] = Day(sure.found, sure.day, former.start, each.end, sure.name)
        else:
            merged.append(each)
    return merged


def _same(one: Day, other: Day) -> bool:
    named = one.name or other.name
    return one.day == other.day or (named and one.day.weekday() == other.day.weekday())


def without(line: str, day: Day) -> str:
    """A line with a gap where a day stands."""
    return line[: day.start] + "\x1f" * (day.end - day.start) + line[day.end :]


def _fits(line: str, day: Day, tag: int, *, alone: bool) -> bool:
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


def _told_apart(line: str, day: Day, tag: int) -> bool:
    """Whether what else tells of time stands in clauses of its own, and says more than a day."""
    before, behind = line[: min(day.start, tag)], line[max(day.end, tag + 1) :]
    *others, own = re.split(_SIGN, before)
    counted, *later = re.split(_SIGN, behind)
    if TIME.search(own) or TIME.search(counted):
        return False
    clauses = [each for each in (*others, *later) if TIME.search(each)]
    return all(re.search(r"\w", _JOINTS.sub(" ", TIME.sub(" ", each))) for each in clauses)
