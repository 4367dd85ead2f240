"""Whom the collective follows, who follows it, whom it trusts and blocks; and the page of one of them."""

import json
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.activities import REGISTRY
from node.board import Line, line_of
from node.domain.fund import admission_of
from node.domain.markup import sanitise, to_text
from node.errors import ConflictError, ElsewhereError, InvalidError, UnknownError
from node.numbers import whole
from node.shown import Author, Shelf, Shown
from node.speak import LiveScene, may_read
from node.storage import actors, collectives, follows, hosts, limits, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tongues import message
from node.web.drawing import Visit
from node.web.kinds import may_say
from node.web.members import own_of
from node.web.reception import Pages

PLACE = "/peers"
ROWS = 30
POSTS = 3
_SUMMARY = 600
_NEEDS = 8
LISTS = ("following", "followers", "requests", "trusted", "blocked")
DEEDS = (
    "follow", "unfollow", "trust", "untrust", "believe", "block", "unblock", "approve", "refuse", "limit", "lift"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: somebody, the number of her page (None where nothing is known), and a word about the tie."""

    author: Author
    number: int | None
    state: str


@dataclass(frozen=True, slots=True)
class Tie:
    """How the collective stands to somebody; `follow` and `followed` are states of `federation.follow`, "" for none."""

    follow: str
    followed: str
    trusted: bool
    blocked: bool
    host_blocked: bool
    limited: bool


@dataclass(frozen=True, slots=True)
class Portrait:
    """What is known of somebody. `state` is that of `storage.actors`; `ours`: it is a collective of this node; `joinable`: a fund
    to which we do not belong."""

    number: int
    author: Author
    host: str
    kind: str
    summary: str
    district: str
    moved_to: str
    state: str
    ours: bool
    joinable: bool
    tie: Tie
    needs: list[Line]
    posts: list[Shown]


class Peers(Pages):
    """The pages about others."""

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        guarded = self._reception.guarded
        return [
            Route(PLACE, guarded(self._list), methods=["GET", "HEAD"]),
            Route(f"{PLACE}/find", guarded(self._find), methods=["POST"]),
            Route(f"{PLACE}/{{id:int}}", guarded(self._one), methods=["GET", "HEAD"]),
            Route(f"{PLACE}/{{id:int}}/block", guarded(self._blocking), methods=["GET", "HEAD"]),
            Route(f"{PLACE}/{{id:int}}/{{deed}}", guarded(self._do), methods=["POST"]),
            Route(f"{PLACE}/{{list}}", guarded(self._list), methods=["GET", "HEAD"]),
        ]

    async def _list(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE)
        which = request.path_params.get("list", LISTS[0])
        if which not in LISTS:
            raise UnknownError(message("There is nothing here"))
        return await self._page(request, visit, which, request.query_params.get("after", "")[:2000])

    async def _page(
        self,
        request: Request,
        visit: Visit,
        which: str,
        after: str = "",
        *,
        typed: str = "",
        problem: str = "",
        status: int = 200,
    ) -> Response:
        own = own_of(visit)

        def look(snapshot: Snapshot) -> tuple[list[Entry], str]:
            return entries(snapshot, self._origin, own, which, after)

        rows, more = await self._reader.run(look)
        return await self._reception.page(
            request,
            "peers.html",
            visit,
            status=status,
            which=which,
            rows=rows,
            more=quote(more, safe=""),
            typed=typed,
            problem=problem,
            waiting=await self._reader.run(lambda s: _waiting(s, own)),
            handle=f"@{own.handle}@{self._reception.host}",
        )

    async def _find(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE)
        typed = form["who"][:500]
        tongue = await self._reception.tongue(request, visit)
        try:
            actor = await self._doors.relations.find(self._reception.speaker(visit), typed)
            number = await self._page_of(actor)
        except InvalidError as error:
            problem = tongue.say("A name like @olla@example.org, or the address of a page.")
            return await self._page(
                request, visit, LISTS[0], typed=typed, problem=problem, status=error.status
            )
        except UnknownError as error:
            problem = tongue.say("Nobody of this name was found. Is it spelled right?")
            return await self._page(
                request, visit, LISTS[0], typed=typed, problem=problem, status=error.status
            )
        except ElsewhereError as error:
            problem = tongue.say("That server does not answer right now. Try again later.")
            return await self._page(
                request, visit, LISTS[0], typed=typed, problem=problem, status=error.status
            )
        return RedirectResponse(f"{PLACE}/{number}", 303)

    async def _page_of(self, actor: str) -> int:
        """The number of the page of an actor. UnknownError where nothing is kept of them."""
        number = await self._reader.run(lambda s: _number(s, actor))
        if number is None:
            raise UnknownError(message("Nobody of this name was found."))
        return number

    async def _one(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE)
        return await self._draw(request, visit, "peer.html")

    async def _draw(self, request: Request, visit: Visit, template: str) -> Response:
        own = own_of(visit)
        uri = await self._uri(request)
        portrait = await self._reader.run(lambda s: portrait_of(s, self._origin, own, uri))
        return await self._reception.page(
            request,
            template,
            visit,
            who=portrait,
            itself=uri == own.uri,
            joins=portrait.joinable and uri != own.uri and may_say(visit.role, REGISTRY["join"]),
            own=own,
        )

    async def _blocking(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        return await self._draw(request, visit, "peer_block.html")

    async def _do(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, steward=True)
        deed = request.path_params["deed"]
        if deed not in DEEDS:
            raise UnknownError(message("There is nothing here"))
        uri, own = await self._uri(request), own_of(visit)
        speaker, relations = self._reception.speaker(visit), self._doors.relations
        plain = {
            "follow": relations.follow,
            "unfollow": relations.unfollow,
            "trust": relations.trust,
            "untrust": relations.untrust,
            "believe": relations.believe,
            "unblock": relations.unblock,
            "approve": relations.approve,
            "refuse": relations.refuse,
        }
        try:
            match deed:
                case "block":
                    await relations.block(speaker, uri, form["reason"][:500])
                case "limit":
                    await self._doors.moderation.limit(speaker, own, uri, form["reason"])
                case "lift":
                    await self._doors.moderation.lift(speaker, own, uri)
                case _:
                    await plain[deed](speaker, uri)
        except ConflictError:
            # A second tap, or another steward was first: the page shows how it stands.
            return RedirectResponse(_back(request, form["back"]), 303)
        back = _back(request, form["back"])
        return RedirectResponse(f"{back}?done={deed}", 303)

    async def _uri(self, request: Request) -> str:
        number = request.path_params["id"]
        uri = await self._reader.run(lambda s: _uri_of(s, number)) if number < 2**63 else None
        if uri is None:
            raise UnknownError(message("Nobody of this name was found."))
        return uri


def _back(request: Request, asked: str) -> str:
    """The list from which it was asked, else the page of whom it is about."""
    return f"{PLACE}/{asked}" if asked in LISTS else f"{PLACE}/{request.path_params['id']}"


def _uri_of(snapshot: Snapshot, number: int) -> str | None:
    found = collectives.by_id(snapshot, number) or actors.by_id(snapshot, number)
    return None if found is None else found.uri


def _number(snapshot: Snapshot, uri: str) -> int | None:
    found = collectives.by_uri(snapshot, uri) or actors.profile(snapshot, uri)
    return None if found is None else found.id


def _waiting(snapshot: Snapshot, own: Collective) -> int:
    return len(follows.followers(snapshot, own.id, state="requested", limit=100))


def entries(
    snapshot: Snapshot, origin: str, own: Collective, which: str, after: str
) -> tuple[list[Entry], str]:
    """One page of a list, and what the next one begins after; "" where this is the last."""
    shelf, limit = Shelf(snapshot, origin, own.uri), ROWS + 1
    before = whole(after)
    match which:
        case "followers" | "requests":
            state = "accepted" if which == "followers" else "requested"
            related = follows.followers(snapshot, own.id, state=state, before=before, limit=limit)
            found = [(str(each.id), each.actor, each.state) for each in related]
        case "trusted":
            found = [
                (uri, uri, "") for uri in follows.trusted_page(snapshot, own.id, after=after, limit=limit)
            ]
        case "blocked":
            targets = follows.blocked_page(snapshot, own.uri, hosts=False, after=after, limit=limit)
            found = [(uri, uri, reason) for uri, reason in targets]
        case _:
            related = follows.followed(snapshot, own.id, before=before, limit=limit)
            found = [(str(each.id), each.actor, each.state) for each in related]
    more = found[ROWS - 1][0] if len(found) > ROWS else ""
    return [
        Entry(shelf.author(actor), _number(snapshot, actor), state) for _, actor, state in found[:ROWS]
    ], more


def portrait_of(snapshot: Snapshot, origin: str, own: Collective, uri: str) -> Portrait:
    """Somebody as the collective sees them."""
    ours, known = collectives.by_uri(snapshot, uri), actors.profile(snapshot, uri)
    document = json.loads(ours.document if ours else known.document if known else b"{}")
    shelf = Shelf(snapshot, origin, own.uri)
    follow = follows.following(snapshot, own.id, uri)
    followed = follows.follower(snapshot, own.id, uri)
    host = hosts.host_of(uri)
    blocked = follows.blocks(snapshot, own.uri, uri)
    itself = blocked and uri in {target for target, _ in follows.blocked_by(snapshot, own.uri)}
    place = document.get("location")
    scene = LiveScene(snapshot, origin, here=own.uri)
    needs = [] if blocked else objects.of_owner(snapshot, uri, "need", limit=_NEEDS)
    lines = [
        line_of(each, scene, shelf)
        for each in needs
        if each.state == "open" and may_read(snapshot, each, own.uri)
    ]
    said = posts.shown_by(snapshot, uri, before=None, limit=POSTS) if not blocked else []
    summary = document.get("summary")
    return Portrait(
        number=_number(snapshot, uri) or 0,
        author=shelf.author(uri),
        host=host,
        kind=_text(document.get("collectiveKind")),
        summary=to_text(sanitise(summary))[:_SUMMARY] if isinstance(summary, str) else "",
        district=_text(place.get("name")) if isinstance(place, dict) else "",
        moved_to=(known.moved_to or "") if known else "",
        state=known.state if known else "ok",
        ours=ours is not None,
        joinable=document.get("collectiveKind") == "fund" and admission_of(own.uri, uri, scene) is None,
        tie=Tie(
            follow=follow.state if follow else "",
            followed=followed.state if followed else "",
            trusted=follows.trusts(snapshot, own.id, uri),
            blocked=itself,
            host_blocked=blocked and not itself,
            limited=limits.limited(snapshot, own.id, uri),
        ),
        needs=[line for line in lines if line is not None],
        posts=shelf.posts(said),
    )


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""
