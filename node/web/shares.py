"""The table of a round or an allocation: claims, weights, shares, and what anybody needs to work them out again."""

from dataclasses import dataclass, replace
from decimal import Decimal

from node.domain.kind import Scene, Thing
from node.domain.payouts import handed_over, last_of, receipts_of
from node.domain.rounds import Closed, closed, closing, shared_as
from node.tongues import Tongue
from node.web.forms import money_typed
from schemas import Money
from schemas.allocation import Allocation
from schemas.round import Round
from schemas.transfer import Transfer

ROWS = 1000
"""Claimants that one page lists."""


@dataclass(frozen=True, slots=True)
class Row:
    """One claimant: what it asked with, and what it got, "" where nothing is shared out yet. `owed` is what was not transferred yet,
    as it is typed."""

    name: str
    claim: str
    weight: str
    units: str
    amount: str
    paid: tuple["Paid", ...] = ()
    claimant: str = ""
    owed: str = ""


@dataclass(frozen=True, slots=True)
class Paid:
    """One transfer to a claimant, and the receipt by which it confirms it, "" where there is none yet. `other`: how much it was, where
    that is not the share."""

    amount: Money
    transfer: str
    receipt: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows in the order of the largest weight; `allocation` is what `minga recompute` takes.

    `former`: the allocation whose place it took; `now`: the one that stands in its place, "" where it stands itself.
    """

    rows: list[Row]
    count: int
    rule: str
    seed: str
    log_size: int | None
    allocation: str
    criteria: str
    former: str = ""
    now: str = ""


def table_of(thing: Thing, scene: Scene, tongue: Tongue) -> Table | None:
    """The table of a round or an allocation; None of other things."""
    if isinstance(thing.record, Round):
        if shared := shared_as(thing, scene):
            return table_of(shared, scene, tongue)
        claims = closed(thing.facts) or closing(thing, scene)
        return _claimed(claims, thing.record, scene, tongue)
    if isinstance(thing.record, Allocation):
        return _shared(thing, thing.record, scene, tongue)
    return None


def _claimed(claims: tuple[Closed, ...], round: Round, scene: Scene, tongue: Tongue) -> Table:
    rows = [
        Row(scene.name(c.claimant), c.claim, tongue.number(Decimal(c.weight)), "", "") for c in claims[:ROWS]
    ]
    return Table(rows, len(claims), "", round.seed or "", None, "", round.criteria)


def _shared(thing: Thing, record: Allocation, scene: Scene, tongue: Tongue) -> Table:
    got = {row.claimant: row for row in record.allotments}
    claims = sorted(record.claims, key=lambda claim: (-claim.weight, claim.claimant))
    rows, paid, standing = [], _paid(thing, scene), last_of(thing, scene)
    for claim in claims[:ROWS]:
        share = got.get(claim.claimant)
        count = share.count if share is not None else None
        units = "" if count is None else tongue.plural("{number} ration", "{number} rations", count)
        amount = tongue.money(share.amount) if share is not None else ""
        name, weight = scene.name(claim.claimant), tongue.number(claim.weight)
        done = tuple(
            each
            if share is not None and each.amount == share.amount
            else replace(each, other=tongue.money(each.amount))
            for each in paid.get(claim.claimant, ())
        )
        left = share.amount.minor - sum(each.amount.minor for each in done) if share is not None else 0
        open_ = share is not None and left > 0 and standing.id == thing.id
        owed = money_typed(Money(left, record.available.currency), tongue) if open_ else ""
        rows.append(Row(name, claim.claim or "", weight, units, amount, done, claim.claimant, owed))
    return Table(
        rows,
        len(claims),
        record.rule or "",
        record.seed or "",
        record.log_size,
        thing.id,
        record.criteria or "",
        record.corrects or "",
        standing.id if standing.id != thing.id else "",
    )


def _paid(allocation: Thing, scene: Scene) -> dict[str, list[Paid]]:
    """What was handed over to each claimant, what came before a correction too."""
    found: dict[str, list[Paid]] = {}
    for thing in handed_over(allocation, scene):
        if isinstance(thing.record, Transfer):
            receipts = receipts_of(thing, scene)
            told = Paid(thing.record.amount, thing.id, receipts[0].id if receipts else "")
            found.setdefault(thing.record.to, []).append(told)
    return found
