"""Roots as words: what is typed back is what was shown, and every slip is named."""

import re
from datetime import UTC, datetime

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.identity import check_identity
from node.errors import InvalidError
from node.recovery import Roots, root_of, seal_identity, words_of

ACTOR = "https://olla.example/c/esperanza"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ZEROS = bytes(32)


@given(st.binary(min_size=32, max_size=32))
def test_words_lead_back_to_their_root(root):
    assert root_of(words_of(root)) == root


def test_the_words_are_those_of_bip39():
    assert words_of(ZEROS) == "abandon " * 23 + "art"


def test_words_may_be_copied_from_the_sheet_with_their_numbers():
    roots = Roots(bytes(range(32)), bytes(range(1, 33)))
    first, second = re.findall(r"(?:^ ?\d+\..*\n)+", roots.sheet(ACTOR), re.MULTILINE)

    assert root_of(first.upper()) == roots.first
    assert root_of(roots.sheet(ACTOR)) == roots.first
    assert root_of(second) == roots.second


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "24"),
        ("abandon " * 23, "there are 23"),
        ("abandon " * 23 + "artt", "“artt”"),
        ("abandon " * 24, "fit together"),
        ("abandon " * 12, "there are 12"),
    ],
)
def test_a_slip_in_the_words_is_named(typed, said):
    with pytest.raises(InvalidError, match="words") as refused:
        root_of(typed)

    assert said in refused.value.public


def test_only_root_1_opens_what_is_sealed():
    roots = Roots(b"1" * 32, b"2" * 32)
    recipient = pyrage.x25519.Recipient.from_str(roots.found(ACTOR, NOW).seal)
    sealed = pyrage.encrypt(b"respaldo", [recipient])

    assert pyrage.decrypt(sealed, [seal_identity(roots.first)]) == b"respaldo"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [seal_identity(roots.second)])


def test_the_statement_binds_the_actor_and_promises_root_2_without_naming_its_key():
    roots = Roots(b"1" * 32, b"2" * 32)
    founding = roots.found(ACTOR, NOW)

    checked = check_identity(founding.statement, ACTOR, NOW)

    assert checked.sequence == 0
    assert len(checked.next_keys) == 1
    assert roots.found(ACTOR, NOW).statement == founding.statement
    assert Roots(roots.first, b"3" * 32).found(ACTOR, NOW).statement != founding.statement
