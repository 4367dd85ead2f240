"""Whether a meal is said of more days than one: `este mes #servimos 2500 raciones`. What was served on each of them is counted by
itself, so such a sum is asked back. Found in folded text (`domain.sentence`).
"""

import re

from node.domain.day_words import MONTHS, WEEKDAYS
from node.domain.sentence import EVERY

SERVINGS = (
    "racion raciones porcion porciones plato platos almuerzo almuerzos desayuno desayunos once onces comida comidas cena cenas"
    " colacion colaciones vianda viandas"
    " ration rations serving servings plate plates meal meals portion portions lunch lunches dinner dinners breakfasts"
)
COURSE = rf"(?:{SERVINGS.replace(' ', '|')})"
"""What is counted at a table, by name, and a pattern of any of it."""
_WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})"
_MONTH = rf"(?:{'|'.join(name for name in MONTHS if len(name) > 3 or name == 'may')})"
"""`mar` is a sea more often."""
_PERIOD = r"(?:fin(?:es)?\s+de\s+semana|semanas?|mes(?:es)?|anos?(?!\s+nuevo\b)|weekends?|weeks?|months?|(?<!new )years?)\b"
_DAY = rf"[0-9]{{1,2}}(?:st|nd|rd|th)?(?:\s+(?:de\s+|of\s+)?{_MONTH})?"
_SPAN = re.compile(
    rf"{EVERY.pattern}|\b(?:en|durante|est[ae]|es[ae]|l[ao]s?|el|al|del|por|tod[ao]s?|this|last|the|per|a|each|all|in)"
    rf"\s+(?:[^\W\d_]+\s+)?{_PERIOD}"
    rf"|\b(?:ultim[oa]s|primer[oa]s|last|past|first)\s+(?:\w+\s+)?(?:{_PERIOD}|(?:dias|days)\b)"
    rf"|\b(?:en|durante|in|during|over)\s+(?:[0-9]+|[^\W\d_]+)\s+(?:{_PERIOD}|(?:dias|days)\b)"
    r"|\ben\s+lo\s+que\s+va\s+del?\s+(?!dia\b|hoy\b)"
    rf"|\b(?:en|durante|desde|todo|in|during|since)\s+(?:{_MONTH}\b(?!\s+[0-9])|20[0-9]{{2}}\b(?![-/.,:]?[0-9]))"
    rf"|\b(?:desde|since)\s+(?:(?:el|the)\s+)?(?:{_WEEKDAY}|[0-9]{{1,2}}\s+de)\b"
    rf"|\b{_WEEKDAY}\s+(?:y|al?|and|to)\s+(?:el\s+)?{_WEEKDAY}\b"
    rf"|\b(?:entre|between)\s+(?:el|the)\s+[0-9]|\b{COURSE}\s+(?:al|por|a|per|each)\s+(?:dia|day)\b"
    rf"|\bdel\s+{_DAY}\s*(?:-|–|\bal\b|\bhasta\s+el\b)\s*[0-9]|\bfrom\s+(?:the\s+)?(?:{_MONTH}\s+)?{_DAY}\s+(?:to|until|through)\s+(?:the\s+)?"
    rf"(?:{_MONTH}\s+)?[0-9]{{1,2}}(?:st|nd|rd|th)?\b(?!\s*(?:[ap]\.?m|h))"
    r"|\b(?:diari[ao]s?|diariamente|semanal(?:es|mente)?|mensual(?:es|mente)?|anual(?:es|mente)?|daily|weekly|monthly|yearly)\b"
)
"""More days than one."""
_AS_USUAL = re.compile(
    rf"\b(?:como|igual\s+que|as|like)\s+(?:{_SPAN.pattern})"
    r"|\b(?:para|to)\s+(?:cerrar|terminar|empezar|comenzar|close|end|start)\s+(?:bien\s+)?(?:la|el|the)\s+(?:fin\s+de\s+semana|semana|weekend|week)\b"
)
"""`como todos los viernes`, `para cerrar la semana` tell of the one day on which it is said."""
_NEAR = r"(?:hoy(?:\s+dia)?|ayer|anteayer|today|yesterday)"
_ONE_DAY = re.compile(rf"(?<!hasta )(?<! a )(?<!until )(?<! to )\b{_NEAR}\W*$")
"""The one day that is said right before the hashtag; of a week is said something else then."""
_ONE_DAY_SERVED = re.compile(rf"\W*[0-9][0-9.,]*\s+{COURSE}\s+{_NEAR}\b")
_TOTAL = re.compile(r"\b(?:en\s+total|in\s+total|altogether)\b")
_TITLE = re.compile(
    r"\W*(?:resumen|balance|recuento|total(?:es)?|cierre|informe|reporte|summary|report|recap)\b.*|.*:\s*"
)
"""A line above, of which what stands below is a part."""
_TITLED = re.compile(
    rf"{_SPAN.pattern}|(?<![0-9] )(?<![0-9] de )\b{_MONTH}\b(?!\s+[0-9])|^[^0-9]*\b20[0-9]{{2}}\W*$"
)


def opening_of(before: str) -> int:
    """Where the last sentence of a text begins."""
    return max(before.rfind(sign) for sign in ".!?\n") + 1


def lasts(before: str, said: str) -> bool:
    """Whether what is counted lasted for more than a day, by the words `before` a hashtag and by those `said` after it."""
    if _ONE_DAY.search(before) or _ONE_DAY_SERVED.match(said):
        return False
    return _is_said(_SPAN, before[opening_of(before) :], said)


def sums_up(before: str, said: str) -> bool:
    """Whether what names no day of its own is the sum of several: `en total`, or below `Resumen de la semana:`."""
    if _is_said(_TOTAL, before[opening_of(before) :], said):
        return True
    titles = (line for line in re.split(r"[.!?\n]+", before)[:-1] if _TITLE.fullmatch(line))
    return any(_TITLED.search(_AS_USUAL.sub(" ", line)) for line in titles)


def _is_said(span: "re.Pattern[str]", opening: str, said: str) -> bool:
    """Whether a span is said of what is counted: before the hashtag or beside the number, with no other clause between."""
    opening, said = (_AS_USUAL.sub(lambda usual: " " * len(usual[0]), each) for each in (opening, said))
    for found in list(span.finditer(opening))[-1:]:
        if not re.match(r"\W*\w.*[^\w\s]", opening[found.end() :]):
            return True
    figure = re.search(r"[0-9]", said)
    for found in span.finditer(said):
        start, end = sorted((figure.start() if figure else 0, found.start()))
        if not re.search(r"[.,;:!?\n](?![0-9])\s*\w", said[start:end]):
            return True
    return False
