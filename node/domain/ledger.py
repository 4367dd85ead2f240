"""The ledger as a bookkeeper checks it: entries in their places, reversals, and balances that people assert.

What a posting is and what balances is `posting`'s. Nothing booked is ever changed: a correction is an entry that reverses.

    assets:bank · assets:cash              what the fund holds
    liabilities:payable:HANDLE@HOST        what it allocated and has not yet transferred
    liabilities:holding                    gifts that wait for a decision, such as those after the closing of a campaign
    income:donations                       what was given, before fees
    expenses:allocations · expenses:fees   what was allocated, and what the road cost

Mistakes are `Problem`s, all of them at once, so that one does not hide the next.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from urllib.parse import urlsplit

from node.domain.kind import Entry
from node.domain.posting import DIGITS, MOST_POSTINGS, PAYABLE, Balances, add, decimal, is_account, sums
from node.tongues import message

BANK = "assets:bank"
CASH = "assets:cash"
DONATIONS = "income:donations"
FEES = "expenses:fees"
ALLOCATIONS = "expenses:allocations"
HOLDING = "liabilities:holding"

MAX_AMOUNT = 10**18


def payable(actor: str) -> str:
    """The account of what is owed to an actor, `NAME@HOST` by its URI alone: what a node learns of it later renames nothing."""
    try:
        parts = urlsplit(actor)
    except ValueError:
        parts = urlsplit("")
    name = parts.path.rstrip("/").rpartition("/")[2].removeprefix("@")
    account = f"{PAYABLE}{name}@{parts.netloc}"
    return account if name and is_account(account) else f"{PAYABLE}{sha256(actor.encode()).hexdigest()[:32]}"


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
    """What is wrong, in which `field` (`seq`, `date`, `postings`, `account`, `amount`, `commodity`, `balance`).

    `seq` is the number of the entry, None where no one entry is to blame. `expected` is a message id for `Tongue.say`,
    `values` its parameters.
    """

    seq: int | None
    field: str
    expected: str
    values: Mapping[str, object]


def reversal(entry: Entry, on: date) -> Entry:
    """The entry that takes another back, on its own day."""
    return Entry(on.isoformat(), tuple((account, -amount, unit) for account, amount, unit in entry.postings))


def held(balances: Balances, account: str, commodity: str) -> int:
    """What an account and all accounts below it hold: of `assets`, the bank and the cash box together."""
    below = f"{account}:"
    return sum(
        amount
        for (name, unit), amount in balances.items()
        if unit == commodity and (name == account or name.startswith(below))
    )


def problems(entry: Entry, seq: int | None = None) -> tuple[Problem, ...]:
    """All that is wrong with one entry."""
    found = (*_of_the_whole(entry), *_of_its_postings(entry))
    return tuple(Problem(seq, field, expected, values) for field, expected, values in found)


def audit(booked: Sequence[Booked], assertions: Iterable[Assertion] = ()) -> tuple[Problem, ...]:
    """All that is wrong with an account: a gap in its numbers, its entries one by one, assertions that do not hold."""
    return (
        *_gap(booked),
        *(problem for line in booked for problem in problems(line.entry, line.seq)),
        *unmet([line.entry for line in booked], assertions),
    )


def unmet(entries: Sequence[Entry], assertions: Iterable[Assertion]) -> tuple[Problem, ...]:
    """The assertions that the entries up to the end of their day do not bear out, by day."""
    found = []
    balances: dict[tuple[str, str], int] = {}
    following = iter(sorted(entries, key=lambda entry: entry.date))
    entry = next(following, None)
    for asserted in sorted(assertions, key=lambda assertion: assertion.on):
        if asserted.commodity not in DIGITS:
            found.append(Problem(None, *_unknown(asserted.commodity)))
            continue
        while entry is not None and entry.date <= asserted.on.isoformat():
            add(balances, entry.postings)
            entry = next(following, None)
        booked = held(balances, asserted.account, asserted.commodity)
        if booked != asserted.amount:
            expected = message("{asserted} {commodity} in {account} at the end of {on}; {booked} is booked")
            values = {
                "asserted": decimal(asserted.amount, asserted.commodity),
                "commodity": asserted.commodity,
                "account": asserted.account,
                "on": asserted.on,
                "booked": decimal(booked, asserted.commodity),
            }
            found.append(Problem(None, "balance", expected, values))
    return tuple(found)


Finding = tuple[str, str, dict[str, object]]


def _gap(booked: Sequence[Booked]) -> Iterator[Problem]:
    """The first number that is not the next one; what follows would only repeat it."""
    for place, line in enumerate(booked, booked[0].seq if booked else 0):
        if line.seq != place:
            yield Problem(
                line.seq, "seq", message("number {number}: the numbers have no gaps"), {"number": place}
            )
            return


def _of_the_whole(entry: Entry) -> Iterator[Finding]:
    if not _is_day(entry.date):
        yield "date", message("a plain date like 2026-11-29, not {date}"), {"date": entry.date}
    if not 2 <= len(entry.postings) <= MOST_POSTINGS:
        values: dict[str, object] = {"most": MOST_POSTINGS, "count": len(entry.postings)}
        yield "postings", message("between 2 and {most} postings, not {count}"), values
    for commodity, total in sums(entry.postings).items():
        if total:
            excess = decimal(total, commodity) if commodity in DIGITS else total
            values = {"commodity": commodity, "total": excess}
            yield "postings", message("a sum of zero in {commodity}; it is {total}"), values


def _of_its_postings(entry: Entry) -> Iterator[Finding]:
    for account, amount, commodity in entry.postings:
        if not is_account(account):
            yield "account", message("an account like assets:bank, not {account}"), {"account": account}
        if amount == 0 or abs(amount) > MAX_AMOUNT:
            expected = message("an amount other than 0, of sensible length, for {account}")
            yield "amount", expected, {"account": account}
        if commodity not in DIGITS:
            yield _unknown(commodity)


def _unknown(commodity: str) -> Finding:
    values: dict[str, object] = {"known": ", ".join(sorted(DIGITS)), "commodity": commodity}
    return "commodity", message("one of {known}, not {commodity}"), values


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
