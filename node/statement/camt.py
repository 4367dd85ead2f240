"""A camt.053 statement, through the library that knows it, once each of its transactions says one amount.

The library reads the first amount that stands below a transaction, else that of its entry, whatever these are of. Banks book many
transactions as one entry without saying what each was, name beside each what was instructed in another currency and what it cost,
list what is only expected, and have two names for the balance before the first entry.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree
from pycamt.parser import Camt053ParseError, Camt053Parser

from node.errors import InvalidError
from node.statement.contents import ENTRY, Row, Statement, broken, lacks, minor, no_amount, no_day, statement
from node.tongues import message

_BOOKED = ("BOOK", "")
_BEFORE, _FORMER, _AFTER = "OPBD", "PRCD", "CLBD"
_CAME, _WENT = "CRDT", "DBIT"
_TEXTS = (
    "RemittanceInformationFull", "RemittanceInformation", "DebtorName", "CreditorName", "AdditionalEntryInformation",
)  # fmt: skip


def read_camt(data: bytes) -> Statement:
    """The statement in these bytes. InvalidError says which entry or balance cannot be read, and what it should say."""
    try:
        parser = Camt053Parser(data)
        found = parser.tree.findall(".//{*}Stmt") or parser.tree.findall(".//{*}Rpt")
        if len(found) > 1:
            raise InvalidError(
                "file", message("the statement of one account, not of {count}"), count=len(found)
            )
        currency = _settle(found[0]) if found else ""
        entries = parser.get_transactions()
    except Camt053ParseError as error:
        raise InvalidError("file", message("a camt.053 statement: it holds no Stmt")) from error
    # Broken in itself, or what the bank sends as bytes is not even text.
    except (etree.XMLSyntaxError, ValueError) as error:
        raise broken("camt.053", getattr(error, "lineno", None)) from error
    rows = [_row(number, each, currency) for number, each in enumerate(entries, 1)]
    opening, _ = _balance(found[0], currency, (_BEFORE, _FORMER))
    closing, closes = _balance(found[0], currency, (_AFTER,))
    return statement(currency, rows, opening, closing, closes)


def _row(number: int, entry: dict[str, Any], currency: str) -> Row:
    """One transaction of an entry that was found to be whole."""
    sign = 1 if entry["CreditDebitIndicator"] == _CAME else -1
    amount = minor(Decimal(entry["Amount"]), currency, number, ENTRY)
    text = ""
    for said in (str(entry[name]) for name in _TEXTS if entry.get(name)):
        text = text if said in text else f"{text} {said}".strip()
    return Row(number, _day(str(entry.get("BookingDate") or entry.get("ValueDate"))), sign * amount, text)


def _day(text: str) -> date:
    """A day, also one with its hour or its zone."""
    return date.fromisoformat(text.strip()[:10])


def _balance(told: Any, currency: str, codes: Sequence[str]) -> tuple[int | None, date | None]:
    """What a statement says was held, by the first of these codes that it uses, and on which day; None where it does not say."""
    said = {each.findtext("{*}Tp/{*}CdOrPrtry/{*}Cd"): each for each in told.findall("{*}Bal")}
    found, code = next(((said[each], each) for each in codes if each in said), (None, ""))
    if found is None:
        return None, None
    try:
        amount = _decimal(found.find("{*}Amt"))
        day = _day(found.findtext("{*}Dt/{*}Dt") or found.findtext("{*}Dt/{*}DtTm") or "")
    except (InvalidOperation, ValueError) as error:
        raise lacks(
            message("the balance {code} with its amount and its day ({field})"), code=code, field="Amt, Dt"
        ) from error
    return minor(-amount if found.findtext("{*}CdtDbtInd") == _WENT else amount, currency), day


def _settle(told: Any) -> str:
    """Leave what was booked, with one amount for each transaction where these make up their entry, else one for the whole entry; give
    back the currency of the account."""
    for entry in told.findall("{*}Ntry"):
        if (entry.findtext("{*}Sts/{*}Cd") or entry.findtext("{*}Sts") or "").strip() not in _BOOKED:
            told.remove(entry)
    first = told.find("{*}Ntry/{*}Amt")
    currency = told.findtext("{*}Acct/{*}Ccy") or ("" if first is None else first.get("Ccy", ""))
    for number, entry in enumerate(told.findall("{*}Ntry"), 1):
        _settle_entry(entry, number, currency)
    return str(currency)


def _settle_entry(entry: Any, number: int, currency: str) -> None:
    booked, sign = entry.find("{*}Amt"), entry.findtext("{*}CdtDbtInd")
    whole = _amount(booked, number)
    if booked.get("Ccy") != currency:
        raise lacks(
            message("entry {number}: an amount in {currency}, as the account is kept (Ccy)"),
            number=str(number),
            currency=currency,
        )
    _refuse_undated(entry, number)
    details = entry.findall("{*}NtryDtls/{*}TxDtls")
    moved = [_moved(each, booked.get("Ccy"), number) for each in details]
    signs = [each.findtext("{*}CdtDbtInd") or sign for each in details]
    if not {sign, *signs} <= {_CAME, _WENT}:
        raise lacks(
            message("entry {number}: whether it came or went ({field})"),
            number=str(number),
            field=f"CdtDbtInd: {_CAME}, {_WENT}",
        )
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


def _refuse_undated(entry: Any, number: int) -> None:
    try:
        _day(entry.findtext("{*}BookgDt/*") or entry.findtext("{*}ValDt/*") or "")
    except ValueError as error:
        raise no_day(number, "BookgDt, ValDt", "2026-09-30") from error


def _decimal(said: Any) -> Decimal:
    """The amount that an element says. InvalidOperation where there is none, or it is no number."""
    found = Decimal("" if said is None else (said.text or ""))
    if not found.is_finite():
        raise InvalidOperation
    return found


def _amount(said: Any, number: int) -> Decimal:
    """The amount that an element of an entry says. InvalidError where there is none, or it is no number."""
    try:
        return _decimal(said)
    except InvalidOperation as error:
        raise no_amount(number, "Amt") from error


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
