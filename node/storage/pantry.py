"""The pantry of a collective: lots with every change of theirs, recipes, and by which recipe a meal is cooked. Nothing of it federates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Batch:
    """One lot as it is stored. `source` is the receipt by which it came, if any."""

    id: int
    what: str
    thing: str
    unit: str
    remaining: Decimal
    expires: date | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of a lot: what came (positive) or went, why, and for which meal."""

    id: int
    lot: int
    amount: Decimal
    reason: str
    note: str
    meal: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One ingredient of a recipe."""

    what: str
    thing: str
    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What so many rations need."""

    id: int
    name: str
    rations: int
    lines: tuple[Line, ...]


def _batch(row: Row) -> Batch:
    expires = None if row["expires"] is None else date.fromisoformat(row["expires"])
    remaining = Decimal(row["remaining"])
    return Batch(row["id"], row["what"], row["thing"], row["unit"], remaining, expires, row["source"])


def _movement(row: Row) -> Movement:
    amount = Decimal(row["amount"])
    return Movement(
        row["id"], row["lot"], amount, row["reason"], row["note"], row["meal"], from_ms(row["at"])
    )


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f") if number else "0"


def there(snapshot: Snapshot, collective: int, thing: str | None = None) -> list[Batch]:
    """Lots of which something is left, by good, the oldest first."""
    rows = snapshot.all(
        "SELECT * FROM lots WHERE collective = ?1 AND remaining <> '0' AND (?2 IS NULL OR thing = ?2)"
        " ORDER BY thing, id",
        collective,
        thing,
    )
    return [_batch(row) for row in rows]


def lot(snapshot: Snapshot, collective: int, number: int) -> Batch | None:
    """One lot of a collective, also an empty one."""
    row = snapshot.one("SELECT * FROM lots WHERE id = ? AND collective = ?", number, collective)
    return None if row is None else _batch(row)


def from_source(snapshot: Snapshot, collective: int, source: str) -> int | None:
    """The lot that came by a receipt."""
    found: int | None = snapshot.value(
        "SELECT id FROM lots WHERE collective = ? AND source = ?", collective, source
    )
    return found


def add(
    transaction: Transaction,
    collective: int,
    *,
    what: str,
    thing: str,
    unit: str,
    expires: date | None,
    source: str | None = None,
) -> int:
    """A new lot, still empty; its number."""
    number = transaction.next_id()
    transaction.execute(
        "INSERT INTO lots (id, collective, what, thing, unit, remaining, expires, source)"
        " VALUES (?, ?, ?, ?, ?, '0', ?, ?)",
        number,
        collective,
        what,
        thing,
        unit,
        None if expires is None else expires.isoformat(),
        source,
    )
    return number


def move(
    transaction: Transaction,
    number: int,
    amount: Decimal,
    reason: str,
    *,
    note: str = "",
    meal: str | None = None,
) -> None:
    """Change what is left of a lot, and write down why."""
    held = Decimal(transaction.value("SELECT remaining FROM lots WHERE id = ?", number))
    transaction.execute("UPDATE lots SET remaining = ? WHERE id = ?", _plain(held + amount), number)
    transaction.execute(
        "INSERT INTO movements (id, lot, amount, reason, note, meal, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        transaction.next_id(),
        number,
        _plain(amount),
        reason,
        note,
        meal,
        to_ms(transaction.now),
    )


def set_expires(transaction: Transaction, number: int, expires: date | None) -> None:
    """Say until when a lot is good."""
    transaction.execute(
        "UPDATE lots SET expires = ? WHERE id = ?", None if expires is None else expires.isoformat(), number
    )


def movements(snapshot: Snapshot, number: int, *, limit: int = 100) -> list[Movement]:
    """What happened to a lot, the newest first."""
    rows = snapshot.all("SELECT * FROM movements WHERE lot = ? ORDER BY id DESC LIMIT ?", number, limit)
    return [_movement(row) for row in rows]


def used_for(snapshot: Snapshot, meal: str) -> dict[int, Decimal]:
    """What a meal took out of each lot, put back amounts counted in."""
    found: dict[int, Decimal] = {}
    for row in snapshot.all("SELECT lot, amount FROM movements WHERE meal = ? ORDER BY id", meal):
        found[row["lot"]] = found.get(row["lot"], Decimal(0)) - Decimal(row["amount"])
    return {number: amount for number, amount in found.items() if amount}


def recipes(snapshot: Snapshot, collective: int) -> list[Recipe]:
    """The recipes of a collective, by name."""
    rows = snapshot.all("SELECT * FROM recipes WHERE collective = ? ORDER BY name", collective)
    return [_recipe(snapshot, row) for row in rows]


def recipe(snapshot: Snapshot, collective: int, number: int) -> Recipe | None:
    """One recipe of a collective."""
    row = snapshot.one("SELECT * FROM recipes WHERE id = ? AND collective = ?", number, collective)
    return None if row is None else _recipe(snapshot, row)


def _recipe(snapshot: Snapshot, row: Row) -> Recipe:
    rows = snapshot.all("SELECT * FROM ingredients WHERE recipe = ? ORDER BY place", row["id"])
    lines = tuple(Line(each["what"], each["thing"], Decimal(each["amount"]), each["unit"]) for each in rows)
    return Recipe(row["id"], row["name"], row["rations"], lines)


def named(snapshot: Snapshot, collective: int, name: str) -> int | None:
    """The number of the recipe of this name."""
    found: int | None = snapshot.value(
        "SELECT id FROM recipes WHERE collective = ? AND name = ?", collective, name
    )
    return found


def put_recipe(
    transaction: Transaction,
    collective: int,
    number: int | None,
    *,
    name: str,
    rations: int,
    lines: Sequence[Line],
) -> int:
    """Keep a recipe, new or changed; its number."""
    number = number or transaction.next_id()
    transaction.execute(
        "INSERT INTO recipes (id, collective, name, rations) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, rations = excluded.rations",
        number,
        collective,
        name,
        rations,
    )
    transaction.execute("DELETE FROM ingredients WHERE recipe = ?", number)
    transaction.many(
        "INSERT INTO ingredients (recipe, place, what, thing, amount, unit) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (number, place, line.what, line.thing, _plain(line.amount), line.unit)
            for place, line in enumerate(lines)
        ],
    )
    return number


def drop_recipe(transaction: Transaction, collective: int, number: int) -> bool:
    """Forget a recipe; whether there was one."""
    return transaction.execute("DELETE FROM recipes WHERE id = ? AND collective = ?", number, collective) == 1


def cook(transaction: Transaction, collective: int, meal: str, number: int) -> None:
    """Note by which recipe a meal is cooked."""
    transaction.execute(
        "INSERT INTO cookings (meal, collective, recipe) VALUES (?, ?, ?)"
        " ON CONFLICT (meal) DO UPDATE SET recipe = excluded.recipe",
        meal,
        collective,
        number,
    )


def cooked_by(snapshot: Snapshot, meal: str) -> int | None:
    """The recipe by which a meal is cooked."""
    found: int | None = snapshot.value("SELECT recipe FROM cookings WHERE meal = ?", meal)
    return found
