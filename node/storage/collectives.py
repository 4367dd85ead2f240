"""The collectives that this node hosts."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from node.errors import ConflictError
from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Collective:
    """One collective of ours. `uri` is its actor; `seal` the age recipient of its backups; `identity` the FEP-c390
    statement and `document` the actor document, both as served; `latitude` and `longitude` are decimal degrees as text, rounded to
    0.01°, "" where nothing is said; `picture` and the wide `banner` are names of kept photographs; `fields` are pairs of a name and what is
    told under it, in safe HTML."""

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
    district: str = ""
    latitude: str = ""
    longitude: str = ""
    picture: str = ""
    banner: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    approves: bool = False


def _collective(row: Row) -> Collective:
    moments = {"created": from_ms(row["created"]), "updated": from_ms(row["updated"])}
    fields = tuple((name, value) for name, value in json.loads(row["fields"]))
    return Collective(**{**dict(row), **moments, "approves": bool(row["approves"]), "fields": fields})


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
    """Store what may change of a collective."""
    transaction.execute(
        "UPDATE collectives SET name = ?, kind = ?, summary = ?, locale = ?, currency = ?, timezone = ?, district = ?,"
        " latitude = ?, longitude = ?, picture = ?, banner = ?, fields = ?, approves = ?, identity = ?, document = ?, updated = ?"
        " WHERE id = ?",
        collective.name,
        collective.kind,
        collective.summary,
        collective.locale,
        collective.currency,
        collective.timezone,
        collective.district,
        collective.latitude,
        collective.longitude,
        collective.picture,
        collective.banner,
        json.dumps(collective.fields, ensure_ascii=False),
        collective.approves,
        collective.identity,
        collective.document,
        to_ms(transaction.now),
        collective.id,
    )


def places(snapshot: Snapshot, collective: int) -> list[str]:
    """The coarse places that a form offers."""
    return [
        row[0]
        for row in snapshot.all("SELECT name FROM places WHERE collective = ? ORDER BY name", collective)
    ]


def put_places(transaction: Transaction, collective: int, names: Sequence[str]) -> None:
    """Replace the places that a form offers."""
    transaction.execute("DELETE FROM places WHERE collective = ?", collective)
    transaction.many("INSERT OR IGNORE INTO places VALUES (?, ?)", [(collective, name) for name in names])
