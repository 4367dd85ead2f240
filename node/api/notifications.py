"""Notifications and read positions."""

from dataclasses import replace

from node.api.calls import Answer, Call, found, get, post
from node.api.entities import JsonObject, moment
from node.api.notifying import TYPES, grouped, notification_entities
from node.api.paging import Page, window
from node.api.parameters import Values
from node.api.shelf import Shelf
from node.errors import InvalidError
from node.storage import actors, collectives, marks, timelines
from node.storage.database import Snapshot
from node.storage.marks import Marker
from node.storage.window import Window
from node.tongues import message

_MOST = 80


def _types(call: Call) -> list[str]:
    wanted, unwanted = call.values.texts("types"), call.values.texts("exclude_types")
    return [name for name in TYPES if (not wanted or name in wanted) and name not in unwanted]


async def every(call: Call) -> Answer:
    """`GET /api/v1/notifications`"""
    return call.page(await _page(call))


async def in_groups(call: Call) -> Answer:
    """`GET /api/v2/notifications`"""
    page = await _page(call)
    return replace(call.page(page), body=grouped(page.items))


async def _page(call: Call) -> Page[JsonObject]:
    wanted, own, types = window(call.values, usual=40, most=_MOST), call.own, _types(call)
    by = call.values.number("account_id")

    def look(snapshot: Snapshot) -> Page[JsonObject]:
        shelf = Shelf(snapshot, call.services, own, "notifications")
        actor = None if by is None else _actor(snapshot, by)
        rows = timelines.notifications(snapshot, shelf.viewer, wanted, types=types, actor=actor)
        shown = notification_entities(snapshot, shelf, rows)
        return Page(shown, [row.id for row in rows], len(rows) == wanted.limit)

    return await call.read(look)


def _actor(snapshot: Snapshot, number: int) -> str:
    own, known = collectives.by_id(snapshot, number), actors.by_id(snapshot, number)
    return own.uri if own else known.uri if known else ""


async def one(call: Call) -> JsonObject:
    """`GET /api/v1/notifications/:id`"""
    own = call.own

    def look(snapshot: Snapshot) -> JsonObject:
        row = found(timelines.notification(snapshot, own.id, call.id))
        shelf = Shelf(snapshot, call.services, own)
        return found(next(iter(notification_entities(snapshot, shelf, [row])), None))

    return await call.read(look)


async def clear(call: Call) -> JsonObject:
    """`POST /api/v1/notifications/clear`"""
    await call.services.marks.dismiss(call.shared, None)
    return {}


async def dismiss(call: Call) -> JsonObject:
    """`POST /api/v1/notifications/:id/dismiss`"""
    await call.services.marks.dismiss(call.shared, call.id)
    return {}


async def unread(call: Call) -> JsonObject:
    """`GET /api/v1/notifications/unread_count`"""
    own, types = call.own, _types(call)

    def look(snapshot: Snapshot) -> int:
        shelf = Shelf(snapshot, call.services, own)
        held = {each.timeline: each for each in marks.markers(snapshot, own.id)}
        since = held["notifications"].last_read if "notifications" in held else None
        wanted = Window(limit=100, since_id=since)
        return len(timelines.notifications(snapshot, shelf.viewer, wanted, types=types))

    return {"count": await call.read(look)}


def _markers(rows: list[Marker], wanted: list[str]) -> JsonObject:
    return {
        row.timeline: {
            "last_read_id": str(row.last_read),
            "version": row.version,
            "updated_at": moment(row.updated),
        }
        for row in rows
        if not wanted or row.timeline in wanted
    }


async def markers(call: Call) -> JsonObject:
    """`GET /api/v1/markers`"""
    own = call.own
    rows = await call.read(lambda snapshot: marks.markers(snapshot, own.id))
    return _markers(rows, call.values.texts("timeline"))


async def mark(call: Call) -> JsonObject:
    """`POST /api/v1/markers`: apps send it unasked, so who may not move what all share is only told where it stands."""
    positions = {
        name: _position(name, call.values.inner(name))
        for name in ("home", "notifications")
        if name in call.values
    }
    if call.shares:
        await call.services.marks.mark_read(call.own, positions)
    own = call.own
    rows = await call.read(lambda snapshot: marks.markers(snapshot, own.id))
    return _markers(rows, list(positions))


def _position(timeline: str, given: Values) -> int:
    read = given.number("last_read_id")
    if read is None or read < 0:
        raise InvalidError(f"{timeline}[last_read_id]", message("the id of what was read last"))
    return read


async def policy(_call: Call) -> JsonObject:
    """`GET /api/v2/notifications/policy`: nothing is held back."""
    return {
        "for_not_following": "accept",
        "for_not_followers": "accept",
        "for_new_accounts": "accept",
        "for_private_mentions": "accept",
        "for_limited_accounts": "accept",
        "summary": {"pending_requests_count": 0, "pending_notifications_count": 0},
    }


ENDPOINTS = (
    get("/api/v1/notifications", every, "read:notifications"),
    post("/api/v1/notifications/clear", clear, "write:notifications"),
    get("/api/v1/notifications/unread_count", unread, "read:notifications"),
    get("/api/v1/notifications/{id:int}", one, "read:notifications"),
    post("/api/v1/notifications/{id}/dismiss", dismiss, "write:notifications"),
    get("/api/v2/notifications", in_groups, "read:notifications"),
    get("/api/v2/notifications/unread_count", unread, "read:notifications"),
    get("/api/v2/notifications/policy", policy, "read:notifications"),
    get("/api/v1/markers", markers, "read:statuses"),
    post("/api/v1/markers", mark, "write:statuses"),
)
