"""What an app shows to whoever edits a need is the command that says it, and reads as the same need."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from node.domain.retyped import retyped, retyped_pledge, rewritten
from node.domain.typed import read_fields
from node.tongues import Tongue
from schemas import Quantity, SchemaError, Unit, Uri
from schemas.meal import Meal
from schemas.need import Need
from schemas.pledge import Pledge

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
EN = Tongue.of("en", ZoneInfo("Europe/London"))
TODAY = date(2026, 8, 24)
BY = datetime(2026, 8, 29, 3, 59, 59, tzinfo=UTC)


def need(what: str, value: str, unit: Unit = Unit.KILOGRAM, **more: object) -> Need:
    return Need(what=what, quantity=Quantity(Decimal(value), unit), **more)  # type: ignore[arg-type]


def again(text: str, tongue: Tongue, before: Need) -> Need:
    fields = rewritten(text, "need", tongue, TODAY)
    assert fields is not None
    found = read_fields(Need, fields, tongue, TODAY, lambda _field, ref: ref, before=before)
    assert isinstance(found, Need)
    return found


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (need("lentejas", "40", by=BY), "#necesitamos 40 kg lentejas, hasta el 2026-08-28"),
        (need("ollas grandes", "3", Unit.ONE), "#necesitamos 3 ollas grandes"),
        (need("aceite", "1.5", Unit.LITRE, details="Del bueno."), "#necesitamos 1,5 l aceite.\nDel bueno."),
    ],
)
def test_a_need_is_shown_as_its_command(record: Need, text: str) -> None:
    assert retyped(record, ES, TODAY) == text
    assert again(text, ES, record) == record


def test_what_is_taken_out_of_the_command_is_emptied() -> None:
    record = need("lentejas", "40", by=BY, place="La Pintana")
    changed = again("#necesitamos 30 kg lentejas", ES, record)
    assert (changed.quantity.value, changed.by, changed.place) == (Decimal(30), None, "La Pintana")


def meal(menu: str, *, served: int | None = None, planned: int | None = None, **more: object) -> Meal:
    counts = {
        name: Quantity(Decimal(count), Unit.ONE)
        for name, count in (("served", served), ("planned", planned))
        if count
    }
    return Meal(menu=menu, on=TODAY, **counts, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("record", "tongue", "text"),
    [
        (meal("porotos", served=100), ES, "#servimos 100 raciones de porotos, el 2026-08-24"),
        (
            meal("porotos con riendas", served=1118, planned=1200, details="Con pan."),
            ES,
            "#servimos 1118 raciones de porotos con riendas, el 2026-08-24 (planeadas: 1200).\nCon pan.",
        ),
        (meal("food", planned=120), EN, "#weplan 120 rations of food, on 2026-08-24"),
        (
            meal("tallarines rojos", served=100),
            ES,
            "#servimos el 2026-08-24: 100 raciones de tallarines rojos",
        ),
        (meal("lentil stew", planned=120), EN, "#weplan 120 rations of lentil stew, on 2026-08-24"),
        (
            meal("arroz sobrante", planned=120),
            ES,
            "#planeamos el 2026-08-24: 120 raciones de arroz sobrante",
        ),
        (meal("10 cazuelas", served=100), ES, None),
    ],
)
def test_a_meal_is_shown_as_its_command(record: Meal, tongue: Tongue, text: str | None) -> None:
    assert retyped(record, tongue, TODAY) == text
    if text is not None:
        fields = rewritten(text, "meal", tongue, TODAY)
        assert fields is not None
        assert read_fields(Meal, fields, tongue, TODAY, lambda _field, ref: ref, before=record) == record


def test_what_was_planned_stays_when_it_was_served() -> None:
    fields = rewritten("#servimos 110 raciones de porotos", "meal", ES, TODAY)
    assert fields == {"menu": "porotos", "served": "110", "details": ""}


@given(
    st.sampled_from(
        [
            "lentejas",
            "rice",
            "10 ollas",
            "kilos de pan",
            "#pan",
            "arroz, y té",
            "x\ny",
            "a las 10",
            "",
            "ñandú",
        ]
    ),
    st.decimals(min_value="0.001", max_value=10_000, places=3),
    st.sampled_from(list(Unit)),
    st.sampled_from(["es", "en"]),
)
def test_it_is_never_shown_as_what_would_be_read_otherwise(
    what: str, value: Decimal, unit: Unit, language: str
) -> None:
    tongue = ES if language == "es" else EN
    try:
        record = Need(what=what, quantity=Quantity(value, unit))
    except SchemaError:
        assume(False)
    text = retyped(record, tongue, TODAY)
    if text is not None:
        found = again(text, tongue, record)
        assert (found.what, found.quantity) == (record.what, record.quantity)


@pytest.mark.parametrize(
    ("record", "tongue", "text"),
    [
        (
            Pledge(need=Uri("https://olla.example/o/1"), quantity=Quantity(Decimal(12), Unit.KILOGRAM)),
            ES,
            "#aportamos 12 kg",
        ),
        (
            Pledge(
                need=Uri("https://olla.example/o/1"),
                quantity=Quantity(Decimal(3), Unit.ONE),
                by=BY,
                details="Del bueno.",
            ),
            EN,
            "#wepledge 3, by 2026-08-29 at 04:59.\nDel bueno.",
        ),
        (
            Pledge(
                need=Uri("https://olla.example/o/1"), quantity=Quantity(Decimal(12), Unit.KILOGRAM), by=BY
            ),
            ES,
            "#aportamos 12 kg, hasta el 2026-08-28",
        ),
    ],
)
def test_a_promise_that_was_taken_back_is_written_again_as_its_command(
    record: Pledge, tongue: Tongue, text: str
) -> None:
    assert retyped_pledge(record, tongue, TODAY) == text
