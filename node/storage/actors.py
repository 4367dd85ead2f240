"""Remote actors, the history of their keys, and the identity statements and successions that bind them over time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from federation.interfaces import ActorKey, RemoteActor
from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms

ASLEEP = "asleep"
"""Woken when somebody became dormant, or is so no more."""


@dataclass(frozen=True, slots=True)
class Statement:
    """An identity statement that we hold of an actor, as received."""

    actor: str
    sequence: int
    subject: str
    statement: bytes
    received: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """What timelines and pages need of a remote actor. `id` is its number in the client API."""

    id: int
    uri: str
    type: str
    username: str
    host: str
    handle: str
    name: str
    inbox: str
    shared_inbox: str | None
    followers: str | None
    moved_to: str | None
    also_known_as: tuple[str, ...]
    state: str
    fetched: datetime
    document: bytes


def profile_of(row: Row) -> Profile:
    """A row as a profile."""
    return Profile(
        id=row["id"],
        uri=row["uri"],
        type=row["type"],
        username=row["username"],
        host=row["host"],
        handle=row["handle"],
        name=row["name"],
        inbox=row["inbox"],
        shared_inbox=row["shared_inbox"],
        followers=row["followers"],
        moved_to=row["moved_to"],
        also_known_as=tuple(json.loads(row["also_known_as"])),
        state=row["state"],
        fetched=from_ms(row["fetched"]),
        document=row["document"],
    )


def profile(snapshot: Snapshot, uri: str) -> Profile | None:
    """A remote actor by its URI."""
    row = snapshot.one("SELECT * FROM actors WHERE uri = ?", uri)
    return None if row is None else profile_of(row)


def by_id(snapshot: Snapshot, number: int) -> Profile | None:
    """A remote actor by its number."""
    row = snapshot.one("SELECT * FROM actors WHERE id = ?", number)
    return None if row is None else profile_of(row)


def by_handle(snapshot: Snapshot, handle: str) -> Profile | None:
    """A remote actor by `user@host`, without the leading @, where the WebFinger round trip agreed."""
    row = snapshot.one(
        "SELECT * FROM actors WHERE handle = ? AND handle <> '' ORDER BY fetched DESC LIMIT 1", handle.lower()
    )
    return None if row is None else profile_of(row)


def shown_as(snapshot: Snapshot, handle: str) -> list[str]:
    """The remote actors that are shown under this handle: that which agreed, then those whose user name on their own host it is,
    the one that was fetched last first."""
    username, _, host = handle.partition("@")
    rows = snapshot.all(
        "SELECT uri FROM actors WHERE username COLLATE NOCASE = ? AND host = ? AND handle = ''"
        " ORDER BY fetched DESC",
        username,
        host.lower(),
    )
    agreed = by_handle(snapshot, handle)
    return [*([agreed.uri] if agreed else []), *(row[0] for row in rows)]


def by_followers(snapshot: Snapshot, collection: str) -> Profile | None:
    """The actor whose followers collection this is: where a neighbour on the same server claims it too, the one above it in its
    path, else who was known first."""
    row = snapshot.one(
        "SELECT * FROM actors WHERE followers = ?1 ORDER BY instr(?1, uri || '/') <> 1, id LIMIT 1",
        collection,
    )
    return None if row is None else profile_of(row)


def remote(snapshot: Snapshot, uri: str) -> RemoteActor | None:
    """The actor as federation wants it, with the keys now believed and those revoked."""
    row = snapshot.one("SELECT * FROM actors WHERE uri = ? AND state <> 'gone'", uri)
    return None if row is None else _remote(snapshot, row)


def _remote(snapshot: Snapshot, row: Row) -> RemoteActor:
    held = statement(snapshot, row["uri"])
    return RemoteActor(
        id=row["uri"],
        type=row["type"],
        inbox=row["inbox"],
        shared_inbox=row["shared_inbox"],
        followers=row["followers"],
        outbox=row["outbox"],
        username=row["username"],
        handle=row["handle"],
        keys=keys(snapshot, row["uri"]),
        document=row["document"],
        fetched=from_ms(row["fetched"]),
        also_known_as=tuple(json.loads(row["also_known_as"])),
        moved_to=row["moved_to"],
        identity=None if held is None else json.loads(held.statement),
    )


def keys(snapshot: Snapshot, uri: str, *, past: bool = False) -> tuple[ActorKey, ...]:
    """The keys of an actor: those now believed, or with `past` every one ever."""
    rows = snapshot.all("SELECT * FROM keys WHERE actor = ? AND (current = 1 OR ?) ORDER BY first", uri, past)
    return tuple(
        ActorKey(
            row["id"],
            row["actor"],
            row["algorithm"],
            row["material"],
            None if row["revoked"] is None else from_ms(row["revoked"]),
        )
        for row in rows
    )


def put(
    transaction: Transaction, actor: RemoteActor, *, name: str, host: str, believe_keys: bool, state: str
) -> int:
    """Keep what a freshly fetched document says; its number. Without `believe_keys` the keys held before stay."""
    number = transaction.value("SELECT id FROM actors WHERE uri = ?", actor.id) or transaction.next_id()
    transaction.execute(
        "INSERT INTO actors (id, uri, type, username, host, handle, name, inbox, shared_inbox, followers, outbox, moved_to,"
        " also_known_as, state, fetched, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (uri) DO UPDATE SET type = excluded.type, username = excluded.username, host = excluded.host,"
        " handle = CASE WHEN excluded.handle <> '' THEN excluded.handle ELSE handle END, name = excluded.name,"
        " inbox = excluded.inbox, shared_inbox = excluded.shared_inbox, followers = excluded.followers,"
        " outbox = excluded.outbox, moved_to = excluded.moved_to, also_known_as = excluded.also_known_as,"
        " state = excluded.state, fetched = excluded.fetched, document = excluded.document",
        number,
        actor.id,
        actor.type,
        actor.username,
        host,
        actor.handle.lower(),
        name,
        actor.inbox,
        actor.shared_inbox,
        actor.followers,
        actor.outbox,
        actor.moved_to,
        json.dumps(actor.also_known_as),
        state,
        to_ms(actor.fetched),
        actor.document,
    )
    if believe_keys:
        transaction.execute("UPDATE keys SET current = 0 WHERE actor = ? AND current = 1", actor.id)
        for key in actor.keys:
            transaction.execute(
                "INSERT INTO keys (id, actor, algorithm, material, first, revoked, current) VALUES (?, ?, ?, ?, ?, ?, 1)"
                " ON CONFLICT (actor, id, material) DO UPDATE SET current = 1, revoked = coalesce(revoked, excluded.revoked)",
                key.id,
                actor.id,
                key.algorithm,
                key.material,
                to_ms(transaction.now),
                None if key.revoked is None else to_ms(key.revoked),
            )
    _follow_address(transaction, actor)
    return int(number)


def _follow_address(transaction: Transaction, actor: RemoteActor) -> None:
    """A follower's inbox is where its document now says."""
    transaction.execute(
        "UPDATE followers SET inbox = ?, shared_inbox = ? WHERE actor = ?",
        actor.inbox,
        actor.shared_inbox,
        actor.id,
    )


def set_state(transaction: Transaction, uri: str, state: str) -> None:
    """Change only the state of an actor."""
    transaction.execute("UPDATE actors SET state = ? WHERE uri = ?", state, uri)


def rest(transaction: Transaction, uri: str) -> None:
    """Its server does not know it any more: dormant, until it speaks or is found again. A doubt stays one."""
    if transaction.execute("UPDATE actors SET state = 'dormant' WHERE uri = ? AND state = 'ok'", uri):
        transaction.wake(ASLEEP)


def asleep(snapshot: Snapshot) -> list[str]:
    """Hosts of actors, or of followers, that are dormant."""
    rows = snapshot.all(
        "SELECT host FROM actors WHERE state = 'dormant'"
        " UNION SELECT actors.host FROM followers JOIN actors ON actors.uri = followers.actor"
        " WHERE followers.state = 'dormant'"
    )
    return [row[0] for row in rows]


def awake(transaction: Transaction, uri: str, host: str) -> bool:
    """An actor signed a request: it is back, and so are the follows of its host that a shared inbox serves. Whether it was dormant."""
    back = transaction.execute("UPDATE actors SET state = 'ok' WHERE uri = ? AND state = 'dormant'", uri)
    woken = back + transaction.execute(
        "UPDATE followers SET state = 'accepted' WHERE state = 'dormant' AND (actor = ?1 OR shared_inbox IS NOT NULL)"
        " AND actor IN (SELECT uri FROM actors WHERE host = ?2)",
        uri,
        host,
    )
    if woken:
        transaction.wake(ASLEEP)
    return back > 0


def erase(transaction: Transaction, uri: str) -> None:
    """Erase the profile of a deleted actor; id, keys and tombstone stay."""
    transaction.execute(
        "UPDATE actors SET state = 'gone', name = '', handle = '', document = X'7B7D', shared_inbox = NULL, followers = NULL,"
        " outbox = NULL WHERE uri = ?",
        uri,
    )


def statement(snapshot: Snapshot, uri: str) -> Statement | None:
    """The newest identity statement that we hold of an actor."""
    row = snapshot.one("SELECT * FROM identities WHERE actor = ? ORDER BY sequence DESC LIMIT 1", uri)
    return None if row is None else Statement(**{**dict(row), "received": from_ms(row["received"])})


def statements(snapshot: Snapshot, uri: str) -> list[Statement]:
    """Every identity statement that we hold of an actor, oldest first."""
    rows = snapshot.all("SELECT * FROM identities WHERE actor = ? ORDER BY sequence", uri)
    return [Statement(**{**dict(row), "received": from_ms(row["received"])}) for row in rows]


def keep_statement(
    transaction: Transaction, uri: str, *, sequence: int, subject: str, statement: bytes
) -> None:
    """Keep an identity statement, from the first contact on."""
    transaction.execute(
        "INSERT OR IGNORE INTO identities (actor, sequence, subject, statement, received) VALUES (?, ?, ?, ?, ?)",
        uri,
        sequence,
        subject,
        statement,
        to_ms(transaction.now),
    )


def forget_statements(transaction: Transaction, uri: str, *, since: int) -> None:
    """Let the identity statements of an actor from a place in their sequence on give way to another."""
    transaction.execute("DELETE FROM identities WHERE actor = ? AND sequence >= ?", uri, since)


def successors(snapshot: Snapshot, uri: str) -> Sequence[str]:
    """Actors that proved to succeed this one."""
    return [row[0] for row in snapshot.all("SELECT successor FROM successions WHERE former = ?", uri)]
