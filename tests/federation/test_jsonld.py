import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import Malformed, TooDeep, TooLarge
from federation.jsonld import BUNDLED_CONTEXTS, bundled_context, namespaced, parse

TEXT = st.text(st.characters(codec="utf-8"))
NUMBERS = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def read(body: bytes | str) -> object:
    return parse(body if isinstance(body, bytes) else body.encode(), max_bytes=100_000, max_depth=48)


def depth(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(VALUES, st.booleans())
def test_json_that_a_peer_wrote_is_read_as_it_was_meant(value: object, ascii_only: bool) -> None:
    assert read(json.dumps(value, ensure_ascii=ascii_only)) == value


@given(VALUES, st.integers(1, 6))
def test_depth_is_told_exactly_whatever_stands_in_strings(value: object, allowed: int) -> None:
    document = {"quotes": '\\"[[[[[[[[\\\\', "value": value}
    body = json.dumps(document).encode()
    if depth(document) > allowed:
        with pytest.raises(TooDeep):
            parse(body, max_bytes=100_000, max_depth=allowed)
    else:
        assert parse(body, max_bytes=100_000, max_depth=allowed) == document


@given(st.binary(max_size=200) | st.text('{}[]",:\\ud8900eE-.+ntf', max_size=60).map(str.encode))
def test_random_bytes_end_in_a_value_or_a_verdict(body: bytes) -> None:
    with contextlib.suppress(Malformed):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        '{"actor": "https://a.example/", "actor": "https://b.example/"}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"@graph": []}',
        '{"\\u0040gr\\u0061ph": []}',
        '{"a": {"\\u0061": "\\"", "a": "\\\\"}}',
        '{"object": {"@included": {}}}',
        '{"@context": {"x": {"@reverse": "y"}}}',
        "",
        "{",
        '{"a": 1} x',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b'{"a": "\xff"}',
    ],
)
def test_ambiguous_or_dangerous_bytes_are_malformed(body: bytes | str) -> None:
    with pytest.raises(Malformed):
        read(body)


def test_size_and_depth_are_refused_before_parsing() -> None:
    with pytest.raises(TooLarge):
        parse(b" " * 11, max_bytes=10, max_depth=48)
    with pytest.raises(TooDeep):
        parse(b"[" * 50_000, max_bytes=100_000, max_depth=48)


def test_a_keyword_in_a_text_is_only_a_text() -> None:
    value = {"content": 'how "@graph": and "@reverse" are refused', "@id": "@graph"}
    assert read(json.dumps(value)) == value


def test_a_surrogate_pair_is_one_character() -> None:
    assert read(r'"\ud83c\udf72"') == "🍲"


@pytest.mark.parametrize(
    "document",
    [
        {"purpose": "request"},
        {"@context": ["x", {"v": "https://w3id.org/valueflows#"}], "v:purpose": "request"},
        {"https://w3id.org/valueflows#purpose": "request"},
    ],
)
def test_a_property_is_found_however_it_is_spelled(document: dict[str, object]) -> None:
    spellings = ("https://w3id.org/valueflows/ont/vf#", "https://w3id.org/valueflows#")
    assert namespaced(document, "purpose", spellings) == "request"
    assert namespaced(document, "publishes", spellings) is None


def test_a_prefix_of_another_namespace_is_not_taken() -> None:
    document = {"@context": {"v": "https://other.example/#"}, "v:purpose": "request"}
    assert namespaced(document, "purpose", ("https://w3id.org/valueflows#",)) is None


@pytest.mark.parametrize("url", BUNDLED_CONTEXTS)
def test_bundled_contexts_are_contexts(url: str) -> None:
    context = bundled_context(url)
    assert context is not None
    assert "@context" in context


def test_a_context_that_is_not_bundled_is_never_fetched() -> None:
    assert bundled_context("https://example.org/context") is None
