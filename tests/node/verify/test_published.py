"""What a fund shows beside its log is what it booked: shares, claims, periods, its activities, and what its payees confirm."""

from datetime import date

import pytest

from node.domain import ledger
from schemas import Uri, to_wire
from schemas.period import Balance, Period
from schemas.receipt import Receipt
from tests.node.verify.pretended import (
    BANK,
    ESPERANZA,
    FRIEND,
    FUND,
    MAULE,
    Pretended,
    at,
    clp,
    donation,
    visited,
)
from tests.node.verify.sharing import Shared


@pytest.fixture
def fund():
    made = Pretended()
    made.gift(5000)
    return made


@pytest.fixture
def shared(fund):
    return Shared(fund).decided().closes().shared()


def test_a_share_is_not_shown_otherwise_than_it_was_booked(fund, shared, tmp_path):
    rows = shared.record.allotments
    shown = shared.record.changed(allotments=(rows[0].changed(amount=clp(900)), rows[1]))
    fund.note(shown, 12, uri=shared.allocation)

    told = visited(fund, tmp_path)

    assert told["WRONG"] == (
        f"allocations: {shared.allocation} is not served as it was booked: the share of {ESPERANZA} is shown as 900 CLP, booked was"
        " 600 CLP"
    )


def test_no_word_of_an_allocation_is_shown_otherwise_than_it_was_booked(fund, shared, tmp_path):
    fund.note(shared.record, 12, uri=shared.allocation, content="Todo para Maule")

    assert (
        f"{shared.allocation} is not served as it was booked: its content is another"
        in (visited(fund, tmp_path)["WRONG"])
    )


def test_a_round_shows_the_claims_with_which_the_log_closed_it(fund, shared, tmp_path):
    fund.serve(f"{shared.round['id']}/claims", {"claims": []})

    assert "lists other claims than those with which the log closed it" in visited(fund, tmp_path)["WRONG"]


def test_an_activity_is_served_to_everybody_as_it_is_to_who_checks(fund, shared, tmp_path):
    thing = fund.note(shared.record, 12)
    fund.serve(fund.activity, thing)

    assert visited(fund, tmp_path)["WRONG"].startswith(f"activities: {fund.activity} was changed")

    fund.serve(fund.activity, None, 404)

    assert (
        f"{fund.activity} is shown with its entry, and its own address is empty"
        in (visited(fund, tmp_path)["WRONG"])
    )


def test_evidence_that_is_not_served_is_named_with_what_it_would_show(fund, tmp_path, monkeypatch):
    real = fund.answer
    hidden = f"{FUND}/account/evidence?start=0"
    monkeypatch.setattr(
        fund, "answer", lambda request: fund.nothing() if str(request.url) == hidden else real(request)
    )

    told = visited(fund, tmp_path)

    assert told["WRONG"] == (
        f"activities: {hidden} answers 404: nothing shows what leaf 0 and the entries after it were booked for"
    )


def period(opens=1, closes=10, *, bank=5000, given=-5000, **more):
    """September from one day to another, with these balances at its closing, and nothing at its opening."""
    rows = ((BANK, bank), (ledger.DONATIONS, given))
    balances = tuple(Balance(account=name, opening=clp(0), closing=clp(n)) for name, n in rows)
    days = {"opens": date(2026, 9, opens), "closes": date(2026, 9, closes)}
    return Period(**{**days, "balances": balances, **more})


def test_a_period_that_says_what_its_entries_sum_to_holds(fund, tmp_path):
    fund.periods = [fund.note(period(bank=5000), 11)["id"]]

    assert visited(fund, tmp_path)["periods"] == "1 closed as their entries sum, the last with 2026-09-10"


@pytest.mark.parametrize(
    ("record", "named"),
    [
        (period(bank=5999), "says assets:bank 5999 CLP at its closing; its entries sum to 5000 CLP"),
        (period(balances=()), "says assets:bank 0 CLP at its closing; its entries sum to 5000 CLP"),
        (period(opens=5), "says assets:bank 0 CLP at its opening; its entries sum to 5000 CLP"),
        (period(**{"bank": 5000}).changed(bank=clp(999)), "says assets:bank 999 CLP on its bank's statement"),
        (period().changed(cash=clp(7)), "says assets:cash 7 CLP counted in its cash box"),
    ],
)
def test_a_period_that_says_something_else_is_named(fund, tmp_path, record, named):
    uri = fund.note(record, 11)["id"]
    fund.periods = [uri]

    told = visited(fund, tmp_path)

    assert told["WRONG"].startswith(f"periods: {uri} {named}")


def test_nothing_is_booked_into_a_period_that_is_closed(fund, tmp_path):
    fund.periods = [fund.note(period(), 11)["id"]]
    fund.gift(1, day=10)

    assert "its entries sum to 5001 CLP" in visited(fund, tmp_path)["WRONG"]


def test_periods_leave_no_day_out(fund, tmp_path):
    later = period(13, 15).changed(balances=period(13, 15).balances)
    rows = tuple(row.changed(opening=row.closing) for row in later.balances)
    fund.periods = [fund.note(each, 18)["id"] for each in (period(), later.changed(balances=rows))]

    assert "begins on 2026-09-13; the one before it ended on 2026-09-10" in visited(fund, tmp_path)["WRONG"]


def test_a_period_without_what_was_lost_is_told_and_not_called_wrong(fund, tmp_path):
    lost = fund.gift(70, day=4)
    fund.forget(lost)
    fund.periods = [fund.note(period(), 11)["id"]]

    told = visited(fund, tmp_path)

    assert "WRONG" not in told
    assert "says assets:bank 5000 CLP at its closing; its entries sum to 5070 CLP" in told["periods"]


def receipt(fund, transfer, *, by=ESPERANZA, amount=600, at_home=True, listed=1, author=None):
    """A receipt of a transfer, listed among its answers, more than once where that is said."""
    record = Receipt(of=Uri(f"{transfer}#record"), amount=clp(amount), on=date(2026, 9, 16))
    uri = fund.uri(by if at_home else FUND)
    fund.note(record, 16, by=by, uri=uri)
    if author:
        fund.serve(uri, {"id": uri, "type": "Note", "attributedTo": author})
    fund.serve(f"{transfer}/replies", {"orderedItems": [uri] * listed})
    return uri


@pytest.fixture
def transfer(fund, shared):
    fund.pays(600, ESPERANZA, shared.allocation)
    return fund.transfer


def test_a_receipt_that_stands_pages_behind_other_answers_is_found(fund, transfer, tmp_path):
    uri = receipt(fund, transfer)
    pages = [f"{transfer}/replies?page={n}" for n in range(3)]
    fund.serve(f"{transfer}/replies", {"first": pages[0]})
    for n, answers in enumerate(([f"{FRIEND}/o/1"], [], [uri])):
        more = {"next": pages[n + 1]} if n < 2 else {"next": pages[0]}
        fund.serve(pages[n], {"partOf": f"{transfer}/replies", "orderedItems": answers, **more})

    assert "confirmed by who was to receive" in visited(fund, tmp_path)["receipts"]


def test_what_a_payee_confirms_is_told(fund, transfer, tmp_path):
    receipt(fund, transfer)

    told = visited(fund, tmp_path)

    assert told["receipts"] == "1 transfers are confirmed by who was to receive them"


@pytest.mark.parametrize(
    "more",
    [
        {"by": MAULE},
        {"amount": 599},
        {"at_home": False},
        {"amount": 300, "listed": 2},
        {"author": "https://somebody.example/c/else"},
    ],
)
def test_no_receipt_is_invented(fund, transfer, tmp_path, more):
    receipt(fund, transfer, **more)

    told = visited(fund, tmp_path)

    assert told["receipts"] == (
        f"note 1 of transfers NOT CONFIRMED by who was to receive them: 600 CLP to {ESPERANZA}"
    )


def test_nothing_is_handed_over_while_more_is_promised_than_there_is(fund, shared, tmp_path):
    thing = {"id": fund.uri(), "type": "Tombstone"}
    lost = fund.gift(1, day=4)
    fund.forget(lost)
    gone = [(BANK, -1, "CLP"), (ledger.DONATIONS, 1, "CLP")]
    fund.say("Delete", thing, 13, gone)
    spent = fund.spends(4500)
    fund.pays(100, ESPERANZA, shared.allocation)

    told = visited(fund, tmp_path)

    assert "hands over 100 CLP while 500 CLP more was promised than there was" in told["WRONG"]
    assert spent


def test_a_round_shares_out_no_more_than_there_is(fund, tmp_path):
    Shared(fund).decided().closes().shared(5001)

    assert "shares out 5001 CLP, where 5000 CLP was there" in visited(fund, tmp_path)["WRONG"]


def test_nothing_is_said_in_a_moment_to_come(fund, tmp_path):
    told = visited(fund, tmp_path, now=at(2))

    assert "WRONG" in told
    assert to_wire(period(), "x")["kind"] == "period"


@pytest.mark.parametrize("place", ["http://maule.example/o/1"])
def test_nobody_who_checks_is_sent_to_a_machine_of_her_own_network(fund, tmp_path, place):
    Shared(fund).decided().closes(place).shared()

    visited(fund, tmp_path)

    assert place not in fund.asked


@pytest.mark.parametrize("more", [{"uri": "https://friend.example/o/9"}, {"by": FRIEND}])
def test_a_fund_books_nothing_that_somebody_else_says(fund, tmp_path, more):
    thing = fund.note(donation(7), 3, **{"uri": "https://fondo.example/o/99", **more})
    fund.say("Create", thing, 3, [(BANK, 7, "CLP"), (ledger.DONATIONS, -7, "CLP")])

    assert f"books {thing['id']}, which is nothing that {FUND} says" in visited(fund, tmp_path)["WRONG"]


def test_shares_are_published_while_they_can_be_appealed(fund, tmp_path):
    Shared(fund).decided().closes(appeal_until=at(12)).shared()

    assert "was published on 2026-09-12 12:00:00+00:00; the appeals of" in visited(fund, tmp_path)["WRONG"]


def test_an_activity_of_a_fund_stands_at_home(fund, tmp_path):
    fund.gift(1, at_home=False)

    assert "is not an activity of https://fondo.example/c/fondo" in visited(fund, tmp_path)["WRONG"]
