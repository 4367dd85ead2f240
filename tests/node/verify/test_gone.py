"""What a fund hides behind words that are gone, and behind addresses that answer no more: a stranger is told of it."""

import pytest

from node.domain import ledger
from node.verify.bookings import Bookings
from node.verify.promises import Promises
from node.verify.source import DifferenceError
from schemas.decision import Position
from tests.node.verify.pretended import (
    BANK,
    ESPERANZA,
    FRIEND,
    FUND,
    MAULE,
    Pretended,
    at,
    clp,
    taken_back,
    visited,
)
from tests.node.verify.sharing import Shared


@pytest.fixture
def fund():
    made = Pretended()
    made.gift(1000)
    return made


@pytest.fixture
def shared(fund):
    """A round of 1000 between two kitchens, by criteria that both adopted: 600 and 400."""
    return Shared(fund).decided().closes().shared()


def test_an_honest_fund_is_believed(fund, shared, tmp_path):
    fund.pays(600, ESPERANZA, shared.allocation)

    told = visited(fund, tmp_path)

    assert "WRONG" not in told
    assert told["transfers"] == "1 hand over no more than a share, after the appeals"
    assert told["claims"].startswith("2 are as their kitchens publish them, 0 changed")
    assert "of the stances 2 are as their kitchens publish them" in told["criteria"]


def withdrawn(fund, amount=1):
    """A gift that was said and taken back: its words are gone, and nothing else is wrong with it."""
    fund.forget(fund.gift(amount))
    back = [(BANK, -amount, "CLP"), (ledger.DONATIONS, amount, "CLP")]
    fund.say("Delete", {"id": fund.uri(), "type": "Tombstone"}, 4, back)


def test_what_was_withdrawn_excuses_no_transfer_that_nobody_was_promised(fund, shared, tmp_path):
    withdrawn(fund)
    fund.pays(600, FRIEND, "https://fondo.example/o/999")

    told = visited(fund, tmp_path)

    assert told["WRONG"].startswith("transfers: https://fondo.example/o/")
    assert f"hands over 600 CLP to {FRIEND} of no allocation in this log" in told["WRONG"]


def test_an_allocation_that_is_taken_back_after_it_was_paid_is_seen_without_its_words(fund, shared, tmp_path):
    allocation = fund.activity
    paid = fund.pays(600, ESPERANZA, shared.allocation)
    back = [
        (ledger.ALLOCATIONS, -1000, "CLP"),
        (ledger.payable(ESPERANZA), 600, "CLP"),
        (ledger.payable(MAULE), 400, "CLP"),
    ]
    fund.say("Delete", {"id": shared.allocation, "type": "Tombstone"}, 16, back)

    assert (
        "books 600 CLP to liabilities:payable:esperanza@esperanza.example, which is 600 CLP more than was"
        in (visited(fund, tmp_path)["WRONG"])
    )
    fund.forget(allocation)
    fund.forget(paid)

    assert "WRONG" in visited(fund, tmp_path)


def test_no_withdrawal_of_half_a_promise_hides_the_other_half():
    """The allocation's expense is taken back by way of another entry without words; what it promised a friend stays."""
    bookings = Bookings(False, Promises())
    bookings.withdrawn("s/1", [(ledger.ALLOCATIONS, 600, "CLP"), (ledger.payable(FRIEND), -600, "CLP")])
    bookings.withdrawn("s/2", [("expenses:x", -600, "CLP"), ("expenses:y", 600, "CLP")])
    half = [(ledger.ALLOCATIONS, -600, "CLP"), ("expenses:x", 600, "CLP")]
    bookings.check(taken_back(), half, None, 3)

    with pytest.raises(DifferenceError, match=r"friend@friend\.example -600 CLP for what was never booked"):
        bookings.finish()


def test_several_activities_without_words_are_taken_back_by_one_withdrawal():
    bookings = Bookings(False, Promises())
    bookings.withdrawn("s/1", [(BANK, 600, "CLP"), (ledger.DONATIONS, -600, "CLP")])
    bookings.withdrawn("s/2", [(BANK, -5, "CLP"), (ledger.FEES, 5, "CLP")])
    back = [(BANK, -595, "CLP"), (ledger.FEES, -5, "CLP"), (ledger.DONATIONS, 600, "CLP")]
    bookings.check(taken_back(), back, None, 3)

    bookings.finish()

    assert bookings.open == []


def test_only_what_lost_words_promised_may_be_handed_over_on_their_strength():
    promises = Promises()
    promises.unread([(ledger.ALLOCATIONS, 600, "CLP"), (ledger.payable(MAULE), -600, "CLP")])

    assert not promises.keep(ledger.payable(FRIEND), 1, "CLP")
    assert not promises.keep(ledger.payable(MAULE), 1, "PEN")
    assert promises.keep(ledger.payable(MAULE), 400, "CLP")
    assert not promises.keep(ledger.payable(MAULE), 201, "CLP")


@pytest.mark.parametrize("part", ["round", "decision", "criteria"])
@pytest.mark.parametrize("status", [404, 410])
def test_a_fund_does_not_hide_what_its_shares_rest_on(fund, shared, tmp_path, part, status):
    uri = getattr(shared, part)["id"]
    fund.serve(uri, None, status)

    told = visited(fund, tmp_path)

    assert f"{uri} is not served any more" in told["WRONG"]


def test_a_claim_that_was_withdrawn_hides_no_other_of_its_server(fund, shared, tmp_path):
    for uri in (shared.claims[0]["id"], shared.stances[0]["id"]):
        fund.serve(uri, None, 410)

    told = visited(fund, tmp_path)

    assert told["claims"].startswith(
        "note 1 are as their kitchens publish them, 0 changed since, 1 withdrawn since, 0 not reached"
    )
    assert (
        "1 are as their kitchens publish them, 0 changed since, 1 withdrawn since, 0 not" in told["criteria"]
    )
    assert told["criteria"].startswith("note")


def test_stances_and_claims_that_are_not_reached_are_counted_and_asked_for_once(fund, shared, tmp_path):
    fund.silent.add("maule.example")

    told = visited(fund, tmp_path)

    assert told["claims"].startswith(
        "note 1 are as their kitchens publish them, 0 changed since, 0 withdrawn"
    )
    assert "1 not reached" in told["claims"]
    assert "1 not reached" in told["criteria"]
    assert len([url for url in fund.asked if "maule.example" in url]) == 1


@pytest.mark.parametrize("what", ["claims", "stances"])
def test_a_server_speaks_for_nobody_who_is_elsewhere(fund, tmp_path, what):
    shared = Shared(fund).decided()
    forged = fund.uri()
    if what == "stances":
        said = fund.note(shared.stance, 3, by=MAULE, uri=forged)
        shared.decided(stances=(shared.position(shared.stances[0]), shared.position(said)))
    shared.closes(forged if what == "claims" else "").shared()

    told = visited(fund, tmp_path)

    assert f"{forged} is said to be by {MAULE}, who is elsewhere" in told["WRONG"]


@pytest.mark.parametrize(("what", "check"), [("claims", "claims"), ("stances", "criteria")])
def test_what_a_member_serves_afterwards_in_another_name_is_not_the_fault_of_the_fund(
    fund, shared, tmp_path, what, check
):
    document = getattr(shared, what)[1]
    fund.serve(document["id"], {**document, "attributedTo": "https://elsewhere.example/c/x"})

    told = visited(fund, tmp_path)

    assert "WRONG" not in told
    assert told[check].startswith("note")
    assert "1 are as their kitchens publish them, 1 changed since" in told[check]


@pytest.mark.parametrize("what", ["claims", "stances"])
def test_nobody_is_given_words_at_a_server_that_is_not_hers_also_where_it_does_not_answer(
    fund, tmp_path, what
):
    shared = Shared(fund).decided()
    elsewhere = fund.uri(FRIEND)
    fund.silent.add("friend.example")
    if what == "stances":
        said = fund.note(shared.stance, 3, by=MAULE, uri=elsewhere)
        shared.decided(stances=(shared.position(shared.stances[0]), shared.position(said)))
    shared.closes(elsewhere if what == "claims" else "").shared()

    assert f"{elsewhere} is said to be by {MAULE}, who is elsewhere" in visited(fund, tmp_path)["WRONG"]


def test_a_decision_counts_nothing_that_was_said_after_it(fund, tmp_path):
    shared = Shared(fund).decided()
    late = fund.note(shared.stance, 6, by=MAULE)
    shared.decided(stances=(shared.position(shared.stances[0]), shared.position(late))).closes().shared()

    told = visited(fund, tmp_path)

    assert f"counts {late['id']}, which was said on 2026-09-06" in told["WRONG"]


def test_a_decision_counts_nobody_who_said_nothing(fund, tmp_path):
    shared = Shared(fund).decided()
    mute = Position(by=MAULE, stance="consent")
    shared.decided(stances=(shared.position(shared.stances[0]), mute)).closes().shared()

    told = visited(fund, tmp_path)

    assert f"lists {MAULE} with consent, and nothing in which it said so" in told["WRONG"]


def test_terms_that_are_not_those_of_the_criteria_are_named_as_people_say_money(fund, tmp_path):
    shared = Shared(fund, price=clp(10)).decided().closes()
    shared.price = clp(20)
    shared.shared()

    told = visited(fund, tmp_path)

    assert "shares out by the price 20 CLP; https://fondo.example/o/" in told["WRONG"]
    assert told["WRONG"].endswith("says 10 CLP")


def test_nothing_of_the_funds_own_is_said_by_somebody_else(fund, shared, tmp_path):
    made = fund.note(shared.terms, 2, by=FRIEND, uri=shared.criteria["id"])

    told = visited(fund, tmp_path)

    assert f"{made['id']} is nothing that {FUND} says" in told["WRONG"]
    assert at(2).day == 2
