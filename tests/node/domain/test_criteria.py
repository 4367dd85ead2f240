"""Claims count by criteria that were there before them, and two criteria can be compared before anybody decides."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.allocation import CapError, allocate
from node.domain.criteria import (
    Cap,
    Criteria,
    Request,
    claims_of,
    compare,
    divide,
    eligible,
    refuse_criteria,
)
from node.domain.kind import NotAllowedError

OPENS = datetime(2020, 9, 10, tzinfo=UTC)
CLOSES = datetime(2020, 9, 12, tzinfo=UTC)
DAY = date(2020, 9, 10)
HOUR = timedelta(hours=1)
WEIGHTS = {"esperanza": 600, "villasol": 240, "lohermida": 150, "maule": 90}
NEEDS = {"esperanza": 900_000, "villasol": 360_000, "lohermida": 225_000, "maule": 135_000}
ROUND_1 = "https://fondo.example/rounds/1"


def request(name: str, sent: datetime = OPENS + HOUR, note: str = "1", **fields) -> Request:
    fields = {"weight": Decimal(WEIGHTS.get(name, 1)), "need": NEEDS.get(name), **fields}
    return Request(f"https://{name}.example/o/{note}", name, sent, **fields)


REQUESTS = [request(name) for name in WEIGHTS]
V1 = Criteria(1, "largest-remainder/1", date(2020, 9, 1), unit_price=1_500, cap=Cap.NEED)
MONEY = Criteria(2, "largest-remainder/1", date(2020, 9, 1))


def test_w2b_by_criteria_in_rations():
    divided = divide(V1, 625_000, REQUESTS, ROUND_1)
    assert [divided.shares.units()[name] for name in WEIGHTS] == [231, 92, 58, 35]
    assert [divided.amounts[name] for name in WEIGHTS] == [346_500, 138_000, 87_000, 52_500]
    assert divided.carry_over == 1_000


def test_w4_by_criteria_with_floors_and_needs():
    criteria = Criteria(3, "floor-proportional/1", DAY, floor=100_000, cap=Cap.NEED)
    divided = divide(criteria, 1_250_000, REQUESTS, ROUND_1)
    assert [divided.amounts[name] for name in WEIGHTS] == [593_939, 297_576, 223_485, 135_000]


def test_what_if_shows_the_difference_for_each_kitchen():
    table = {
        row.claimant: (row.one, row.other, row.change)
        for row in compare(MONEY, V1, 625_000, REQUESTS, ROUND_1)
    }
    assert table == {
        "esperanza": (347_222, 346_500, -722),
        "villasol": (138_889, 138_000, -889),
        "lohermida": (86_806, 87_000, 194),
        "maule": (52_083, 52_500, 417),
    }


def test_a_need_that_buys_no_whole_ration_more_caps_below_it_and_a_floor_is_reached_above_it():
    criteria = Criteria(1, "floor-proportional/1", DAY, unit_price=1_500, floor=1_501, cap=Cap.NEED)
    (claim,) = claims_of(criteria, [request("maule", need=4_499)])
    assert (claim.cap, claim.floor) == (2, 2)


@pytest.mark.parametrize(
    ("cap", "need", "own", "expected"),
    [
        (Cap.NEED, 3_000, None, 2),
        (Cap.NEED, 3_000, 1, 1),
        (Cap.NEED, 3_000, 5, 2),
        (Cap.NEED, None, None, None),
        (Cap.NONE, 3_000, None, None),
        (Cap.NONE, 3_000, 0, 0),
    ],
)
def test_a_share_is_bounded_by_the_need_and_by_what_the_claimant_declines(cap, need, own, expected):
    criteria = Criteria(1, "largest-remainder/1", DAY, unit_price=1_500, cap=cap)
    assert claims_of(criteria, [request("maule", need=need, cap=own)])[0].cap == expected


def test_a_rule_that_needs_a_need_of_everybody_names_who_gave_none():
    criteria = Criteria(1, "max-min/1", DAY, cap=Cap.NEED)
    with pytest.raises(CapError) as caught:
        divide(criteria, 250_000, [*REQUESTS, request("nueva", need=None)], ROUND_1)
    assert caught.value.claim == "nueva"


@given(st.integers(0, 10**7), st.integers(1, 5_000), st.sampled_from([Cap.NEED, Cap.NONE]))
def test_no_peso_appears_or_vanishes(available, price, cap):
    criteria = Criteria(1, "largest-remainder/1", DAY, unit_price=price, cap=cap)
    divided = divide(criteria, available, REQUESTS, ROUND_1)
    assert sum(divided.amounts.values()) + divided.carry_over == available
    assert all(amount % price == 0 for amount in divided.amounts.values())


def test_a_round_recomputed_from_its_claims_alone_is_the_same():
    claims = claims_of(V1, REQUESTS)
    assert allocate(V1.rule, 416, claims[::-1], ROUND_1) == divide(V1, 625_000, REQUESTS, ROUND_1).shares


# Who counts


def test_members_from_before_the_round_with_claims_in_time_count():
    admitted = dict.fromkeys(WEIGHTS, OPENS)
    counted, refused = eligible(REQUESTS, admitted, OPENS, CLOSES)
    assert list(counted) == sorted(REQUESTS, key=lambda r: r.id)
    assert refused == ()


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (request("intrusa"), "a member of the fund"),
        (request("nueva"), "a member since before the round opened; the next one counts"),
        (request("maule", sent=CLOSES + HOUR), "a claim before the round closed"),
    ],
)
def test_a_claim_that_does_not_count_is_listed_with_its_reason(claim, expected):
    admitted = {"maule": OPENS - HOUR, "nueva": OPENS + HOUR}
    counted, refused = eligible([claim], admitted, OPENS, CLOSES)
    assert counted == ()
    assert [(r.request, r.expected) for r in refused] == [(claim, expected)]


def test_of_two_claims_the_first_counts_in_whatever_order_they_came():
    first, second = request("maule", note="1"), request("maule", sent=OPENS + 2 * HOUR, note="2")
    for order in ([first, second], [second, first]):
        counted, refused = eligible(order, {"maule": OPENS}, OPENS, CLOSES)
        assert counted == (first,)
        assert [r.request for r in refused] == [second]


def test_a_claim_at_the_last_moment_counts():
    assert eligible([request("maule", sent=CLOSES)], {"maule": OPENS}, OPENS, CLOSES)[1] == ()


@pytest.mark.parametrize(
    ("adopted", "valid_from"), [(OPENS, DAY), (OPENS + HOUR, DAY), (OPENS - HOUR, date(2020, 9, 11))]
)
def test_a_round_citing_criteria_from_after_it_is_refused(adopted, valid_from):
    with pytest.raises(NotAllowedError) as caught:
        refuse_criteria(Criteria(1, "largest-remainder/1", valid_from), adopted, OPENS, DAY)
    assert caught.value.field == "criteria"


def test_a_round_under_criteria_from_before_it_is_opened():
    refuse_criteria(V1, OPENS - HOUR, OPENS, DAY)
