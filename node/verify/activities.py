"""The signed activities behind the entries: their digests, their proofs, and what each of them says."""

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from federation import FederationError
from node.account.leaf import digest
from node.domain.allocation import AllocationError
from node.domain.posting import Posting
from node.domain.recompute import differences, recompute
from node.tlog.tiles import WIDTH
from node.verify.act import TAKES_BACK, Act, read_act
from node.verify.allocations import Allocations
from node.verify.bookings import Bookings, Sums, compare_day, said_sums, summed
from node.verify.matches import Matches
from node.verify.own import Own
from node.verify.periods import Periods
from node.verify.promises import Promises
from node.verify.receipts import Receipts
from node.verify.signer import Signer
from node.verify.source import DifferenceError, Source, read_json, said_money
from node.verify.transfers import Transfers
from node.verify.tree import Account, Booked, Tell
from schemas import SchemaError, from_wire
from schemas.allocation import Allocation

JsonObject = dict[str, Any]
Sample = Callable[[Sequence[str], int], Sequence[str]]
"""So many of a list, by chance."""

_SAMPLED = 32


@dataclass
class Evidence:
    """What was found behind the entries of one log. `lost` is what nothing is served of any more, with all that it booked."""

    leaves: int = 0
    """So many of its leaves were read, from the first on."""
    matching: int = 0
    withdrawn: list[str] = field(default_factory=list)
    lost: int = 0
    lost_sums: Sums = field(default_factory=dict)


class Examination:
    """Everything that a collective said of its money, log after log, the oldest first.

    `partial`: the oldest log that can be read began with balances of a former one.
    """

    def __init__(self, source: Source, signer: Signer, *, partial: bool) -> None:
        self.signer = signer
        self.own, self.promises = Own(source, signer), Promises()
        self.bookings = Bookings(partial, self.promises)
        self.matches = Matches(self.own, partial)
        self.allocations = Allocations(source, self.own, signer.now)
        self.transfers = Transfers(self.own, self.promises, self.allocations)
        self.periods, self.receipts = Periods(), Receipts()
        self.periods_listed = False
        self.sampled = 0
        self.unread: set[str] = set()
        """Activities whose words are gone, or may be since what they said was withdrawn."""
        self._said: dict[str, list[str]] = {}
        self._booked: set[str] = set()
        self.lost: set[str] = set()

    def read(
        self, source: Source, account: Account, tell: Tell, found: Evidence, *, former: bool = False
    ) -> None:
        """Compare every activity that is served, from where `found` ended on, with the digest that its entry keeps. DifferenceError
        names the first that differs.

        Of a `former` log activities may be lost, which is what another may have had to go on for: they are counted.
        """
        begin, total = found.leaves, len(account.booked)
        before = account.booked[begin - 1].activity if begin else ""
        carried = account.first.postings if account.first is not None else ()
        if self.bookings.partial and not begin:
            self.promises.unread(carried)
        free = _added({}, carried)
        for leaf in account.booked[1:begin]:
            _added(free, leaf.postings)
        for start in range(begin, total, WIDTH):
            lines = _read(source.evidence(start), start)
            for place in range(start, min(start + WIDTH, total)):
                leaf = account.booked[place]
                if leaf.activity and leaf.activity != before:
                    self._refuse_again(leaf.activity, place)
                    line = lines.get(leaf.activity)
                    if line is None and not former:
                        raise DifferenceError(
                            "activities", f"leaf {place} was booked for {leaf.activity}, which is not served"
                        )
                    if line is None or line.get("withdrawn") is True:
                        self._unread(account, place, found, lost=line is None)
                    else:
                        self._activity(line, account, place, free)
                        found.matching += 1
                before = leaf.activity
                if place:
                    _added(free, leaf.postings)
            tell("activities", min(start + WIDTH, total), total)
        found.leaves = total
        if former:
            self.allocations.earlier.update(account.closed)

    def finish(
        self, source: Source, accounts: Sequence[Account], periods: Sequence[str] | None, sample: Sample
    ) -> None:
        """What shows only at the end: words that are gone and never taken back, whoever got more than was owed, periods, receipts, and
        whether what is booked is also what is served to everybody else. More may be read afterwards, and this asked again.

        `accounts`: the logs from the oldest on; `periods`: those that were closed before the last of them was read.
        """
        self.bookings.finish()
        if (overpaid := accounts[-1].overpaid) is not None:
            raise DifferenceError("transfers", overpaid)
        gone = self.lost | {activity for activity, _ in self.bookings.open}
        self.periods, self.periods_listed = Periods(), periods is not None
        self.periods.compare(self.own, periods or (), accounts, gone)
        self.sampled = self._compare_served(source, accounts[-1], sample)
        self.receipts = Receipts()
        self.receipts.compare(source, self.allocations.asked, self.transfers.every)

    def _compare_served(self, source: Source, account: Account, sample: Sample) -> int:
        """Some activities, which nobody knows beforehand, at their own addresses; how many."""
        digests = {leaf.activity: leaf.digest for leaf in account.booked if leaf.activity}
        there = [activity for activity in digests if activity not in self.unread]
        chosen = sample(there, min(_SAMPLED, len(there)))
        for activity in chosen:
            document = source.thing(activity)
            if document is None:
                raise DifferenceError(
                    "activities", f"{activity} is shown with its entry, and its own address is empty"
                )
            _match(activity, {"activity": document, "salt": source.salt(activity)}, digests[activity], None)
        return len(chosen)

    def _unread(self, account: Account, place: int, found: Evidence, *, lost: bool) -> None:
        uri, postings = account.booked[place].activity, _postings(account, place)
        self.unread.add(uri)
        self.promises.unread(postings)
        if lost:
            found.lost += 1
            self.lost.add(uri)
            found.lost_sums = summed(
                (*postings, *((name, n, commodity) for (name, commodity), n in found.lost_sums.items()))
            )
            self.bookings.partial = self.matches.partial = True
            return
        found.withdrawn.append(f"{uri} ({said_sums(summed(postings))})")
        self.bookings.withdrawn(uri, postings)

    def _refuse_again(self, activity: str, place: int) -> None:
        """All leaves of an activity stand together: what is booked for it elsewhere would be compared with nothing."""
        if activity in self._booked:
            raise DifferenceError(
                "activities", f"leaf {place} goes on with {activity}, which was booked before other leaves"
            )
        self._booked.add(activity)

    def _activity(self, line: JsonObject, account: Account, place: int, free: Mapping[str, int]) -> None:
        leaf = account.booked[place]
        _match(leaf.activity, line, leaf.digest, place)
        for number, part in enumerate(_leaves(account, place), place):
            if (part.digest, part.stated) != (leaf.digest, leaf.stated):
                raise DifferenceError(
                    "activities",
                    f"leaf {number} keeps another digest or rate of {leaf.activity} than leaf {place}",
                )
        document = line["activity"]
        self.signer.check(document, "activities")
        act = read_act(document, leaf.activity, self.signer.actor, self.signer.now)
        self._note_said(act)
        self.allocations.said(act, account.closed, place, free)
        self.bookings.check(act, _postings(account, place), leaf.stated, place)
        self.matches.gift(act)
        self.transfers.said(act, free)
        compare_day(act, _dates(account, place), place)

    def _note_said(self, act: Act) -> None:
        """What was withdrawn keeps none of the activities that said it."""
        if act.verb in TAKES_BACK:
            self.unread.update(self._said.pop(act.thing, ()))
        else:
            self._said.setdefault(act.thing, []).append(act.id)


def _added(free: dict[str, int], postings: Sequence[Posting]) -> dict[str, int]:
    """What is there and promised to nobody, by commodity, after some postings too."""
    for account, amount, commodity in postings:
        if account.startswith(("assets:", "liabilities:")):
            free[commodity] = free.get(commodity, 0) + amount
    return free


def _leaves(account: Account, place: int) -> Iterator[Booked]:
    """All leaves of one activity, from its first on."""
    activity = account.booked[place].activity
    while place < len(account.booked) and account.booked[place].activity == activity:
        yield account.booked[place]
        place += 1


def _postings(account: Account, place: int) -> list[Posting]:
    return [posting for leaf in _leaves(account, place) for posting in leaf.postings]


def _dates(account: Account, place: int) -> set[str]:
    return {leaf.date for leaf in _leaves(account, place)}


def _read(lines: Sequence[bytes], start: int) -> dict[str, JsonObject]:
    found = {}
    for number, text in enumerate(lines, 1):
        try:
            line = read_json(text)
            found[str(line["id"])] = line
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            shown = text[:300].decode("utf-8", "backslashreplace")
            raise DifferenceError(
                "activities", f"line {number} of the activities from leaf {start} on cannot be read: {shown}…"
            ) from error
    return found


def _match(uri: str, line: JsonObject, expected: str, place: int | None) -> None:
    document, salt = line.get("activity"), line.get("salt")
    if not isinstance(document, dict):
        raise DifferenceError("activities", f"{uri} is served as something else: {document!r}"[:500])
    try:
        made = digest(b64decode(str(salt), validate=True), document)
    except (ValueError, FederationError) as error:
        raise DifferenceError("activities", f"{uri} cannot be hashed: {error}"[:500]) from error
    if made != expected:
        keeps = "its leaf keeps" if place is None else f"leaf {place} keeps"
        raise DifferenceError(
            "activities",
            f"{uri} was changed: its digest is {made}, {keeps} {expected}{_changed_share(document)}",
        )


def _changed_share(document: JsonObject) -> str:
    """Which share of a changed allocation is not the one that its own claims give, where that is what was changed."""
    inner = document.get("object")
    if not isinstance(inner, dict) or "kind" not in inner:
        return ""
    try:
        record = from_wire(inner)
        wrong = differences(record, recompute(record)) if isinstance(record, Allocation) else ()
    except SchemaError:
        return ""
    except AllocationError as error:
        return f"; it cannot be reckoned again: {error}"
    if not wrong:
        return ""
    line = wrong[0]
    return f"; the share of {line.claimant or 'what is carried over'} reads {said_money(line.published)}, its claims give {said_money(line.reckoned)}"
