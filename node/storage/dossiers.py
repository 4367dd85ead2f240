"""Everything that is stored about one member, and forgetting it. What other members read of it stands elsewhere."""

from dataclasses import dataclass
from datetime import datetime

from node.storage.clients import REVOKED
from node.storage.database import Row, Snapshot, Transaction, from_ms


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a member did: the activity that she sent, or the proposal that she approved."""

    what: str
    at: datetime


def _act(row: Row) -> Act:
    return Act(str(row["what"]), from_ms(row["at"]))


def acts(snapshot: Snapshot, member: int) -> list[Act]:
    """The activities behind which she is known to stand, newest first; erased after ninety days."""
    rows = snapshot.all("SELECT activity AS what, at FROM traces WHERE member = ? ORDER BY at DESC", member)
    return [_act(row) for row in rows]


def approvals(snapshot: Snapshot, member: int) -> list[Act]:
    """The proposals that she approved, newest first; kept for ever."""
    rows = snapshot.all(
        "SELECT p.kind || ' ' || p.id AS what, a.at FROM approvals a JOIN proposals p ON p.id = a.proposal"
        " WHERE a.member = ? ORDER BY a.at DESC",
        member,
    )
    return [_act(row) for row in rows]


def answers(snapshot: Snapshot, member: int) -> int:
    """How many of her requests are remembered, so that one sent twice is done once; erased after thirty days."""
    found: int = snapshot.value("SELECT count(*) FROM idempotency WHERE member = ?", member)
    return found


def positions(snapshot: Snapshot, member: int) -> dict[int, int]:
    """Up to which thing she has seen what is new, by collective."""
    rows = snapshot.all("SELECT collective, position FROM visits WHERE member = ?", member)
    return {row[0]: row[1] for row in rows}


def forget(transaction: Transaction, member: int) -> None:
    """Forget a member, with her sessions, tokens and traces. What she approved keeps her name."""
    for table in ("traces", "idempotency", "tokens", "visits", "memberships"):
        transaction.execute(f"DELETE FROM {table} WHERE member = ?", member)  # noqa: S608
    transaction.execute("DELETE FROM members WHERE id = ?", member)
    transaction.tell(REVOKED)
