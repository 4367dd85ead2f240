from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.addressing import Audience, address, audience_of, recipients, without_blind
from federation.vocab import PUBLIC

FOLLOWERS, PEERS = "https://we.example/c/olla/followers", "https://we.example/c/olla/peers"
ANA = "https://a.example/users/ana"
AUDIENCES: list[Audience] = ["public", "unlisted", "followers", "peers", "direct"]


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("mentioned", [(), (ANA,)])
def test_what_is_addressed_to_an_audience_is_read_as_for_it(
    audience: Audience, mentioned: tuple[str, ...]
) -> None:
    addressed = address(audience, followers=FOLLOWERS, peers=PEERS, mentioned=mentioned)
    document = {"to": list(addressed.to), "cc": list(addressed.cc)}
    assert audience_of(document, followers=FOLLOWERS, peers=PEERS) == audience
    assert (ANA in recipients(document)) == bool(mentioned)


@pytest.mark.parametrize("audience", ["peers", "direct"])
def test_what_is_for_few_names_neither_public_nor_followers(audience: Audience) -> None:
    addressed = address(audience, followers=FOLLOWERS, peers=PEERS, mentioned=[ANA])
    assert not {PUBLIC, FOLLOWERS} & {*addressed.to, *addressed.cc}


@pytest.mark.parametrize("spelling", [PUBLIC, "as:Public", "Public"])
def test_public_is_known_in_each_spelling(spelling: str) -> None:
    assert audience_of({"to": spelling}, followers=None) == "public"
    assert audience_of({"to": ANA, "cc": [spelling]}, followers=None) == "unlisted"


@pytest.mark.parametrize(
    "document", [{}, {"to": ANA}, {"to": "https://else.example/followers"}, {"to": None, "cc": 5}]
)
def test_whatever_names_nobody_known_is_for_few(document: dict[str, Any]) -> None:
    assert audience_of(document, followers=FOLLOWERS, peers=PEERS) == "direct"


JSON = st.recursive(
    st.none() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["bto", "bcc", "to", "object", "tag"]), inner, max_size=4)
    ),
)


@given(JSON)
def test_blind_copies_leave_at_no_depth(value: Any) -> None:
    assert all(key not in {"bto", "bcc"} for key in _keys(without_blind(value)))


def _keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for inner in value.values() for key in _keys(inner))]
    return [key for inner in value for key in _keys(inner)] if isinstance(value, list) else []


def test_recipients_are_those_of_the_object_too_and_never_the_blind() -> None:
    document = {
        "to": [PUBLIC, ANA],
        "bcc": "https://x.example/",
        "object": {"cc": FOLLOWERS, "bto": "https://y.example/"},
    }
    assert recipients(document) == (ANA, FOLLOWERS)
