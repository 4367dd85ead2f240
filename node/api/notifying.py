"""Notifications as Mastodon's entities."""

from collections.abc import Mapping, Sequence
from typing import Any

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
    accounts = shelf.known([row.actor for row in rows])
    found = []
    for row in rows:
        status = None if row.post is None else shown.get(str(row.post))
        if row.actor not in accounts or (row.post is not None and status is None):
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


def grouped(entities: Sequence[Mapping[str, Any]]) -> JsonObject:
    """The same as GroupedNotificationsResults, each a group of its own: a kitchen's notices are few, and none is hidden."""
    statuses = [each["status"] for each in entities if "status" in each]
    return {
        "accounts": list({each["account"]["id"]: each["account"] for each in entities}.values()),
        "statuses": list({each["id"]: each for each in statuses}.values()),
        "notification_groups": [
            {
                "group_key": each["group_key"],
                "notifications_count": 1,
                "type": each["type"],
                "most_recent_notification_id": int(each["id"]),
                "page_min_id": each["id"],
                "page_max_id": each["id"],
                "latest_page_notification_at": each["created_at"],
                "sample_account_ids": [each["account"]["id"]],
                **({"status_id": each["status"]["id"]} if "status" in each else {}),
            }
            for each in entities
        ],
    }
