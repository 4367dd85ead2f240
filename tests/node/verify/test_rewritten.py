"""A fund that says a thing again, or otherwise, after it was booked: no promise changes and no money leaves unseen."""

from datetime import date
from decimal import Decimal

import pytest

from federation.integrity import write_time
from node.domain import ledger
from schemas import Money, Uri
from schemas.allocation import Allocation, Claim
from schemas.expense import Expense
from tests.node.verify.pretended import (
    BANK,
    ESPERANZA,
    FRIEND,
    MAULE,
    Pretended,
    at,
    clp,
    donation,
    owed,
    visited,
)
from tests.node.verify.sharing import Shared, reckoned


@pytest.fixture
def fund():
    made = Pretended()
    made.gift(5000)
    return made


@pytest.fixture
def shared(fund):
    return Shared(fund).decided().closes().shared()


def for_a_friend(**more):
    """Shares of nobody but a friend of the fund's."""
    claims = (Claim(claimant=Uri(FRIEND), weight=Decimal(1)),)
    plain = {"rule": "largest-remainder/1", "seed": "x", "available": clp(1000), "claims": claims}
    return reckoned(Allocation(**{**plain, **more}))


def moved(former, record):
    """What is booked where `record` is said in place of `former`."""
    return [*owed(record), *owed(former, -1)]


@pytest.mark.parametrize("type", ["Update", "Create", "Announce"])
def test_an_allocation_is_never_said_otherwise(fund, shared, tmp_path, type):
    given = for_a_friend()
    shown = fund.served[shared.allocation]
    thing = fund.note(given, 13, uri=shared.allocation)
    fund.served[shared.allocation] = shown
    fund.say(type, thing, 13, moved(shared.record, given))
    fund.pays(1000, FRIEND, shared.allocation)

    told = visited(fund, tmp_path)

    assert told["WRONG"].startswith(f"allocations: {shared.allocation} was changed after it was published")


def test_a_round_is_shared_out_once(fund, shared, tmp_path):
    first = shared.allocation
    shared.shared()

    told = visited(fund, tmp_path)

    assert told["WRONG"].endswith(f"which {first} shared out already")


def test_an_allocation_that_takes_the_place_of_another_is_told_with_every_share_that_it_changes(
    fund, shared, tmp_path
):
    given = for_a_friend(corrects=Uri(shared.allocation))
    fund.say("Create", fund.note(given, 13), 13, moved(shared.record, given))

    told = visited(fund, tmp_path)

    assert (
        f"{ESPERANZA} 600 CLP → nothing, {MAULE} 400 CLP → nothing, {FRIEND} nothing → 1000 CLP"
        in (told["allocations"])
    )


def test_what_is_promised_in_one_currency_is_not_shared_out_in_another(fund, shared, tmp_path):
    given = for_a_friend(corrects=Uri(shared.allocation), available=Money(1000, "USD"))
    fund.say("Create", fund.note(given, 13), 13, moved(shared.record, given))

    assert visited(fund, tmp_path)["WRONG"].endswith("shares out 10.00 USD, where 0.00 USD was there")


def test_a_round_that_is_corrected_twice_is_followed_to_what_stands(fund, shared, tmp_path):
    former = shared.record
    for _ in range(2):
        again = former.changed(corrects=Uri(shared.allocation), available=clp(900))
        again = reckoned(again)
        thing = fund.note(again, 13)
        fund.say("Create", thing, 13, moved(former, again))
        former, shared.allocation = again, str(thing["id"])

    assert "WRONG" not in visited(fund, tmp_path)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(("day", "early"), [(13, True), (15, False)])
def test_what_takes_the_place_of_shares_of_a_round_is_paid_after_the_appeals_of_that_round(
    fund, shared, tmp_path, times, day, early
):
    standing, uri = shared.record, shared.allocation
    for _ in range(times):
        given = for_a_friend(corrects=Uri(uri))
        thing = fund.note(given, 13)
        fund.say("Create", thing, 13, moved(standing, given))
        standing, uri = given, str(thing["id"])
    fund.pays(1000, FRIEND, uri, day)

    told = visited(fund, tmp_path)

    if early:
        assert f"before the appeals of {shared.round['id']} were over" in told["WRONG"]
    else:
        assert told["transfers"].startswith("1 hand over no more than a share, after the appeals")
        assert "whether decisions stand behind them WAS NOT CHECKED" in told["allocations"]


def test_a_correction_that_was_paid_after_the_appeals_is_believed_whatever_day_its_round_was_paid_from(
    fund, tmp_path
):
    shared = Shared(fund).decided().closes(pay_from=at(18)).shared()
    thing = fund.note(given := for_a_friend(corrects=Uri(shared.allocation)), 13)
    fund.say("Create", thing, 13, moved(shared.record, given))
    fund.pays(1000, FRIEND, str(thing["id"]), 15)

    assert "WRONG" not in visited(fund, tmp_path)


def test_only_transfers_of_a_round_are_told_to_be_after_the_appeals(fund, shared, tmp_path):
    fund.pays(600, ESPERANZA, shared.allocation)
    fund.pays(1000, FRIEND, fund.shares(for_a_friend()))

    told = visited(fund, tmp_path)

    assert told["transfers"].startswith(
        "2 hand over no more than a share, 1 of them after the appeals of a round, the others of no round that this log shows"
    )


def test_nobody_takes_the_same_place_twice_and_nothing_is_paid_of_what_stands_no_more(fund, shared, tmp_path):
    given = for_a_friend(corrects=Uri(shared.allocation))
    fund.say("Create", fund.note(given, 13), 13, moved(shared.record, given))
    fund.pays(600, ESPERANZA, shared.allocation)

    assert "whose place another one took" in visited(fund, tmp_path)["WRONG"]

    fund.say("Create", fund.note(given, 13), 13, moved(shared.record, given))

    assert "whose place another one took" in visited(fund, tmp_path)["WRONG"]


def test_what_takes_the_place_of_words_that_are_gone_takes_back_what_they_promised_and_nothing_else(
    fund, shared, tmp_path
):
    withdrawn = fund.gift(1, 4)
    fund.forget(withdrawn)
    given = for_a_friend(corrects=Uri("https://fondo.example/o/999"))
    stolen = [(BANK, -3000, "CLP"), ("expenses:running", 3000, "CLP")]
    fund.say("Create", fund.note(given, 13), 13, [*owed(given), *stolen])

    told = visited(fund, tmp_path)

    assert "takes back assets:bank -3000 CLP, expenses:running 3000 CLP, which" in told["WRONG"]


def test_a_round_is_closed_before_it_is_shared_out(fund, tmp_path):
    shared = Shared(fund).decided().closes()
    closing = fund.leaves.pop()
    shared.shared()
    fund.leaves.append(closing.replace(b'"seq":2', b'"seq":3'))

    told = visited(fund, tmp_path)

    assert "whose closing is not in the log before it" in told["WRONG"]


@pytest.mark.parametrize(("name", "said"), [("status", "open"), ("seed", "another")])
def test_a_round_says_what_the_log_says(fund, shared, tmp_path, name, said):
    record = shared.round_record.changed(**{name: said})
    fund.note(record, 5, uri=shared.round["id"])

    told = visited(fund, tmp_path)

    assert told["WRONG"].startswith(f"rounds: {shared.round['id']} is ")


@pytest.mark.parametrize(
    "changed",
    [{"appeal_until": at(12, 13)}, {"claims_until": at(11)}, {"pay_from": at(15)}, {"number": 2}],
)
def test_a_round_is_shown_with_the_moments_with_which_it_closed(fund, shared, tmp_path, changed):
    fund.pays(600, ESPERANZA, shared.allocation, day=13)

    assert "before the appeals of" in visited(fund, tmp_path)["WRONG"]

    fund.note(shared.round_record.changed(**changed), 5, uri=shared.round["id"], updated=write_time(at(10)))

    assert visited(fund, tmp_path)["WRONG"].startswith(
        f"rounds: {shared.round['id']} is not shown as it stood when the log closed it"
    )


def test_a_round_that_the_log_keeps_no_digest_of_is_told(fund, tmp_path):
    shared = Shared(fund).decided().closes(bound=False).shared()
    fund.pays(600, ESPERANZA, shared.allocation)

    told = visited(fund, tmp_path)

    assert "WRONG" not in told
    assert told["rounds"] == (
        "note 1 closed by leaves that keep no digest of them, so that the moments until which they took claims and appeals may have been"
        f" changed since: {shared.round['id']}"
    )


def test_a_claim_that_came_late_has_no_share(fund, tmp_path):
    shared = Shared(fund).decided().closes(day=12).shared()

    told = visited(fund, tmp_path)

    assert "of 2026-09-12 12:00:00+00:00; claims were taken until 2026-09-10 12:00:00+00:00" in told["WRONG"]
    assert shared.allocation


def test_a_claim_by_a_clock_that_is_a_day_fast_is_the_fault_of_nobody(fund, tmp_path):
    Shared(fund).decided().closes(day=11).shared()

    told = visited(fund, tmp_path)

    assert "WRONG" not in told
    assert told["claims"].startswith("2 are as their kitchens publish them")


CLEARED = [(BANK, 5000, "CLP"), (ledger.DONATIONS, -5000, "CLP")]


@pytest.mark.parametrize(
    ("more", "postings"),
    [
        ({"amount": clp(1)}, [(BANK, -4999, "CLP"), (ledger.DONATIONS, 4999, "CLP")]),
        ({"channel": "cash", "receipt": 1}, [("assets:cash", 5000, "CLP"), (BANK, -5000, "CLP")]),
        ({"status": "pledged"}, [(name, -amount, unit) for name, amount, unit in CLEARED]),
    ],
)
def test_a_gift_that_arrived_stays_as_it_was_booked(tmp_path, more, postings):
    fund = Pretended()
    thing = fund.note(donation(5000), 3)
    fund.say("Create", thing, 3, CLEARED)
    fund.say("Update", fund.note(donation(5000).changed(**more), 3, uri=thing["id"]), 4, postings, on=3)

    told = visited(fund, tmp_path)

    assert f"{thing['id']} was cleared, 5000 CLP by bank and is changed to" in told["WRONG"]


def test_a_gift_that_is_reversed_or_pledged_first_is_nothing_to_complain_of(tmp_path):
    fund = Pretended()
    thing = fund.note(donation(5000), 3)
    fund.say("Update", thing, 3, CLEARED)
    back = [(name, -amount, unit) for name, amount, unit in CLEARED]
    reversed = fund.note(donation(5000, status="reversed"), 3, uri=thing["id"])
    fund.say("Update", reversed, 4, back)

    assert "WRONG" not in visited(fund, tmp_path)


def test_a_fee_is_smaller_than_its_gift(tmp_path):
    fund = Pretended()
    fund.gift(5000)
    given = donation(1, fee=clp(4000))
    postings = [(BANK, -3999, "CLP"), (ledger.FEES, 4000, "CLP"), (ledger.DONATIONS, -1, "CLP")]
    fund.say("Create", fund.note(given, 3), 3, postings)

    told = visited(fund, tmp_path)

    assert told["WRONG"].endswith("a gift of 1 CLP, has a fee of 4000 CLP")


def test_what_was_spent_or_handed_over_is_not_made_more_later(fund, shared, tmp_path):
    spent = Expense(amount=clp(100), on=date(2026, 9, 12), purpose="Flete")
    thing = fund.note(spent, 12)
    fund.say("Create", thing, 12, [("expenses:running", 100, "CLP"), (BANK, -100, "CLP")])
    more = fund.note(spent.changed(amount=clp(300)), 12, uri=thing["id"])
    fund.say("Update", more, 12, [("expenses:running", 200, "CLP"), (BANK, -200, "CLP")])

    told = visited(fund, tmp_path)

    assert f"{thing['id']} is changed by leaf" in told["WRONG"]


def test_no_gift_takes_money_away(tmp_path):
    fund = Pretended()
    fund.gift(5000)
    thing = fund.note(donation(1), 3)
    thing["record"]["resourceQuantity"]["hasNumericalValue"] = "-3000"
    fund.say("Create", thing, 3, [(BANK, -3000, "CLP"), (ledger.DONATIONS, 3000, "CLP")])

    assert "WRONG" in visited(fund, tmp_path)


def test_what_is_withdrawn_is_told_with_what_it_had_booked(tmp_path):
    fund = Pretended()
    fund.gift(5000)
    spent = Expense(amount=clp(3000), on=date(2026, 9, 12), purpose="Flete")
    uri = fund.say(
        "Create", fund.note(spent, 12), 12, [("expenses:running", 3000, "CLP"), (BANK, -3000, "CLP")]
    )
    fund.forget(uri)

    told = visited(fund, tmp_path)

    assert f"{uri} (assets:bank -3000 CLP, expenses:running 3000 CLP)" in told["withdrawn"]
