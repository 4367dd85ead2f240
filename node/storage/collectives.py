"""The collectives that this node hosts."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from node.errors import ConflictError
from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Collective:
    """One collective of ours. `uri` is its actor; `seal` the age recipient of its backups; `identity` the FEP-c390
    statement and `document` the actor document, both as served."""

    id: int
    handle: str
    uri: str
    name: str
    kind: str
    summary: str
    locale: str
    currency: str
    timezone: str
    created: datetime
    seal: str
    identity: bytes
    document: bytes
    updated: datetime


def _collective(row: Row) -> Collective:
    return Collective(**{**dict(row), "created": from_ms(row["created"]), "updated": from_ms(row["updated"])})


def every(snapshot: Snapshot) -> list[Collective]:
    """All of them, oldest first."""
    return [_collective(row) for row in snapshot.all("SELECT * FROM collectives ORDER BY id")]


def by_uri(snapshot: Snapshot, uri: str) -> Collective | None:
    """The collective of an actor URI."""
    row = snapshot.one("SELECT * FROM collectives WHERE uri = ?", uri)
    return None if row is None else _collective(row)


def by_handle(snapshot: Snapshot, handle: str) -> Collective | None:
    """The collective of a handle, in any case."""
    row = snapshot.one("SELECT * FROM collectives WHERE handle = ?", handle.lower())
    return None if row is None else _collective(row)


def by_id(snapshot: Snapshot, number: int) -> Collective | None:
    """The collective of an internal id."""
    row = snapshot.one("SELECT * FROM collectives WHERE id = ?", number)
    return None if row is None else _collective(row)


def add(transaction: Transaction, collective: Collective) -> None:
    """Add one; `id` is the caller's (`transaction.next_id()`). ConflictError where the handle is taken."""
    try:
        transaction.execute(
            "INSERT INTO collectives (id, handle, uri, name, kind, summary, locale, currency, timezone, created, seal,"
            " identity, document, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            collective.id,
            collective.handle,
            collective.uri,
            collective.name,
            collective.kind,
            collective.summary,
            collective.locale,
            collective.currency,
            collective.timezone,
            to_ms(collective.created),
            collective.seal,
            collective.identity,
            collective.document,
            to_ms(collective.updated),
        )
        transaction.wake("blocks")  # what all collectives blocked is not blocked by all any more
    except sqlite3.IntegrityError as taken:
        raise ConflictError(
            f"The handle {collective.handle} is taken on this node.", cause=str(taken)
        ) from taken


def describe(transaction: Transaction, collective: Collective) -> None:
    """Store what may change of a collective: name, summary, identity statement, actor document."""
    transaction.execute(
        "UPDATE collectives SET name = ?, summary = ?, identity = ?, document = ?, updated = ? WHERE id = ?",
        collective.name,
        collective.summary,
        collective.identity,
        collective.document,
        to_ms(transaction.now),
        collective.id,
    )
