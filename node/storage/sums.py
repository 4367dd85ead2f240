"""What published things booked, summed by day, kept beside their state: a fund with a hundred thousand gifts is read like one with ten.

The facts of an object say what it booked (`moves`: day, account, minor units, commodity each), what is promised and not booked
(`pledged`: minor units and commodity) and what it was for (`for`).
"""

from collections.abc import Mapping
from typing import Any

from node.storage.database import Snapshot, Transaction

PLEDGED = "pledged"
"""The name under which promises are summed; no account of the books is called so."""

_Key = tuple[str, str, str, str]


def keep(transaction: Transaction, owner: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Follow an object of `owner` whose facts change."""
    changes = _sums(after)
    for key, amount in _sums(before).items():
        changes[key] = changes.get(key, 0) - amount
    rows = [(owner, *key, amount) for key, amount in changes.items() if amount]
    transaction.many(
        "INSERT INTO sums (owner, subject, account, commodity, day, amount) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET amount = amount + excluded.amount",
        rows,
    )


def _sums(facts: Mapping[str, Any]) -> dict[_Key, int]:
    found: dict[_Key, int] = {}
    subject = str(facts.get("for", ""))
    moves = [(account, commodity, day, amount) for day, account, amount, commodity in facts.get("moves", ())]
    if PLEDGED in facts:
        amount, commodity = facts[PLEDGED]
        moves.append((PLEDGED, commodity, "", amount))
    for account, commodity, day, amount in moves:
        key = subject, account, commodity, day
        found[key] = found.get(key, 0) + amount
    return found


def balances(snapshot: Snapshot, owner: str, until: str) -> dict[tuple[str, str], int]:
    """What an actor's things booked up to a day (ISO), by (account, commodity); what is zero is left out."""
    rows = snapshot.all(
        "SELECT account, commodity, sum(amount) FROM sums WHERE owner = ? AND account <> ? AND day <= ?"
        " GROUP BY account, commodity HAVING sum(amount) <> 0",
        owner,
        PLEDGED,
        until,
    )
    return {(row[0], row[1]): row[2] for row in rows}


def by_day(
    snapshot: Snapshot, owner: str, subject: str, account: str, commodity: str
) -> list[tuple[str, int]]:
    """What an actor's things booked in an account for a subject, day by day; of `PLEDGED` the one sum."""
    rows = snapshot.all(
        "SELECT day, sum(amount) FROM sums WHERE owner = ? AND subject = ? AND subject <> '' AND account = ? AND commodity = ?"
        " GROUP BY day HAVING sum(amount) <> 0 ORDER BY day",
        owner,
        subject,
        account,
        commodity,
    )
    return [(row[0], row[1]) for row in rows]


def forget_all(transaction: Transaction) -> None:
    """Forget every sum: before a replay, in a copy of the database."""
    transaction.execute("DELETE FROM sums")
