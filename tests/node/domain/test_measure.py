"""Amounts as people type them: read exactly, or refused with what was expected."""

import re
from contextlib import nullcontext, suppress
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.kind import NotAllowedError
from node.domain.measure import UNITS, read_number, read_quantity, total
from node.tongues import Tongue
from schemas import Quantity, Unit

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
EN = Tongue.of("en", ZoneInfo("America/Santiago"))
KG, L = Unit.KILOGRAM, Unit.LITRE


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("40 kg", "40", KG),
        ("40kg", "40", KG),
        (" 40  Kilos ", "40", KG),
        ("1,5 l", "1.5", L),
        ("1.5 litros", "1.5", L),
        ("500 g", "0.5", KG),
        ("250 ml", "0.25", L),
        ("0.500 kg", "0.5", KG),
        ("1234.567 kg", "1234.567", KG),
        ("1.234,5 kg", "1234.5", KG),
        ("1,234.5 kg", "1234.5", KG),
        ("1 234,5 kg", "1234.5", KG),
        ("1.234.567 kg", "1234567", KG),
        ("12 horas", "12", Unit.HOUR),
        ("3 unidades", "3", Unit.ONE),
        ("60 raciones", "60", Unit.RATION),
        ("700 kcal", "700", Unit.KILOCALORIE),
        ("-3 kg", "-3", KG),
        ("1/2 kg", "0.5", KG),
        ("¼ kg", "0.25", KG),
        ("1½ litros", "1.5", L),
        ("2 y 3/4 kg", "2.75", KG),
        ("medio kilo", "0.5", KG),
        ("Media hora", "0.5", Unit.HOUR),
        ("half a kilo", "0.5", KG),
        ("3 litros y medio", "3.5", L),
        ("3 y medio litros", "3.5", L),
    ],
)
def test_an_amount_is_read_as_it_is_meant(text: str, value: str, unit: Unit) -> None:
    for tongue in (ES, EN):
        assert read_quantity(text, "quantity", tongue) == Quantity(Decimal(value), unit)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1.500 kg", '"1,5 kg" o "1500 kg"'),
        ("1,500 kg", '"1,5 kg" o "1500 kg"'),
        ("12.345 l", '"12,3450 l" o "12345 l"'),
        ("40", "kg, g, l"),
        ("kg", "kg, g, l"),
        ("", "kg, g, l"),
        ("3 sacos", "una de estas unidades: kg"),
        ("1e5 kg", "una de estas unidades"),
        ("11/2 kg", "una de estas unidades"),
        ("3/5 kg", "una de estas unidades"),
        ("1/2/2020", "una de estas unidades"),
        ("1/2", "kg, g, l"),
        ("3 litros y medio kilo", "una de estas unidades"),
        ("40 kg 3", "una de estas unidades"),
        ("1..5 kg", "un número, como 12,5"),
        ("1.23.456 kg", "un número, como 12,5"),
        ("1,234,5 kg", "un número, como 12,5"),
        ("1 23 kg", "un número, como 12,5"),
        ("9" * 16 + " kg", "a lo más 15 cifras enteras y 6 decimales"),
        ("0,0000001 kg", "a lo más 15 cifras enteras y 6 decimales"),
        ("٤٠ kg", "una cantidad con su unidad"),
        ("0,0001 g", "a lo más 15 cifras enteras y 6 decimales"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused_with_what_was_expected(text: str, hint: str) -> None:
    with pytest.raises(NotAllowedError) as caught:
        read_quantity(text, "quantity", ES)
    assert caught.value.field == "quantity"
    assert hint in ES.say(caught.value.expected, **caught.value.values)


def test_both_readings_of_a_refused_number_are_accepted() -> None:
    for text in ("1.500 kg", "12.345 kg", "999,001 kg"):
        with pytest.raises(NotAllowedError) as caught:
            read_quantity(text, "quantity", ES)
        small, large = caught.value.values["small"], caught.value.values["large"]
        digits = text.removesuffix(" kg").replace(",", ".")
        assert read_quantity(str(small), "quantity", ES).value == Decimal(digits)
        assert read_quantity(str(large), "quantity", ES).value == Decimal(digits.replace(".", ""))


def test_a_number_alone_needs_a_single_unit() -> None:
    assert read_quantity("120", "planned", ES, (Unit.ONE,)) == Quantity(Decimal(120), Unit.ONE)
    with pytest.raises(NotAllowedError, match="one of these units"):
        read_quantity("120 kg", "planned", ES, (Unit.ONE,))


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from([ES, EN]))
def test_what_is_written_is_read_again_or_refused_never_misread(number: Decimal, tongue: Tongue) -> None:
    quantity = Quantity.of(number, KG)
    written = tongue.quantity(quantity)
    ambiguous = re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3} kg", written)
    with pytest.raises(NotAllowedError, match="one reading") if ambiguous else nullcontext():
        assert read_quantity(written, "quantity", tongue) == quantity


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_number, read_quantity):
        with suppress(NotAllowedError):
            assert read(text, "x", ES) == read(text, "x", EN)


def test_every_unit_can_be_typed() -> None:
    assert {unit for unit, _ in UNITS.values()} == set(Unit)


def test_a_total_counts_only_its_unit() -> None:
    mixed = [Quantity.of("0.1", KG)] * 3 + [Quantity.of(5, L)]
    assert total(mixed, KG) == Quantity.of("0.3", KG)


def test_where_only_one_unit_fits_a_number_is_asked_for() -> None:
    with pytest.raises(NotAllowedError) as caught:
        read_quantity("muchas", "planned", ES, (Unit.RATION,))
    assert ES.say(caught.value.expected, **caught.value.values) == "un número, como 120"
