"""The rules of sharing come out to the digit, and no order of the claims, scale of the weights or tie can bend them."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain import allocation
from node.domain.allocation import Claim, allocate, in_units
from node.domain.ties import tie_key

NAMES = ("esperanza", "villasol", "lohermida", "maule")
WEIGHTS = ("600", "240", "150", "90")
ACTORS = tuple(f"https://{name}.example/actor" for name in NAMES)
RULES = tuple(allocation.RULES)


def actor(name: str) -> str:
    return f"https://{name}.example/actor"


def kitchens(caps=(None,) * 4, floors=(None,) * 4) -> list[Claim]:
    return [
        Claim(actor(name), Decimal(weight), cap, floor)
        for name, weight, cap, floor in zip(NAMES, WEIGHTS, caps, floors, strict=True)
    ]


def in_order(shares: allocation.Shares, ids: Iterable[str] = ACTORS) -> list[int]:
    return [shares.units()[claimant] for claimant in ids]


# The worked examples


def test_w2a_proportional_in_pesos():
    shares = allocate("largest-remainder/1", 625_000, kitchens(), "https://fondo.example/rounds/1")
    assert in_order(shares) == [347_222, 138_889, 86_806, 52_083]
    assert shares.carry_over == 0
    steps = {share.id: share for share in shares.shares}
    assert [steps[actor(name)].whole for name in NAMES] == [347_222, 138_888, 86_805, 52_083]
    assert [round(steps[actor(name)].quota, 2) for name in NAMES] == [
        Fraction("347222.22"),
        Fraction("138888.89"),
        Fraction("86805.56"),
        Fraction("52083.33"),
    ]
    assert [steps[actor(name)].extra for name in NAMES] == [0, 1, 1, 0]
    assert shares.passes == (allocation.Pass(625_000, Fraction(1080), 4, ()),)


def test_w2b_proportional_in_rations():
    rations, pesos_left = in_units(625_000, 1_500)
    shares = allocate("largest-remainder/1", rations, kitchens(), "https://fondo.example/rounds/1")
    assert (rations, pesos_left) == (416, 1_000)
    assert in_order(shares) == [231, 92, 58, 35]
    assert [count * 1_500 for count in in_order(shares)] == [346_500, 138_000, 87_000, 52_500]
    assert sum(share.whole for share in shares.shares) == 414


def test_w3_max_min_gives_the_odd_peso_by_hash():
    seed = "https://fondo.example/rounds/2"
    claims = kitchens(caps=(900_000, 360_000, 225_000, 30_000))
    shares = allocate("max-min/1", 250_000, claims, seed)
    assert in_order(shares) == [73_334, 73_333, 73_333, 30_000]
    assert [tie_key(seed, actor(name))[:8] for name in ("esperanza", "lohermida", "villasol")] == [
        "443ef457",
        "6795c047",
        "c2741eb9",
    ]
    assert [step.rest for step in shares.passes] == [250_000, 220_000]
    assert shares.passes[0].capped == (actor("maule"),)


def test_w4_floors_then_proportion_under_caps():
    claims = kitchens(caps=(900_000, 360_000, 225_000, 135_000), floors=(100_000,) * 4)
    shares = allocate("floor-proportional/1", 1_250_000, claims, "https://fondo.example/rounds/3")
    assert in_order(shares) == [593_939, 297_576, 223_485, 135_000]
    assert [(step.rest, step.weights) for step in shares.passes] == [(850_000, 1080), (815_000, 990)]
    maule = next(share for share in shares.shares if share.id == actor("maule"))
    assert maule.capped
    assert maule.guaranteed == 100_000
    assert round(maule.quota, 2) == Fraction("70833.33")


@pytest.mark.parametrize(("pot", "expected"), [(10, [4, 4, 2]), (11, [5, 5, 1])])
def test_w7_largest_remainder_takes_a_cylinder_away_as_the_total_grows(pot, expected):
    claims = [Claim("A", Decimal(6)), Claim("B", Decimal(6)), Claim("C", Decimal(2))]
    assert in_order(allocate("largest-remainder/1", pot, claims, "gas"), "ABC") == expected


@pytest.mark.parametrize(
    ("pot", "expected"), [(9, [4, 4, 1]), (10, [5, 4, 1]), (11, [5, 4, 2]), (12, [5, 5, 2])]
)
def test_w7_webster(pot, expected):
    claims = [Claim("A", Decimal(6)), Claim("B", Decimal(6)), Claim("C", Decimal(2))]
    assert in_order(allocate("webster/1", pot, claims, "gas"), "ABC") == expected
    assert [tie_key("gas", name)[:8] for name in "ACB"] == ["12e91b48", "24fd0d93", "7ee2dd00"]


def test_w8_vouchers_by_household():
    seed = "https://parroquia.example/vouchers/2026-08"
    sizes = [2] * 5 + [3] * 6 + [4] * 5 + [5] * 3 + [7]
    claims = [Claim(f"F{i:02}", Decimal(size)) for i, size in enumerate(sizes, 1)]
    vouchers, left = in_units(480_000, 5_000)
    shares = allocate("largest-remainder/1", vouchers, claims, seed)
    got = shares.units()
    assert (vouchers, left) == (96, 0)
    assert {name: got[name] for name in ("F12", "F13", "F14", "F15", "F16")} == {
        "F12": 5,
        "F13": 5,
        "F14": 6,
        "F15": 5,
        "F16": 5,
    }
    by_size = {size: sum(got[c.id] for c in claims if c.weight == size) for size in (2, 3, 4, 5, 7)}
    assert by_size == {2: 15, 3: 24, 4: 26, 5: 21, 7: 10}
    assert sum(share.whole for share in shares.shares) == 86
    keys = {share.id: share.key[:8] for share in shares.shares}
    assert [keys[f"F{i}"] for i in (14, 15, 13, 12, 16)] == [
        "0bd0d890",
        "4f7e1bd0",
        "af4f0fbb",
        "c6a78756",
        "dfcf08d1",
    ]


def test_what_nobody_may_still_get_is_carried_over():
    capped = [Claim("a", Decimal(1), cap=3, floor=1), Claim("b", Decimal(2), cap=4)]
    for rule in RULES:
        shares = allocate(rule, 10, capped, "s")
        assert shares.units() == {"a": 3, "b": 4}, rule
        assert shares.carry_over == 3, rule


def test_a_quota_that_equals_its_cap_leaves_with_it():
    shares = allocate("largest-remainder/1", 10, [Claim("a", Decimal(1), cap=5), Claim("b", Decimal(1))], "s")
    assert [share.capped for share in shares.shares] == [True, False]
    assert [step.capped for step in shares.passes] == [("a",), ()]


def test_webster_gives_to_weight_zero_only_what_all_others_may_not_have():
    claims = [Claim("a", Decimal(1), cap=2), Claim("b", Decimal(0), cap=3), Claim("c", Decimal(0), cap=3)]
    first, second = sorted("bc", key=lambda name: tie_key("gas", name))
    for pot, expected in ((2, {"a": 2, first: 0, second: 0}), (6, {"a": 2, first: 3, second: 1})):
        assert allocate("webster/1", pot, claims, "gas").units() == expected


# The properties

weights = st.one_of(
    st.integers(0, 1_000).map(Decimal),
    st.decimals(0, 10_000, places=3, allow_nan=False, allow_infinity=False),
)
some_claims = st.lists(
    st.builds(
        Claim,
        id=st.text("abcñ€😀", min_size=1, max_size=5),
        weight=weights,
        cap=st.one_of(st.none(), st.integers(0, 300)),
        floor=st.one_of(st.none(), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda claim: claim.id,
).filter(lambda claims: any(claim.weight for claim in claims))
pots = st.one_of(st.integers(0, 400), st.integers(0, 10**15))


def fitted(rule: str, claims: list[Claim]) -> list[Claim]:
    """The same claims with caps where the rule needs them."""
    if rule != "max-min/1":
        return claims
    return [Claim(c.id, c.weight, 100 if c.cap is None else c.cap, c.floor) for c in claims]


def share_out(rule: str, pot: int, claims: list[Claim]) -> allocation.Shares:
    """Allocate; a pot below the floors is raised to them, since the refusal has a test of its own."""
    if rule == "floor-proportional/1":
        pot += sum(c.floor or 0 for c in claims)
    return allocate(rule, pot, fitted(rule, claims), "seed")


@pytest.mark.parametrize("rule", RULES)
@given(pots, some_claims)
def test_no_unit_appears_or_vanishes_and_nobody_passes_a_bound(rule, pot, claims):
    shares = share_out(rule, pot, claims)
    assert sum(shares.units().values()) + shares.carry_over == shares.pot
    assert shares.carry_over >= 0
    for claim in fitted(rule, claims):
        units = shares.units()[claim.id]
        assert units >= 0
        assert claim.cap is None or units <= claim.cap
        if rule == "floor-proportional/1" and claim.floor:
            assert units >= (claim.floor if claim.cap is None else min(claim.floor, claim.cap))


@pytest.mark.parametrize("rule", RULES)
@given(pots, some_claims)
def test_nothing_is_carried_over_while_somebody_entitled_has_room(rule, pot, claims):
    shares = share_out(rule, pot, claims)
    if shares.carry_over:
        for claim in fitted(rule, claims):
            entitled = claim.weight > 0 or rule == "max-min/1"
            assert not entitled or shares.units()[claim.id] == claim.cap


@pytest.mark.parametrize("rule", RULES)
@given(pots, some_claims, st.randoms(use_true_random=False))
def test_the_order_of_the_claims_changes_nothing(rule, pot, claims, random):
    shuffled = random.sample(claims, len(claims))
    assert share_out(rule, pot, shuffled) == share_out(rule, pot, claims)


@pytest.mark.parametrize("rule", RULES)
@given(pots, some_claims)
def test_doubling_all_weights_changes_nothing(rule, pot, claims):
    doubled = [Claim(c.id, 2 * Fraction(c.weight), c.cap, c.floor) for c in claims]
    assert share_out(rule, pot, doubled).units() == share_out(rule, pot, claims).units()


@given(pots, some_claims)
def test_largest_remainder_without_caps_keeps_the_quota_rule(pot, claims):
    free = [Claim(c.id, c.weight) for c in claims]
    total = sum(Fraction(c.weight) for c in free)
    for claim in free:
        quota = pot * Fraction(claim.weight) / total
        assert (
            floor(quota) <= allocate("largest-remainder/1", pot, free, "s").units()[claim.id] <= ceil(quota)
        )


@pytest.mark.parametrize("rule", ["webster/1", "max-min/1"])
@given(st.integers(0, 2_000), some_claims)
def test_nobodys_share_falls_when_the_total_grows(rule, pot, claims):
    less, more = share_out(rule, pot, claims).units(), share_out(rule, pot + 1, claims).units()
    assert all(more[claimant] >= less[claimant] for claimant in less)


@given(st.integers(0, 120), some_claims)
def test_webster_is_what_one_unit_at_a_time_gives(pot, claims):
    """The rule as its text spells it, slowly, against the one that starts near the end."""
    got = dict.fromkeys((c.id for c in claims), 0)
    for _ in range(pot):
        below = [c for c in claims if c.cap is None or got[c.id] < c.cap]
        if not below:
            break
        best = min(below, key=lambda c: (-Fraction(c.weight) / (2 * got[c.id] + 1), tie_key("seed", c.id)))
        got[best.id] += 1
    assert allocate("webster/1", pot, claims, "seed").units() == got


@given(st.integers(0, 3_000), some_claims)
def test_largest_remainder_is_what_sweep_after_sweep_gives(pot, claims):
    """The rule as its text spells it, with a sweep over all claims for each pass."""
    got = dict.fromkeys((c.id for c in claims), 0)
    rest, remaining = pot, [c for c in claims if c.weight]
    while remaining:
        total = sum(Fraction(c.weight) for c in remaining)
        quota = {c.id: rest * Fraction(c.weight) / total for c in remaining}
        leaving = [c for c in remaining if c.cap is not None and quota[c.id] >= c.cap]
        if not leaving:
            break
        for claim in leaving:
            got[claim.id] = claim.cap
            rest -= claim.cap
        remaining = [c for c in remaining if c not in leaving]
    for claim in remaining:
        got[claim.id] = floor(quota[claim.id])
    left = rest - sum(got[c.id] for c in remaining)
    ranked = sorted(remaining, key=lambda c: (floor(quota[c.id]) - quota[c.id], tie_key("seed", c.id)))
    for claim in ranked[:left]:
        got[claim.id] += 1
    assert allocate("largest-remainder/1", pot, claims, "seed").units() == got


# Ties


def test_the_lower_hash_wins_a_tie():
    claims = [Claim(name, Decimal(1)) for name in ("a", "b", "c")]
    winner = min("abc", key=lambda name: sha256(f"seed\n{name}".encode()).hexdigest())
    assert allocate("largest-remainder/1", 1, claims, "seed").units()[winner] == 1


# Refusals

ONE = Claim("a", Decimal(1))


@pytest.mark.parametrize(
    ("rule", "pot", "claims", "error", "field"),
    [
        ("largest-remainder/2", 1, [ONE], allocation.UnknownRuleError, "rule"),
        ("webster/1", -1, [ONE], allocation.PotError, "available"),
        ("webster/1", 1, [], allocation.ClaimsError, "claims"),
        ("webster/1", 1, [ONE, ONE], allocation.ClaimsError, "claims"),
        ("webster/1", 1, [Claim("", Decimal(1))], allocation.ClaimsError, "claims"),
        ("webster/1", 1, [Claim("a", Decimal("-0.1"))], allocation.WeightError, "weight"),
        ("webster/1", 1, [Claim("a", Decimal("NaN"))], allocation.WeightError, "weight"),
        ("webster/1", 1, [Claim("a", Decimal("sNaN"))], allocation.WeightError, "weight"),
        ("webster/1", 1, [Claim("a", Decimal("Infinity"))], allocation.WeightError, "weight"),
        ("webster/1", 1, [Claim("a", Decimal("1E+999999999"))], allocation.WeightError, "weight"),
        ("webster/1", 1, [Claim("a", Decimal("1E-999999999"))], allocation.WeightError, "weight"),
        ("webster/1", 1, [Claim("a", Decimal("9" * 41))], allocation.WeightError, "weight"),
        ("largest-remainder/1", 1, [Claim("a", Decimal(0))], allocation.WeightsSumToZeroError, "weight"),
        ("floor-proportional/1", 1, [Claim("a", Decimal(0))], allocation.WeightsSumToZeroError, "weight"),
        ("webster/1", 1, [Claim("a", Decimal(0))], allocation.WeightsSumToZeroError, "weight"),
        ("webster/1", 1, [Claim("a", Decimal(1), cap=-1)], allocation.CapError, "cap"),
        ("max-min/1", 1, [ONE], allocation.CapError, "cap"),
        ("floor-proportional/1", 1, [Claim("a", Decimal(1), floor=-1)], allocation.FloorError, "floor"),
        (
            "floor-proportional/1",
            1,
            [Claim("a", Decimal(1), floor=2)],
            allocation.FloorsExceedPotError,
            "floor",
        ),
    ],
)
def test_a_request_that_cannot_be_shared_out_names_its_field(rule, pot, claims, error, field):
    with pytest.raises(error) as caught:
        allocate(rule, pot, claims, "seed")
    assert caught.value.field == field
    assert isinstance(caught.value, allocation.AllocationError)


@pytest.mark.parametrize(("available", "price", "error"), [(-1, 1, "available"), (1, 0, "unit_price")])
def test_rations_of_nothing_are_refused(available, price, error):
    with pytest.raises(allocation.AllocationError) as caught:
        in_units(available, price)
    assert caught.value.field == error


# Size


@pytest.mark.timeout(20)
@pytest.mark.parametrize("rule", RULES)
def test_881_claimants_are_served_without_a_wait(rule):
    """How long it takes is measured in `tests/bench`; what grows by the square of the claims would not end here."""
    claims = [
        Claim(f"https://k{i}.example/c/k", Decimal(50 + i * 37 % 600), 10_000 + i * 7919 % 90_000, 1_000)
        for i in range(881)
    ]
    shared = allocate(rule, 25_000_000, claims, "seed")
    assert sum(shared.units().values()) + shared.carry_over == shared.pot == 25_000_000
