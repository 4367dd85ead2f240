"""A statement beside the account: every line is matched once, and by the label that somebody wrote into it before all else."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from node.domain.reconciling import Line, Match, Movement, Promise, labels_in, reconcile

DAY = date(2026, 9, 3)


def test_a_line_is_the_entry_of_its_amount_on_the_nearest_day() -> None:
    booked = [
        Movement(3, DAY - timedelta(4), 1000),
        Movement(4, DAY, 1000),
        Movement(5, DAY + timedelta(9), 1000),
    ]
    told = reconcile([Line(DAY, 1000), Line(DAY, 1000), Line(DAY, 1000)], booked, [])
    assert [(each.match, each.seq) for each in told.lines] == [
        (Match.BOOKED, 4),
        (Match.BOOKED, 3),
        (Match.UNMATCHED, None),
    ]
    assert [each.seq for each in told.missing] == [5]


def test_the_label_counts_before_the_day() -> None:
    booked = [Movement(3, DAY, 1000, "D-0001"), Movement(4, DAY + timedelta(30), 1000, "D-0002")]
    told = reconcile([Line(DAY, 1000), Line(DAY, 1000, labels_in("gracias d-0002, abrazos"))], booked, [])
    assert [each.seq for each in told.lines] == [3, 4]


def test_a_promise_that_came_is_found_and_two_of_one_amount_are_not_guessed() -> None:
    promised = [Promise("a", 500), Promise("b", 700), Promise("c", 700, "D-00FF")]
    told = reconcile([Line(DAY, 500), Line(DAY, 700), Line(DAY, -500)], [], promised)
    assert [(each.match, each.uri) for each in told.lines] == [
        (Match.PLEDGED, "a"),
        (Match.UNCLEAR, ""),
        (Match.UNMATCHED, ""),
    ]
    assert told.lines[1].candidates == ("b", "c")
    named = reconcile([Line(DAY, 700, ("D-00FF",)), Line(DAY, 700)], [], promised)
    assert [each.uri for each in named.lines] == ["c", "b"]


def test_a_line_that_names_one_gift_is_not_taken_for_another_of_its_amount() -> None:
    promised = [Promise("named", 7500, "D-2CDF"), Promise("other", 64000, "D-00FF")]
    abono = Line(DAY, 64000, ("D-2CDF",))
    (told,) = reconcile([abono], [], promised).lines
    assert (told.match, told.uri, told.candidates) == (Match.UNCLEAR, "", ("named",))
    for booked, known in (
        ([Movement(3, DAY, 64000, "D-00FF"), Movement(4, DAY, 7500, "D-2CDF")], ()),
        ([Movement(3, DAY, 64000, "D-00FF")], ("D-2CDF",)),
    ):
        (told,) = reconcile([abono], booked, promised[1:], known).lines
        assert (told.match, told.seq, told.uri) == (Match.UNCLEAR, None, "")


amounts = st.integers(-3, 3).filter(bool)
days = st.integers(0, 12).map(lambda number: DAY + timedelta(number))


@given(
    st.lists(st.builds(Line, days, amounts), max_size=12),
    st.lists(st.tuples(days, amounts), max_size=12),
    st.lists(st.integers(1, 3), max_size=6),
)
def test_nothing_is_matched_twice_and_amounts_are_equal(
    lines: list[Line], booked: list[tuple[date, int]], promised: list[int]
) -> None:
    movements = {seq: Movement(seq, on, amount) for seq, (on, amount) in enumerate(booked)}
    promises = {f"p{place}": Promise(f"p{place}", amount) for place, amount in enumerate(promised)}
    told = reconcile(lines, movements.values(), promises.values())
    assert [each.line for each in told.lines] == lines
    entries = [each.seq for each in told.lines if each.seq is not None]
    came = [each.uri for each in told.lines if each.uri]
    assert len(set(entries)) == len(entries)
    assert len(set(came)) == len(came)
    assert {each.seq for each in told.missing} == movements.keys() - set(entries)
    for each in told.lines:
        if each.seq is not None:
            assert movements[each.seq].amount == each.line.amount
        if each.uri:
            assert promises[each.uri].amount == each.line.amount
