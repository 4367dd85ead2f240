import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.negotiation import DOCUMENT_TYPE, document_type
from federation.vocab import LD_JSON_AS2

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


@pytest.mark.parametrize(
    "accept",
    [
        "application/activity+json",
        f"application/activity+json, {LD}",
        f"{LD}, application/activity+json",
        'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams", text/html;q=0.1',
        "Application/Activity+JSON",
        "application/json",
        "text/html;q=0.5, application/activity+json;q=0.9",
        "text/html, application/activity+json",
        "application/ld+json;q=0.2, application/activity+json;q=0.7",
    ],
)
def test_activity_json_is_answered_in_any_order_and_weight(accept: str) -> None:
    assert document_type(accept) == DOCUMENT_TYPE


@pytest.mark.parametrize(
    "accept",
    [LD, "application/ld+json", f"text/html;q=0.4,{LD};q=0.5", f"application/activity+json;q=0.3, {LD}"],
)
def test_ld_json_is_answered_as_it_was_asked_for(accept: str) -> None:
    assert document_type(accept) == LD_JSON_AS2


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        BROWSER,
        "text/html",
        "text/html, application/activity+json;q=0.9",
        "application/activity+json;q=0",
        "application/activity+json;q=2",
        'application/ld+json; profile="https://example.org/other"',
        'text/html; title="application/activity+json"',
        'text/html; title="a,application/activity+json,b"',
        ";;;,,,",
        '"',
    ],
)
def test_a_page_is_answered_to_browsers_wildcards_and_nonsense(accept: str) -> None:
    assert document_type(accept) is None


KINDS = st.sampled_from(["application/activity+json", LD, "text/html", "application/xml", "*/*"])


@given(st.lists(st.tuples(KINDS, st.integers(0, 1000)), max_size=6, unique_by=lambda each: each[0]))
def test_the_heavier_of_document_and_page_wins_in_any_order(ranges: list[tuple[str, int]]) -> None:
    accept = ", ".join(f"{kind};q={weight / 1000:.3f}" for kind, weight in ranges)
    weights = dict(ranges)
    document = max(weights.get("application/activity+json", 0), weights.get(LD, 0))
    assert (document_type(accept) is not None) == (document > 0 and document >= weights.get("text/html", 0))


@given(st.text(max_size=200))
def test_any_text_is_answered_somehow(accept: str) -> None:
    assert document_type(accept) in {None, DOCUMENT_TYPE, LD_JSON_AS2}
