"""Double entry: what balances, what does not, and that splitting loses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.posting import (
    MOST_POSTINGS,
    AccountError,
    CommodityError,
    PostingError,
    UnbalancedError,
    add,
    check,
    read,
    split,
    sums,
    totals,
    written,
)

W10 = [
    [("assets:bank", 203000, "CLP"), ("income:donations", -203000, "CLP")],
    [("assets:bank", 47000, "CLP"), ("income:donations", -47000, "CLP")],
    [("assets:bank", 375000, "CLP"), ("income:donations", -375000, "CLP")],
    [
        ("expenses:allocations", 624000, "CLP"),
        ("liabilities:payable:esperanza", -346500, "CLP"),
        ("liabilities:payable:lohermida", -87000, "CLP"),
        ("liabilities:payable:maule", -52500, "CLP"),
        ("liabilities:payable:villasol", -138000, "CLP"),
    ],
    [("liabilities:payable:esperanza", 346500, "CLP"), ("assets:bank", -346500, "CLP")],
]
CHARGEBACK = [("income:donations", 47000, "CLP"), ("assets:bank", -47000, "CLP")]


def balances_of(entries):
    balances = {}
    for entry in entries:
        add(balances, entry)
    return balances


def test_w5_a_chargeback_leaves_the_fund_over_committed():
    before, after = totals(balances_of(W10))[0], totals(balances_of([*W10, CHARGEBACK]))[0]

    assert (before.received, before.spent, before.promised, before.unallocated) == (
        625000,
        346500,
        277500,
        1000,
    )
    assert (after.received, after.spent, after.promised, after.unallocated) == (
        578000,
        346500,
        277500,
        -46000,
    )


def test_what_was_paid_in_for_a_match_was_not_spent():
    paid = [("assets:bank", 300, "CLP"), ("liabilities:matching:m-1", -300, "CLP")]
    added = [("liabilities:matching:m-1", 180, "CLP"), ("income:matching:m-1", -180, "CLP")]

    (waiting,), (moved,) = totals(balances_of([paid])), totals(balances_of([paid, added]))

    assert (waiting.received, waiting.spent, waiting.promised, waiting.held, waiting.unallocated) == (
        300,
        0,
        0,
        300,
        0,
    )
    assert (moved.received, moved.spent, moved.promised, moved.held, moved.unallocated) == (
        300,
        0,
        0,
        120,
        180,
    )


def test_money_and_rations_have_figures_of_their_own():
    cooked = [("assets:rations", 100, "RATION"), ("income:in-kind", -100, "RATION")]

    by_commodity = {each.commodity: each for each in totals(balances_of([W10[0], cooked]))}

    assert by_commodity["CLP"].received == 203000
    assert by_commodity["RATION"].received == 100


def test_an_entry_that_does_not_sum_to_zero_is_refused_with_the_difference():
    with pytest.raises(UnbalancedError, match="CLP sum to 1") as refused:
        check([("assets:bank", 47001, "CLP"), ("income:donations", -47000, "CLP")])

    assert refused.value.excess == 1


def test_commodities_never_make_up_for_each_other():
    with pytest.raises(UnbalancedError):
        check([("assets:bank", 100, "CLP"), ("income:donations", -100, "PEN")])


@pytest.mark.parametrize("commodity", ["", "clp", "DOGE", "CLP "])
def test_an_unknown_commodity_is_refused(commodity):
    with pytest.raises(CommodityError):
        check([("assets:bank", 1, commodity), ("income:donations", -1, commodity)])


@pytest.mark.parametrize(
    "account", ["assets", "bank", "assets:", "assets:my bank", "other:bank", "assets:a\nb", "a" * 400, "Assets:Bank"]
)  # fmt: skip
def test_what_is_no_account_is_refused(account):
    with pytest.raises(AccountError):
        check([(account, 1, "CLP"), ("income:donations", -1, "CLP")])


@given(st.integers(-(10**15), 10**15), st.sampled_from(["CLP", "PEN", "KILOGRAM", "RATION"]))
def test_an_amount_reads_back_from_its_one_spelling(amount, commodity):
    assert read(written(amount, commodity), commodity) == amount


@pytest.mark.parametrize("text", ["01.00", "1", "1.0", "1.000", "-0.00", "1e2", " 1.00", "+1.00", "١.00"])
def test_another_spelling_of_an_amount_is_refused(text):
    with pytest.raises(PostingError):
        read(text, "PEN")


balanced = st.builds(
    lambda owed: [
        ("expenses:allocations", sum(amount for amount, _ in owed), "CLP"),
        *((f"liabilities:payable:{name}@x.example", -amount, "CLP") for amount, name in owed),
    ],
    st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10**6)), min_size=1, unique_by=lambda row: row[1]),
)  # fmt: skip


@given(balanced, st.integers(2, 20))
def test_a_split_entry_books_the_same_in_pieces_that_each_balance(postings, most):
    pieces = list(split(postings, most))

    assert balances_of(pieces) == balances_of([postings])
    for piece in pieces:
        assert len(piece) <= most
        assert set(sums(piece).values()) == {0}


@given(balanced)
def test_what_fits_stays_one_entry(postings):
    assert list(split(postings, len(postings))) == [tuple(postings)]


def test_881_claimants_are_split_into_entries_of_at_most_256_postings():
    owed = [(f"liabilities:payable:olla{n}@ollas.example", -1000 - n, "CLP") for n in range(881)]
    postings = [("expenses:allocations", -sum(amount for _, amount, _ in owed), "CLP"), *owed]

    pieces = list(split(postings))

    assert len(pieces) == 4
    assert max(map(len, pieces)) == MOST_POSTINGS
    assert balances_of(pieces) == balances_of([postings])
