"""The pantry: W6 to the digit, what expires first goes first, and nothing is taken that is not there."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.kind import NotAllowedError
from node.domain.stock import (
    Card,
    Ingredient,
    Lot,
    consumed,
    missing,
    on_hand,
    possible,
    take,
    thing_named,
)
from schemas import Quantity, Unit

DAY = date(2026, 11, 28)


def ingredient(what: str, amount: str, unit: Unit) -> Ingredient:
    return Ingredient(what, thing_named(what), Quantity.of(amount, unit))


W6 = Card(
    100,
    (
        ingredient("lentejas", "8", Unit.KILOGRAM),
        ingredient("arroz", "5", Unit.KILOGRAM),
        ingredient("aceite", "1.5", Unit.LITRE),
        ingredient("gas", "0.25", Unit.ONE),
    ),
)
STOCK = {one.key: Decimal(there) for one, there in zip(W6.ingredients, (40, 15, 3, 1), strict=True)}


def test_w6_two_hundred_rations_and_oil_limits() -> None:
    found = possible(W6, STOCK)

    assert found.each == (500, 300, 200, 400)
    assert found.rations == 200
    assert [one.what for one in found.limiting] == ["aceite"]


def test_w6_for_three_hundred_only_oil_is_asked_for_and_then_rice_would_limit_too() -> None:
    assert [(one.what, amount) for one, amount in missing(W6, STOCK, 300)] == [
        ("aceite", Quantity.of("1.5", Unit.LITRE))
    ]
    oil = W6.ingredients[2].key
    filled = possible(W6, STOCK | {oil: STOCK[oil] + Decimal("1.5")})
    assert (filled.rations, [one.what for one in filled.limiting]) == (300, ["arroz", "aceite"])


def test_a_good_is_the_same_however_it_is_written_and_in_any_language() -> None:
    assert thing_named("Lentejas") == thing_named("lentils") == thing_named("  lenteja ")
    assert thing_named("Ají de color") == thing_named("aji  de COLOR")


def test_what_is_past_its_day_is_never_taken_and_what_expires_first_goes_first() -> None:
    lots = [
        Lot(1, Decimal(5)),
        Lot(2, Decimal(4), DAY + timedelta(days=9)),
        Lot(3, Decimal(3), DAY),
        Lot(4, Decimal(50), DAY - timedelta(days=1)),
    ]

    assert [(each.lot, each.amount) for each in take(lots, Decimal(8), DAY)] == [(3, 3), (2, 4), (1, 1)]
    assert on_hand(lots, DAY) == 12
    with pytest.raises(NotAllowedError):
        take(lots, Decimal("12.001"), DAY)


amounts = st.decimals(0, 1000, places=3, allow_nan=False)
lots_of = st.lists(
    st.builds(
        Lot,
        st.integers(1, 10**6),
        amounts,
        st.one_of(st.none(), st.dates(DAY - timedelta(days=20), DAY + timedelta(days=20))),
    ),
    max_size=8,
    unique_by=lambda lot: lot.id,
)


@given(lots_of, amounts)
def test_what_is_taken_is_what_was_asked_out_of_lots_that_hold_it(lots: list[Lot], amount: Decimal) -> None:
    by_id = {lot.id: lot for lot in lots}
    try:
        taken = take(lots, amount, DAY)
    except NotAllowedError:
        assert amount > on_hand(lots, DAY)
        return
    assert sum((each.amount for each in taken), Decimal(0)) == amount
    for each in taken:
        assert 0 < each.amount <= by_id[each.lot].remaining
        assert by_id[each.lot].good_on(DAY)
    left = [lot for lot in lots if lot.good_on(DAY) and lot.id not in {each.lot for each in taken}]
    last = max(((by_id[each.lot].expires or date.max) for each in taken), default=date.min)
    assert all((lot.expires or date.max) >= last for lot in left if lot.remaining)


cards = st.builds(
    lambda rations, needs: Card(
        rations, tuple(ingredient(f"cosa {n}", str(need), Unit.KILOGRAM) for n, need in enumerate(needs))
    ),
    st.integers(1, 500),
    st.lists(st.decimals("0.001", 100, places=3), min_size=1, max_size=5),
)


@given(cards, st.lists(amounts, min_size=5, max_size=5))
def test_what_is_possible_can_be_cooked_one_more_cannot_and_what_is_missing_makes_it_possible(
    card: Card, there: list[Decimal]
) -> None:
    stock = {one.key: amount for one, amount in zip(card.ingredients, there, strict=False)}
    most = possible(card, stock).rations

    assert missing(card, stock, most) == []
    assert all(used <= stock[key] + Decimal("0.001") for key, used in consumed(card, most).items())
    more = missing(card, stock, most + 1)
    assert more
    filled = stock | {one.key: stock[one.key] + amount.value for one, amount in more}
    assert possible(card, filled).rations >= most + 1
