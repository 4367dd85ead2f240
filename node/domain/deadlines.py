"""A line that is a deadline and nothing else: `Antes del viernes a las 13:00`, `Plazo: 28/8, gracias`. In folded text."""

import re
from datetime import date

from node.domain.day_words import Found, find_day
from node.domain.expression import expression

_DEADLINE = expression(
    r"\bp/|\b(?:antes|hasta|para|pal?|xa|de\s+(?:aqui|aca|hoy)\s+al?|by|before|until|till|due|plazo|fecha|deadline|maximo|a\s+mas\s+tardar)\b"
)
"""What makes a day on a line of its own a deadline, and no date or street."""
_BESIDE = expression(
    r"\b(?:plazo|fecha(?:\s+(?:limite|tope|maxima))?|deadline|maximo|por\s+favor|porfa|(?:muchas\s+)?gracias|please|thanks|thank\s+you)\b"
)


def only_deadline(line: str, today: date) -> Found | None:
    """The day that a line sets; None where it says anything else, or names a day without saying that it is the last."""
    if not _DEADLINE.search(line):
        return None
    found = find_day(line, today, bare=True) or find_day(line, today, bare=False)
    if found is None or re.search(r"\w", _BESIDE.sub("", line[: found.start] + line[found.end :])):
        return None
    return found
