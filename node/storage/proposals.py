"""What waits until enough members approve it, and who approved what. Nothing of it ever leaves the node, and nothing is erased."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms

Roles = Callable[[str], Collection[str]]
"""Which roles may say a kind: whose signatures under it count."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A thing as it was typed, or the changes of what stands at `about`. `said` is its URI once it was published; `approvals`
    the names of who approved it, `lapsed` of those among them who count no more, `recused` of who leaves it to others; `withdrawn` when it was taken back, if it was; `standing`
    the digest of what whoever signs is shown besides the fields, as it was when it was proposed."""

    id: int
    collective: int
    kind: str
    fields: Mapping[str, Any]
    at: datetime
    said: str | None
    approvals: tuple[str, ...] = ()
    withdrawn: datetime | None = None
    about: str = ""
    recused: tuple[str, ...] = ()
    standing: bytes | None = None
    lapsed: tuple[str, ...] = ()

    @property
    def withdrawal(self) -> bool:
        """Whether what stands at `about` is to be taken back, rather than changed."""
        return bool(self.about) and not self.fields


def _proposal(snapshot: Snapshot, row: Row, roles: Roles) -> Proposal:
    answers = snapshot.all(
        "SELECT a.name, a.recused, m.role FROM approvals a"
        " LEFT JOIN memberships m ON m.member = a.member AND m.collective = ?2"
        " WHERE a.proposal = ?1 ORDER BY a.at, a.name",
        row["id"],
        row["collective"],
    )
    known = roles(row["kind"])
    signed = [
        (name, row["said"] is not None or role in known) for name, recused, role in answers if not recused
    ]
    return Proposal(
        row["id"],
        row["collective"],
        row["kind"],
        json.loads(row["fields"]),
        from_ms(row["at"]),
        row["said"],
        tuple(name for name, counts in signed if counts),
        None if row["withdrawn"] is None else from_ms(row["withdrawn"]),
        row["about"] or "",
        tuple(name for name, recused, _ in answers if recused),
        row["standing"],
        tuple(name for name, counts in signed if not counts),
    )


def add(
    transaction: Transaction,
    collective: int,
    kind: str,
    fields: Mapping[str, Any],
    about: str = "",
    standing: bytes | None = None,
) -> int:
    """Keep what was proposed; its number."""
    number = transaction.next_id()
    transaction.execute(
        "INSERT INTO proposals (id, collective, kind, fields, at, about, standing) VALUES (?, ?, ?, ?, ?, ?, ?)",
        number,
        collective,
        kind,
        json.dumps(dict(fields), ensure_ascii=False),
        to_ms(transaction.now),
        about or None,
        standing,
    )
    return number


def by_id(snapshot: Snapshot, collective: int, number: int, roles: Roles) -> Proposal | None:
    """A proposal of a collective."""
    row = snapshot.one("SELECT * FROM proposals WHERE id = ? AND collective = ?", number, collective)
    return None if row is None else _proposal(snapshot, row, roles)


def waiting(snapshot: Snapshot, collective: int, roles: Roles) -> list[Proposal]:
    """Those of a collective that were neither published nor taken back yet, oldest first."""
    rows = snapshot.all(
        "SELECT * FROM proposals WHERE collective = ? AND said IS NULL AND withdrawn IS NULL ORDER BY id",
        collective,
    )
    return [_proposal(snapshot, row, roles) for row in rows]


def approve(transaction: Transaction, number: int, member: int, name: str, *, recused: bool = False) -> bool:
    """Note that a member approves, or leaves it to others (`recused`), also after she approved. False where that changes nothing,
    or would let her approve what she left to others."""
    changed = transaction.execute(
        "INSERT INTO approvals (proposal, member, name, at, recused) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (proposal, member) DO UPDATE SET at = excluded.at, recused = 1"
        " WHERE excluded.recused AND NOT approvals.recused",
        number,
        member,
        name,
        to_ms(transaction.now),
        int(recused),
    )
    return changed == 1


def count(snapshot: Snapshot, number: int, roles: Collection[str]) -> int:
    """How many different members approved who have one of these roles now: who lost hers counts no more."""
    found: int = snapshot.value(
        "SELECT count(*) FROM approvals a JOIN proposals p ON p.id = a.proposal"
        " JOIN memberships m ON m.member = a.member AND m.collective = p.collective"
        " WHERE a.proposal = ? AND NOT a.recused AND m.role IN (SELECT value FROM json_each(?))",
        number,
        json.dumps(sorted(roles)),
    )
    return found


def publish(transaction: Transaction, number: int, uri: str) -> None:
    """Note that it was published as this object."""
    transaction.execute("UPDATE proposals SET said = ? WHERE id = ?", uri, number)


def withdraw(transaction: Transaction, number: int) -> None:
    """Note that it was taken back."""
    transaction.execute("UPDATE proposals SET withdrawn = ? WHERE id = ?", to_ms(transaction.now), number)
