"""The cash box and the bank: nothing goes out that is not there, and what goes out in cash two members approve."""

from datetime import date
from decimal import Decimal

import pytest

from node.activities import REGISTRY
from node.domain.kind import NotAllowedError, Verb
from node.domain.ledger import BANK, CASH
from schemas import Money, Uri
from schemas.allocation import Allocation, Claim
from schemas.deposit import Deposit
from schemas.donation import Donation
from schemas.expense import Expense
from schemas.transfer import Transfer
from tests.node.village import Village, actor

TODAY = date(2020, 8, 20)
KITCHEN = Uri(actor("esperanza"))


def clp(amount: int) -> Money:
    return Money(amount, "CLP")


def spent(amount: int, channel: str) -> Expense:
    return Expense(amount=clp(amount), on=TODAY, purpose="Flete", channel=channel)


@pytest.fixture
def village() -> Village:
    """A fund with 622.000 in the bank and 5.000 in the cash box."""
    made = Village("fondo", "esperanza")
    for amount, channel in ((622000, "bank"), (5000, "cash")):
        made.create("fondo", Donation(amount=clp(amount), status="cleared", channel=channel, on=TODAY))
    return made


def balance(village: Village, account: str) -> int:
    return village["fondo"].view(actor("fondo")).balances(actor("fondo")).get((account, "CLP"), 0)


def test_no_more_goes_out_of_the_cash_box_than_is_in_it(village: Village) -> None:
    with pytest.raises(NotAllowedError, match="cash box"):
        village.create("fondo", spent(5001, "cash"))
    village.create("fondo", spent(5000, "cash"))
    assert (balance(village, CASH), balance(village, BANK)) == (0, 622000)


def test_no_single_member_takes_cash_out_or_takes_back_that_it_went() -> None:
    kind = REGISTRY["expense"]
    assert (kind.approvals(None, spent(1, "cash")), kind.unsaying(spent(1, "cash"))) == (2, 2)
    assert (kind.approvals(None, spent(1, "bank")), kind.unsaying(spent(1, "bank"))) == (0, 0)
    assert kind.approvals(spent(1, "cash"), spent(1, "cash")) == 0


def test_a_share_that_the_bank_cannot_pay_is_paid_from_bank_and_cash_box_and_overdraws_neither(
    village: Village,
) -> None:
    claims = (Claim(claimant=KITCHEN, weight=Decimal(1)),)
    pot = Allocation(available=clp(627000), rule="largest-remainder/1", seed="ronda", claims=claims)
    allocation = Uri(village.create("fondo", pot))

    def paid(amount: int, channel: str) -> Transfer:
        return Transfer(to=KITCHEN, amount=clp(amount), on=TODAY, allocation=allocation, channel=channel)

    with pytest.raises(NotAllowedError, match="which is in the bank"):
        village.create("fondo", paid(627000, "bank"))
    village.create("fondo", paid(622000, "bank"))
    with pytest.raises(NotAllowedError, match="cash box"):
        village.create("fondo", paid(5001, "cash"))
    village.create("fondo", paid(5000, "cash"))
    assert (balance(village, CASH), balance(village, BANK)) == (0, 0)


def test_cash_that_was_carried_to_the_bank_neither_came_in_nor_went_out(village: Village) -> None:
    with pytest.raises(NotAllowedError, match="cash box"):
        village.create("fondo", Deposit(amount=clp(5001), on=TODAY))
    carried = village.create("fondo", Deposit(amount=clp(4000), on=TODAY))
    assert (balance(village, CASH), balance(village, BANK)) == (1000, 626000)
    with pytest.raises(NotAllowedError, match="as it was booked"):
        village.revise("fondo", carried, Deposit(amount=clp(1), on=TODAY))
    village.answer("fondo", Verb.DELETE, carried)
    assert (balance(village, CASH), balance(village, BANK)) == (5000, 622000)


def test_no_single_member_carries_cash_away() -> None:
    kind, carried = REGISTRY["deposit"], Deposit(amount=clp(1), on=TODAY)
    assert (kind.approvals(None, carried), kind.unsaying(carried)) == (2, 2)
