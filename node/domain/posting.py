"""Postings: accounts, commodities, the one spelling of amounts, and sets of postings that sum to zero in every commodity.

Amounts are integers of the smallest unit of their commodity: pesos, céntimos, rations. A posting above zero debits its
account (something came in, was spent, is no longer owed), one below zero credits it. Nothing that was booked is ever changed:
a correction is a further entry.

    PostingError
    ├── UnbalancedError     the postings of a commodity do not sum to zero
    ├── CommodityError      a commodity that is not known
    └── AccountError        an account whose name does not hold
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from node.domain.errors import DomainError
from schemas import CURRENCIES

Posting = tuple[str, int, str]
"""Account, amount in smallest units, commodity."""

Balances = Mapping[tuple[str, str], int]
"""Amounts by (account, commodity)."""

DIGITS: Mapping[str, int] = {**CURRENCIES, "RATION": 0, "ONE": 0, "HOUR": 2, "KILOGRAM": 3, "LITRE": 3}
"""Every commodity with the decimals of its smallest unit. Money and goods never meet in one sum."""

MOST_POSTINGS = 256
"""Postings of one entry; larger sets are split."""
PAYABLE = "liabilities:payable:"
"""What stands before the handle of whoever is owed something."""

_LONGEST_ACCOUNT = 300
_MOST_CHARS = 48_000
_PER_POSTING = 80
_ACCOUNT = re.compile(r"(assets|liabilities|equity|income|expenses)(:[^\s:;\"'|()\[\]<>*!\\]+)+")


class PostingError(DomainError):
    """What cannot be booked. `field` says what was wrong with it."""

    field = "postings"


class UnbalancedError(PostingError):
    """The postings of `commodity` sum to `excess` instead of zero."""

    def __init__(self, commodity: str, excess: int) -> None:
        super().__init__(f"the postings in {commodity} sum to {excess}, not to zero")
        self.commodity = commodity
        self.excess = excess


class CommodityError(PostingError):
    """A commodity that is neither a known currency nor a known unit."""

    def __init__(self, commodity: str) -> None:
        super().__init__(f"{commodity!r} is no commodity of this account")
        self.commodity = commodity


class AccountError(PostingError):
    """A name that is no account."""

    def __init__(self, account: str) -> None:
        super().__init__(f"{account[:_LONGEST_ACCOUNT]!r} is no name of an account")
        self.account = account


@dataclass(frozen=True, slots=True)
class Totals:
    """What people ask of an account in one commodity: `received` in all, `spent` or handed over, `promised` to somebody and
    not yet handed over, `held` apart for a decision or a match, and `unallocated`, which is what is left; below zero the account is
    over-committed. What was received is the sum of the other four."""

    commodity: str
    received: int
    spent: int
    promised: int
    held: int
    unallocated: int


def check(postings: Sequence[Posting]) -> None:
    """Raise PostingError unless every account and commodity holds and each commodity sums to zero."""
    for account, _, commodity in postings:
        if not is_account(account):
            raise AccountError(account)
        if commodity not in DIGITS:
            raise CommodityError(commodity)
    for commodity, excess in sums(postings).items():
        if excess:
            raise UnbalancedError(commodity, excess)


def is_account(name: str) -> bool:
    """Whether this can name an account: `assets:bank`, `liabilities:payable:olla@olla.example`."""
    return len(name) <= _LONGEST_ACCOUNT and _ACCOUNT.fullmatch(name) is not None


def sums(postings: Iterable[Posting]) -> dict[str, int]:
    """What the postings of each commodity sum to."""
    found: dict[str, int] = {}
    for _, amount, commodity in postings:
        found[commodity] = found.get(commodity, 0) + amount
    return found


def add(balances: dict[tuple[str, str], int], postings: Iterable[Posting]) -> None:
    """Add postings to balances, in place."""
    for account, amount, commodity in postings:
        key = account, commodity
        balances[key] = balances.get(key, 0) + amount


def decimal(amount: int, commodity: str) -> Decimal:
    """An amount in the main unit, with all its decimals: 1250 PEN are 12.50."""
    return Decimal(amount).scaleb(-DIGITS[commodity])


def written(amount: int, commodity: str) -> str:
    """An amount as the log, the exports and the proofs spell it: `12.50`, `203000`; one spelling for each."""
    return format(decimal(amount, commodity), "f")


def read(text: str, commodity: str) -> int:
    """The amount that `written` spelled so. PostingError for any other spelling."""
    if commodity not in DIGITS:
        raise CommodityError(commodity)
    digits = DIGITS[commodity]
    point = rf"\.[0-9]{{{digits}}}" if digits else ""
    if not re.fullmatch(rf"-?[0-9]{{1,18}}{point}", text):
        raise PostingError(f"{text[:40]!r} is no amount in {commodity}")
    amount = int(text.replace(".", ""))
    if written(amount, commodity) != text:
        raise PostingError(f"{text[:40]!r} is no amount in {commodity}")
    return amount


def totals(balances: Balances) -> tuple[Totals, ...]:
    """The figures of each commodity, in the order of its name.

    What was allocated is an expense and, until it is handed over, owed: what was spent is all expenses less what is owed. A gift
    that waits for a decision, or was paid in for a match, is a liability too, but nobody's share: it came in and is held apart.
    """
    return tuple(_totals(balances, name) for name in sorted({commodity for _, commodity in balances}))


def _totals(balances: Balances, commodity: str) -> Totals:
    by_root = dict.fromkeys(("assets", "liabilities", "equity", "income", "expenses"), 0)
    promised = 0
    for (account, named), amount in balances.items():
        if named == commodity and account.startswith(PAYABLE):
            promised -= amount
        elif named == commodity:
            by_root[account.partition(":")[0]] += amount
    held = -by_root["liabilities"]
    return Totals(
        commodity,
        received=held - by_root["income"],
        spent=by_root["expenses"] - promised,
        promised=promised,
        held=held,
        unallocated=by_root["assets"] - promised - held,
    )


def split(postings: Sequence[Posting], most: int = MOST_POSTINGS) -> Iterator[tuple[Posting, ...]]:
    """The same postings as consecutive entries of at most `most`, each of which balances for itself.

    Amounts are matched from the first debit and the first credit on; one that does not fit into an entry goes on in the next. What
    fits into one entry stays as it is. Raises PostingError where it does not balance.
    """
    check(postings)
    if _fits(postings, most):
        yield tuple(postings)
        return
    page: dict[tuple[str, str], int] = {}
    for debit, credit, amount in _matched(postings):
        wider = {**page, debit: page.get(debit, 0) + amount}
        wider[credit] = wider.get(credit, 0) - amount
        if page and not _fits([(account, amount, name) for (account, name), amount in wider.items()], most):
            yield _page(page)
            wider = {debit: amount, credit: -amount}
        page = wider
    if page:
        yield _page(page)


def _fits(postings: Sequence[Posting], most: int) -> bool:
    chars = sum(len(account.encode()) + _PER_POSTING for account, _, _ in postings)
    return len(postings) <= most and chars <= _MOST_CHARS


def _page(page: Mapping[tuple[str, str], int]) -> tuple[Posting, ...]:
    return tuple((account, amount, commodity) for (account, commodity), amount in page.items() if amount)


def _matched(postings: Sequence[Posting]) -> Iterator[tuple[tuple[str, str], tuple[str, str], int]]:
    """Every part of a debit with the credit that answers it: (debited, credited, amount above zero)."""
    for commodity in sums(postings):
        debits = [(a, n) for a, n, c in postings if c == commodity and n > 0]
        credits = [(a, -n) for a, n, c in postings if c == commodity and n < 0]
        credit = iter(credits)
        owed, left = "", 0
        for account, amount in debits:
            rest = amount
            while rest:
                if not left:
                    owed, left = next(credit)
                part = min(rest, left)
                yield (account, commodity), (owed, commodity), part
                rest, left = rest - part, left - part
