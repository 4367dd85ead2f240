"""The public pages: who speaks here, what a collective says, one thing with its answers.

They are what strangers see: nothing that is not public or unlisted, of relations only how many there are. Drawn from one
snapshot each.
"""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from node.board import Line, board, line_of
from node.domain.matching import pledges_of, receipts_of
from node.shown import Shelf, Shown
from node.speak import LiveScene
from node.storage import activities, collectives, follows, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Reader, Snapshot
from node.storage.objects import Object
from node.tongues import Tongue, message
from node.web.drawing import CSS_PATH, css, page, tongue_for

POSTS = 10
"""Posts on one page: small enough for a telephone on a bad line."""
LINES = 40
"""Needs and offers on one page of the board."""
LONGEST = 20_000
"""Characters of HTML of one text that a page shows whole."""

_PARENTS = 5
_ROBOTS = "User-agent: *\nDisallow: /inbox\nDisallow: /media/\nDisallow: /*?\n"


@dataclass(frozen=True, slots=True)
class _Thread:
    """A post between what it answers and what answers it; of a need or an offer, its `line` on the board."""

    post: Shown
    parents: list[Shown]
    answers: list[Shown]
    older: int | None
    line: Line | None
    receipts: list[Shown]


class Pages:
    """Draws the pages of one node. `origin` is its address, `host` how people write it."""

    def __init__(self, reader: Reader, origin: str, host: str) -> None:
        self._reader = reader
        self._origin = origin
        self._host = host

    def app(self) -> ASGIApp:
        """The pages as an application; what has no page is a page that says so."""
        object_paths = ("/o/{id}", "/o/{id}/replies", "/o/{id}/context", "/o/{id}/proposal")
        parts = ("outbox", "followers", "following", "featured", "peers")
        return Router(
            [
                Route("/", self._first),
                Route("/c/{handle}", self._collective),
                *(Route(f"/c/{{handle}}/{part}", self._to_collective) for part in parts),
                Route("/@{handle}", self._to_collective),
                *(Route(path, self._object) for path in object_paths),
                Route("/s/{id}", self._activity),
                Route("/board", self._board),
                Route("/robots.txt", _robots),
                Route(CSS_PATH, css),
            ],
            default=self._absent,
            # A redirect would be built from the Host header, which anybody can write.
            redirect_slashes=False,
        )

    async def _first(self, request: Request) -> Response:
        there = await self._reader.run(collectives.every)
        if len(there) == 1:
            return RedirectResponse(there[0].uri, 303)
        tongue = await self._tongue(request)
        return self._page(request, "collectives.html", tongue, collectives=there)

    async def _to_collective(self, request: Request) -> Response:
        return RedirectResponse(f"{self._origin}/c/{request.path_params['handle'].lower()}", 303)

    async def _collective(self, request: Request) -> Response:
        handle = request.path_params["handle"]
        before = _number(request, "before")

        def look(snapshot: Snapshot) -> tuple[Collective, list[Shown], int | None, int, int] | None:
            collective = collectives.by_handle(snapshot, handle)
            if collective is None:
                return None
            rows = posts.shown_by(snapshot, collective.uri, before=before, limit=POSTS + 1)
            shown = Shelf(snapshot, self._origin).posts(rows[:POSTS])
            return (
                collective,
                shown,
                rows[POSTS - 1].id if len(rows) > POSTS else None,
                follows.count_followers(snapshot, collective.id),
                follows.count_following(snapshot, collective.id),
            )

        found = await self._reader.run(look)
        if found is None:
            return await self._missing(request, 404)
        collective, shown, older, followers, following = found
        return self._page(
            request,
            "collective.html",
            tongue_for(request, collective.locale, collective.timezone),
            collective=collective,
            summary=collective.summary,
            handle=f"{collective.handle}@{self._host}",
            posts=shown,
            older=older,
            followers=followers,
            following=following,
        )

    async def _object(self, request: Request) -> Response:
        uri = f"{self._origin}/o/{request.path_params['id']}"
        after = _number(request, "after") or 0

        def look(snapshot: Snapshot) -> _Thread | int:
            row, post = objects.by_uri(snapshot, uri), posts.by_uri(snapshot, uri)
            if row is not None and not row.document:
                return 410
            shown = None if post is None else Shelf(snapshot, self._origin).post(post)
            return 404 if shown is None or row is None else self._thread(snapshot, row, shown, after)

        found = await self._reader.run(look)
        if isinstance(found, int):
            return await self._missing(request, found)
        return self._page(
            request,
            "object.html",
            await self._tongue(request, found.post.author.uri),
            post=found.post,
            parents=found.parents,
            answers=found.answers,
            older=found.older,
            line=found.line,
            receipts=found.receipts,
            longest=LONGEST,
        )

    def _thread(self, snapshot: Snapshot, row: Object, shown: Shown, after: int) -> _Thread:
        shelf = Shelf(snapshot, self._origin)
        parents: list[Shown] = []
        above = shown.in_reply_to
        while above is not None and len(parents) < _PARENTS:
            post = posts.by_uri(snapshot, above)
            parent = None if post is None else shelf.post(post)
            if parent is None:
                break
            parents.insert(0, parent)
            above = parent.in_reply_to
        rows = posts.replies(snapshot, shown.uri, after=after, limit=POSTS + 1)
        older = rows[POSTS - 1].id if len(rows) > POSTS else None
        scene = LiveScene(snapshot, self._origin)
        receipts = [posts.by_uri(snapshot, uri) for uri in _receipts(scene, row)]
        return _Thread(
            post=shown,
            parents=parents,
            answers=shelf.posts(rows[:POSTS]),
            older=older,
            line=line_of(row, scene, shelf),
            receipts=shelf.posts([receipt for receipt in receipts if receipt is not None][:POSTS]),
        )

    async def _board(self, request: Request) -> Response:
        """Open needs and offers, ours and those of whom this node follows."""
        before = _number(request, "before")

        def look(snapshot: Snapshot) -> list[Line]:
            return board(snapshot, self._origin, "", only_open=True, before=before, limit=LINES + 1)

        lines = await self._reader.run(look)
        return self._page(
            request,
            "board.html",
            await self._tongue(request),
            lines=lines[:LINES],
            older=lines[LINES - 1].id if len(lines) > LINES else None,
        )

    async def _activity(self, request: Request) -> Response:
        """An activity has no page of its own: the page of what it is about has it."""
        uri = f"{self._origin}/s/{request.path_params['id']}"

        def look(snapshot: Snapshot) -> str | None:
            about = activities.by_uri(snapshot, uri)
            row = None if about is None else posts.by_uri(snapshot, about.object)
            shown = None if row is None else Shelf(snapshot, self._origin).post(row)
            return None if shown is None or not shown.uri.startswith(f"{self._origin}/") else shown.uri

        found = await self._reader.run(look)
        return RedirectResponse(found, 303) if found else await self._missing(request, 404)

    async def _absent(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        response = await self._missing(Request(scope, receive), 404)
        await response(scope, receive, send)

    async def _missing(self, request: Request, status: int) -> Response:
        tongue = await self._tongue(request)
        gone = status == 410
        title = message("This was withdrawn") if gone else message("There is nothing here")
        text = (
            message("Whoever published it has taken it back.")
            if gone
            else message("The address is wrong, or what was here is not for everybody.")
        )
        return self._page(
            request, "absent.html", tongue, status, title=tongue.say(title), text=tongue.say(text)
        )

    async def _tongue(self, request: Request, author: str = "") -> Tongue:
        """The tongue of a page that is not of one collective: of its author's, else of the first one here."""

        def look(snapshot: Snapshot) -> Collective | None:
            return collectives.by_uri(snapshot, author) or next(iter(collectives.every(snapshot)), None)

        collective = await self._reader.run(look)
        if collective is None:
            return tongue_for(request, "es", "UTC")
        return tongue_for(request, collective.locale, collective.timezone)

    def _page(
        self, request: Request, template: str, tongue: Tongue, status: int = 200, **values: Any
    ) -> Response:
        return page(
            template, tongue, {"host": self._host, **values}, status=status, head=request.method == "HEAD"
        )


def _receipts(scene: LiveScene, row: Object) -> list[str]:
    """What arrived for a need, by the notes that say so."""
    thing = scene.thing(row.uri) if row.kind == "need" else None
    pledges = [] if thing is None else pledges_of(thing, scene)
    return [receipt.id for pledge in pledges for receipt in receipts_of(pledge, scene)]


def _number(request: Request, name: str) -> int | None:
    typed = request.query_params.get(name, "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None


async def _robots(_request: Request) -> Response:
    return PlainTextResponse(_ROBOTS, headers={"cache-control": "max-age=86400"})
