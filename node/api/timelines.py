"""Timelines: home, public, by hashtag."""

from node.api.calls import Answer, Call, get
from node.api.paging import Page, window
from node.api.shelf import Shelf
from node.storage import timelines
from node.storage.database import Snapshot
from node.storage.posts import Post
from node.storage.window import Window


def page_of(shelf: Shelf, rows: list[Post], wanted: Window) -> Page[object]:
    """Posts as a page; what a filter hides is left out, the cursors go on."""
    return Page(shelf.statuses(rows), [row.id for row in rows], len(rows) == wanted.limit)


async def home(call: Call) -> Answer:
    """`GET /api/v1/timelines/home`"""
    wanted, own = window(call.values), call.own

    def look(snapshot: Snapshot) -> Page[object]:
        shelf = Shelf(snapshot, call.services, own, "home")
        return page_of(shelf, timelines.home(snapshot, shelf.viewer, wanted), wanted)

    return call.page(await call.read(look))


async def public(call: Call) -> Answer:
    """`GET /api/v1/timelines/public`, for anybody."""
    wanted, given = window(call.values), call.values

    def look(snapshot: Snapshot) -> Page[object]:
        shelf = Shelf(snapshot, call.services, call.viewer, "public")
        rows = timelines.public(
            snapshot,
            shelf.viewer,
            wanted,
            local=bool(given.flag("local")),
            remote=bool(given.flag("remote")),
            pictured=bool(given.flag("only_media")),
        )
        return page_of(shelf, rows, wanted)

    return call.page(await call.read(look))


async def by_tag(call: Call) -> Answer:
    """`GET /api/v1/timelines/tag/:hashtag`, for anybody."""
    wanted, given, tag = window(call.values), call.values, call.request.path_params["tag"]

    def look(snapshot: Snapshot) -> Page[object]:
        shelf = Shelf(snapshot, call.services, call.viewer, "public")
        rows = timelines.tagged(
            snapshot,
            shelf.viewer,
            wanted,
            tag.lstrip("#")[:100],
            local=bool(given.flag("local")),
            pictured=bool(given.flag("only_media")),
        )
        return page_of(shelf, rows, wanted)

    return call.page(await call.read(look))


ENDPOINTS = (
    get("/api/v1/timelines/home", home, "read:statuses"),
    get("/api/v1/timelines/public", public, "read:statuses", anybody=True),
    get("/api/v1/timelines/tag/{tag}", by_tag, "read:statuses", anybody=True),
)
