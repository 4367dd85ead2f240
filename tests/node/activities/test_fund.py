"""Gifts and shares of a fund: what may be said, what it books, and that anybody gets the same shares."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from node.activities import REGISTRY
from node.domain.kind import NotAllowedError, Verb
from node.domain.markup import to_text
from node.domain.recompute import differences, recompute
from schemas import Money, Uri, from_wire
from schemas.admission import Admission
from schemas.allocation import Allocation, Claim
from schemas.decision import Decision
from schemas.donation import Donation, Stated
from schemas.join import Join
from schemas.stance import Stance
from tests.node.village import Village, actor

TODAY = date(2020, 8, 20)
KITCHENS = (("esperanza", 600), ("villasol", 240), ("lohermida", 150), ("maule", 90))


def clp(amount: int) -> Money:
    return Money(amount, "CLP")


def gift(amount: int = 375000, status: str = "cleared", **given: Any) -> Donation:
    return Donation(**{"amount": clp(amount), "status": status, "channel": "bank", "on": TODAY, **given})


def shares(**given: Any) -> Allocation:
    claims = tuple(
        Claim(claimant=Uri(f"https://{name}.example/actor"), weight=Decimal(weight))
        for name, weight in KITCHENS
    )
    plain = {
        "rule": "largest-remainder/1",
        "seed": "https://fondo.example/rounds/1",
        "available": clp(625000),
        "claims": claims,
    }
    return Allocation(**{**plain, **given})


@pytest.fixture
def village() -> Village:
    return Village("fondo", "esperanza")


def published(village: Village, uri: str) -> Any:
    thing = village["esperanza"].thing(uri)
    assert thing is not None
    return thing


def said(village: Village, uri: str) -> str:
    return to_text(published(village, uri).document["content"])


# Gifts.


def test_a_gift_is_said_with_its_label_and_without_a_name(village: Village) -> None:
    uri = village.create("fondo", gift())
    label = published(village, uri).record.label
    assert said(village, uri) == (
        f"El 20 de agosto de 2020 recibimos 375.000 CLP, por transferencia bancaria y ya acreditados (aporte {label}, nombre reservado)."
    )
    assert published(village, uri).record.receiver == actor("fondo")


def test_labels_of_one_fund_are_all_different(village: Village) -> None:
    uris = [village.create("fondo", gift(amount)) for amount in range(1, 30)]
    assert len({published(village, uri).record.label for uri in uris}) == len(uris)


def test_only_what_is_cleared_is_booked_and_a_change_books_the_difference(village: Village) -> None:
    uri = village.create("fondo", gift(47000, "pledged"))
    node = village["fondo"]
    assert node.entries == []
    village.revise("fondo", uri, gift(47000, fee=clp(1000)))
    assert node.entries[-1].postings == (
        ("assets:bank", 46000, "CLP"),
        ("expenses:fees", 1000, "CLP"),
        ("income:donations", -47000, "CLP"),
    )
    village.revise("fondo", uri, gift(47000, fee=clp(2000)))
    assert node.entries[-1].postings == (("assets:bank", -1000, "CLP"), ("expenses:fees", 1000, "CLP"))
    village.wait(days=10)
    village.revise("fondo", uri, gift(47000, "reversed", fee=clp(2000)))
    assert node.entries[-1].postings == (
        ("assets:bank", -45000, "CLP"),
        ("expenses:fees", -2000, "CLP"),
        ("income:donations", 47000, "CLP"),
    )
    assert [entry.date for entry in node.entries] == ["2020-08-20", "2020-08-20", "2020-08-30"]
    assert village["esperanza"].entries == []


def test_a_foreign_gift_says_its_amount_and_rate_and_they_must_agree(village: Village) -> None:
    uri = village.create("fondo", gift(203000, stated=Stated(amount=Money(20000, "EUR"), rate=Decimal(1015))))
    assert "Entregado como 200 EUR al cambio 1.015." in said(village, uri)
    assert village["fondo"].entries[-1].stated == {"amount": "200.00", "currency": "EUR", "rate": "1015"}
    with pytest.raises(NotAllowedError, match="at that rate"):
        village.create("fondo", gift(203001, stated=Stated(amount=Money(20000, "EUR"), rate=Decimal(1015))))


@pytest.mark.parametrize(
    ("first", "then", "field"),
    [
        (gift(1), gift(1, "pledged"), "status"),
        (gift(1, "reversed"), gift(1), "status"),
        (gift(1), gift(2), "amount"),
        (gift(5), gift(5, fee=clp(5)), "fee"),
        (gift(5), gift(5, fee=Money(1, "USD")), "fee"),
        (gift(5), gift(5, on=date(2020, 8, 21)), "on"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    village: Village, first: Donation, then: Donation, field: str
) -> None:
    uri = village.create("fondo", first)
    with pytest.raises(NotAllowedError) as caught:
        village.revise("fondo", uri, then)
    assert caught.value.field == field


def test_money_is_only_said_in_public_by_who_keeps_it() -> None:
    for name in ("donation", "allocation"):
        assert REGISTRY[name].public_only
        assert REGISTRY[name].roles == {"steward", "treasurer"}
    assert REGISTRY["donation"].gift_code
    assert not REGISTRY["need"].gift_code


# Shares. The figures are the worked examples W2a and W2b.


def test_shares_in_pesos(village: Village) -> None:
    record = published(village, village.create("fondo", shares())).record
    assert [row.amount.minor for row in record.allotments] == [347222, 138889, 86806, 52083]
    assert record.carry_over == clp(0)


def test_shares_in_rations(village: Village) -> None:
    uri = village.create("fondo", shares(unit_price=clp(1500)))
    record = published(village, uri).record
    assert [row.count for row in record.allotments] == [231, 92, 58, 35]
    assert [row.amount.minor for row in record.allotments] == [346500, 138000, 87000, 52500]
    assert record.carry_over == clp(1000)
    assert said(village, uri) == (
        "Reparto sin ronda: 625.000 CLP, ración a 1.500 CLP: 416 raciones y 1.000 CLP que quedan en caja.\n\n"
        "Actor 231 raciones (346.500 CLP, peso 600); Actor 92 raciones (138.000 CLP, peso 240); "
        "Actor 58 raciones (87.000 CLP, peso 150); Actor 35 raciones (52.500 CLP, peso 90).\n\n"
        f"Para revisar el cálculo: {uri}"
    )
    (entry,) = village["fondo"].entries
    assert entry.postings[0] == ("expenses:allocations", 624000, "CLP")
    assert ("liabilities:payable:actor@maule.example", -52500, "CLP") in entry.postings


def test_a_decision_about_shares_without_a_round_names_them_by_their_amount(village: Village) -> None:
    about = Uri(village.create("fondo", shares()))
    asked = village.create("esperanza", Join(fund=Uri(actor("fondo"))))
    village.create("fondo", Admission(join=Uri(asked), outcome="admitted"))
    village.create("esperanza", Stance(about=about, stance="consent"))
    uri = village.create("fondo", Decision(about=about, process="consent", quorum=1, outcome="adopted"))
    assert "Decisión: aprobamos el reparto de 625.000 CLP de Fondo por consentimiento." in said(village, uri)


def test_the_order_of_claims_changes_no_share(village: Village) -> None:
    turned = shares(claims=tuple(reversed(shares().claims)))
    assert {row.claimant: row.amount for row in recompute(turned).allotments} == {
        row.claimant: row.amount for row in recompute(shares()).allotments
    }


def test_a_cap_leaves_the_rest_to_the_others(village: Village) -> None:
    capped = shares(
        claims=tuple(row.changed(cap=100) if row.weight == 600 else row for row in shares().claims),
        unit_price=clp(1500),
    )
    reckoned = recompute(capped)
    assert reckoned.allotments[0].count == 100
    assert sum(row.count or 0 for row in reckoned.allotments) == 416


def test_many_shares_are_said_as_their_totals(village: Village) -> None:
    claims = tuple(
        Claim(claimant=Uri(f"https://k{number}.example/c/k"), weight=Decimal(2)) for number in range(13)
    )
    uri = village.create("fondo", shares(claims=claims, unit_price=clp(1500)))
    assert "13 solicitantes, con pesos que suman 26." in said(village, uri)
    assert "K 32" not in said(village, uri)


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"rule": "largest-remainder/2"}, "rule", "largest-remainder/1"),
        ({"claims": ()}, "claims", "at least one row"),
        ({"claims": shares().claims[:1] * 2}, "claims", "only once"),
        (
            {"claims": tuple(row.changed(weight=Decimal(0)) for row in shares().claims)},
            "weight",
            "more than zero",
        ),
        ({"rule": "max-min/1"}, "cap", "needs one of everybody"),
        (
            {
                "rule": "floor-proportional/1",
                "claims": tuple(row.changed(floor=10**6) for row in shares().claims),
            },
            "floor",
            "floors",
        ),
        ({"unit_price": Money(1, "USD")}, "unit_price", "a price in CLP"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(
    village: Village, changes: dict[str, Any], field: str, expected: str
) -> None:
    with pytest.raises(NotAllowedError) as caught:
        village.create("fondo", shares().changed(**changes))
    assert caught.value.field == field
    assert expected in caught.value.expected.format(**caught.value.values)


def test_shares_once_published_are_never_changed_and_withdrawn_are_owed_no_more(village: Village) -> None:
    uri = village.create("fondo", shares())
    with pytest.raises(NotAllowedError, match="never changed"):
        village.revise("fondo", uri, shares(available=clp(1000)))
    village.answer("fondo", Verb.DELETE, uri)
    first, last = village["fondo"].entries
    assert {account: minor for account, minor, _ in last.postings} == {
        account: -minor for account, minor, _ in first.postings
    }


def test_a_stranger_finds_every_figure_that_does_not_come_out(village: Village) -> None:
    document = dict(published(village, village.create("fondo", shares(unit_price=clp(1500)))).document)
    honest = from_wire(document)
    assert isinstance(honest, Allocation)
    assert differences(honest, recompute(honest)) == ()
    first, second, *rest = honest.allotments
    for wrong in (
        honest.changed(allotments=(first.changed(amount=clp(346499)), second, *rest)),
        honest.changed(allotments=(first.changed(count=230), second, *rest)),
        honest.changed(allotments=(first, *rest)),
        honest.changed(allotments=(*honest.allotments, first)),
        honest.changed(carry_over=clp(999)),
        honest.changed(carry_over=None),
    ):
        assert len(differences(wrong, recompute(wrong))) == 1
    reseeded = honest.changed(claims=honest.claims[:3])
    assert {line.claimant for line in differences(reseeded, recompute(reseeded))} >= {
        "https://maule.example/actor"
    }
