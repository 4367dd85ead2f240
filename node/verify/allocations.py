"""Every allocation in the order of the log: reckoned again, from the claims with which its round closed, by criteria that were adopted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from node.account.leaf import Leaf
from node.domain.allocation import AllocationError
from node.domain.digest import digest_of
from node.domain.recompute import differences, recompute
from node.verify.act import Act
from node.verify.claims import Asked, compare_claims, compare_closing
from node.verify.decisions import compare_decision
from node.verify.own import Own, Said
from node.verify.source import DifferenceError, Source, said_money
from schemas import Money
from schemas.allocation import Allocation
from schemas.round import Round

JsonObject = dict[str, Any]
Closed = Mapping[str, list[Leaf]]
"""The leaves with which each round closed."""

_MOST_CORRECTED = 100
"""How many corrections of one another are followed where no log has them."""


@dataclass
class Shared:
    """An allocation, and the first of those that it corrects, whose transfers count with its own. Another may have taken its place.

    `rounds`: its own, and those of all that it corrects.
    """

    uri: str
    first: str
    record: Allocation
    rounds: frozenset[str]
    replaced: bool = False


@dataclass
class Allocations:
    """What was shared out so far. `now` is the stranger's clock."""

    source: Source
    own: Own
    now: datetime
    asked: Asked = field(default_factory=Asked)
    known: dict[str, Shared] = field(default_factory=dict)
    rounds: dict[str, Shared] = field(default_factory=dict)
    unasked_for: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unbound: list[str] = field(default_factory=list)
    """Rounds of which the log keeps only the claims."""
    earlier: dict[str, list[Leaf]] = field(default_factory=dict)
    """The leaves with which rounds closed in logs from which the present one goes on."""
    shares: int = 0

    def said(self, act: Act, closed: Closed, place: int, free: Mapping[str, int]) -> None:
        """DifferenceError where an activity shares out otherwise than its rule, its round and its criteria say.

        `place`: its leaf's; `free`: what was there before it and promised to nobody, by currency.
        """
        uri, record = act.thing, act.record
        if not isinstance(record, Allocation):
            return
        _refuse_other_shares(uri, record)
        if act.verb != "Create" or uri in self.known:
            raise DifferenceError("allocations", f"{uri} was changed after it was published, by {act.id}")
        shared = Shared(uri, uri, record, frozenset([record.round] if record.round else []))
        self._compare_served(uri, act.document, record)
        self._replace(shared)
        if record.round is not None or record.corrects is not None:
            self._refuse_more(shared, free.get(record.available.currency, 0))
        if record.round is None:
            self.unasked_for.append(f"{uri} ({said_money(record.available)})")
        else:
            self._compare_round(shared, closed, place)
            self._refuse_after_appeals(shared, act.at)
            self.rounds[record.round] = shared
        self.known[uri] = shared
        self.shares += len(record.allotments)

    def _compare_served(self, uri: str, booked: JsonObject, record: Allocation) -> None:
        """What people read at the address of an allocation is what was booked, share by share and word by word."""
        served = self.own.read(uri, Allocation, "allocations", keep=False)
        if served.document == booked:
            return
        shares = {row.claimant: row.amount for row in record.allotments}
        shown = {row.claimant: row.amount for row in served.record.allotments}
        wrong = [who for who in (*shares, *shown) if shares.get(who) != shown.get(who)]
        named = [
            name
            for name in sorted({*booked, *served.document})
            if booked.get(name) != served.document.get(name)
        ]
        said = (
            f"the share of {wrong[0]} is shown as {said_money(shown.get(wrong[0]))}, booked was {said_money(shares.get(wrong[0]))}"
            if wrong
            else f"its {named[0]} is another"
        )
        raise DifferenceError("allocations", f"{uri} is not served as it was booked: {said}")

    def _replace(self, shared: Shared) -> None:
        """An allocation takes the place of one that stands; whoever gets less or more by it is told."""
        record = shared.record
        if record.corrects is None:
            return
        former = self.known.get(record.corrects)
        if former is None:
            self.replaced.append(f"{shared.uri} in place of {record.corrects}, which is not in this log")
            shared.rounds |= self._served_rounds(record.corrects)
            return
        if former.replaced:
            raise DifferenceError(
                "allocations", f"{shared.uri} corrects {former.uri}, whose place another one took already"
            )
        former.replaced, shared.first = True, former.first
        shared.rounds |= former.rounds
        before = {row.claimant: said_money(row.amount) for row in former.record.allotments}
        after = {row.claimant: said_money(row.amount) for row in record.allotments}
        changed = [
            f"{who} {before.get(who, said_money(None))} → {after.get(who, said_money(None))}"
            for who in dict.fromkeys((*before, *after))
            if before.get(who) != after.get(who)
        ]
        self.replaced.append(f"{shared.uri} in place of {former.uri}: {', '.join(changed)}")

    def _served_rounds(self, uri: str) -> set[str]:
        """The rounds of what is corrected where no log that can be read has it: as the collective still signs and serves it. Nothing
        where it does not; that it is not in the log is told. DifferenceError where what is served goes on and on."""
        rounds: set[str] = set()
        seen: set[str] = set()
        while uri not in seen:
            if len(seen) == _MOST_CORRECTED:
                raise DifferenceError(
                    "allocations", f"{uri} stands at the end of more corrections than {len(seen)}"
                )
            seen.add(uri)
            try:
                former = self.own.read(uri, Allocation, "allocations", keep=False).record
            except DifferenceError:
                break
            rounds |= {str(former.round)} if former.round else set()
            uri = former.corrects or uri
        return rounds

    def _refuse_after_appeals(self, shared: Shared, at: datetime) -> None:
        """Shares can be appealed: the time for it was not over when they were published."""
        round = self.own.read(str(shared.record.round), Round, "rounds").record
        if at >= round.appeal_until:
            raise DifferenceError(
                "rounds",
                f"{shared.uri} was published on {at}; the appeals of {shared.record.round} ended on {round.appeal_until}",
            )

    def _refuse_more(self, shared: Shared, free: int) -> None:
        """No round shares out more than there is, what a former allocation of it had promised included."""
        available = shared.record.available
        former = self.known.get(str(shared.record.corrects))
        promised = former.record.allotments if former else ()
        back = sum(row.amount.minor for row in promised if row.amount.currency == available.currency)
        if (former or not shared.record.corrects) and available.minor > free + back:
            most = Money(max(0, free + back), available.currency)
            raise DifferenceError(
                "allocations",
                f"{shared.uri} shares out {said_money(available)}, where {said_money(most)} was there",
            )

    def _compare_round(self, shared: Shared, closed: Closed, place: int) -> None:
        uri, record = shared.uri, shared.record
        standing = self.rounds.get(str(record.round))
        if standing is not None and record.corrects != standing.uri:
            raise DifferenceError(
                "rounds", f"{uri} shares out {record.round}, which {standing.uri} shared out already"
            )
        before = self.earlier.get(str(record.round))
        leaves = before or closed.get(str(record.round))
        if not leaves or (not before and leaves[-1].seq >= place):
            raise DifferenceError(
                "rounds", f"{uri} shares out {record.round}, whose closing is not in the log before it"
            )
        _refuse_closed_again(str(record.round), leaves)
        claims = [(str(a), str(b), str(c)) for leaf in leaves for a, b, c in leaf.document["claims"]]
        seed = str(leaves[0].document["seed"])
        compare_closing("rounds", uri, record, claims, seed)
        round = self.own.read(str(record.round), Round, "rounds")
        if (round.record.status, round.record.seed) != ("closed", seed):
            raise DifferenceError(
                "rounds",
                f"{record.round} is {round.record.status} with the seed {round.record.seed}; the log closed it with {seed}",
            )
        self._compare_shown(round, leaves[0].document.get("digest"))
        if sorted(self.source.claims(str(record.round))) != sorted(claims):
            raise DifferenceError(
                "rounds", f"{record.round} lists other claims than those with which the log closed it"
            )
        criteria = compare_decision(self.source, self.own, uri, record, round, self.asked)
        nonces = {claim: nonce for claim, _, nonce in claims}
        compare_claims(self.source, uri, record, round, nonces, criteria, self.now, self.asked)

    def _compare_shown(self, round: Said[Round], kept: str | None) -> None:
        """A round is shown as it closed: until when it took claims and appeals, and what it shares out by, changes no more."""
        uri = str(round.document["id"])
        if kept is None:
            self.unbound.append(uri)
        elif (made := digest_of(round.document)) != kept:
            raise DifferenceError(
                "rounds",
                f"{uri} is not shown as it stood when the log closed it: its digest is {made}, the log keeps {kept}",
            )


def _refuse_closed_again(uri: str, leaves: Sequence[Leaf]) -> None:
    """A round closes once: the leaves of its claims stand together and say the same of it."""
    for before, leaf in pairwise(leaves):
        same = all(before.document.get(name) == leaf.document.get(name) for name in ("seed", "digest"))
        if leaf.seq != before.seq + 1 or not same:
            raise DifferenceError(
                "rounds", f"{uri} closed more than once, by leaves {leaves[0].seq} and {leaf.seq}"
            )


def _refuse_other_shares(uri: str, record: Allocation) -> None:
    """DifferenceError where the shares of an allocation are not those that its own words give."""
    try:
        wrong = differences(record, recompute(record))
    except AllocationError as error:
        raise DifferenceError("allocations", f"{uri} cannot be reckoned again: {error}") from error
    if wrong:
        line = wrong[0]
        raise DifferenceError(
            "allocations",
            f"{uri}: {line.claimant or 'carried over'} was given {said_money(line.published)}, {record.rule} gives"
            f" {said_money(line.reckoned)}",
        )
