"""Words and figures that count, in folded text (`domain.sentence`): numbers, units as people type them, and what before or after a
number makes it one end of a range or a part of a larger one."""

import re
from unicodedata import combining, normalize

from node.domain.expression import expression
from node.domain.measure import UNITS


def fold(text: str) -> str:
    """The text without case and accents, sign by sign."""
    return "".join(_plain(sign) for sign in text)


def _plain(sign: str) -> str:
    bare = "".join(part for part in normalize("NFD", sign) if not combining(part)).lower()
    return bare if len(bare) == 1 else sign


_WRITTEN = ("kg", "g", "l", "ml", "h", "u", "raciones", "kcal")
"""The words by which amounts are written anew, one for each unit and factor."""
_SLIPS = {
    "k": "kg", "ks": "kg", "kl": "kg", "kls": "kg", "kgr": "kg", "kgrs": "kg", "kilito": "kg", "kilitos": "kg", "unid": "u", "unids": "u", "uds": "u", "ltr": "l", "ltrs": "l", "litrs": "l",
}  # fmt: skip
UNIT = {
    fold(word): next(short for short in _WRITTEN if UNITS[short] == meant) for word, meant in UNITS.items()
}
UNIT |= _SLIPS
"""The word by which a unit is written anew, by every word that people type for it."""
OTHER_MEASURES = expression(
    r"lbs?|libras?|pounds?|oz|onzas?|ounces?|t|tons?|tonnes?|toneladas?|qq|quintal(?:es)?|arrobas?|galon(?:es)?|gallons?|pints?|pintas?"
    r"|quarts?|stone|mg|[cdh]l"
)
"""Measures that are not reckoned with here: what they measure is no count of pieces."""
MEASURE = "|".join(sorted(UNIT, key=len, reverse=True))
"""Any word for a unit, in a pattern."""

WORDED = {
    "un": "1", "una": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7", "ocho": "8",
    "nueve": "9", "diez": "10", "once": "11", "doce": "12", "quince": "15", "veinte": "20", "treinta": "30", "cuarenta": "40",
    "cincuenta": "50", "cien": "100", "medio": "0.5", "media": "0.5", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "twelve": "12", "fifteen": "15",
    "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50",
}  # fmt: skip
"""Numbers that are understood as words; any other is asked back in figures."""
_LARGER = (
    "sesenta setenta ochenta noventa ciento cientos doscientos trescientos cuatrocientos quinientos mil"
    " sixty seventy eighty ninety hundred thousand half quarter kilo"
)
_COUNTING = "|".join((*WORDED, *_LARGER.split()))

FIGURE = expression(
    r"(?<![\w.,/:'’+\-–—])([0-9]++(?:[.,'’][0-9]++)*+)(?![/:\-–—+×*][0-9]|\s*[%°º$])[ \t]*([^\W\d_]+)?"
)
WORD = expression(rf"\b({'|'.join(WORDED)})\s+({MEASURE})\b")
"""A number in words with its unit; before it, one in figures with the word beside it."""
BESIDE = expression(
    rf"(?:[0-9½¼¾]|\b(?:{_COUNTING}))\s*(?:a|o|u|y|e|to|or|and|hasta|(?:out\s+)?(?:de|of)(?:\s+(?:l[oa]s|the))?|[-–—x×*+/])?\s*$"
)
"""What before a number makes it one end of a range or a part of a larger one."""
FURTHER = expression(
    r"\s*(?:y|con|and)\s+(?:(?:un|una|a)\s+)?(?:medi[oa]s?|half|cuartos?|quarters?)\b|\s*(?:a|o|to|or|[-–—x×*])?\s*[0-9½¼¾]"
    rf"|\s*(?:mil|thousand|cientos)\b|\s*(?:y|and)\s+(?:{_COUNTING})\b"
)
"""What after a number makes it so."""
_NOW_ON = r"(?:hasta\s(?:ahora|el\smomento|aqui|aca)|por\sahora|so\sfar(?!\saway)|(?:until|up\sto|till)\snow)"
_AT_LEAST = r"(?:al\smenos|(?:por\s)?lo\smenos|como\sminimo|at\sleast)"
_NEARLY = r"(?:aprox(?:imad[oa]s?|imadamente)?|approx(?:imately)?|roughly|mas\s(?:o\s)?menos|masomenos|give\sor\stake|more\sor\sless)"
_END = r"(?=\s?(?:[.,;:!?)\n\x1e\x1f]|$))"
NUMBER = rf"(?=[0-9]|{WORD.pattern})"
"""Where a number begins, in figures or in words with its unit."""
_ABOUT = expression(
    r"\b(?:casi|mas\s+de|menos\s+de|cerca\s+de|alrededor\s+de|sobre|hasta|almost|nearly|over|more\s+than|less\s+than|around|up\s+to"
    rf"|bordeando|tipo|como\s+a|close\s+to|(?:just\s+)?(?:under|below|shy\s+of)|circa|ca?\.?|{_AT_LEAST}|{_NEARLY}\.?)\s+(?:a\s+)?(?:l[oa]s\s+)?{NUMBER}|\bthan\s+(?=[0-9])|[~\u00b1\u2248]\s?(?=[0-9])"
)
"""Words before a number that is not exactly so."""
_OR_SO = expression(
    rf"(?<=[0-9])(?:\+|\s?-?(?:ish|odd)\b|\sy\s(?:tant[oa]s|algo)\b)|\by\spico\b|\b{_NEARLY}\b|\b(?:o|or)\s(?:mas|menos|more|less|so|por\sahi)\b"
    rf"|\b(?:y\scontando|and\scounting)\b|(?<!\by )(?<!\band )(?<!, )\b{_NOW_ON}\b"
    rf"|(?<!\by )(?<!\band )\b(?:{_NOW_ON}|{_AT_LEAST}){_END}"
)
"""Words behind it, in one clause with it."""
_CLAUSE = expression(r"[.,](?![0-9])|[;:!?()\n\x1e]")
_SO_FAR = expression(
    rf"\b(?:{_NOW_ON}|{_AT_LEAST}|{_NEARLY})[\s,:]{{0,3}}(?:(?:ya|les|se|hemos|llevamos|nosotr[oa]s|we|have|had)\s){{0,2}}$"
)


def inexact(before: str, said: str) -> bool:
    """Whether folded words count only roughly, or only so far: those `before` a hashtag, and those `said` after it, in which what
    stands beside the count was set aside. What was counted is counted exactly."""
    if _ABOUT.search(said) or _SO_FAR.search(before[-80:]):
        return True
    leads = (_CLAUSE.split(said[: found.start()].rstrip(" ,(")) for found in _OR_SO.finditer(said))
    return any(re.search(NUMBER, lead[-1]) for lead in leads)
