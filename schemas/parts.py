"""The parts that records are made of: quantities, money, exact decimals, ids.

Everything here is exact. A number leaves as a decimal string and is read from a decimal string; its size is
bounded, so that a hostile exponent cannot be formatted into megabytes.
"""

import re
from decimal import Decimal
from enum import StrEnum
from typing import NewType, Self

import msgspec

from schemas.errors import LimitError, UnknownCurrencyError, UnknownUnitError, ValueTypeError

Uri = NewType("Uri", str)
"""The id of an object or actor: an http or https URL."""

CURRENCY_PREFIX = "urn:iso:std:iso:4217:"

CURRENCIES = {
    "ARS": 2, "AUD": 2, "BOB": 2, "BRL": 2, "CAD": 2, "CHF": 2, "CLP": 0, "COP": 2, "CRC": 2, "CUP": 2, "DKK": 2,
    "DOP": 2, "EUR": 2, "GBP": 2, "GTQ": 2, "HNL": 2, "JPY": 0, "MXN": 2, "NIO": 2, "NOK": 2, "PAB": 2, "PEN": 2,
    "PYG": 0, "SEK": 2, "USD": 2, "UYU": 2, "VES": 2,
}  # fmt: skip
"""Known currencies (ISO 4217) and the digits of their minor unit."""

_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_URI = re.compile(r"https?://[^\s<>\"\\^`{|}\x00-\x20]{1,2040}")


class Unit(StrEnum):
    """Units of measure, by their names in OM 2 where it has them."""

    KILOGRAM = "kilogram"
    LITRE = "litre"
    HOUR = "hour"
    ONE = "one"
    RATION = "ration"
    KILOCALORIE = "kilocalorie"

    @classmethod
    def named(cls, name: str, field: str) -> "Unit":
        """The unit of this name; UnknownUnitError lists the known ones."""
        try:
            return cls(name)
        except ValueError:
            raise UnknownUnitError(field, "one of these units: {known}", known=", ".join(cls)) from None


def exact(text: str, field: str) -> Decimal:
    """A decimal string as a number: at most 15 digits before the point and 6 behind it, no exponent."""
    if not _DECIMAL.fullmatch(text):
        raise ValueTypeError(field, 'a decimal number as text, like "12.5"')
    return Decimal(text)


def plain(number: Decimal | int) -> str:
    """A number as a decimal string, without exponent and without zeros at the end."""
    return format(Decimal(number).normalize(), "f")


def uri(text: str, field: str) -> Uri:
    """An http or https URL."""
    if not _URI.fullmatch(text):
        raise ValueTypeError(field, "an address that begins with https://")
    return Uri(text)


class Quantity(msgspec.Struct, frozen=True):
    """An exact amount of something that is not money."""

    value: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        exponent = self.value.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -6 or self.value.adjusted() >= 15:
            raise LimitError("quantity", "at most 15 digits before the point and 6 behind it")

    @classmethod
    def of(cls, value: Decimal | int | str, unit: Unit) -> Self:
        """A quantity without zeros at the end, so that equal amounts have one form."""
        return cls(Decimal(plain(Decimal(value))), unit)


class Money(msgspec.Struct, frozen=True):
    """An exact amount of money: `minor` is in the currency's smallest unit (pesos for CLP, céntimos for PEN)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise UnknownCurrencyError(
                "currency", "one of these currencies: {known}", known=", ".join(CURRENCIES)
            )
        if abs(self.minor) >= 10**15:
            raise LimitError("amount", "less than a thousand million million")

    @property
    def amount(self) -> Decimal:
        """The amount in the currency's main unit."""
        return Decimal(self.minor).scaleb(-CURRENCIES[self.currency])

    @classmethod
    def of(cls, amount: Decimal, currency: str, field: str) -> Self:
        """Money from an amount in the main unit; LimitError where it is finer than the smallest unit."""
        if currency not in CURRENCIES:
            raise UnknownCurrencyError(field, "one of these currencies: {known}", known=", ".join(CURRENCIES))
        minor = amount.scaleb(CURRENCIES[currency])
        if minor != minor.to_integral_value():
            if not CURRENCIES[currency]:
                raise LimitError(field, "an amount without decimals, in {currency}", currency=currency)
            raise LimitError(
                field,
                "at most {digits} decimals for {currency}",
                digits=CURRENCIES[currency],
                currency=currency,
            )
        return cls(int(minor), currency)

    @property
    def urn(self) -> str:
        """The currency as the resource that FEP-0837 counts."""
        return CURRENCY_PREFIX + self.currency
