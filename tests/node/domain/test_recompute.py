"""Whose tie key decided is said of those alone between whom it decided."""

import pytest

from node.domain.allocation import Claim, allocate
from node.domain.recompute import tied
from tests.node.domain.test_allocation import kitchens


@pytest.mark.parametrize(
    ("rule", "pot", "claims", "expected"),
    [
        ("largest-remainder/1", 416, kitchens(), ""),
        ("largest-remainder/1", 11, [("A", 6), ("B", 6), ("C", 2)], ""),
        ("largest-remainder/1", 10, [("A", 1), ("B", 1), ("C", 1)], "ABC"),
        ("largest-remainder/1", 9, [("A", 1), ("B", 1), ("C", 1)], ""),
        ("webster/1", 9, [("A", 6), ("B", 6), ("C", 2)], ""),
        ("webster/1", 10, [("A", 6), ("B", 6), ("C", 2)], "ABC"),
        ("webster/1", 11, [("A", 6), ("B", 6), ("C", 2)], "ABC"),
        ("webster/1", 12, [("A", 6), ("B", 6), ("C", 2)], ""),
        ("webster/1", 1, [("A", 6), ("B", 6), ("C", 2)], "AB"),
    ],
)
def test_whose_key_decided(rule, pot, claims, expected):
    given = [each if isinstance(each, Claim) else Claim(*each) for each in claims]

    assert tied(allocate(rule, pot, given, "gas")) == set(expected)


def test_who_is_capped_ties_with_nobody():
    claims = [Claim("A", 1, 2), Claim("B", 1, 2), Claim("C", 1, 9), Claim("D", 1, 9)]

    assert tied(allocate("max-min/1", 9, claims, "gas")) == {"C", "D"}
