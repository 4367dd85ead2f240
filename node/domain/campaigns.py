"""How far a campaign is: money that arrived, by the day, and the milestones that it reached or lost again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from node.domain.booking import Move
from node.domain.kind import Scene
from node.domain.ledger import DONATIONS
from node.domain.matched import EARNED, OWED, label_of, matches_of
from node.domain.milestones import Passage, passages, threshold
from node.tongues import Tongue
from schemas import CURRENCIES, Money
from schemas.campaign import Campaign, Milestone

_CENT = Decimal("0.01")
PLEDGED = "pledged"
"""Under this name the scene sums what is promised and not booked; no account of the books is called so."""


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


def cleared_by(moved: Sequence[Move], currency: str) -> list[tuple[date, int]]:
    """What these moves cleared, by the day; reversals are below zero."""
    return [
        (date.fromisoformat(day), -minor)
        for day, account, minor, commodity in moved
        if (account == DONATIONS or account.startswith(EARNED)) and commodity == currency
    ]


def given(campaign: str, currency: str, scene: Scene) -> list[tuple[date, int]]:
    """What was cleared for a campaign, day by day, its matches' money among it; what was reversed is below zero."""
    accounts = [DONATIONS, *(EARNED + label_of(match.id) for match in matches_of(campaign, scene))]
    rows = [row for account in accounts for row in scene.booked(campaign, account, currency)]
    return [(date.fromisoformat(day), -minor) for day, minor in rows]


def progress(campaign: str, record: Campaign, scene: Scene) -> Progress:
    """The progress of a campaign as it stands now."""
    currency = record.goal.currency
    accounts = [PLEDGED, *(OWED + label_of(match.id) for match in matches_of(campaign, scene))]
    pledged = sum(minor for account in accounts for _, minor in scene.booked(campaign, account, currency))
    return at(record, given(campaign, currency, scene), pledged)


def at(record: Campaign, cleared: Sequence[tuple[date, int]], pledged: int = 0) -> Progress:
    """The progress of a campaign after these movements of cleared money; of one day only their sum counts."""
    days: dict[date, int] = {}
    for on, minor in cleared:
        days[on] = days.get(on, 0) + minor
    ordered = sorted(days.items())
    total = sum(minor for _, minor in ordered)
    history = passages(record.goal.minor, [stage.percent for stage in record.milestones], ordered)
    stages = []
    for milestone in record.milestones:
        needed = threshold(record.goal.minor, milestone.percent)
        mine = tuple(each for each in history if each.percent == milestone.percent)
        stages.append(Stage(milestone, -(-needed.numerator // needed.denominator), total >= needed, mine))
    return Progress(total, pledged, share(total, record.goal.minor), tuple(stages))


def over_committed(unallocated: int, promised: int, commodity: str, tongue: Tongue) -> str:
    """That more is promised, or was spent, than there is, "" where it is not so."""
    if unallocated >= 0 or commodity not in CURRENCIES:
        return ""
    gap = Money(-unallocated, commodity)
    if promised <= 0:
        return tongue.say(
            "{gap} more was spent than there was: no transfer in {currency} goes out until that is covered.",
            gap=gap,
            currency=commodity,
        )
    return tongue.say(
        "{gap} more is promised than there is: no transfer in {currency} goes out until that is covered.",
        gap=gap,
        currency=commodity,
    )


def share(part: int, whole: int) -> Decimal:
    """A part in percent, to two decimals, never rounded up: 24.999 % is not 25."""
    return (Decimal(part) * 100 / Decimal(whole)).quantize(_CENT, ROUND_DOWN)
