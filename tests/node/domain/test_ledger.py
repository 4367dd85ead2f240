"""Entries sum to zero, balances are what was booked, and every mistake of a bookkeeper is named at once."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.kind import Entry
from node.domain.ledger import (
    BANK,
    DONATIONS,
    FEES,
    HOLDING,
    Assertion,
    Booked,
    Problem,
    audit,
    held,
    payable,
    problems,
    reversal,
    unmet,
)
from node.domain.posting import add, is_account, totals


def entry(day: str, *postings: tuple[str, int], unit: str = "CLP") -> Entry:
    return Entry(day, tuple((account, amount, unit) for account, amount in postings))


def gift(day: str, amount: int) -> Entry:
    return entry(day, (BANK, amount), (DONATIONS, -amount))


SHARES = {"esperanza": 346_500, "lohermida": 87_000, "maule": 52_500, "villasol": 138_000}
SCENARIO_1 = [
    gift("2020-09-03", 203_000),
    gift("2020-09-05", 47_000),
    gift("2020-09-09", 375_000),
    entry(
        "2020-09-12",
        ("expenses:allocations", 624_000),
        *((payable(f"https://{name}.example/c/{name}"), -amount) for name, amount in SHARES.items()),
    ),
    entry("2020-09-14", (payable("https://esperanza.example/c/esperanza"), 346_500), (BANK, -346_500)),
]
CHARGEBACK = reversal(SCENARIO_1[1], date(2020, 9, 20))


def balances_of(*entries: Entry) -> dict[tuple[str, str], int]:
    balances: dict[tuple[str, str], int] = {}
    for each in entries:
        add(balances, each.postings)
    return balances


def figures(*entries: Entry) -> tuple[int, int, int, int]:
    """Bank, payable, unallocated, cleared: the words of W5."""
    balances = balances_of(*entries)
    (of_clp,) = totals(balances)
    return held(balances, BANK, "CLP"), of_clp.promised, of_clp.unallocated, of_clp.received


def test_w5_after_the_first_transfer():
    assert figures(*SCENARIO_1) == (278_500, 277_500, 1_000, 625_000)


def test_w5_a_chargeback_overcommits_the_fund():
    assert entry("2020-09-20", (BANK, -47_000), (DONATIONS, 47_000)) == CHARGEBACK
    assert figures(*SCENARIO_1, CHARGEBACK) == (231_500, 277_500, -46_000, 578_000)


def test_gifts_that_wait_for_a_decision_are_not_free():
    given_late = entry("2020-12-20", (BANK, 50), (HOLDING, -50))
    assert figures(gift("2020-09-03", 100), given_late) == (150, 0, 100, 150)


def test_a_fee_is_no_gift_taken_back():
    paid = entry("2020-09-03", (BANK, 198_000), (FEES, 5_000), (DONATIONS, -203_000))
    assert figures(paid) == (198_000, 0, 198_000, 203_000)


def test_an_account_holds_what_the_accounts_below_it_hold_and_no_other():
    balances = balances_of(*SCENARIO_1)
    assert held(balances, "liabilities", "CLP") == held(balances, "liabilities:payable", "CLP") == -277_500
    assert held(balances, payable("https://maule.example/c/maule"), "CLP") == -52_500
    assert held(balances, "assets:ban", "CLP") == held(balances, BANK, "EUR") == 0


# What is wrong


def fields_of(found: tuple[Problem, ...]) -> list[str]:
    return [problem.field for problem in found]


def test_the_entries_of_scenario_1_have_no_problem():
    booked = [Booked(i, f"https://fondo.example/s/{i}", e) for i, e in enumerate([*SCENARIO_1, CHARGEBACK])]
    known = [
        Assertion(date(2020, 9, 14), BANK, "CLP", 278_500),
        Assertion(date(2020, 9, 20), BANK, "CLP", 231_500),
    ]
    assert audit(booked, known) == ()


def test_every_problem_of_an_entry_is_found_at_once():
    wrong = Entry("2020-9-3", (("bank", 3, "CLP"), (DONATIONS, -2, "clp"), (FEES, 0, "ZZZ")))
    found = problems(wrong, 7)
    assert fields_of(found) == ["date", "postings", "postings", "account", "commodity", "amount", "commodity"]
    assert {problem.seq for problem in found} == {7}
    assert [p.values["total"] for p in found if p.field == "postings"] == [3, -2]


@pytest.mark.parametrize(
    "account",
    [
        "assets",
        "assets:",
        "assets::bank",
        "Assets:bank",
        "cash:bank",
        "assets:my bank",
        "assets:bank\n",
        "x assets:bank",
    ],
)
def test_an_account_of_another_form_is_refused(account):
    assert fields_of(problems(entry("2020-09-03", (account, 1), (DONATIONS, -1)))) == ["account"]


def test_a_handle_with_a_port_is_an_account():
    assert problems(entry("2020-09-03", (payable("http://127.0.0.1:8091/users/olla"), 1), (BANK, -1))) == ()


@pytest.mark.parametrize(
    "day", ["", "20200903", "2020-09-31", "2020-09-03T00:00", "3 Sep 2020", "2020-W36-4"]
)
def test_a_day_of_another_form_is_refused(day):
    assert fields_of(problems(gift(day, 1))) == ["date"]


def test_an_entry_of_nothing_or_of_too_much_is_refused():
    assert fields_of(problems(Entry("2020-09-03", ()))) == ["postings"]
    many = entry("2020-09-03", *[(f"assets:a{i}", 1) for i in range(256)], (DONATIONS, -256))
    assert fields_of(problems(many)) == ["postings"]
    assert fields_of(problems(gift("2020-09-03", 10**18 + 1))) == ["amount", "amount"]


def test_a_gap_in_the_numbers_is_found_where_it_opens():
    booked = [Booked(i, "a", gift("2020-09-03", 1)) for i in (4, 5, 7, 8)]
    assert [(p.seq, p.field, p.values) for p in audit(booked)] == [(7, "seq", {"number": 6})]


def test_an_assertion_is_of_the_end_of_its_day():
    day = [gift("2020-09-03", 100), gift("2020-09-04", 10)]
    assert unmet(day[::-1], [Assertion(date(2020, 9, 3), BANK, "CLP", 100)]) == ()
    assert unmet(day, [Assertion(date(2020, 9, 2), BANK, "CLP", 0)]) == ()
    found = unmet(
        day, [Assertion(date(2020, 9, 4), BANK, "CLP", 100), Assertion(date(2020, 9, 3), BANK, "CLP", 90)]
    )
    assert [(p.values["asserted"], p.values["booked"]) for p in found] == [(90, 100), (100, 110)]


def test_an_assertion_in_an_unknown_commodity_is_a_problem_and_no_crash():
    assert fields_of(unmet([gift("2020-09-03", 1)], [Assertion(date(2020, 9, 3), BANK, "ZZZ", 0)])) == [
        "commodity"
    ]


# Reversing


@given(
    st.lists(
        st.tuples(st.sampled_from([BANK, FEES, HOLDING]), st.integers(), st.sampled_from(["CLP", "RATION"])),
        max_size=40,
    )
)
def test_an_entry_and_its_reversal_leave_nothing(postings):
    whole = Entry("2020-09-03", tuple(postings))
    assert set(balances_of(whole, reversal(whole, date(2020, 9, 4))).values()) <= {0}


@pytest.mark.parametrize(
    ("actor", "account"),
    [
        ("https://olla.example/c/esperanza", "liabilities:payable:esperanza@olla.example"),
        ("https://olla.example/@esperanza/", "liabilities:payable:esperanza@olla.example"),
        ("http://127.0.0.1:8091/users/olla", "liabilities:payable:olla@127.0.0.1:8091"),
    ],
)
def test_whoever_is_owed_is_named_by_its_address_alone(actor: str, account: str) -> None:
    assert payable(actor) == account


@pytest.mark.parametrize(
    "actor",
    ["https://olla.example", "http://[::1]/c/olla", "https://[x/c/olla", "https://x.example/" + "x" * 400],
)
def test_an_address_that_gives_no_name_still_gives_an_account_of_its_own(actor: str) -> None:
    assert is_account(payable(actor))
    assert payable(actor) != payable(actor + "/b")
