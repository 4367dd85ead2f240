"""What a fund may take back, until when, and by how many: whatever money or members rest on is followed, never gone."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from federation.integrity import write_time
from node.domain.kind import NotAllowedError, Verb
from node.domain.ledger import held
from node.tongues import Tongue
from node.web.shares import Table, table_of
from schemas import Money, Uri
from schemas.admission import Admission
from schemas.allocation import Allocation, Claim
from schemas.decision import Decision
from schemas.join import Join
from schemas.round import Round
from schemas.stance import Stance
from schemas.transfer import Transfer
from tests.node.activities.test_campaign import campaign, refused
from tests.node.activities.test_cash import signers
from tests.node.activities.test_fund import TODAY, clp, gift, shares
from tests.node.activities.test_moments_of_members import Fund
from tests.node.village import Village, actor


@pytest.fixture
def village() -> Village:
    return Village("fondo", "esperanza")


def table(village: Village, uri: str) -> Table:
    scene = village["fondo"].view(actor("fondo"))
    thing = scene.thing(uri)
    found = None if thing is None else table_of(thing, scene, Tongue.of("es", ZoneInfo("America/Santiago")))
    assert found is not None
    return found


def test_shares_of_which_something_was_transferred_are_not_withdrawn(village: Village) -> None:
    village.create("fondo", gift(625000))
    uri = village.create("fondo", shares())
    paid = Transfer(
        to=Uri("https://esperanza.example/actor"), amount=clp(347222), on=TODAY, allocation=Uri(uri)
    )
    transfer = village.create("fondo", paid)
    with pytest.raises(NotAllowedError, match="nothing was transferred"):
        village.answer("fondo", Verb.DELETE, uri)
    village.answer("fondo", Verb.DELETE, transfer)
    village.answer("fondo", Verb.DELETE, uri)
    assert held(village["fondo"].view(actor("fondo")).balances(actor("fondo")), "liabilities", "CLP") == 0


def test_no_single_member_takes_back_what_is_owed_or_shares_it_anew(village: Village) -> None:
    assert signers(village, shares()) == (0, 2)
    assert signers(village, shares(corrects=Uri("https://fondo.example/o/1"))) == (2, 2)


def test_no_single_member_erases_a_gift_of_money_that_came(village: Village) -> None:
    village.create("fondo", gift(625000))
    for status in ("cleared", "reversed"):
        assert signers(village, gift(625000, status), gift(625000))[1] == 2
    assert signers(village, gift(625000, "pledged"))[1] == 0


def test_shares_that_others_took_the_place_of_are_not_withdrawn_and_neither_are_those(
    village: Village,
) -> None:
    village.create("fondo", gift(625000))
    uri = village.create("fondo", shares())
    corrected = village.create("fondo", shares(available=clp(600000), corrects=Uri(uri)))
    for each in (uri, corrected):
        with pytest.raises(NotAllowedError, match="corrects this one"):
            village.answer("fondo", Verb.DELETE, each)


def test_no_correction_however_late_takes_away_what_was_handed_over(village: Village) -> None:
    village.create("fondo", gift(625000))
    esperanza, villasol = (
        Claim(claimant=Uri(f"https://{name}.example/actor"), weight=Decimal(weight))
        for name, weight in (("esperanza", 347300), ("villasol", 252700))
    )
    first = Uri(village.create("fondo", shares()))
    village.create("fondo", Transfer(to=esperanza.claimant, amount=clp(347222), on=TODAY, allocation=first))
    both = shares(available=clp(600000), claims=(esperanza, villasol), corrects=first)
    second = Uri(village.create("fondo", both))

    with refused("corrects", "the allocation that corrects this one"):
        village.create("fondo", both)
    with refused("claims", "at least {paid}.*minor=347222"):
        village.create("fondo", shares(available=clp(600000), claims=(villasol,), corrects=second))
    with refused("amount", "at most {most}.*minor=78"):
        village.create("fondo", Transfer(to=esperanza.claimant, amount=clp(79), on=TODAY, allocation=second))

    told = {uri: table(village, uri) for uri in (first, second)}
    assert (told[first].former, told[first].now, told[second].former, told[second].now) == (
        "",
        second,
        first,
        "",
    )
    assert [len(row.paid) for row in told[second].rows] == [1, 0], "what was paid before it counts for it"
    assert [row.owed for row in told[second].rows] == ["78 CLP", "252700 CLP"]
    assert {row.owed for row in told[first].rows} == {""}, "nothing is handed over of what does not stand"
    parts = [[paid.other for row in told[uri].rows for paid in row.paid] for uri in (first, second)]
    assert parts == [[""], ["347.222 CLP"]], "how much it was is said where it is not the share"


def test_while_appeals_are_open_the_shares_of_a_round_are_corrected_more_than_once() -> None:
    fund = Fund()
    village, round_ = fund.village, fund.round
    fund.hears("claim", write_time(village.now))
    village.create("fondo", gift(625000))
    opened = village["fondo"].things[round_].record
    assert isinstance(opened, Round)
    village.revise("fondo", round_, opened.changed(status="closed"))
    standing = Uri(village.create("fondo", Allocation(round=round_, available=clp(1000))))
    for amount in (900, 800):
        village.create("esperanza", Stance(about=standing, stance="consent"))
        village.create("fondo", Decision(about=standing, process="consent", quorum=1, outcome="adopted"))
        former = standing
        again = Allocation(round=round_, available=clp(amount), corrects=former)
        standing = Uri(village.create("fondo", again))
        with refused("corrects", "the allocation that corrects this one"):
            village.create("fondo", again)
        with refused("round", "that was not shared out yet"):
            village.create("fondo", again.changed(corrects=None))
    assert [row.amount for row in table(village, round_).rows] == ["800 CLP"]


def test_no_correction_changes_the_currency(village: Village) -> None:
    village.create("fondo", gift(625000))
    first = Uri(village.create("fondo", shares()))
    with refused("available", "an amount in {currency}.*CLP"):
        village.create("fondo", shares(available=Money(600000, "USD"), corrects=first))


def test_a_campaign_is_withdrawn_only_before_anybody_gives_or_promises(village: Village) -> None:
    opened = village.create("fondo", campaign())
    promised = village.create("fondo", gift(500, "pledged", campaign=Uri(opened)))
    with refused("campaign", "nothing was given or promised"):
        village.answer("fondo", Verb.DELETE, opened)
    village.answer("fondo", Verb.DELETE, promised)
    village.answer("fondo", Verb.DELETE, opened)


def test_the_last_word_on_a_request_to_belong_stays_while_the_request_stands(village: Village) -> None:
    asked = village.create("esperanza", Join(fund=Uri(actor("fondo"))))
    mistaken = Admission(join=Uri(asked), outcome="refused", reason="Confusión")
    first = village.create("fondo", mistaken)
    with refused("outcome", "last word"):
        village.answer("fondo", Verb.DELETE, first)
    last = village.create("fondo", Admission(join=Uri(asked), outcome="admitted"))
    village.answer("fondo", Verb.DELETE, first)
    with refused("outcome", "last word"):
        village.answer("fondo", Verb.DELETE, last)
    village.answer("esperanza", Verb.DELETE, asked)
    village.answer("fondo", Verb.DELETE, last)
