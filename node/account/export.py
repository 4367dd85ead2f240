"""The account as other programs read it: CSV, JSON, hledger and Beancount, each line by line.

Beancount allows fewer names than we use, so accounts are mapped, reversibly: `liabilities:payable:esperanza@olla.example` is
`Liabilities:Payable:H-MVZXA…`, base32 of the handle, with the name as metadata of its `open`.
"""

import csv
import io
import re
from base64 import b32decode, b32encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from node.account.books import leaf_bytes
from node.domain.posting import DIGITS, PAYABLE, add, written
from node.storage.entries import StoredLeaf

_PLAIN = re.compile(r"[a-gi-z][a-z0-9-]*|h(?!-)[a-z0-9-]*")
_HASHED = "H-"
_BEGINNING = "1970-01-01"
"""The day on which accounts open, and of what has no day of its own."""


@dataclass(frozen=True, slots=True)
class Booked:
    """An account to be written out: every (account, commodity) that was ever booked, and the leaves, which are read one by one."""

    accounts: Sequence[tuple[str, str]]
    leaves: Iterable[StoredLeaf]

    @property
    def commodities(self) -> list[str]:
        """What is counted in it."""
        return sorted({commodity for _, commodity in self.accounts})

    @property
    def names(self) -> list[str]:
        """Its accounts."""
        return sorted({account for account, _ in self.accounts})


def to_csv(booked: Booked) -> Iterator[str]:
    """One line a posting (RFC 4180)."""
    fields = (
        "seq",
        "date",
        "activity",
        "account",
        "amount",
        "commodity",
        "stated_amount",
        "stated_currency",
        "rate",
    )
    yield _row(fields)
    for leaf in booked.leaves:
        stated = leaf.fields.get("stated", {})
        given = [stated.get(name, "") for name in ("amount", "currency", "rate")]
        for account, amount, commodity in leaf.postings:
            line = (leaf.seq, leaf.date, leaf.activity, account, written(amount, commodity), commodity)
            yield _row((*line, *given))


def _row(values: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def to_json(booked: Booked) -> Iterator[str]:
    """The leaves as they stand in the log, as one array, a leaf a line."""
    yield "["
    between = "\n"
    for leaf in booked.leaves:
        yield between + leaf_bytes(leaf).decode()
        between = ",\n"
    yield "\n]\n"


def to_hledger(booked: Booked) -> Iterator[str]:
    """A journal that `hledger check --strict` accepts; balances are asserted at its end."""
    for commodity in booked.commodities:
        yield f"commodity {written(1000 * 10 ** DIGITS[commodity], commodity)}{'' if DIGITS[commodity] else '.'} {commodity}\n"
    for account in booked.names:
        yield f"account {account}\n"
    balances: dict[tuple[str, str], int] = {}
    last = ""
    for leaf in booked.leaves:
        last = max(last, _day(leaf))
        yield f"\n{_day(leaf)} ({leaf.seq}) {_about(leaf)}{_stated(leaf)}\n"
        for account, amount, commodity in leaf.postings:
            yield f"    {account}  {written(amount, commodity)} {commodity}\n"
        add(balances, leaf.postings)
    if balances:
        yield f"\n{last} balances as the entries make them\n"
        for (account, commodity), amount in sorted(balances.items()):
            zero = written(0, commodity)
            yield f"    {account}  {zero} {commodity} = {written(amount, commodity)} {commodity}\n"


def to_beancount(booked: Booked) -> Iterator[str]:
    """A ledger that `bean-check` accepts; balances are asserted on the day after the last."""
    for commodity in booked.commodities:
        yield f'option "operating_currency" "{commodity}"\n'
    for account in booked.names:
        yield f'{_BEGINNING} open {beancount_name(account)}\n  name: "{account}"\n'
    balances: dict[tuple[str, str], int] = {}
    last = _BEGINNING
    for leaf in booked.leaves:
        last = max(last, _day(leaf))
        yield f'\n{_day(leaf)} * "{_about(leaf)}"\n  seq: "{leaf.seq}"\n'
        for name, value in leaf.fields.get("stated", {}).items():
            yield f'  stated-{name}: "{value}"\n'
        for account, amount, commodity in leaf.postings:
            yield f"  {beancount_name(account)}  {written(amount, commodity)} {commodity}\n"
        add(balances, leaf.postings)
    after = date.fromisoformat(last) + timedelta(days=1)
    yield "\n"
    for (account, commodity), amount in sorted(balances.items()):
        yield f"{after} balance {beancount_name(account)}  {written(amount, commodity)} {commodity}\n"


def beancount_name(account: str) -> str:
    """Our name of an account as Beancount spells it."""
    if account.startswith(PAYABLE):
        return "Liabilities:Payable:" + _hashed(account.removeprefix(PAYABLE))
    return ":".join(
        part.capitalize() if _PLAIN.fullmatch(part) else _hashed(part) for part in account.split(":")
    )


def account_name(beancount: str) -> str:
    """Our name of an account that `beancount_name` spelled."""
    return ":".join(
        b32decode(part.removeprefix(_HASHED) + "=" * (-len(part.removeprefix(_HASHED)) % 8)).decode()
        if part.startswith(_HASHED)
        else part.lower()
        for part in beancount.split(":")
    )


def _hashed(name: str) -> str:
    return _HASHED + b32encode(name.encode()).decode().rstrip("=")


def _about(leaf: StoredLeaf) -> str:
    return leaf.activity or f"carried over from {leaf.fields.get('origin', '')}"


def _day(leaf: StoredLeaf) -> str:
    return leaf.date or _BEGINNING


def _stated(leaf: StoredLeaf) -> str:
    stated = leaf.fields.get("stated")
    if not stated:
        return ""
    return f"  ; stated: {stated.get('amount', '')} {stated.get('currency', '')} at {stated.get('rate', '')}"


FORMATS: Mapping[str, Callable[[Booked], Iterator[str]]] = {
    "csv": to_csv,
    "json": to_json,
    "hledger": to_hledger,
    "beancount": to_beancount,
}

TYPES: Mapping[str, tuple[str, str]] = {
    "csv": ("text/csv; charset=utf-8", "csv"),
    "json": ("application/json", "json"),
    "hledger": ("text/plain; charset=utf-8", "journal"),
    "beancount": ("text/plain; charset=utf-8", "beancount"),
}
"""Media type and ending of each format."""
