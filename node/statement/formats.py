"""OFX, through the library that knows it; and which format a file is in."""

import io
import re
from typing import Any

from ofxtools.Parser import OFXTree

from node.errors import InvalidError
from node.statement.camt import read_camt
from node.statement.columns import Columns, decoded, no_text, read_csv
from node.statement.contents import Row, Statement, minor, statement
from node.tongues import message

LARGEST = 16 * 1_048_576
FORMATS = ("csv", "ofx", "camt")

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
    try:
        tree = OFXTree()
        tree.parse(io.BytesIO(data))
        found = tree.convert().statements
    except UnicodeDecodeError as error:  # banks write CHARSET:NONE before letters of any encoding
        raise no_text(error.encoding, error) from error
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
