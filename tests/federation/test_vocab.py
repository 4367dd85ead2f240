import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import FederationError, Malformed, TooLarge
from federation.limits import Limits
from federation.vocab import (
    PUBLIC,
    PUBLIC_SPELLINGS,
    Activity,
    as_list,
    id_of,
    is_as2_media_type,
    is_public,
    read_activity,
    types_of,
)

FOLLOW = {
    "@context": "https://www.w3.org/ns/activitystreams",
    "id": "https://a.example/follows/1",
    "type": "Follow",
    "actor": "https://a.example/users/ana",
    "object": "https://b.example/c/olla",
}


def read(limits: Limits | None = None, **changed: object) -> Activity:
    document = {name: value for name, value in {**FOLLOW, **changed}.items() if value is not ...}
    return read_activity(json.dumps(document).encode(), limits or Limits())


def test_a_plain_follow_is_read() -> None:
    activity = read()
    assert (activity.id, activity.type, activity.actor) == (FOLLOW["id"], "Follow", FOLLOW["actor"])
    assert activity.object_id == "https://b.example/c/olla"
    assert activity.object is None
    assert activity.document == FOLLOW
    assert json.loads(activity.body) == FOLLOW


def test_values_lists_ids_and_embedded_objects_mean_the_same() -> None:
    activity = read(
        type=["Follow"],
        actor=[{"id": FOLLOW["actor"], "type": "Person"}],
        object=[{"id": "https://b.example/c/olla", "type": "Organization"}],
        to="as:Public",
        cc=["https://b.example/c/olla", "Public", PUBLIC, None, 7],
    )
    assert (activity.type, activity.actor) == ("Follow", FOLLOW["actor"])
    assert activity.object_id == FOLLOW["object"]
    assert activity.object == {"id": "https://b.example/c/olla", "type": "Organization"}
    assert activity.to == (PUBLIC,)
    assert activity.cc == ("https://b.example/c/olla", PUBLIC)
    assert activity.public


def test_of_several_types_the_activity_is_taken() -> None:
    assert read(type=["vf:Need", "Create"]).type == "Create"
    assert read(type="urn:unknown").type == "urn:unknown"


def test_missing_optional_properties_are_no_fault() -> None:
    activity = read(object=..., **{"@context": ...})
    assert (activity.object_id, activity.object, activity.object_ids) == ("", None, ())
    assert (activity.target, activity.to, activity.cc, activity.public) == ("", (), (), False)


def test_all_objects_of_a_flag_are_kept() -> None:
    objects = ["https://b.example/c/olla", {"id": "https://b.example/o/1"}]
    assert read(type="Flag", object=objects).object_ids == (
        "https://b.example/c/olla",
        "https://b.example/o/1",
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"id": ...},
        {"id": ""},
        {"id": 7},
        {"id": "activities/1"},
        {"id": "javascript:alert(1)"},
        {"id": "https://a.example/\n1"},
        {"id": "https://a.example\\@b.example/1"},
        {"id": "https://a.example/\u202e1"},
        {"id": "https://a.example/" + "x" * 3000},
        {"type": ...},
        {"type": []},
        {"type": {"x": 1}},
        {"actor": ...},
        {"actor": {"type": "Person"}},
        {"actor": "ana"},
        {"actor": [FOLLOW["actor"], "https://a.example/users/eva"]},
        {"actor": [FOLLOW["actor"], {"type": "Person"}]},
    ],
)
def test_what_does_not_say_who_says_what_is_malformed(changed: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        read(**changed)


def test_more_recipients_than_the_budget_are_refused() -> None:
    many = [f"https://b.example/{n}" for n in range(6)]
    with pytest.raises(TooLarge):
        read(Limits(recipients=5), to=many)


@pytest.mark.parametrize("body", [b"[]", b"null", b'"Follow"', b"7"])
def test_json_that_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_activity(body)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.just("https://a.example/1"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "@id", "type", "object", "actor", "x"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from(["id", "type", "actor", "object", "to", "cc", "target", "@type"]), JSON)
)
def test_any_json_ends_in_an_activity_or_a_verdict(document: dict[str, object]) -> None:
    try:
        activity = read_activity(json.dumps(document).encode())
    except FederationError:
        return
    assert activity.id.startswith("http")
    assert activity.actor.startswith("http")
    assert isinstance(activity.type, str)


def test_public_has_three_spellings_and_no_fourth() -> None:
    assert all(is_public(spelling) for spelling in PUBLIC_SPELLINGS)
    assert is_public(["https://a.example/", {"id": PUBLIC}])
    assert not is_public("public")
    assert not is_public(None)


def test_absent_and_null_are_no_values() -> None:
    assert as_list(None) == []
    assert as_list("x") == ["x"]
    assert as_list(["x", "y"]) == ["x", "y"]
    assert id_of([]) is None
    assert types_of("x") == ()


@pytest.mark.parametrize(
    ("content_type", "accepted"),
    [
        ("application/activity+json", True),
        ("Application/Activity+JSON; charset=utf-8", True),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', True),
        ("application/ld+json;profile=https://www.w3.org/ns/activitystreams", True),
        (
            'application/ld+json; charset=utf-8; profile="https://x.example/ https://www.w3.org/ns/activitystreams"',
            True,
        ),
        ("application/ld+json", False),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams-not"', False),
        ("application/json", False),
        ("text/html", False),
        ("image/png; x=application/activity+json", False),
        ("", False),
    ],
)
def test_only_activitystreams_media_types_are_taken(content_type: str, accepted: bool) -> None:
    assert is_as2_media_type(content_type) is accepted
