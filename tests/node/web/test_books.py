"""What an entry did, in a reader's words."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from node.domain.posting import Posting
from node.tongues import Tongue
from node.web.books import effects

TONGUE = Tongue.of("en", ZoneInfo("UTC"))
SPENT = (("assets:bank", -900, "CLP"), ("expenses:running", 900, "CLP"))
PAID = (("assets:bank", -900, "CLP"), ("liabilities:payable:olla@olla.example", 900, "CLP"))
GIVEN = (("assets:bank", 900, "CLP"), ("liabilities:holding", -900, "CLP"))


@pytest.mark.parametrize("booked", [SPENT, PAID])
def test_money_that_comes_back_is_not_called_money_that_was_given(booked: Sequence[Posting]) -> None:
    back = [(account, -amount, commodity) for account, amount, commodity in booked]

    assert [each.what for each in (*effects(booked, TONGUE), *effects(back, TONGUE))] == ["out", "back"]
    assert [(each.sign, each.words) for each in effects(back, TONGUE)] == [("+", "taken back")]
    assert [each.what for each in effects(GIVEN, TONGUE)] == ["in"]


def test_cash_that_was_carried_to_the_bank_is_not_called_money_that_came_in() -> None:
    carried = (("assets:bank", 900, "CLP"), ("assets:cash", -900, "CLP"))

    assert [(each.what, each.sign, each.amount) for each in effects(carried, TONGUE)] == [
        ("moved", "", "900 CLP")
    ]
