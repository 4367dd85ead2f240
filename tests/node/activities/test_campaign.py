"""Campaigns and the gifts for them: milestones that fit, rewards that run out, money that comes too late, W1 and W5."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.booking import unallocated
from node.domain.campaigns import at, progress
from node.domain.kind import NotAllowedError, Verb
from node.domain.markup import to_text
from schemas import LimitError, Money, Quantity, Unit, Uri
from schemas.campaign import Campaign, Cost, Milestone, Reward
from schemas.donation import Donation, Stated
from schemas.expense import Expense
from schemas.period import Period
from tests.node.village import Village, actor

TODAY = date(2020, 8, 20)
KILOS = Quantity(Decimal(40), Unit.KILOGRAM)
SEED = ((10, 170), (25, 420), (50, 830), (75, 1700))


def clp(amount: int) -> Money:
    return Money(amount, "CLP")


def campaign(**given: Any) -> Campaign:
    plain: dict[str, Any] = {
        "title": "Campaña Apoyo Mutuo",
        "goal": clp(2500000),
        "ration_price": clp(1500),
        "rounding": 10,
        "opens": date(2020, 8, 15),
        "closes": date(2020, 12, 15),
        "milestones": milestones(*SEED[:3]),
        "rewards": (
            Reward(label="r1", title="Una ración", price=clp(1500)),
            Reward(label="r2", title="Una olla", price=clp(75000), stock=20),
        ),
    }
    return Campaign(**{**plain, **given})


def milestones(*rows: tuple[int, int]) -> tuple[Milestone, ...]:
    return tuple(Milestone(percent=Decimal(percent), rations=rations) for percent, rations in rows)


def gift(campaign: str | None, amount: int = 1000, status: str = "cleared", **given: Any) -> Donation:
    plain: dict[str, Any] = {"amount": clp(amount), "status": status, "channel": "bank", "on": TODAY}
    return Donation(**{**plain, "campaign": Uri(campaign) if campaign else None, **given})


@pytest.fixture
def village() -> Village:
    return Village("fondo", "esperanza")


@pytest.fixture
def opened(village: Village) -> str:
    return village.create("fondo", campaign())


def said(village: Village, uri: str) -> str:
    thing = village["esperanza"].thing(uri)
    assert thing is not None
    return to_text(thing.document["content"])


def record(village: Village, uri: str) -> Any:
    thing = village["fondo"].thing(uri)
    assert thing is not None
    return thing.record


def refused(field: str, expected: str = "") -> Any:
    return pytest.raises(NotAllowedError, match=f"(?s)^{field}: .*{expected}")


def left(village: Village) -> int:
    return unallocated(village["fondo"].view(actor("fondo")).balances(actor("fondo")), "CLP")


# Milestones: W1.


def test_a_milestone_that_does_not_fit_is_refused_with_what_would(village: Village) -> None:
    with refused("milestones") as caught:
        village.create("fondo", campaign(milestones=milestones(*SEED)))
    values = caught.value.values
    assert (values["percent"], values["stated"], values["fitting"], values["excess"]) == (75, 1700, 1250, 450)
    assert (values["price"], values["currency"]) == (Decimal("1102.94"), "CLP")


def test_an_override_is_published_with_its_reason(village: Village) -> None:
    uri = village.create("fondo", campaign(milestones=milestones(*SEED), override="A granel cuesta 1.100"))
    assert "Por qué un hito no calza con su dinero: A granel cuesta 1.100." in said(village, uri)
    assert "75 % = 1.700 raciones" in said(village, uri)


def test_a_milestone_with_a_price_of_its_own_fits_by_it(village: Village) -> None:
    bulk = Milestone(percent=Decimal(75), rations=1700, price=clp(1100))
    uri = village.create("fondo", campaign(milestones=(*milestones(*SEED[:3]), bulk)))
    assert "75 % = 1.700 raciones a 1.100 CLP cada una" in said(village, uri)


def test_a_revision_is_checked_again(village: Village, opened: str) -> None:
    with refused("milestones"):
        village.revise("fondo", opened, campaign(ration_price=clp(1200)))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"closes": date(2020, 8, 1)}, "closes"),
        ({"ration_price": Money(150000, "EUR")}, "ration_price"),
        ({"ration_price": None}, "ration_price"),
        ({"milestones": milestones((10, 170), (10, 170))}, "milestones"),
        ({"status": "closed"}, "status"),
        ({"rewards": campaign().rewards[:1] * 2}, "rewards"),
        (
            {"costs": (Cost(name="Gas", kind="material", minimum=clp(5), optimum=clp(4)),)},
            "costs",
        ),
        (
            {"costs": (Cost(name="Gas", kind="material", minimum=clp(1), optimum=clp(2499999)),)},
            "costs",
        ),
    ],
)
def test_figures_that_contradict_each_other_are_refused(
    village: Village, changes: dict[str, Any], field: str
) -> None:
    with refused(field):
        village.create("fondo", campaign(**changes))


def test_a_campaign_closes_is_reported_and_opens_again_only_by_a_decision(
    village: Village, opened: str
) -> None:
    with refused("status"):
        village.revise("fondo", opened, campaign(status="reported"))
    village.revise("fondo", opened, campaign(status="closed"))
    with refused("status", "decision"):
        village.revise("fondo", opened, campaign(status="open"))
    village.revise("fondo", opened, campaign(status="reported"))
    assert "cerrada y rendida" in said(village, opened)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("goal", {"goal": clp(2500001)}),
        ("opens", {"opens": date(2020, 8, 14)}),
        ("closes", {"closes": date(2020, 12, 31)}),
        ("milestones", {"milestones": milestones(*SEED[:2])}),
        ("ration_price", {"ration_price": clp(1501), "override": "Subió el gas"}),
    ],
)
def test_what_was_promised_is_not_changed_once_a_campaign_closed(
    village: Village, opened: str, field: str, given: dict[str, Any]
) -> None:
    village.revise("fondo", opened, campaign(status="closed"))
    for status in ("closed", "reported"):
        with refused(field, "when the campaign closed"):
            village.revise("fondo", opened, campaign(status=status, **given))


def test_a_campaign_that_is_over_is_not_made_longer_without_a_decision(village: Village) -> None:
    over = campaign(opens=date(2020, 8, 1), closes=date(2020, 8, 10))
    uri = village.create("fondo", over)
    with refused("closes", "decision"):
        village.revise("fondo", uri, over.changed(closes=date(2020, 12, 15)))
    village.revise("fondo", uri, over.changed(status="closed"))


def test_it_says_where_to_give(village: Village, opened: str) -> None:
    assert f"{actor('fondo')}/give" in said(village, opened)


# Gifts.


def test_only_cleared_money_counts_and_milestones_are_reached_on_the_exact_peso(
    village: Village, opened: str
) -> None:
    village.create("fondo", gift(opened, 1000000, "pledged"))
    first = village.create("fondo", gift(opened, 249999))
    assert "249.999 CLP, 9,99 % de la meta" in said(village, first)
    assert "Hito" not in said(village, first)
    second = village.create("fondo", gift(opened, 1))
    assert "250.000 CLP, 10,00 % de la meta. Hito alcanzado: 170 raciones." in said(village, second)


def test_a_chargeback_takes_a_milestone_back_and_says_when(village: Village, opened: str) -> None:
    village.create("fondo", gift(opened, 203000, on=date(2020, 8, 16)))
    second = gift(opened, 47000, on=date(2020, 8, 17))
    uri = village.create("fondo", second)
    village.create("fondo", gift(opened, 375000, on=date(2020, 8, 18)))
    village.revise("fondo", uri, second.changed(status="reversed", on=date(2020, 8, 20)))
    text = said(village, uri)
    assert "578.000 CLP, 23,12 % de la meta" in text
    assert "Hito perdido: 420 raciones (alcanzado el 18 de agosto, perdido el 20 de agosto)." in text
    assert [entry.date for entry in village["fondo"].entries] == [
        "2020-08-16",
        "2020-08-17",
        "2020-08-18",
        "2020-08-20",
    ]
    told = progress(opened, campaign(), village["esperanza"].view(actor("esperanza")))
    assert (told.cleared, told.percent) == (578000, Decimal("23.12"))
    assert [stage.reached for stage in told.stages] == [True, False, False]


def test_a_gift_is_reversed_once(village: Village, opened: str) -> None:
    uri = village.create("fondo", gift(opened))
    village.revise("fondo", uri, gift(opened, status="reversed"))
    booked = list(village["fondo"].entries)
    with refused("status", "not reversed"):
        village.revise("fondo", uri, gift(opened, status="reversed"))
    assert village["fondo"].entries == booked
    assert left(village) == 0


def test_a_gift_after_the_closing_is_held_apart(village: Village, opened: str) -> None:
    early = village.create("fondo", gift(opened, 700))
    village.revise("fondo", opened, campaign(status="closed"))
    late = village.create("fondo", gift(opened, 500))
    assert "queda apartado hasta que se decida" in said(village, late)
    assert ("liabilities:holding", -500, "CLP") in village["fondo"].entries[-1].postings
    assert left(village) == 700
    with refused("status", "a decision about this gift first"):
        village.revise("fondo", late, record(village, late).changed(decision=Uri(opened)))
    village.revise("fondo", early, gift(opened, 700, fee=clp(10)))
    assert record(village, early).held is None
    village.revise("fondo", late, gift(opened, 500, status="reversed"))
    assert left(village) == 690


def test_a_gift_on_a_day_after_the_campaign_is_held_apart_too(village: Village, opened: str) -> None:
    village.wait(days=200)
    assert record(village, village.create("fondo", gift(opened, on=date(2020, 12, 15)))).held is None
    assert record(village, village.create("fondo", gift(opened, on=date(2020, 12, 16)))).held is True


def test_the_last_reward_is_given_once(village: Village, opened: str) -> None:
    for _ in range(4):
        village.create("fondo", gift(opened, 375000, rewards=("r2",) * 5))
    with refused("rewards", "at most"):
        village.create("fondo", gift(opened, 75000, rewards=("r2",)))
    village.create("fondo", gift(opened, 1500, rewards=("r1",)))


def test_a_reward_comes_back_with_a_reversed_gift(village: Village) -> None:
    opened = village.create(
        "fondo", campaign(rewards=(Reward(label="r2", title="Una olla", price=clp(75000), stock=1),))
    )
    only = gift(opened, 75000, "pledged", rewards=("r2",))
    uri = village.create("fondo", only)
    with refused("rewards"):
        village.create("fondo", only)
    village.revise("fondo", uri, only.changed(status="reversed"))
    village.create("fondo", only)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rewards": ("r9",)}, "rewards"),
        ({"rewards": ("r1",), "amount": clp(1499)}, "rewards"),
        ({"amount": Money(100, "EUR")}, "amount"),
        ({"campaign": Uri("https://fondo.example/o/99")}, "campaign"),
        ({"channel": "kind"}, "what"),
        ({"what": "harina"}, "channel"),
        ({"receipt": 1}, "receipt"),
        ({"channel": "cash", "receipt": 2}, "receipt"),
    ],
)
def test_a_gift_that_cannot_be_booked_books_nothing(
    village: Village, opened: str, changes: dict[str, Any], field: str
) -> None:
    with refused(field):
        village.create("fondo", gift(opened).changed(**changes))
    assert village["fondo"].entries == []


@pytest.mark.parametrize("status", ["cleared", "reversed"])
@pytest.mark.parametrize(
    ("field", "first", "then"),
    [
        ("stated", {}, {"stated": Stated(amount=Money(200, "USD"), rate=Decimal(500))}),
        ("what", {"channel": "kind", "what": "lentejas", "quantity": KILOS}, {"what": "oro"}),
        ("campaign", {}, {"campaign": None}),
    ],
)
def test_what_was_booked_of_a_gift_is_not_changed_without_an_entry(
    village: Village, opened: str, field: str, first: dict[str, Any], then: dict[str, Any], status: str
) -> None:
    booked = gift(opened).changed(**first)
    uri = village.create("fondo", booked)
    with refused(field):
        village.revise("fondo", uri, booked.changed(**{**then, "status": status}))


def test_the_day_of_a_booked_gift_is_not_changed_but_a_reversal_has_its_own(
    village: Village, opened: str
) -> None:
    uri, day = village.create("fondo", gift(opened)), date(2020, 8, 19)
    with refused("on"):
        village.revise("fondo", uri, gift(opened, on=day))
    village.revise("fondo", uri, gift(opened, status="reversed", on=TODAY))


def test_a_rate_of_zero_is_refused() -> None:
    with pytest.raises(LimitError, match="rate"):
        Stated(amount=Money(20000, "EUR"), rate=Decimal(0))


def test_cash_receipts_are_numbered_without_gaps_and_no_number_twice(village: Village) -> None:
    cash = gift(None, channel="cash")
    uris = [village.create("fondo", cash) for _ in range(9)]
    assert [record(village, uri).receipt for uri in uris] == list(range(1, 10))
    assert "Recibo número 7." in said(village, uris[6])
    with refused("receipt", "no gaps"):
        village.answer("fondo", Verb.DELETE, uris[6])
    with refused("receipt"):
        village.create("fondo", cash.changed(receipt=7))
    village.revise("fondo", uris[8], cash.changed(status="reversed", receipt=9))
    assert record(village, village.create("fondo", cash)).receipt == 10


def test_work_and_goods_stand_beside_the_money(village: Village, opened: str) -> None:
    hours = Quantity(Decimal(100), Unit.HOUR)
    uri = village.create("fondo", gift(opened, 300000, channel="kind", what="carpintería", quantity=hours))
    assert "100 horas de carpintería" in said(village, uri)
    assert "que vale 300.000 CLP, aparte del dinero" in said(village, uri)
    assert left(village) == 0
    assert village["fondo"].entries[-1].postings == (
        ("expenses:work", 10000, "HOUR"),
        ("income:in-kind", -10000, "HOUR"),
    )
    assert progress(opened, campaign(), village["fondo"].view(actor("fondo"))).cleared == 0


# Periods and expenses.


def test_a_closed_period_begins_where_the_last_ended_and_nothing_is_booked_into_it(village: Village) -> None:
    village.create("fondo", gift(None, 5000, on=date(2020, 8, 10)))
    village.create("fondo", gift(None, 700, on=date(2020, 8, 20)))
    first = village.create("fondo", Period(opens=date(2020, 8, 1), closes=date(2020, 8, 15)))
    assert "assets:bank: 0 CLP al abrir, 5.000 CLP al cerrar" in said(village, first)
    village.wait(days=1)
    with refused("opens", "where the last period ended"):
        village.create("fondo", Period(opens=date(2020, 8, 17), closes=date(2020, 8, 20)))
    second = record(
        village, village.create("fondo", Period(opens=date(2020, 8, 16), closes=date(2020, 8, 20)))
    )
    ends = {row.account: row.closing for row in record(village, first).balances}
    assert {row.account: row.opening for row in second.balances} == ends
    with refused("on", "closed"):
        village.create("fondo", gift(None, on=date(2020, 8, 15)))
    with refused("period"):
        village.answer("fondo", Verb.DELETE, first)


def test_what_is_spent_is_no_longer_there(village: Village) -> None:
    village.create("fondo", gift(None, 5000))
    spent = Expense(amount=clp(1200), on=TODAY, purpose="Flete de la feria")
    uri = village.create("fondo", spent)
    assert "gastamos 1.200 CLP, por transferencia bancaria: Flete de la feria" in said(village, uri)
    assert left(village) == 3800
    with refused("amount"):
        village.revise("fondo", uri, spent.changed(amount=clp(1000)))
    village.answer("fondo", Verb.DELETE, uri)
    assert left(village) == 5000


@given(
    amounts=st.lists(st.integers(1, 2_000_000), min_size=1, max_size=12),
    reversals=st.sets(st.integers(0, 11)),
)
def test_the_progress_is_the_sum_of_what_stands_whatever_was_reversed(
    amounts: list[int], reversals: set[int]
) -> None:
    moved = [(date(2020, 8, 16), amount) for amount in amounts]
    moved += [(date(2020, 8, 20), -amount) for place, amount in enumerate(amounts) if place in reversals]
    told = at(campaign(), moved)
    assert told.cleared == sum(amount for place, amount in enumerate(amounts) if place not in reversals)
    for stage in told.stages:
        assert stage.reached == (told.cleared >= stage.money)
        assert stage.reached == (bool(stage.passages) and stage.passages[-1].reached)
        assert [each.reached for each in stage.passages] == [n % 2 == 0 for n in range(len(stage.passages))]
