"""OFX, through the library that knows it; and which format a file is in."""

import io
import re
from typing import Any

from ofxtools.Parser import OFXTree

from node.errors import InvalidError
from node.statement.camt import read_camt
from node.statement.columns import Columns, decoded, no_text, read_csv
from node.statement.contents import (
    ENTRY,
    Row,
    Statement,
    broken,
    lacks,
    minor,
    no_amount,
    no_day,
    refuse_currency,
    statement,
)
from node.tongues import message

LARGEST = 16 * 1_048_576
FORMATS = ("csv", "ofx", "camt")

_DAY = re.compile(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_AMOUNT = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)")
_NAMED = re.compile(rb"(?m)^ENCODING:[^\r\n]*(\r?\n)CHARSET:[^\r\n]*")


def read(data: bytes, format: str | None, columns: Columns) -> Statement:
    """The statement in these bytes. InvalidError where it cannot be read whole; nothing is guessed."""
    if len(data) > LARGEST:
        raise InvalidError("file", message("at most {limit} MiB"), limit=LARGEST // 1_048_576)
    match format or _format(data):
        case "ofx":
            return _ofx(data, columns.encoding)
        case "camt":
            return read_camt(data)
        case _:
            return read_csv(data, columns)


def _format(data: bytes) -> str:
    head = data[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").upper()
    if head.startswith(b"OFXHEADER") or b"<OFX>" in head or b"<?OFX" in head:
        return "ofx"
    return "camt" if head.startswith(b"<") else "csv"


def _ofx(data: bytes, encoding: str) -> Statement:
    if encoding != "utf-8":
        data = _NAMED.sub(rb"ENCODING:UTF-8\1CHARSET:NONE", decoded(data, encoding).encode(), count=1)
    tree = OFXTree()
    # The library lets errors of many kinds through: what a stranger's file can do to it is not ours to list.
    try:
        tree.parse(io.BytesIO(data))
    except UnicodeDecodeError as error:  # banks write CHARSET:NONE before letters of any encoding
        raise no_text(error.encoding, error) from error
    except Exception as error:
        raise broken("OFX") from error
    _refuse_lacking(tree.getroot())
    try:
        found = tree.convert().statements
    except Exception as error:
        raise lacks(message("an OFX file in which every part says what OFX asks of it")) from error
    if len(found) != 1:
        raise InvalidError("file", message("the statement of one account, not of {count}"), count=len(found))
    told: Any = found[0]
    currency = str(told.curdef)
    rows = [
        Row(
            number,
            each.dtposted.date(),
            minor(each.trnamt, currency, number, ENTRY),
            " ".join(str(part) for part in (each.name, each.memo) if part),
        )
        for number, each in enumerate(told.transactions or (), 1)
    ]
    closing = minor(told.ledgerbal.balamt, currency) if told.ledgerbal is not None else None
    opening = None if closing is None else closing - sum(row.amount for row in rows)
    return statement(
        currency, rows, opening, closing, told.ledgerbal.dtasof.date() if closing is not None else None
    )


def _refuse_lacking(root: Any) -> None:
    """InvalidError for what an entry, the account or its balance must say and does not, before the library says so in its own words."""
    for account in root.iter("CURDEF"):
        refuse_currency(account.text or "")
    for number, entry in enumerate(root.iter("STMTTRN"), 1):
        if not _DAY.match(entry.findtext("DTPOSTED") or ""):
            raise no_day(number, "DTPOSTED", "20260930")
        if not _AMOUNT.fullmatch(entry.findtext("TRNAMT") or ""):
            raise no_amount(number, "TRNAMT")
        for field in ("TRNTYPE", "FITID"):
            if not entry.findtext(field):
                raise lacks(message("entry {number}: {field}"), number=str(number), field=field)
    for held in root.iter("LEDGERBAL"):
        if not _AMOUNT.fullmatch(held.findtext("BALAMT") or "") or not _DAY.match(
            held.findtext("DTASOF") or ""
        ):
            raise lacks(
                message("the balance {code} with its amount and its day ({field})"),
                code="LEDGERBAL",
                field="BALAMT, DTASOF",
            )
