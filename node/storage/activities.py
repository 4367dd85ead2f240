"""Every activity said or accepted, append-only: the spine of which all public state is a fold."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from node.storage import deliveries
from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of the spine. `body` are the exact bytes, None once erased; of a fetched object (`transport` "fetch") they
    are the object's. `object` is the URI that it is about; `options` a keeper's explicit choices, space separated."""

    id: int
    uri: str
    actor: str
    type: str
    object: str
    kind: str
    collective: int | None
    audience: str
    options: str
    aside: str
    folded: str
    transport: str
    key: str
    at: datetime
    digest: bytes
    body: bytes | None


_COLUMNS = "id, uri, actor, type, object, kind, collective, audience, options, aside, folded, transport, key, at, digest, body"


def _activity(row: Row) -> Activity:
    return Activity(**{**dict(row), "at": from_ms(row["at"])})


def add(
    transaction: Transaction,
    *,
    number: int,
    uri: str,
    actor: str,
    type: str,
    object: str,
    kind: str,
    collective: int | None,
    audience: str,
    body: bytes,
    options: str = "",
    aside: str = "{}",
    folded: str = "",
    transport: str = "inbox",
    key: str = "",
) -> None:
    """Append one. One of the same URI and actor raises sqlite3.IntegrityError: callers look first."""
    transaction.execute(
        f"INSERT INTO activities ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        number,
        uri,
        actor,
        type,
        object,
        kind,
        collective,
        audience,
        options,
        aside,
        folded,
        transport,
        key,
        to_ms(transaction.now),
        hashlib.sha256(body).digest(),
        body,
    )


def by_uri(snapshot: Snapshot, uri: str) -> Activity | None:
    """The activity of this id: of ours and of leaves there is one; where neighbours share an id, the first."""
    row = snapshot.one(f"SELECT {_COLUMNS} FROM activities WHERE uri = ? ORDER BY id LIMIT 1", uri)  # noqa: S608
    return None if row is None else _activity(row)


def by_author(snapshot: Snapshot, uri: str, actor: str) -> Activity | None:
    """The activity of this id that this actor said."""
    row = snapshot.one(
        f"SELECT {_COLUMNS} FROM activities WHERE uri = ? AND actor = ?",  # noqa: S608
        uri,
        actor,
    )
    return None if row is None else _activity(row)


def known(snapshot: Snapshot, uri: str) -> bool:
    """Whether an activity of this id was ever kept, whoever said it."""
    return snapshot.value("SELECT 1 FROM activities WHERE uri = ?", uri) is not None


def heard(snapshot: Snapshot, uri: str, actor: str) -> bool:
    """Whether an activity of this id by this actor was ever kept."""
    return snapshot.value("SELECT 1 FROM activities WHERE uri = ? AND actor = ?", uri, actor) is not None


def about(snapshot: Snapshot, uri: str) -> list[Activity]:
    """Every activity about one object, oldest first."""
    rows = snapshot.all(f"SELECT {_COLUMNS} FROM activities WHERE object = ? ORDER BY id", uri)  # noqa: S608
    return [_activity(row) for row in rows]


def was_withdrawn(snapshot: Snapshot, uri: str, actor: str) -> bool:
    """Whether this actor ever deleted an object."""
    found = snapshot.value(
        "SELECT 1 FROM activities WHERE object = ? AND type = 'Delete' AND actor = ? LIMIT 1", uri, actor
    )
    return found is not None


def answer_to(snapshot: Snapshot, uri: str, type: str) -> Activity | None:
    """The last activity of one type about an object: the Accept of an Offer."""
    row = snapshot.one(
        f"SELECT {_COLUMNS} FROM activities WHERE object = ? AND type = ? ORDER BY id DESC LIMIT 1",  # noqa: S608
        uri,
        type,
    )
    return None if row is None else _activity(row)


def said(snapshot: Snapshot, collective: int, *, before: int | None, limit: int) -> list[Activity]:
    """Public and unlisted activities of one collective, newest first: its outbox."""
    rows = snapshot.all(
        f"SELECT {_COLUMNS} FROM activities WHERE collective = ? AND audience IN ('public', 'unlisted')"  # noqa: S608
        " AND id < ? AND body IS NOT NULL ORDER BY id DESC LIMIT ?",
        collective,
        before if before is not None else 2**63 - 1,
        limit,
    )
    return [_activity(row) for row in rows]


def count(snapshot: Snapshot) -> int:
    """How many activities there are."""
    found: int = snapshot.value("SELECT count(*) FROM activities")
    return found


def count_said(snapshot: Snapshot, collective: int) -> int:
    """How many activities the outbox of a collective holds: what was erased is not among them."""
    found: int = snapshot.value(
        "SELECT count(*) FROM activities WHERE collective = ? AND audience IN ('public', 'unlisted')"
        " AND body IS NOT NULL",
        collective,
    )
    return found


def every(snapshot: Snapshot, *, after: int = 0) -> Iterator[Activity]:
    """All of them in the order in which they were folded, for replay; read in pages."""
    while rows := snapshot.all(
        f"SELECT {_COLUMNS} FROM activities WHERE id > ? ORDER BY id LIMIT 500",  # noqa: S608
        after,
    ):
        for row in rows:
            yield _activity(row)
        after = rows[-1]["id"]


def erase(transaction: Transaction, object_uri: str) -> None:
    """Blank the bytes of all activities about an object, but for its Delete; id, verb and digest stay. What of it still
    waited to be delivered is not sent any more."""
    deliveries.recall(transaction, object_uri)
    transaction.execute(
        "UPDATE activities SET body = NULL WHERE object = ? AND type <> 'Delete' AND body IS NOT NULL",
        object_uri,
    )


def latest(snapshot: Snapshot) -> datetime | None:
    """When the last activity was kept: a clock far behind it is wrong."""
    value = snapshot.value("SELECT at FROM activities ORDER BY id DESC LIMIT 1")
    return None if value is None else from_ms(value)
