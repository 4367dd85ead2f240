"""What a member can do with one published thing, on its page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from node.activities import REGISTRY
from node.board import Line
from node.desk import Desk, Promise, Reply
from node.domain.fund import admission_of, decided, is_relied_on
from node.domain.kind import Thing
from node.domain.payouts import receipts_of
from node.domain.rounds import allocations_of
from node.speak import LiveScene
from node.speak.scene import thing_of
from node.storage import follows, pantry
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.objects import Object
from node.tongues import Tongue
from node.web.forms import amount_typed
from node.web.kinds import doing_of, may_say
from node.web.sheets import fresh_key
from schemas import Unit
from schemas.allocation import Allocation
from schemas.campaign import Campaign
from schemas.criteria import Criteria
from schemas.meal import Meal
from schemas.receipt import Receipt
from schemas.round import Round
from schemas.transfer import Transfer

FIXED = frozenset({"admission", "allocation", "decision", "transfer", "period"})
"""Kinds that are never changed once they are published."""


@dataclass(frozen=True, slots=True)
class Actions:
    """What can be done. `pledge` is what could be promised, as typed; `replies` are plain answers that may be promises, by
    their address; `receive` is a transfer to us that we did not confirm; `store` a receipt whose goods are not in the pantry;
    `onward` what comes next in a fund: forms with what it is about filled in, and what they are called; `pay`: its shares can be
    handed over."""

    number: int
    key: str
    edit: bool = False
    withdraw: bool = False
    pledge: str = ""
    promises: tuple[Promise, ...] = ()
    replies: Mapping[str, Reply] = field(default_factory=dict)
    receive: bool = False
    store: bool = False
    serve: bool = False
    boost: bool = False
    answer: bool = False
    stance: bool = False
    claim: bool = False
    close: bool = False
    onward: tuple[tuple[str, str], ...] = ()
    pay: bool = False


def actions(
    snapshot: Snapshot,
    origin: str,
    own: Collective,
    role: str,
    row: Object,
    line: Line | None,
    tongue: Tongue,
) -> Actions:
    """What a member of this role can do with it."""
    kind = REGISTRY.get(row.kind)
    ours = row.owner == own.uri
    scene, desk = LiveScene(snapshot, origin, here=own.uri), Desk(snapshot, origin, own, tongue)
    thing = thing_of(row)
    record = thing.record
    mine = ours and kind is not None and may_say(role, kind)
    stays = (row.kind == "round" and row.state == "closed") or (
        row.kind == "criteria" and is_relied_on(thing, scene)
    )
    need, barred = row.kind == "need", follows.blocks(snapshot, own.uri, row.owner)
    belongs = (
        not ours and row.kind in ("criteria", "round") and admission_of(own.uri, row.owner, scene) is not None
    )

    def may(name: str) -> bool:
        return may_say(role, REGISTRY[name])

    return Actions(
        number=row.id,
        key=fresh_key(),
        edit=mine and row.kind not in FIXED and not stays,
        withdraw=mine and row.kind not in ("decision", "period") and not stays,
        pledge=_promised(line, tongue)
        if need and not ours and not barred and row.state == "open" and may("pledge")
        else "",
        promises=tuple(
            each
            for each in (desk.promises(row) if need and ours else ())
            if may("pledge" if each.state == "offered" else "receipt")
        ),
        replies={each.post.uri: each for each in desk.replies(row)}
        if need and ours and may("pledge")
        else {},
        receive=isinstance(record, Transfer)
        and record.to == own.uri
        and may("receipt")
        and not receipts_of(thing, scene),
        store=ours and isinstance(record, Receipt) and _storable(snapshot, own, row, record) and may("need"),
        serve=mine and isinstance(record, Meal) and row.state == "planned",
        boost=row.audience in ("public", "unlisted") and not ours and may("note"),
        answer=may("note") and row.audience != "direct",
        stance=belongs and row.kind == "criteria" and may("stance"),
        claim=belongs and row.kind == "round" and row.state == "open" and may("claim"),
        close=mine and row.kind == "round" and row.state == "open",
        onward=tuple(
            (f"/new/{name}?{box}={row.id}", doing_of(name).title)
            for name, box in (_onward(thing, scene) if ours else ())
            if may(name)
        ),
        pay=ours and isinstance(record, Allocation) and may("transfer"),
    )


def _onward(thing: Thing, scene: LiveScene) -> Iterator[tuple[str, str]]:
    """Which kinds follow on a thing of a fund, and in which of their fields it is named."""
    match thing.record:
        case Campaign() if thing.state == "open":
            yield from (("donation", "campaign"), ("round", "campaign"))
        case Criteria() if thing.state == "open":
            adopted = decided(thing.id, thing.owner, scene) is not None
            yield ("round", "criteria") if adopted else ("decision", "about")
        case Round() if thing.state == "closed" and not allocations_of(thing, scene):
            yield "allocation", "round"


def _promised(line: Line | None, tongue: Tongue) -> str:
    return amount_typed(line.lacking, tongue) if line is not None and line.lacking is not None else ""


def _storable(snapshot: Snapshot, own: Collective, row: Object, record: Receipt) -> bool:
    goods = record.quantity is not None and record.quantity.unit is not Unit.HOUR
    return goods and pantry.from_source(snapshot, own.id, row.uri) is None
