"""Links that let one person in. Of the word in a link only the digest is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms

REMEMBERED = timedelta(days=1)
"""How long a used invitation is kept, so that a second tap of the same person finds it."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """One link: into which collective, as what, until when. `member` came with it, once it was `used`; before, the link is for a
    new password of hers."""

    id: int
    collective: int
    role: str
    created: datetime
    expires: datetime
    used: datetime | None
    member: int | None


def _invitation(row: Row) -> Invitation:
    return Invitation(
        row["id"],
        row["collective"],
        row["role"],
        from_ms(row["created"]),
        from_ms(row["expires"]),
        None if row["used"] is None else from_ms(row["used"]),
        row["member"],
    )


def add(
    transaction: Transaction,
    digest: bytes,
    *,
    collective: int,
    role: str,
    expires: datetime,
    member: int | None = None,
) -> Invitation:
    """Keep a new one; the same digest twice is the same invitation."""
    transaction.execute(
        "INSERT OR IGNORE INTO invitations (id, digest, collective, role, created, expires, member)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        transaction.next_id(),
        digest,
        collective,
        role,
        to_ms(transaction.now),
        to_ms(expires),
        member,
    )
    row = transaction.one("SELECT * FROM invitations WHERE digest = ?", digest)
    if row is None:
        raise LookupError("an invitation that was just kept")
    return _invitation(row)


def by_digest(snapshot: Snapshot, digest: bytes) -> Invitation | None:
    """The invitation of this digest, unless its time is over."""
    row = snapshot.one(
        "SELECT * FROM invitations WHERE digest = ? AND expires > ?", digest, to_ms(snapshot.now)
    )
    return None if row is None else _invitation(row)


def waiting(snapshot: Snapshot, collective: int, *, limit: int = 100) -> list[Invitation]:
    """Those of a collective that nobody used yet, newest first."""
    rows = snapshot.all(
        "SELECT * FROM invitations WHERE collective = ? AND used IS NULL AND expires > ? ORDER BY id DESC LIMIT ?",
        collective,
        to_ms(snapshot.now),
        limit,
    )
    return [_invitation(row) for row in rows]


def use(transaction: Transaction, number: int, member: int) -> None:
    """Note that somebody came with it."""
    transaction.execute(
        "UPDATE invitations SET used = ?, member = ?, expires = ? WHERE id = ?",
        to_ms(transaction.now),
        member,
        to_ms(transaction.now + REMEMBERED),
        number,
    )


def revoke(transaction: Transaction, collective: int, number: int) -> bool:
    """Make one of a collective worthless; whether it was there and unused."""
    gone = transaction.execute(
        "DELETE FROM invitations WHERE id = ? AND collective = ? AND used IS NULL", number, collective
    )
    return gone > 0


def revoke_all(transaction: Transaction, collective: int) -> None:
    """Make every unused one of a collective worthless."""
    transaction.execute("DELETE FROM invitations WHERE collective = ? AND used IS NULL", collective)


def expire(transaction: Transaction) -> None:
    """Forget those whose time is over."""
    transaction.execute("DELETE FROM invitations WHERE expires <= ?", to_ms(transaction.now))
