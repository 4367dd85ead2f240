"""The table of a round or an allocation: claims, weights, shares, and what anybody needs to work them out again."""

from dataclasses import dataclass

from node.domain.kind import Scene, Thing
from node.domain.rounds import Closed, closed, closing
from node.tongues import Tongue
from schemas.allocation import Allocation
from schemas.round import Round

ROWS = 1000
"""Claimants that one page lists."""


@dataclass(frozen=True, slots=True)
class Row:
    """One claimant: what it asked with, and what it got, "" where nothing is shared out yet."""

    name: str
    claim: str
    weight: str
    units: str
    amount: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows in the order of the largest weight; `allocation` is what `minga recompute` takes."""

    rows: list[Row]
    count: int
    rule: str
    seed: str
    log_size: int | None
    allocation: str
    criteria: str


def table_of(thing: Thing, scene: Scene, tongue: Tongue) -> Table | None:
    """The table of a round or an allocation; None of other things."""
    if isinstance(thing.record, Round):
        shared = [each for each in scene.answering(thing.id, "round") if isinstance(each.record, Allocation)]
        if shared:
            return table_of(shared[-1], scene, tongue)
        claims = closed(thing.facts) or closing(thing, scene)
        return _claimed(claims, thing.record, scene)
    if isinstance(thing.record, Allocation):
        return _shared(thing, thing.record, scene, tongue)
    return None


def _claimed(claims: tuple[Closed, ...], round: Round, scene: Scene) -> Table:
    rows = [Row(scene.name(c.claimant), c.claim, c.weight, "", "") for c in claims[:ROWS]]
    return Table(rows, len(claims), "", round.seed or "", None, "", round.criteria)


def _shared(thing: Thing, record: Allocation, scene: Scene, tongue: Tongue) -> Table:
    got = {row.claimant: row for row in record.allotments}
    claims = sorted(record.claims, key=lambda claim: (-claim.weight, claim.claimant))
    rows = []
    for claim in claims[:ROWS]:
        share = got.get(claim.claimant)
        units = tongue.number(share.count) if share is not None and share.count is not None else ""
        amount = tongue.money(share.amount) if share is not None else ""
        rows.append(
            Row(scene.name(claim.claimant), claim.claim or "", tongue.number(claim.weight), units, amount)
        )
    return Table(
        rows,
        len(claims),
        record.rule or "",
        record.seed or "",
        record.log_size,
        thing.id,
        record.criteria or "",
    )
