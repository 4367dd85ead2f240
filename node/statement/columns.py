"""A statement as CSV: banks name their columns as they like, so they are found by name, or named by whoever runs the command."""

import csv
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from node.domain.kind import NotAllowedError
from node.domain.measure import read_number
from node.errors import InvalidError
from node.statement.contents import LINE, Row, Statement, minor, statement
from node.tongues import Tongue, message
from schemas import CURRENCIES

NAMES: Mapping[str, tuple[str, ...]] = {
    "date": ("fecha", "date", "dia", "booking date", "fecha contable", "buchungstag", "transaction date"),
    "amount": ("monto", "importe", "amount", "betrag", "valor", "monto clp"),
    "in": ("abono", "abonos", "haber", "credito", "creditos", "deposito", "depositos", "credit", "paid in"),
    "out": ("cargo", "cargos", "debe", "debito", "debitos", "giro", "giros", "debit", "paid out"),
    "text": ("descripcion", "detalle", "glosa", "concepto", "description", "memo", "details", "referencia"),
    "balance": ("saldo", "balance", "saldo contable"),
}
"""What columns mean, by the names that banks give them, without accents and in lower case."""

_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%m-%y", "%d.%m.%y", "%Y%m%d")
_HEADER_ROWS = 40
_MINUS = ("-", "−", "–")
_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Columns:
    """How to read a CSV: its encoding, its currency, the names of its columns, how it writes days."""

    currency: str
    encoding: str = "utf-8"
    named: Mapping[str, str] = field(default_factory=dict)
    day: str = ""


def read_csv(data: bytes, columns: Columns) -> Statement:
    """The statement in these bytes. InvalidError says which line or byte cannot be read."""
    rows = list(_cells(_text(data, columns.encoding)))
    header, places = _header(rows, columns.named)
    found: list[tuple[Row, int | None]] = []
    tongue = Tongue.of("en", ZoneInfo("UTC"))
    for number, cells in rows:
        if number > header and any(cell.strip() for cell in cells):
            found.append(_row(number, cells, places, columns, tongue))
    if _newest_first(found):
        found.reverse()
    return _with_balances(columns.currency, found)


def _text(data: bytes, encoding: str) -> str:
    if data.startswith(_BOMS) and encoding == "utf-8":
        encoding = "utf-16"
    text = decoded(data, "utf-8-sig" if encoding == "utf-8" else encoding)
    if "\x00" in text:
        raise InvalidError(
            "file",
            message("text; this holds zero bytes"),
            hint=message("Is it a spreadsheet? Save it as CSV."),
        )
    return text


def decoded(data: bytes, encoding: str) -> str:
    """Bytes as text. InvalidError for an encoding that there is not, or that they are not in."""
    try:
        return data.decode(encoding)
    except LookupError as error:
        raise InvalidError(
            "encoding", message("the name of an encoding, like {example}"), example="windows-1252"
        ) from error
    except UnicodeError as error:
        raise no_text(encoding.removesuffix("-sig"), error) from error


def no_text(encoding: str, error: UnicodeError) -> InvalidError:
    """What is said of bytes that are no text in an encoding."""
    return InvalidError(
        "file",
        message("text in {encoding}; byte {at} is none"),
        hint=message("Name its encoding: {option} is what many banks use."),
        encoding=encoding,
        at=str(error.start) if isinstance(error, UnicodeDecodeError) else "?",
        option="--encoding windows-1252",
    )


def _cells(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    first = "\n".join(text.splitlines()[:_HEADER_ROWS])
    delimiter = max(";\t|,", key=first.count)
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise InvalidError(
            "file", message("CSV; line {number}: {error}"), number=str(reader.line_num), error=str(error)
        ) from error


def _header(
    rows: Sequence[tuple[int, Sequence[str]]], named: Mapping[str, str]
) -> tuple[int, dict[str, int]]:
    """The line with the names of the columns, and where each stands."""
    wanted = {what: (_plain(named[what]),) if what in named else names for what, names in NAMES.items()}
    for number, cells in rows[:_HEADER_ROWS]:
        plain = [_plain(cell) for cell in cells]
        places = {
            what: plain.index(name)
            for what, names in wanted.items()
            for name in reversed(names)
            if name in plain
        }
        if "date" in places and ("amount" in places or "in" in places or "out" in places):
            return number, places
    raise InvalidError(
        "file",
        message("a line that names a column for the day and one for the amount"),
        hint=message("Name them: {options} (or in= and out=)."),
        options="--column date=Fecha --column amount=Monto",
    )


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.casefold())
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())


def _row(
    number: int, cells: Sequence[str], places: Mapping[str, int], columns: Columns, tongue: Tongue
) -> tuple[Row, int | None]:
    def cell(what: str) -> str:
        place = places.get(what)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def amount(what: str) -> int | None:
        return _amount(cell(what), columns.currency, number, tongue) if cell(what) else None

    if "amount" in places:
        moved = amount("amount")
    else:
        came, went = amount("in"), amount("out")
        moved = None if came is None and went is None else (came or 0) - abs(went or 0)
    if moved is None:
        raise InvalidError("file", message("line {number}: an amount"), number=str(number))
    row = Row(number, _day(cell("date"), columns.day, number), moved, cell("text"))
    return row, amount("balance")


def _amount(text: str, currency: str, number: int, tongue: Tongue) -> int:
    plain = text.replace("$", "").replace(currency, "").strip()
    negative = plain.startswith((*_MINUS, "(")) or plain.endswith(_MINUS)
    digits = plain.strip("".join(_MINUS) + "+() ")
    try:
        value = read_number(digits, "amount", tongue, suffix=currency, thousands=not CURRENCIES[currency])
    except NotAllowedError as error:
        raise InvalidError(
            "file",
            message("line {number}: {text} is no amount, or can be read in two ways"),
            number=str(number),
            text=repr(text[:40]),
        ) from error
    size = minor(value, currency, number, LINE)
    return -size if negative else size


def _day(text: str, given: str, number: int) -> date:
    for shape in (given,) if given else _DATES:
        try:
            return datetime.strptime(text[:10] if not given else text, shape).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise InvalidError(
        "file",
        message("line {number}: {text} is no day"),
        hint=message("Say how it writes days: {option}."),
        number=str(number),
        text=repr(text[:40]),
        option="--day '%m/%d/%Y'",
    )


def _newest_first(found: Sequence[tuple[Row, int | None]]) -> bool:
    """By the days of its lines; where all are of one day, by the balances, if they follow from each other that way round alone."""
    if not found or found[0][0].on != found[-1][0].on:
        return bool(found) and found[0][0].on > found[-1][0].on
    return _break(found) is not None and _break(found[::-1]) is None


def _break(found: Sequence[tuple[Row, int | None]]) -> tuple[Row, int, int] | None:
    """The first line whose balance does not follow from the one before it, with what it should be and is. None where there is none, or
    a line carries no balance."""
    if any(balance is None for _, balance in found):
        return None
    for (_, before), (row, after) in pairwise(found):
        if (expected := (before or 0) + row.amount) != after:
            return row, expected, after or 0
    return None


def _with_balances(currency: str, found: Sequence[tuple[Row, int | None]]) -> Statement:
    """The balances that the lines carry, where every line carries one and they follow from each other."""
    held = [balance for _, balance in found]
    opening = closing = None
    if found and all(balance is not None for balance in held):
        if (wrong := _break(found)) is not None:
            row, expected, after = wrong
            raise InvalidError(
                "file",
                message("line {number}: a balance of {expected} after {moved}, not {after}"),
                hint=message(
                    "Is a line missing, or is the amount in another column? Name the columns with {option}."
                ),
                number=str(row.number),
                expected=str(expected),
                moved=str(row.amount),
                after=str(after),
                option="--column",
            )
        opening, closing = (held[0] or 0) - found[0][0].amount, held[-1]
    return statement(currency, [row for row, _ in found], opening, closing)
