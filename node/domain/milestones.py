"""Milestones of a campaign: what a part of the goal buys, whether the figures fit, and when each was reached or lost.

All money is in minor units of one currency; percentages and rounding come from decimal strings; nothing is rounded but
the rations themselves.

    MilestoneError      the campaign's figures cannot be reckoned with; `field` says which
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from node.domain.errors import DomainError

MAX_DIGITS = 40


class MilestoneError(DomainError):
    """A goal, price, rounding or percentage of zero or less. `field` is the word that people type."""

    def __init__(self, field: str, cause: str) -> None:
        super().__init__(f"{field}: {cause}")
        self.field = field
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Milestone:
    """At `percent` of the goal, `rations` are said to be paid for; `price` where it states one of its own."""

    percent: Decimal
    rations: int
    price: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check of one milestone found.

    `money` is the part of the goal in minor units, `rations` what it buys exactly, `fitting` the same rounded half up
    to the stated rounding. `implied_price` is the price that the stated rations would mean; None if it states none.
    """

    milestone: Milestone
    money: Fraction
    rations: Fraction
    fitting: int
    implied_price: Fraction | None

    @property
    def fits(self) -> bool:
        """Whether the stated rations are the fitting ones."""
        return self.milestone.rations == self.fitting

    @property
    def excess(self) -> int:
        """Rations stated above what would fit; negative below."""
        return self.milestone.rations - self.fitting


def check(
    goal: int, ration_price: int, rounding: int, milestones: Sequence[Milestone]
) -> tuple[Finding, ...]:
    """Compare what each milestone states with what its money buys. Raises MilestoneError."""
    _above_zero("goal", goal)
    _above_zero("ration_price", ration_price)
    _above_zero("rounding", rounding)
    return tuple(_find(goal, ration_price, rounding, milestone) for milestone in milestones)


def _find(goal: int, ration_price: int, rounding: int, milestone: Milestone) -> Finding:
    _above_zero("percent", milestone.percent)
    price = ration_price if milestone.price is None else milestone.price
    _above_zero("price", price)
    money = threshold(goal, milestone.percent)
    rations = money / price
    return Finding(
        milestone=milestone,
        money=money,
        rations=rations,
        fitting=floor(rations / rounding + Fraction(1, 2)) * rounding,
        implied_price=money / milestone.rations if milestone.rations > 0 else None,
    )


def threshold(goal: int, percent: Decimal) -> Fraction:
    """The cleared money at which this percentage of the goal is reached."""
    return goal * Fraction(percent) / 100


@dataclass(frozen=True, slots=True)
class Passage:
    """A milestone was reached on a day, or lost again."""

    percent: Decimal
    on: date
    reached: bool


def passages(
    goal: int, percents: Sequence[Decimal], cleared: Iterable[tuple[date, int]]
) -> tuple[Passage, ...]:
    """Every reaching and losing of a milestone, in order, as cleared money came and was reversed.

    `cleared` are movements (day, minor units; negative for a reversal) in the order in which they were booked.
    """
    total = 0
    history: list[Passage] = []
    for on, amount in cleared:
        former, total = total, total + amount
        for percent in percents:
            needed = threshold(goal, percent)
            if (former >= needed) != (total >= needed):
                history.append(Passage(percent, on, total >= needed))
    return tuple(history)


def _above_zero(field: str, value: int | Decimal) -> None:
    if isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) < MAX_DIGITS):
        raise MilestoneError(field, f"{value} is no number of a sensible length")
    if value <= 0:
        raise MilestoneError(field, f"{value} is not above zero")
