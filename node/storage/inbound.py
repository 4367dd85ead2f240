"""Activities accepted at the door and not yet processed, and the bounded count of refused attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.storage import activities, actors, collectives, follows, objects, posts
from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms

INCIDENTS = 10_000
"""Rows of incidents at most; those of the oldest day go first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One activity that waits for `receive`. `inbox` is the actor whose inbox took it, "" for the shared one; `doubted` that its
    author's proof on it, or on what it carries, does not hold."""

    id: int
    uri: str
    actor: str
    type: str
    inbox: str
    scheme: str
    key: str
    transport: str
    received: datetime
    attempts: int
    body: bytes
    doubted: bool


def _waiting(row: Row) -> Waiting:
    values = dict(row)
    del values["next"]
    return Waiting(**{**values, "received": from_ms(row["received"]), "doubted": bool(row["doubted"])})


def keep(
    transaction: Transaction,
    *,
    uri: str,
    actor: str,
    type: str,
    inbox: str,
    scheme: str,
    key: str,
    transport: str,
    body: bytes,
    doubted: bool = False,
) -> bool:
    """Keep it once; False where one of this id from this actor was here before. A second personal inbox may then read what the first got."""
    if (known := activities.by_author(transaction, uri, actor)) is not None:
        if inbox and known.audience not in ("public", "unlisted"):
            _admit(transaction, known.object, inbox)
        return False
    changed = transaction.execute(
        "INSERT OR IGNORE INTO inbound (id, uri, actor, type, inbox, scheme, key, transport, received, next, body, doubted)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        transaction.next_id(),
        uri,
        actor,
        type,
        inbox,
        scheme,
        key,
        transport,
        to_ms(transaction.now),
        to_ms(transaction.now),
        body,
        int(doubted),
    )
    if changed == 0 and inbox:
        transaction.execute(
            "UPDATE inbound SET inbox = trim(inbox || ' ' || ?1) WHERE uri = ?2 AND actor = ?3"
            " AND instr(' ' || inbox || ' ', ' ' || ?1 || ' ') = 0",
            inbox,
            uri,
            actor,
        )
    if changed:
        transaction.wake("inbound")
    return changed == 1


def _admit(transaction: Transaction, uri: str, inbox: str) -> None:
    reader, post = collectives.by_uri(transaction, inbox), posts.meant(transaction, uri)
    if objects.admit(transaction, uri, inbox) and reader is not None and post is not None:
        posts.put_home(transaction, post.id, [reader.id])


def due(snapshot: Snapshot, limit: int, busy: frozenset[str] = frozenset()) -> list[Waiting]:
    """What may be processed now, oldest first, but for actors whose earlier activities are under way."""
    marks = ", ".join("?" * len(busy))
    rows = snapshot.all(
        f"SELECT * FROM inbound WHERE next <= ? AND actor NOT IN ({marks}) ORDER BY next, id LIMIT ?",  # noqa: S608
        to_ms(snapshot.now),
        *busy,
        limit,
    )
    return [_waiting(row) for row in rows]


def next_due(snapshot: Snapshot, busy: frozenset[str] = frozenset()) -> datetime | None:
    """When the next one may be processed, of actors that are not busy."""
    marks = ", ".join("?" * len(busy))
    value = snapshot.value(f"SELECT min(next) FROM inbound WHERE actor NOT IN ({marks})", *busy)  # noqa: S608
    return None if value is None else from_ms(value)


def done(transaction: Transaction, number: int) -> None:
    """It was processed, or refused for good."""
    transaction.execute("DELETE FROM inbound WHERE id = ?", number)


def later(transaction: Transaction, number: int, wait: timedelta) -> None:
    """It could not be processed yet: somebody else did not answer."""
    transaction.execute(
        "UPDATE inbound SET attempts = attempts + 1, next = ? WHERE id = ?",
        to_ms(transaction.now + wait),
        number,
    )


def count(snapshot: Snapshot) -> int:
    """How many wait."""
    found: int = snapshot.value("SELECT count(*) FROM inbound")
    return found


def incident(transaction: Transaction, *, actor: str, code: str, object: str) -> None:
    """Count a refused attempt; the table is bounded."""
    transaction.execute(
        "INSERT INTO incidents (day, actor, code, object, count) VALUES (?, ?, ?, ?, 1)"
        " ON CONFLICT (day, actor, code, object) DO UPDATE SET count = count + 1",
        transaction.now.date().isoformat(),
        actor[:500],
        code,
        object[:500],
    )
    over = transaction.value("SELECT count(*) FROM incidents") - INCIDENTS
    if over > 0:
        transaction.execute(
            "DELETE FROM incidents WHERE (day, actor, code, object) IN"
            " (SELECT day, actor, code, object FROM incidents ORDER BY day, actor, code, object LIMIT ?)",
            over,
        )


def in_doubt(transaction: Transaction, actor: str) -> None:
    """An actor did what its identity does not cover: it stays in doubt. That is told anew, whatever was said for it before the doubt."""
    known = actors.profile(transaction, actor)
    if known is not None and known.state != "doubt":
        posts.untell_all(transaction, "doubt", actor)
    actors.set_state(transaction, actor, "doubt")
    question(transaction, actor)


def question(transaction: Transaction, actor: str) -> None:
    """Something was said for an actor that its identity does not cover: that is counted, and the collectives that follow or trust
    it are told."""
    incident(transaction, actor=actor, code="identity-in-doubt", object=actor)
    trusting = [
        own.id for own in collectives.every(transaction) if follows.trusts(transaction, own.id, actor)
    ]
    for collective in {*follows.readers_of(transaction, actor), *trusting}:
        posts.notify(transaction, collective, "doubt", actor, None)


def no_doubt(transaction: Transaction, actor: str) -> None:
    """It is settled who an actor is, or that it is back; a later doubt is told anew."""
    posts.untell_all(transaction, "doubt", actor)


def incidents(snapshot: Snapshot, limit: int = 100) -> Sequence[tuple[str, str, str, str, int]]:
    """Refused attempts, newest day first: day, actor, code, object, count."""
    rows = snapshot.all(
        "SELECT day, actor, code, object, count FROM incidents ORDER BY day DESC LIMIT ?", limit
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]
