"""Whom a collective does not want to meet by chance: actors or hosts whose posts stay out of public timelines, of the board and
of notices, unless the collective follows them. Milder than a block: they may follow, and what they say is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms
from node.storage.hosts import host_of


@dataclass(frozen=True, slots=True)
class Limit:
    """One of them: an actor URI or a host, with the reason that a steward gave."""

    target: str
    reason: str
    at: datetime


def _limit(row: Row) -> Limit:
    return Limit(row["target"], row["reason"], from_ms(row["at"]))


def put(transaction: Transaction, collective: int, target: str, reason: str) -> None:
    """Limit an actor or a host."""
    transaction.execute(
        "INSERT INTO limits (collective, target, reason, at) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (collective, target) DO UPDATE SET reason = ?3",
        collective,
        target,
        reason,
        to_ms(transaction.now),
    )


def lift(transaction: Transaction, collective: int, target: str) -> bool:
    """Take a limit away; whether there was one."""
    return (
        transaction.execute("DELETE FROM limits WHERE collective = ? AND target = ?", collective, target) > 0
    )


def page(
    snapshot: Snapshot, collective: int, *, actors: bool, after: str = "", limit: int = 10_000
) -> list[Limit]:
    """The limited actors, or the limited hosts, in the order of their names."""
    rows = snapshot.all(
        "SELECT target, reason, at FROM limits WHERE collective = ? AND target > ? AND (target LIKE 'http%://%') = ?"
        " ORDER BY target LIMIT ?",
        collective,
        after,
        actors,
        limit,
    )
    return [_limit(row) for row in rows]


def hides(snapshot: Snapshot, collective: int, actor: str) -> bool:
    """Whether an actor or its host is limited, and not followed all the same."""
    found = snapshot.value(
        "SELECT 1 FROM limits WHERE collective = ?1 AND target IN (?2, ?3) AND NOT EXISTS"
        " (SELECT 1 FROM following f WHERE f.collective = ?1 AND f.actor = ?2 AND f.state = 'accepted') LIMIT 1",
        collective,
        actor,
        host_of(actor),
    )
    return found is not None


def limited(snapshot: Snapshot, collective: int, target: str) -> bool:
    """Whether exactly this actor or host is limited."""
    return (
        snapshot.value("SELECT 1 FROM limits WHERE collective = ? AND target = ?", collective, target)
        is not None
    )


def by_target(snapshot: Snapshot, collective: int) -> Mapping[str, str]:
    """The limited hosts with their reasons."""
    return {each.target: each.reason for each in page(snapshot, collective, actors=False)}
