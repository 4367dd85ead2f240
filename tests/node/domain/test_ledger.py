"""Entries sum to zero, balances are what was booked, and every mistake of a bookkeeper is named at once."""

import json
from collections import Counter
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
    Balances,
    Booked,
    LedgerError,
    Problem,
    audit,
    payable,
    problems,
    reversal,
    split,
    standing,
    unmet,
)

CLP = {"CLP"}


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
        *((payable(f"{name}@{name}.example"), -amount) for name, amount in SHARES.items()),
    ),
    entry("2020-09-14", (payable("esperanza@esperanza.example"), 346_500), (BANK, -346_500)),
]
CHARGEBACK = reversal(SCENARIO_1[1], date(2020, 9, 20))


def figures(*entries: Entry) -> tuple[int, int, int, int]:
    now = standing(Balances(entries), "CLP")
    return now.held, now.owed, now.unallocated, now.cleared


def test_w5_after_the_first_transfer():
    assert figures(*SCENARIO_1) == (278_500, 277_500, 1_000, 625_000)
    assert not standing(Balances(SCENARIO_1), "CLP").overcommitted


def test_w5_a_chargeback_overcommits_the_fund():
    assert entry("2020-09-20", (BANK, -47_000), (DONATIONS, 47_000)) == CHARGEBACK
    assert figures(*SCENARIO_1, CHARGEBACK) == (231_500, 277_500, -46_000, 578_000)
    assert standing(Balances([*SCENARIO_1, CHARGEBACK]), "CLP").overcommitted


def test_gifts_that_wait_for_a_decision_are_neither_owed_nor_free():
    now = standing(
        Balances([gift("2020-09-03", 100), entry("2020-12-20", (BANK, 50), (HOLDING, -50))]), "CLP"
    )
    assert (now.held, now.owed, now.holding, now.unallocated, now.cleared) == (150, 0, 50, 100, 100)


def test_a_fee_is_no_gift_taken_back():
    paid = entry("2020-09-03", (BANK, 198_000), (FEES, 5_000), (DONATIONS, -203_000))
    assert figures(paid) == (198_000, 0, 198_000, 203_000)


def test_an_account_holds_what_the_accounts_below_it_hold_and_no_other():
    balances = Balances(SCENARIO_1)
    assert balances.of("liabilities", "CLP") == balances.of("liabilities:payable", "CLP") == -277_500
    assert balances.of(payable("maule@maule.example"), "CLP") == -52_500
    assert balances.of("assets:ban", "CLP") == balances.of(BANK, "EUR") == 0


def test_commodities_are_never_mixed():
    balances = Balances(
        [
            gift("2020-09-03", 7),
            entry("2020-09-03", ("assets:stock", 5), ("income:donations", -5), unit="RATION"),
        ]
    )
    assert list(balances) == [
        ("assets:bank", "CLP", 7),
        ("assets:stock", "RATION", 5),
        ("income:donations", "CLP", -7),
        ("income:donations", "RATION", -5),
    ]


# What is wrong


def fields_of(found: tuple[Problem, ...]) -> list[str]:
    return [problem.field for problem in found]


def test_the_entries_of_scenario_1_have_no_problem():
    booked = [Booked(i, f"https://fondo.example/s/{i}", e) for i, e in enumerate([*SCENARIO_1, CHARGEBACK])]
    known = [
        Assertion(date(2020, 9, 14), BANK, "CLP", 278_500),
        Assertion(date(2020, 9, 20), BANK, "CLP", 231_500),
    ]
    assert audit(booked, CLP, known) == ()


def test_every_problem_of_an_entry_is_found_at_once():
    wrong = Entry("2020-9-3", (("bank", 3, "CLP"), (DONATIONS, -2, "clp"), (FEES, 0, "XXX")))
    found = problems(wrong, CLP, 7)
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
    assert fields_of(problems(entry("2020-09-03", (account, 1), (DONATIONS, -1)), CLP)) == ["account"]


def test_a_handle_with_a_port_is_an_account():
    assert problems(entry("2020-09-03", (payable("olla@127.0.0.1:8091"), 1), (BANK, -1)), CLP) == ()


@pytest.mark.parametrize(
    "day", ["", "20200903", "2020-09-31", "2020-09-03T00:00", "3 Sep 2020", "2020-W36-4"]
)
def test_a_day_of_another_form_is_refused(day):
    assert fields_of(problems(gift(day, 1), CLP)) == ["date"]


def test_an_entry_of_nothing_or_of_too_much_is_refused():
    assert fields_of(problems(Entry("2020-09-03", ()), CLP)) == ["postings"]
    many = entry("2020-09-03", *[(f"assets:a{i}", 1) for i in range(256)], (DONATIONS, -256))
    assert fields_of(problems(many, CLP)) == ["postings"]
    assert fields_of(problems(gift("2020-09-03", 10**18 + 1), CLP)) == ["amount", "amount"]


def test_a_gap_in_the_numbers_is_found_where_it_opens():
    booked = [Booked(i, "a", gift("2020-09-03", 1)) for i in (4, 5, 7, 8)]
    assert [(p.seq, p.field, p.values) for p in audit(booked, CLP)] == [(7, "seq", {"number": 6})]


def test_an_assertion_is_of_the_end_of_its_day():
    day = [gift("2020-09-03", 100), gift("2020-09-04", 10)]
    assert unmet(day[::-1], [Assertion(date(2020, 9, 3), BANK, "CLP", 100)]) == ()
    assert unmet(day, [Assertion(date(2020, 9, 2), BANK, "CLP", 0)]) == ()
    found = unmet(
        day, [Assertion(date(2020, 9, 4), BANK, "CLP", 100), Assertion(date(2020, 9, 3), BANK, "CLP", 90)]
    )
    assert [(p.values["asserted"], p.values["booked"]) for p in found] == [(90, 100), (100, 110)]


# Reversing and dividing

postings = st.lists(
    st.tuples(
        st.sampled_from([f"assets:a{i}" for i in range(9)]),
        st.integers(-1_000, 1_000).filter(bool),
        st.sampled_from(["CLP", "RATION"]),
    ),
    max_size=40,
)


@st.composite
def balanced(draw) -> Entry:
    drawn = draw(postings)
    sums = Counter()
    for _, amount, unit in drawn:
        sums[unit] -= amount
    closing = [("equity:rest", amount, unit) for unit, amount in sorted(sums.items()) if amount]
    return Entry("2020-09-03", (*drawn, *closing))


@given(balanced())
def test_an_entry_and_its_reversal_leave_nothing(given_entry):
    assert list(Balances([given_entry, reversal(given_entry, date(2020, 9, 4))])) == []


@given(balanced(), st.integers(2, 12))
def test_a_divided_entry_books_the_same_in_parts_that_each_sum_to_zero(given_entry, most):
    parts = split(given_entry, most=most)
    assert list(Balances(parts)) == list(Balances([given_entry]))
    for part in parts:
        assert len(part.postings) <= most or part is given_entry
        assert not {p.field for p in problems(part, {"CLP", "RATION"})} & {"amount"}
        for unit in ("CLP", "RATION"):
            assert sum(amount for _, amount, commodity in part.postings if commodity == unit) == 0


def test_a_round_of_881_is_divided_into_four():
    owed = [(payable(f"k{i}@k{i}.example"), -1_000 - i) for i in range(881)]
    whole = entry("2020-09-12", ("expenses:allocations", -sum(amount for _, amount in owed)), *owed)
    parts = split(whole)
    assert [len(part.postings) for part in parts] == [256, 256, 256, 117]
    assert all(part.postings[0][0] == "expenses:allocations" for part in parts)
    assert all(problems(part, CLP) == () for part in parts)


def test_long_names_divide_an_entry_before_its_leaf_overflows():
    host = ".".join(["x" * 60] * 4)
    owed = [(payable(f"{i:030}@{host}"), -1) for i in range(600)]
    parts = split(entry("2020-09-12", ("expenses:allocations", 600), *owed))
    leaves = [
        json.dumps(
            [{"account": a, "amount": str(n), "commodity": c} for a, n, c in part.postings],
            separators=(",", ":"),
        )
        for part in parts
    ]
    assert len(parts) == 4
    assert [len(leaf) > 59_000 for leaf in leaves] == [True, True, True, False]
    assert all(len(leaf) <= 60_001 for leaf in leaves)


def test_an_entry_that_fits_is_left_alone():
    assert split(SCENARIO_1[3]) == (SCENARIO_1[3],)


def test_what_does_not_sum_to_zero_is_not_divided():
    with pytest.raises(LedgerError):
        split(entry("2020-09-12", (BANK, 2), (DONATIONS, -1)), most=2)


def test_what_was_stated_of_a_whole_gift_is_not_divided():
    stated = {"amount": "200.00", "currency": "EUR", "rate": "1015"}
    whole = Entry(
        "2020-09-03", ((BANK, 198_000, "CLP"), (FEES, 5_000, "CLP"), (DONATIONS, -203_000, "CLP")), stated
    )
    assert split(whole) == (whole,)
    with pytest.raises(LedgerError):
        split(whole, most=2)
