"""Pages of posts and notifications, newest first, each in one statement that an index answers.

`viewer` is the collective that reads, 0 for anybody; what it mutes or blocks is left out where a list is for reading on.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from node.storage.database import Row, Snapshot, from_ms, to_ms
from node.storage.posts import COLUMNS, Notification, Post, post_of
from node.storage.window import Window


@dataclass(frozen=True, slots=True)
class Viewer:
    """The collective that reads: its number and actor; `Viewer()` is anybody."""

    id: int = 0
    uri: str = ""


_HEARD = (
    " AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.collective = ?1 AND m.actor IN (p.actor, b.actor)"
    " AND (m.until IS NULL OR m.until > ?2))"
    " AND NOT EXISTS (SELECT 1 FROM blocks k WHERE k.by = ?3 AND k.target IN"
    " (SELECT value FROM json_each(meant(p.actor)) WHERE p.actor <> ?3"
    " UNION ALL SELECT value FROM json_each(meant(b.actor)) WHERE b.actor <> ?3))"
)
"""Neither muted nor blocked: its author, nor whom it boosts; nobody blocks herself with the name above her host. ?1 is the viewer, ?2 now, ?3 the viewer's actor."""

_UNLIMITED = (
    " AND NOT EXISTS (SELECT 1 FROM limits x WHERE x.collective = ?1"
    " AND x.target IN (p.actor, (SELECT a.host FROM actors a WHERE a.uri = p.actor))"
    " AND NOT EXISTS (SELECT 1 FROM following w WHERE w.collective = ?1 AND w.actor = p.actor AND w.state = 'accepted'))"
)
"""Not of somebody whom the viewer limits, unless it follows them. ?1 is the viewer."""

VISIBLE = (
    " AND (p.audience IN ('public', 'unlisted') OR p.actor = ?2"
    " OR (p.audience = 'followers' AND EXISTS (SELECT 1 FROM following f WHERE f.collective = ?1 AND f.actor = p.actor"
    " AND f.state = 'accepted'))"
    " OR (p.audience = 'peers' AND EXISTS (SELECT 1 FROM trusts t JOIN collectives c ON c.id = t.collective"
    " WHERE c.uri = p.actor AND t.actor = ?2))"
    " OR EXISTS (SELECT 1 FROM objects o, json_each(o.readers) r WHERE o.uri = p.uri AND r.value = ?2))"
)
"""What a collective may read (`node.speak.may_read` for one post). ?1 is the viewer, ?2 its actor."""


def _posts(window: Window, rows: list[Row]) -> list[Post]:
    return [post_of(row) for row in window.newest_first(rows)]


def visible(snapshot: Snapshot, viewer: Viewer, numbers: Collection[int]) -> set[int]:
    """Of which boosts a collective may know: of its audience, or because its home has them (a boost need not be addressed)."""
    if not numbers:
        return set()
    rows = snapshot.all(
        f"SELECT p.id FROM posts p WHERE p.id IN (SELECT value FROM json_each(?3)){VISIBLE}"  # noqa: S608
        " UNION SELECT h.post FROM home h WHERE h.collective = ?1 AND h.post IN (SELECT value FROM json_each(?3))",
        viewer.id,
        viewer.uri,
        json.dumps(list(numbers)),
    )
    return {row[0] for row in rows}


def home(snapshot: Snapshot, viewer: Viewer, window: Window) -> list[Post]:
    """What a collective reads of those whom it follows."""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM home h JOIN posts p ON p.id = h.post LEFT JOIN posts b ON b.id = p.boost_of"  # noqa: S608
        f" WHERE h.collective = ?1 AND h.post > ?4 AND h.post < ?5{_HEARD}"
        " AND (p.boost_of IS NULL OR NOT EXISTS (SELECT 1 FROM unwanted_boosts u WHERE u.collective = ?1"
        f" AND u.actor = p.actor)) ORDER BY h.post {window.order} LIMIT ?6",
        viewer.id,
        to_ms(snapshot.now),
        viewer.uri,
        window.low,
        window.high,
        window.limit,
    )
    return _posts(window, rows)


def public(
    snapshot: Snapshot,
    viewer: Viewer,
    window: Window,
    *,
    local: bool = False,
    remote: bool = False,
    pictured: bool = False,
) -> list[Post]:
    """Public posts that this node knows; `local` only its own collectives', `remote` only those of others."""
    owner = " AND p.collective IS NOT NULL" if local else " AND p.collective IS NULL" if remote else ""
    media = " AND EXISTS (SELECT 1 FROM pictured x WHERE x.post = p.id)" if pictured else ""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM posts p LEFT JOIN posts b ON b.id = p.boost_of"  # noqa: S608
        f" WHERE p.audience = 'public' AND p.boost_of IS NULL{owner}{media} AND p.id > ?4 AND p.id < ?5{_HEARD}{_UNLIMITED}"
        f" ORDER BY p.id {window.order} LIMIT ?6",
        viewer.id,
        to_ms(snapshot.now),
        viewer.uri,
        window.low,
        window.high,
        window.limit,
    )
    return _posts(window, rows)


def tagged(
    snapshot: Snapshot,
    viewer: Viewer,
    window: Window,
    tag: str,
    *,
    local: bool = False,
    pictured: bool = False,
) -> list[Post]:
    """Public posts with a hashtag."""
    owner = " AND p.collective IS NOT NULL" if local else ""
    media = " AND EXISTS (SELECT 1 FROM pictured x WHERE x.post = p.id)" if pictured else ""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM post_tags g JOIN posts p ON p.id = g.post LEFT JOIN posts b ON b.id = p.boost_of"  # noqa: S608
        f" WHERE g.tag = ?7 AND g.post > ?4 AND g.post < ?5 AND p.audience = 'public'{owner}{media}{_HEARD}{_UNLIMITED}"
        f" ORDER BY g.post {window.order} LIMIT ?6",
        viewer.id,
        to_ms(snapshot.now),
        viewer.uri,
        window.low,
        window.high,
        window.limit,
        tag.lower(),
    )
    return _posts(window, rows)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which posts of an actor are wanted."""

    replies: bool = True
    boosts: bool = True
    pictured: bool = False
    tag: str = ""


def of_actor(
    snapshot: Snapshot, viewer: Viewer, window: Window, actor: str, choice: Choice = Choice()
) -> list[Post]:
    """What an actor posted and boosted, as far as the viewer may read it. A reply to itself counts as a post."""
    source, key = ("pictured x JOIN posts p ON p.id = x.post", "x") if choice.pictured else ("posts p", "p")
    column = "post" if choice.pictured else "id"
    replies = (
        ""
        if choice.replies
        else " AND (p.reply_to IS NULL OR EXISTS (SELECT 1 FROM posts r WHERE r.uri = p.reply_to AND r.actor = p.actor))"
    )
    boosts = "" if choice.boosts else " AND p.boost_of IS NULL"
    tag = " AND EXISTS (SELECT 1 FROM post_tags g WHERE g.tag = ?7 AND g.post = p.id)" if choice.tag else ""
    parameters = [viewer.id, viewer.uri, actor, window.low, window.high, window.limit]
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM {source} WHERE {key}.actor = ?3 AND {key}.{column} > ?4 AND {key}.{column} < ?5"  # noqa: S608
        f"{replies}{boosts}{tag}{VISIBLE} ORDER BY {key}.{column} {window.order} LIMIT ?6",
        *parameters,
        *([choice.tag.lower()] if choice.tag else []),
    )
    return _posts(window, rows)


def openings(snapshot: Snapshot, actor: str, *, limit: int) -> list[Post]:
    """What an actor posted publicly that answers nothing, or is of a kind, newest first: a receipt answers a need, and says
    something of its own."""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM posts p WHERE p.actor = ? AND p.audience = 'public' AND p.boost_of IS NULL"  # noqa: S608
        " AND (p.reply_to IS NULL OR p.kind <> 'note') ORDER BY p.id DESC LIMIT ?",
        actor,
        limit,
    )
    return [post_of(row) for row in rows]


def conversation(snapshot: Snapshot, viewer: Viewer, root: str, *, limit: int = 1000) -> list[Post]:
    """Every post of a conversation that the viewer may read, oldest first."""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM posts p WHERE p.conversation = ?3 AND p.boost_of IS NULL{VISIBLE} ORDER BY p.id LIMIT ?4",  # noqa: S608
        viewer.id,
        viewer.uri,
        root,
        limit,
    )
    return [post_of(row) for row in rows]


def notifications(
    snapshot: Snapshot,
    viewer: Viewer,
    window: Window,
    *,
    types: Sequence[str],
    actor: str | None = None,
    others: bool = False,
) -> list[Notification]:
    """What a collective was told, of these types, but by those whom it mutes or blocks; by `others`: but by itself. Who is muted
    is not spared the doubt in which she stands."""
    marks = ", ".join("?" for _ in types)
    by = " AND n.actor <> ?5" if others else "" if actor is None else " AND n.actor = ?"
    rows = snapshot.all(
        "SELECT n.* FROM notifications n WHERE n.collective = ?1 AND n.id > ?2 AND n.id < ?3"  # noqa: S608
        " AND (n.type IN ('doubt', 'fork', 'rollback') OR NOT EXISTS (SELECT 1 FROM mutes m WHERE m.collective = ?1"
        " AND m.actor = n.actor AND m.notifications = 1 AND (m.until IS NULL OR m.until > ?4)))"
        " AND NOT EXISTS (SELECT 1 FROM blocks k WHERE k.by = ?5 AND k.target IN"
        " (SELECT value FROM json_each(meant(n.actor)) WHERE n.actor <> ?5))"
        " AND NOT EXISTS (SELECT 1 FROM limits x WHERE x.collective = ?1"
        " AND x.target IN (n.actor, (SELECT a.host FROM actors a WHERE a.uri = n.actor))"
        " AND NOT EXISTS (SELECT 1 FROM following w WHERE w.collective = ?1 AND w.actor = n.actor AND w.state = 'accepted'))"
        " AND NOT EXISTS (SELECT 1 FROM posts p JOIN muted_conversations v ON v.conversation = p.conversation"
        " WHERE p.id = n.post AND v.collective = ?1)"
        f" AND n.type IN ({marks}){by} ORDER BY n.id {window.order} LIMIT {int(window.limit)}",
        viewer.id,
        window.low,
        window.high,
        to_ms(snapshot.now),
        viewer.uri,
        *types,
        *([actor] if actor is not None else []),
    )
    return [Notification(**{**dict(row), "at": from_ms(row["at"])}) for row in window.newest_first(rows)]


def notification(snapshot: Snapshot, collective: int, number: int) -> Notification | None:
    """One notification of a collective."""
    row = snapshot.one("SELECT * FROM notifications WHERE collective = ? AND id = ?", collective, number)
    return None if row is None else Notification(**{**dict(row), "at": from_ms(row["at"])})


def favourites(snapshot: Snapshot, viewer: Viewer, window: Window) -> list[tuple[int, Post]]:
    """What a collective likes, with the like's number as cursor."""
    return _marked(snapshot, window, "likes m JOIN posts p ON p.id = m.post WHERE m.actor = ?2", viewer)


def bookmarks(snapshot: Snapshot, viewer: Viewer, window: Window) -> list[tuple[int, Post]]:
    """What a collective bookmarked, with the bookmark's number as cursor."""
    return _marked(
        snapshot, window, "bookmarks m JOIN posts p ON p.id = m.post WHERE m.collective = ?1", viewer
    )


def _marked(snapshot: Snapshot, window: Window, source: str, viewer: Viewer) -> list[tuple[int, Post]]:
    """What was marked once and may still be read. ?1 is the viewer, ?2 its actor."""
    rows = snapshot.all(
        f"SELECT m.id AS mark, {COLUMNS} FROM {source} AND m.id > ?3 AND m.id < ?4{VISIBLE}"  # noqa: S608
        f" ORDER BY m.id {window.order} LIMIT ?5",
        viewer.id,
        viewer.uri,
        window.low,
        window.high,
        window.limit,
    )
    return [(row["mark"], post_of(row)) for row in window.newest_first(rows)]


def tags_like(snapshot: Snapshot, start: str, limit: int) -> list[str]:
    """Hashtags of public posts that begin so. Each step of the walk leaps over all posts of one tag."""
    rows = snapshot.all(
        "WITH RECURSIVE found (tag) AS (SELECT min(tag) FROM post_tags WHERE tag >= ?1 AND tag < ?2"
        " UNION ALL SELECT (SELECT min(tag) FROM post_tags WHERE tag > found.tag AND tag < ?2) FROM found"
        " WHERE found.tag IS NOT NULL) SELECT tag FROM found WHERE tag IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM post_tags g JOIN posts p ON p.id = g.post WHERE g.tag = found.tag"
        " AND p.audience = 'public') LIMIT ?3",
        start,
        start + "\U0010ffff",
        limit,
    )
    return [row[0] for row in rows]


def likers(snapshot: Snapshot, post: int, window: Window) -> list[tuple[int, str]]:
    """Who likes a post, the last first, with the like's number as cursor."""
    rows = snapshot.all(
        f"SELECT id, actor FROM likes WHERE post = ? AND id > ? AND id < ? ORDER BY id {window.order} LIMIT ?",  # noqa: S608
        post,
        window.low,
        window.high,
        window.limit,
    )
    return [(row[0], row[1]) for row in window.newest_first(rows)]


def boosters(snapshot: Snapshot, post: int, window: Window) -> list[tuple[int, str]]:
    """Who boosted a post for everybody, the last first, with the boost's number as cursor."""
    rows = snapshot.all(
        "SELECT id, actor FROM posts WHERE boost_of = ? AND audience IN ('public', 'unlisted') AND id > ? AND id < ?"  # noqa: S608
        f" ORDER BY id {window.order} LIMIT ?",
        post,
        window.low,
        window.high,
        window.limit,
    )
    return [(row[0], row[1]) for row in window.newest_first(rows)]
