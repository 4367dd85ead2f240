"""How far a campaign is, as figures and as a picture: only numbers go into the SVG, and the words stand beside it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from node.domain import booking
from node.domain.campaigns import Stage, over_committed, progress
from node.domain.donations import taken_of
from node.domain.kind import Scene, Thing
from node.domain.matched import label_of, matches_of, pot_of
from node.tongues import Tongue, message
from schemas import Money
from schemas.campaign import Campaign
from schemas.match import Match

WIDTH = 300
"""The width of the picture, which stands for the whole goal."""


@dataclass(frozen=True, slots=True)
class Step:
    """One milestone: where it stands in the picture, what it buys, and when it was reached or lost."""

    x: Decimal
    percent: Decimal
    rations: int
    amount: str
    reached: bool
    history: str


@dataclass(frozen=True, slots=True)
class Reward:
    """One reward: `left` is how many there still are, None where there is no end of it."""

    title: str
    price: str
    left: int | None


@dataclass(frozen=True, slots=True)
class Matching:
    """One match: who adds what within which limits, and how much of it was added, paid in, and is left."""

    uri: str
    owner: str
    label: str
    who: str
    factor: str
    opens: date
    closes: date
    per_gift: str
    total: str
    added: str
    paid: str
    left: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a campaign stands. `gap` says that more is promised than there is, "" where all is well."""

    uri: str
    title: str
    status: str
    goal: str
    cleared: str
    pledged: str
    percent: str
    width: Decimal
    promised: Decimal
    steps: list[Step]
    rewards: list[Reward]
    matches: list[Matching]
    gap: str
    override: str
    if_missed: str


def standing_of(thing: Thing | None, scene: Scene, tongue: Tongue) -> Standing | None:
    """Where a campaign stands now; None of other things."""
    if thing is None or not isinstance(thing.record, Campaign):
        return None
    record, currency = thing.record, thing.record.goal.currency
    reached = progress(thing.id, record, scene)
    balances = scene.balances(thing.owner)
    left, promised = booking.unallocated(balances, currency), booking.promised(balances, currency)

    def part(minor: int) -> Decimal:
        share = Decimal(WIDTH) * max(0, minor) / record.goal.minor
        return min(Decimal(WIDTH), share).quantize(Decimal("0.1"))

    cleared = part(reached.cleared)
    return Standing(
        uri=thing.id,
        title=record.title or tongue.say("Campaign of {name}", name=scene.name(thing.owner)),
        status=record.status,
        goal=tongue.money(record.goal),
        cleared=tongue.money(Money(max(0, reached.cleared), currency)),
        pledged=tongue.money(Money(reached.pledged, currency)) if reached.pledged else "",
        percent=tongue.percent(reached.percent),
        width=cleared,
        promised=part(reached.cleared + reached.pledged) - cleared,
        steps=[_step(stage, currency, tongue) for stage in reached.stages],
        rewards=[
            Reward(
                each.title,
                tongue.money(each.price),
                None if each.stock is None else each.stock - taken_of(thing.id, each.label, scene),
            )
            for each in record.rewards
        ],
        matches=[
            found for each in matches_of(thing.id, scene) if (found := matching_of(each, scene, tongue))
        ],
        gap=over_committed(left, promised, currency, tongue),
        override=record.override or "",
        if_missed=record.if_missed or "",
    )


def matching_of(thing: Thing | None, scene: Scene, tongue: Tongue) -> Matching | None:
    """Where a match stands; None of other things."""
    if thing is None or not isinstance(thing.record, Match):
        return None
    record, currency = thing.record, thing.record.total.currency
    pot = pot_of(thing.id, currency, scene.balances(thing.owner))
    return Matching(
        uri=thing.id,
        owner=thing.owner,
        label=label_of(thing.id).upper(),
        who=record.who or "",
        factor=tongue.number(record.factor),
        opens=record.opens,
        closes=record.closes,
        per_gift=tongue.money(record.per_gift) if record.per_gift else "",
        total=tongue.money(record.total),
        added=tongue.money(Money(pot.added, currency)),
        paid=tongue.money(Money(pot.paid, currency)),
        left=tongue.money(Money(record.total.minor - pot.added, currency)),
    )


def _step(stage: Stage, currency: str, tongue: Tongue) -> Step:
    days = [
        tongue.say(
            message("reached {day}") if each.reached else message("lost {day}"),
            day=tongue.day_month(each.on),
        )
        for each in stage.passages
    ]
    return Step(
        x=(WIDTH * stage.milestone.percent / 100).quantize(Decimal("0.1")),
        percent=stage.milestone.percent,
        rations=stage.milestone.rations,
        amount=tongue.money(Money(stage.money, currency)),
        reached=stage.reached,
        history=", ".join(days),
    )
