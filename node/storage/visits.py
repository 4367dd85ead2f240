"""Up to where each member has seen what is new: a position among the ids, hers alone, never a time."""

from node.storage.database import Snapshot, Transaction


def position(snapshot: Snapshot, member: int, collective: int) -> int:
    """The id of the newest thing that a member has seen; 0 before the first."""
    found: int | None = snapshot.value(
        "SELECT position FROM visits WHERE member = ? AND collective = ?", member, collective
    )
    return found or 0


def move(transaction: Transaction, member: int, collective: int, to: int) -> None:
    """She has seen everything up to here; never back."""
    transaction.execute(
        "INSERT INTO visits (member, collective, position) VALUES (?, ?, ?)"
        " ON CONFLICT (member, collective) DO UPDATE SET position = max(position, excluded.position)",
        member,
        collective,
        to,
    )
