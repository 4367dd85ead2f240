"""How far a campaign is: money that arrived, by the day, and the milestones that it reached or lost again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from node.domain.booking import Move, moves
from node.domain.kind import Scene, Thing
from node.domain.ledger import DONATIONS
from node.domain.milestones import Passage, passages, threshold
from schemas.campaign import Campaign, Milestone
from schemas.donation import Donation

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Stage:
    """One milestone: the money that it needs (whole minor units, rounded up), whether it is reached, and every passage."""

    milestone: Milestone
    money: int
    reached: bool
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a campaign stands: `cleared` and `pledged` in minor units, the percentage of the goal never rounded up."""

    cleared: int
    pledged: int
    percent: Decimal
    stages: tuple[Stage, ...]


def gifts(campaign: str, scene: Scene) -> Sequence[Thing]:
    """Every gift for a campaign, oldest first, those of which only the sum is left included."""
    return [thing for thing in scene.answering(campaign, "campaign") if thing.kind == Donation.kind()]


def cleared_by(moved: Sequence[Move], currency: str) -> list[tuple[date, int]]:
    """What these moves cleared, by the day; reversals are below zero."""
    return [
        (date.fromisoformat(day), -minor)
        for day, account, minor, commodity in moved
        if account == DONATIONS and commodity == currency
    ]


def progress(record: Campaign, things: Sequence[Thing]) -> Progress:
    """The progress of a campaign with these gifts."""
    moved = [move for thing in things for move in moves(thing)]
    pledged = sum(
        thing.record.amount.minor
        for thing in things
        if isinstance(thing.record, Donation)
        and thing.record.status == "pledged"
        and thing.record.channel != "kind"
        and thing.record.amount.currency == record.goal.currency
    )
    return at(record, cleared_by(moved, record.goal.currency), pledged)


def at(record: Campaign, cleared: Sequence[tuple[date, int]], pledged: int = 0) -> Progress:
    """The progress of a campaign after these movements of cleared money."""
    ordered = sorted(cleared, key=lambda move: move[0])
    total = sum(minor for _, minor in ordered)
    history = passages(record.goal.minor, [stage.percent for stage in record.milestones], ordered)
    stages = []
    for milestone in record.milestones:
        needed = threshold(record.goal.minor, milestone.percent)
        mine = tuple(each for each in history if each.percent == milestone.percent)
        stages.append(Stage(milestone, -(-needed.numerator // needed.denominator), total >= needed, mine))
    return Progress(total, pledged, share(total, record.goal.minor), tuple(stages))


def share(part: int, whole: int) -> Decimal:
    """A part in percent, to two decimals, never rounded up: 24.999 % is not 25."""
    return (Decimal(part) * 100 / Decimal(whole)).quantize(_CENT, ROUND_DOWN)
