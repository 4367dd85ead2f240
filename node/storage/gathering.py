"""What a page of posts or accounts needs besides them, for all of them at once: a fixed number of statements a page."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from node.storage.actors import Profile, profile_of
from node.storage.database import Snapshot, from_ms
from node.storage.media import Medium, medium_of
from node.storage.objects import Object, object_of
from node.storage.posts import COLUMNS, Post, post_of

_IN = "(SELECT value FROM json_each(?1))"


def _list(values: Iterable[Any]) -> str:
    return json.dumps(list(values))


def posts_by_id(snapshot: Snapshot, numbers: Collection[int]) -> dict[int, Post]:
    """Posts by number."""
    if not numbers:
        return {}
    rows = snapshot.all(f"SELECT {COLUMNS} FROM posts p WHERE p.id IN {_IN}", _list(numbers))  # noqa: S608
    return {row["id"]: post_of(row) for row in rows}


def posts_by_uri(snapshot: Snapshot, uris: Collection[str]) -> dict[str, Post]:
    """Posts by URI."""
    if not uris:
        return {}
    rows = snapshot.all(f"SELECT {COLUMNS} FROM posts p WHERE p.uri IN {_IN}", _list(uris))  # noqa: S608
    return {row["uri"]: post_of(row) for row in rows}


def objects_by_uri(snapshot: Snapshot, uris: Collection[str]) -> dict[str, Object]:
    """Objects by URI."""
    if not uris:
        return {}
    rows = snapshot.all(f"SELECT * FROM objects WHERE uri IN {_IN}", _list(uris))  # noqa: S608
    return {row["uri"]: object_of(row) for row in rows}


def objects_linking(snapshot: Snapshot, targets: Iterable[str], relation: str) -> list[tuple[str, Object]]:
    """Every object with this relation to one of `targets`, with what it is related to, oldest first."""
    rows = snapshot.all(
        "SELECT l.target, o.* FROM links l JOIN objects o ON o.uri = l.object"  # noqa: S608
        f" WHERE l.target IN {_IN} AND l.relation = ?2 ORDER BY o.id",
        _list(targets),
        relation,
    )
    return [(row["target"], object_of(row)) for row in rows]


def answered(snapshot: Snapshot, uris: Iterable[str]) -> frozenset[str]:
    """Those of these posts that were answered, by whomever."""
    rows = snapshot.all(
        "SELECT value FROM json_each(?1) WHERE EXISTS (SELECT 1 FROM posts WHERE reply_to = value)",
        _list(uris),
    )
    return frozenset(row[0] for row in rows)


def profiles(snapshot: Snapshot, uris: Collection[str]) -> dict[str, Profile]:
    """Remote actors by URI."""
    if not uris:
        return {}
    rows = snapshot.all(f"SELECT * FROM actors WHERE uri IN {_IN}", _list(uris))  # noqa: S608
    return {row["uri"]: profile_of(row) for row in rows}


def profiles_by_id(snapshot: Snapshot, numbers: Collection[int]) -> dict[int, Profile]:
    """Remote actors by number."""
    if not numbers:
        return {}
    rows = snapshot.all(f"SELECT * FROM actors WHERE id IN {_IN}", _list(numbers))  # noqa: S608
    return {row["id"]: profile_of(row) for row in rows}


def profiles_like(snapshot: Snapshot, start: str, limit: int, *, for_all: bool = False) -> list[Profile]:
    """Remote actors whose name, user name or handle begins so, in any case; `for_all` only those of whom everybody can read a
    post here: who else is known is nobody's business."""
    end = start + "\U0010ffff"
    seen = " AND EXISTS (SELECT 1 FROM tallies t WHERE t.actor = uri AND t.posts > 0)" if for_all else ""
    rows = snapshot.all(
        "SELECT * FROM actors WHERE state <> 'gone' AND id IN (SELECT id FROM"  # noqa: S608
        f" (SELECT id FROM actors WHERE username COLLATE NOCASE >= ?1 AND username COLLATE NOCASE < ?2{seen} LIMIT ?3)"
        f" UNION SELECT id FROM (SELECT id FROM actors WHERE name COLLATE NOCASE >= ?1 AND name COLLATE NOCASE < ?2{seen} LIMIT ?3)"
        f" UNION SELECT id FROM (SELECT id FROM actors WHERE handle <> '' AND handle >= ?4 AND handle < ?5{seen} LIMIT ?3))"
        " ORDER BY (SELECT count(*) FROM following f WHERE f.actor = actors.uri) DESC, handle LIMIT ?3",
        start,
        end,
        limit,
        start.lower(),
        end.lower(),
    )
    return [profile_of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Tally:
    """How much an actor posted for everybody, and when last."""

    posts: int = 0
    last: datetime | None = None


def tallies(snapshot: Snapshot, uris: Collection[str]) -> dict[str, Tally]:
    """Tallies by actor; who never posted is not there."""
    rows = snapshot.all(f"SELECT actor, posts, last FROM tallies WHERE actor IN {_IN}", _list(uris))  # noqa: S608
    return {row["actor"]: Tally(row["posts"], from_ms(row["last"])) for row in rows}


@dataclass(frozen=True, slots=True)
class Counts:
    """Replies, boosts and likes of a post."""

    replies: int = 0
    boosts: int = 0
    likes: int = 0


def counts(snapshot: Snapshot, numbers: Collection[int]) -> dict[int, Counts]:
    """How often posts were answered, boosted and liked; of answers only what anybody may read, so that the number betrays no whisper."""
    if not numbers:
        return {}
    rows = snapshot.all(
        "SELECT p.id, (SELECT count(*) FROM posts r WHERE r.reply_to = p.uri AND r.audience IN ('public', 'unlisted')),"  # noqa: S608
        " (SELECT count(*) FROM posts b WHERE b.boost_of = p.id), (SELECT count(*) FROM likes l WHERE l.post = p.id)"
        f" FROM posts p WHERE p.id IN {_IN}",
        _list(numbers),
    )
    return {row[0]: Counts(row[1], row[2], row[3]) for row in rows}


def marks(snapshot: Snapshot, collective: int, uri: str, numbers: Collection[int]) -> dict[int, set[str]]:
    """What a collective did with posts: `liked`, `boosted`, `bookmarked`, `pinned`, `muted`."""
    found: dict[int, set[str]] = {}
    if not collective or not numbers:
        return found
    rows = snapshot.all(
        f"SELECT post, 'liked' AS mark FROM likes WHERE actor = ?3 AND post IN {_IN}"  # noqa: S608
        f" UNION ALL SELECT boost_of, 'boosted' FROM posts WHERE actor = ?3 AND boost_of IN {_IN}"
        f" UNION ALL SELECT post, 'bookmarked' FROM bookmarks WHERE collective = ?2 AND post IN {_IN}"
        f" UNION ALL SELECT post, 'pinned' FROM featured WHERE actor = ?3 AND post IN {_IN}"
        " UNION ALL SELECT p.id, 'muted' FROM muted_conversations v JOIN posts p ON p.conversation = v.conversation"
        f" WHERE v.collective = ?2 AND p.id IN {_IN}",
        _list(numbers),
        collective,
        uri,
    )
    for row in rows:
        found.setdefault(row["post"], set()).add(row["mark"])
    return found


def photographs(snapshot: Snapshot, numbers: Collection[int]) -> dict[str, list[Medium]]:
    """The photographs of posts of ours, by their post and content hash: `POST/NAME`; of the same content the oldest first."""
    if not numbers:
        return {}
    rows = snapshot.all(f"SELECT * FROM media WHERE post IN {_IN} ORDER BY id", _list(numbers))  # noqa: S608
    found: dict[str, list[Medium]] = {}
    for row in rows:
        found.setdefault(f"{row['post']}/{row['name']}", []).append(medium_of(row))
    return found


def relation_counts(snapshot: Snapshot) -> dict[int, tuple[int, int]]:
    """Followers and followed of each of our collectives."""
    rows = snapshot.all(
        "SELECT c.id, (SELECT count(*) FROM followers f WHERE f.collective = c.id AND f.state = 'accepted'),"
        " (SELECT count(*) FROM following g WHERE g.collective = c.id AND g.state = 'accepted') FROM collectives c"
    )
    return {row[0]: (row[1], row[2]) for row in rows}
