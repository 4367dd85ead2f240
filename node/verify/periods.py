"""The periods that a collective closed, compared with what the entries until their days sum to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from node.domain.ledger import BANK, CASH
from node.domain.posting import written
from node.verify.bookings import Sums, less, summed
from node.verify.own import Own
from node.verify.source import DifferenceError
from node.verify.tree import Account
from schemas import CURRENCIES, Money
from schemas.period import Period

_DAY = timedelta(days=1)


class Periods:
    """Periods compared: how many hold, and those that rest on words that are gone. Days are ISO."""

    def __init__(self) -> None:
        self.compared = 0
        self.uncompared: list[str] = []
        self.last: date | None = None

    def compare(
        self, own: Own, uris: Collection[str], accounts: Sequence[Account], unread: Collection[str]
    ) -> None:
        """DifferenceError where a period says other balances than the entries of `accounts`, the logs from the oldest on, sum to.

        `unread` are activities that nobody takes back and whose words are gone: where exactly these are missing, that is told.
        """
        found = sorted(
            ((own.read(uri, Period, "periods").record, uri) for uri in uris), key=lambda each: each[0].closes
        )
        ends = [day for period, _ in found for day in (period.opens - _DAY, period.closes)]
        whole, known = _until(ends, accounts, ()), _until(ends, accounts, unread)
        for period, uri in found:
            if self.last is not None and period.opens != self.last + _DAY:
                raise DifferenceError(
                    "periods", f"{uri} begins on {period.opens}; the one before it ended on {self.last}"
                )
            self.last = period.closes
            wrong = _wrong(period, whole)
            if not wrong:
                self.compared += 1
            elif unread and not _wrong(period, known):
                self.uncompared.append(f"{uri} (without what was lost: {wrong})")
            else:
                raise DifferenceError("periods", f"{uri} {wrong}")


def _until(
    ends: Iterable[date], accounts: Sequence[Account], without: Collection[str]
) -> Mapping[date, Sums]:
    """What all accounts held at the end of each of these days."""
    by_day: dict[str, Sums] = {}
    for account in accounts:
        for leaf in account.booked:
            if leaf.date and leaf.activity not in without:
                sums = by_day.setdefault(leaf.date, {})
                for name, amount, commodity in leaf.postings:
                    sums[name, commodity] = sums.get((name, commodity), 0) + amount
    held: Sums = {}
    found: dict[date, Sums] = {}
    days = iter(sorted(by_day))
    day = next(days, None)
    for end in sorted(set(ends)):
        while day is not None and day <= end.isoformat():
            for key, amount in by_day[day].items():
                held[key] = held.get(key, 0) + amount
            day = next(days, None)
        found[end] = {key: amount for key, amount in held.items() if amount and key[1] in CURRENCIES}
    return found


def _wrong(period: Period, held: Mapping[date, Sums]) -> str:
    """The first balance of a period that is another than its entries sum to, in words."""
    opening, closing = held[period.opens - _DAY], held[period.closes]
    asserted = [
        (
            when,
            {(name, money.currency): money.minor},
            {(name, money.currency): sums.get((name, money.currency), 0)},
        )
        for when, name, money, sums in (
            ("on its bank's statement", BANK, period.bank, closing),
            ("counted in its cash box", CASH, period.cash, closing),
        )
        if money is not None
    ]
    said = [
        ("at its opening", _sums((row.account, row.opening) for row in period.balances), opening),
        ("at its closing", _sums((row.account, row.closing) for row in period.balances), closing),
        *asserted,
    ]
    for when, says, sums in said:
        for key in sorted(less(says, sums)):
            name, commodity = key
            return (
                f"says {name} {written(says.get(key, 0), commodity)} {commodity} {when}; its entries sum to"
                f" {written(sums.get(key, 0), commodity)} {commodity}"
            )
    return ""


def _sums(rows: Iterable[tuple[str, Money]]) -> Sums:
    return summed((account, money.minor, money.currency) for account, money in rows)
