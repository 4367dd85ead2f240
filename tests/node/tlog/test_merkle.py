"""Roots and proofs are those of RFC 6962, and nothing that was changed can be proved."""

import json
from base64 import b64decode, b64encode
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.tlog.errors import ConsistencyError, InclusionError
from node.tlog.merkle import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# W10 of the worked examples: six entries of a public account, byte for byte.


def entry(seq, note, date, memo, *postings) -> bytes:
    lines = [{"account": account, "amount": str(amount), "commodity": "CLP"} for account, amount in postings]
    record = {
        "activity": f"https://fondo.example/notes/{note}",
        "date": date,
        "memo": memo,
        "postings": lines,
        "seq": seq,
        "type": "LedgerEntry",
    }
    return json.dumps(record, separators=(",", ":")).encode()


BANK, GIVEN, PAYABLE = "assets:bank", "income:donations", "liabilities:payable:"
W10 = [
    entry(0, "d1", "2020-09-03", "Donacion EUR 200.00 x 1015", (BANK, 203_000), (GIVEN, -203_000)),
    entry(1, "d2", "2020-09-05", "Donacion USD 50.00 x 940", (BANK, 47_000), (GIVEN, -47_000)),
    entry(2, "d3", "2020-09-09", "Donacion CLP 375000", (BANK, 375_000), (GIVEN, -375_000)),
    entry(
        3,
        "a1",
        "2020-09-12",
        "Asignacion ronda 1: 416 raciones",
        ("expenses:allocations", 624_000),
        (PAYABLE + "esperanza", -346_500),
        (PAYABLE + "lohermida", -87_000),
        (PAYABLE + "maule", -52_500),
        (PAYABLE + "villasol", -138_000),
    ),
    entry(
        4, "t1", "2020-09-14", "Transferencia a esperanza", (PAYABLE + "esperanza", 346_500), (BANK, -346_500)
    ),
    entry(5, "x1", "2020-09-20", "Reverso de la donacion d2", (GIVEN, 47_000), (BANK, -47_000)),
]
W10_ROOTS = [
    "dcMTjBdmK+tJ3av7+liR7fNvWC860hBWJHaHq91s5U0=",
    "ZEC6JhNhUuyi0dHi4RJLHE3pYF8bRyYBEx1ITaa4Vts=",
    "Sc5pcgJb5o/a6NEoKGhIR0eRTpeVJitGoPP99UKmQNs=",
    "jjhgnMDyTTE6Bml/XQl/rsuteNa654RJQpxDJdlIv7Q=",
    "4HmlYL+ZVNWqf7J/P4+qvTeT9XAW7DFw1upd+4FivWM=",
    "cqtCsY2yyb44af4CWJ/awYgp+ZLwDtLPUdGBDMIh1aM=",
]
W10_PATH_OF_1_IN_5 = [
    "dcMTjBdmK+tJ3av7+liR7fNvWC860hBWJHaHq91s5U0=",
    "5pHhxMf7A/gJKLLguOqs4Af3aT1J1gzo1GkvZ0y5eyc=",
    "vwMwmH9szCWYL7x1jQkhu7qk88roUGnHL+Fmrc22xiQ=",
]


def subtree_of(leaves):
    """The hashes of a tree as a list of leaf hashes tells them."""
    return cache(lambda level, index: root_of(leaves[index << level : (index + 1) << level]))


def mth(leaves) -> bytes:
    """MTH as RFC 6962 writes it, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % i) for i in range(size)]


def test_w10_roots_of_all_sizes():
    leaves = [leaf_hash(e) for e in W10]
    assert [b64encode(root_of(leaves[:size])).decode() for size in range(1, 7)] == W10_ROOTS


def test_w10_inclusion_of_entry_1_in_size_5():
    leaves = [leaf_hash(e) for e in W10]
    proof = prove_inclusion(1, 5, subtree_of(leaves))
    assert [b64encode(node).decode() for node in proof] == W10_PATH_OF_1_IN_5
    verify_inclusion(leaf_hash(W10[1]), 1, 5, proof, b64decode(W10_ROOTS[4]))


def test_w10_one_peso_more_breaks_inclusion_and_consistency():
    forged = [leaf_hash(e.replace(b"47000", b"47001") if i == 1 else e) for i, e in enumerate(W10)]
    proof = [b64decode(node) for node in W10_PATH_OF_1_IN_5]
    with pytest.raises(InclusionError):
        verify_inclusion(forged[1], 1, 5, proof, b64decode(W10_ROOTS[4]))
    for witnessed in range(2, 5):
        shown = prove_consistency(witnessed, 5, subtree_of(forged))
        with pytest.raises(ConsistencyError):
            verify_consistency(witnessed, b64decode(W10_ROOTS[witnessed - 1]), 5, root_of(forged[:5]), shown)


def test_the_roots_of_the_certificate_transparency_test_tree():
    """The eight leaves that implementations of RFC 6962 share as a test."""
    leaves = [leaf_hash(bytes.fromhex(x)) for x in ("", "00", "10", "2021", "3031", "40414243")]
    leaves += [leaf_hash(bytes(range(0x50, 0x58))), leaf_hash(bytes(range(0x60, 0x70)))]
    assert root_of(leaves[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_of(leaves[:2]).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert root_of(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(st.integers(0, 600))
def test_the_frontier_knows_the_same_root_as_the_whole_tree(size):
    leaves = leaves_of(size)
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    assert frontier.size == size
    assert frontier.root() == root(size, subtree_of(leaves)) == mth(leaves)


@settings(max_examples=8)
@given(st.integers(1, 600))
def test_every_leaf_proves_at_its_index_and_at_no_other(size):
    leaves = leaves_of(size)
    tree = root_of(leaves)
    for index, leaf in enumerate(leaves):
        proof = prove_inclusion(index, size, subtree_of(leaves))
        verify_inclusion(leaf, index, size, proof, tree)
        for wrong in {index - 1, index + 1, size, 0} - {index}:
            with pytest.raises(InclusionError):
                verify_inclusion(leaf, wrong, size, proof, tree)


def test_every_size_is_consistent_with_every_larger_one():
    leaves = leaves_of(40)
    roots = [root_of(leaves[:size]) for size in range(41)]
    for new in range(41):
        for old in range(new + 1):
            verify_consistency(
                old, roots[old], new, roots[new], prove_consistency(old, new, subtree_of(leaves))
            )


@given(st.integers(0, 600), st.integers(0, 600))
def test_large_sizes_are_consistent_too(one, other):
    old, new = sorted((one, other))
    leaves = leaves_of(new)
    proof = prove_consistency(old, new, subtree_of(leaves))
    verify_consistency(old, root_of(leaves[:old]), new, root_of(leaves), proof)


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_no_changed_hash_or_root_or_length_of_a_proof_passes(one, other, data):
    old, new = sorted((one, other))
    leaves = leaves_of(new)
    old_root, new_root = root_of(leaves[:old]), root_of(leaves)
    proof = list(prove_consistency(old, new, subtree_of(leaves)))
    index = data.draw(st.integers(0, new - 1))
    path = list(prove_inclusion(index, new, subtree_of(leaves)))
    other_hash = leaf_hash(b"other")
    for wrong in spoiled(path, other_hash):
        with pytest.raises(InclusionError):
            verify_inclusion(leaves[index], index, new, wrong, new_root)
    with pytest.raises(InclusionError):
        verify_inclusion(other_hash, index, new, path, new_root)
    for wrong in spoiled(proof, other_hash):
        with pytest.raises(ConsistencyError):
            verify_consistency(old, old_root, new, new_root, wrong)
    for roots in ((other_hash, new_root), (old_root, other_hash)):
        with pytest.raises(ConsistencyError):
            verify_consistency(old, roots[0], new, roots[1], proof)


def spoiled(proof, other_hash):
    yield [*proof, other_hash]
    yield [other_hash, *proof]
    for i in range(len(proof)):
        yield [*proof[:i], *proof[i + 1 :]]
        yield [*proof[:i], other_hash, *proof[i + 1 :]]


def test_an_empty_tree_is_continued_by_any_and_proved_by_nothing():
    tree = root_of(leaves_of(3))
    verify_consistency(0, EMPTY_ROOT, 3, tree, [])
    verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    with pytest.raises(ConsistencyError):
        verify_consistency(0, EMPTY_ROOT, 3, tree, [tree])
    with pytest.raises(ConsistencyError):
        verify_consistency(0, EMPTY_ROOT, 0, tree, [])
    with pytest.raises(ConsistencyError):
        verify_consistency(0, tree, 3, tree, [])


def test_a_rollback_cannot_be_proved():
    leaves = leaves_of(5)
    with pytest.raises(ConsistencyError):
        prove_consistency(5, 4, subtree_of(leaves))
    with pytest.raises(ConsistencyError):
        verify_consistency(5, root_of(leaves), 4, root_of(leaves[:4]), [])


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_a_leaf_outside_the_tree_cannot_be_proved(index):
    leaves = leaves_of(3)
    with pytest.raises(InclusionError):
        prove_inclusion(index, 3, subtree_of(leaves))
    with pytest.raises(InclusionError):
        verify_inclusion(leaves[0], index, 3, [], root_of(leaves))
