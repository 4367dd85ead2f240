"""The page of one thing: what it says, what it answers, what came of it, how it changed, and by whom it is signed."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.board import Line, line_of
from node.domain.fund import under_review
from node.domain.kind import Thing
from node.domain.matching import need_of, pledges_of, receipts_of
from node.shown import Shelf, Shown, Text, in_language, texts_of
from node.speak import LiveScene, may_read
from node.speak.scene import thing_of
from node.storage import activities, objects, posts
from node.storage.database import Snapshot
from node.storage.objects import Object
from node.tongues import Tongue
from node.web.actions import Actions, actions
from node.web.campaigns import Matching, Standing, matching_of, standing_of
from node.web.drawing import Visit
from node.web.forms import amount_typed, short_of
from node.web.papers import is_digest
from node.web.positions import Positions, positions_of
from node.web.public import POSTS, Public, number
from node.web.reception import Reception
from node.web.shares import Table, table_of
from schemas.campaign import Campaign
from schemas.decision import Decision
from schemas.deposit import Deposit
from schemas.expense import Expense
from schemas.meal import Meal
from schemas.need import Need
from schemas.offer import Offer
from schemas.pledge import Pledge
from schemas.transfer import Transfer

LONGEST = 20_000
"""Characters of HTML of one text that a page shows whole."""
VERSIONS = 20
_PAGES = 10
"""How many pages of answers are looked through for those that the reader is shown."""
_PARENTS = 5


@dataclass(frozen=True, slots=True)
class Proof:
    """What a thing is signed with, as its document says."""

    key: str
    created: str
    suite: str


@dataclass(frozen=True, slots=True)
class Version:
    """How a thing read from a moment on."""

    at: datetime
    texts: tuple[Text, ...]

    def text(self, language: str) -> Text:
        """The text in this language, else in the author's own."""
        return in_language(self.texts, language)


@dataclass(frozen=True, slots=True)
class Thread:
    """A post between what it answers and what answers it; of a need or an offer, its `line` on the board. `row` is what
    is stored of it; after the answer `more` there are further ones."""

    post: Shown
    row: Object
    parents: list[Shown]
    answers: list[Shown]
    more: int | None
    line: Line | None
    name: str
    pledges: list[Shown]
    receipts: list[Shown]
    proof: Proof | None
    versions: list[Version]
    ours: bool
    need_is_ours: bool


class Threads:
    """The pages of things."""

    def __init__(self, reception: Reception, public: Public) -> None:
        self._reception = reception
        self._public = public
        self._reader = reception.doors.database.reader
        self._origin = reception.origin

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        paths = ("/o/{id}", "/o/{id}/replies", "/o/{id}/context", "/o/{id}/proposal")
        return [
            *(Route(path, self._object) for path in paths),
            Route("/s/{id}", self._activity),
            Route("/g/{id}", self._agreement),
        ]

    async def _object(self, request: Request) -> Response:
        uri = f"{self._origin}/o/{request.path_params['id']}"
        after = number(request, "after") or 0
        visit = await self._reception.visit(request)

        def look(snapshot: Snapshot) -> Thread | int:
            row, post = objects.by_uri(snapshot, uri), posts.by_uri(snapshot, uri)
            if row is not None and not row.document:
                return 410
            shown = None if post is None else Shelf(snapshot, self._origin, visit.reader).post(post)
            return (
                404
                if shown is None or row is None
                else self._thread(snapshot, row, shown, after, visit.reader)
            )

        found = await self._reader.run(look)
        if isinstance(found, int):
            return await self._public.missing(request, found)
        tongue = await self._reception.tongue(request, visit, found.post.author.uri)
        return await self._reception.page(
            request,
            "object.html",
            visit,
            tongue=tongue,
            thread=found,
            **await self._reader.run(lambda snapshot: self._beside(snapshot, visit, found, tongue)),
            evidence=(evidence := _evidence(found.row)),
            is_digest=is_digest(evidence),
            post=found.post,
            longest=LONGEST,
            typed=amount_typed,
            short=short_of,
        )

    def _beside(self, snapshot: Snapshot, visit: Visit, thread: Thread, tongue: Tongue) -> dict[str, Any]:
        """What the page shows beside the thread, by the name under which it draws it."""
        row = thread.row
        return {
            "table": self._table(snapshot, row, tongue),
            "campaign": self._campaign(snapshot, row, tongue),
            "matching": self._matching(snapshot, row, tongue),
            "positions": self._positions(snapshot, row, tongue),
            "review": self._review(snapshot, row),
            "actions": self._actions(snapshot, visit, thread, tongue),
        }

    def _actions(self, snapshot: Snapshot, visit: Visit, thread: Thread, tongue: Tongue) -> Actions | None:
        own = visit.collective
        if visit.member is None or own is None:
            return None
        return actions(snapshot, self._origin, own, visit.role, thread.row, thread.line, tongue)

    def _table(self, snapshot: Snapshot, row: Object, tongue: Tongue) -> Table | None:
        scene = LiveScene(snapshot, self._origin, here=row.owner, url=row.uri)
        thing = scene.thing(row.uri)
        return None if thing is None else table_of(thing, scene, tongue)

    def _campaign(self, snapshot: Snapshot, row: Object, tongue: Tongue) -> Standing | None:
        scene = LiveScene(snapshot, self._origin, here=row.owner, url=row.uri)
        return standing_of(scene.thing(row.uri), scene, tongue) if row.kind == "campaign" else None

    def _matching(self, snapshot: Snapshot, row: Object, tongue: Tongue) -> Matching | None:
        scene = LiveScene(snapshot, self._origin, here=row.owner, url=row.uri)
        return matching_of(scene.thing(row.uri), scene, tongue) if row.kind == "match" else None

    def _positions(self, snapshot: Snapshot, row: Object, tongue: Tongue) -> Positions | None:
        scene = LiveScene(snapshot, self._origin, here=row.owner, url=row.uri)
        return positions_of(thing_of(row), scene, tongue) if row.kind == Decision.kind() else None

    def _review(self, snapshot: Snapshot, row: Object) -> date | None:
        """The day on which a decision is to be looked at again, where it has come."""
        scene = LiveScene(snapshot, self._origin, here=row.owner)
        thing = thing_of(row) if row.kind == Decision.kind() else None
        if thing is None or not isinstance(thing.record, Decision):
            return None
        return thing.record.review_on if under_review(thing, scene.day(snapshot.now), scene) else None

    def _thread(self, snapshot: Snapshot, row: Object, shown: Shown, after: int, reader: str) -> Thread:
        shelf = Shelf(snapshot, self._origin, reader)
        parents: list[Shown] = []
        above = shown.in_reply_to
        while above is not None and len(parents) < _PARENTS:
            post = posts.meant(snapshot, above)
            parent = None if post is None else shelf.post(post)
            if parent is None:
                break
            parents.insert(0, parent)
            above = parent.in_reply_to
        scene = LiveScene(snapshot, self._origin, here=reader)
        pledges, receipts = (_shown(snapshot, shelf, uris) for uris in _answers(scene, row))
        # What has no room beside the others is an answer among the answers.
        apart = {each.uri for each in (*pledges, *receipts)}
        answers, more = _further(snapshot, shelf, shown.uri, after, apart, reader)
        thing = scene.thing(row.uri)
        need = need_of(thing.record, scene) if thing and isinstance(thing.record, Pledge) else None
        return Thread(
            post=shown,
            row=row,
            parents=parents,
            answers=answers,
            more=more,
            line=line_of(row, scene, shelf),
            name=_name(thing),
            pledges=pledges,
            receipts=receipts,
            proof=_proof(row),
            versions=_versions(snapshot, row) if shown.edited else [],
            ours=bool(reader) and row.owner == reader,
            need_is_ours=need is not None and bool(reader) and need.owner == reader,
        )

    async def _activity(self, request: Request) -> Response:
        """An activity has no page of its own: the page of what it is about has it."""
        uri = f"{self._origin}/s/{request.path_params['id']}"

        def look(snapshot: Snapshot) -> str | None:
            about = activities.by_uri(snapshot, uri)
            return None if about is None else self._public_page(snapshot, about.object)

        found = await self._reader.run(look)
        return RedirectResponse(found, 303) if found else await self._public.missing(request, 404)

    async def _agreement(self, request: Request) -> Response:
        """The page of an agreement is that of the need whose pledge it is."""
        uri = f"{self._origin}/g/{request.path_params['id']}"

        def look(snapshot: Snapshot) -> str | None:
            row = objects.by_alias(snapshot, uri)
            scene = LiveScene(snapshot, self._origin)
            thing = None if row is None or not may_read(snapshot, row, "") else scene.thing(row.uri)
            need = need_of(thing.record, scene) if thing and isinstance(thing.record, Pledge) else None
            return None if need is None else self._public_page(snapshot, need.id)

        found = await self._reader.run(look)
        return RedirectResponse(found, 303) if found else await self._public.missing(request, 404)

    def _public_page(self, snapshot: Snapshot, uri: str) -> str | None:
        row = posts.by_uri(snapshot, uri)
        shown = None if row is None else Shelf(snapshot, self._origin).post(row)
        return None if shown is None or not shown.uri.startswith(f"{self._origin}/") else shown.uri


def _name(thing: Thing | None) -> str:
    """What a thing is called by those who made it; "" where it has no name."""
    match thing.record if thing else None:
        case Need() | Offer() as record:
            return record.what
        case Meal() as record:
            return record.menu or ""
        case Campaign() as record:
            return record.title or ""
    return ""


def _whispered(post: Shown, reader: str) -> bool:
    """Whether it is what the node tells its own members in their apps: its pages show that themselves."""
    return post.author.uri == reader and post.audience == "direct"


def _further(
    snapshot: Snapshot, shelf: Shelf, uri: str, after: int, apart: set[str], reader: str
) -> tuple[list[Shown], int | None]:
    """A page of the answers to a post, those that stand `apart` left out; the number of its last one where more follow."""
    found: list[Shown] = []
    for _ in range(_PAGES):
        rows = posts.replies(snapshot, uri, after=after, limit=POSTS)
        for row in rows:
            each = shelf.post(row)
            if each is None or each.uri in apart or _whispered(each, reader):
                continue
            if len(found) == POSTS:
                return found, found[-1].number
            found.append(each)
        if len(rows) < POSTS:
            return found, None
        after = rows[-1].id
    return found, after


def _evidence(row: Object) -> str:
    """The digest of the paper behind what was booked, or the number of its slip; "" of other things."""
    record = thing_of(row).record
    return (record.evidence or "") if isinstance(record, Expense | Transfer | Deposit) else ""


def _answers(scene: LiveScene, row: Object) -> tuple[list[str], list[str]]:
    """The pledges for a need that stand, and what arrived of any of them, by the ids under which they may be read."""
    thing = scene.thing(row.uri) if row.kind == "need" else None
    pledges = [] if thing is None else pledges_of(thing, scene)
    receipts = [receipt.id for pledge in pledges for receipt in receipts_of(pledge, scene)]
    standing = (pledge for pledge in pledges if pledge.state == "accepted")
    return [str(pledge.facts.get("echo", pledge.id)) for pledge in standing], receipts


def _shown(snapshot: Snapshot, shelf: Shelf, uris: list[str]) -> list[Shown]:
    found = (posts.meant(snapshot, uri) for uri in uris)
    return shelf.posts([post for post in found if post is not None])[:POSTS]


def _proof(row: Object) -> Proof | None:
    proof = json.loads(row.document).get("proof")
    if not isinstance(proof, dict):
        return None
    return Proof(*(str(proof.get(name, "")) for name in ("verificationMethod", "created", "cryptosuite")))


def _versions(snapshot: Snapshot, row: Object) -> list[Version]:
    """What a thing said before, oldest first, as far as its bytes are still kept."""
    found = []
    for activity in activities.about(snapshot, row.uri):
        if activity.body is None or activity.actor != row.owner or activity.type not in ("Create", "Update"):
            continue
        held = json.loads(activity.body).get("object")
        if isinstance(held, dict) and isinstance(held.get("content"), str):
            found.append(Version(activity.at, texts_of(held)))
    return found[-VERSIONS:]
