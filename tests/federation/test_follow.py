import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.follow import FollowEvent, FollowState, _check, named_follow, reference, refollow, step

FOLLOW, FOLLOWER, FOLLOWED = "https://a.example/s/1", "https://a.example/c/a", "https://b.example/c/b"


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ("request", "requested"),
        ("request accept", "accepted"),
        ("request reject", "rejected"),
        ("request accept reject", "removed"),
        ("request accept remove", "removed"),
        ("request accept undo", "undone"),
        ("request undo", "undone"),
        ("request accept undo request accept", "accepted"),
        ("request reject accept", "accepted"),
        ("request accept accept", "accepted"),
        ("request request", "requested"),
    ],
)
def test_a_follow_goes_the_ways_that_are_drawn(events: str, state: str) -> None:
    at: FollowState | None = None
    for event in events.split():
        at = step(at, FollowEvent(event))
    assert at == state


@pytest.mark.parametrize("event", ["accept", "reject", "undo", "remove"])
def test_nobody_becomes_a_follower_by_an_answer_to_a_question_never_asked(event: str) -> None:
    assert step(None, FollowEvent(event)) is None


def test_an_accept_that_comes_after_the_undo_changes_nothing() -> None:
    assert step(FollowState.UNDONE, FollowEvent.ACCEPT) == FollowState.UNDONE


@given(st.lists(st.sampled_from(FollowEvent)))
def test_who_is_accepted_was_accepted_after_asking(events: list[FollowEvent]) -> None:
    at: FollowState | None = None
    for event in events:
        at = step(at, event)
    if at is FollowState.ACCEPTED:
        asked = events.index(FollowEvent.REQUEST)
        assert FollowEvent.ACCEPT in events[asked:]


@pytest.mark.parametrize(
    "graph",
    [
        {None: {FollowEvent.REQUEST: FollowState.REQUESTED}, FollowState.REQUESTED: {}},
        {None: {}},
    ],
)
def test_a_graph_with_a_dead_end_does_not_load(
    graph: dict[FollowState | None, dict[FollowEvent, FollowState]],
) -> None:
    with pytest.raises((TypeError, KeyError)):
        _check(graph)


@pytest.mark.parametrize("approve", [False, True])
def test_somebody_accepted_who_asks_again_is_answered_again(approve: bool) -> None:
    for follow_id in (FOLLOW, "https://a.example/s/2"):
        again = refollow(FollowState.ACCEPTED, FOLLOW, follow_id, approve=approve)
        assert (again.state, again.answer) == (FollowState.ACCEPTED, True)


def test_a_first_follow_is_accepted_unless_a_steward_decides() -> None:
    assert refollow(None, "", FOLLOW, approve=False).answer
    assert refollow(None, "", FOLLOW, approve=True) == refollow(FollowState.UNDONE, "x", FOLLOW, approve=True)


@pytest.mark.parametrize(
    "state", [FollowState.REQUESTED, FollowState.REJECTED, FollowState.REMOVED, FollowState.UNDONE]
)
def test_a_copy_of_a_follow_that_was_settled_brings_nothing_back(state: FollowState) -> None:
    for approve in (False, True):
        assert refollow(state, FOLLOW, FOLLOW, approve=approve).state == state


def test_an_accept_holds_the_follow_by_uris_only() -> None:
    assert all(isinstance(value, str) for value in reference(FOLLOW, FOLLOWER, FOLLOWED).values())


@pytest.mark.parametrize(
    ("inner", "named"),
    [
        (FOLLOW, (FOLLOW, None, None)),
        (reference(FOLLOW, FOLLOWER, FOLLOWED), (FOLLOW, FOLLOWER, FOLLOWED)),
        ({"type": "Follow", "actor": {"id": FOLLOWER}, "object": {"id": FOLLOWED}}, ("", FOLLOWER, FOLLOWED)),
        (None, ("", None, None)),
        (5, ("", None, None)),
        ([], ("", None, None)),
    ],
)
def test_peers_name_a_follow_in_every_way(inner: object, named: tuple[object, ...]) -> None:
    assert named_follow(inner) == named
