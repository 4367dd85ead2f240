"""A camt.053 statement, through the library that knows it, once each of its transactions says one amount.

The library reads the first amount that stands below a transaction, else that of its entry, whatever these are of. Banks book many
transactions as one entry without saying what each was, name beside each what was instructed in another currency and what it cost,
list what is only expected, and have two names for the balance before the first entry.
"""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree
from pycamt.parser import Camt053ParseError, Camt053Parser

from node.errors import InvalidError
from node.statement.contents import Row, Statement, minor, statement
from node.tongues import message

_BOOKED = ("BOOK", "")
_BEFORE, _FORMER = "OPBD", "PRCD"
_TEXTS = (
    "RemittanceInformationFull", "RemittanceInformation", "DebtorName", "CreditorName", "AdditionalEntryInformation",
)  # fmt: skip


def read_camt(data: bytes) -> Statement:
    """The statement in these bytes. InvalidError says why it cannot be read whole."""
    try:
        parser = Camt053Parser(data)
        _settle(parser.tree)
        found = parser.get_statement_info()
        if len(found) != 1:
            raise InvalidError(
                "file", message("the statement of one account, not of {count}"), count=len(found)
            )
        told = found[0]
        entries = parser.get_transactions()
        currency = str(told["Currency"] or (entries[0]["Currency"] if entries else ""))
        rows = [_row(number, each, currency) for number, each in enumerate(entries, 1)]
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


def _row(number: int, entry: dict[str, Any], currency: str) -> Row:
    if entry["Currency"] != currency or entry.get("CreditDebitIndicator") not in ("CRDT", "DBIT"):
        raise ValueError(f"entry {number} is not in {currency}, or does not say whether it came or went")
    sign = 1 if entry["CreditDebitIndicator"] == "CRDT" else -1
    amount = minor(Decimal(str(entry["Amount"])), currency, number)
    text = ""
    for said in (str(entry[name]) for name in _TEXTS if entry.get(name)):
        text = text if said in text else f"{text} {said}".strip()
    day = entry.get("BookingDate") or entry.get("ValueDate")
    return Row(number, _day(str(day)), sign * amount, text)


def _day(text: str) -> date:
    return datetime.fromisoformat(text).date()


def _settle(document: Any) -> None:
    """Leave what was booked, with one amount for each transaction where these make up their entry, else one for the whole entry."""
    for number, entry in enumerate(list(document.iter("{*}Ntry")), 1):
        if (entry.findtext("{*}Sts/{*}Cd") or entry.findtext("{*}Sts") or "").strip() not in _BOOKED:
            entry.getparent().remove(entry)
        else:
            _settle_entry(entry, number)
    codes = document.findall(".//{*}Bal/{*}Tp/{*}CdOrPrtry/{*}Cd")
    if all(code.text != _BEFORE for code in codes):
        for code in codes:
            code.text = _BEFORE if code.text == _FORMER else code.text


def _settle_entry(entry: Any, number: int) -> None:
    booked, sign = entry.find("{*}Amt"), entry.findtext("{*}CdtDbtInd")
    details = entry.findall("{*}NtryDtls/{*}TxDtls")
    whole = _amount(booked, number)
    moved = [_moved(each, booked.get("Ccy"), number) for each in details]
    signs = [each.findtext("{*}CdtDbtInd") or sign for each in details]
    total = sum(
        (amount or 0) if each == sign else -(amount or 0) for amount, each in zip(moved, signs, strict=True)
    )
    if None in moved or total != whole:
        _merge(details)
        moved, signs = [whole], [sign]
    for each, amount, own in zip(details, moved, signs, strict=False):
        for part in [*each.iter("{*}Amt"), *each.iter("{*}CdtDbtInd")]:
            part.getparent().remove(part)
        etree.SubElement(each, _like(booked, "Amt")).text = str(amount)
        etree.SubElement(each, _like(booked, "CdtDbtInd")).text = own


def _amount(said: Any, number: int) -> Decimal:
    """The amount that an element says. InvalidError where there is none, or it is no number."""
    try:
        return Decimal("" if said is None else (said.text or ""))
    except InvalidOperation as error:
        raise InvalidError("file", message("an amount in entry {number}"), number=str(number)) from error


def _moved(details: Any, currency: str, number: int) -> Decimal | None:
    """What one transaction moved in the currency of its entry; None where it does not say."""
    for path in ("{*}Amt", "{*}AmtDtls/{*}TxAmt/{*}Amt"):
        amount = details.find(path)
        if amount is not None and amount.get("Ccy") == currency:
            return _amount(amount, number)
    return None


def _merge(details: list[Any]) -> None:
    """Make the first of several transactions stand for all, with the words of each: one line, as the bank booked it."""
    if len(details) < 2:
        return
    for parties in list(details[0].iter("{*}RltdPties")):
        parties.getparent().remove(parties)
    kept = etree.SubElement(details[0], _like(details[0], "RmtInf"))
    for each in details[1:]:
        kept.extend(each.findall("{*}RmtInf/{*}Ustrd"))
        each.getparent().remove(each)


def _like(element: Any, name: str) -> str:
    """A tag of this name in the namespace of an element."""
    return str(etree.QName(etree.QName(element).namespace, name).text)
