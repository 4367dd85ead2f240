"""What a statement says: its lines and, where the bank says them, the balances before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from node.errors import InvalidError
from node.tongues import message
from schemas import CURRENCIES, Money, SchemaError

LINE = message("line {number}: {amount} is no amount in {currency}")
ENTRY = message("entry {number}: {amount} is no amount in {currency}")
BALANCE = message("a balance in {currency}; {amount} is none")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: `number` is its line in the file (from 1), `amount` minor units, what went out below zero, `text` what the bank wrote."""

    number: int
    on: date
    amount: int
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, oldest line first. Balances are in minor units; None where the file does not say them."""

    currency: str
    rows: tuple[Row, ...]
    opening: int | None = None
    closing: int | None = None
    closes: date | None = None


def statement(
    currency: str,
    rows: Sequence[Row],
    opening: int | None = None,
    closing: int | None = None,
    closes: date | None = None,
) -> Statement:
    """A statement whose figures fit together. InvalidError where it is empty or its lines do not lead from one balance to the other."""
    if not rows:
        raise InvalidError("file", message("a statement with at least one line"))
    refuse_currency(currency)
    ordered = tuple(sorted(rows, key=lambda row: row.on))
    if opening is not None and closing is not None:
        total = sum(row.amount for row in ordered)
        if opening + total != closing:
            raise InvalidError(
                "file",
                message(
                    "lines that lead from the balance before, {opening}, to the balance after, {closing}; they sum to {total}"
                ),
                hint=message(
                    "Lines are missing, or amounts were read from another column than the bank means."
                ),
                opening=str(opening),
                closing=str(closing),
                total=str(total),
            )
    return Statement(currency, ordered, opening, closing, closes or ordered[-1].on)


def minor(amount: Decimal, currency: str, number: int | None = None, expected: str = BALANCE) -> int:
    """The amount of a balance, or with `number` and `expected` of a line, in minor units. InvalidError where it has more decimals than
    its currency, or the currency is none of ours."""
    refuse_currency(currency)
    try:
        return Money.of(amount, currency, "amount").minor
    except SchemaError as error:
        raise InvalidError(
            "file", expected, number=str(number), amount=str(amount), currency=currency
        ) from error


def refuse_currency(currency: str) -> None:
    """InvalidError for a currency that no account is kept in here."""
    if currency not in CURRENCIES:
        raise InvalidError(
            "file",
            message("a statement in one of {known}, not in {given}"),
            known=", ".join(CURRENCIES),
            given=repr(currency[:10]),
        )


def lacks(expected: str, **values: str) -> InvalidError:
    """What is said of a file in which something is missing, or is not what the bank meant to say."""
    return InvalidError(
        "file", expected, hint=message("Ask the bank for the file again, or for another format."), **values
    )


def no_day(number: int, field: str, example: str) -> InvalidError:
    """What is said of an entry without a day; `number` is its place among those that are booked."""
    return lacks(
        message("entry {number}: its day, like {example} ({field})"),
        number=str(number),
        example=example,
        field=field,
    )


def no_amount(number: int, field: str) -> InvalidError:
    """What is said of an entry without an amount."""
    return lacks(message("entry {number}: its amount, a number ({field})"), number=str(number), field=field)


def broken(format: str, line: int | None = None) -> InvalidError:
    """What is said of a file that breaks off, or in which something opens and never closes."""
    if line is None:
        return lacks(message("a whole {format} file; this one breaks off, or was changed"), format=format)
    return lacks(
        message("a whole {format} file; this one breaks at line {line}"), format=format, line=str(line)
    )
