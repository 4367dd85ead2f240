"""Notifications as Mastodon's entities."""

from collections.abc import Sequence

from node.api.entities import JsonObject, moment
from node.api.shelf import Shelf
from node.storage import gathering
from node.storage.database import Snapshot
from node.storage.posts import Notification

TYPES = ("mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update")
"""What apps know; other things that a collective is told of stand on its pages."""


def notification_entities(snapshot: Snapshot, shelf: Shelf, rows: Sequence[Notification]) -> list[JsonObject]:
    """Notifications, in their order; one of a post that is gone, or hidden by a filter, is left out."""
    posts = gathering.posts_by_id(snapshot, {row.post for row in rows if row.post is not None})
    shown = {status["id"]: status for status in shelf.statuses(list(posts.values()))}
    accounts = dict(
        zip([row.actor for row in rows], shelf.accounts([row.actor for row in rows]), strict=True)
    )
    found = []
    for row in rows:
        status = None if row.post is None else shown.get(str(row.post))
        if row.post is not None and status is None:
            continue
        entity: JsonObject = {
            "id": str(row.id),
            "type": row.type,
            "created_at": moment(row.at),
            "group_key": f"ungrouped-{row.id}",
            "account": accounts[row.actor],
        }
        found.append(entity if status is None else entity | {"status": status})
    return found
