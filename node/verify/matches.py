"""What matches added to gifts, reckoned again gift by gift in the order of the log, within the limits that were published."""

from dataclasses import dataclass
from datetime import datetime

from node.domain.matched import Pot, addition, after, worked_out
from node.verify.act import Act
from node.verify.own import Own
from node.verify.source import DifferenceError
from schemas.donation import Donation
from schemas.match import Match


@dataclass(frozen=True, slots=True)
class _Published:
    record: Match
    at: datetime


@dataclass(frozen=True, slots=True)
class _Passed:
    """A gift that arrived and got nothing, and when that was said."""

    id: str
    record: Donation
    at: datetime


class Matches:
    """Every match that a gift or a payment names, with what it added so far.

    `partial`: the log began with balances of a former one, so that what was added before is not seen, and nothing is compared.
    """

    def __init__(self, own: Own, partial: bool) -> None:
        self._own, self.partial = own, partial
        self._gifts: dict[str, Donation] = {}
        self._arrived: set[str] = set()
        self._passed: list[_Passed] = []
        self._known: dict[str, _Published] = {}
        self._pots: dict[str, Pot] = {}
        self.compared = 0
        self.uncompared = 0

    @property
    def count(self) -> int:
        """How many matches there are."""
        return len(self._known)

    def gift(self, act: Act) -> None:
        """DifferenceError where an activity gives a gift another addition than its match, or none where one was due."""
        id_, record = act.thing, act.record
        if not isinstance(record, Donation):
            return
        former = self._gifts.get(id_)
        match = record.match or record.payment_for
        if match is not None:
            self._gifts[id_] = record
            self._named(id_, str(match), record, former)
            return
        if former is not None:
            raise DifferenceError("matches", f"{id_} named a match and does so no more")
        if id_ in self._arrived:
            return
        if record.status == "cleared" and not record.held and record.channel != "kind" and record.campaign:
            passed = _Passed(id_, record, act.at)
            self._arrived.add(id_)
            self._passed.append(passed)
            for uri in self._known:
                self._refuse_passed(uri, passed)

    def _named(self, id_: str, uri: str, record: Donation, former: Donation | None) -> None:
        if self.partial:
            self.uncompared += 1
            return
        match = self._published(uri)
        _refuse_other_currency(id_, uri, record, match)
        pot = self._pots.get(uri, Pot(0, 0, 0))
        due = worked_out(record, former, match, pot)
        said = tuple(each.minor if each else 0 for each in (record.matched, record.earned))
        if said != due:
            raise DifferenceError(
                "matches",
                f"{id_} says that {uri} added {said[0]} and moved {said[1]} of what was paid in; its limits give {due[0]} and"
                f" {due[1]} (smallest units of {record.amount.currency})",
            )
        if record.matched and not (
            record.campaign == match.campaign and match.opens <= record.on <= match.closes
        ):
            raise DifferenceError(
                "matches", f"{id_} is no gift that {uri} matches, by its campaign or its day"
            )
        self._pots[uri] = after(pot, record, former)
        self.compared += 1

    def _published(self, uri: str) -> Match:
        """A match as its collective signed it."""
        if uri not in self._known:
            said = self._own.read(uri, Match, "matches")
            self._known[uri] = _Published(said.record, said.published)
            for passed in self._passed:
                self._refuse_passed(uri, passed)
        return self._known[uri].record

    def _refuse_passed(self, uri: str, passed: _Passed) -> None:
        """A gift that a match had promised to add to got its part, unless it came before the match or nothing was left."""
        match, gift = self._known[uri], passed.record
        if gift.campaign != match.record.campaign or not match.record.opens <= gift.on <= match.record.closes:
            return
        early = passed.at <= match.at  # of one second, which is all that is signed, either may be the first
        if not early and addition(match.record, gift.amount.minor, self._pots.get(uri, Pot(0, 0, 0)).added):
            raise DifferenceError("matches", f"{passed.id} came when {uri} stood, which added nothing to it")


def _refuse_other_currency(id_: str, uri: str, record: Donation, match: Match) -> None:
    """What is added, and to what, is money of the match's currency: smallest units of another are another sum."""
    for field in ("amount", "matched", "earned"):
        money = getattr(record, field)
        if money is not None and money.currency != match.total.currency:
            raise DifferenceError(
                "matches", f"{id_} has {money.currency} as {field}, and {uri} adds {match.total.currency}"
            )
