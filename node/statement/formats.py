"""OFX and camt.053, through the libraries that know them; and which format a file is in."""

import io
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree
from ofxtools.Parser import OFXTree
from pycamt.parser import Camt053ParseError, Camt053Parser

from node.errors import InvalidError
from node.statement.columns import Columns, read_csv
from node.statement.contents import Row, Statement, minor, statement
from node.tongues import message

LARGEST = 16 * 1_048_576
FORMATS = ("csv", "ofx", "camt")


def read(data: bytes, format: str | None, columns: Columns) -> Statement:
    """The statement in these bytes. InvalidError where it cannot be read whole; nothing is guessed."""
    if len(data) > LARGEST:
        raise InvalidError("file", message("at most {limit} MiB"), limit=LARGEST // 1_048_576)
    match format or _format(data):
        case "ofx":
            return _ofx(data)
        case "camt":
            return _camt(data)
        case _:
            return read_csv(data, columns)


def _format(data: bytes) -> str:
    head = data[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").upper()
    if head.startswith(b"OFXHEADER") or b"<OFX>" in head or b"<?OFX" in head:
        return "ofx"
    return "camt" if head.startswith(b"<") else "csv"


def _ofx(data: bytes) -> Statement:
    try:
        tree = OFXTree()
        tree.parse(io.BytesIO(data))
        found = tree.convert().statements
    # The library lets errors of many kinds through: what a stranger's file can do to it is not ours to list.
    except Exception as error:
        raise InvalidError(
            "file", message("an OFX statement: {error}"), error=str(error).strip()[:200]
        ) from error
    if len(found) != 1:
        raise InvalidError("file", message("the statement of one account, not of {count}"), count=len(found))
    told: Any = found[0]
    currency = str(told.curdef)
    rows = [
        Row(
            number,
            each.dtposted.date(),
            minor(each.trnamt, currency, number),
            " ".join(str(part) for part in (each.name, each.memo) if part),
        )
        for number, each in enumerate(told.transactions or (), 1)
    ]
    closing = minor(told.ledgerbal.balamt, currency, 0) if told.ledgerbal is not None else None
    opening = None if closing is None else closing - sum(row.amount for row in rows)
    return statement(
        currency, rows, opening, closing, told.ledgerbal.dtasof.date() if closing is not None else None
    )


def _camt(data: bytes) -> Statement:
    try:
        parser = Camt053Parser(data)
        (told,) = parser.get_statement_info()
        entries = parser.get_transactions()
        currency = str(told["Currency"] or (entries[0]["Currency"] if entries else ""))
        rows = [_entry(number, each, currency) for number, each in enumerate(entries, 1)]
        balances = [
            None if told[name] is None else minor(Decimal(told[name]), currency, 0)
            for name in ("OpeningBalance", "ClosingBalance")
        ]
        closes = told["ClosingBalanceDate"] and _day(told["ClosingBalanceDate"])
    except Camt053ParseError as error:
        raise InvalidError("file", message("a camt.053 statement: it holds no Stmt")) from error
    except (etree.XMLSyntaxError, ValueError, TypeError, KeyError, AttributeError, InvalidOperation) as error:
        raise InvalidError(
            "file", message("a camt.053 statement of one account: {error}"), error=str(error)[:200]
        ) from error
    return statement(currency, rows, balances[0], balances[1], closes or None)


def _entry(number: int, entry: dict[str, Any], currency: str) -> Row:
    if entry["Currency"] != currency or entry.get("CreditDebitIndicator") not in ("CRDT", "DBIT"):
        raise ValueError(f"entry {number} is not in {currency}, or does not say whether it came or went")
    sign = 1 if entry["CreditDebitIndicator"] == "CRDT" else -1
    amount = minor(Decimal(str(entry["Amount"])), currency, number)
    texts = (entry.get(name) for name in ("RemittanceInformationFull", "RemittanceInformation", "DebtorName"))
    day = entry.get("BookingDate") or entry.get("ValueDate")
    return Row(number, _day(str(day)), sign * amount, " ".join(text for text in texts if text))


def _day(text: str) -> date:
    return datetime.fromisoformat(text).date()
