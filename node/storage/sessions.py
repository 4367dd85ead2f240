"""Browsers in which a member logged in. Of the cookie only the digest is kept, and no visit is noted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from node.storage.database import Snapshot, Transaction, from_ms, to_ms

SESSIONS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Begun:
    """One browser in which a member is logged in: since when, and whether it is the one that asks."""

    at: datetime
    here: bool


def begin(transaction: Transaction, digest: bytes, member: int) -> None:
    """Keep a session, by the digest of its cookie."""
    transaction.execute(
        "INSERT INTO sessions (digest, member, created) VALUES (?, ?, ?)",
        digest,
        member,
        to_ms(transaction.now),
    )


def member(snapshot: Snapshot, digest: bytes) -> int | None:
    """The member of a session that has not run out."""
    found: int | None = snapshot.value(
        "SELECT member FROM sessions WHERE digest = ? AND created >= ?",
        digest,
        to_ms(snapshot.now - SESSIONS),
    )
    return found


def of(snapshot: Snapshot, member: int, digest: bytes) -> list[Begun]:
    """The sessions of a member that have not run out, newest first; that of this digest is `here`."""
    rows = snapshot.all(
        "SELECT digest, created FROM sessions WHERE member = ? AND created >= ? ORDER BY created DESC",
        member,
        to_ms(snapshot.now - SESSIONS),
    )
    return [Begun(from_ms(row["created"]), row["digest"] == digest) for row in rows]


def end_all(transaction: Transaction, member: int, *, but: bytes = b"") -> None:
    """Forget every session of a member but that of one digest."""
    transaction.execute("DELETE FROM sessions WHERE member = ? AND digest <> ?", member, but)


def end(transaction: Transaction, digest: bytes) -> None:
    """Forget a session."""
    transaction.execute("DELETE FROM sessions WHERE digest = ?", digest)


def expire(transaction: Transaction) -> None:
    """Forget those that ran out."""
    transaction.execute("DELETE FROM sessions WHERE created < ?", to_ms(transaction.now - SESSIONS))
