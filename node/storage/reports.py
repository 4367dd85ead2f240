"""Reports that stewards look at: those that members' apps send, and those of other servers about us."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms

FROM_ONE_HOST = 100
"""Open reports of one server that are kept; a flood of them hides nothing else."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report: about whom, of which posts (their numbers), why. `reporter` is the actor of another server that sent it, "" where
    a member did; `resolved` is when a steward was done with it, `note` what was done."""

    id: int
    collective: int
    actor: str
    category: str
    comment: str
    posts: tuple[int, ...]
    at: datetime
    reporter: str
    resolved: datetime | None
    note: str


def _report(row: Row) -> Report:
    return Report(
        row["id"],
        row["collective"],
        row["actor"],
        row["category"],
        row["comment"],
        tuple(json.loads(row["posts"])),
        from_ms(row["at"]),
        row["reporter"],
        None if row["resolved"] is None else from_ms(row["resolved"]),
        row["note"],
    )


def add(
    transaction: Transaction,
    collective: int,
    actor: str,
    *,
    category: str,
    comment: str,
    posts: Sequence[int],
    reporter: str = "",
    activity: str | None = None,
) -> int:
    """Keep a report for the stewards; its number. The same `activity`, or key of a form, twice is one report."""
    number = transaction.next_id()
    transaction.execute(
        "INSERT OR IGNORE INTO reports (id, collective, actor, category, comment, posts, at, reporter, activity)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        number,
        collective,
        actor,
        category,
        comment,
        json.dumps(list(posts)),
        to_ms(transaction.now),
        reporter,
        activity,
    )
    return number


def open_from(snapshot: Snapshot, collective: int, reporter: str) -> int:
    """How many open reports an actor of another server sent."""
    found: int = snapshot.value(
        "SELECT count(*) FROM reports WHERE collective = ? AND resolved IS NULL AND reporter = ?",
        collective,
        reporter,
    )
    return found


def count_open(snapshot: Snapshot, collective: int) -> int:
    """How many wait for a steward."""
    found: int = snapshot.value(
        "SELECT count(*) FROM reports WHERE collective = ? AND resolved IS NULL", collective
    )
    return found


def page(
    snapshot: Snapshot, collective: int, *, resolved: bool, before: int | None, limit: int
) -> list[Report]:
    """Reports to a collective, newest first."""
    state = "resolved IS NOT NULL" if resolved else "resolved IS NULL"
    rows = snapshot.all(
        f"SELECT * FROM reports WHERE collective = ? AND {state} AND id < ? ORDER BY id DESC LIMIT ?",  # noqa: S608
        collective,
        before if before is not None else 2**63 - 1,
        limit,
    )
    return [_report(row) for row in rows]


def by_id(snapshot: Snapshot, collective: int, number: int) -> Report | None:
    """One report to a collective."""
    row = snapshot.one("SELECT * FROM reports WHERE id = ? AND collective = ?", number, collective)
    return None if row is None else _report(row)


def resolve(transaction: Transaction, collective: int, number: int, note: str) -> bool:
    """Be done with a report; whether it was open."""
    changed = transaction.execute(
        "UPDATE reports SET resolved = ?, note = ? WHERE id = ? AND collective = ? AND resolved IS NULL",
        to_ms(transaction.now),
        note,
        number,
        collective,
    )
    return changed > 0
