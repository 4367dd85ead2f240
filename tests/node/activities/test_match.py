"""Matching funds: what is added to a gift within published limits, what of it is money, and what a chargeback takes back."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.activities import REGISTRY
from node.domain.booking import unallocated
from node.domain.campaigns import progress
from node.domain.kind import Heard, NotAllowedError, Verb
from node.domain.markup import to_text
from node.domain.matched import Pot, addition, label_of, matches_of, pot_of
from node.domain.posting import check
from schemas import Money, Quantity, Unit, Uri, to_wire
from schemas.campaign import Campaign, Reward
from schemas.donation import Donation
from schemas.match import Match
from tests.node.village import Village, actor

TODAY = date(2020, 8, 20)
FUND = actor("fondo")


def clp(amount: int) -> Money:
    return Money(amount, "CLP")


def match(campaign: str, **given: Any) -> Match:
    plain: dict[str, Any] = {
        "campaign": Uri(campaign),
        "who": "Cooperativa La Minga",
        "per_gift": clp(100),
        "total": clp(500),
        "opens": date(2020, 8, 15),
        "closes": date(2020, 9, 30),
    }
    return Match(**{**plain, **given})


def gift(campaign: str | None, amount: int, status: str = "cleared", **given: Any) -> Donation:
    plain: dict[str, Any] = {"amount": clp(amount), "status": status, "channel": "bank", "on": TODAY}
    return Donation(**{**plain, "campaign": Uri(campaign) if campaign else None, **given})


def payment(match: str, amount: int, status: str = "cleared", **given: Any) -> Donation:
    return gift(None, amount, status, payment_for=Uri(match), **given)


class Fund:
    """A fund with a campaign that somebody matches."""

    def __init__(self) -> None:
        self.village = Village("fondo", "esperanza")
        self.campaign = self.say(
            Campaign(
                goal=clp(10000),
                opens=date(2020, 8, 15),
                closes=date(2020, 12, 15),
                rewards=(Reward(label="r1", title="Un pan", price=clp(10)),),
            )
        )
        self.match = self.say(match(self.campaign))

    def say(self, record: Any) -> str:
        return self.village.create("fondo", record)

    def give(self, amount: int, **given: Any) -> str:
        return self.say(gift(self.campaign, amount, **given))

    def pay(self, amount: int) -> str:
        return self.say(payment(self.match, amount))

    def reverse(self, uri: str) -> None:
        self.village.revise("fondo", uri, self.record(uri).changed(status="reversed"))

    def record(self, uri: str) -> Any:
        thing = self.village["fondo"].thing(uri)
        assert thing is not None
        return thing.record

    def added(self, uri: str) -> int:
        matched = self.record(uri).matched
        return 0 if matched is None else int(matched.minor)

    def pot(self, node: str = "fondo") -> Pot:
        return pot_of(self.match, "CLP", self.village[node].view(FUND).balances(FUND))

    def money(self) -> tuple[int, int]:
        """What the campaign has, and what it was promised."""
        there = progress(self.campaign, self.record(self.campaign), self.village["esperanza"].view(FUND))
        return there.cleared, there.pledged

    def said(self, uri: str) -> str:
        thing = self.village["esperanza"].thing(uri)
        assert thing is not None
        return to_text(thing.document["content"])

    def left(self) -> int:
        return unallocated(self.village["fondo"].view(FUND).balances(FUND), "CLP")


def heard_of(by: str, record: Any) -> Heard:
    """What a peer says that does not keep to the rules."""
    id_ = f"{by.rsplit('/c/', 1)[0]}/o/999"
    document = {"id": id_, "type": "Note", "attributedTo": by, **to_wire(record, id_)}
    at = datetime(2020, 8, 21, tzinfo=UTC)
    return Heard(
        f"{id_}/create", verb=Verb.CREATE, actor=by, object_id=id_, at=at, record=record, document=document
    )


@pytest.fixture
def fund() -> Fund:
    return Fund()


def refused(field: str, expected: str = "") -> Any:
    return pytest.raises(NotAllowedError, match=f"(?s)^{field}: .*{expected}")


def test_a_gift_is_matched_as_it_arrives_and_what_is_promised_is_no_money(fund: Fund) -> None:
    uri = fund.give(80)
    assert fund.added(uri) == 80
    assert f"La contrapartida {label_of(fund.match).upper()} le agrega 80 CLP." in fund.said(uri)
    assert fund.money() == (80, 80)
    assert fund.left() == 80
    label = label_of(fund.match)
    assert {(name, unit): amount for name, amount, unit in fund.village["fondo"].entries[-1].postings} == {
        ("assets:bank", "CLP"): 80,
        ("income:donations", "CLP"): -80,
        (f"equity:matching:{label}", "CLP"): 80,
        ("equity:matching-promised", "CLP"): -80,
    }


def test_no_gift_gets_more_than_the_limit_for_one_and_all_not_more_than_the_limit_in_all(fund: Fund) -> None:
    added = [fund.added(fund.give(amount)) for amount in (50, 1000, 100, 101, 99, 1000, 3)]
    assert added == [50, 100, 100, 100, 99, 51, 0]
    assert fund.pot().added == 500


def test_what_was_paid_in_counts_only_as_gifts_earn_it(fund: Fund) -> None:
    uri = fund.pay(150)
    assert f"Paga la contrapartida {label_of(fund.match).upper()}." in fund.said(uri)
    assert (fund.money(), fund.left()) == ((0, 0), 0)
    fund.give(100)
    assert (fund.money(), fund.left()) == ((200, 0), 200)
    fund.give(100)
    assert (fund.money(), fund.left()) == ((350, 50), 350)
    assert fund.pot() == Pot(earned=150, owed=50, spare=0)
    fund.pay(60)
    assert (fund.money(), fund.left()) == ((400, 0), 400)
    assert fund.pot() == Pot(earned=200, owed=0, spare=10)


def test_a_chargeback_takes_the_addition_back_and_frees_the_match_for_the_next_gift(fund: Fund) -> None:
    first, *_ = [fund.give(100) for _ in range(5)]
    fund.pay(500)
    assert fund.added(fund.give(40)) == 0
    assert fund.money() == (1040, 0)
    fund.reverse(first)
    assert fund.added(first) == 0
    assert (fund.money(), fund.pot()) == ((840, 0), Pot(earned=400, owed=0, spare=100))
    assert fund.left() == 840
    assert fund.added(fund.give(40)) == 40
    assert fund.pot() == Pot(earned=440, owed=0, spare=60)


def test_money_that_a_reversed_gift_had_goes_to_a_gift_that_still_waits_for_it(fund: Fund) -> None:
    fund.pay(100)
    first, second = fund.give(80), fund.give(80)
    assert fund.pot() == Pot(earned=100, owed=60, spare=0)
    fund.reverse(first)
    assert fund.pot() == Pot(earned=80, owed=0, spare=20)
    assert (fund.added(first), fund.added(second)) == (0, 80)


def test_a_payment_that_bounces_leaves_its_additions_promised(fund: Fund) -> None:
    fund.give(100)
    paid = fund.pay(100)
    assert fund.money() == (200, 0)
    fund.reverse(paid)
    assert (fund.money(), fund.left()) == ((100, 100), 100)


def test_only_money_that_arrives_for_the_campaign_in_the_days_of_the_match_is_matched(fund: Fund) -> None:
    promised = fund.give(100, status="pledged")
    assert fund.pot() == Pot(0, 0, 0)
    bread = {"channel": "kind", "what": "pan", "quantity": Quantity(Decimal(2), Unit.KILOGRAM)}
    for uri in (
        fund.give(100, on=date(2020, 8, 14)),
        fund.give(100, **bread),
        fund.say(gift(None, 100)),
    ):
        assert (fund.record(uri).match, fund.record(uri).matched) == (None, None)
    fund.village.revise("fondo", promised, gift(fund.campaign, 100))
    assert fund.added(promised) == 100


def test_a_gift_from_before_the_match_is_not_matched_by_a_later_change() -> None:
    fund = Fund()
    fund.village.answer("fondo", Verb.DELETE, fund.match)
    uri = fund.give(100)
    fund.match = fund.say(match(fund.campaign))
    fund.village.revise("fondo", uri, gift(fund.campaign, 100, fee=clp(1)))
    assert fund.added(uri) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"campaign": Uri("https://fondo.example/o/999")}, "campaign"),
        ({"total": Money(500, "USD")}, "total"),
        ({"per_gift": Money(5, "USD")}, "per_gift"),
        ({"per_gift": clp(501)}, "per_gift"),
        ({"factor": Decimal(101)}, "factor"),
        ({"closes": date(2020, 8, 1)}, "closes"),
        ({"closes": date(2021, 1, 1)}, "closes"),
        ({"opens": date(2020, 9, 30), "closes": date(2020, 10, 1)}, "opens"),
    ],
)
def test_limits_that_cannot_hold_are_refused(fund: Fund, changes: dict[str, Any], field: str) -> None:
    with refused(field):
        fund.say(match(fund.campaign).changed(**changes))


def test_nobody_else_occupies_our_campaign_with_a_match_of_her_own(fund: Fund) -> None:
    days = {"opens": date(2020, 10, 1), "closes": date(2020, 10, 31)}
    heard = heard_of(actor("esperanza"), match(fund.campaign, **days))
    with refused("campaign"):
        fund.village.hear("fondo", REGISTRY["match"], heard)
    fund.village["fondo"].keep(REGISTRY["match"], heard, FUND)  # as before the campaign was known
    assert [each.id for each in matches_of(fund.campaign, fund.village["fondo"].view(FUND))] == [fund.match]
    fund.say(match(fund.campaign, **days))


@pytest.mark.parametrize("field", ["matched", "earned"])
def test_no_peer_adds_money_of_another_currency_to_a_gift(fund: Fund, field: str) -> None:
    record = gift(fund.campaign, 10, match=Uri(fund.match), **{field: Money(10, "USD")})
    with refused(field, "CLP"):
        fund.village.hear("esperanza", REGISTRY["donation"], heard_of(FUND, record))


def test_published_limits_stay_and_only_the_last_day_comes_earlier(fund: Fund) -> None:
    for changes in ({"total": clp(600)}, {"factor": Decimal(2)}, {"per_gift": None}, {"who": None}):
        with refused("match"):
            fund.village.revise("fondo", fund.match, match(fund.campaign).changed(**changes))
    for closes in (date(2020, 10, 1), date(2020, 8, 19)):
        with refused("closes"):
            fund.village.revise("fondo", fund.match, match(fund.campaign, closes=closes))
    fund.village.revise("fondo", fund.match, match(fund.campaign, closes=TODAY))
    assert fund.added(fund.give(10)) == 10
    fund.village.wait(days=1)
    assert fund.added(fund.give(10, on=date(2020, 8, 21))) == 0
    with refused("match"):
        fund.village.answer("fondo", Verb.DELETE, fund.match)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": clp(501)}, "amount"),
        ({"status": "pledged"}, "status"),
        ({"rewards": ("r1",)}, "rewards"),
        ({"payment_for": Uri("https://fondo.example/o/999")}, "payment_for"),
    ],
)
def test_a_payment_that_cannot_be_is_refused(fund: Fund, changes: dict[str, Any], field: str) -> None:
    with refused(field):
        fund.say(payment(fund.match, 100).changed(**changes))


def test_a_payment_stays_a_payment_and_a_gift_a_gift(fund: Fund) -> None:
    for uri, other in ((fund.pay(10), None), (fund.give(10), Uri(fund.match))):
        with pytest.raises(NotAllowedError):
            fund.village.revise("fondo", uri, fund.record(uri).changed(payment_for=other))


def test_a_matched_gift_is_reversed_and_never_withdrawn(fund: Fund) -> None:
    for uri in (fund.give(10), fund.pay(10)):
        with refused("match", "a reversal"):
            fund.village.answer("fondo", Verb.DELETE, uri)


@pytest.mark.parametrize("amount", [100, None])
def test_a_match_that_moved_once_is_not_withdrawn_also_after_that_was_reversed(
    fund: Fund, amount: int | None
) -> None:
    fund.reverse(fund.give(amount) if amount else fund.pay(100))
    assert fund.pot() == Pot(0, 0, 0)
    with refused("match", "an earlier last day"):
        fund.village.answer("fondo", Verb.DELETE, fund.match)


def test_an_addition_is_rounded_down_and_exact() -> None:
    half = match("https://fondo.example/o/1", factor=Decimal("0.333333"), per_gift=None)
    assert addition(half, 100, 0) == Fraction("0.333333") * 100 // 1 == 33
    large = match(
        "https://fondo.example/o/1", factor=Decimal("1.000001"), per_gift=None, total=clp(10**15 - 1)
    )
    assert addition(large, 99_999_999_999_999, 0) == 100_000_099_999_998


@given(st.lists(st.tuples(st.sampled_from(("give", "pay", "reverse")), st.integers(1, 250)), max_size=12))
def test_whatever_comes_and_goes_the_books_balance_and_no_limit_breaks(events: list[tuple[str, int]]) -> None:
    fund, said = Fund(), []
    for what, number in events:
        if what == "give":
            said.append(fund.give(number))
        elif what == "pay" and number <= 500 - fund.pot().paid:
            said.append(fund.pay(number))
        elif what == "reverse" and said:
            fund.reverse(said.pop(number % len(said)))
    pot = fund.pot()
    records = [fund.record(uri) for uri in said]
    assert min(pot.owed, pot.spare) == 0
    assert min(pot.earned, pot.owed, pot.spare) >= 0
    assert pot.added == sum(record.matched.minor for record in records if record.matched) <= 500
    assert pot.paid == sum(record.amount.minor for record in records if record.payment_for)
    gifts = sum(record.amount.minor for record in records if not record.payment_for)
    assert fund.money() == (gifts + pot.earned, pot.owed)
    assert fund.left() == gifts + pot.earned
    assert fund.pot("esperanza") == pot
    for entry in fund.village["fondo"].entries:
        check(entry.postings)
