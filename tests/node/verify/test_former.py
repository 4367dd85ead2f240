"""A fund that goes on in another log: it leaves nothing behind that was promised, shared out or seen."""

from datetime import date
from decimal import Decimal

import pytest

from node.account.leaf import IDENTITY, other
from node.domain import ledger
from node.verify import allocations
from schemas import Uri
from schemas.allocation import Claim
from schemas.expense import Expense
from tests.node.verify.pretended import BANK, ESPERANZA, MAULE, Pretended, clp, donation, owed, visited
from tests.node.verify.sharing import Shared, reckoned


@pytest.fixture
def fund():
    """A fund that shared out, and went on in another log."""
    made = Pretended()
    made.gift(5000)
    made.shared = Shared(made).decided().closes().shared()
    return made


def test_a_fund_that_goes_on_in_another_log_is_believed(fund, tmp_path):
    fund.succeeds()
    fund.pays(600, ESPERANZA, fund.shared.allocation)

    told = visited(fund, tmp_path)

    assert "WRONG" not in told
    assert told["transfers"] == "1 hand over no more than a share, after the appeals"
    assert "its balances are carried over" in told["former log"]
    assert "the one that the log began with" in told["identity"]


def test_a_round_that_closed_in_a_former_log_is_shared_out_in_the_next(tmp_path):
    fund = Pretended()
    fund.gift(5000)
    shared = Shared(fund).decided().closes()
    fund.succeeds()
    shared.shared()

    assert "WRONG" not in visited(fund, tmp_path)


def test_nobody_gets_a_share_twice_by_another_log(fund, tmp_path):
    fund.pays(600, ESPERANZA, fund.shared.allocation)
    fund.succeeds()
    fund.pays(600, ESPERANZA, fund.shared.allocation)

    assert "has more than its share of 600 CLP" in visited(fund, tmp_path)["WRONG"]


def test_no_money_is_left_behind_in_a_former_log(fund, tmp_path):
    fund.succeeds([("assets:bank", 1000, "CLP"), ("income:donations", -1000, "CLP")])

    told = visited(fund, tmp_path)

    assert told["WRONG"].startswith("former log: of fondo.example/c/fondo/log assets:bank 1000 CLP")


@pytest.mark.parametrize("type", ["Update", "Delete"])
def test_what_was_booked_in_a_former_log_is_not_booked_otherwise_later(fund, tmp_path, type):
    spent = fund.note(Expense(amount=clp(10), on=date(2026, 9, 12), purpose="Flete"), 12)
    fund.say("Create", spent, 12, [("expenses:running", 10, "CLP"), (BANK, -10, "CLP")])
    fund.succeeds()
    thing = spent if type == "Update" else {"id": spent["id"], "type": "Tombstone"}
    fund.say(type, thing, 14, [("expenses:running", 3000, "CLP"), (BANK, -3000, "CLP")])

    assert visited(fund, tmp_path)["WRONG"].startswith("bookings: ")


def test_a_gift_of_a_former_log_is_reversed_as_it_was_booked(tmp_path):
    fund = Pretended()
    thing = fund.note(donation(5000), 3)
    fund.say("Create", thing, 3, [(BANK, 5000, "CLP"), (ledger.DONATIONS, -5000, "CLP")])
    fund.succeeds()
    back = fund.note(donation(5000, status="reversed"), 3, uri=thing["id"])
    fund.say("Update", back, 4, [(BANK, -5000, "CLP"), (ledger.DONATIONS, 5000, "CLP")])

    assert "WRONG" not in visited(fund, tmp_path)


def test_what_changes_words_of_a_log_that_is_gone_is_told_with_its_sums(fund, tmp_path):
    fund.succeeds()
    fund.gone = True
    back = fund.note(donation(900, status="reversed"), 3)
    fund.say("Update", back, 14, [(BANK, -900, "CLP"), (ledger.DONATIONS, 900, "CLP")])

    told = visited(fund, tmp_path)

    assert f"{back['id']} (assets:bank -900 CLP, income:donations 900 CLP)" in told["bookings"]
    assert "cannot be read any more" in told["former log"]


def test_of_a_log_that_is_gone_nobody_gets_more_than_was_carried_over(fund, tmp_path):
    fund.succeeds()
    fund.gone = True
    fund.pays(600, ESPERANZA, fund.shared.allocation)

    assert f"600 CLP to {ESPERANZA}" in visited(fund, tmp_path)["transfers"]

    fund.pays(401, MAULE, fund.shared.allocation)

    assert f"hands over 401 CLP to {MAULE} of no allocation" in visited(fund, tmp_path)["WRONG"]


def pays_corrected(fund, day, former=0):
    """The first log is gone. What it shared out is corrected, `former` times at addresses alone, then in the new log, and paid."""
    fund.succeeds()
    fund.gone = True
    standing, all_hers = fund.shared.record, (Claim(claimant=Uri(MAULE), weight=Decimal(1)),)
    uri = fund.shared.allocation
    for _ in range(former + 1):
        given = reckoned(
            standing.changed(round=None, criteria=None, decision=None, corrects=Uri(uri), claims=all_hers)
        )
        correction = fund.note(given, 13)
        uri = correction["id"]
    fund.say("Create", correction, 13, [*owed(given), *owed(standing, -1)])
    fund.pays(1000, MAULE, uri, day)


@pytest.mark.parametrize("former", [0, 1])
@pytest.mark.parametrize(("day", "early"), [(13, True), (15, False)])
def test_what_corrects_shares_of_a_log_that_is_gone_is_paid_after_the_appeals_of_their_round(
    fund, tmp_path, day, early, former
):
    pays_corrected(fund, day, former)

    told = visited(fund, tmp_path)

    if early:
        assert f"before the appeals of {fund.shared.round['id']} were over" in told["WRONG"]
    else:
        assert "WRONG" not in told


def test_a_server_that_always_names_one_more_correction_ends_in_a_verdict(fund, tmp_path, monkeypatch):
    monkeypatch.setattr(allocations, "_MOST_CORRECTED", 3)
    pays_corrected(fund, 15, 3)
    assert "at the end of more corrections than 3" in visited(fund, tmp_path)["WRONG"]


def test_what_corrects_shares_that_nobody_serves_any_more_is_said_to_be_so(fund, tmp_path):
    pays_corrected(fund, 15)
    fund.serve(fund.shared.allocation, None, 404)
    told = visited(fund, tmp_path)
    assert "WRONG" not in told


def test_another_log_does_not_begin_as_if_there_had_been_none(fund, tmp_path):
    visited(fund, tmp_path)
    fund.succeeds(first=other(0, IDENTITY, {"statement": fund.identity}))

    told = visited(fund, tmp_path)

    assert (
        "fondo.example/c/fondo/log/2 is no first log, and cites none from which it goes on" in told["WRONG"]
    )


def test_nobody_goes_back_to_a_log_that_was_left(fund, tmp_path):
    leaves, evidence = list(fund.leaves), list(fund.evidence)
    fund.succeeds()
    visited(fund, tmp_path)
    fund.begun, fund.former, fund.leaves, fund.evidence = 1, {}, leaves, evidence

    told = visited(fund, tmp_path)

    assert "history: you saw fondo.example/c/fondo/log/2 on 2026-09-20" in told["WRONG"]


def test_a_former_log_of_which_more_was_seen_is_not_cited_shorter(fund, tmp_path):
    leaves, evidence = list(fund.leaves), list(fund.evidence)
    fund.gift(7, day=13)
    visited(fund, tmp_path)
    fund.leaves, fund.evidence = leaves, evidence
    fund.succeeds()
    fund.succeeds()

    told = visited(fund, tmp_path)

    assert "fondo.example/c/fondo/log is not what you saw of it on 2026-09-20, with 5 leaves" in told["WRONG"]
