"""What a signed record must have booked, worked out again and compared with its leaf."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta

from node.activities.donation import BOOKED, NEXT
from node.domain import ledger
from node.domain.booking import OUT_OF, SPENT, carried
from node.domain.donations import postings_of
from node.domain.posting import PAYABLE, Posting, written
from node.verify.act import TAKES_BACK, Act
from node.verify.promises import Promises
from node.verify.source import DifferenceError, said_money
from schemas.allocation import Allocation
from schemas.deposit import Deposit
from schemas.donation import Donation
from schemas.expense import Expense
from schemas.transfer import Transfer

Sums = dict[tuple[str, str], int]

_SHOWN = 6


class Bookings:
    """Every thing as its activities left it, in the order of the log. `partial`: the log began with balances of a former one.

    What a thing books is what it stands for now, less what it stood for before; so each entry follows from signed records alone.
    """

    def __init__(self, partial: bool, promises: Promises) -> None:
        self.partial, self._promises = partial, promises
        self._stand: dict[str, Sums] = {}
        self._gifts: dict[str, Donation] = {}
        self._shares: dict[str, list[Posting]] = {}
        self._hidden: list[tuple[str, Sums]] = []
        self._undone: Counter[frozenset[tuple[tuple[str, str], int]]] = Counter()
        self._receipts: dict[str, int] = {}
        self.compared = 0
        self.uncompared: list[str] = []
        self.unanswered: list[str] = []
        """At the end: withdrawals of what a former log booked."""
        self.open: list[tuple[str, Sums]] = []
        """At the end: what is booked without words, and no entry takes it back."""

    def withdrawn(self, activity: str, postings: Iterable[Posting]) -> None:
        """An activity whose words are gone. What it says that is owed or was paid must be taken back by a later entry."""
        self._hidden.append((activity, summed(postings)))

    def check(
        self, act: Act, postings: Iterable[Posting], stated: Mapping[str, str] | None, place: int
    ) -> None:
        """Raise DifferenceError unless an activity booked what its record says, account by account."""
        id_, record, booked = act.thing, act.record, summed(postings)
        if act.verb in TAKES_BACK:
            self._withdrawal(id_, booked, place)
            return
        stands = self._stands(record)
        former = self._stand.get(id_)
        if act.verb not in ("Create", "Update") or (act.verb == "Create" and former is not None):
            raise DifferenceError("bookings", f"{act.id} is no way to book {id_}: {act.verb}, leaf {place}")
        if act.verb == "Update":
            _refuse_change(id_, record, self._gifts.get(id_), place)
        if isinstance(record, Donation):
            _refuse_fee(id_, record)
            self._gifts[id_] = record
        if stated and not isinstance(record, Donation):
            raise DifferenceError("bookings", f"leaf {place} keeps a rate of {stated}; {id_} is no gift")
        if isinstance(record, Allocation):
            self._shares[id_] = _allotted(record)
            if record.corrects and record.corrects not in self._shares:
                self._correction(id_, record, booked, place)
                return
        if former is None and act.verb == "Update" and self.partial:
            self.uncompared.append(f"{id_} ({said_sums(booked)})")
            self._stand[id_] = stands
            return
        self._stand[id_] = stands
        _compare(id_, less(stands, former or {}), booked, place)
        if isinstance(record, Donation):
            _compare_rate(id_, record, stated, place)
            if record.channel == "cash" and record.status != "pledged":
                self._receipts[id_] = record.receipt or 0
        self.compared += 1

    def _correction(self, id_: str, record: Allocation, booked: Sums, place: int) -> None:
        """What takes the place of an allocation whose words are gone takes back what these had promised, and nothing else."""
        if not self.partial and not self._hidden:
            raise DifferenceError(
                "bookings", f"{id_}, leaf {place} on, corrects {record.corrects}, which is not in this log"
            )
        back = less(booked, summed(_allotted(record)))
        taken = {key: amount for key, amount in back.items() if key[0] != ledger.ALLOCATIONS}
        for (account, commodity), amount in taken.items():
            if amount < 0 or not self._promises.keep(account, amount, commodity):
                raise DifferenceError(
                    "bookings",
                    f"{id_}, leaf {place} on, takes back {said_sums(taken)}, which {record.corrects} did not promise",
                )
        self._stand[id_] = booked
        self.uncompared.append(f"{id_} in place of {record.corrects} ({said_sums(booked)})")

    def finish(self) -> None:
        """DifferenceError where what was withdrawn and what takes it back differ, or receipts for cash have a gap. More may be
        checked afterwards, and this asked again."""
        self._number()
        open_: dict[frozenset[tuple[tuple[str, str], int]], list[tuple[str, Sums]]] = {}
        undone = self._undone.copy()
        for activity, booked in self._hidden:
            back = frozenset(less({}, booked).items())
            if open_.get(back):
                open_[back].pop()
            elif undone[back]:
                undone[back] -= 1
            else:
                open_.setdefault(frozenset(booked.items()), []).append((activity, booked))
        self.open = self._not_taken_back([pair for pairs in open_.values() for pair in pairs], undone)
        for activity, booked in self.open:
            if any(account.startswith(PAYABLE) for account, _ in booked):
                raise DifferenceError(
                    "withdrawn",
                    f"{activity} booked {said_sums(booked)}; its words are gone, and no entry takes it back",
                )

    def _not_taken_back(
        self, open_: list[tuple[str, Sums]], times: Mapping[frozenset[tuple[tuple[str, str], int]], int]
    ) -> list[tuple[str, Sums]]:
        """What is left of `open_` once withdrawals that answer several of its activities at once are compared with their sums."""
        undone = [dict(booked) for booked, so_many in times.items() for _ in range(so_many)]
        if self.partial:
            self.unanswered = [f"a withdrawal ({said_sums(booked)})" for booked in undone]
            return open_
        touched = {key for booked in undone for key in booked}
        taken = [pair for pair in open_ if touched & pair[1].keys()]
        kept = [pair for pair in open_ if not touched & pair[1].keys()]
        left = summed(
            (a, n, c) for sums in (*undone, *(pair[1] for pair in taken)) for (a, c), n in sums.items()
        )
        if left or (undone and not taken):
            raise DifferenceError(
                "bookings", f"withdrawals book {said_sums(left or undone[0])} for what was never booked"
            )
        return kept

    def _number(self) -> None:
        """DifferenceError unless the receipts for cash are numbered without a gap or a repeat, from 1 where the log shows all."""
        numbers = sorted(self._receipts.values())
        first = numbers[0] if numbers and self.partial else 1
        for expected, number in enumerate(numbers, first):
            if number != expected:
                uri = next(id_ for id_, each in self._receipts.items() if each == number)
                raise DifferenceError(
                    "receipts", f"{uri} has the receipt number {number} for cash, where {expected} is due"
                )

    def _withdrawal(self, id_: str, booked: Sums, place: int) -> None:
        former = self._stand.get(id_)
        if former is not None:
            _compare(id_, less({}, former), booked, place)
            self._stand[id_] = {}
            self.compared += 1
        elif booked:
            self._undone[frozenset(booked.items())] += 1

    def _stands(self, record: object) -> Sums:
        """What a record stands for in the account."""
        match record:
            case Donation():
                return summed(postings_of(record))
            case Transfer():
                amount, currency = record.amount.minor, record.amount.currency
                return summed(
                    [
                        (ledger.payable(record.to), amount, currency),
                        (OUT_OF[record.channel], -amount, currency),
                    ]
                )
            case Expense():
                amount, currency = record.amount.minor, record.amount.currency
                return summed([(SPENT, amount, currency), (OUT_OF[record.channel], -amount, currency)])
            case Deposit():
                return summed(carried(record.amount))
            case Allocation():
                return less(summed(_allotted(record)), summed(self._shares.get(str(record.corrects), ())))
        return {}


def compare_day(act: Act, booked: Iterable[str], place: int) -> None:
    """DifferenceError where an entry stands on another day than its signed activity says.

    What is first said of money is booked on the day that it names; what takes it back, changes it or shares it out, on that day or the
    one on which it was said, by the calendar of the collective, which may be a day off from UTC.
    """
    said, record = act.at.date(), act.record
    near = {(said + timedelta(days=days)).isoformat() for days in (-1, 0, 1)}
    day = record.on.isoformat() if isinstance(record, Donation | Transfer | Expense | Deposit) else ""
    allowed = {day} if day and act.verb == "Create" else {day, *near}
    for date in booked:
        if date not in allowed or date > max(near):
            raise DifferenceError(
                "bookings",
                f"leaf {place} stands on {date}; {act.id} says {day or said.isoformat()}",
            )


def summed(postings: Iterable[Posting]) -> Sums:
    """Postings by account and commodity, without those that come to nothing."""
    found: Sums = {}
    for account, amount, commodity in postings:
        found[account, commodity] = found.get((account, commodity), 0) + amount
    return {key: amount for key, amount in found.items() if amount}


def less(one: Sums, other: Sums) -> Sums:
    """The one less the other."""
    return {
        key: amount for key in one.keys() | other.keys() if (amount := one.get(key, 0) - other.get(key, 0))
    }


def _allotted(record: Allocation) -> list[Posting]:
    currency = record.available.currency
    owed = [(ledger.payable(row.claimant), -row.amount.minor, currency) for row in record.allotments]
    return [(ledger.ALLOCATIONS, -sum(amount for _, amount, _ in owed), currency), *owed]


def _refuse_change(id_: str, record: object, former: Donation | None, place: int) -> None:
    """Only a gift books something by a change: it arrives, is decided about, is reversed. What it booked it keeps."""
    if not isinstance(record, Donation):
        raise DifferenceError("bookings", f"{id_} is changed by leaf {place}, after it was booked")
    if former is None:
        return
    same = former.status == "pledged" or all(
        getattr(record, name) == getattr(former, name) for name in ("amount", *BOOKED)
    )
    if record.status not in NEXT[former.status] or not same:
        raise DifferenceError(
            "bookings", f"{id_} was {_gift(former)} and is changed to {_gift(record)} by leaf {place}"
        )


def _gift(record: Donation) -> str:
    return f"{record.status}, {said_money(record.amount)} by {record.channel}"


def _refuse_fee(id_: str, record: Donation) -> None:
    fee = record.fee
    if fee is not None and (fee.currency != record.amount.currency or fee.minor >= record.amount.minor):
        raise DifferenceError(
            "bookings", f"{id_}, a gift of {said_money(record.amount)}, has a fee of {said_money(fee)}"
        )


def _compare(id_: str, expected: Sums, booked: Sums, place: int) -> None:
    wrong = sorted(less(expected, booked))
    if wrong:
        raise DifferenceError(
            "bookings",
            f"{id_} makes {said_sums(expected, wrong)}, leaf {place} on books {said_sums(booked, wrong)}",
        )


def said_sums(sums: Sums, keys: Iterable[tuple[str, str]] | None = None) -> str:
    """Sums as a difference says them: all, or those named by `keys`; the first few of many."""
    named = sorted(sums) if keys is None else list(keys)
    said = [f"{account} {written(sums.get((account, name), 0), name)} {name}" for account, name in named]
    return ", ".join(said[:_SHOWN]) + (f" and {len(said) - _SHOWN} more" if len(said) > _SHOWN else "")


def _compare_rate(id_: str, record: Donation, stated: Mapping[str, str] | None, place: int) -> None:
    if record.status != "cleared":
        return
    given = record.stated
    expected = given and {
        "amount": format(given.amount.amount, "f"),
        "currency": given.amount.currency,
        "rate": format(given.rate, "f"),
    }
    if (expected or None) != (dict(stated) if stated else None):
        raise DifferenceError("bookings", f"{id_} states {expected}, leaf {place} keeps {stated}")
    if given and given.amount.amount * given.rate != record.amount.amount:
        raise DifferenceError(
            "bookings", f"{id_}: {expected} at that rate is not the {record.amount.amount} that it books"
        )
