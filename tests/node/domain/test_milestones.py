"""Milestones say what their money buys, and a reversal takes back what was reached."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.campaigns import over_committed
from node.domain.milestones import Milestone, MilestoneError, Passage, check, passages, threshold
from node.tongues import Tongue

STATED = [(10, 170), (25, 420), (50, 830), (75, 1_700)]
GOAL = 2_500_000


def w1(*overrides: Milestone):
    milestones = [Milestone(Decimal(percent), rations) for percent, rations in STATED]
    return check(GOAL, 1_500, 10, [*milestones[: 4 - len(overrides)], *overrides])


@pytest.mark.parametrize(
    ("left", "promised", "said"),
    [
        (
            -46_000,
            277_500,
            "Hay 46.000 CLP más prometidos de lo que hay: no sale ninguna transferencia en CLP",
        ),
        (-46_000, 0, "Se gastaron 46.000 CLP más de lo que había: no sale ninguna transferencia en CLP"),
        (0, 277_500, ""),
    ],
)
def test_what_is_lacking_is_said_with_its_currency_and_its_cause(left: int, promised: int, said: str) -> None:
    spanish = Tongue.of("es", ZoneInfo("UTC"))
    assert over_committed(left, promised, "CLP", spanish).startswith(said)
    assert bool(over_committed(left, promised, "CLP", spanish)) == bool(said)


def test_w1_only_the_last_milestone_is_flagged():
    findings = w1()
    assert [f.money for f in findings] == [250_000, 625_000, 1_250_000, 1_875_000]
    assert [round(f.rations, 2) for f in findings] == [
        Fraction(x) for x in ("166.67", "416.67", "833.33", "1250")
    ]
    assert [f.fitting for f in findings] == [170, 420, 830, 1_250]
    assert [round(f.implied_price, 2) for f in findings] == [
        Fraction(x) for x in ("1470.59", "1488.10", "1506.02", "1102.94")
    ]
    assert [f.fits for f in findings] == [True, True, True, False]
    assert findings[3].excess == 450


def test_a_milestone_with_its_own_price_is_judged_by_that_price():
    assert not w1()[3].fits
    assert w1(Milestone(Decimal(75), 1_700, price=1_100))[3].fits


@pytest.mark.parametrize(
    ("goal", "fits"), [(1_640, False), (1_650, False), (1_660, True), (1_669, True), (1_670, False)]
)
def test_w1_the_first_three_lines_need_a_goal_between_1660_and_1670_rations(goal, fits):
    findings = check(goal * 1_500, 1_500, 10, [Milestone(Decimal(p), r) for p, r in STATED[:3]])
    assert all(f.fits for f in findings) is fits


@given(st.integers(1, 10**9), st.integers(1, 10**5), st.integers(1, 100), st.integers(1, 100))
def test_the_fitting_figure_fits_and_is_the_nearest_multiple(goal, price, rounding, percent):
    fitting = check(goal, price, rounding, [Milestone(Decimal(percent), 0)])[0].fitting
    again = check(goal, price, rounding, [Milestone(Decimal(percent), fitting)])[0]
    assert again.fits
    assert fitting % rounding == 0
    assert -rounding <= 2 * (again.rations - fitting) < rounding


def test_a_half_is_rounded_up():
    assert check(15, 1, 10, [Milestone(Decimal(100), 20)])[0].fits
    assert check(1_499, 100, 10, [Milestone(Decimal(100), 10)])[0].fits


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((0, 1, 1, []), "goal"),
        ((1, 0, 1, []), "ration_price"),
        ((1, 1, 0, []), "rounding"),
        ((1, 1, 1, [Milestone(Decimal(0), 1)]), "percent"),
        ((1, 1, 1, [Milestone(Decimal("NaN"), 1)]), "percent"),
        ((1, 1, 1, [Milestone(Decimal("sNaN"), 1)]), "percent"),
        ((1, 1, 1, [Milestone(Decimal("1E+999999999"), 1)]), "percent"),
        ((1, 1, 1, [Milestone(Decimal(1), 1, price=0)]), "price"),
    ],
)
def test_figures_that_cannot_be_reckoned_with_name_their_field(arguments, field):
    with pytest.raises(MilestoneError) as caught:
        check(*arguments)
    assert caught.value.field == field


def test_w5_a_chargeback_loses_the_milestone_that_the_last_gift_reached():
    percents = [Decimal(percent) for percent, _ in STATED]
    gifts = [
        (date(2020, 9, 3), 203_000),
        (date(2020, 9, 5), 47_000),
        (date(2020, 9, 9), 375_000),
        (date(2020, 9, 20), -47_000),
    ]
    assert passages(GOAL, percents, gifts) == (
        Passage(Decimal(10), date(2020, 9, 5), reached=True),
        Passage(Decimal(25), date(2020, 9, 9), reached=True),
        Passage(Decimal(25), date(2020, 9, 20), reached=False),
    )
    assert sum(amount for _, amount in gifts) * 100 / Fraction(GOAL) == Fraction("23.12")


def test_a_milestone_is_reached_on_the_exact_peso():
    percents, day = [Decimal("12.5")], date(2020, 9, 3)
    assert threshold(GOAL, percents[0]) == 312_500
    assert passages(GOAL, percents, [(day, 312_499)]) == ()
    assert passages(GOAL, percents, [(day, 312_500)]) == (Passage(percents[0], day, reached=True),)
