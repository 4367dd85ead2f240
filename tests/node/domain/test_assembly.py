"""A decision is what its members' stances give, and nobody can adopt what they did not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.assembly import (
    Outcome,
    Process,
    Stance,
    Voice,
    refuse_outcome,
    refuse_settled,
    refuse_stance,
    review_due,
    tally,
)
from node.domain.kind import NotAllowedError

KITCHENS = [f"https://{name}.example/c/{name}" for name in ("esperanza", "lohermida", "maule", "villasol")]
E, L, M, V = KITCHENS
YES, NO, SILENT = Voice.CONSENT, Voice.OBJECTION, Voice.ABSTAIN


def said(*voices: tuple[str, Voice], process=Process.CONSENT, quorum=3, settled=()):
    stances = [Stance(by, voice, "porque no" if voice is NO else "") for by, voice in voices]
    return tally(process, quorum, KITCHENS, stances, settled)


def test_four_kitchens_consent():
    counted = said((E, YES), (L, YES), (M, YES), (V, YES))
    assert counted.outcome is Outcome.ADOPTED
    assert (counted.count(YES), counted.count(NO), counted.count(Voice.ABSENT)) == (4, 0, 0)


def test_without_quorum_nothing_is_decided():
    assert said((E, YES), (L, YES)).outcome is Outcome.NO_QUORUM
    assert said((E, NO), (L, NO)).outcome is Outcome.NO_QUORUM
    assert said().outcome is Outcome.NO_QUORUM


def test_an_abstention_takes_part():
    assert said((E, YES), (L, SILENT), (M, SILENT)).outcome is Outcome.ADOPTED


def test_those_who_said_nothing_are_listed_as_absent():
    counted = said((E, YES), (L, YES), (M, YES))
    assert list(counted.stances) == KITCHENS
    assert counted.stances[V] == Stance(V, Voice.ABSENT)


def test_one_objection_blocks_consent():
    counted = said((E, YES), (L, YES), (M, NO), (V, YES))
    assert counted.outcome is Outcome.BLOCKED
    assert [stance.by for stance in counted.standing_objections] == [M]


def test_a_withdrawn_objection_blocks_no_more():
    assert said((E, YES), (L, YES), (M, NO), (V, YES), (M, SILENT)).outcome is Outcome.ADOPTED


def test_a_resolved_objection_blocks_no_more_and_still_stands_in_the_record():
    counted = said((E, YES), (L, YES), (M, NO), settled=[M])
    assert counted.outcome is Outcome.ADOPTED
    assert counted.stances[M].reason == "porque no"


def test_by_consent_resolved_objections_are_not_weighed_against_those_who_consent():
    assert said((E, YES), (L, NO), (M, NO), settled=[L, M]).outcome is Outcome.ADOPTED


def test_the_order_of_the_members_changes_nothing():
    one, other = (
        tally(Process.CONSENT, 1, members, [Stance(E, YES)]) for members in (KITCHENS, KITCHENS[::-1])
    )
    assert list(one.stances) == list(other.stances)


def test_a_consent_that_becomes_an_objection_blocks():
    assert said((E, YES), (L, YES), (M, YES), (E, NO)).outcome is Outcome.BLOCKED


def test_nobody_against_is_not_yet_somebody_for():
    assert said((E, SILENT), (L, SILENT), (M, SILENT)).outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    ("voices", "outcome"),
    [
        (((E, YES), (L, YES), (M, NO)), Outcome.ADOPTED),
        (((E, YES), (L, NO), (M, SILENT)), Outcome.REJECTED),
        (((E, NO), (L, NO), (M, YES), (V, YES)), Outcome.REJECTED),
        (((E, YES), (L, YES)), Outcome.NO_QUORUM),
    ],
)
def test_by_majority_more_must_consent_than_object(voices, outcome):
    assert said(*voices, process=Process.MAJORITY).outcome is outcome


def test_a_resolved_objection_is_still_a_vote_against():
    assert (
        said((E, YES), (L, NO), (M, NO), process=Process.MAJORITY, settled=[L, M]).outcome is Outcome.REJECTED
    )


def test_who_is_no_member_is_heard_and_not_counted():
    stranger = "https://intrusa.example/c/intrusa"
    counted = said((E, YES), (L, YES), (stranger, NO), (stranger, YES))
    assert counted.outcome is Outcome.NO_QUORUM
    assert [stance.by for stance in counted.outsiders] == [stranger]
    assert said((E, YES), (L, YES), (M, YES), (stranger, NO)).outcome is Outcome.ADOPTED


@given(
    st.lists(st.tuples(st.sampled_from([*KITCHENS, "x"]), st.sampled_from([YES, NO, SILENT])), max_size=12),
    st.integers(1, 4),
)
def test_no_decision_is_adopted_without_quorum_or_over_an_objection(voices, quorum):
    counted = said(*voices, quorum=quorum)
    last = dict(voices)
    taking_part = len(last.keys() & set(KITCHENS))
    adopted = counted.outcome is Outcome.ADOPTED
    assert not adopted or (taking_part >= quorum and not any(last.get(k) is NO for k in KITCHENS))
    for claimed in Outcome:
        if claimed is counted.outcome:
            refuse_outcome(claimed, counted)
        else:
            with pytest.raises(NotAllowedError):
                refuse_outcome(claimed, counted)


def test_where_nobody_belongs_nobody_decides():
    with pytest.raises(NotAllowedError, match="nobody belongs"):
        tally(Process.CONSENT, 1, (), ())


@pytest.mark.parametrize("quorum", [0, -1, 5])
def test_a_quorum_that_is_no_number_of_members_is_refused(quorum):
    with pytest.raises(NotAllowedError) as caught:
        said((E, YES), quorum=quorum)
    assert caught.value.field == "quorum"


def test_the_refusal_of_an_outcome_says_what_is_missing():
    with pytest.raises(NotAllowedError) as caught:
        refuse_outcome(Outcome.ADOPTED, said((E, YES)))
    assert caught.value.values == {"quorum": 3, "present": 1}
    with pytest.raises(NotAllowedError) as caught:
        refuse_outcome(Outcome.ADOPTED, said((E, YES), (L, NO), (M, YES)))
    assert caught.value.values == {"objectors": L}


@pytest.mark.parametrize(
    ("stance", "field"),
    [
        (Stance("https://intrusa.example/c/intrusa", YES), "about"),
        (Stance(E, Voice.ABSENT), "stance"),
        (Stance(E, NO), "reason"),
        (Stance(E, NO, "  \n"), "reason"),
    ],
)
def test_a_stance_that_says_too_little_is_refused(stance, field):
    with pytest.raises(NotAllowedError) as caught:
        refuse_stance(stance, KITCHENS)
    assert caught.value.field == field


def test_a_stance_of_a_member_is_taken():
    for stance in (Stance(E, YES), Stance(E, SILENT), Stance(E, NO, "falta el gas")):
        refuse_stance(stance, KITCHENS)


def test_only_an_objection_that_stands_can_be_resolved():
    refuse_settled(said((E, YES), (L, YES), (M, NO), settled=[M]))
    for who in (L, V, "https://intrusa.example/c/intrusa"):
        with pytest.raises(NotAllowedError) as caught:
            refuse_settled(said((E, YES), (L, YES), (M, NO), settled=[M, who]))
        assert caught.value.field == "resolved"


def test_a_decision_is_looked_at_again_from_its_review_day_on():
    assert not review_due(date(2020, 12, 1), date(2020, 11, 30))
    assert review_due(date(2020, 12, 1), date(2020, 12, 1))
