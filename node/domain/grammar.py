"""What people mean by a post with a hashtag: `#necesitamos 40 kg lentejas antes del 28/8`. Spanish and English.

    read(text, tongue, today)     a command, told by its hashtag
    command_in_passing(text)      how a hashtag without an amount would be a command
    is_bare(text)                 whether a text is a command and nothing else

It forgives accents, case, small slips, units glued to their number, words around. It never guesses a number: what has two
readings is `Unclear`, and so is a sentence in which a number is left over, or that denies or asks (`domain.denial`). Words that
no field holds are details: none is lost.
"""

import re
from collections.abc import Mapping
from datetime import date

from node.domain.acts import ACTS, PLANS, SAID, Act, Command, Unclear, Understood, act_of, sound
from node.domain.counting import MEASURE, fold
from node.domain.denial import refuse_denied
from node.domain.expression import expression
from node.domain.kind import NotAllowedError
from node.domain.reading import Reading
from node.domain.sentence import MENTIONS, Sentence, tidied
from node.tongues import Tongue
from schemas import Unit

_BARE = 4
"""Words that may stand beside an amount in a post that is nothing else."""

_HASHTAG = expression(r"(?<![\w/&#])#(\w+)")
_ITEM = expression(rf"(?:[-–—*•·]\s*)?[0-9][0-9.,]*\s*(?:{MEASURE})\b.*")
"""A line of a list, in folded text."""


def read(text: str, tongue: Tongue, today: date, unit: Unit | None = None, what: str = "") -> Understood:
    """The command in a plain text. `unit` and `what` are those of the need which is answered: what a number without a unit counts.

    In the midst of a sentence a hashtag is a command only with a number after it; at the start of a line it always is, and one
    that answers something also at the end.
    """
    text = tidied(text)
    for found in _HASHTAG.finditer(fold(text)):
        act = act_of(found[1])
        if act is None:
            continue
        sentence, before = Sentence(text, found.end()), text[: found.start()]
        ends = act not in SAID and not re.search(r"\w", text[found.end() :])
        if not (_begins_line(before) or ends or sentence.has_number):
            continue
        reading = Reading(sentence, tongue, today, unit, what)
        try:
            refuse_denied(act, fold(before), fold(text[found.end() :]))
            return Command(act, _fields(reading, act, found[1], before), _also_asked(sentence.after))
        except NotAllowedError as refusal:
            return Unclear(act, refusal.field, refusal.expected, refusal.values)
    return None


def command_in_passing(text: str) -> str:
    """How the first hashtag of a text that is no command for want of a number, though it names a thing that can be said, would be
    one: `#servimos 118`; else ""."""
    for found in _HASHTAG.finditer(fold(tidied(text))):
        act = ACTS.get(sound(found[1]))
        if act in SAID:
            return f"{found[0]} {'118' if act is Act.MEAL else '40 kg'}"
    return ""


def is_bare(text: str) -> bool:
    """Whether hardly a word stands beside the hashtag of a text and its mentions: whoever reads it alone learns nothing."""
    return len(re.findall(r"[^\W\d_]+", MENTIONS.sub("", _HASHTAG.sub("", text)))) <= _BARE


def _begins_line(before: str) -> bool:
    """Whether only mentions and signs stand before it on its line."""
    return not re.search(r"\w", MENTIONS.sub("", before.rpartition("\n")[2]))


def _fields(reading: Reading, act: Act, word: str, before: str) -> Mapping[str, str]:
    """The fields of a command, by its hashtag and the words `before` it."""
    match act:
        case Act.UNDO:
            return {}
        case Act.REJECT:
            return reading.refusal(before)
        case Act.CONFIRM:
            return reading.confirmation()
        case Act.PLEDGE:
            return reading.pledge(before)
        case Act.RECEIPT:
            return reading.receipt(before)
        case Act.MEAL:
            return reading.meal("planned" if word in PLANS else "served", before)
        case Act.NEED | Act.OFFER:
            return reading.goods(before)


def _also_asked(after: str) -> str:
    """The first line after the sentence that would be a command, or begins with another amount; "" where there is none."""
    for line in after.split("\n"):
        plain = fold(line).strip()
        tagged = any(ACTS.get(sound(found[1])) in SAID for found in _HASHTAG.finditer(plain))
        if (tagged and re.search(r"[0-9]", plain)) or _ITEM.fullmatch(plain):
            return line.strip()
    return ""
