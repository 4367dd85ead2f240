"""The present state of every published thing, and how things are linked. A fold over the activities; replay rebuilds it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from node.storage import sums
from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Object:
    """One row. `document` is the JSON as last accepted, byte for byte; empty for a tombstone. `readers` are actors and
    collections that may read it where `audience` restricts it."""

    id: int
    uri: str
    kind: str
    owner: str
    collective: int | None
    state: str
    audience: str
    readers: tuple[str, ...]
    published: datetime
    updated: datetime
    due: datetime | None
    facts: dict[str, Any]
    document: bytes


def object_of(row: Row) -> Object:
    """A row as an object."""
    readers, facts, due = row["readers"], row["facts"], row["due"]
    return Object(
        id=row["id"],
        uri=row["uri"],
        kind=row["kind"],
        owner=row["owner"],
        collective=row["collective"],
        state=row["state"],
        audience=row["audience"],
        # Most have none, and boards read many rows.
        readers=() if readers == "[]" else tuple(json.loads(readers)),
        published=from_ms(row["published"]),
        updated=from_ms(row["updated"]),
        due=None if due is None else from_ms(due),
        facts={} if facts == "{}" else json.loads(facts),
        document=row["document"],
    )


def by_uri(snapshot: Snapshot, uri: str) -> Object | None:
    """The object of this id."""
    row = snapshot.one("SELECT * FROM objects WHERE uri = ?", uri)
    return None if row is None else object_of(row)


def by_id(snapshot: Snapshot, number: int) -> Object | None:
    """The object of this number."""
    row = snapshot.one("SELECT * FROM objects WHERE id = ?", number)
    return None if row is None else object_of(row)


def by_alias(snapshot: Snapshot, uri: str) -> Object | None:
    """The object that this is an id of: of its intent, agreement, record or echo, or its own.

    A neighbour on the same server may have named it before: then it is of who published something by it, or above it in its path.
    """
    row = snapshot.one(
        "SELECT o.* FROM links l JOIN objects o ON o.uri = l.object WHERE l.target = ?1 AND l.relation = 'same'"
        " AND NOT EXISTS (SELECT 1 FROM objects n WHERE n.uri = ?1 AND n.owner <> o.owner)"
        " ORDER BY instr(?1, o.uri || '/') <> 1 AND instr(?1, o.uri || '#') <> 1, o.id LIMIT 1",
        uri,
    )
    return by_uri(snapshot, uri) if row is None else object_of(row)


def put(transaction: Transaction, thing: Object) -> None:
    """Store the present state, new or changed."""
    _follow(transaction, thing.uri, thing.owner, thing.facts)
    transaction.execute(
        "INSERT INTO objects (id, uri, kind, owner, collective, state, audience, readers, published, updated, due, facts,"
        " document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uri) DO UPDATE SET kind = excluded.kind,"
        " state = excluded.state, lapsed = lapsed AND due IS excluded.due, readers = excluded.readers,"
        " updated = excluded.updated, due = excluded.due,"
        " facts = excluded.facts, document = excluded.document",
        thing.id,
        thing.uri,
        thing.kind,
        thing.owner,
        thing.collective,
        thing.state,
        thing.audience,
        json.dumps(sorted(thing.readers)),
        to_ms(thing.published),
        to_ms(thing.updated),
        None if thing.due is None else to_ms(thing.due),
        json.dumps(thing.facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        thing.document,
    )


def _follow(transaction: Transaction, uri: str, owner: str, facts: Mapping[str, Any]) -> None:
    """Keep the sums of what an actor's things booked."""
    former: str | None = transaction.value("SELECT facts FROM objects WHERE uri = ?", uri)
    if facts or former not in (None, "{}"):
        sums.keep(transaction, owner, json.loads(former or "{}"), facts)


def forget(transaction: Transaction, uri: str) -> None:
    """Erase the words of a foreign object; its tombstone stays."""
    _follow(transaction, uri, transaction.value("SELECT owner FROM objects WHERE uri = ?", uri) or "", {})
    transaction.execute(
        "UPDATE objects SET state = 'withdrawn', due = NULL, facts = '{}', document = X'' WHERE uri = ?", uri
    )
    transaction.execute("DELETE FROM links WHERE object = ?", uri)


def remove(transaction: Transaction, uri: str) -> None:
    """Take away a foreign object that was not its publisher's to name, without a tombstone."""
    forget(transaction, uri)
    transaction.execute("DELETE FROM objects WHERE uri = ?", uri)


def link(transaction: Transaction, uri: str, links: Iterable[tuple[str, str]]) -> None:
    """Set the links of an object: (relation, target) each. Links `same` are only ever added."""
    transaction.execute("DELETE FROM links WHERE object = ? AND relation <> 'same'", uri)
    transaction.many(
        "INSERT OR IGNORE INTO links (object, relation, target) VALUES (?, ?, ?)",
        [(uri, relation, target) for relation, target in links],
    )


def linking(snapshot: Snapshot, target: str, relation: str) -> list[Object]:
    """Every object with this relation to `target`, oldest first."""
    rows = snapshot.all(
        "SELECT o.* FROM links l JOIN objects o ON o.uri = l.object WHERE l.target = ? AND l.relation = ? ORDER BY o.id",
        target,
        relation,
    )
    return [object_of(row) for row in rows]


def replying(snapshot: Snapshot, uris: Iterable[str], kind: str) -> list[tuple[str, Object]]:
    """Every object of a kind whose Note replies to one of `uris`, with what it replies to."""
    wanted = json.dumps(list(uris))
    if wanted == "[]":
        return []
    rows = snapshot.all(
        # CROSS JOIN: from the replies to their objects; the planner would rather read every object of the kind.
        "SELECT p.reply_to, o.* FROM posts p CROSS JOIN objects o ON o.uri = p.uri"
        " WHERE p.reply_to IN (SELECT value FROM json_each(?)) AND o.kind = ?",
        wanted,
        kind,
    )
    return [(row["reply_to"], object_of(row)) for row in rows]


def rename(transaction: Transaction, uri: str, name: str) -> None:
    """Let an object be found by one more id."""
    transaction.execute(
        "INSERT OR IGNORE INTO links (object, relation, target) VALUES (?, 'same', ?)", uri, name
    )


def links_of(snapshot: Snapshot, uri: str) -> list[tuple[str, str]]:
    """(relation, target) of every link from an object, in a fixed order."""
    rows = snapshot.all("SELECT relation, target FROM links WHERE object = ? ORDER BY relation, target", uri)
    return [(row[0], row[1]) for row in rows]


def every(snapshot: Snapshot) -> Iterator[Object]:
    """All of them, oldest first, read in pages."""
    after = 0
    while rows := snapshot.all("SELECT * FROM objects WHERE id > ? ORDER BY id LIMIT 500", after):
        for row in rows:
            yield object_of(row)
        after = rows[-1]["id"]


def forget_all(transaction: Transaction) -> None:
    """Forget every state and link: before a replay, in a copy of the database."""
    transaction.execute("DELETE FROM objects")
    transaction.execute("DELETE FROM links")
    sums.forget_all(transaction)


def board(
    snapshot: Snapshot,
    *,
    kinds: Sequence[str],
    states: Sequence[str],
    before: int | None = None,
    limit: int = 100,
    for_all: bool = False,
    overdue: bool = True,
    near: bool = False,
    but: str = "",
) -> list[Object]:
    """Things of some kinds in some states, newest first: what is true now, ours and our peers'. Only what is announced `for_all`;
    without what is `overdue`; only what is `near`: said here or by somebody whom a collective here follows; nothing of the actor
    `but`. What is `pressing` comes before it and is not in it."""
    found: list[Object] = []
    for kind in kinds:
        for state in states:
            rows = snapshot.all(
                "SELECT * FROM objects WHERE kind = ? AND state = ? AND id < ?"  # noqa: S608
                " AND (audience = 'public' OR NOT ?) AND (due IS NULL OR due > ?)"
                f" AND NOT (pressing AND (due IS NULL OR due > ?)) AND {_NEAR} AND owner <> ? ORDER BY id DESC LIMIT ?",
                kind,
                state,
                before if before is not None else _LAST,
                for_all,
                0 if overdue else to_ms(snapshot.now),
                to_ms(snapshot.now),
                near,
                but,
                limit,
            )
            found.extend(object_of(row) for row in rows)
    return sorted(found, key=lambda thing: thing.id, reverse=True)[:limit]


_LAST = 2**63 - 1
_NEAR = (
    "(NOT ? OR collective IS NOT NULL"
    " OR EXISTS (SELECT 1 FROM following f WHERE f.actor = owner AND f.state = 'accepted'))"
)


def pressing(
    snapshot: Snapshot,
    kind: str,
    *,
    before: int | None = None,
    limit: int = 100,
    for_all: bool = False,
    near: bool = False,
    but: str = "",
) -> list[Object]:
    """Open things of a kind that are urgent and not overdue, newest first. Only what is announced `for_all`, only what is `near`,
    nothing of the actor `but`."""
    rows = snapshot.all(
        "SELECT * FROM objects WHERE pressing = 1 AND kind = ? AND id < ?"  # noqa: S608
        f" AND (audience = 'public' OR NOT ?) AND (due IS NULL OR due > ?) AND {_NEAR}"
        " AND owner <> ? ORDER BY id DESC LIMIT ?",
        kind,
        _LAST if before is None else before,
        for_all,
        to_ms(snapshot.now),
        near,
        but,
        limit,
    )
    return [object_of(row) for row in rows]


def is_pressing(snapshot: Snapshot, number: int) -> bool:
    """Whether an object is open, urgent and not overdue."""
    return bool(
        snapshot.value(
            "SELECT 1 FROM objects WHERE id = ? AND pressing AND (due IS NULL OR due > ?)",
            number,
            to_ms(snapshot.now),
        )
    )


def lapsing(snapshot: Snapshot, limit: int) -> list[Object]:
    """Things of ours whose due moment has passed and of which nothing was said since."""
    rows = snapshot.all(
        "SELECT * FROM objects WHERE due <= ? AND lapsed = 0 AND collective IS NOT NULL ORDER BY due LIMIT ?",
        to_ms(snapshot.now),
        limit,
    )
    return [object_of(row) for row in rows]


def lapse(transaction: Transaction, uri: str) -> None:
    """Note that a thing was looked at when its due moment had passed."""
    transaction.execute("UPDATE objects SET lapsed = 1 WHERE uri = ?", uri)


def of_owner(snapshot: Snapshot, owner: str, kind: str, *, limit: int = 100) -> list[Object]:
    """Things of one kind by one actor, newest first, tombstones left out."""
    rows = snapshot.all(
        "SELECT * FROM objects WHERE owner = ? AND kind = ? AND state <> 'withdrawn' ORDER BY id DESC LIMIT ?",
        owner,
        kind,
        limit,
    )
    return [object_of(row) for row in rows]


def nearest(snapshot: Snapshot, owner: str, kind: str, *, since: datetime, limit: int) -> list[Object]:
    """Open, public things of one kind by one actor that are due after `since`: what is due next first, at the end what was."""
    rows = snapshot.all(
        "SELECT * FROM objects WHERE owner = ? AND kind = ? AND state = 'open' AND audience = 'public' AND due > ?"
        " ORDER BY due <= ?, due LIMIT ?",
        owner,
        kind,
        to_ms(since),
        to_ms(snapshot.now),
        limit,
    )
    return [object_of(row) for row in rows]


def owned(
    snapshot: Snapshot, owner: str, kind: str, state: str, *, before: int | None = None, limit: int = 100
) -> list[Object]:
    """Things of one kind by one actor that are in one state, newest first; from one `before` on, which is not among them."""
    rows = snapshot.all(
        "SELECT * FROM objects WHERE owner = ? AND kind = ? AND state = ? AND id < ? ORDER BY id DESC LIMIT ?",
        owner,
        kind,
        state,
        before if before is not None else _LAST,
        limit,
    )
    return [object_of(row) for row in rows]


def count_owned(snapshot: Snapshot, owner: str, kind: str, state: str) -> int:
    """How many things of one kind by one actor are in one state."""
    found: int = snapshot.value(
        "SELECT count(*) FROM objects WHERE owner = ? AND kind = ? AND state = ?", owner, kind, state
    )
    return found


def count_shown(snapshot: Snapshot, owner: str, kind: str, state: str) -> int:
    """How many things of one kind by one actor are in one state and not overdue, of those that everybody may read."""
    found: int = snapshot.value(
        "SELECT count(*) FROM objects WHERE owner = ? AND kind = ? AND state = ? AND audience IN ('public', 'unlisted')"
        " AND (state <> 'open' OR due IS NULL OR due > ?)",
        owner,
        kind,
        state,
        to_ms(snapshot.now),
    )
    return found


def said_by(snapshot: Snapshot, owner: str, kind: str, since: datetime | None = None) -> list[Object]:
    """Everything of one kind by one actor, or what came since a moment, oldest first, tombstones included."""
    rows = snapshot.all(
        "SELECT * FROM objects WHERE owner = ? AND kind = ? AND id >= ? ORDER BY id",
        owner,
        kind,
        0 if since is None else to_ms(since) << 16,
    )
    return [object_of(row) for row in rows]


def ever_said(snapshot: Snapshot, owner: str, kind: str) -> bool:
    """Whether there is anything of one kind by one actor, tombstones included."""
    return bool(
        snapshot.value("SELECT EXISTS (SELECT 1 FROM objects WHERE owner = ? AND kind = ?)", owner, kind)
    )


def admit(transaction: Transaction, uri: str, reader: str) -> bool:
    """Let one more actor read a restricted object, because it was delivered to it too. Whether that was news."""
    found = by_uri(transaction, uri)
    if found is None or reader in found.readers:
        return False
    transaction.execute(
        "UPDATE objects SET readers = ? WHERE uri = ?", json.dumps(sorted({*found.readers, reader})), uri
    )
    return True


def label(transaction: Transaction, collective: int, scheme: str, value: str, uri: str) -> bool:
    """Take a label that is unique in its scheme. False where it is taken."""
    changed = transaction.execute(
        "INSERT OR IGNORE INTO labels (collective, scheme, value, object) VALUES (?, ?, ?, ?)",
        collective,
        scheme,
        value,
        uri,
    )
    return changed == 1


def labelled(snapshot: Snapshot, collective: int, scheme: str, value: str) -> str | None:
    """The object that bears a label."""
    found: str | None = snapshot.value(
        "SELECT object FROM labels WHERE collective = ? AND scheme = ? AND value = ?",
        collective,
        scheme,
        value,
    )
    return found
