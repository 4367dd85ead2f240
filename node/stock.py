"""What a collective has in its pantry on a day, and what can be cooked of it. Read from one snapshot, for its members alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from node.board import Line as BoardLine
from node.domain.stock import Card, Ingredient, Lot, Possible, Thing, missing, on_hand, possible, thing_named
from node.speak import tongues
from node.storage import pantry
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.pantry import Batch, Recipe
from schemas import Quantity, Unit


@dataclass(frozen=True, slots=True)
class Held:
    """What there is of one good in one unit: its lots, and how much of them can still be eaten."""

    what: str
    thing: str
    unit: Unit
    good: Quantity
    spoiled: Quantity
    lots: tuple[Batch, ...]
    expires: date | None


@dataclass(frozen=True, slots=True)
class Cookable:
    """A recipe with what can be cooked by it now."""

    recipe: Recipe
    card: Card
    possible: Possible


class Stock:
    """What a collective has on a day, read from one snapshot."""

    def __init__(self, batches: Sequence[Batch], day: date) -> None:
        self._batches = batches
        self.day = day
        self.amounts: dict[Thing, Decimal] = {}
        for key, lots in _by_thing(batches).items():
            self.amounts[key] = on_hand(map(lot_of, lots), day)

    @classmethod
    def of(cls, snapshot: Snapshot, own: Collective) -> "Stock":
        """The stock of today."""
        return cls(pantry.there(snapshot, own.id), tongues(own)[0].today(snapshot.now))

    def held(self) -> list[Held]:
        """Every good, by name."""
        found = []
        for (thing, unit), lots in _by_thing(self._batches).items():
            good = self.amounts[thing, unit]
            whole = sum((each.remaining for each in lots), Decimal(0))
            days = [each.expires for each in lots if each.expires is not None and each.expires >= self.day]
            found.append(
                Held(
                    lots[0].what,
                    thing,
                    unit,
                    Quantity.of(good, unit),
                    Quantity.of(whole - good, unit),
                    tuple(sorted(lots, key=lambda each: (each.expires or date.max, each.id))),
                    min(days, default=None),
                )
            )
        return sorted(found, key=lambda each: (each.what.casefold(), each.unit))

    def of_line(self, line: BoardLine) -> Quantity | None:
        """What there is of what a need asks for; None where there is nothing."""
        if line.asked is None:
            return None
        amount = self.amounts.get((line.good or thing_named(line.what), line.asked.unit))
        return Quantity.of(amount, line.asked.unit) if amount else None


def cookable(snapshot: Snapshot, own: Collective) -> list[Cookable]:
    """What can be cooked by each recipe."""
    stock = Stock.of(snapshot, own)
    return [
        Cookable(recipe, card_of(recipe), possible(card_of(recipe), stock.amounts))
        for recipe in pantry.recipes(snapshot, own.id)
    ]


def lacking(
    snapshot: Snapshot, own: Collective, recipe: Recipe, rations: int
) -> Sequence[tuple[Ingredient, Quantity]]:
    """What must be asked for to cook so many rations."""
    return missing(card_of(recipe), Stock.of(snapshot, own).amounts, rations)


def card_of(recipe: Recipe) -> Card:
    """A stored recipe as it is reckoned with."""
    return Card(
        recipe.rations,
        tuple(
            Ingredient(line.what, line.thing, Quantity.of(line.amount, Unit(line.unit)))
            for line in recipe.lines
        ),
    )


def lot_of(batch: Batch) -> Lot:
    """A stored lot as it is reckoned with."""
    return Lot(batch.id, batch.remaining, batch.expires)


def _by_thing(batches: Sequence[Batch]) -> dict[Thing, list[Batch]]:
    found: dict[Thing, list[Batch]] = {}
    for batch in batches:
        found.setdefault((batch.thing, Unit(batch.unit)), []).append(batch)
    return found
