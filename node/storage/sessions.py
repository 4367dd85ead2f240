"""Browsers in which a member logged in. Of the cookie only the digest is kept, and no visit is noted."""

from datetime import timedelta

from node.storage.database import Snapshot, Transaction, to_ms

SESSIONS = timedelta(days=7)


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


def end(transaction: Transaction, digest: bytes) -> None:
    """Forget a session."""
    transaction.execute("DELETE FROM sessions WHERE digest = ?", digest)


def expire(transaction: Transaction) -> None:
    """Forget those that ran out."""
    transaction.execute("DELETE FROM sessions WHERE created < ?", to_ms(transaction.now - SESSIONS))
