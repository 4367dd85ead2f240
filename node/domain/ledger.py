"""The public account: double entries that sum to zero in each commodity, balances, and balances that people assert.

Amounts are integers of minor units (of a currency) or of whole things (rations, hours), kept apart by commodity and never
converted. What leaves an account is negative. Nothing is ever changed: a correction is an entry that reverses.

    assets:bank · assets:cash              what the fund holds
    liabilities:payable:HANDLE@HOST        what it allocated and has not yet transferred
    liabilities:holding                    gifts that wait for a decision, such as those after the closing of a campaign
    income:donations                       what was given, before fees
    expenses:allocations · expenses:fees   what was allocated, and what the road cost

A bookkeeper's mistakes are `Problem`s, all of them at once, so that one does not hide the next; `LedgerError` is raised only
where an entry cannot be worked with at all.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from node.domain.errors import DomainError
from node.domain.kind import Entry
from node.tongues import message

BANK = "assets:bank"
CASH = "assets:cash"
DONATIONS = "income:donations"
FEES = "expenses:fees"
ALLOCATIONS = "expenses:allocations"
HOLDING = "liabilities:holding"
PAYABLE = "liabilities:payable"

MAX_POSTINGS = 256
MAX_BYTES = 60_000
"""Of the text of one entry's postings: with its other fields it must fit into the 65,535 bytes of a leaf."""
MAX_AMOUNT = 10**18

_ACCOUNT = re.compile(r"(assets|liabilities|income|expenses|equity)(:[^\s:\x00-\x1f\x7f]+)+")
_COMMODITY = re.compile(r"[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]")


class LedgerError(DomainError):
    """An entry that does not sum to zero cannot be divided into entries that do."""


def payable(handle: str) -> str:
    """The account of what is owed to `user@host`."""
    return f"{PAYABLE}:{handle}"


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry in its place: its number in the account and the activity that it answers to."""

    seq: int
    activity: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Assertion:
    """What somebody knows an account to hold at the end of a day: a bank statement, a counted cash box."""

    on: date
    account: str
    commodity: str
    amount: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in which `field` (`seq`, `date`, `postings`, `account`, `amount`, `commodity`, `balance`) of which entry.

    `expected` is a message id for `Tongue.say`, `values` its parameters. `seq` is None where no one entry is to blame.
    """

    seq: int | None
    field: str
    expected: str
    values: Mapping[str, object]


class Balances:
    """What each account holds in each commodity after some entries; an account that was never used holds 0."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._held: defaultdict[tuple[str, str], int] = defaultdict(int)
        for entry in entries:
            self.book(entry)

    def book(self, entry: Entry) -> None:
        """Add one entry."""
        for account, amount, commodity in entry.postings:
            self._held[account, commodity] += amount

    def of(self, account: str, commodity: str) -> int:
        """What an account and all accounts below it hold: `liabilities:payable` is everything owed."""
        below = f"{account}:"
        return sum(
            amount
            for (name, unit), amount in self._held.items()
            if unit == commodity and (name == account or name.startswith(below))
        )

    def __iter__(self) -> Iterator[tuple[str, str, int]]:
        """Account, commodity and amount of all that is not zero, in order."""
        return ((name, unit, amount) for (name, unit), amount in sorted(self._held.items()) if amount)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a fund stands in one commodity. `held` = `owed` + `holding` + `unallocated`, always.

    `cleared` is what was given and not reversed, before fees. A negative `unallocated` means that more was promised than
    is there: no transfer goes out until it is covered or a decision makes a round smaller.
    """

    held: int
    owed: int
    holding: int
    cleared: int

    @property
    def unallocated(self) -> int:
        """What nobody has a claim on yet."""
        return self.held - self.owed - self.holding

    @property
    def overcommitted(self) -> bool:
        """Whether more is promised than is there."""
        return self.unallocated < 0


def standing(balances: Balances, commodity: str) -> Standing:
    """The figures at the head of the account's page."""
    holding = -balances.of(HOLDING, commodity)
    return Standing(
        held=balances.of("assets", commodity),
        owed=-balances.of("liabilities", commodity) - holding,
        holding=holding,
        cleared=-balances.of(DONATIONS, commodity),
    )


def reversal(entry: Entry, on: date) -> Entry:
    """The entry that takes another back, on its own day."""
    return Entry(on.isoformat(), tuple((account, -amount, unit) for account, amount, unit in entry.postings))


def split(entry: Entry, *, most: int = MAX_POSTINGS, room: int = MAX_BYTES) -> tuple[Entry, ...]:
    """One entry as consecutive ones that each sum to zero, of at most `most` postings and `room` bytes of them.

    A posting that balances many others appears in each part with its own part of the amount. Raises LedgerError where
    the entry does not sum to zero, or says an amount in foreign money, which is of the whole and cannot be divided.
    """
    if unbalanced := _unbalanced(entry):
        raise LedgerError(f"does not sum to zero: {unbalanced}")
    if len(entry.postings) <= most and sum(map(_bytes, entry.postings)) <= room:
        return (entry,)
    if entry.stated:
        raise LedgerError("an entry with a stated amount cannot be divided")
    parts: list[dict[int, int]] = []
    size = 0
    for given, taken, amount in _pairs(entry):
        added = {given, taken} - (parts[-1].keys() if parts else set())
        size += sum(_bytes(entry.postings[i]) for i in added)
        if not parts or len(parts[-1]) + len(added) > most or size > room:
            parts.append({})
            size = sum(_bytes(entry.postings[i]) for i in (given, taken))
        parts[-1][given] = parts[-1].get(given, 0) + amount
        parts[-1][taken] = parts[-1].get(taken, 0) - amount
    return tuple(Entry(entry.date, tuple(_portions(entry, part))) for part in parts)


def _portions(entry: Entry, part: Mapping[int, int]) -> Iterator[tuple[str, int, str]]:
    for i in sorted(part):
        account, _, commodity = entry.postings[i]
        yield account, part[i], commodity


def _pairs(entry: Entry) -> Iterator[tuple[int, int, int]]:
    """Match what is given with what is taken, commodity by commodity: positions of both postings, and how much."""
    for unit in dict.fromkeys(commodity for _, _, commodity in entry.postings):
        amounts = [
            (i, amount) for i, (_, amount, commodity) in enumerate(entry.postings) if commodity == unit
        ]
        given = [(i, amount) for i, amount in reversed(amounts) if amount > 0]
        taken = [(i, -amount) for i, amount in reversed(amounts) if amount < 0]
        while given:
            (giver, offered), (taker, wanted) = given.pop(), taken.pop()
            moved = min(offered, wanted)
            yield giver, taker, moved
            if offered > moved:
                given.append((giver, offered - moved))
            if wanted > moved:
                taken.append((taker, wanted - moved))


def _bytes(posting: tuple[str, int, str]) -> int:
    """How long a posting is in a leaf: its texts, and the names and signs around them."""
    account, amount, commodity = posting
    return (
        len(account.encode())
        + len(str(amount))
        + len(commodity)
        + len('{"account":"","amount":"","commodity":""},')
    )


def _unbalanced(entry: Entry) -> dict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for _, amount, commodity in entry.postings:
        sums[commodity] += amount
    return {commodity: total for commodity, total in sorted(sums.items()) if total}


def problems(entry: Entry, commodities: Collection[str], seq: int | None = None) -> tuple[Problem, ...]:
    """All that is wrong with one entry; `commodities` are those that the account knows."""
    return tuple(
        Problem(seq, name, expected, values)
        for name, expected, values in (*_of_the_whole(entry), *_of_its_postings(entry, commodities))
    )


Finding = tuple[str, str, dict[str, object]]


def _of_the_whole(entry: Entry) -> Iterator[Finding]:
    if not _is_day(entry.date):
        yield "date", message("a plain date like 2026-11-29, not {date}"), {"date": entry.date}
    if not 2 <= len(entry.postings) <= MAX_POSTINGS:
        count = len(entry.postings)
        yield (
            "postings",
            message("between 2 and {most} postings, not {count}"),
            {"most": MAX_POSTINGS, "count": count},
        )
    for commodity, total in _unbalanced(entry).items():
        values = {"commodity": commodity, "total": total}
        yield "postings", message("a sum of zero in {commodity}; it is {total}"), values


def _of_its_postings(entry: Entry, commodities: Collection[str]) -> Iterator[Finding]:
    for account, amount, commodity in entry.postings:
        if not _ACCOUNT.fullmatch(account):
            yield "account", message("an account like assets:bank, not {account}"), {"account": account}
        if amount == 0 or abs(amount) > MAX_AMOUNT:
            yield (
                "amount",
                message("an amount other than 0, of sensible length, for {account}"),
                {"account": account},
            )
        if commodity not in commodities or not _COMMODITY.fullmatch(commodity):
            known = ", ".join(sorted(commodities))
            yield (
                "commodity",
                message("one of {known}, not {commodity}"),
                {"known": known, "commodity": commodity},
            )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def audit(
    booked: Sequence[Booked], commodities: Collection[str], assertions: Iterable[Assertion] = ()
) -> tuple[Problem, ...]:
    """All that is wrong with an account: its entries one by one, gaps in their numbers, asserted balances that differ."""
    found: list[Problem] = []
    for place, line in enumerate(booked, booked[0].seq if booked else 0):
        if line.seq != place:
            found.append(
                Problem(
                    line.seq, "seq", message("number {number}: the numbers have no gaps"), {"number": place}
                )
            )
            break
    for line in booked:
        found += problems(line.entry, commodities, line.seq)
    found += unmet([line.entry for line in booked], assertions)
    return tuple(found)


def unmet(entries: Sequence[Entry], assertions: Iterable[Assertion]) -> tuple[Problem, ...]:
    """The assertions that the entries up to the end of their day do not bear out."""
    found = []
    balances, following = Balances(), iter(sorted(entries, key=lambda entry: entry.date))
    entry = next(following, None)
    for asserted in sorted(assertions, key=lambda assertion: assertion.on):
        while entry is not None and entry.date <= asserted.on.isoformat():
            balances.book(entry)
            entry = next(following, None)
        balance = balances.of(asserted.account, asserted.commodity)
        if balance != asserted.amount:
            expected = message("{asserted} in {account} at the end of {on}; {booked} is booked")
            values = {
                "asserted": asserted.amount,
                "account": asserted.account,
                "on": asserted.on,
                "booked": balance,
            }
            found.append(Problem(None, "balance", expected, values))
    return tuple(found)
