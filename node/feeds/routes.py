"""The addresses of feeds, for ever:

/c/HANDLE/feed.atom · .rss · .json         what a collective publishes
/c/HANDLE/account.atom · .rss · .json      its public account
/c/HANDLE/calendar.ics                     its meals, assemblies, rounds and deadlines
/c/HANDLE/badge.svg                        its totals, for other sites' pages
/board.atom · .rss · .json · .ics          what is asked and offered here and around
/oembed?url=…                              one post or a collective, for other sites' pages

Anybody may read them, from any page. `?lang=` chooses the language.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from node.doors import Doors
from node.feeds import calendar as calendars
from node.feeds.badge import badge, totals
from node.feeds.embed import AGE, Room, Thumbnail, as_xml, of_post
from node.feeds.embed import of_collective as card_of
from node.feeds.entries import Entry, Feed, entry_of, of_account, of_board, of_collective
from node.feeds.formats import FORMATS
from node.shown import Shelf
from node.speak.scene import tongue
from node.storage import collectives, media, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.posts import Post
from node.tongues import Tongue, languages

_OPEN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag",
    "cache-control": f"public, max-age={AGE}",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_PICTURE = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
_URL_CHARS = 2000

Writes = Callable[[Snapshot, Collective, Tongue], Feed]


class Feeds:
    """Answers for every collective of a node."""

    def __init__(self, doors: Doors) -> None:
        self._reader = doors.database.reader
        self._origin = doors.config.origin
        self._host = doors.config.host
        self._proxy = doors.attachments.address

    def routes(self) -> list[BaseRoute]:
        """The routes, to be mounted before pages that take everything."""
        of_one: dict[str, Writes] = {
            "feed": lambda snapshot, own, tongue: of_collective(
                snapshot, self._origin, own, tongue, self._proxy
            ),
            "account": lambda snapshot, own, tongue: of_account(
                snapshot, self._origin, own, tongue, self._proxy
            ),
        }
        return [
            *(
                Route(f"/c/{{handle}}/{name}.{ending}", partial(self._of_one, ending=ending, writes=writes))
                for name, writes in of_one.items()
                for ending in FORMATS
            ),
            *(Route(f"/board.{ending}", partial(self._board, ending=ending)) for ending in FORMATS),
            Route("/board.ics", self._board_calendar),
            Route("/c/{handle}/calendar.ics", self._calendar),
            Route("/c/{handle}/badge.svg", self._badge),
            Route("/oembed", self._embed),
        ]

    async def _of_one(self, request: Request, *, ending: str, writes: Writes) -> Response:
        def look(snapshot: Snapshot) -> Feed | None:
            own = _own(snapshot, request)
            return None if own is None else writes(snapshot, own, _tongue(request, own))

        feed = await self._reader.run(look)
        return await self._absent(request) if feed is None else _written(request, feed, ending)

    async def _board(self, request: Request, *, ending: str) -> Response:
        feed = await self._reader.run(
            lambda snapshot: of_board(
                snapshot, self._origin, self._host, _first_tongue(snapshot, request), self._proxy
            )
        )
        return _written(request, feed, ending)

    async def _calendar(self, request: Request) -> Response:
        def look(snapshot: Snapshot) -> bytes | None:
            own = _own(snapshot, request)
            if own is None:
                return None
            spoken = _tongue(request, own)
            occasions = calendars.of_collective(snapshot, own, spoken)
            return calendars.calendar(own.name, occasions, spoken)

        body = await self._reader.run(look)
        return (
            await self._absent(request)
            if body is None
            else _answer(request, body, "text/calendar; charset=utf-8")
        )

    async def _board_calendar(self, request: Request) -> Response:
        def look(snapshot: Snapshot) -> bytes:
            spoken = _first_tongue(snapshot, request)
            name = spoken.say("Board of {host}", host=self._host)
            return calendars.calendar(name, calendars.of_board(snapshot, self._origin, spoken), spoken)

        return _answer(request, await self._reader.run(look), "text/calendar; charset=utf-8")

    async def _badge(self, request: Request) -> Response:
        def look(snapshot: Snapshot) -> bytes | None:
            own = _own(snapshot, request)
            return (
                None
                if own is None
                else badge(own, totals(snapshot, self._origin, own), _tongue(request, own))
            )

        body = await self._reader.run(look)
        return (
            await self._absent(request) if body is None else _answer(request, body, "image/svg+xml", _PICTURE)
        )

    async def _embed(self, request: Request) -> Response:
        given = request.query_params
        url, form = given.get("url", ""), given.get("format", "json")
        if form not in ("json", "xml"):
            return JSONResponse({"error": "format: json or xml"}, 501, _OPEN)
        if not url or len(url) > _URL_CHARS:
            return JSONResponse(
                {"error": "url: the address of a post or a collective of this node"}, 400, _OPEN
            )
        room = Room(_pixels(given.get("maxwidth", "")), _pixels(given.get("maxheight", "")))

        def look(snapshot: Snapshot) -> dict[str, object] | None:
            address = urlsplit(url)._replace(query="", fragment="").geturl().rstrip("/")
            if (collective := self._collective_at(snapshot, address)) is not None:
                return card_of(collective, self._host, room)
            post = posts.by_uri(snapshot, address)
            if post is None or post.collective is None or post.boost_of is not None:
                return None
            own = collectives.by_id(snapshot, post.collective)
            shown = Shelf(snapshot, self._origin).post(post)
            if own is None or shown is None:
                return None
            entry = entry_of(objects.by_uri(snapshot, shown.uri), shown, _tongue(request, own), self._proxy)
            return of_post(shown, entry, self._small(snapshot, entry, post), self._host, room)

        try:
            found = await self._reader.run(look)
        except ValueError:
            found = None
        if found is None:
            return await self._absent(request)
        if form == "xml":
            return _answer(request, as_xml(found), "text/xml; charset=utf-8")
        return _answer(request, msgspec.json.encode(found), "application/json; charset=utf-8")

    def _collective_at(self, snapshot: Snapshot, address: str) -> Collective | None:
        """The collective of ours that an address leads to, also by its name alone."""
        named = address.removeprefix(f"{self._origin}/@")
        return (
            collectives.by_uri(snapshot, address)
            if named == address
            else collectives.by_handle(snapshot, named)
        )

    def _small(self, snapshot: Snapshot, entry: Entry, post: Post) -> Thumbnail | None:
        """The first photograph of what is told of a post of ours, as it is in lists."""
        first = next(iter(media.of_post(snapshot, post.id)), None)
        if first is None or not entry.pictures:
            return None
        kept = first.picture
        return Thumbnail(self._proxy("", kept.name, small=True), kept.preview_width, kept.preview_height)

    async def _absent(self, request: Request) -> Response:
        """Said in words. It is not kept: what is not there now may come in a minute."""
        spoken = await self._reader.run(lambda snapshot: _first_tongue(snapshot, request))
        said = spoken.say("There is nothing here.")
        return JSONResponse({"error": said}, 404, {**_OPEN, "cache-control": "no-cache"})


def feeds(doors: Doors) -> list[BaseRoute]:
    """The routes of a node's feeds."""
    return Feeds(doors).routes()


def _own(snapshot: Snapshot, request: Request) -> Collective | None:
    return collectives.by_handle(snapshot, request.path_params["handle"].lower())


def _named(request: Request) -> str:
    """The language that the address names, "" for none that we speak."""
    named = request.query_params.get("lang", "")
    return named if named in languages() else ""


def _tongue(request: Request, own: Collective) -> Tongue:
    return tongue(_named(request) or own.locale, own.timezone)


def _first_tongue(snapshot: Snapshot, request: Request) -> Tongue:
    first = next(iter(collectives.every(snapshot)), None)
    return tongue(_named(request) or (first.locale if first else "es"), first.timezone if first else "UTC")


def _pixels(typed: str) -> int | None:
    """A number of pixels, None where it is none."""
    return (int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else 0) or None


def _written(request: Request, feed: Feed, ending: str) -> Response:
    kind, write = FORMATS[ending]
    named = _named(request)
    return _answer(request, write(replace(feed, query=f"?lang={named}" if named else "")), kind)


def _answer(request: Request, body: bytes, kind: str, more: dict[str, str] | None = None) -> Response:
    """The body, or 304 where the reader has it already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**_OPEN, **(more or {}), "etag": tag}
    held = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if held & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(body, 200, {**headers, "content-type": kind})
