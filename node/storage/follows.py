"""Whom a collective hears and who hears it: followers, following, trust and blocks, by state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from node.storage import hosts
from node.storage.actors import ASLEEP
from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms
from node.storage.window import Window

_ACCEPTED = " AND state = 'accepted'"
HEARD = "heard"
"""Woken when we follow or trust somebody, or do so no more."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One follow, from or towards us. `state` is that of `federation.follow`; `activity` the Follow's id."""

    id: int
    collective: int
    actor: str
    state: str
    activity: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where to deliver to an actor."""

    actor: str
    inbox: str
    shared_inbox: str | None


def _relation(row: Row) -> Relation:
    return Relation(
        row["id"], row["collective"], row["actor"], row["state"], row["activity"], from_ms(row["at"])
    )


def follower(snapshot: Snapshot, collective: int, actor: str) -> Relation | None:
    """How an actor follows a collective of ours."""
    row = snapshot.one("SELECT * FROM followers WHERE collective = ? AND actor = ?", collective, actor)
    return None if row is None else _relation(row)


def put_follower(
    transaction: Transaction, collective: int, actor: str, *, state: str, activity: str, inbox: Inbox
) -> None:
    """Store how an actor follows a collective of ours."""
    transaction.execute(
        "INSERT INTO followers (id, collective, actor, state, activity, inbox, shared_inbox, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (collective, actor) DO UPDATE SET state = excluded.state,"
        " activity = excluded.activity, inbox = excluded.inbox, shared_inbox = excluded.shared_inbox",
        transaction.next_id(),
        collective,
        actor,
        state,
        activity,
        inbox.inbox,
        inbox.shared_inbox,
        to_ms(transaction.now),
    )


def set_follower(transaction: Transaction, collective: int, actor: str, state: str) -> None:
    """Change only the state."""
    transaction.execute(
        "UPDATE followers SET state = ? WHERE collective = ? AND actor = ?", state, collective, actor
    )


def drop_follower(transaction: Transaction, collective: int, actor: str) -> None:
    """Forget a follower."""
    transaction.execute("DELETE FROM followers WHERE collective = ? AND actor = ?", collective, actor)


def followers(
    snapshot: Snapshot,
    collective: int,
    *,
    state: str = "accepted",
    before: int | None = None,
    limit: int = 10_000,
) -> list[Relation]:
    """Followers of a collective in one state, newest first."""
    return followers_page(snapshot, collective, Window(limit, max_id=before), state=state)


def followers_page(
    snapshot: Snapshot, collective: int, window: Window, *, state: str = "accepted"
) -> list[Relation]:
    """A page of the followers of a collective in one state, newest first."""
    rows = snapshot.all(
        "SELECT * FROM followers WHERE collective = ? AND state = ? AND id > ? AND id < ?"  # noqa: S608
        f" ORDER BY id {window.order} LIMIT ?",
        collective,
        state,
        window.low,
        window.high,
        window.limit,
    )
    return [_relation(row) for row in window.newest_first(rows)]


def count_followers(snapshot: Snapshot, collective: int) -> int:
    """How many follow."""
    found: int = snapshot.value(
        "SELECT count(*) FROM followers WHERE collective = ? AND state = 'accepted'", collective
    )
    return found


def follower_inboxes(snapshot: Snapshot, collective: int) -> list[str]:
    """Distinct inboxes that reach all followers, shared ones where they exist."""
    rows = snapshot.all(
        "SELECT DISTINCT coalesce(shared_inbox, inbox) FROM followers WHERE collective = ? AND state = 'accepted'",
        collective,
    )
    return [row[0] for row in rows]


def shares_inbox(snapshot: Snapshot, collective: int, inbox: str, *, but: str) -> bool:
    """Whether another follower of a collective than this one is reached by a shared inbox."""
    found = snapshot.value(
        "SELECT 1 FROM followers WHERE collective = ? AND shared_inbox = ? AND actor <> ? AND state = 'accepted' LIMIT 1",
        collective,
        inbox,
        but,
    )
    return found is not None


def forget_inbox(transaction: Transaction, inbox: str) -> None:
    """An inbox said 410: stop there. The follows stay, dormant."""
    transaction.execute(
        "UPDATE followers SET state = 'dormant' WHERE (inbox = ? OR shared_inbox = ?) AND state = 'accepted'",
        inbox,
        inbox,
    )
    transaction.wake(ASLEEP)


def following(snapshot: Snapshot, collective: int, actor: str) -> Relation | None:
    """How a collective of ours follows an actor."""
    row = snapshot.one("SELECT * FROM following WHERE collective = ? AND actor = ?", collective, actor)
    return None if row is None else _relation(row)


def following_by_activity(snapshot: Snapshot, activity: str) -> Relation | None:
    """The follow that we asked for with this activity."""
    row = snapshot.one("SELECT * FROM following WHERE activity = ?", activity)
    return None if row is None else _relation(row)


def put_following(
    transaction: Transaction, collective: int, actor: str, *, state: str, activity: str
) -> None:
    """Store how a collective of ours follows an actor."""
    transaction.execute(
        "INSERT INTO following (id, collective, actor, state, activity, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (collective, actor) DO UPDATE SET state = excluded.state, activity = excluded.activity",
        transaction.next_id(),
        collective,
        actor,
        state,
        activity,
        to_ms(transaction.now),
    )
    transaction.wake(HEARD)


def drop_following(transaction: Transaction, collective: int, actor: str) -> None:
    """Forget that we follow."""
    transaction.execute("DELETE FROM following WHERE collective = ? AND actor = ?", collective, actor)
    transaction.wake(HEARD)


def followed(
    snapshot: Snapshot, collective: int, *, before: int | None = None, limit: int = 10_000
) -> list[Relation]:
    """Whom a collective follows or asked to follow, newest first."""
    return followed_page(snapshot, collective, Window(limit, max_id=before), asked=True)


def followed_page(
    snapshot: Snapshot, collective: int, window: Window, *, asked: bool = False
) -> list[Relation]:
    """A page of those whom a collective follows, newest first; `asked` also whom it only asked to."""
    rows = snapshot.all(
        f"SELECT * FROM following WHERE collective = ?{'' if asked else _ACCEPTED} AND id > ? AND id < ?"  # noqa: S608
        f" ORDER BY id {window.order} LIMIT ?",
        collective,
        window.low,
        window.high,
        window.limit,
    )
    return [_relation(row) for row in window.newest_first(rows)]


def located(snapshot: Snapshot, collective: int, *, for_all: bool, limit: int = 500) -> list[tuple[str, str]]:
    """Whom a collective follows and who says where it is, each with its Place as JSON; `for_all` only those of whom everybody
    can read a post here."""
    rows = snapshot.all(
        "SELECT following.actor, json_extract(CAST(actors.document AS TEXT), '$.location') AS place"
        " FROM following JOIN actors ON actors.uri = following.actor"
        " WHERE following.collective = ? AND following.state = 'accepted' AND actors.state = 'ok' AND json_valid(CAST(actors.document AS TEXT))"
        " AND json_type(CAST(actors.document AS TEXT), '$.location') = 'object' AND (NOT ? OR EXISTS"
        " (SELECT 1 FROM posts WHERE posts.actor = following.actor AND posts.audience = 'public')) LIMIT ?",
        collective,
        for_all,
        limit,
    )
    return [(row["actor"], row["place"]) for row in rows]


def count_following(snapshot: Snapshot, collective: int) -> int:
    """How many a collective follows."""
    found: int = snapshot.value(
        "SELECT count(*) FROM following WHERE collective = ? AND state = 'accepted'", collective
    )
    return found


def readers_of(snapshot: Snapshot, actor: str) -> list[int]:
    """Our collectives that follow an actor."""
    rows = snapshot.all("SELECT collective FROM following WHERE actor = ? AND state = 'accepted'", actor)
    return [row[0] for row in rows]


def heard(snapshot: Snapshot) -> list[str]:
    """Everybody whom a collective of ours follows, asked to follow, or trusts."""
    return [row[0] for row in snapshot.all("SELECT actor FROM following UNION SELECT actor FROM trusts")]


def local_followers(snapshot: Snapshot, collective: int) -> list[int]:
    """Our other collectives that follow this one."""
    rows = snapshot.all(
        "SELECT f.collective FROM following f JOIN collectives c ON c.uri = f.actor"
        " WHERE c.id = ? AND f.state = 'accepted'",
        collective,
    )
    return [row[0] for row in rows]


def trust(transaction: Transaction, collective: int, actor: str) -> None:
    """Put an actor among the peers of a collective."""
    transaction.execute(
        "INSERT OR IGNORE INTO trusts (collective, actor, at) VALUES (?, ?, ?)",
        collective,
        actor,
        to_ms(transaction.now),
    )
    transaction.wake(HEARD)


def distrust(transaction: Transaction, collective: int, actor: str) -> bool:
    """Take an actor from the peers; whether it was one."""
    transaction.wake(HEARD)
    return (
        transaction.execute("DELETE FROM trusts WHERE collective = ? AND actor = ?", collective, actor) == 1
    )


def trusted(snapshot: Snapshot, collective: int) -> list[str]:
    """The peers of a collective: actors trusted by hand."""
    return [
        row[0]
        for row in snapshot.all("SELECT actor FROM trusts WHERE collective = ? ORDER BY actor", collective)
    ]


def trusted_page(snapshot: Snapshot, collective: int, *, after: str, limit: int) -> list[str]:
    """The peers of a collective, in the order of their URIs."""
    rows = snapshot.all(
        "SELECT actor FROM trusts WHERE collective = ? AND actor > ? ORDER BY actor LIMIT ?",
        collective,
        after,
        limit,
    )
    return [row[0] for row in rows]


def trusts(snapshot: Snapshot, collective: int, actor: str) -> bool:
    """Whether a collective trusts an actor."""
    return (
        snapshot.value("SELECT 1 FROM trusts WHERE collective = ? AND actor = ?", collective, actor)
        is not None
    )


def block(transaction: Transaction, by: str, target: str, *, activity: str = "", reason: str = "") -> None:
    """Note a block of an actor or a host."""
    transaction.execute(
        "INSERT INTO blocks (id, by, target, activity, reason, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (by, target) DO UPDATE SET activity = excluded.activity, reason = excluded.reason",
        transaction.next_id(),
        by,
        target,
        activity,
        reason,
        to_ms(transaction.now),
    )


def blocked_with(snapshot: Snapshot, by: str, activity: str) -> str | None:
    """What `by` blocks by this activity."""
    found: str | None = snapshot.value(
        "SELECT target FROM blocks WHERE by = ? AND activity = ?", by, activity
    )
    return found


def unblock(transaction: Transaction, by: str, target: str) -> str | None:
    """Take a block back; the activity that said it, None where there was none."""
    activity: str | None = transaction.value(
        "SELECT activity FROM blocks WHERE by = ? AND target = ?", by, target
    )
    transaction.execute("DELETE FROM blocks WHERE by = ? AND target = ?", by, target)
    return activity


def blocks(snapshot: Snapshot, by: str, actor: str) -> bool:
    """Whether `by` blocks this actor, its host, or a host above it: whoever blocks evil.example means its subdomains, but never
    itself."""
    if by == actor:
        return False
    targets = hosts.meant_as_json(actor)
    found = snapshot.value(
        "SELECT 1 FROM blocks WHERE by = ? AND target IN (SELECT value FROM json_each(?))", by, targets
    )
    return found is not None


def blocked_by(snapshot: Snapshot, by: str) -> list[tuple[str, str]]:
    """What `by` blocks, with the reason."""
    return [
        (row[0], row[1])
        for row in snapshot.all("SELECT target, reason FROM blocks WHERE by = ? ORDER BY id", by)
    ]


def blocked_page(
    snapshot: Snapshot, by: str, *, hosts: bool, after: str, limit: int
) -> list[tuple[str, str]]:
    """Actors, or hosts, that `by` blocks, with the reason, in the order of their names."""
    rows = snapshot.all(
        "SELECT target, reason FROM blocks WHERE by = ? AND target > ? AND (target LIKE 'http%://%') <> ?"
        " ORDER BY target LIMIT ?",
        by,
        after,
        hosts,
        limit,
    )
    return [(row[0], row[1]) for row in rows]


def blocked_window(
    snapshot: Snapshot, by: str, window: Window, *, hosts: bool = False
) -> list[tuple[int, str]]:
    """A page of the actors, or hosts, that `by` blocks, the last first, with the block's number as cursor."""
    rows = snapshot.all(
        "SELECT id, target FROM blocks WHERE by = ? AND (target LIKE 'http%://%') <> ? AND id > ? AND id < ?"  # noqa: S608
        f" ORDER BY id {window.order} LIMIT ?",
        by,
        hosts,
        window.low,
        window.high,
        window.limit,
    )
    return [(row[0], row[1]) for row in window.newest_first(rows)]


def blocked_by_all(snapshot: Snapshot) -> Sequence[str]:
    """Targets that every collective of ours blocks: nothing of them is taken at all."""
    rows = snapshot.all(
        "SELECT b.target FROM blocks b JOIN collectives c ON c.uri = b.by GROUP BY b.target"
        " HAVING count(*) = (SELECT count(*) FROM collectives)"
    )
    return [row[0] for row in rows]
