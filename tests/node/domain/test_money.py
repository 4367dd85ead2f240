"""Money as people type it."""

import re
from contextlib import nullcontext, suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.kind import NotAllowedError
from node.domain.money import in_currency, read_money
from node.tongues import Tongue
from schemas import CURRENCIES, Money

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
EN = Tongue.of("en", ZoneInfo("America/Santiago"))


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("375000 CLP", 375000, "CLP"),
        ("375.000 CLP", 375000, "CLP"),
        ("375,000 clp", 375000, "CLP"),
        ("CLP 1.500", 1500, "CLP"),
        ("1.234.567 CLP", 1234567, "CLP"),
        ("375 000 CLP", 375000, "CLP"),
        ("1500CLP", 1500, "CLP"),
        ("S/ 12,50", 1250, "PEN"),
        ("12.5 PEN", 1250, "PEN"),
        ("1.500,50 PEN", 150050, "PEN"),
        ("€200", 20000, "EUR"),
        ("US$ 50", 5000, "USD"),
        ("0 CLP", 0, "CLP"),
        ("-5 CLP", -5, "CLP"),
    ],
)
def test_money_is_read_to_its_smallest_unit(text: str, minor: int, currency: str) -> None:
    for tongue in (ES, EN):
        assert read_money(text, "amount", tongue) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("375000", "un monto con su moneda, como 375.000 CLP"),
        ("$375.000", "un monto con su moneda, como 375.000 CLP"),
        ("CLP 5 CLP", "un monto con su moneda"),
        ("", "un monto con su moneda"),
        ("5 XYZ", "una de estas monedas: ARS"),
        ("5 pesos", "un monto con su moneda, como 375.000 CLP"),
        ("2 millones", "un monto con su moneda, como 375.000 CLP"),
        ("2 millones USD", "un monto con su moneda, como 375 USD"),
        ("1.500 PEN", '"1,5 PEN" o "1500 PEN"'),
        ("12,5 CLP", "un monto sin decimales, en CLP"),
        ("12,555 PEN", '"12,5550 PEN" o "12555 PEN"'),
        ("1.2.3 CLP", "un número"),
        ("9" * 16 + " CLP", "a lo más 15 cifras enteras"),
    ],
)
def test_what_is_no_amount_of_a_known_currency_is_refused(text: str, hint: str) -> None:
    with pytest.raises(NotAllowedError) as caught:
        read_money(text, "amount", ES)
    assert caught.value.field == "amount"
    assert hint in ES.say(caught.value.expected, **caught.value.values)


@pytest.mark.parametrize(
    ("text", "currency", "whole"),
    [
        ("15.000", "CLP", "15.000 CLP"),
        ("$ 15000", "CLP", "15000 CLP"),
        ("$15.000", "CLP", "15.000 CLP"),
        ("15.000 pesos", "ARS", "15.000 ARS"),
        ("US$ 50", "CLP", "US$ 50"),
        ("$ 50", "EUR", "$ 50 EUR"),
        ("50 euros", "CLP", "50 euros CLP"),
        ("50 euros", "EUR", "50 EUR"),
        ("$ 50", "USD", "50 USD"),
        ("50 dólares", "USD", "50 USD"),
        ("50 dollars", "USD", "50 USD"),
        ("$ 50 pesos", "USD", "$ 50 pesos USD"),
        ("50 eur", "USD", "50 eur"),
        ("50 XYZ", "USD", "50 XYZ"),
        ("15 mil", "CLP", "15 mil CLP"),
        ("12 soles", "PEN", "12 PEN"),
        ("S/ 12,50", "PEN", "S/ 12,50"),
    ],
)
def test_an_amount_without_a_currency_is_in_that_of_whoever_types_it(
    text: str, currency: str, whole: str
) -> None:
    assert in_currency(text, currency) == whole


@given(st.integers(0, 10**14), st.sampled_from(sorted(CURRENCIES)), st.sampled_from([ES, EN]))
def test_what_is_written_is_read_again_or_refused_never_misread(
    minor: int, currency: str, tongue: Tongue
) -> None:
    money = Money(minor, currency)
    written = tongue.money(money)
    ambiguous = CURRENCIES[currency] and re.match(r"[1-9]\d{0,2}[.,]\d{3} ", written)
    with pytest.raises(NotAllowedError, match="one reading") if ambiguous else nullcontext():
        assert read_money(written, "amount", tongue) == money


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(NotAllowedError):
        assert read_money(text, "x", ES) == read_money(text, "x", EN)
