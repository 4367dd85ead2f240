"""Who answers whom, read from the posts: so that nobody is answered twice, or without end, and all hear what changes."""

from datetime import timedelta

from node.storage.database import Snapshot, to_ms


def answered(snapshot: Snapshot, own: str, author: str, conversation: str) -> bool:
    """Whether a collective wrote to an actor alone in a conversation."""
    return bool(
        snapshot.value(
            "SELECT EXISTS (SELECT 1 FROM posts p JOIN mentions m ON m.post = p.id"
            " WHERE p.conversation = ? AND p.actor = ? AND p.audience = 'direct' AND m.actor = ?)",
            conversation,
            own,
            author,
        )
    )


def directly(snapshot: Snapshot, own: str, within: timedelta) -> int:
    """How many direct posts a collective wrote lately to people of other servers."""
    since = to_ms(snapshot.now - within) << 16
    count: int = snapshot.value(
        "SELECT count(*) FROM posts p WHERE p.actor = ? AND p.id > ? AND p.audience = 'direct'"
        " AND EXISTS (SELECT 1 FROM mentions m WHERE m.post = p.id AND m.actor <> p.actor)",
        own,
        since,
    )
    return count


def to_members(snapshot: Snapshot, own: str, author: str, conversation: str, within: timedelta) -> int:
    """How often a collective told its own members lately of what an actor says in a conversation."""
    since = to_ms(snapshot.now - within) << 16
    count: int = snapshot.value(
        "SELECT count(DISTINCT p.id) FROM posts p JOIN activities a ON a.object = p.uri"
        " JOIN posts about ON about.uri = json_extract(a.aside, '$.about')"
        " WHERE p.conversation = ? AND p.id > ? AND p.actor = ? AND p.audience = 'direct' AND about.actor = ?"
        " AND NOT EXISTS (SELECT 1 FROM mentions m WHERE m.post = p.id AND m.actor <> p.actor)",
        conversation,
        since,
        own,
        author,
    )
    return count


def told_of(snapshot: Snapshot, own: str, reply: str, conversation: str) -> str | None:
    """The amount that a collective told its own members last that an answer in a conversation promises; None where it told none."""
    found: str | None = snapshot.value(
        "SELECT json_extract(a.aside, '$.promised') FROM posts p JOIN activities a ON a.object = p.uri"
        " WHERE p.conversation = ? AND p.actor = ? AND p.audience = 'direct'"
        " AND json_extract(a.aside, '$.about') = ? AND json_extract(a.aside, '$.promised') IS NOT NULL"
        " ORDER BY p.id DESC LIMIT 1",
        conversation,
        own,
        reply,
    )
    return found


def declined(snapshot: Snapshot, own: str, reply: str, conversation: str) -> bool:
    """Whether the last that a collective said of what an answer in a conversation promises is that it cannot take it."""
    found = snapshot.value(
        "SELECT json_extract(a.aside, '$.declined') IS NOT NULL FROM posts p JOIN activities a ON a.object = p.uri"
        " WHERE p.conversation = ? AND p.actor = ? AND p.audience = 'direct' AND json_extract(a.aside, '$.about') = ?"
        " AND coalesce(json_extract(a.aside, '$.promised'), json_extract(a.aside, '$.declined')) IS NOT NULL"
        " ORDER BY p.id DESC LIMIT 1",
        conversation,
        own,
        reply,
    )
    return bool(found)


def respondents(snapshot: Snapshot, own: str, uri: str, *, share: bool = True) -> list[str]:
    """Who likes, boosts or answers a post of a collective: of those between whom and it nobody blocks, and where they `share` what
    their servers get one for each inbox, however many they are."""
    rows = snapshot.all(
        "WITH answering (actor) AS (SELECT l.actor FROM likes l JOIN posts p ON p.id = l.post WHERE p.uri = ?1"
        " UNION SELECT b.actor FROM posts b JOIN posts p ON p.id = b.boost_of WHERE p.uri = ?1"
        " UNION SELECT actor FROM posts WHERE reply_to = ?1)"
        " SELECT min(a.uri) AS actor FROM answering r JOIN actors a ON a.uri = r.actor"
        " WHERE a.state IN ('ok', 'dormant', 'doubt')"
        " AND NOT EXISTS (SELECT 1 FROM blocks k WHERE k.by = ?2 AND k.target = a.uri)"
        " AND NOT EXISTS (SELECT 1 FROM blocks k WHERE k.by = a.uri AND k.target = ?2)"
        " GROUP BY iif(?3, coalesce(a.shared_inbox, a.inbox), a.inbox)",
        uri,
        own,
        share,
    )
    return [row["actor"] for row in rows]
