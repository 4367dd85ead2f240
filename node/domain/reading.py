"""How a sentence becomes the fields of a command or of a promise: amounts, days, goods, and everything else as details."""

import re
from dataclasses import replace
from datetime import date, timedelta

from node.domain.counting import NUMBER, fold, inexact
from node.domain.dates import read_day, read_moment
from node.domain.day_words import Found, find_day
from node.domain.deadlines import only_deadline
from node.domain.denial import refuse_invitation
from node.domain.dishes import dish_in, leads_with_dish
from node.domain.eaters import EATERS, FOR_PEOPLE, HOUSEHOLDS
from node.domain.elsewhere import day_elsewhere, refuse_many_days, sums_up
from node.domain.expression import expression
from node.domain.kind import NotAllowedError
from node.domain.measure import read_number, read_quantity
from node.domain.packs import find_packs
from node.domain.pieces import PIECES, good_first, is_counted
from node.domain.sentence import (
    EVERY,
    Amount,
    Sentence,
    doubtful,
)
from node.domain.spans import (
    COURSE,
    CUPS,
    SERVINGS,
    done_on,
    many_days,
    opening_of,
    refuse_unsure_day,
)
from node.tongues import Tongue, message
from schemas import Unit
from schemas.goods import good_named
from schemas.parts import plain

_MORE = expression(
    r"\b(?:(no)\s+)?(?:(?:viene|vienen|falta|llega|trae|traen)\s+mas|more\s+(?:(?:is|are)\s+)?(?:to\s+come|coming))\b"
)
_MINIMUM = expression(
    r"\b(?:(?:como\s+)?minimo(?:\s+util)?|al\s+menos|por\s+lo\s+menos|useful\s+from|at\s+least|minimum)\s*:?\s*$"
)
_PLANNED = expression(
    r"(?:planead|planificad|previst)[oa]s?\s*:?\s*([0-9][0-9.,]*)|planned\s*:?\s*([0-9][0-9.,]*)"
    r"|(?:(?:de|of)\s+)?\b([0-9][0-9.,]*)\s+(?:(?:planead|planificad|previst)[oa]s?|planned)\b"
)
_LEAST = expression(r"\b(?:al\s+menos|(?:por\s+)?lo\s+menos|at\s+least)\s+(?=[0-9])")
_ROUGHLY = expression(rf"\b(?:un[oa]s|como|about|some)\s+{NUMBER}")
_SERVED = rf"[0-9][0-9.,]*\s+{COURSE}\b"
_BROUGHT = expression(
    r"\b(?:llev|lleg|tra[ei]|pas[oae]|dej|entreg|retir|mand|envi|v(?:oy|amos|a|an)\b|pued|pod|se[ar]|busc|teng|list|urg|favor|pl[es]|grac|ojal|max|tope|plazo|deadline|neces|need|falt|l[oa]s?\b|si\b|if\b|com[oe]r?\b|pong|aport|don[oa]|bring|drop|send"
    r"|collect|pick|come|deliver|there|arriv|can|will|ready|para|pa\b|by|for|on\b|y\b|and\b)"
)
"""What tells, in a clause beside what is counted, that its day is meant for that: `los llevo mañana`."""
_BESIDES = expression(r"(?:y|e|and)\s", re.IGNORECASE)
_WITH = expression(r"(?:con|with)\s", re.IGNORECASE)
_FOR = expression(r"(?:para|for)\s")
_SLIP = timedelta(days=31)
"""A deadline that is over for less is a slip, and asked back; one that is over for longer is next year's."""
_USUAL = {
    Unit.KILOGRAM: "kg",
    Unit.LITRE: "l",
    Unit.HOUR: "h",
    Unit.ONE: "u",
    Unit.RATION: "raciones",
    Unit.KILOCALORIE: "kcal",
}
_JOINED = (
    "de of y para hoy manana el la los gracias and for viene porfa con mas que si more vecina vecino altiro if i please"
    " thanks"
)
"""Words after a number without a unit that are not what it counts."""

Fields = dict[str, str]


class Reading:
    """A sentence on its way to fields; NotAllowedError names the one that is missing or has two readings. `before` are the words
    in front of its hashtag."""

    def __init__(
        self, sentence: Sentence, tongue: Tongue, today: date, unit: Unit | None, what: str = ""
    ) -> None:
        self._sentence = sentence
        self._tongue = tongue
        self._today = today
        self._unit = unit
        self._what = what
        self._said = sentence.folded
        self._roughly = sentence.take(_ROUGHLY)
        sentence.set_all_aside(EVERY)

    def goods(self, before: str) -> Fields:
        """What is needed or offered, how much, from when it is useful, and by when; the other words are details."""
        by, before = self._by(before)
        if self._sentence.counts == 1:
            self._sentence.take(_LEAST)
        minimum = self._sentence.take_amount_after(_MINIMUM)
        self._sentence.set_aside(self._today, FOR_PEOPLE)
        amount = self._sentence.amount("quantity")
        what, rest = good_first(self._sentence.goods(amount, "quantity"))
        self._sentence.put_back(rest)
        if not what or _FOR.match(fold(what)):
            raise NotAllowedError("what", message("what it is, like {example}"), example="40 kg lentejas")
        if not amount.unit and good_named(what) is not None and not PIECES.fullmatch(fold(what)):
            raise NotAllowedError("quantity", message("how much, like {example}"), example="40 kg")
        fields = {"what": what, "quantity": self._amount(amount, "quantity", "u")}
        if minimum is not None:
            fields["minimum"] = self._amount(minimum, "minimum", "u")
        return {**fields, **by, **self._details("quantity", before, by=by)}

    def pledge(self, before: str) -> Fields:
        """How much is promised, until when, and what is said of it."""
        return self._pledge(before, beside=False)

    def _pledge(self, before: str, *, beside: bool) -> Fields:
        """A pledge; `beside` says that a day that is over is told of something else."""
        by, before = self._by(before, bare=True, beside=beside)
        quantity = self._packed() or self._quantity()
        return {**quantity, **by, **self._details("quantity", before, by=by)}

    def promise(self) -> Fields:
        """How much somebody promises in her own words, which stay hers, and until when."""
        fields = self._pledge("", beside=True)
        fields.pop("details", None)
        return fields

    def confirmation(self) -> Fields:
        """How much of what was promised is meant, where that is said."""
        self._sentence.set_aside(self._today)
        if not self._sentence.has_number:
            return {}
        fields = self._quantity()
        self._details("quantity", "")
        return fields

    def refusal(self, before: str) -> Fields:
        """Why something is refused: all of the words."""
        reason = " ".join(self._sentence.rest(before))
        return {"reason": reason} if reason else {}

    def receipt(self, before: str) -> Fields:
        """How much arrived and when, whether more is to come, and what is said of it."""
        opening = before
        on, before = self._done(before)
        if not on:
            on, before = self._elsewhere(before, done=True)
        more = self._sentence.take(_MORE) or _MORE.search(fold(self._sentence.after))
        quantity = self._quantity(exact=True, before=opening)
        said = {"more": "no" if more[1] else "yes"} if more else {}
        return {**quantity, **said, **on, **self._details("quantity", before)}

    def meal(self, name: str, before: str) -> Fields:
        """Rations of a dish; who counts rations and names no dish says that there was food."""
        fields = {}
        planned = self._sentence.take(_PLANNED)
        if planned is not None:
            fields["planned"] = self._count(next(filter(None, planned.groups())), "planned")
        opening = before
        if name == "served":
            refuse_invitation(fold(opening), self._said + self._tagged())
        on, before = self._done(before) if name == "served" else self._on(before)
        if name == "served" and not on and sums_up(fold(opening), self._said):
            raise many_days()
        if not on:
            on, before = self._elsewhere(before, done=name == "served")
        self._sentence.set_aside(self._today)
        fields[name], menu, rest = self._rations(name, opening)
        return {"menu": menu, **fields, **on, **self._details(name, before, rest)}

    def _rations(self, name: str, before: str) -> tuple[str, str, str]:
        """How many rations, of what, and the words behind that: as many as people, where nothing but people is counted."""
        rough = name == "served" and self._rough(before)
        served = self._sentence.take_only(EATERS)
        if served is not None:
            if rough or (name == "served" and self._is_rough(served.start(1))):
                raise doubtful(name)
            menu, rest = dish_in(self._sentence.take_opening())
            return self._count(served[1], name), menu or self._food(), rest
        self._sentence.set_aside_behind(_SERVED, FOR_PEOPLE)
        amount = self._sentence.amount(name)
        if amount.unit not in ("", "raciones", "u"):
            raise NotAllowedError(name, message("how many rations, like {example}"), example="118")
        held = fold(amount.word) in CUPS.split()
        counted = held or amount.unit == "raciones" or fold(amount.word) in SERVINGS.split()
        if re.fullmatch(HOUSEHOLDS, fold(amount.word)):
            raise NotAllowedError(name, message("how many rations, not how many families"))
        if name == "served" and (self._rough(before) or self._is_rough(amount.start)):
            raise doubtful(name)
        count = self._count(amount.number, name)
        said = self._sentence.goods(_as_unit(amount) if counted else amount, name)
        menu, rest = dish_in(said)
        if held and (not menu or _BESIDES.match(menu) or _WITH.match(menu)):
            raise NotAllowedError("menu", message("what was cooked"))
        if counted and _BESIDES.match(menu):
            menu = f"{self._food() if amount.unit == 'raciones' else amount.word} {menu}"
        elif counted and _WITH.match(menu):
            menu, rest = "", said
        if not menu and not counted:
            raise NotAllowedError("menu", message("what was cooked"))
        return count, menu or self._food(), rest

    def _food(self) -> str:
        return self._tongue.say(message("food"))

    def _rough(self, before: str) -> bool:
        """Whether what is left of the sentence, or what stands before it, says that it is counted roughly."""
        return inexact(fold(before[opening_of(before) :]), self._sentence.folded)

    def _is_rough(self, place: int) -> bool:
        """Whether right before the number that stands there something was taken that makes it a rough one."""
        return self._roughly is not None and self._roughly.end() == place

    def _quantity(self, *, exact: bool = False, before: str = "") -> Fields:
        """An amount in its unit, or in that of the need which is answered."""
        self._sentence.set_aside(self._today, FOR_PEOPLE)
        rough = exact and self._rough(before)
        amount = self._sentence.amount("quantity")
        if rough or (exact and self._is_rough(amount.start)):
            raise doubtful("quantity")
        usual = _USUAL.get(self._unit, "") if self._unit else ""
        beside = fold(amount.word)
        if not amount.unit and (not usual or (beside and beside not in _JOINED.split())):
            if usual != "u":
                raise NotAllowedError("quantity", message("how much, like {example}"), example="40 kg")
            if not is_counted(beside, self._what):
                raise NotAllowedError(
                    "quantity", message("how much, like {example}"), example=f"24 {self._what}"
                )
        self._refuse_other(good_first(self._sentence.take_amount(amount))[0])
        return {"quantity": self._amount(amount, "quantity", usual)}

    def _packed(self) -> Fields:
        """The sum of so many packs of so much each: three bags of 25 kg are 75 kg. Only where both numbers read in one way and
        nothing else is counted; the packs stay among the words."""
        self._sentence.set_aside(self._today, FOR_PEOPLE)
        packs = find_packs(self._sentence.folded, self._unit) if self._unit else None
        if packs is None:
            return {}
        self._sentence.set_span_aside(packs.start, packs.end)
        self._refuse_other(packs.what)
        each = read_number(packs.held, "quantity", self._tongue, suffix=packs.unit)
        text = f"{plain(packs.count * each)} {packs.unit}"
        if read_quantity(text, "quantity", self._tongue).value <= 0:
            raise NotAllowedError("quantity", message("more than nothing"))
        return {"quantity": text}

    def _refuse_other(self, what: str) -> None:
        """Take the good that was asked for out of the words; NotAllowedError for another one."""
        good, asked = good_named(what), good_named(self._what)
        mine, theirs = fold(what), fold(self._what)
        if good and asked and good != asked and mine not in theirs and theirs not in mine:
            raise NotAllowedError(
                "quantity", message("an amount of {what}, as it was asked for"), what=self._what
            )
        if what and (good or mine == theirs):
            self._sentence.take_words(what)

    def _amount(self, amount: Amount, name: str, usual: str) -> str:
        text = amount.text if amount.unit else f"{amount.number} {usual}"
        if read_quantity(text, name, self._tongue).value <= 0:
            raise NotAllowedError(name, message("more than nothing"))
        return text

    def _count(self, typed: str, name: str) -> str:
        number = read_number(typed.rstrip(".,"), name, self._tongue, thousands=True)
        if number != number.to_integral_value():
            raise NotAllowedError(name, message("a whole number of rations"))
        return str(int(number))

    def _details(self, name: str, before: str, *behind: str, by: Fields | None = None) -> Fields:
        """The words that no field holds, but for the day that `by` holds alone; NotAllowedError where a number is left among those
        around the amount."""
        if self._sentence.has_figure:
            raise doubtful(name)
        details = " ".join(self._sentence.rest(before, *behind)).rstrip(" ,;:")
        alone = find_day(fold(details), self._today, bare=True)
        held = by is not None and alone is not None and alone.day == by.get("by", "").partition(" ")[0]
        if not details or (held and alone and (alone.start, alone.end) == (0, len(details))):
            return {}
        return {"details": details}

    def _by(self, before: str, *, bare: bool = False, beside: bool = False) -> tuple[Fields, str]:
        """Until when, in the sentence, right before its hashtag, or on a line of its own; and the words before it that are left.
        NotAllowedError for a day that is over, unless it is said of something `beside`."""
        while (found := self._sentence.day(self._today, bare=bare)) and bare and found.past(self._today):
            if not beside and self._sentence.in_clause(found.start):
                break
            self._sentence.set_span_aside(found.start, found.end)
        if found and found.past(self._today) and (bare or not found.yearless):
            raise NotAllowedError("by", message("a moment that is still to come"))
        if found and not self._sentence.in_clause(found.start):
            clause = self._sentence.clause_without(found)
            if re.search(r"\w", clause) and not _BROUGHT.search(clause):
                raise many_days("by")
        opening, told = fold(before), self._sentence.folded
        place = (found.start + 1, found.end + 1) if found else None
        if found and bare and self._sentence.day(self._today) != found:
            self._sentence.set_span_aside(
                found.start, found.end
            )  # `los dejamos el jueves` is more than a day
        elif found:
            self._sentence.take_span(found.start, found.end)
        else:
            found, place, before = _day_in(before, self._today, bare=bare)
        if found is None and not bare:
            found, told, before = self._deadline_apart(before)
            opening, place = "", (found.start + 1, found.end + 1) if found else None
        if found is None or place is None or (bare and found.past(self._today)):
            return {}, before
        text = f"{found.day} {found.time}".strip()
        moment = read_moment(text, "by", self._tongue, self._today)
        refuse_unsure_day("by", opening, told, place, self._tongue, self._today)
        day = moment.astimezone(self._tongue.zone).date()
        if found.yearless and day < self._today - _SLIP and (day.month, day.day) != (2, 29):
            text = f"{day.replace(year=day.year + 1)} {found.time}".strip()
        return {"by": text}, before

    def _deadline_apart(self, before: str) -> tuple[Found | None, str, str]:
        """The deadline that is all that the line below says, or the one above; that line, and the words before the hashtag that are
        left."""
        if below := self._sentence.take_deadline_below(self._today):
            return below[1], below[0], before
        head, _, start = before.rpartition("\n")
        rest, _, above = head.rstrip().rpartition("\n")
        found = None if re.search(r"\w", start) else only_deadline(fold(above), self._today)
        return (found, fold(above), rest) if found else (None, "", before)

    def _on(self, before: str) -> tuple[Fields, str]:
        """On which day it is planned; and the words before it that are left."""
        opening = before
        found = self._sentence.day(self._today, bare=True)
        place = (found.start + 1, found.end + 1) if found else None
        if found is None:
            found, place, left = _day_in(before, self._today, bare=True, timed=False)
            if not EVERY.search(fold(before)):
                before = left  # `como todos los viernes` says more than the day
        else:
            self._sentence.take_span(found.start, found.clock)
            self._sentence.set_span_aside(found.clock, found.end)
        said = self._said + self._tagged()
        if found is None or place is None:
            refuse_many_days(fold(opening), said)
            return {}, before
        read_day(found.day, "on", self._tongue, self._today)
        refuse_unsure_day("on", fold(opening), said, place, self._tongue, self._today, leads_with_dish)
        return {"on": found.day}, before

    def _elsewhere(self, before: str, *, done: bool) -> tuple[Fields, str]:
        """On which day it was done or is planned by the line above or below; and the words before it that are left."""
        after = self._sentence.after
        found = day_elsewhere(fold(before), fold(after), self._tongue, self._today, done=done)
        if found is None:
            return {}, before
        if found.above:
            place = fold(before[: opening_of(fold(before))]).rindex(found.line)
            before = before[:place] + before[place + len(found.line) :]
        else:
            place = fold(after).index(found.line)
            self._sentence.after = after[:place] + after[place + len(found.line) :]
        return {"on": found.on}, before

    def _done(self, before: str) -> tuple[Fields, str]:
        """On which day it was done, if not today; and the words before it that are left."""
        done = done_on(fold(before), self._said + self._tagged(), self._tongue, self._today)
        if done is None:
            return {}, before
        if done.behind:
            self._sentence.take_span(done.start, min(done.end, len(self._said)))
            return {"on": done.on}, before
        return {"on": done.on}, before[: done.start] + before[done.end :]

    def _tagged(self) -> str:
        """What follows a further hashtag, which ends the sentence for amounts, and not for days."""
        after = self._sentence.after
        return fold(re.split(r"[.!?…]\s|\n", after, maxsplit=1)[0]) if after.startswith("#") else ""


def _day_in(
    before: str, today: date, *, bare: bool, timed: bool = True
) -> tuple[Found | None, tuple[int, int] | None, str]:
    """The day in the last words of a text, where it stands counted from their end, and the text without it, and where it is `timed`
    without its hour."""
    start = opening_of(before)
    found = find_day(fold(before[start:]), today, bare=bare)
    if found is None:
        return None, None, before
    first, last = start + found.start, start + (found.end if timed else found.clock)
    return found, (first - len(before), last - len(before)), before[:first] + before[last:]


def _as_unit(amount: Amount) -> Amount:
    """An amount whose word counts as its unit, so that it is no part of what is counted."""
    return replace(amount, unit="u")
