"""A sentence from which amounts, days and words are taken one after the other; what is left is what was not understood.

Everything is looked for in a folded copy (no case, no accents) that has the length of the text, so that what is found is taken
as it was written. What was taken leaves a gap that no later search reaches across. A number is never guessed: where it has two
readings, or is one end of a range, NotAllowedError says so.
"""

import re
from dataclasses import dataclass
from datetime import date
from unicodedata import combining, normalize

from node.domain.day_words import Found, find_day
from node.domain.kind import NotAllowedError
from node.domain.measure import UNITS
from node.tongues import message

GAP = "\x1f"


def fold(text: str) -> str:
    """The text without case and accents, sign by sign."""
    return "".join(_plain(sign) for sign in text)


def _plain(sign: str) -> str:
    bare = "".join(part for part in normalize("NFD", sign) if not combining(part)).lower()
    return bare if len(bare) == 1 else sign


_WRITTEN = ("kg", "g", "l", "ml", "h", "u", "raciones", "kcal")
"""The words by which amounts are written anew, one for each unit and factor."""
_SLIPS = {
    "kl": "kg", "kls": "kg", "kgr": "kg", "kgrs": "kg", "kilito": "kg", "kilitos": "kg", "ltr": "l", "ltrs": "l", "litrs": "l",
}  # fmt: skip
_UNIT = {
    fold(word): next(short for short in _WRITTEN if UNITS[short] == meant) for word, meant in UNITS.items()
}
_UNIT |= _SLIPS
_UNITS = "|".join(sorted(_UNIT, key=len, reverse=True))

_WORDED = {
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
_COUNTING = "|".join((*_WORDED, *_LARGER.split()))

_FIGURE = re.compile(
    r"(?<![\w.,/:'’+\-–—])([0-9]++(?:[.,'’][0-9]++)*+)(?![/:\-–—+×*][0-9]|\s*[%°º$])[ \t]*([^\W\d_]+)?"
)
_WORD = re.compile(rf"\b({'|'.join(_WORDED)})\s+({_UNITS})\b")
_BESIDE = re.compile(rf"(?:[0-9½¼¾]|\b(?:{_COUNTING}))\s*(?:a|o|u|y|e|to|or|and|hasta|[-–—x×*+/])?\s*$")
"""What before a number makes it one end of a range or a part of a larger one."""
_FURTHER = re.compile(
    r"\s*(?:y|con|and)\s+(?:(?:un|una|a)\s+)?(?:medi[oa]s?|half|cuartos?|quarters?)\b|\s*(?:a|o|to|or|[-–—x×*])\s*[0-9]"
    rf"|\s*(?:mil|thousand|cientos)\b|\s*(?:y|and)\s+(?:{_COUNTING})\b"
)
"""What after a number makes it so."""
_PACKED = re.compile(
    r"\b(?:bolsas?|paquetes?|sacos?|cajas?|bidon|bidones|botellas?|tarros?|latas?|bags?|packs?|sacks?|boxes|bottles?|tins?|cans?)"
    r"\s+(?:de|of)\s*$"
)
_CARRIED = re.compile(r"(?<!\w)@[\w.@:-]+|https?://\S+")
"""Mentions and addresses: no words of the sentence."""

_STOP = re.compile(rf"[{GAP},;:.!?¡¿()\[\]\"\n#…]")
_END = re.compile(r"\n|#|[.!?…]+(?=\s+[A-ZÁÉÍÓÚÑ¿¡]|\s*$)")
_LEADING = re.compile(r"^(?:[^\w#@(¿¡\"]+|(?:de|del|of)\s+)+", re.IGNORECASE)
_TRAILING = re.compile(
    r"(?:[\s\-–—*•:,.]+|\s(?:de|del|en|para|y|a|al|el|la|los|las|con|antes|hasta|por|favor|porfa|porfis|gracias|of|by|and|please"
    r"|thanks|in|for|the|before|until))+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as typed, the word by which its unit is written anew ("" where none was understood), and the word beside it."""

    number: str
    unit: str
    word: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """As it reads again."""
        return f"{self.number} {self.unit}".strip()


class Sentence:
    """The sentence that starts at a place of a text, up to its end; `whole` takes all of the text for one."""

    def __init__(self, text: str, start: int, *, whole: bool = False) -> None:
        end = None if whole else _END.search(text, start)
        stop = end.start() if end else len(text)
        self._text = _CARRIED.sub(lambda found: GAP * len(found[0]), text[start:stop])
        self._after = text[stop:]
        self.folded = fold(self._text)

    @property
    def has_number(self) -> bool:
        """Whether anything in it is a number."""
        return bool(re.search(r"[0-9½¼¾]", self.folded) or _WORD.search(self.folded))

    @property
    def measured(self) -> bool:
        """Whether a number stands beside a word for a unit."""
        return bool(re.search(rf"[0-9½¼¾]\s*(?:{_UNITS})\b", self.folded) or _WORD.search(self.folded))

    def take(self, pattern: "re.Pattern[str]") -> "re.Match[str] | None":
        """Take the first match out."""
        found = pattern.search(self.folded)
        if found:
            self._blank(*found.span())
        return found

    def take_day(self, today: date, *, bare: bool = False) -> Found | None:
        """Take the first day out (`find_day`)."""
        found = find_day(self.folded, today, bare=bare)
        if found:
            self._blank(found.start, found.end)
        return found

    def take_amount_after(self, words: "re.Pattern[str]") -> Amount | None:
        """Take the amount out that stands right after these words, which end in `$`."""
        for amount in self._amounts():
            before = words.search(self.folded[: amount.start])
            if before is not None and amount.unit:
                self._blank(before.start(), amount.end)
                return amount
        return None

    def amount(self, field: str) -> Amount:
        """The one amount: that with a unit, else the first number. NotAllowedError where there is none or it is in doubt."""
        amounts = [found for found in self._amounts() if not _PACKED.search(self.folded[: found.start])]
        measured = [found for found in amounts if found.unit]
        chosen = measured[:1] or amounts[:1]
        if not chosen:
            raise NotAllowedError(field, message("how much, like {example}"), example="40 kg")
        found = chosen[0]
        beside = _BESIDE.search(self.folded[: found.start]) or _FURTHER.match(self.folded, found.end)
        if (
            len(measured) > 1
            or beside
            or (not found.unit and _FURTHER.match(self.folded, self._number_end(found)))
        ):
            raise NotAllowedError(field, message("one amount in figures, like {example}"), example="40 kg")
        return found

    def goods(self, amount: Amount) -> str:
        """The words right after an amount, else those right before it; taken out together with it."""
        start = amount.end if amount.unit or not amount.word else amount.end - len(amount.word)
        stop = _STOP.search(self._text, start)
        end = stop.start() if stop else len(self._text)
        words = trimmed(self._text[start:end])
        if not words:
            lead = [found.end() for found in _STOP.finditer(self._text, 0, amount.start)]
            begins = [place for place in (0, *lead) if trimmed(self._text[place : amount.start])]
            opening = begins[-1] if begins else amount.start
            closing = _STOP.search(self._text, opening, amount.start)
            words = trimmed(self._text[opening : closing.start() if closing else amount.start])
            self._blank(opening, end)
        else:
            self._blank(amount.start, end)
        return words

    def rest(self, before: str) -> list[str]:
        """What was not taken, `before` the sentence, in it and after it: pieces that say something."""
        pieces = (_CARRIED.sub(" ", before), *self._text.split(GAP), self._after)
        cleaned = (re.sub(r"^[^\w#@(¿¡\"]+", "", piece).strip() for piece in pieces)
        return [
            piece for piece in cleaned if len(re.findall(r"[^\W\d_]", _TRAILING.sub("", f" {piece}"))) > 2
        ]

    def _blank(self, start: int, end: int) -> None:
        gap = GAP * (end - start)
        self._text = self._text[:start] + gap + self._text[end:]
        self.folded = self.folded[:start] + gap + self.folded[end:]

    def _amounts(self) -> list[Amount]:
        found = []
        for figure in _FIGURE.finditer(self.folded):
            word = self._text[figure.start(2) : figure.end(2)] if figure[2] else ""
            unit = _UNIT.get(figure[2] or "", "")
            end = figure.end() if word else figure.end(1)
            found.append(Amount(figure[1], unit, word, figure.start(), end))
        for worded in _WORD.finditer(self.folded):
            found.append(Amount(_WORDED[worded[1]], _UNIT[worded[2]], worded[2], *worded.span()))
        return sorted(found, key=lambda amount: amount.start)

    @staticmethod
    def _number_end(amount: Amount) -> int:
        return amount.start + len(amount.number)


def trimmed(words: str) -> str:
    """Words without the signs and joints around them."""
    return _LEADING.sub("", _TRAILING.sub("", f" {words}")).strip()
