"""Money as people type it. Integers of minor units, never floats, never without its currency."""

import re

from node.domain.kind import NotAllowedError
from node.domain.measure import read_number
from node.tongues import Tongue
from schemas import CURRENCIES, Money, SchemaError

SIGNS = {"€": "EUR", "£": "GBP", "US$": "USD", "R$": "BRL", "S/": "PEN", "S/.": "PEN", "₡": "CRC", "₲": "PYG"}
"""Signs that only one of the known currencies has; `$` has many."""

PESOS = frozenset({"ARS", "CLP", "COP", "CUP", "DOP", "MXN", "UYU"})
"""Currencies that are called pesos, and written with a `$`."""

_PESOS = re.compile(r"\s*(?:\$\s*)?(?=[0-9])([0-9.,\s'’]+?)\s*(?:pesos?\s*)?", re.IGNORECASE)
_MONEY = re.compile(r"\s*([^\d\s+-]*)\s*([-+]?\s*[0-9][0-9.,\s'’]*)\s*(\S*)\s*", re.DOTALL)


def read_money(text: str, field: str, tongue: Tongue) -> Money:
    """`375000 CLP`, `375.000 CLP`, `S/ 12,50`: an exact amount with its currency."""
    found = _MONEY.fullmatch(text)
    named = [word for word in (found[1], found[3]) if word] if found else []
    if not found or len(named) != 1 or named[0] == "$":
        raise NotAllowedError(
            field, "an amount with its currency, like {example}", example=Money(375000, "CLP")
        )
    currency = SIGNS.get(named[0], named[0].upper())
    if currency not in CURRENCIES and not re.fullmatch("[A-Z]{3}", currency):
        raise NotAllowedError(
            field, "an amount with its currency, like {example}", example=Money(375000, "CLP")
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
    """An amount as typed, with the currency of whoever typed it where it names none: `15.000`, and of pesos `$ 15.000`, `15.000 pesos`."""
    pesos = _PESOS.fullmatch(text) if currency in PESOS else None
    bare = pesos[1] if pesos else text
    return bare if any(sign.isalpha() or sign in "€£₡₲/" for sign in bare) else f"{bare} {currency}"
