"""What is in the pantry: lots that expire, what is taken first, what can be cooked and what limits it. Exact, never floats.

taken, what expires first goes first; an expired lot is never taken
possible = the least of (what is there × rations of the card ÷ what the card needs), rounded down, over its ingredients
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from unicodedata import combining, normalize

from node.domain.kind import NotAllowedError
from schemas import Quantity, Unit
from schemas.goods import good_named

ZERO = Decimal(0)

Thing = tuple[str, Unit]
"""What counts as the same: a good (`thing_named`) in one unit."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of one delivery. `expires` is the last day that it is good."""

    id: int
    remaining: Decimal
    expires: date | None = None

    def good_on(self, day: date) -> bool:
        """Whether it can still be eaten."""
        return self.expires is None or day <= self.expires


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken out of one lot."""

    lot: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What a card needs of one thing for all its rations."""

    what: str
    thing: str
    amount: Quantity

    @property
    def key(self) -> Thing:
        """What it is in the pantry."""
        return self.thing, self.amount.unit


@dataclass(frozen=True, slots=True)
class Card:
    """A recipe: what so many rations need."""

    rations: int
    ingredients: tuple[Ingredient, ...]


@dataclass(frozen=True, slots=True)
class Possible:
    """How many rations can be cooked, for how many each ingredient would do, and which of them limit it."""

    rations: int
    each: tuple[int, ...]
    limiting: tuple[Ingredient, ...]


def thing_named(what: str) -> str:
    """What counts as the same good: its term, else its words without case and accents."""
    good = good_named(what)
    if good is not None:
        return str(good.term)
    spaced = " ".join(what.split()).casefold()
    return "".join(sign for sign in normalize("NFD", spaced) if not combining(sign))


def on_hand(lots: Iterable[Lot], day: date) -> Decimal:
    """What there is that can be eaten on a day."""
    return sum((lot.remaining for lot in lots if lot.good_on(day)), ZERO)


def take(lots: Iterable[Lot], amount: Decimal, day: date) -> tuple[Taken, ...]:
    """An amount out of these lots, first what expires first, then what came first. NotAllowedError where there is not enough."""
    good = [lot for lot in lots if lot.good_on(day) and lot.remaining > 0]
    taken, left = [], amount
    for lot in sorted(good, key=lambda each: (each.expires or date.max, each.id)):
        if left <= 0:
            break
        part = min(left, lot.remaining)
        taken.append(Taken(lot.id, part))
        left -= part
    if left > 0:
        raise NotAllowedError("quantity", "at most what is there: {amount}", amount=on_hand(good, day))
    return tuple(taken)


def needed(card: Card, ingredient: Ingredient, rations: int) -> Fraction:
    """What so many rations need of an ingredient."""
    return Fraction(ingredient.amount.value) * rations / card.rations


def possible(card: Card, stock: Mapping[Thing, Decimal]) -> Possible:
    """How many rations of a card a stock gives, and what limits it."""
    each = tuple(
        floor(Fraction(stock.get(one.key, ZERO)) * card.rations / Fraction(one.amount.value))
        for one in card.ingredients
    )
    least = min(each, default=0)
    return Possible(
        least, each, tuple(one for one, count in zip(card.ingredients, each, strict=True) if count == least)
    )


def missing(
    card: Card, stock: Mapping[Thing, Decimal], rations: int
) -> Sequence[tuple[Ingredient, Quantity]]:
    """What must be asked for to cook so many rations, rounded up to a thousandth of its unit."""
    found = []
    for one in card.ingredients:
        lacking = needed(card, one, rations) - Fraction(stock.get(one.key, ZERO))
        if lacking > 0:
            found.append((one, Quantity.of(_up(lacking), one.amount.unit)))
    return found


def consumed(card: Card, rations: int) -> Mapping[Thing, Decimal]:
    """What cooking so many rations takes out of the pantry, rounded up to a thousandth."""
    found: dict[Thing, Decimal] = {}
    for one in card.ingredients:
        found[one.key] = found.get(one.key, ZERO) + _up(needed(card, one, rations))
    return found


def _up(exact: Fraction) -> Decimal:
    return Decimal(-floor(-exact * 1000)) / 1000
