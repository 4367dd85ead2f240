"""What waits for the members of a collective, and what became new: promises, arrivals, requests, decisions. Read from one snapshot.

Everything here can be answered with one tap; what it is answered with is said by the doors.
"""

from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from node.activities import roles
from node.domain.acts import Command
from node.domain.fund import admission_of, under_review
from node.domain.kind import Thing
from node.domain.matching import commitment_of, delivered, names_of, pledges_of, still_lacking
from node.domain.payouts import receipts_of
from node.domain.promise import read_promise
from node.domain.rounds import allocations_of
from node.domain.subject import subject
from node.news import Latest, News, Unheard
from node.shown import Author, Shelf, Shown
from node.speak import LiveScene
from node.speak.scene import thing_of
from node.storage import follows, gathering, objects, posts, proposals
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.objects import Object
from node.storage.proposals import Proposal
from node.tongues import Tongue
from schemas import Quantity, Unit
from schemas.join import Join
from schemas.meal import Meal
from schemas.need import Need
from schemas.pledge import Pledge
from schemas.round import Round
from schemas.transfer import Transfer

NEEDS = 40
"""Needs of a collective that are looked at, of those that are open and of those that are covered."""
LOOKED_AT = 60
REPLIES = 20
_OWING = ("offered", "accepted")
"""Pledges that are still to be answered or brought."""
_ANSWERS = {"money": "receipt", "join": "admission", "close": "round", "share": "allocation", "review": "decision", "decide": "decision"}  # fmt: skip
"""The kind that answers an errand, by its sort, where that is not its name."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One pledge for a need of ours. `number` is by what it is answered, `left` what of it is still to come, `lacking` what
    the need lacks now."""

    number: int
    who: Author
    informal: bool
    need: str
    what: str
    amount: Quantity
    left: Quantity
    lacking: Quantity
    by: datetime | None
    state: str

    @property
    def over(self) -> bool:
        """Whether it is more than what is lacking."""
        return self.amount.value > self.lacking.value


@dataclass(frozen=True, slots=True)
class Reply:
    """A plain reply to a need of ours that may be a promise; `amount` is what it seems to promise, as typed, and `unit` that of the need."""

    post: Shown
    need: str
    what: str
    amount: str
    unit: Unit


@dataclass(frozen=True, slots=True)
class Errand:
    """Something else that waits: its page, in whose name it is, and what it is about. `sort` says how it is answered."""

    sort: str
    uri: str
    number: int
    who: Author
    what: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """All that waits."""

    offers: list[Promise]
    replies: list[Reply]
    arrivals: list[Promise]
    followers: list[Author]
    errands: list[Errand]
    proposals: list[Proposal]

    @property
    def count(self) -> int:
        """How many answers are owed; what is merely on its way is none."""
        owed: tuple[Sized, ...] = (self.offers, self.replies, self.followers, self.errands, self.proposals)
        return sum(len(each) for each in owed)


class Desk:
    """What one collective has to answer, in one snapshot."""

    def __init__(self, snapshot: Snapshot, origin: str, own: Collective, tongue: Tongue) -> None:
        self._snapshot = snapshot
        self._own = own
        self._tongue = tongue
        self._today = tongue.today(snapshot.now)
        self._scene = LiveScene(snapshot, origin, here=own.uri)
        self._shelf = Shelf(snapshot, origin, own.uri)
        self._needs: dict[str, list[Object]] = {}
        self._things: dict[str, Thing] = {}
        self._pledges: dict[str, Sequence[Thing]] = {}
        self._unheard = Unheard(snapshot, own)

    def _pledges_of(self, need: Thing) -> Sequence[Thing]:
        """The pledges for a need of ours, looked up once."""
        if need.id not in self._pledges:
            self._pledges[need.id] = pledges_of(need, self._scene)
        return self._pledges[need.id]

    def needs(self, state: str) -> list[Object]:
        """Needs of ours in a state, the newest first."""
        if state not in self._needs:
            self._needs[state] = objects.owned(self._snapshot, self._own.uri, "need", state, limit=NEEDS)
        return self._needs[state]

    def _thing(self, row: Object) -> Thing:
        """A need of ours, read once."""
        if row.uri not in self._things:
            self._things[row.uri] = thing_of(row)
        return self._things[row.uri]

    def waiting(self, member: str, role: str) -> Waiting:
        """What waits for a member of this name: what her role may answer. Who asks to follow waits before everybody's eyes."""
        promising = role in roles(Pledge.kind())
        open_needs = self.needs("open")
        rows = (*open_needs, *self.needs("covered"))
        self._look_ahead([self._thing(row) for row in rows])
        answered = gathering.answered(self._snapshot, [row.uri for row in open_needs])
        replied = [row for row in open_needs if promising and row.uri in answered]
        promises = [each for row in rows for each in self.promises(row)]
        return Waiting(
            offers=[each for each in promises if promising and each.state == "offered"],
            replies=[each for row in replied for each in self.replies(row) if each.amount],
            arrivals=sorted(
                (each for each in promises if each.state == "accepted"),
                key=lambda each: (each.by is None, each.by, each.number),
            ),
            followers=[
                self._shelf.author(each.actor)
                for each in follows.followers(self._snapshot, self._own.id, state="requested", limit=20)
            ],
            errands=[
                each
                for look in (self._money, self._requests, self._rounds, self._questions, self._reviews)
                for each in look()
                if role in roles(_ANSWERS.get(each.sort, each.sort))
                and (each.sort == "money" or not self._unheard.bars(each.who.uri))
            ],
            proposals=[
                each
                for each in proposals.waiting(self._snapshot, self._own.id, roles)
                if role in roles(each.kind) and member not in (*each.approvals, *each.recused)
            ],
        )

    def _look_ahead(self, needs: Sequence[Thing]) -> None:
        """Read the pledges for all of these needs at once, and what arrived of them."""
        self._scene.look_ahead([name for need in needs for name in names_of(need)], "satisfies")
        pledges = [each for need in needs for each in self._pledges_of(need)]
        self._scene.look_ahead([commitment_of(each) for each in pledges if each.state in _OWING], "fulfills")

    def promises(self, row: Object) -> Iterator[Promise]:
        """The pledges for a need of ours that are not answered, or not arrived whole."""
        need = self._thing(row)
        if not isinstance(need.record, Need):
            return
        lacking = still_lacking(need.record)
        for pledge in self._pledges_of(need):
            record = pledge.record
            if not isinstance(record, Pledge) or pledge.state not in _OWING:
                continue
            if pledge.state == "offered" and self._unheard.bars(pledge.owner):
                continue
            received, closed = delivered(pledge, self._scene)
            stored = None if closed else objects.by_uri(self._snapshot, pledge.id)
            if stored is None:
                continue
            yield Promise(
                number=stored.id,
                who=self._shelf.author(pledge.owner),
                informal=pledge.owner == self._own.uri,
                need=row.uri,
                what=need.record.what,
                amount=record.quantity,
                left=Quantity.of(max(Decimal(0), record.quantity.value - received), record.quantity.unit),
                lacking=lacking,
                by=record.by,
                state=pledge.state,
            )

    def replies(self, row: Object) -> Iterator[Reply]:
        """Plain replies of others to a need of ours that nobody confirmed yet."""
        need = self._thing(row)
        if not isinstance(need.record, Need) or row.state != "open":
            return
        known = {pledge.facts.get("reply") for pledge in self._pledges_of(need)}
        for post in posts.replies(self._snapshot, row.uri, limit=REPLIES):
            shown = self._shelf.post(post)
            if shown is None or post.actor == self._own.uri or post.kind != "note" or post.uri in known:
                continue
            if self._unheard.hides(post.actor):
                continue
            amount = self._seems(shown, need.record)
            yield Reply(shown, row.uri, need.record.what, amount, need.record.quantity.unit)

    def promised(self, number: int) -> str:
        """What the plain reply of this number seems to promise now, as typed; "" where no amount can be read in it."""
        post = posts.by_id(self._snapshot, number)
        shown = None if post is None else self._shelf.post(post)
        need = self._scene.thing(post.reply_to) if post is not None and post.reply_to else None
        if shown is None or need is None or not isinstance(need.record, Need):
            return ""
        return self._seems(shown, need.record)

    def _seems(self, reply: Shown, need: Need) -> str:
        understood = read_promise(
            reply.text().plain, self._tongue, self._today, need.quantity.unit, need.what
        )
        return understood.fields.get("quantity", "") if isinstance(understood, Command) else ""

    def _board(self, kind: str, state: str = "open") -> Iterator[tuple[Object, Thing]]:
        for row in objects.board(self._snapshot, kinds=(kind,), states=(state,), limit=LOOKED_AT):
            yield row, thing_of(row)

    def _errand(self, sort: str, row: Object, what: str = "", amount: str = "") -> Errand:
        return Errand(sort, row.uri, row.id, self._shelf.author(row.owner), what, amount)

    def _money(self) -> Iterator[Errand]:
        """Transfers to us that we did not confirm."""
        for row, thing in self._board("transfer"):
            record = thing.record
            ours = isinstance(record, Transfer) and record.to == self._own.uri
            if isinstance(record, Transfer) and ours and not receipts_of(thing, self._scene):
                yield self._errand("money", row, amount=self._tongue.money(record.amount))

    def _requests(self) -> Iterator[Errand]:
        """Collectives that asked to join our fund."""
        for row, thing in self._board("join"):
            ours = isinstance(thing.record, Join) and thing.record.fund == self._own.uri
            if ours and all(each.owner != self._own.uri for each in self._scene.answering(thing.id, "join")):
                yield self._errand("join", row)

    def _rounds(self) -> Iterator[Errand]:
        """Rounds in which we can claim, and rounds of ours that can be closed or shared out."""
        for row, thing in self._board("round"):
            record = thing.record
            if not isinstance(record, Round):
                continue
            over = self._scene.over(record.claims_until)
            if row.owner == self._own.uri and over:
                yield self._errand("close", row, what=str(record.number or ""))
            elif row.owner != self._own.uri and not over and self._belongs(row.owner):
                claims = objects.owned(self._snapshot, self._own.uri, "claim", "open", limit=LOOKED_AT)
                if not any(getattr(thing_of(each).record, "round", "") == thing.id for each in claims):
                    yield self._errand("claim", row, what=str(record.number or ""))

        for row, thing in self._board("round", "closed"):
            if row.owner == self._own.uri and not allocations_of(thing, self._scene):
                yield self._errand("share", row, what=str(getattr(thing.record, "number", "") or ""))

    def _questions(self) -> Iterator[Errand]:
        """Criteria on which we did not say where we stand, and ours that can be decided."""
        for row, thing in self._board("criteria"):
            answers = self._scene.answering(thing.id, "about")
            if any(
                each.kind == "decision" and each.owner == row.owner and each.state in ("adopted", "rejected")
                for each in answers
            ):
                continue
            version = str(getattr(thing.record, "version", ""))
            if row.owner == self._own.uri:
                yield self._errand("decide", row, what=version)
            elif self._belongs(row.owner) and not any(each.owner == self._own.uri for each in answers):
                yield self._errand("stance", row, what=version)

    def _reviews(self) -> Iterator[Errand]:
        """Decisions of ours whose day of review has come; each leads to what it is about."""
        for row in objects.owned(self._snapshot, self._own.uri, "decision", "adopted", limit=LOOKED_AT):
            thing = thing_of(row)
            about = self._scene.thing(getattr(thing.record, "about", ""))
            subject_row = None if about is None else objects.by_uri(self._snapshot, about.id)
            if subject_row is not None and under_review(thing, self._today, self._scene):
                yield replace(
                    self._errand("review", row, what=subject(subject_row.uri, self._tongue, self._scene)),
                    number=subject_row.id,
                )

    def _belongs(self, fund: str) -> bool:
        return admission_of(self._own.uri, fund, self._scene) is not None

    def meals(self, *, until: date | None = None) -> list[tuple[Object, Meal]]:
        """Meals of ours that were planned and not served yet, the nearest first; `until` a day."""
        found = []
        for row in objects.owned(self._snapshot, self._own.uri, "meal", "planned", limit=LOOKED_AT):
            record = thing_of(row).record
            if isinstance(record, Meal) and (until is None or record.on <= until):
                found.append((row, record))
        return sorted(found, key=lambda each: (each[1].on, each[0].id))

    def served_lately(self, limit: int = 7) -> list[tuple[Object, Meal]]:
        """The last meals of ours that were served."""
        rows = objects.owned(self._snapshot, self._own.uri, "meal", "served", limit=limit)
        found = [(row, thing_of(row).record) for row in rows]
        return [(row, record) for row, record in found if isinstance(record, Meal)]

    def served_on(self, day: date) -> list[tuple[Object, Meal]]:
        """Meals of ours that were served on a day."""
        return [each for each in self.served_lately(LOOKED_AT) if each[1].on == day]

    def news(self, after: int) -> list[News]:
        """What others posted and did since a position, the newest first."""
        return Latest(self._snapshot, self._own, self._shelf, self._unheard).since(after)
