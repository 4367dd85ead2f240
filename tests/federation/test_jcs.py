import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import Malformed
from federation.jcs import canonical
from federation.jsonld import parse

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/signatures/jcs-rfc8785.json").read_bytes())


@pytest.mark.parametrize("vector", VECTORS["documents"], ids=lambda vector: vector["id"])
def test_published_documents_have_their_canonical_form(vector: dict) -> None:
    value = parse(vector["input_text"].encode(), max_bytes=10_000, max_depth=10)
    assert canonical(value).decode() == vector["canonical"]


@pytest.mark.parametrize("vector", VECTORS["numbers"], ids=lambda vector: vector["ieee754_hex"])
def test_published_numbers_have_their_canonical_form(vector: dict) -> None:
    [number] = struct.unpack(">d", bytes.fromhex(vector["ieee754_hex"]))
    if vector["json"] is None:
        with pytest.raises(Malformed):
            canonical(number)
    else:
        assert canonical(number).decode() == vector["json"]


@pytest.mark.parametrize("value", [2**53, -(2**53), {"a": "\ud800"}, {1: 2}, [float("nan")], [{1, 2}]])
def test_what_readers_differ_on_has_no_canonical_form(value: object) -> None:
    with pytest.raises(Malformed):
        canonical(value)


TEXT = st.text(st.characters(codec="utf-8"))
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2.0**52), 2.0**52)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_the_canonical_form_is_one_and_says_the_same(value: object) -> None:
    once = canonical(value)
    assert json.loads(once) == value
    assert canonical(json.loads(once)) == once
