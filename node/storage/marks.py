"""What a collective keeps for itself of posts and actors: bookmarks, mutes, notes, tags, read positions, preferences."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from node.storage import hosts
from node.storage.database import Snapshot, Transaction, from_ms, to_ms
from node.storage.window import Window


@dataclass(frozen=True, slots=True)
class Bond:
    """How a collective stands to an actor; `follow` is the state of its follow, "" for none."""

    follow: str = ""
    followed_by: str = ""
    blocking: bool = False
    blocked_by: bool = False
    host_blocked: bool = False
    muting: bool = False
    muting_notifications: bool = False
    boosts: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """How far a timeline was read."""

    timeline: str
    last_read: int
    version: int
    updated: datetime


def bookmark(transaction: Transaction, collective: int, post: int) -> None:
    """Bookmark a post; a second time changes nothing."""
    transaction.execute(
        "INSERT OR IGNORE INTO bookmarks (id, collective, post) VALUES (?, ?, ?)",
        transaction.next_id(),
        collective,
        post,
    )


def unbookmark(transaction: Transaction, collective: int, post: int) -> None:
    """Forget a bookmark."""
    transaction.execute("DELETE FROM bookmarks WHERE collective = ? AND post = ?", collective, post)


def mute(
    transaction: Transaction, collective: int, actor: str, *, notifications: bool, until: datetime | None
) -> None:
    """Mute an actor, for a time or for good."""
    transaction.execute(
        "INSERT INTO mutes (id, collective, actor, notifications, until) VALUES (?, ?, ?, ?, ?) ON CONFLICT"
        " (collective, actor) DO UPDATE SET notifications = excluded.notifications, until = excluded.until",
        transaction.next_id(),
        collective,
        actor,
        int(notifications),
        None if until is None else to_ms(until),
    )


def unmute(transaction: Transaction, collective: int, actor: str) -> None:
    """Hear an actor again."""
    transaction.execute("DELETE FROM mutes WHERE collective = ? AND actor = ?", collective, actor)


def mutes(snapshot: Snapshot, collective: int, window: Window) -> list[tuple[int, str, datetime | None]]:
    """Muted actors, the last first: cursor, actor, until when."""
    rows = snapshot.all(
        "SELECT id, actor, until FROM mutes WHERE collective = ? AND id > ? AND id < ? AND (until IS NULL OR until > ?)"  # noqa: S608
        f" ORDER BY id {window.order} LIMIT ?",
        collective,
        window.low,
        window.high,
        to_ms(snapshot.now),
        window.limit,
    )
    return [
        (row[0], row[1], None if row[2] is None else from_ms(row[2])) for row in window.newest_first(rows)
    ]


def mute_conversation(transaction: Transaction, collective: int, conversation: str) -> None:
    """No notifications of a conversation any more."""
    transaction.execute(
        "INSERT OR IGNORE INTO muted_conversations (collective, conversation) VALUES (?, ?)",
        collective,
        conversation,
    )


def unmute_conversation(transaction: Transaction, collective: int, conversation: str) -> None:
    """Notifications of a conversation again."""
    transaction.execute(
        "DELETE FROM muted_conversations WHERE collective = ? AND conversation = ?", collective, conversation
    )


def note(transaction: Transaction, collective: int, actor: str, comment: str) -> None:
    """Keep a note on an actor; an empty one forgets it."""
    if not comment:
        transaction.execute("DELETE FROM account_notes WHERE collective = ? AND actor = ?", collective, actor)
        return
    transaction.execute(
        "INSERT INTO account_notes (collective, actor, comment) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (collective, actor) DO UPDATE SET comment = ?3",
        collective,
        actor,
        comment,
    )


def want_boosts(transaction: Transaction, collective: int, actor: str, wanted: bool) -> None:
    """Whether boosts of an actor are shown at home."""
    if wanted:
        transaction.execute(
            "DELETE FROM unwanted_boosts WHERE collective = ? AND actor = ?", collective, actor
        )
    else:
        transaction.execute(
            "INSERT OR IGNORE INTO unwanted_boosts (collective, actor) VALUES (?, ?)", collective, actor
        )


def bonds(snapshot: Snapshot, collective: int, uri: str, actors: Mapping[str, str]) -> dict[str, Bond]:
    """How a collective stands to actors, given with their hosts, in one statement."""
    rows = snapshot.all(
        "SELECT a.key AS actor,"
        " (SELECT state FROM following WHERE collective = ?2 AND actor = a.key) AS follow,"
        " (SELECT state FROM followers WHERE collective = ?2 AND actor = a.key) AS followed_by,"
        " EXISTS (SELECT 1 FROM blocks WHERE by = ?3 AND target = a.key) AS blocking,"
        " EXISTS (SELECT 1 FROM blocks WHERE by = a.key AND target = ?3) AS blocked_by,"
        " EXISTS (SELECT 1 FROM blocks WHERE by = ?3 AND target IN (SELECT value FROM json_each(a.value))) AS host_blocked,"
        " (SELECT notifications FROM mutes WHERE collective = ?2 AND actor = a.key AND (until IS NULL OR until > ?4)) AS mute,"
        " EXISTS (SELECT 1 FROM unwanted_boosts WHERE collective = ?2 AND actor = a.key) AS unwanted,"
        " (SELECT comment FROM account_notes WHERE collective = ?2 AND actor = a.key) AS note"
        " FROM json_each(?1) a",
        json.dumps({actor: hosts.above(host) for actor, host in actors.items()}),
        collective,
        uri,
        to_ms(snapshot.now),
    )
    return {
        row["actor"]: Bond(
            follow=row["follow"] or "",
            followed_by=row["followed_by"] or "",
            blocking=bool(row["blocking"]),
            blocked_by=bool(row["blocked_by"]),
            host_blocked=bool(row["host_blocked"]),
            muting=row["mute"] is not None,
            muting_notifications=bool(row["mute"]),
            boosts=not row["unwanted"],
            note=row["note"] or "",
        )
        for row in rows
    }


def follow_tag(transaction: Transaction, collective: int, tag: str) -> None:
    """Follow a hashtag."""
    transaction.execute(
        "INSERT OR IGNORE INTO followed_tags (id, collective, tag) VALUES (?, ?, ?)",
        transaction.next_id(),
        collective,
        tag.lower(),
    )


def unfollow_tag(transaction: Transaction, collective: int, tag: str) -> None:
    """Follow a hashtag no more."""
    transaction.execute("DELETE FROM followed_tags WHERE collective = ? AND tag = ?", collective, tag.lower())


def followed_tags(snapshot: Snapshot, collective: int) -> list[tuple[int, str]]:
    """The hashtags that a collective follows, the last first, with their cursors."""
    rows = snapshot.all("SELECT id, tag FROM followed_tags WHERE collective = ? ORDER BY id DESC", collective)
    return [(row[0], row[1]) for row in rows]


def following_tags(snapshot: Snapshot, tags: Collection[str]) -> set[int]:
    """Collectives that follow one of these hashtags."""
    if not tags:
        return set()
    rows = snapshot.all(
        "SELECT DISTINCT collective FROM followed_tags WHERE tag IN (SELECT value FROM json_each(?))",
        json.dumps([tag.lower() for tag in tags]),
    )
    return {row[0] for row in rows}


def markers(snapshot: Snapshot, collective: int) -> list[Marker]:
    """How far each timeline was read."""
    rows = snapshot.all("SELECT * FROM markers WHERE collective = ?", collective)
    return [
        Marker(row["timeline"], row["last_read"], row["version"], from_ms(row["updated"])) for row in rows
    ]


def mark_read(transaction: Transaction, collective: int, timeline: str, last_read: int) -> None:
    """Move a read position."""
    transaction.execute(
        "INSERT INTO markers (collective, timeline, last_read, version, updated) VALUES (?1, ?2, ?3, 1, ?4)"
        " ON CONFLICT (collective, timeline) DO UPDATE SET last_read = ?3, version = version + 1, updated = ?4",
        collective,
        timeline,
        last_read,
        to_ms(transaction.now),
    )


def preferences(snapshot: Snapshot, collective: int) -> dict[str, str]:
    """What a collective prefers, by name."""
    rows = snapshot.all("SELECT name, value FROM preferences WHERE collective = ?", collective)
    return {row[0]: row[1] for row in rows}


def prefer(transaction: Transaction, collective: int, given: Mapping[str, str]) -> None:
    """Change preferences."""
    for name, value in given.items():
        transaction.execute(
            "INSERT INTO preferences (collective, name, value) VALUES (?1, ?2, ?3)"
            " ON CONFLICT (collective, name) DO UPDATE SET value = ?3",
            collective,
            name,
            value,
        )


def dismiss(transaction: Transaction, collective: int, number: int | None = None) -> None:
    """Forget one notification of a collective, or all."""
    if number is None:
        transaction.execute("DELETE FROM notifications WHERE collective = ?", collective)
    else:
        transaction.execute("DELETE FROM notifications WHERE collective = ? AND id = ?", collective, number)
