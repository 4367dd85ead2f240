"""Balances are what was booked, and whoever is owed something has an account of its own."""

import pytest

from node.domain.kind import Entry
from node.domain.ledger import (
    BANK,
    DONATIONS,
    FEES,
    HOLDING,
    held,
    payable,
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
CHARGEBACK = entry("2020-09-20", (BANK, -47_000), (DONATIONS, 47_000))


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
