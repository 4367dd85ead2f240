"""The members' board: what we lack and what is on its way, today's meal, what others lack, what waits for us, what is new."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.activities import REGISTRY
from node.board import Line, board, lines_of
from node.desk import Desk, Waiting
from node.domain.kind import NotAllowedError, Speaker, Thing
from node.domain.matching import delivered, names_of, pledges_of
from node.domain.money import read_money
from node.errors import InvalidError, UnknownError
from node.news import News
from node.numbers import whole
from node.pantry import ROLES, arrived
from node.shown import Shelf
from node.speak import LiveScene, tongues
from node.speak.scene import thing_of
from node.stock import Stock
from node.storage import follows, gathering, objects, pantry, reports, visits
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.objects import Object
from node.storage.proposals import Proposal
from node.tongues import Tongue
from node.web.forms import amount_typed, short_of
from node.web.kinds import may_say
from node.web.public import NEEDS, most_pressing, number
from node.web.reception import Pages
from node.web.sheets import fresh_key
from schemas import Quantity
from schemas.meal import Meal
from schemas.pledge import Pledge

OTHERS = 12
"""Needs of others on the board."""
_SAID = ("need", "meal", "pledge", "receipt", "campaign", "donation")
_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ours:
    """A need of ours and what is on its way for it."""

    line: Line
    coming: int


@dataclass(frozen=True, slots=True)
class Theirs:
    """A need of somebody else; `have` is what our pantry has of it, `offer` what we could promise, as typed; `promised` what we
    promised already and did not bring yet, and whether they accepted it."""

    line: Line
    have: Quantity | None
    offer: str
    promised: tuple[tuple[Quantity, bool], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that stands on it. `fresh`: nothing was published yet; `alone`: nobody is followed yet; `more` is how many open
    needs of ours there are besides those that it shows; `proposed`: how much a proposal is about and for whom, by its number."""

    waiting: Waiting
    needs: list[Ours]
    today: list[tuple[Object, Meal]]
    served: list[tuple[Object, Meal]]
    next: list[tuple[Object, Meal]]
    theirs: list[Theirs]
    news: list[News]
    position: int
    fresh: bool
    alone: bool
    more: int
    reports: int
    arrived: "Arrived | None"
    proposed: dict[int, str]


@dataclass(frozen=True, slots=True)
class Arrived:
    """What was just received and is not in the pantry yet; `number` is that of its receipt."""

    number: int
    what: str
    amount: Quantity


class Home(Pages):
    """The board of a collective, for its members."""

    def routes(self) -> list[BaseRoute]:
        """Its addresses."""
        guarded = self._reception.guarded
        return [
            Route("/home", guarded(self._home), methods=["GET"]),
            Route("/home/seen", guarded(self._seen), methods=["POST"]),
        ]

    async def _home(self, request: Request) -> Response:
        visit = await self._reception.member(request, "/home")
        tongue = await self._reception.tongue(request, visit)
        speaker, own = self._reception.speaker(visit), visit.collective
        if own is None or visit.member is None:
            return RedirectResponse("/", 303)
        name = visit.member.name
        receipt = number(request, "arrived") if visit.role in ROLES else None
        drawn = await self._reader.run(lambda s: self._board(s, own, speaker, name, tongue, receipt))
        may = {kind: may_say(visit.role, REGISTRY[kind]) for kind in _SAID}
        return await self._reception.page(
            request,
            "home.html",
            visit,
            tongue=tongue,
            board=drawn,
            stopped=await self._stopped(own.uri),
            may=may,
            fresh_key=fresh_key,
            typed=amount_typed,
            short=short_of,
        )

    async def _stopped(self, uri: str) -> bool:
        """Whether the log of its account stands still."""
        accounts = self._reception.doors.accounts
        book = await accounts.books.of(uri) if accounts.sequencer.stopped else None
        return book is not None and book.origin in accounts.sequencer.stopped

    def _board(
        self,
        snapshot: Snapshot,
        own: Collective,
        speaker: Speaker,
        name: str,
        tongue: Tongue,
        receipt: int | None,
    ) -> Board:
        desk = Desk(snapshot, self._origin, own, tongue)
        today = tongue.today(snapshot.now)
        waiting = desk.waiting(name, speaker.role or "")
        news = desk.news(visits.position(snapshot, speaker.member or 0, own.id))
        meals = desk.meals(until=today + _AHEAD)
        needs = self._needs(snapshot, own, desk, waiting)
        served = desk.served_on(today)
        scene = LiveScene(snapshot, self._origin, here=own.uri)
        return Board(
            waiting=waiting,
            needs=needs,
            today=[each for each in meals if each[1].on <= today],
            served=served,
            next=[each for each in meals if each[1].on > today],
            theirs=self._theirs(snapshot, own, tongue),
            news=news,
            position=max((each.id for each in news), default=0),
            fresh=not any(
                objects.of_owner(snapshot, own.uri, kind, limit=1)
                for kind in ("need", "meal", "campaign", "donation")
            ),
            alone=not follows.followed(snapshot, own.id, limit=1),
            more=max(0, objects.count_owned(snapshot, own.uri, "need", "open") - len(needs)),
            reports=reports.count_open(snapshot, own.id) if speaker.role == "steward" else 0,
            arrived=self._arrived(snapshot, own, receipt),
            proposed={each.id: _proposed(each, own, tongue, scene) for each in waiting.proposals},
        )

    def _arrived(self, snapshot: Snapshot, own: Collective, receipt: int | None) -> Arrived | None:
        """What a receipt says that arrived, as long as it is not in the pantry."""
        row = objects.by_id(snapshot, receipt) if receipt is not None else None
        if row is None or pantry.from_source(snapshot, own.id, row.uri) is not None:
            return None
        try:
            what, amount = arrived(snapshot, self._origin, own, row.uri)
        except (UnknownError, InvalidError):
            return None
        return Arrived(row.id, what, amount)

    def _needs(self, snapshot: Snapshot, own: Collective, desk: Desk, waiting: Waiting) -> list[Ours]:
        """What we lack, the urgent first, then by day."""
        scene, shelf = LiveScene(snapshot, self._origin, here=own.uri), Shelf(snapshot, self._origin, own.uri)
        rows = most_pressing(desk.needs("open"))[:NEEDS]
        coming = Counter(each.need for each in waiting.arrivals)
        return [Ours(line, coming[line.uri]) for line in lines_of(rows, scene, shelf)]

    def _theirs(self, snapshot: Snapshot, own: Collective, tongue: Tongue) -> list[Theirs]:
        """What others lack, the urgent first, and what we have of it."""
        stock, scene = Stock.of(snapshot, own), LiveScene(snapshot, self._origin, here=own.uri)
        lines = board(
            snapshot, self._origin, own.uri, kinds=("need",), only_open=True, limit=OTHERS, others=True
        )
        promised = _promised(snapshot, lines, own, scene)
        found = []
        for line in lines:
            have = stock.of_line(line) if line.lacking else None
            least = min(have.value, line.lacking.value) if have and line.lacking else None
            useful = (
                line.lacking
                if least is None or line.lacking is None
                else Quantity.of(least, line.lacking.unit)
            )
            offer = amount_typed(useful, tongue) if useful else ""
            found.append(Theirs(line, have, offer, promised[line.uri]))
        return found

    async def _seen(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, "/home")
        position = whole(form["position"])
        if visit.collective and visit.member and position is not None:
            await self._reception.doors.marks.seen(visit.collective, visit.member.id, position)
        return RedirectResponse("/home?done=seen", 303)


def _proposed(proposal: Proposal, own: Collective, tongue: Tongue, scene: LiveScene) -> str:
    """`90.000 CLP · Olla San José`; "" where its fields do not say it."""
    typed, to = str(proposal.fields.get("amount", "")), str(proposal.fields.get("to", ""))
    try:
        amount = tongue.money(read_money(typed, "amount", tongues(own)[0])) if typed else ""
    except NotAllowedError:
        amount = typed
    return " · ".join(filter(None, (amount, scene.name(to) if "://" in to else to)))


def _promised(
    snapshot: Snapshot, lines: Sequence[Line], own: Collective, scene: LiveScene
) -> dict[str, tuple[tuple[Quantity, bool], ...]]:
    """What we promised of each of these needs and did not bring yet, and whether they accepted it."""
    rows = gathering.objects_by_uri(snapshot, [each.uri for each in lines])
    needs = {uri: thing_of(row) for uri, row in rows.items()}
    scene.look_ahead([name for need in needs.values() for name in names_of(need)], "satisfies")
    return {uri: tuple(_ours(need, own, scene)) for uri, need in needs.items()}


def _ours(need: Thing, own: Collective, scene: LiveScene) -> Iterator[tuple[Quantity, bool]]:
    for pledge in pledges_of(need, scene):
        if pledge.owner != own.uri or not isinstance(pledge.record, Pledge):
            continue
        if pledge.state in ("offered", "accepted") and not delivered(pledge, scene)[1]:
            yield pledge.record.quantity, pledge.state == "accepted"
