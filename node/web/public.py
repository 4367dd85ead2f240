"""The public face: who speaks here, what they lack, what they served, how to help, and a sheet for the wall.

They are what strangers see: nothing that is not public or unlisted, unlisted things only among what a collective says, and of
relations only how many there are. Drawn from one snapshot each.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.account import figures
from node.board import Line, board, lines_of
from node.domain.markup import to_text
from node.numbers import whole
from node.shown import Photograph, Shelf, Shown
from node.speak import LiveScene, may_read
from node.speak.scene import thing_of
from node.storage import collectives, follows, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.objects import Object
from node.storage.timelines import Viewer, tagged
from node.storage.window import Window
from node.web.books import total_of
from node.web.reception import Reception
from node.web.tallies import Answered, Served, Ways, answered, served, ways
from schemas import CURRENCIES
from schemas.meal import Meal

POSTS = 10
"""Posts on one page: small enough for a telephone on a bad line."""
LINES = 25
"""Needs and offers on one page of the board."""
NEEDS = 12
"""Needs on a collective's own page, the most pressing; all of them have a page of their own."""
_LOOKED_AT = 200
_ROBOTS = "User-agent: *\nDisallow: /inbox\nDisallow: /media/\nDisallow: /*?\n"
_PARTS = ("outbox", "followers", "following", "featured", "peers")


@dataclass(frozen=True, slots=True)
class _Face:
    collective: Collective
    posts: list[Shown]
    older: int | None
    needs: list[Line]
    more: bool
    covered: int
    answered: Answered
    served: Served
    ways: Ways | None
    planned: list[Shown]
    followers: int
    following: int
    picture: Photograph | None
    district: str
    on_map: bool
    books: bool


class Public:
    """The pages of collectives, the board, and tags."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._reader = reception.doors.database.reader
        self._origin = reception.origin
        self._host = reception.host

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/", self._first),
            Route("/c/{handle}", self._collective),
            Route("/c/{handle}/needs", self._needs),
            Route("/c/{handle}/poster", self._poster),
            Route("/c/{handle}/follow", self._follow),
            *(Route(f"/c/{{handle}}/{part}", self._to_collective) for part in _PARTS),
            Route("/@{handle}", self._to_collective),
            Route("/board", self._board),
            Route("/tags/{name}", self._tag),
            Route("/robots.txt", _robots),
        ]

    async def _first(self, request: Request) -> Response:
        there = await self._reader.run(collectives.every)
        visit = await self._reception.visit(request)
        if visit.member:
            return RedirectResponse("/home", 303)
        if len(there) == 1:
            return RedirectResponse(there[0].uri + (f"?lang={visit.lang}" if visit.lang else ""), 303)
        return await self._reception.page(request, "collectives.html", visit, collectives=there)

    async def _to_collective(self, request: Request) -> Response:
        return RedirectResponse(f"{self._origin}/c/{request.path_params['handle'].lower()}", 303)

    async def _collective(self, request: Request) -> Response:
        handle = request.path_params["handle"]
        before = number(request, "before")
        visit = await self._reception.visit(request)
        face = await self._reader.run(lambda snapshot: self._face(snapshot, handle, before, visit.reader))
        if face is None:
            return await self.missing(request, 404)
        own = face.collective
        return await self._reception.page(
            request,
            "collective.html",
            visit,
            tongue=self._reception.tongue_in(request, visit, visit.collective or own),
            face=face,
            collective=own,
            summary=own.summary,
            described=" ".join(to_text(own.summary).split()),
            handle=f"{own.handle}@{self._host}",
            before=before,
        )

    def _face(self, snapshot: Snapshot, handle: str, before: int | None, reader: str) -> _Face | None:
        own = collectives.by_handle(snapshot, handle)
        if own is None:
            return None
        shelf, scene = Shelf(snapshot, self._origin, reader), LiveScene(snapshot, self._origin, here=reader)
        rows = posts.shown_by(snapshot, own.uri, before=before, limit=POSTS + 1)
        asked, met = (
            [
                each
                for each in objects.owned(snapshot, own.uri, "need", state, limit=_LOOKED_AT)
                if may_read(snapshot, each, reader)
            ]
            for state in ("open", "covered")
        )
        lacking = most_pressing(
            each for each in asked if _is_listed(each, reader) and not scene.over(each.due)
        )
        today = scene.day(snapshot.now)
        planned = [
            post
            for each in objects.of_owner(snapshot, own.uri, "meal", limit=10)
            if _is_listed(each, reader)
            and _is_to_come(thing_of(each).record, today)
            and (post := posts.by_uri(snapshot, each.uri))
        ]
        district, on_map = _said_of_itself(own)
        return _Face(
            collective=own,
            picture=Photograph("", name=own.picture) if own.picture else None,
            district=district,
            on_map=on_map,
            posts=shelf.posts(rows[:POSTS]),
            older=rows[POSTS - 1].id if len(rows) > POSTS else None,
            needs=lines_of(lacking[:NEEDS], scene, shelf),
            more=len(lacking) > NEEDS,
            covered=len(met),
            answered=answered((*asked, *met), scene, today),
            served=served(snapshot, own.uri, reader, today),
            ways=ways(snapshot, own.uri) if own.kind == "fund" else None,
            books=own.kind == "fund" or bool(figures.standing(snapshot, own)),
            planned=shelf.posts(planned),
            followers=follows.count_followers(snapshot, own.id),
            following=follows.count_following(snapshot, own.id),
        )

    async def _needs(self, request: Request) -> Response:
        """Everything that a collective lacks, the newest first."""
        handle, before = request.path_params["handle"], number(request, "before")
        visit = await self._reception.visit(request)

        def look(snapshot: Snapshot) -> tuple[Collective, list[Line], int | None] | None:
            own = collectives.by_handle(snapshot, handle)
            if own is None:
                return None
            scene = LiveScene(snapshot, self._origin, here=visit.reader)
            shelf = Shelf(snapshot, self._origin, visit.reader)
            rows = objects.owned(snapshot, own.uri, "need", "open", before=before, limit=LINES + 1)
            wanted = [
                each
                for each in rows[:LINES]
                if may_read(snapshot, each, visit.reader)
                and _is_listed(each, visit.reader)
                and not scene.over(each.due)
            ]
            older = rows[LINES - 1].id if len(rows) > LINES else None
            return own, lines_of(wanted, scene, shelf), older

        found = await self._reader.run(look)
        if found is None:
            return await self.missing(request, 404)
        own, lines, older = found
        return await self._reception.page(
            request, "needs.html", visit, collective=own, lines=lines, older=older
        )

    async def _poster(self, request: Request) -> Response:
        """The week's needs on one A4 for the notice board on the wall, with a QR that leads here."""
        handle = request.path_params["handle"]
        face = await self._reader.run(lambda snapshot: self._face(snapshot, handle, None, ""))
        if face is None:
            return await self.missing(request, 404)
        own, tongue = face.collective, await self._reception.tongue(request, author=face.collective.uri)
        standing = await self._reader.run(lambda snapshot: figures.standing(snapshot, own))
        return await self._reception.page(
            request,
            "poster.html",
            await self._reception.visit(request),
            tongue=tongue,
            totals=[total_of(each, tongue) for each in standing if each.commodity in CURRENCIES],
            face=face,
            collective=face.collective,
            handle=f"{face.collective.handle}@{self._host}",
            qr=qr(face.collective.uri),
        )

    async def _follow(self, request: Request) -> Response:
        """From the name of a reader's own server to the place where she can follow us there."""
        visit = await self._reception.visit(request)
        handle = request.path_params["handle"].lower()
        own = await self._reader.run(lambda snapshot: collectives.by_handle(snapshot, handle))
        if own is None:
            return await self.missing(request, 404)
        typed = request.query_params.get("server", "")[:253]
        server = server_of(typed)
        name = f"@{own.handle}@{self._host}"
        there = f"https://{server}/authorize_interaction?uri={quote(name)}" if server else ""
        return await self._reception.page(
            request,
            "follow.html",
            visit,
            collective=own,
            handle=name,
            typed=typed,
            there=there,
            server=server,
        )

    async def _board(self, request: Request) -> Response:
        """Open needs and offers, ours and those of whom this node follows."""
        before = number(request, "before")
        visit = await self._reception.visit(request)

        def look(snapshot: Snapshot) -> list[Line]:
            return board(snapshot, self._origin, visit.reader, only_open=True, before=before, limit=LINES + 1)

        lines = await self._reader.run(look)
        return await self._reception.page(
            request,
            "board.html",
            visit,
            url=f"{self._origin}/board",
            lines=lines[:LINES],
            older=lines[LINES - 1].id if len(lines) > LINES else None,
        )

    async def _tag(self, request: Request) -> Response:
        """What this node knows under a hashtag."""
        name = request.path_params["name"][:100].lower()
        before = number(request, "before")
        visit = await self._reception.visit(request)

        def look(snapshot: Snapshot) -> tuple[list[Shown], int | None]:
            own = visit.collective
            viewer = Viewer(own.id, own.uri) if own else Viewer()
            rows = tagged(snapshot, viewer, Window(limit=POSTS + 1, max_id=before), name)
            shown = Shelf(snapshot, self._origin, visit.reader).posts(rows[:POSTS])
            return shown, rows[POSTS - 1].id if len(rows) > POSTS else None

        shown, older = await self._reader.run(look)
        return await self._reception.page(request, "tag.html", visit, name=name, posts=shown, older=older)

    async def missing(self, request: Request, status: int) -> Response:
        """A page that says that there is nothing: 404, or 410 where something was."""
        visit = await self._reception.visit(request)
        return await self._reception.page(request, "absent.html", visit, status=status, gone=status == 410)


def _said_of_itself(own: Collective) -> tuple[str, bool]:
    """The district, and whether it is on the map, as the actor document says."""
    place = json.loads(own.document).get("location") or {}
    return place.get("name", ""), "latitude" in place


def _is_listed(row: Object, reader: str) -> bool:
    """Whether a thing stands in lists that a reader sees: what is not announced stands in none of a stranger's."""
    return bool(reader) or row.audience != "unlisted"


def most_pressing(needs: Iterable[Object]) -> list[Object]:
    """Needs in the order in which they press: the urgent first, then by day, then the newest."""
    return sorted(
        needs, key=lambda each: (not each.facts.get("urgent"), each.due is None, each.due, -each.id)
    )


def _is_to_come(record: object, today: date) -> bool:
    return isinstance(record, Meal) and record.served is None and record.on >= today


def qr(content: str, *, border: int = 2, title: str = "QR", **options: Any) -> str:
    """A QR of an address, or with `options` of anything else, as inline SVG, dark on light."""
    # Loaded by the first who looks at one: every start would pay 1 MiB for it.
    made = import_module("segno").make(content, error="m", **options)
    look = {"scale": 4, "dark": "#000", "svgclass": "qr", "lineclass": None, "omitsize": True}
    return str(made.svg_inline(border=border, title=title, **look))


def server_of(typed: str) -> str:
    """The host that somebody typed as her server: `mastodon.social`, `https://…`, or her whole handle; "" for none."""
    host = urlsplit(typed if "//" in typed else f"//{typed.strip().rpartition('@')[2]}").netloc.lower()
    plain = host.replace("-", "").replace(".", "").replace(":", "")
    return host if "." in host and plain.isalnum() and plain.isascii() else ""


def number(request: Request, name: str) -> int | None:
    """A number in the query."""
    return whole(request.query_params.get(name, ""))


async def _robots(_request: Request) -> Response:
    return PlainTextResponse(_ROBOTS, headers={"cache-control": "max-age=86400"})
