"""Which goods stand beside a number: as they are known, counted by the piece, or in what holds several. In folded text but for goods,
which are as they were typed."""

import re

from node.domain.counting import fold
from node.domain.dishes import good_in
from node.domain.expression import expression
from node.domain.sentence import PACK
from schemas.goods import good_named

_FURTHER = expression(
    r"\s+(?=(?:a|al|en(?!\s+(?:latas?|polvo|conservas?|tarros?|grano)\b)|para|por|con|si|que|no|antes|hasta|desde|como|lo|in|at|by|for|with|if|not|before|after|until|from|as)\s)|\s+(?=(?:asap|m[aá]ximo)\b)",
    re.IGNORECASE,
)
PIECES = expression(
    r"(?:huevos?|eggs?|pan(?:es)?|bread|lechugas?|lettuces?|cebollas?|onions?|limon(?:es)?|lemons?|platanos?|bananas?|naranjas?|oranges?|manzanas?|apples?|repollos?|cabbages?|zapallos?|choclos?|elotes?|panal(?:es)?|nappies|diapers"
    rf"|(?:face\s+)?masks?|mascarillas?|(?:food\s+)?containers?|envases?|{PACK}\s.*)"
)
"""Goods that are counted as well as weighed."""
_PLURAL = expression(r"e?s?$")
_OF = expression(r"\b(?:para|de|con|for|of|with)\b")
SEVERAL = expression(
    rf"{PACK}|docenas?|dozens?|carton(?:es)?|cartons?|maples?|atados?|manojos?|pares|pairs?|cajitas?|bolsitas?"
)
"""What holds several pieces: a need of so many of them counts nothing else."""


def good_first(what: str) -> tuple[str, str]:
    """A known good, and the words that follow it; else all of the words but those of time behind them."""
    for joint in (None, *reversed(list(_FURTHER.finditer(what)))):
        good, rest = (what, "") if joint is None else (what[: joint.start()], what[joint.end() :])
        if good_named(good) is not None:
            return good, rest
    return good_in(what)


def is_counted(word: str, what: str) -> bool:
    """Whether a folded word names the pieces that a need of `what` counts: `huevos`, `bolsas` of `bolsas de pan`."""
    words = re.split(_OF.pattern, fold(what))[0].split()
    counted = words[:1] if words and SEVERAL.fullmatch(words[0]) else words
    if _PLURAL.sub("", word) in {_PLURAL.sub("", each) for each in counted}:
        return True
    good = good_named(word)
    return good is not None and good == good_named(what)
