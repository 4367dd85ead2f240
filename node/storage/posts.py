"""Every Note in time, ours and theirs, and every boost: threads, tags, mentions, likes, home timelines, notifications."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from node.storage import collectives, follows
from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms

PINS = 5
"""How many posts an actor may pin."""
_LAST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Post:
    """One Note or boost in time. `reply_to` is the parent's URI; `boost_of` the number of the boosted post; `published` is
    the author's claim, shown and never sorted by."""

    id: int
    uri: str
    actor: str
    collective: int | None
    reply_to: str | None
    boost_of: int | None
    conversation: str
    audience: str
    kind: str
    published: datetime
    edited: datetime | None


@dataclass(frozen=True, slots=True)
class Notification:
    """Something that a collective should know of: follow, follow_request, mention, favourite, reblog, update…"""

    id: int
    collective: int
    type: str
    actor: str
    post: int | None
    at: datetime


COLUMNS = "p.id, p.uri, p.actor, p.collective, p.reply_to, p.boost_of, p.conversation, p.audience, p.kind, p.published, p.edited"
"""What `post_of` needs of a table `posts p`."""
_values = itemgetter(*COLUMNS.replace("p.", "").split(", "))


def post_of(row: Row) -> Post:
    """A row as a post."""
    *plain, published, edited = _values(row)
    return Post(*(*plain, from_ms(published), None if edited is None else from_ms(edited)))


def by_uri(snapshot: Snapshot, uri: str) -> Post | None:
    """The post or boost of this id."""
    row = snapshot.one(f"SELECT {COLUMNS} FROM posts p WHERE uri = ?", uri)  # noqa: S608
    return None if row is None else post_of(row)


def meant(snapshot: Snapshot, uri: str) -> Post | None:
    """What is meant by this id: no boost of others, which may go by that of a Note that we do not know yet."""
    found = by_uri(snapshot, uri)
    return found if found is None or found.boost_of is None or found.collective is not None else None


def by_id(snapshot: Snapshot, number: int) -> Post | None:
    """The post or boost of this number."""
    row = snapshot.one(f"SELECT {COLUMNS} FROM posts p WHERE id = ?", number)  # noqa: S608
    return None if row is None else post_of(row)


def add(
    transaction: Transaction, post: Post, *, tags: Iterable[str] = (), mentions: Iterable[str] = ()
) -> None:
    """Add one with its tags and mentions. A boost that went by the id of a Note that comes now gives way to it."""
    transaction.tell(("posted", post.id, post.audience))
    if post.boost_of is None:
        transaction.execute(
            "UPDATE OR REPLACE posts SET uri = uri || '#' || id WHERE uri = ? AND boost_of IS NOT NULL",
            post.uri,
        )
    transaction.execute(
        "INSERT INTO posts (id, uri, actor, collective, reply_to, boost_of, conversation, audience, kind, published, edited)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        post.id,
        post.uri,
        post.actor,
        post.collective,
        post.reply_to,
        post.boost_of,
        post.conversation,
        post.audience,
        post.kind,
        to_ms(post.published),
        None if post.edited is None else to_ms(post.edited),
    )
    _annotate(transaction, post.id, tags, mentions)


def edit(
    transaction: Transaction, number: int, at: datetime, *, tags: Iterable[str], mentions: Iterable[str]
) -> None:
    """Note an edit, with the tags and mentions that now hold."""
    transaction.tell(("edited", number))
    transaction.execute("UPDATE posts SET edited = ? WHERE id = ?", to_ms(at), number)
    transaction.execute("DELETE FROM post_tags WHERE post = ?", number)
    transaction.execute("DELETE FROM mentions WHERE post = ?", number)
    _annotate(transaction, number, tags, mentions)


def _annotate(transaction: Transaction, number: int, tags: Iterable[str], mentions: Iterable[str]) -> None:
    transaction.many(
        "INSERT OR IGNORE INTO post_tags (tag, post) VALUES (?, ?)", [(tag.lower(), number) for tag in tags]
    )
    transaction.many(
        "INSERT OR IGNORE INTO mentions (post, actor) VALUES (?, ?)", [(number, actor) for actor in mentions]
    )


def picture(transaction: Transaction, number: int, actor: str, pictured: bool) -> None:
    """Note whether a post bears pictures."""
    if pictured:
        transaction.execute("INSERT OR IGNORE INTO pictured (actor, post) VALUES (?, ?)", actor, number)
    else:
        transaction.execute("DELETE FROM pictured WHERE actor = ? AND post = ?", actor, number)


def remove(transaction: Transaction, uri: str) -> None:
    """Take a post out of time, with its boosts, likes, timeline rows and notifications."""
    for row in transaction.all(
        "SELECT p.id, p.audience, (SELECT json_group_array(c.id) FROM collectives c WHERE c.id = p.collective"
        " OR EXISTS (SELECT 1 FROM home h WHERE h.collective = c.id AND h.post = p.id)"
        " OR EXISTS (SELECT 1 FROM notifications n WHERE n.collective = c.id AND n.post = p.id)) AS readers"
        " FROM posts p WHERE p.uri = ?1 OR p.boost_of = (SELECT id FROM posts WHERE uri = ?1)",
        uri,
    ):
        transaction.tell(("removed", row["id"], row["audience"], *json.loads(row["readers"])))
    boost = by_uri(transaction, uri)
    if boost is not None and boost.boost_of is not None:
        _untell(transaction, "reblog", boost.actor, boost.boost_of)
    transaction.execute("DELETE FROM posts WHERE uri = ?", uri)


def boost_uri(snapshot: Snapshot, activity: str, number: int) -> str:
    """What a boost goes by: the id of its activity, made its own where somebody on the same server used it before."""
    return activity if by_uri(snapshot, activity) is None else f"{activity}#{number}"


def boosted(snapshot: Snapshot, number: int, actor: str) -> Post | None:
    """The boost of a post by an actor."""
    row = snapshot.one(f"SELECT {COLUMNS} FROM posts p WHERE boost_of = ? AND actor = ?", number, actor)  # noqa: S608
    return None if row is None else post_of(row)


def replies(snapshot: Snapshot, uri: str, *, after: int = 0, limit: int = 100) -> list[Post]:
    """Direct replies to a post, oldest first, of every audience: callers filter by reader."""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM posts p WHERE reply_to = ? AND id > ? ORDER BY id LIMIT ?",  # noqa: S608
        uri,
        after,
        limit,
    )
    return [post_of(row) for row in rows]


def count_replies(snapshot: Snapshot, uri: str) -> int:
    """How many direct replies to a post everybody may read."""
    counted: int = snapshot.value(
        "SELECT count(*) FROM posts WHERE reply_to = ? AND audience IN ('public', 'unlisted')", uri
    )
    return counted


def conversation(snapshot: Snapshot, root: str, *, limit: int = 400) -> list[Post]:
    """Every post of a conversation, oldest first."""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM posts p WHERE conversation = ? ORDER BY id LIMIT ?",  # noqa: S608
        root,
        limit,
    )
    return [post_of(row) for row in rows]


def of_actor(snapshot: Snapshot, actor: str, *, before: int | None = None, limit: int = 20) -> list[Post]:
    """What an actor posted and boosted, newest first, of every audience: callers filter by reader."""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM posts p WHERE actor = ? AND id < ? ORDER BY id DESC LIMIT ?",  # noqa: S608
        actor,
        before if before is not None else _LAST,
        limit,
    )
    return [post_of(row) for row in rows]


def shown_by(snapshot: Snapshot, actor: str, *, before: int | None = None, limit: int = 20) -> list[Post]:
    """What an actor posted for everybody, newest first: its public page."""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM posts p WHERE actor = ? AND audience IN ('public', 'unlisted')"  # noqa: S608
        " AND boost_of IS NULL AND id < ? ORDER BY id DESC LIMIT ?",
        actor,
        before if before is not None else _LAST,
        limit,
    )
    return [post_of(row) for row in rows]


def local(snapshot: Snapshot, *, before: int | None = None, limit: int = 20) -> list[Post]:
    """Public posts of this node's collectives, newest first."""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM posts p INDEXED BY posts_here WHERE audience = 'public' AND collective IS NOT NULL AND boost_of IS NULL"  # noqa: S608
        " AND id < ? ORDER BY id DESC LIMIT ?",
        before if before is not None else _LAST,
        limit,
    )
    return [post_of(row) for row in rows]


def count_local(snapshot: Snapshot) -> int:
    """How many posts this node's collectives made."""
    found: int = snapshot.value("SELECT count(*) FROM posts WHERE collective IS NOT NULL")
    return found


def put_home(transaction: Transaction, number: int, readers: Iterable[int]) -> None:
    """Show a post in the home timelines of these collectives."""
    readers = tuple(readers)
    transaction.tell(("home", number, *readers))
    transaction.many(
        "INSERT OR IGNORE INTO home (collective, post) VALUES (?, ?)",
        [(reader, number) for reader in readers],
    )


def home(snapshot: Snapshot, collective: int, *, before: int | None = None, limit: int = 20) -> list[Post]:
    """What a collective reads, newest first."""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM home h JOIN posts p ON p.id = h.post WHERE h.collective = ? AND h.post < ?"  # noqa: S608
        " ORDER BY h.post DESC LIMIT ?",
        collective,
        before if before is not None else _LAST,
        limit,
    )
    return [post_of(row) for row in rows]


def leave_home(transaction: Transaction, collective: int, actor: str) -> None:
    """Take an actor's posts out of a home timeline: no longer followed, or blocked."""
    transaction.execute(
        "DELETE FROM home WHERE collective = ? AND post IN (SELECT id FROM posts WHERE actor = ?)",
        collective,
        actor,
    )


def like(transaction: Transaction, number: int, actor: str, activity: str) -> bool:
    """Note a like; False where it was there."""
    changed = transaction.execute(
        "INSERT OR IGNORE INTO likes (id, post, actor, activity) VALUES (?, ?, ?, ?)",
        transaction.next_id(),
        number,
        actor,
        activity,
    )
    return changed == 1


def like_by(snapshot: Snapshot, number: int, actor: str) -> str | None:
    """The activity by which an actor likes a post."""
    found: str | None = snapshot.value(
        "SELECT activity FROM likes WHERE post = ? AND actor = ?", number, actor
    )
    return found


def unlike(transaction: Transaction, activity: str, actor: str) -> bool:
    """Undo the like that this activity said, if it was this actor's; nobody is told of it any more."""
    post = transaction.value("SELECT post FROM likes WHERE activity = ? AND actor = ?", activity, actor)
    if post is None:
        return False
    transaction.execute("DELETE FROM likes WHERE activity = ? AND actor = ?", activity, actor)
    _untell(transaction, "favourite", actor, post)
    return True


def _untell(transaction: Transaction, type: str, actor: str, post: int) -> None:
    transaction.execute(
        "DELETE FROM notifications WHERE post = ? AND type = ? AND actor = ?", post, type, actor
    )


def untell_all(transaction: Transaction, type: str, actor: str) -> None:
    """Take back what all collectives of ours were told of an actor."""
    transaction.execute(
        "DELETE FROM notifications WHERE collective IN (SELECT id FROM collectives) AND actor = ? AND type = ?",
        actor,
        type,
    )


def pin(transaction: Transaction, number: int, actor: str) -> bool:
    """Pin a post to an actor's profile; False where it was there."""
    changed = transaction.execute(
        "INSERT OR IGNORE INTO featured (id, actor, post) VALUES (?, ?, ?)",
        transaction.next_id(),
        actor,
        number,
    )
    return changed == 1


def unpin(transaction: Transaction, number: int, actor: str) -> bool:
    """Take a post from an actor's profile; False where it was not there."""
    return transaction.execute("DELETE FROM featured WHERE actor = ? AND post = ?", actor, number) == 1


def pinned(snapshot: Snapshot, actor: str) -> list[Post]:
    """What an actor pinned to its profile, the last one first."""
    rows = snapshot.all(
        f"SELECT {COLUMNS} FROM featured m JOIN posts p ON p.id = m.post WHERE m.actor = ?"  # noqa: S608
        " AND p.audience IN ('public', 'unlisted') ORDER BY m.id DESC",
        actor,
    )
    return [post_of(row) for row in rows]


def mentioned(snapshot: Snapshot, number: int) -> list[str]:
    """Actors that a post mentions."""
    return [row[0] for row in snapshot.all("SELECT actor FROM mentions WHERE post = ?", number)]


def spoke_before(snapshot: Snapshot, conversation: str, actor: str) -> bool:
    """Whether somebody said more than one thing in a conversation."""
    rows = snapshot.all(
        "SELECT 1 FROM posts WHERE conversation = ? AND actor = ? LIMIT 2", conversation, actor
    )
    return len(rows) > 1


def notify(transaction: Transaction, collective: int, type: str, actor: str, post: int | None) -> None:
    """Tell a collective of something, once; never of somebody whom it blocks."""
    own = collectives.by_id(transaction, collective)
    if own is None or follows.blocks(transaction, own.uri, actor):
        return
    known = transaction.value(
        "SELECT 1 FROM notifications WHERE collective = ? AND type = ? AND actor = ? AND post IS ?",
        collective,
        type,
        actor,
        post,
    )
    if known is None:
        number = transaction.next_id()
        transaction.tell(("notified", number, collective))
        transaction.execute(
            "INSERT INTO notifications (id, collective, type, actor, post, at) VALUES (?, ?, ?, ?, ?, ?)",
            number,
            collective,
            type,
            actor,
            post,
            to_ms(transaction.now),
        )


def notifications(
    snapshot: Snapshot, collective: int, *, before: int | None = None, limit: int = 40
) -> list[Notification]:
    """What a collective was told, newest first."""
    rows = snapshot.all(
        "SELECT * FROM notifications WHERE collective = ? AND id < ? ORDER BY id DESC LIMIT ?",
        collective,
        before if before is not None else _LAST,
        limit,
    )
    return [Notification(**{**dict(row), "at": from_ms(row["at"])}) for row in rows]


def stale(snapshot: Snapshot, before: datetime, *, limit: int) -> Sequence[str]:
    """Foreign plain posts older than `before` that nobody of ours answered, liked, boosted or bookmarked, and that their
    authors do not pin: they may be erased."""
    rows = snapshot.all(
        "SELECT p.uri FROM posts p WHERE p.collective IS NULL AND p.kind = 'note' AND p.id < ?"
        " AND NOT EXISTS (SELECT 1 FROM posts r WHERE r.reply_to = p.uri AND r.collective IS NOT NULL)"
        " AND NOT EXISTS (SELECT 1 FROM posts b WHERE b.boost_of = p.id AND b.collective IS NOT NULL)"
        " AND NOT EXISTS (SELECT 1 FROM likes l JOIN collectives c ON c.uri = l.actor WHERE l.post = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM bookmarks m WHERE m.post = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM featured f WHERE f.post = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM posts o WHERE o.uri = p.reply_to AND o.collective IS NOT NULL)"
        " ORDER BY p.id LIMIT ?",
        to_ms(before) << 16,
        limit,
    )
    return [row[0] for row in rows]
