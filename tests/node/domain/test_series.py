"""What comes back every week falls on its weekday, between its first day and its last."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from node.domain.series import Weekly

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
WEEKLY = st.builds(Weekly, st.integers(0, 6), DAYS, st.none() | DAYS)


def test_the_next_fridays_and_the_last_ones() -> None:
    fridays = Weekly(4, date(2026, 11, 2), date(2026, 12, 10))

    assert fridays.coming(date(2026, 11, 20), 4) == (
        date(2026, 11, 20),
        date(2026, 11, 27),
        date(2026, 12, 4),
    )
    assert fridays.gone(date(2026, 11, 20), 4) == (date(2026, 11, 13), date(2026, 11, 6))
    assert fridays.gone(date(2026, 12, 25), 1) == (date(2026, 12, 4),)
    assert fridays.coming(date(2026, 12, 25), 4) == ()
    assert fridays.coming(date(2026, 10, 1), 1) == (date(2026, 11, 6),)


def test_the_end_of_the_calendar_is_no_accident() -> None:
    assert Weekly(0, date.max).coming(date.max, 4) == ()
    assert Weekly(0, date.min).gone(date.min, 4) == ()


@given(WEEKLY, DAYS)
def test_no_day_is_left_out_and_none_is_invented(weekly: Weekly, today: date) -> None:
    around = [today + timedelta(days=step) for step in range(-28, 28)]
    expected = [day for day in around if weekly.falls_on(day)]

    coming, gone = weekly.coming(today, 4), weekly.gone(today, 4)

    assert [day for day in expected if day >= today] == [day for day in coming if day in around]
    if weekly.ends is None or weekly.ends >= today - timedelta(days=7):
        shown = [day for day in reversed(gone) if day in around]
        assert set(shown) <= set(expected)
        assert all(day < today for day in gone)
