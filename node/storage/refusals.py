"""What a collective does not take from a server that it does not block: its pictures, its reports."""

import json
from collections.abc import Container
from dataclasses import dataclass

from node.storage import hosts
from node.storage.database import Row, Snapshot, Transaction


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is not taken from a host, and why. `obfuscate`: who shares the list hides a part of the name."""

    host: str
    media: bool = False
    reports: bool = False
    obfuscate: bool = False
    reason: str = ""


def _refusal(row: Row) -> Refusal:
    return Refusal(
        row["host"], bool(row["media"]), bool(row["reports"]), bool(row["obfuscate"]), row["reason"]
    )


def add(transaction: Transaction, collective: int, refusal: Refusal) -> None:
    """Refuse this too; what was refused before stays so, and its reason."""
    transaction.execute(
        "INSERT INTO refusals (collective, host, media, reports, obfuscate, reason) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (collective, host) DO UPDATE SET media = max(media, excluded.media),"
        " reports = max(reports, excluded.reports), obfuscate = max(obfuscate, excluded.obfuscate),"
        " reason = CASE reason WHEN '' THEN excluded.reason ELSE reason END",
        collective,
        refusal.host,
        refusal.media,
        refusal.reports,
        refusal.obfuscate,
        refusal.reason,
    )


def lift(transaction: Transaction, collective: int, host: str) -> None:
    """Take everything from a host again."""
    transaction.execute("DELETE FROM refusals WHERE collective = ? AND host = ?", collective, host)


def page(snapshot: Snapshot, collective: int, *, after: str = "", limit: int = 10_000) -> list[Refusal]:
    """What a collective refuses, in the order of the names of hosts."""
    rows = snapshot.all(
        "SELECT * FROM refusals WHERE collective = ? AND host > ? ORDER BY host LIMIT ?",
        collective,
        after,
        limit,
    )
    return [_refusal(row) for row in rows]


def reports_from(snapshot: Snapshot, collective: int, actor: str) -> bool:
    """Whether a collective takes no reports of an actor's host."""
    named = json.dumps(hosts.above(hosts.host_of(actor)))
    found = snapshot.value(
        "SELECT 1 FROM refusals WHERE collective = ? AND host IN (SELECT value FROM json_each(?)) AND reports = 1 LIMIT 1",
        collective,
        named,
    )
    return found is not None


def without_pictures(snapshot: Snapshot, collective: int | None) -> frozenset[str]:
    """The hosts whose pictures a collective does not take; of a stranger, those whose pictures none of ours takes."""
    if collective is not None:
        rows = snapshot.all("SELECT host FROM refusals WHERE collective = ? AND media = 1", collective)
    else:
        rows = snapshot.all(
            "SELECT host FROM refusals r WHERE collective = (SELECT min(id) FROM collectives) AND media = 1 AND NOT EXISTS"
            " (SELECT 1 FROM collectives c WHERE NOT EXISTS (SELECT 1 FROM refusals o WHERE o.collective = c.id"
            " AND o.host = r.host AND o.media = 1))"
        )
    return frozenset(row[0] for row in rows)


def covers(refused: Container[str], *urls: str) -> bool:
    """Whether one of these stands at a host whose pictures are not taken."""
    return bool(refused) and any(hosts.covered(refused, hosts.host_of(url)) for url in urls)


def wanted_by_nobody(snapshot: Snapshot, url: str) -> bool:
    """Whether every collective of this node refuses the pictures of a URL's host, or blocks it."""
    named = json.dumps(hosts.above(hosts.host_of(url)))
    wanted = snapshot.value(
        "SELECT 1 FROM collectives c WHERE NOT EXISTS (SELECT 1 FROM refusals r WHERE r.collective = c.id"
        " AND r.host IN (SELECT value FROM json_each(?1)) AND r.media = 1)"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.by = c.uri AND b.target IN (SELECT value FROM json_each(?1))) LIMIT 1",
        named,
    )
    return wanted is None
