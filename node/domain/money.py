"""Money as people type it. Integers of minor units, never floats, never without its currency."""

import re

from node.domain.expression import expression
from node.domain.kind import NotAllowedError
from node.domain.measure import read_number
from node.tongues import Tongue
from schemas import CURRENCIES, Money, SchemaError

SIGNS = {"€": "EUR", "£": "GBP", "US$": "USD", "R$": "BRL", "S/": "PEN", "S/.": "PEN", "₡": "CRC", "₲": "PYG"}
"""Signs that only one of the known currencies has; `$` has many."""

PESOS = frozenset({"ARS", "CLP", "COP", "CUP", "DOP", "MXN", "UYU"})
"""Currencies that are called pesos, and written with a `$`."""

_DOLLARS = ("USD", "AUD", "CAD")
_NAMES = {
    **dict.fromkeys(PESOS, "pesos?"),
    **dict.fromkeys(_DOLLARS, "d[oó]lar(?:es)?|dollars?"),
    "BOB": "bolivianos?",
    "BRL": "real|reales|reais",
    "CRC": "col[oó]n(?:es)?",
    "EUR": "euros?",
    "GBP": "libras?|pounds?",
    "GTQ": "quetzal(?:es)?",
    "HNL": "lempiras?",
    "NIO": "c[oó]rdobas?",
    "PEN": "sol(?:es)?",
    "PYG": "guaran[ií](?:e?s)?",
    "VES": "bol[ií]var(?:es)?",
}
"""What people who have one of these currencies call it among themselves."""
_OWN = {
    currency: expression(
        rf"\s*(?:{'[$]' if currency in PESOS or currency in _DOLLARS else '(?!)'}\s*)?(?=[0-9])([0-9.,\s'’]+?)\s*(?:(?:{name})\s*)?",
        re.IGNORECASE,
    )
    for currency, name in _NAMES.items()
}
_NAMED = expression(rf"[€£₡₲/]|\b(?:{'|'.join(CURRENCIES)}|(?-i:[A-Z]{{3}}))\b|(?:US|R)\$", re.IGNORECASE)
"""What names a currency, whether it is a known one or not."""
_MONEY = expression(r"\s*([^\d\s+-]*)\s*([-+]?\s*[0-9][0-9.,\s'’]*)\s*(\S*)\s*", re.DOTALL)


def read_money(text: str, field: str, tongue: Tongue) -> Money:
    """`375000 CLP`, `375.000 CLP`, `S/ 12,50`: an exact amount with its currency."""
    found = _MONEY.fullmatch(text)
    named = [word for word in (found[1], found[3]) if word] if found else []
    if not found or len(named) != 1 or named[0] == "$":
        raise NotAllowedError(
            field, "an amount with its currency, like {example}", example=_example_for(text)
        )
    currency = SIGNS.get(named[0], named[0].upper())
    if currency not in CURRENCIES and not re.fullmatch("[A-Z]{3}", currency):
        raise NotAllowedError(
            field, "an amount with its currency, like {example}", example=_example_for(text)
        )
    if currency not in CURRENCIES:
        raise NotAllowedError(field, "one of these currencies: {known}", known=", ".join(CURRENCIES))
    whole_only = CURRENCIES[currency] == 0
    amount = read_number(found[2], field, tongue, suffix=currency, thousands=whole_only)
    try:
        return Money.of(amount, currency, field)
    except SchemaError as error:
        raise NotAllowedError(error.field, error.expected, **error.values) from None


def in_currency(text: str, currency: str) -> str:
    """An amount as typed, with the currency of whoever typed it where it names none: `15.000`, and as they call it themselves `$ 15.000`,
    `15.000 pesos`, `50 dólares`."""
    own = _OWN[currency].fullmatch(text) if currency in _OWN else None
    if own is None and _NAMED.search(text):
        return text
    return f"{own[1] if own else text} {currency}"


def example_of(currency: str) -> Money:
    """An amount that shows how one of a currency is typed."""
    return Money(375000 if CURRENCIES[currency] == 0 else 37500, currency)


def _example_for(text: str) -> Money:
    """The same in the currency that a text ends with, else in Chilean pesos."""
    last = text.rpartition(" ")[2].upper()
    return example_of(last if last in CURRENCIES else "CLP")
