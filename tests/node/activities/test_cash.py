"""The cash box and the bank: nothing goes out that is not there, and what goes out in cash two members approve."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace as replaced

from node.activities import REGISTRY
from node.domain.kind import NotAllowedError, Verb
from node.domain.ledger import BANK, CASH
from node.domain.spending import USUAL, signers_in_turn
from schemas import CURRENCIES, Money, Record, Uri
from schemas.admission import Admission
from schemas.allocation import Allocation, Claim
from schemas.criteria import Criteria, Parameter
from schemas.decision import Decision
from schemas.deposit import Deposit
from schemas.donation import Donation
from schemas.expense import Expense
from schemas.join import Join
from schemas.stance import Stance
from schemas.transfer import Transfer
from tests.node.village import Village, actor

TODAY = date(2020, 8, 20)
KITCHEN = Uri(actor("esperanza"))


def clp(amount: int) -> Money:
    return Money(amount, "CLP")


def spent(amount: int, channel: str, on: date = TODAY) -> Expense:
    return Expense(amount=clp(amount), on=on, purpose="Flete", channel=channel)


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


def signers(village: Village, record: Record, former: Record | None = None) -> tuple[int, int]:
    """How many sign that it is said, and that it is withdrawn."""
    kind, scene = REGISTRY[record.kind()], village["fondo"].view(actor("fondo"))
    return kind.approvals(former, record, scene), kind.unsaying(record, scene)


def test_no_single_member_takes_cash_out_or_takes_back_that_it_went(village: Village) -> None:
    assert signers(village, spent(1, "cash")) == (2, 2)
    assert signers(village, spent(1, "cash"), spent(1, "cash"))[0] == 0


def test_a_large_expense_by_bank_is_signed_by_two_and_a_charge_of_the_bank_by_one(village: Village) -> None:
    assert signers(village, spent(50000, "bank")) == (0, 0)
    assert signers(village, spent(50001, "bank")) == (2, 2)


def test_small_expenses_of_one_day_do_not_get_around_the_second_signature(village: Village) -> None:
    def booked(amount: int, currency: str = "CLP") -> int:
        """How many sign an expense that was just booked."""
        record = Expense(amount=Money(amount, currency), on=TODAY, purpose="Flete")
        scene = village["fondo"].view(actor("fondo"), village.create("fondo", record))
        return REGISTRY["expense"].approvals(None, record, scene)

    village.create("fondo", Donation(amount=Money(100000, "USD"), status="cleared", channel="bank", on=TODAY))
    assert [booked(30000), booked(20000), booked(1)] == [0, 0, 2]
    assert [booked(5000, "USD"), booked(1, "USD")] == [0, 2]
    village.wait(hours=24)
    assert [booked(60000), booked(49999), booked(2)] == [2, 0, 2]


def test_every_currency_has_a_limit() -> None:
    assert USUAL.keys() == CURRENCIES.keys()


def test_an_expense_that_takes_more_than_the_bank_still_holds_is_signed_by_two(village: Village) -> None:
    village.create("fondo", spent(621999, "bank"))
    assert signers(village, spent(1, "bank"))[0] == 0
    village.create("fondo", spent(2, "bank"))
    assert signers(village, spent(2, "bank"))[0] == 2
    village.create("fondo", spent(300, "bank"))
    assert signers(village, spent(300, "bank"))[0] == 2


def test_a_fund_that_holds_nothing_of_a_currency_spends_none_of_it_by_one(village: Village) -> None:
    euros = Expense(amount=Money(100, "EUR"), on=TODAY, purpose="Flete", channel="bank")
    village.create("fondo", euros)
    assert signers(village, euros)[0] == 2


@pytest.mark.parametrize("status", ["reversed", "pledged"])
def test_a_fund_whose_gifts_all_went_back_or_never_came_overdraws_nothing_by_one(status: str) -> None:
    fund = Village("fondo", "esperanza")
    given = Donation(amount=clp(1000), status="pledged", channel="bank", on=TODAY)
    gift = fund.create("fondo", given)
    if status == "reversed":
        fund.revise("fondo", gift, given.changed(status="cleared"))
        fund.revise("fondo", gift, given.changed(status="reversed"))
    fund.create("fondo", spent(300, "bank"))
    assert signers(fund, spent(300, "bank"))[0] == 2


def test_a_fund_that_only_published_its_criteria_overdraws_nothing_by_one() -> None:
    fund = Village("fondo", "esperanza")
    fund.create("fondo", Criteria(version=1, rule="webster/1", weight="people", valid_from=TODAY))
    fund.create("fondo", spent(300, "bank"))
    assert signers(fund, spent(300, "bank"))[0] == 2


@pytest.mark.parametrize("status", ["pledged", "reversed"])
def test_no_cash_that_never_came_uses_up_a_number_of_a_receipt(village: Village, status: str) -> None:
    given = Donation(amount=clp(100), status="pledged", channel="cash", on=TODAY)
    promised = village.create("fondo", given)
    with pytest.raises(NotAllowedError, match="nothing yet: the receipt"):
        village.create("fondo", given.changed(status=status, receipt=2))
    with pytest.raises(NotAllowedError, match="nothing yet: the receipt"):
        village.revise("fondo", promised, given.changed(status=status, receipt=2))
    village.revise("fondo", promised, given.changed(status="cleared"))
    thing = village["fondo"].thing(promised)
    assert thing is not None
    assert isinstance(thing.record, Donation)
    assert thing.record.receipt == 2


def test_a_gift_is_not_taken_back_before_it_came(village: Village) -> None:
    came = Donation(amount=clp(100), status="cleared", channel="bank", on=date(2020, 8, 17))
    uri = village.create("fondo", came)
    booked = list(village["fondo"].entries)
    with pytest.raises(NotAllowedError, match="on which it came, or a later day"):
        village.revise("fondo", uri, came.changed(status="reversed", on=date(2020, 8, 16)))
    assert village["fondo"].entries == booked
    village.revise("fondo", uri, came.changed(status="reversed", on=date(2020, 8, 18)))
    promised = village.create("fondo", came.changed(status="pledged"))
    village.revise("fondo", promised, came.changed(on=date(2020, 8, 16)))
    assert [entry.date for entry in village["fondo"].entries[-2:]] == ["2020-08-18", "2020-08-16"]


def test_a_kitchen_that_books_its_expenses_alone_signs_by_the_limit() -> None:
    kitchen = Village("fondo", "esperanza")
    kitchen.create("fondo", spent(300, "bank"))
    assert signers(kitchen, spent(300, "bank"))[0] == 0


def test_a_fund_overdraws_nothing_by_one_also_before_it_said_anything_else() -> None:
    fund = Village("fondo", "esperanza")
    fund["fondo"].fund = True
    fund["fondo"].members = 1
    fund.create("fondo", spent(300, "bank"))
    assert signers(fund, spent(300, "bank"))[0] == 2


@pytest.mark.parametrize(("members", "needed"), [(1, 0), (2, 2)])
def test_a_kitchen_that_collects_signs_by_two_where_two_may_and_locks_nobody_out(
    members: int, needed: int
) -> None:
    kitchen = Village("fondo", "esperanza")
    kitchen["fondo"].members = members
    kitchen.create("fondo", Donation(amount=clp(100), status="cleared", channel="bank", on=TODAY))
    kitchen.create("fondo", spent(300, "bank"))
    assert signers(kitchen, spent(300, "bank"))[0] == needed
    assert signers(kitchen, spent(50001, "bank"))[0] == 2


def test_moves_to_be_booked_in_turn_are_foretold_as_they_will_be_judged(village: Village) -> None:
    def foretold(*moves: int) -> list[int]:
        scene = village["fondo"].view(actor("fondo"))
        return list(signers_in_turn([(TODAY, each) for each in moves], "CLP", village.now, scene))

    assert foretold(-30000, -60000, -20000, -1, 0, -1) == [0, 2, 0, 2, 0, 2]
    village.create("fondo", spent(600000, "bank"))
    assert foretold(-22000, -1, 500, -500) == [0, 2, 0, 0]
    village.create("fondo", spent(22000, "bank"))
    assert foretold(28001, -28000, -1) == [0, 0, 2]
    assert signers(village, spent(1, "bank"))[0] == 0


def test_a_fund_agrees_in_its_criteria_on_what_one_member_spends_alone(village: Village) -> None:
    def agreed(version: int, value: str) -> str:
        limit = Parameter(name="Gasto con una firma", value=value)
        return village.create(
            "fondo",
            Criteria(
                version=version, rule="webster/1", weight="people", valid_from=TODAY, parameters=(limit,)
            ),
        )

    with pytest.raises(NotAllowedError, match="30000 CLP"):
        agreed(1, "30.000 pesos")
    first = agreed(1, "30000 CLP")
    assert signers(village, spent(30001, "bank")) == (0, 0)
    asked = village.create("esperanza", Join(fund=Uri(actor("fondo"))))
    village.create("fondo", Admission(join=Uri(asked), outcome="admitted"))
    village.create("esperanza", Stance(about=Uri(first), stance="consent"))
    village.create("fondo", Decision(about=Uri(first), process="consent", quorum=1, outcome="adopted"))
    agreed(2, "90000 CLP")
    assert signers(village, spent(30000, "bank")) == (0, 0)
    assert signers(village, spent(30001, "bank")) == (2, 2)
    # The day of an expense is typed by whoever spends: an earlier one brings no higher limit.
    assert signers(village, spent(30001, "bank", TODAY - timedelta(days=1))) == (2, 2)


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


@pytest.mark.timeout(20)
def test_shares_of_strangers_that_correct_each_other_in_a_circle_hold_up_nobody(village: Village) -> None:
    claims = (Claim(claimant=KITCHEN, weight=Decimal(1)),)
    pot = Allocation(available=clp(1000), rule="largest-remainder/1", seed="ronda", claims=claims)
    ours = Uri(village.create("fondo", pot))
    things = village["fondo"].things
    theirs = Uri(actor("lejos") + "/shares")
    things[theirs] = replace(
        things[ours], id=theirs, owner=actor("lejos"), record=replaced(pot, corrects=theirs)
    )
    with pytest.raises(NotAllowedError, match="an allocation of ours"):
        village.create("fondo", Transfer(to=KITCHEN, amount=clp(1), on=TODAY, allocation=theirs))


def test_cash_that_was_carried_to_the_bank_neither_came_in_nor_went_out(village: Village) -> None:
    with pytest.raises(NotAllowedError, match="cash box"):
        village.create("fondo", Deposit(amount=clp(5001), on=TODAY))
    carried = village.create("fondo", Deposit(amount=clp(4000), on=TODAY))
    assert (balance(village, CASH), balance(village, BANK)) == (1000, 626000)
    with pytest.raises(NotAllowedError, match="as it was booked"):
        village.revise("fondo", carried, Deposit(amount=clp(1), on=TODAY))
    village.answer("fondo", Verb.DELETE, carried)
    assert (balance(village, CASH), balance(village, BANK)) == (5000, 622000)


def test_no_single_member_carries_cash_away(village: Village) -> None:
    assert signers(village, Deposit(amount=clp(1), on=TODAY)) == (2, 2)
