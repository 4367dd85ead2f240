"""A sentence from which amounts, days and words are taken one after the other; what is left is what was not understood.

Everything is looked for in a folded copy (no case, no accents) that has the length of the text, so that what is found is taken
as it was written. What was taken leaves a gap that no later search reaches across; what is set aside leaves one too, but is
among the words that are left (`rest`). A number is never guessed: where it has two readings, is one end of a range or a part of
something else, or where another one is left over, NotAllowedError says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from unicodedata import normalize

from node.domain.counting import BESIDE, FIGURE, FURTHER, MEASURE, OTHER_MEASURES, UNIT, WORD, WORDED, fold
from node.domain.day_words import WEEKDAYS, Found, find_day
from node.domain.deadlines import only_deadline
from node.domain.eaters import HOUSEHOLDS, PERSONS
from node.domain.expression import expression
from node.domain.kind import NotAllowedError
from node.tongues import message

GAP = "\x1f"
_ASIDE = "\x1e"
_LONGEST = 400
"""Characters of a sentence that are looked through; what follows is left as it is."""


def tidied(text: str) -> str:
    """The text in composed letters, without runs of spaces and of empty lines, which say nothing and take long to look through."""
    plain = normalize("NFC", text).replace(GAP, " ").replace(_ASIDE, " ")
    plain = re.sub(r"(?<![\w/])([pP]/)(?=[^\W\d_])", r"\1 ", plain)  # `p/el domingo`
    return re.sub(r"(?: ?\n)++ ?", "\n", re.sub(r"[^\S\n]++", " ", plain))


PACK = (
    r"(?:bolsas?|bolsones|paquetes?|sacos?|mallas?|cajas?|cajones|bandejas?|bidon|bidones|botellas?|tarros?|latas?|frascos?|balon|balones"
    r"|cilindros?|bags?|packs?|packets?|sacks?|boxes|crates?|bottles?|tins?|cans?|jars?|cylinders?)"
)
_PACKED = expression(rf"\b{PACK}\s+(?:(?:de|of)\s+\w+\s+)?(?:de|of|con)\s*$")
_OF_EACH = expression(r"\s*[^\W\d_](?:[^\W\d_]|\s)*\s(?:de|of)\s*")
"""What stands between a count and what each of the counted holds: `4 balones de gas de 15 kg`."""
MENTIONS = expression(r"@[\w.@:-]+")
_CARRIED = expression(r"(?<!\w)@[\w.@:-]+|https?://\S+")
"""Mentions and addresses: no words of the sentence."""
ADDRESSED = expression(r"^(?:\s*@[\w.@:-]+)+")
"""The handles that apps write before an answer."""
_WORDED_PACK = expression(rf"\b(?:{'|'.join(WORDED)}|a)\s+(?!total\b)(?:[^\W\d_]+\s+){{1,3}}(?:de|of)\s*$")
"""A count in words of what each holds so much: `una olla de 50 litros` are no 50 litres."""
_WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})s?\b"
EVERY = expression(
    rf"\b(?:cada|todos\s+los|los|every|each)\s+(?:{_WEEKDAY}(?:\s*(?:,|y|and)\s+(?:los\s+)?{_WEEKDAY})*|dias?\b|day\b)"
    rf"|\b(?:cada|todas\s+las|every|each)\s+(?:semanas?|mes(?:es)?|week|month)\b|\b(?:del?|from)\s+{_WEEKDAY}\s+(?:al?|to)\s+{_WEEKDAY}"
)
"""Days that come again and again: none of them is meant alone."""
_HOUR = r"(?:[01]?[0-9]|2[0-4])(?:[:.][0-5][0-9])?(?![0-9])"
_O_CLOCK = r"\s*(?:hrs?|hs|h|horas)\b\.?"
_COMES = "paso pasamos voy vamos llego llegamos estoy estamos abrimos empezamos comenzamos comemos hoy manana viernes sabado domingo"
"""Words behind which `tipo 11` is an hour, and not about as many."""
_PAST = r"\s+y\s+(?:media|cuarto)\b(?!\s+(?:de\s+)?(?:docena|kilo|kg|litro))"
_ENDS = r"(?=\s*(?:[,;:.!?)\n\x1e\x1f]|$|(?:(?:de|en|por)\s+la\s+(?:manana|tarde|noche)|por\s+favor|porfa\w*|gracias|please|thanks)\b))(?![.,:][0-9])"
_COMING = f"(?:{'|'.join(rf'(?<={word} )' for word in _COMES.split())})"
CLOCK = expression(
    rf"\b(?:de|entre|desde|from|between)\s+(?:las?\s+)?{_HOUR}\s+(?:a|y|hasta|to|and|until)\s+(?:(?:las?\s+){_HOUR}(?:{_O_CLOCK})?"
    rf"|{_HOUR}(?:{_O_CLOCK}|\s*[ap]\.?m\b\.?))"
    rf"|\b(?:entre|between)\s+{_HOUR}\s+(?:y|and)\s+{_HOUR}(?!\s*(?:{MEASURE})\b)"
    rf"|\b(?:a|desde|hasta|tipo|sobre)\s+las?\s+{_HOUR}(?:{_PAST})?(?:{_O_CLOCK})?(?!\s*(?:[0-9]|{PERSONS}|{HOUSEHOLDS}))"
    rf"|\b(?:antes|despues|(?:a\s+)?partir)\s+de\s+las?\s+{_HOUR}(?:{_PAST})?(?:{_O_CLOCK})?{_ENDS}"
    rf"|\b(?:{_COMING}tipo|at|(?:opens?|from|until|till)(?:\s+at)?)\s+(?:[01]?[0-9]|2[0-4])(?::[0-5][0-9])?(?![0-9])(?:{_O_CLOCK})?{_ENDS}"
    rf"|\b(?:at\s+)?{_HOUR}\s*[ap]\.?m\b\.?|(?<![\w.,:])[0-9]{{1,2}}:[0-9]{{2}}(?:{_O_CLOCK})?(?![\w:])"
)
_PLACE = expression(
    r"\b(?:en|desde|at|from|in)\s+(?:(?:el|la|los|las|the|calle|pasaje|avenida|av\.?)\s+)*[A-ZÁÉÍÓÚÑ][a-záéíóúñü]+"
    r"(?:\s+(?:(?:de|del|la|el|los|las|y)\s+)*[A-ZÁÉÍÓÚÑ][a-záéíóúñü]+)*"
    rf"(?:\s+(?:n[°º]\s*)?[0-9]{{1,5}}\b(?![.,:/][0-9]|\s*(?:{MEASURE})\b))?"
)
"""A place with a name, and its number; in the text as typed, because capitals tell it."""
_ASIDES = (
    CLOCK,
    expression(
        rf"(?<![0-9] )\b(?:(?:en|in)\s+)?{PACK}\s+(?:(?:de|of)\s+[^\W\d_]+\s+)?(?:de|of)\s+[0-9][0-9.,]*\s*(?:{MEASURE})\b(?!\s+(?:de|of)\b)"
    ),
    expression(
        rf"\b(?:(?:antes|hasta|para|desde)\s+)?(?:el|del|dia)\s+(?:dia\s+)?[0-9]{{1,2}}(?=\s*(?:[{GAP}{_ASIDE},;:.!?)\n]|$))"
    ),
    expression(r"\b(?:on\s+)?the\s+[0-9]{1,2}(?:st|nd|rd|th)\b"),
    expression(r"\b(?:much(?:as|isimas)|mil|infinitas|many)\s+(?:gracias|thanks)\b"),
    expression(
        r"\b(?:esta|la\s+proxima|this|next)\s+(?:semana|week)\b|\b(?:urgentes?|urgentemente|urgent|urgently|difundir|compartir)\b"
    ),
)
"""What a sentence may hold beside what it counts, numbers and all: hours, what each bag holds, days of a month, how urgent it is."""

_STOP = expression(rf"[{GAP}{_ASIDE},;:.!?¡¿()\[\]\"\n#…\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]")
_SHORT = expression(rf"([0-9]\s*(?i:{MEASURE}))\.(?=\s+[a-záéíóúñ])")
"""The point of an abbreviation, which ends no sentence: `10 kg. de azúcar`."""
_END = expression(r"\n|#|[.!?…]+(?=\s+[A-ZÁÉÍÓÚÑ¿¡]|\s*$)")
_BELOW = expression(r"[.!…\s]*\n\s*")
"""What stands between a sentence and the line below it."""
_LEADING = expression(r"^(?:[^\w#@(¿¡\"]++|(?:de|del|of)\s++)+", re.IGNORECASE)
_WORD = expression(r"[^\s\-–—*•:,.]++")
_JOINTS = "de del en para y a al el la los las con antes hasta por favor porfa porfis gracias of by and please thanks in for the before until"
"""Words that say nothing at an end."""
_MONEY = expression(
    r"pesos?|lucas?|luquitas?|millon(?:es)?|millions?|clp|usd|dolar(?:es)?|dollars?|bucks|euros?|quid|soles"
)
_SIGN_OF_MONEY = expression(r"(?:[$£€]|\b(?:clp|usd))\s*$")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as typed, the word by which its unit is written anew ("" where none was understood), and the word beside it."""

    number: str
    unit: str
    word: str
    start: int
    end: int
    through: int = 0
    """Where what each one holds is said, its end: `4 balones de gas de 15 kg`."""

    @property
    def text(self) -> str:
        """As it reads again."""
        return f"{self.number} {self.unit}".strip()


class Sentence:
    """The sentence that starts at a place of a tidied text, up to its end; `whole` takes all of the text for one."""

    def __init__(self, text: str, start: int, *, whole: bool = False) -> None:
        if not whole and not re.search(r"\w", text[start : start + _LONGEST].partition("\n")[0]):
            start += len(text[start:]) - len(
                text[start:].lstrip(" \t:\n")
            )  # what it counts stands on the line below
        piece = _SHORT.sub(r"\1 ", text[start : start + _LONGEST])
        end = None if whole else _END.search(piece)
        stop = end.start() if end else len(piece)
        if stop == _LONGEST:
            stop = piece.rfind(" ") + 1 or stop
        self._typed = self._text = piece[:stop]
        self.after = text[start + stop :]
        self.folded = fold(self._text)
        for carried in list(_CARRIED.finditer(self._text)):
            self._blank(*carried.span(), _ASIDE)

    @property
    def has_number(self) -> bool:
        """Whether anything in it is a number."""
        return bool(re.search(r"[0-9½¼¾]", self.folded) or WORD.search(self.folded))

    @property
    def has_figure(self) -> bool:
        """Whether a figure is left that nobody took or set aside."""
        return bool(re.search(r"[0-9½¼¾]", self.folded))

    @property
    def counts(self) -> int:
        """How many numbers it holds."""
        return len(self._amounts())

    @property
    def measured(self) -> bool:
        """Whether a number stands beside a word for a unit."""
        return bool(re.search(rf"[0-9½¼¾]\s*(?:{MEASURE})\b", self.folded) or WORD.search(self.folded))

    def take(self, pattern: "re.Pattern[str]") -> "re.Match[str] | None":
        """Take the first match out."""
        found = pattern.search(self.folded)
        if found:
            self._blank(*found.span())
        return found

    def take_only(self, pattern: "re.Pattern[str]") -> "re.Match[str] | None":
        """Take the first match out, where no other figure stands beside it."""
        found = pattern.search(self.folded)
        if found is None or re.search(r"[0-9½¼¾]", self.folded[: found.start()] + self.folded[found.end() :]):
            return None
        return self.take(pattern)

    def take_opening(self) -> str:
        """Take the first words out; "" where nothing but signs is left."""
        for piece in re.finditer(rf"[^{GAP}{_ASIDE},;:.!?¡¿()\n]+", self._text):
            if words := trimmed(piece[0]):
                self._blank(*piece.span())
                return words
        return ""

    def day(self, today: date, *, bare: bool = False) -> Found | None:
        """The first day (`find_day`)."""
        return find_day(self.folded, today, bare=bare)

    def take_deadline_below(self, today: date) -> tuple[str, Found] | None:
        """Take out the line below where it is a deadline and nothing else, `Antes del viernes a las 13:00`; comes back folded."""
        start = _BELOW.match(self.after)
        if start is None:
            return None
        line, end, rest = self.after[start.end() :].partition("\n")
        folded = fold(line)
        found = only_deadline(folded, today)
        if found is None:
            return None
        self.after = f"{end}{rest}"
        return folded, found

    def in_clause(self, place: int) -> bool:
        """Whether a place is in one clause with the first number."""
        figure = re.search(r"[0-9]", self.folded) or WORD.search(self.folded)
        if figure is None:
            return False
        start, end = sorted((figure.start(), place))
        return not re.search(r"[.,;:!?\n](?![0-9])|\b(?:pero|but)\b", self.folded[start:end])

    def clause_without(self, day: Found) -> str:
        """The other words of the clause in which a day stands."""
        sign = r"[.,;:!?\n]+(?![0-9])|\b(?:pero|but)\b"
        lead, tail = re.split(sign, self.folded[: day.start]), re.split(sign, self.folded[day.end :])
        return f"{lead[-1]} {tail[0]}"

    def take_span(self, start: int, end: int) -> None:
        """Take what stands there out."""
        self._blank(start, end)

    def put_back(self, words: str) -> None:
        """Let words at the end of what was taken out stand among what was not taken, where they were typed."""
        places = [found.span() for found in re.finditer(re.escape(words), self._typed)] if words else []
        for start, end in reversed(places):
            if not self._text[start:end].strip(GAP):
                through = end + len(self._text[end:]) - len(self._text[end:].lstrip(GAP))
                self._blank(start, end if _ended(self._typed[end:through]) else through, _ASIDE)
                return

    def set_all_aside(self, pattern: "re.Pattern[str]") -> None:
        """Set aside whatever a pattern finds."""
        for found in list(pattern.finditer(self.folded)):
            self._blank(*found.span(), _ASIDE)

    def set_span_aside(self, start: int, end: int) -> None:
        """Set aside what stands there."""
        self._blank(start, end, _ASIDE)

    def take_amount_after(self, words: "re.Pattern[str]") -> Amount | None:
        """Take the amount out that stands right after these words, which end in `$`, where it is not the only one."""
        amounts = self._amounts()
        for amount in amounts:
            before = words.search(self.folded[: amount.start])
            if before is not None and amount.unit and len(amounts) > 1:
                self._blank(before.start(), amount.end)
                return amount
        return None

    def set_aside(self, today: date, *also: "re.Pattern[str]") -> None:
        """Set aside what is said beside the amount (`_ASIDES`): other days, places, and what these patterns find."""
        for pattern in (*_ASIDES, *also):
            self.set_all_aside(pattern)
        for found in list(_PLACE.finditer(self._text)):
            self._blank(*found.span(), _ASIDE)
        while day := find_day(self.folded, today, bare=True):
            self._blank(day.start, day.end, _ASIDE)

    def set_aside_behind(self, first: str, pattern: "re.Pattern[str]") -> None:
        """Set aside what a pattern finds behind `first` (a pattern too) with nothing but words between, and nothing added."""
        if opening := re.search(first, self.folded):
            between = re.compile(r"(?:\s+(?!(?:y|e|and|mas|plus)\b)[^\W\d_]+)*?\s+")
            for found in list(pattern.finditer(self.folded, opening.end())):
                if between.fullmatch(self.folded, opening.end(), found.start()):
                    self._blank(*found.span(), _ASIDE)

    def amount(self, field: str) -> Amount:
        """The one amount: that with a unit, else the first number. NotAllowedError where there is none or it is in doubt."""
        found = self._amounts()
        for each in found:
            if packed := self._packed(each, found):
                return packed
        amounts = [each for each in found if not _PACKED.search(self.folded[: each.start])]
        if any(self._is_money(each) for each in amounts):
            raise NotAllowedError(
                field,
                message("a good and how much of it, like {example}; money is given to a campaign"),
                example="40 kg lentejas",
            )
        measured = [each for each in amounts if each.unit]
        chosen = measured[:1] or amounts[:1]
        if not chosen:
            raise NotAllowedError(field, message("how much, like {example}"), example="40 kg")
        only = chosen[0]
        if len(measured) > 1 or self._in_doubt(only):
            raise doubtful(field)
        if OTHER_MEASURES.fullmatch(fold(only.word)) and not self._text.startswith("-", only.end):
            raise NotAllowedError(
                field, message("the amount in kilos or litres, like {example}"), example="40 kg"
            )
        return only

    def goods(self, amount: Amount, field: str) -> str:
        """The words right after an amount, else those right before it; taken out together with it. NotAllowedError where they
        hold another number."""
        start = self._goods_from(amount)
        stop = _STOP.search(self._text, max(start, amount.through))
        end = stop.start() if stop else len(self._text)
        words = trimmed(self._text[start:end])
        if not words:
            lead = [found.end() for found in _STOP.finditer(self._text, 0, amount.start)]
            begins = [place for place in (0, *lead) if trimmed(self._text[place : amount.start])]
            opening = begins[-1] if begins else amount.start
            closing = _STOP.search(self._text, opening, amount.start)
            start, end = opening, closing.start() if closing else amount.start
            words = trimmed(self._text[start:end])
            self._blank(amount.start, amount.end)
        if re.search(r"[0-9½¼¾]", self._text[max(start, amount.through) : end]):
            raise doubtful(field)
        self._blank(min(start, amount.start), end)
        return words

    def take_amount(self, amount: Amount) -> str:
        """Take an amount out; the words right after it stay where they are, and come back."""
        start = self._goods_from(amount)
        stop = _STOP.search(self._text, start)
        self._blank(amount.start, start)
        return trimmed(self._text[start : stop.start() if stop else len(self._text)])

    def take_words(self, words: str) -> None:
        """Take words out as they were typed, with the joint before them."""
        if found := re.search(rf"(?:\b(?:de|of)\s+)?\b{re.escape(fold(words))}\b", self.folded):
            self._blank(*found.span())

    def rest(self, before: str, *behind: str) -> list[str]:
        """What was not taken, `before` the sentence, in it, `behind` what it counts, and after it: pieces that say something."""
        left = "".join(
            GAP if sign == GAP else typed for sign, typed in zip(self._text, self._typed, strict=True)
        )
        pieces = (ADDRESSED.sub("", before), *left.split(GAP), *behind, self.after)
        cleaned = (re.sub(r"^(?:[^\w#@(¿¡\"]+)", "", piece).strip() for piece in pieces)
        return [piece for piece in cleaned if re.search(r"[^\W_]", _ended(piece))]

    def _is_money(self, amount: Amount) -> bool:
        before = self.folded[: amount.start]
        behind = self.folded[amount.start + len(amount.number) :].lstrip()
        signed = _SIGN_OF_MONEY.search(before) or behind.startswith(("$", "£", "€"))
        return bool(signed or _MONEY.fullmatch(fold(amount.word)))

    def _goods_from(self, amount: Amount) -> int:
        return amount.end if amount.unit or not amount.word else amount.end - len(amount.word)

    def _packed(self, amount: Amount, amounts: Sequence[Amount]) -> Amount | None:
        """A count of what each holds so much: `4 balones de gas de 15 kg` are four."""
        later = [each for each in amounts if each.start > amount.end and each.unit]
        if amount.unit or not amount.word or not later:
            return None
        held = later[0]
        between = self._text[self._goods_from(amount) : held.start]
        if not _OF_EACH.fullmatch(between) or fold(amount.word) in ("de", "of", "y", "and", "a"):
            return None
        if len(later) > 1 or self._in_doubt(amount) or FURTHER.match(self.folded, held.end):
            raise doubtful("quantity")
        return replace(amount, through=held.end)

    def _in_doubt(self, amount: Amount) -> bool:
        """Whether a number is one end of a range or a part of another."""
        return bool(
            BESIDE.search(self.folded[: amount.start])
            or (amount.unit and _WORDED_PACK.search(self.folded[: amount.start]))
            or FURTHER.match(self.folded, amount.end)
            or (not amount.unit and FURTHER.match(self.folded, amount.start + len(amount.number)))
        )

    def _blank(self, start: int, end: int, sign: str = GAP) -> None:
        gap = "".join(_ASIDE if each == _ASIDE else sign for each in self._text[start:end])
        self._text = self._text[:start] + gap + self._text[end:]
        self.folded = self.folded[:start] + gap + self.folded[end:]

    def _amounts(self) -> list[Amount]:
        found = []
        for figure in FIGURE.finditer(self.folded):
            word = self._text[figure.start(2) : figure.end(2)] if figure[2] else ""
            unit = UNIT.get(figure[2] or "", "")
            end = figure.end() if word else figure.end(1)
            found.append(Amount(figure[1], unit, word, figure.start(), end))
        for worded in WORD.finditer(self.folded):
            found.append(Amount(WORDED[worded[1]], UNIT[worded[2]], worded[2], *worded.span()))
        return sorted(found, key=lambda amount: amount.start)


def doubtful(field: str) -> NotAllowedError:
    """Why a number is not taken: there are several, or it is a part of something else."""
    return NotAllowedError(field, message("one amount in figures, like {example}"), example="40 kg")


def trimmed(words: str) -> str:
    """Words without the signs and joints around them."""
    return _LEADING.sub("", _ended(words)).strip()


def _ended(words: str) -> str:
    """Words up to the last one that says something."""
    joints = _JOINTS.split()
    ends = [found.end() for found in _WORD.finditer(words) if found[0].lower() not in joints]
    return words[: ends[-1]] if ends else ""
