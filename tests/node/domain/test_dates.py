"""Days and deadlines as people type them."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.dates import read_day, read_moment
from node.domain.kind import NotAllowedError
from node.tongues import Tongue

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
EN = Tongue.of("en", ZoneInfo("America/Santiago"))
TODAY = date(2020, 8, 20)  # a Thursday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-12-05", date(2020, 12, 5)),
        ("28/8", date(2020, 8, 28)),
        ("28-8", date(2020, 8, 28)),
        ("28/8/2021", date(2021, 8, 28)),
        ("5/1", date(2021, 1, 5)),
        ("1/3", date(2020, 3, 1)),
        ("28 de agosto", date(2020, 8, 28)),
        ("28 ago", date(2020, 8, 28)),
        ("28 de Agosto de 2021", date(2021, 8, 28)),
        ("28 agosto del 2021", date(2021, 8, 28)),
        ("hoy", TODAY),
        ("Mañana", date(2020, 8, 21)),
        ("ayer", date(2020, 8, 19)),
        ("viernes", date(2020, 8, 21)),
        ("jueves", TODAY),
        ("miercoles", date(2020, 8, 26)),
        ("viernes 28", date(2020, 8, 28)),
        ("el viernes", date(2020, 8, 21)),
        ("este jueves", TODAY),
        ("el próximo jueves", date(2020, 8, 27)),
        ("jueves que viene", date(2020, 8, 27)),
        ("para el viernes 28", date(2020, 8, 28)),
        ("viernes 4 de septiembre", date(2020, 9, 4)),
        ("Viernes, 4 de septiembre de 2020", date(2020, 9, 4)),
        ("viernes 4/9", date(2020, 9, 4)),
        ("el 4", date(2020, 9, 4)),
        ("el día 20", TODAY),
        ("el 4 de septiembre", date(2020, 9, 4)),
        ("1º de septiembre", date(2020, 9, 1)),
        ("4/9/20", date(2020, 9, 4)),
        ("hoy día", TODAY),
        ("29/2", date(2020, 2, 29)),
    ],
)
def test_a_day_is_the_one_nearest_to_today(text: str, day: date) -> None:
    assert read_day(text, "by", ES, TODAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31/2",
        "viernes 29",
        "8 de brumario",
        "el día menos pensado",
        "2020-13-01",
        "1/2/3",
        "4",
        "el 32",
        "el mes",
        "26-12-04",
    ],
)
def test_what_is_no_day_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotAllowedError) as caught:
        read_day(text, "by", ES, TODAY)
    assert (
        ES.say(caught.value.expected, **caught.value.values)
        == "un día, como jueves 20, 20 de agosto de 2020 o 2020-08-20"
    )


def test_a_day_whose_name_and_number_differ_is_refused_with_the_name_that_it_has() -> None:
    with pytest.raises(NotAllowedError) as caught:
        read_day("jueves 4 de septiembre", "by", ES, TODAY)
    assert "como viernes 4" in ES.say(caught.value.expected, **caught.value.values)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("next friday", date(2020, 8, 21)),
        ("next thursday", date(2020, 8, 27)),
        ("this Thursday", TODAY),
        ("Friday, September 4, 2020", date(2020, 9, 4)),
        ("September 4th", date(2020, 9, 4)),
        ("4th of September", date(2020, 9, 4)),
        ("the 4th", date(2020, 9, 4)),
        ("the day after tomorrow", date(2020, 8, 22)),
    ],
)
def test_a_day_is_read_as_english_says_it(text: str, day: date) -> None:
    assert read_day(text, "by", EN, TODAY) == day


def test_in_english_a_day_with_two_readings_is_refused_with_both() -> None:
    with pytest.raises(NotAllowedError) as caught:
        read_day("5/8", "by", EN, TODAY)
    assert '"2020-08-05" or "2020-05-08"' in EN.say(caught.value.expected, **caught.value.values)
    assert read_day("28/8", "by", EN, TODAY) == date(2020, 8, 28)
    assert read_day("28 August", "by", EN, TODAY) == date(2020, 8, 28)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-08-28", datetime(2020, 8, 29, 3, 59, 59, tzinfo=UTC)),
        ("28/8", datetime(2020, 8, 29, 3, 59, 59, tzinfo=UTC)),
        ("28/8 18:00", datetime(2020, 8, 28, 22, tzinfo=UTC)),
        ("viernes 28 a las 18:30", datetime(2020, 8, 28, 22, 30, tzinfo=UTC)),
        ("hoy a las 8", datetime(2020, 8, 20, 12, tzinfo=UTC)),
        ("hoy a las 8 de la noche", datetime(2020, 8, 21, 0, tzinfo=UTC)),
        ("mañana 18 hrs", datetime(2020, 8, 21, 22, tzinfo=UTC)),
        ("viernes 18.30", datetime(2020, 8, 21, 22, 30, tzinfo=UTC)),
        ("viernes 4.9", datetime(2020, 9, 5, 3, 59, 59, tzinfo=UTC)),
        ("viernes 4.12", datetime(2020, 12, 5, 2, 59, 59, tzinfo=UTC)),
        ("viernes, 18:00 hrs.", datetime(2020, 8, 21, 22, tzinfo=UTC)),
        ("el viernes 28 a las 6 pm", datetime(2020, 8, 28, 22, tzinfo=UTC)),
        ("28 de agosto de 2020 a las 12 p. m.", datetime(2020, 8, 28, 16, tzinfo=UTC)),
        ("viernes 4.09", datetime(2020, 9, 5, 3, 59, 59, tzinfo=UTC)),
        ("el viernes 4.9", datetime(2020, 9, 5, 3, 59, 59, tzinfo=UTC)),
        ("2020-08-28T18:00", datetime(2020, 8, 28, 22, tzinfo=UTC)),
        ("2020-08-28T18:00:45", datetime(2020, 8, 28, 22, 0, 45, tzinfo=UTC)),
        ("2020-08-28T18:00:00Z", datetime(2020, 8, 28, 18, tzinfo=UTC)),
        ("2020-08-28T18:00:00+02:00", datetime(2020, 8, 28, 16, tzinfo=UTC)),
    ],
)
def test_a_deadline_is_the_end_of_its_day_unless_it_has_a_time(text: str, moment: datetime) -> None:
    assert read_moment(text, "by", ES, TODAY) == moment


def test_a_short_name_of_a_day_keeps_its_last_letter_before_a_time() -> None:
    assert read_moment("Sat 18:00", "by", EN, TODAY) == datetime(2020, 8, 22, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "28/8 25:00",
        "28/8 6:75",
        "28/8 6:15:60",
        "28/8 18 pm",
        "28/8 12 de la noche",
        "28/8 1 de la noche",
        "28/8 6",
        "2020-08-28T25:00",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_a_time_that_no_day_has_is_refused(text: str) -> None:
    with pytest.raises(NotAllowedError):
        read_moment(text, "by", ES, TODAY)


@pytest.mark.parametrize("text", ["viernes 5.09", "viernes 18.10", "hoy 4.12", "mañana 9.10"])
def test_what_may_be_a_day_as_well_as_a_time_is_asked_back_with_both(text: str) -> None:
    with pytest.raises(NotAllowedError) as caught:
        read_moment(text, "by", ES, TODAY)
    hour, month = text.split()[1].split(".")
    day = ES.day(read_day(f"{hour}/{month}", "by", ES, TODAY))
    assert f'"{day}" o "{text.split(maxsplit=1)[0]} {hour}:{month}"' in ES.say(
        caught.value.expected, **caught.value.values
    )


@pytest.mark.parametrize(
    "text", ["viernes 18.30", "viernes a las 9.10", "viernes 9.10 hrs", "viernes 28 9.10"]
)
def test_a_time_with_a_point_is_a_time(text: str) -> None:
    assert read_moment(text, "by", ES, TODAY).astimezone(ES.zone).time() in (time(18, 30), time(9, 10))


@given(st.dates(TODAY - timedelta(days=180), TODAY + timedelta(days=180)), st.sampled_from([ES, EN]))
def test_a_day_that_is_written_is_read_again(day: date, tongue: Tongue) -> None:
    assert read_day(tongue.day(day), "on", tongue, TODAY) == day
    assert read_day(tongue.day_month(day), "on", tongue, TODAY) == day
    assert read_day(f"{tongue.day_name(day)}, {tongue.day(day)}", "on", tongue, TODAY) == day


@given(st.text(max_size=25), st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_any_text_is_read_or_refused(text: str, today: date) -> None:
    for tongue in (ES, EN):
        with suppress(NotAllowedError):
            assert read_moment(text, "x", tongue, today).tzinfo is UTC


@pytest.mark.parametrize("text", ["9999-12-31", "9999-12-31T23:59:59Z", "31/12/9999 18:00", "0001-01-01"])
def test_a_day_at_the_end_of_time_is_no_day(text: str) -> None:
    with pytest.raises(NotAllowedError, match="a day, like"):
        read_moment(text, "by", Tongue.of("es", ZoneInfo("Asia/Tokyo")), date(2020, 8, 20))
