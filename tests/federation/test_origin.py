import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import FederationError, Malformed, NotOwner, WrongOrigin
from federation.origin import (
    author_of,
    authority_of,
    check_authorship,
    is_ours,
    may_speak_for,
    origin_of,
    own_object,
    same_origin,
)
from federation.vocab import Activity, read_activity
from tests.correspondents import ORIGIN, Correspondent

ANA = Correspondent("https://a.example/users/ana")
EVA = Correspondent("https://a.example/users/eva")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://a.example/users/ana", "https://a.example"),
        ("HTTPS://A.Example:443/", "https://a.example"),
        ("https://a.example.", "https://a.example"),
        ("https://a.example:8443?x", "https://a.example:8443"),
        ("http://127.0.0.1:8091/", "http://127.0.0.1:8091"),
        ("http://a.example:80", "http://a.example"),
        ("https://ñandú.example/", "https://xn--and-6ma2c.example"),
        ("https://XN--AND-6ma2c.example/", "https://xn--and-6ma2c.example"),
        ("https://[2001:DB8::0:1]/", "https://[2001:db8::1]"),
    ],
)
def test_one_origin_has_one_spelling(url: str, origin: str) -> None:
    assert origin_of(url) == origin
    assert origin_of(origin) == origin
    assert f"{origin.split(':', maxsplit=1)[0]}://{authority_of(url)}" == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example",
        "//a.example/",
        "https://",
        "https:///x",
        "ftp://a.example/",
        "javascript:alert(1)",
        "acct:ana@a.example",
        "did:key:z6Mk",
        "https://ana@a.example/",
        "https://a.example:pw@b.example/",
        "https://a.example\\@b.example/",
        "https://a.example/ x",
        "https://a.example/\n",
        "https://a.example:99999/",
        "https://a.example:0/",
        "https://a.example:x/",
        "https://a..example/",
        "https://.example/",
        "https://a.example../",
        "https://-a.example/",
        "https://%61.example/",
        "https://a.example%2f.b.example/",
        "https://[::1/",
        "https://[::g]/",
        "https://a\u2100.example/",
        "https://" + "a" * 300 + "/",
        "https://\u202ea.example/",
    ],
)
def test_what_parsers_could_read_differently_has_no_origin(url: str) -> None:
    with pytest.raises(WrongOrigin):
        origin_of(url)
    assert not same_origin(url, url)
    assert not is_ours(url, ORIGIN)


@given(st.text(max_size=30), st.sampled_from(["https://", "http://", ""]))
def test_any_text_ends_in_an_origin_or_a_verdict(text: str, scheme: str) -> None:
    try:
        origin = origin_of(scheme + text)
    except WrongOrigin:
        return
    assert origin.isascii()
    assert origin_of(origin) == origin


def test_a_neighbour_and_a_subdomain_are_of_other_origins() -> None:
    assert not same_origin("https://a.example/", "http://a.example/")
    assert not same_origin("https://a.example/", "https://a.example:8443/")
    assert not same_origin("https://a.example/", "https://sub.a.example/")
    assert is_ours("https://MINGA.example:443/o/1", ORIGIN)
    assert not is_ours("https://minga.example.b.example/o/1", ORIGIN)


def test_only_the_author_speaks_for_itself_not_its_neighbour() -> None:
    assert may_speak_for(ANA.id, ANA.id)
    assert not may_speak_for(EVA.id, ANA.id)


def test_a_successor_speaks_for_whom_it_succeeds_and_not_the_reverse() -> None:
    first, second, third = (f"https://{name}.example/c/olla" for name in "xyz")
    successions = {first: second, second: third}
    assert may_speak_for(third, first, successions)
    assert may_speak_for(second, first, successions)
    assert not may_speak_for(first, third, successions)
    assert not may_speak_for(ANA.id, first, successions)


def test_successions_in_a_circle_end() -> None:
    assert not may_speak_for(ANA.id, "https://x.example/", {"https://x.example/": "https://x.example/"})


def read(**changed: object) -> Activity:
    return read_activity(json.dumps(ANA.note(**changed)).encode())


def check(**changed: object) -> None:
    check_authorship(read(**changed), own_origin=ORIGIN)


NOTE = ANA.note()["object"]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"type": "Update", "object": {"id": ANA.id, "type": "Person"}},
        {"object": {**NOTE, "attributedTo": [ANA.id, "https://a.example/channels/1"]}},
        {"object": {"id": NOTE["id"], "type": "Note"}},
        {"object": NOTE["id"]},
        {"type": "Delete", "object": ANA.id},
        {"type": "Delete", "object": {"type": "Tombstone", "id": NOTE["id"]}},
        {"type": "Undo", "object": {"type": "Follow", "id": "https://a.example/f/1", "actor": ANA.id}},
        {"type": "Undo", "object": "https://a.example/f/1"},
        {"type": "Announce", "object": {"id": "https://b.example/1", "attributedTo": "https://b.example/u"}},
        {"type": "Like", "object": f"{ORIGIN}/o/1"},
        {"type": "Accept", "object": {"type": "Follow", "id": f"{ORIGIN}/s/1", "actor": f"{ORIGIN}/c/olla"}},
    ],
)  # fmt: skip
def test_what_the_actor_may_say_passes(changed: dict) -> None:
    check(**changed)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"id": "https://b.example/1"}, WrongOrigin),
        ({"id": f"{ORIGIN}/s/1"}, WrongOrigin),
        ({"object": {**NOTE, "id": "https://b.example/notes/1"}}, WrongOrigin),
        ({"object": {**NOTE, "id": f"{ORIGIN}/o/1"}}, WrongOrigin),
        ({"object": {**NOTE, "attributedTo": EVA.id}}, NotOwner),
        ({"object": {**NOTE, "attributedTo": 7}}, NotOwner),
        ({"object": {**NOTE, "attributedTo": {"type": "Person"}}}, NotOwner),
        ({"type": "Update", "object": {"id": EVA.id, "type": "Person"}}, NotOwner),
        (
            {"type": "Update", "object": {"id": EVA.id, "type": ["Note", "Person"], "attributedTo": ANA.id}},
            NotOwner,
        ),
        ({"type": "Delete", "object": "https://b.example/notes/1"}, WrongOrigin),
        ({"type": "Delete", "object": f"{ORIGIN}/o/1"}, WrongOrigin),
        (
            {"type": "Undo", "object": {"type": "Follow", "actor": EVA.id, "id": "https://a.example/f/1"}},
            NotOwner,
        ),
        ({"type": "Create", "object": {"type": "Note"}}, Malformed),
        ({"type": "Delete", "object": None}, Malformed),
        ({"type": "Create", "object": "javascript:1"}, WrongOrigin),
    ],
)
def test_what_is_somebody_elses_to_say_is_refused(changed: dict, verdict: type[FederationError]) -> None:
    with pytest.raises(verdict):
        check(**changed)


def test_an_embedded_object_is_believed_only_from_its_author() -> None:
    assert own_object(read()) == NOTE
    assert own_object(read(object=NOTE["id"])) is None
    assert own_object(read(type="Announce", object={**NOTE, "attributedTo": EVA.id})) is None
    assert own_object(read(type="Announce", object={**NOTE, "id": "https://b.example/1"})) is None


def test_an_object_names_its_author() -> None:
    assert author_of(NOTE) == ANA.id
    assert author_of({"type": "Person", "id": EVA.id, "attributedTo": ANA.id}) == EVA.id
    assert author_of({"type": "Follow", "actor": {"id": ANA.id}}) == ANA.id
    assert author_of({"type": "Note"}) is None
