"""Packs of so much each: three bags of 25 kg are 75 kg. Only where nothing else is counted and nothing makes them other than so many."""

from dataclasses import dataclass

from node.domain.counting import BESIDE, FURTHER, MEASURE, UNIT
from node.domain.expression import expression
from node.domain.measure import UNITS
from node.domain.sentence import PACK
from schemas import Unit

_PACKS = expression(
    rf"(?<![\w.,/:'’+\-–—])([0-9]{{1,4}})\s+{PACK}\s+(?:(?:de|of)\s+([^\W\d_]+(?:\s+[^\W\d_]+)?)\s+)?(?:de|of|con)\s+"
    rf"([0-9]++(?:[.,][0-9]++)?+)\s*({MEASURE})\b"
)
_OF_WHAT = expression(r"\s+(?:de|of)\s+([^\W\d_]+(?:\s+[^\W\d_]+)?)")
_PART_OF = expression(
    r"\b(?:de|of|los|las|the|hasta|casi|cada|each|every|un[oa]s?|como|about|around|nearly|almost|al\s+menos|at\s+least)\s*$"
)
"""What before a count says that it is not exactly so many that are meant."""
_FIGURE = expression(r"[0-9½¼¾]")


@dataclass(frozen=True, slots=True)
class Packs:
    """How many, and how much each holds, as typed, in a unit as it is written anew; the words that say of which good they are, where
    they do; and where all of it stands."""

    count: int
    held: str
    unit: str
    what: str
    start: int
    end: int


def find_packs(folded: str, unit: Unit) -> Packs | None:
    """The packs of a folded sentence that hold something in this unit; None where another number stands beside them."""
    found = _PACKS.search(folded)
    if found is None or UNITS[UNIT[found[4]]][0] is not unit:
        return None
    before, after = folded[: found.start()], folded[found.end() :]
    if _PART_OF.search(before) or BESIDE.search(before) or FURTHER.match(after):
        return None
    if _FIGURE.search(before) or _FIGURE.search(after):
        return None
    behind = _OF_WHAT.match(after)
    what = found[2] or (behind[1] if behind else "")
    return Packs(int(found[1]), found[3], UNIT[found[4]], what, *found.span())
