"""Weekly pick-ups and deliveries of a collective: who goes on a day, and what was brought. Nothing of it federates."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from node.storage.database import Row, Snapshot, Transaction


@dataclass(frozen=True, slots=True)
class Pickup:
    """One series. `way` is fetch or bring; `clock` HH:MM where the collective is; `people` how many are needed each time."""

    id: int
    way: str
    what: str
    place: str
    weekday: int
    clock: str
    people: int
    begins: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """What was brought on a day, in kilograms; `lot` where it is in the pantry."""

    amount: Decimal
    lot: int | None


def _pickup(row: Row) -> Pickup:
    return Pickup(
        row["id"],
        row["way"],
        row["what"],
        row["place"],
        row["weekday"],
        row["clock"],
        row["people"],
        date.fromisoformat(row["begins"]),
        None if row["ends"] is None else date.fromisoformat(row["ends"]),
    )


def of(snapshot: Snapshot, collective: int) -> list[Pickup]:
    """Every series of a collective, the oldest first."""
    rows = snapshot.all("SELECT * FROM pickups WHERE collective = ? ORDER BY id", collective)
    return [_pickup(row) for row in rows]


def by_id(snapshot: Snapshot, collective: int, number: int) -> Pickup | None:
    """One series of a collective."""
    row = snapshot.one("SELECT * FROM pickups WHERE id = ? AND collective = ?", number, collective)
    return None if row is None else _pickup(row)


def add(
    transaction: Transaction,
    collective: int,
    *,
    way: str,
    what: str,
    place: str,
    weekday: int,
    clock: str,
    people: int,
    begins: date,
    ends: date | None,
) -> int:
    """A new series; its number."""
    number = transaction.next_id()
    transaction.execute(
        "INSERT INTO pickups (id, collective, way, what, place, weekday, clock, people, begins, ends)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        number,
        collective,
        way,
        what,
        place,
        weekday,
        clock,
        people,
        begins.isoformat(),
        None if ends is None else ends.isoformat(),
    )
    return number


def end(transaction: Transaction, number: int, last: date) -> None:
    """Say on which day it ends; who had signed up for a later one has not any more."""
    transaction.execute("UPDATE pickups SET ends = ? WHERE id = ?", last.isoformat(), number)
    transaction.execute("DELETE FROM pickup_hands WHERE pickup = ? AND day > ?", number, last.isoformat())


def join(transaction: Transaction, collective: int, number: int, day: date, member: int) -> None:
    """Note that a member goes on a day."""
    transaction.execute(
        "INSERT OR IGNORE INTO pickup_hands (pickup, day, member, collective) VALUES (?, ?, ?, ?)",
        number,
        day.isoformat(),
        member,
        collective,
    )


def leave(transaction: Transaction, number: int, day: date, member: int) -> None:
    """Note that she does not."""
    transaction.execute(
        "DELETE FROM pickup_hands WHERE pickup = ? AND day = ? AND member = ?",
        number,
        day.isoformat(),
        member,
    )


def hands(snapshot: Snapshot, number: int, since: date) -> dict[date, list[str]]:
    """Who goes on which day from a day on, by name."""
    rows = snapshot.all(
        "SELECT h.day, m.name FROM pickup_hands h JOIN members m ON m.id = h.member"
        " WHERE h.pickup = ? AND h.day >= ? ORDER BY h.day, m.name",
        number,
        since.isoformat(),
    )
    found: dict[date, list[str]] = {}
    for day, name in rows:
        found.setdefault(date.fromisoformat(day), []).append(name)
    return found


def signed_up(snapshot: Snapshot, member: int) -> list[tuple[str, date]]:
    """For what a member signed up, and on which day: what is known about her."""
    rows = snapshot.all(
        "SELECT p.what, h.day FROM pickup_hands h JOIN pickups p ON p.id = h.pickup"
        " WHERE h.member = ? ORDER BY h.day",
        member,
    )
    return [(what, date.fromisoformat(day)) for what, day in rows]


def weigh(transaction: Transaction, number: int, day: date, amount: Decimal) -> None:
    """Write down what was brought on a day, in kilograms; corrected where it stood otherwise."""
    transaction.execute(
        "INSERT INTO pickup_weights (pickup, day, amount) VALUES (?, ?, ?)"
        " ON CONFLICT (pickup, day) DO UPDATE SET amount = excluded.amount",
        number,
        day.isoformat(),
        format(amount, "f"),
    )


def stored(transaction: Transaction, number: int, day: date, lot: int) -> None:
    """Note as which lot it is in the pantry."""
    transaction.execute(
        "UPDATE pickup_weights SET lot = ? WHERE pickup = ? AND day = ?", lot, number, day.isoformat()
    )


def weights(snapshot: Snapshot, number: int, since: date) -> dict[date, Weighed]:
    """What was brought by day, from a day on."""
    rows = snapshot.all(
        "SELECT day, amount, lot FROM pickup_weights WHERE pickup = ? AND day >= ? ORDER BY day",
        number,
        since.isoformat(),
    )
    return {date.fromisoformat(day): Weighed(Decimal(amount), lot) for day, amount, lot in rows}
