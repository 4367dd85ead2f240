"""A bank's statement beside the account: which line is which entry, what is still promised and came, and what nobody booked.

Amounts are whole minor units of the account's currency; what came in is above zero. The same statement gives the same matches.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

DAYS = 5
"""How far the day of a line may be from the day on which it was booked: weekends, and banks that take their time."""

_LABEL = re.compile(r"\bD-[0-9A-F]{4,16}\b", re.IGNORECASE)


class Match(StrEnum):
    """What a line of a statement turned out to be."""

    BOOKED = "booked"
    PLEDGED = "pledged"
    UNCLEAR = "unclear"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its day, its amount, and the labels of gifts that its words name. The words themselves stay with the treasurer."""

    on: date
    amount: int
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Movement:
    """What was booked in the account of the bank for one activity."""

    seq: int
    on: date
    amount: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """A gift that is promised and has not arrived."""

    uri: str
    amount: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """One line with what it is: the entry's `seq`, the promise's `uri`, or several promises that it could be."""

    line: Line
    match: Match
    seq: int | None = None
    uri: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reconciled:
    """All lines in their order, and the movements that the statement does not show."""

    lines: tuple[Matched, ...]
    missing: tuple[Movement, ...]


def labels_in(text: str) -> tuple[str, ...]:
    """The labels of gifts that somebody wrote into the words of a transfer."""
    return tuple(dict.fromkeys(found.upper() for found in _LABEL.findall(text)))


def reconcile(
    lines: Sequence[Line],
    booked: Iterable[Movement],
    promised: Iterable[Promise],
    known: Collection[str] = (),
) -> Reconciled:
    """Match every line once: by the label that it names, else by amount and nearest day, else by the one promise of its amount.

    A line that names a gift of ours, of those promised, of those booked or of the labels `known` beside them, is never taken for
    another one: where the amounts differ, people must look.
    """
    movements = {each.seq: each for each in booked}
    promises = {each.uri: each for each in promised}
    owners = dict.fromkeys((*known, *(each.label for each in movements.values() if each.label)), "")
    owners |= {each.label: each.uri for each in promises.values() if each.label}
    found: dict[int, Matched] = {}
    for by_label in (True, False):
        for place, line in enumerate(lines):
            if not by_label and not owners.keys().isdisjoint(line.labels):
                continue
            if place not in found and (entry := _booked(line, movements.values(), by_label)) is not None:
                found[place] = Matched(line, Match.BOOKED, seq=entry.seq)
                del movements[entry.seq]
    for by_label in (True, False):
        for place, line in enumerate(lines):
            if place in found or line.amount <= 0:
                continue
            if by_label or owners.keys().isdisjoint(line.labels):
                _promised(place, line, promises, found, by_label=by_label)
    for place, line in enumerate(lines):
        named = [owners[label] for label in line.labels if label in owners]
        if named and line.amount > 0 and place not in found:
            candidates = tuple(sorted({uri for uri in named if uri}))
            found[place] = Matched(line, Match.UNCLEAR, candidates=candidates)
    matched = (found.get(place, Matched(line, Match.UNMATCHED)) for place, line in enumerate(lines))
    return Reconciled(tuple(matched), tuple(sorted(movements.values(), key=lambda each: each.seq)))


def _booked(line: Line, movements: Iterable[Movement], by_label: bool) -> Movement | None:
    fitting = [
        each
        for each in movements
        if each.amount == line.amount
        and (each.label in line.labels if by_label else abs((each.on - line.on).days) <= DAYS)
    ]
    return min(fitting, key=lambda each: (abs((each.on - line.on).days), each.seq), default=None)


def _promised(
    place: int, line: Line, promises: dict[str, Promise], found: dict[int, Matched], *, by_label: bool
) -> None:
    fitting = sorted(
        each.uri
        for each in promises.values()
        if each.amount == line.amount and (not by_label or each.label in line.labels)
    )
    if len(fitting) == 1:
        found[place] = Matched(line, Match.PLEDGED, uri=fitting[0])
        del promises[fitting[0]]
    elif fitting and not by_label:
        found[place] = Matched(line, Match.UNCLEAR, candidates=tuple(fitting))
