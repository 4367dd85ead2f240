"""What a collective does with posts: favourites, boosts, bookmarks, pins, mutes; and who else did."""

from typing import Any

from node.api.calls import Answer, Call, get, post
from node.api.entities import JsonObject
from node.api.paging import Page, window
from node.api.shelf import Shelf
from node.api.statuses import original_of, readable, shown
from node.errors import ConflictError, InvalidError
from node.storage import timelines
from node.storage.database import Snapshot
from node.storage.posts import Post
from node.tongues import message


async def favourite(call: Call) -> JsonObject:
    """`POST /api/v1/statuses/:id/favourite`"""
    row = await call.read(lambda snapshot: original_of(snapshot, call.id, call.viewer))
    await call.services.doors.reactions.like(call.speaker, str(row.id))
    return await shown(call, row.id)


async def unfavourite(call: Call) -> JsonObject:
    """`POST /api/v1/statuses/:id/unfavourite`"""
    row = await call.read(lambda snapshot: original_of(snapshot, call.id, call.viewer))
    await _undo(call, row, "like")
    return await shown(call, row.id)


async def _undo(call: Call, row: Post, only: str) -> None:
    try:
        await call.services.doors.reactions.undo(call.speaker, str(row.id), only=only)
    except ConflictError:
        return  # there is nothing to undo: the app has what it wants


async def reblog(call: Call) -> JsonObject:
    """`POST /api/v1/statuses/:id/reblog`: the boost, with what it boosts inside."""
    if call.values.words("visibility") not in ("", "public", "unlisted"):
        raise InvalidError("visibility", message("one of these: {known}"), known="public, unlisted")
    row = await call.read(lambda snapshot: original_of(snapshot, call.id, call.viewer))
    said = await call.services.doors.reactions.boost(call.speaker, str(row.id))
    return await shown(call, said.id)


async def unreblog(call: Call) -> JsonObject:
    """`POST /api/v1/statuses/:id/unreblog`"""
    row = await call.read(lambda snapshot: original_of(snapshot, call.id, call.viewer))
    await _undo(call, row, "boost")
    return await shown(call, row.id)


async def bookmark(call: Call) -> JsonObject:
    """`POST /api/v1/statuses/:id/bookmark`"""
    row = await call.read(lambda snapshot: original_of(snapshot, call.id, call.viewer))
    await call.services.marks.bookmark(call.shared, row.id, on=True)
    return await shown(call, row.id)


async def unbookmark(call: Call) -> JsonObject:
    """`POST /api/v1/statuses/:id/unbookmark`"""
    row = await call.read(lambda snapshot: original_of(snapshot, call.id, call.viewer))
    await call.services.marks.bookmark(call.shared, row.id, on=False)
    return await shown(call, row.id)


async def pin(call: Call) -> JsonObject:
    """`POST /api/v1/statuses/:id/pin`"""
    row = await call.read(lambda snapshot: readable(snapshot, call.id, call.viewer))
    await call.services.doors.reactions.pin(call.speaker, str(row.id))
    return await shown(call, row.id)


async def unpin(call: Call) -> JsonObject:
    """`POST /api/v1/statuses/:id/unpin`"""
    row = await call.read(lambda snapshot: readable(snapshot, call.id, call.viewer))
    await call.services.doors.reactions.unpin(call.speaker, str(row.id))
    return await shown(call, row.id)


async def mute(call: Call) -> JsonObject:
    """`POST /api/v1/statuses/:id/mute`: no notifications of its conversation."""
    row = await call.read(lambda snapshot: original_of(snapshot, call.id, call.viewer))
    await call.services.marks.mute_conversation(call.shared, row.conversation, on=True)
    return await shown(call, row.id)


async def unmute(call: Call) -> JsonObject:
    """`POST /api/v1/statuses/:id/unmute`"""
    row = await call.read(lambda snapshot: original_of(snapshot, call.id, call.viewer))
    await call.services.marks.mute_conversation(call.shared, row.conversation, on=False)
    return await shown(call, row.id)


async def favourited_by(call: Call) -> Answer:
    """`GET /api/v1/statuses/:id/favourited_by`, for anybody."""
    return await _who(call, "likes")


async def reblogged_by(call: Call) -> Answer:
    """`GET /api/v1/statuses/:id/reblogged_by`, for anybody."""
    return await _who(call, "boosts")


async def _who(call: Call, what: str) -> Answer:
    wanted = window(call.values, usual=40, most=80)

    def look(snapshot: Snapshot) -> Page[object]:
        row = original_of(snapshot, call.id, call.viewer)
        list_of = timelines.likers if what == "likes" else timelines.boosters
        rows = list_of(snapshot, row.id, wanted)
        shelf = Shelf(snapshot, call.services, call.viewer)
        accounts = shelf.accounts([actor for _, actor in rows])
        return Page(accounts, [number for number, _ in rows], len(rows) == wanted.limit)

    return call.page(await call.read(look))


async def favourites(call: Call) -> Answer:
    """`GET /api/v1/favourites`"""
    return await _marked(call, liked=True)


async def bookmarks(call: Call) -> Answer:
    """`GET /api/v1/bookmarks`"""
    return await _marked(call, liked=False)


async def _marked(call: Call, *, liked: bool) -> Answer:
    wanted, own = window(call.values), call.own

    def look(snapshot: Snapshot) -> Page[object]:
        shelf = Shelf(snapshot, call.services, own)
        list_of = timelines.favourites if liked else timelines.bookmarks
        rows = list_of(snapshot, shelf.viewer, wanted)
        statuses = shelf.statuses([row for _, row in rows])
        return Page(statuses, [number for number, _ in rows], len(rows) == wanted.limit)

    return call.page(await call.read(look))


def _acts(name: str, do: Any, undo: Any, scope: str) -> tuple[Any, ...]:
    return (
        post(f"/api/v1/statuses/{{id}}/{name}", do, scope),
        post(f"/api/v1/statuses/{{id}}/un{name}", undo, scope),
    )


ENDPOINTS = (
    get("/api/v1/statuses/{id}/favourited_by", favourited_by, "read:accounts", anybody=True),
    get("/api/v1/statuses/{id}/reblogged_by", reblogged_by, "read:accounts", anybody=True),
    *_acts("favourite", favourite, unfavourite, "write:favourites"),
    *_acts("reblog", reblog, unreblog, "write:statuses"),
    *_acts("bookmark", bookmark, unbookmark, "write:bookmarks"),
    *_acts("pin", pin, unpin, "write:accounts"),
    *_acts("mute", mute, unmute, "write:mutes"),
    get("/api/v1/favourites", favourites, "read:favourites"),
    get("/api/v1/bookmarks", bookmarks, "read:bookmarks"),
)
