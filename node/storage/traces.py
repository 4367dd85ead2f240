"""What only we know of who did what: which member acted, and which request was answered already. Both are erased in time."""

import hashlib
from datetime import timedelta

from node.storage.database import Snapshot, Transaction, to_ms

TRACES = timedelta(days=90)
ANSWERS = timedelta(days=30)


def trace(transaction: Transaction, activity: str, member: int) -> None:
    """Note which member acted."""
    transaction.execute(
        "INSERT OR REPLACE INTO traces (activity, member, at) VALUES (?, ?, ?)",
        activity,
        member,
        to_ms(transaction.now),
    )


def actor_of(snapshot: Snapshot, activity: str) -> int | None:
    """The member behind an activity, while it is known."""
    found: int | None = snapshot.value("SELECT member FROM traces WHERE activity = ?", activity)
    return found


def answered(snapshot: Snapshot, member: int, route: str, key: str, body: bytes) -> tuple[bool, str] | None:
    """The result of the request with this idempotency key: whether its body was this one, and the result."""
    row = snapshot.one(
        "SELECT digest, result FROM idempotency WHERE member = ? AND route = ? AND key = ?",
        member,
        route,
        key,
    )
    return None if row is None else (row["digest"] == hashlib.sha256(body).digest(), row["result"])


def answer(transaction: Transaction, member: int, route: str, key: str, body: bytes, result: str) -> None:
    """Keep the result of a request under its idempotency key."""
    transaction.execute(
        "INSERT INTO idempotency (member, route, key, digest, result, at) VALUES (?, ?, ?, ?, ?, ?)",
        member,
        route,
        key,
        hashlib.sha256(body).digest(),
        result,
        to_ms(transaction.now),
    )


def expire(transaction: Transaction) -> None:
    """Forget what is past its time: also who reacted to what, which timelines of notifications tell."""
    transaction.execute("DELETE FROM traces WHERE at < ?", to_ms(transaction.now - TRACES))
    transaction.execute("DELETE FROM idempotency WHERE at < ?", to_ms(transaction.now - ANSWERS))
    # Ids are moments: the oldest are found without an index of their own.
    transaction.execute("DELETE FROM notifications WHERE id < ?", to_ms(transaction.now - TRACES) << 16)
