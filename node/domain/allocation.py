"""A pot and claims make shares: versioned rules that anybody can recompute.

A rule is never edited once used; another way of sharing is another name in `RULES`. All arithmetic is exact
(integers and fractions), and the order of the claims never matters. Where two claims are equally near to a
unit, `ties` decides.

    AllocationError               cannot be shared out; `field` says which word of it is wrong, `claim` whose
    ├── UnknownRuleError          rule
    ├── PotError                  available: negative
    ├── UnitPriceError            unit_price: zero or negative
    ├── ClaimsError               claims: none, one claimant twice, a claimant without id
    ├── WeightError               weight: negative, not a number, or absurdly long
    ├── WeightsSumToZeroError     weight: nobody asks for anything
    ├── CapError                  cap: negative
    │   └── CapMissingError       cap: missing where the rule needs one of everybody
    ├── FloorError                floor: negative
    └── FloorsExceedPotError      floor: together more than there is
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import ClassVar

from node.domain.errors import DomainError
from node.domain.ties import tie_key, utf8

MAX_WEIGHT_DIGITS = 40


class AllocationError(DomainError):
    """Base of every refusal to share out: `field` is the word that people type, `claim` the claimant."""

    field: ClassVar[str] = "claims"

    def __init__(self, cause: str, claim: str = "") -> None:
        super().__init__(f"{self.field}: {cause}" + (f" ({claim!r})" if claim else ""))
        self.cause = cause
        self.claim = claim


class UnknownRuleError(AllocationError):
    """No rule has this name and version."""

    field = "rule"


class PotError(AllocationError):
    """What is to be shared is negative."""

    field = "available"


class UnitPriceError(AllocationError):
    """A ration costs nothing or less."""

    field = "unit_price"


class ClaimsError(AllocationError):
    """Nobody claims, the same claimant does twice, or one has no id."""


class WeightError(AllocationError):
    """A weight that is no non-negative number of sensible length."""

    field = "weight"


class WeightsSumToZeroError(AllocationError):
    """All weights are zero, so no proportion exists."""

    field = "weight"


class CapError(AllocationError):
    """A negative cap."""

    field = "cap"


class CapMissingError(CapError):
    """No cap where the rule needs one of everybody."""


class FloorError(AllocationError):
    """A negative floor."""

    field = "floor"


class FloorsExceedPotError(AllocationError):
    """The floors together exceed the pot."""

    field = "floor"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: `weight` without unit, from a decimal string; `cap` and `floor` in units of the pot."""

    id: str
    weight: Decimal | Fraction
    cap: int | None = None
    floor: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What one claimant gets, with the arithmetic that leads there.

    `guaranteed` was given before anything was divided. `quota` is the exact part of the rest that fell to it
    in the pass in which it left or was served. If it is `capped` it left with its cap; else it got the `whole`
    of its quota, and the `extra` unit if its `remainder`, then its `key`, ranked high enough.

    For `webster/1` the quota is the plain proportion, for comparison only, and `extra` is 0. What decides there
    is weight / (2 × units − 1), the price of the last unit won, against weight / (2 × units + 1), of the next.
    """

    id: str
    units: int
    weight: Fraction
    quota: Fraction
    key: str
    guaranteed: int = 0
    extra: int = 0
    capped: bool = False

    @property
    def whole(self) -> int:
        """The quota without its fraction."""
        return self.quota.numerator // self.quota.denominator

    @property
    def remainder(self) -> Fraction:
        """The fraction of the quota, which competes for the units left over."""
        return self.quota - self.whole


@dataclass(frozen=True, slots=True)
class Pass:
    """`rest` units divided by the `weights` of `claims` claimants; those in `capped` left with their cap."""

    rest: int
    weights: Fraction
    claims: int
    capped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """The outcome, shares sorted by id (as UTF-8 bytes). `pot` = Σ units + `carry_over`."""

    rule: str
    pot: int
    seed: str
    shares: tuple[Share, ...]
    carry_over: int
    passes: tuple[Pass, ...]

    def units(self) -> dict[str, int]:
        """What each claimant gets, by id."""
        return {share.id: share.units for share in self.shares}


def allocate(rule: str, pot: int, claims: Sequence[Claim], seed: str) -> Shares:
    """Share `pot` whole units (minor units of money, rations, goods) among `claims` by a rule of `RULES`.

    `seed` decides ties only. Raises AllocationError.
    """
    if rule not in RULES:
        raise UnknownRuleError(f"{rule!r} is none of {', '.join(RULES)}")
    if pot < 0:
        raise PotError(f"{pot} is negative")
    if not claims:
        raise ClaimsError("nobody claims")
    _check(claims)
    ordered = sorted(claims, key=lambda claim: utf8(claim.id))
    weights = [Fraction(claim.weight) for claim in ordered]
    one = lcm(*(weight.denominator for weight in weights))
    parties = [_Party(claim, weight, one, seed) for claim, weight in zip(ordered, weights, strict=True)]
    passes = RULES[rule](pot, parties)
    shares = tuple(party.share() for party in parties)
    carry_over = pot - sum(share.units for share in shares)
    return Shares(rule, pot, seed, shares, carry_over, tuple(passes))


def in_units(available: int, unit_price: int) -> tuple[int, int]:
    """How many whole rations `available` minor units buy at `unit_price`, and the minor units left over."""
    if available < 0:
        raise PotError(f"{available} is negative")
    if unit_price <= 0:
        raise UnitPriceError(f"{unit_price} is not above zero")
    return divmod(available, unit_price)


def _check(claims: Sequence[Claim]) -> None:
    seen: set[str] = set()
    for claim in claims:
        if not claim.id:
            raise ClaimsError("a claimant has no id")
        if claim.id in seen:
            raise ClaimsError("is listed twice", claim.id)
        seen.add(claim.id)
        _check_weight(claim)
        if claim.cap is not None and claim.cap < 0:
            raise CapError(f"{claim.cap} is negative", claim.id)
        if claim.floor is not None and claim.floor < 0:
            raise FloorError(f"{claim.floor} is negative", claim.id)


def _check_weight(claim: Claim) -> None:
    """Refuse before any arithmetic: Decimal("1E+999999999") is short to write and endless to reckon with."""
    weight = claim.weight
    if isinstance(weight, Decimal):
        _, digits, exponent = weight.as_tuple()
        if not isinstance(exponent, int):
            raise WeightError(f"{weight} is not a number", claim.id)
        if max(len(digits), abs(exponent)) > MAX_WEIGHT_DIGITS:
            raise WeightError(f"has more than {MAX_WEIGHT_DIGITS} digits", claim.id)
    if weight < 0:
        raise WeightError(f"{weight} is negative", claim.id)


class _Party:
    """A claim at work. Weights are integers here: all times `one`, their common denominator."""

    def __init__(self, claim: Claim, weight: Fraction, one: int, seed: str) -> None:
        self.claim = claim
        self.stated = weight
        self.one = one
        self.weight = weight.numerator * (one // weight.denominator)
        self.key = tie_key(seed, claim.id)
        self.room = claim.cap
        self.guaranteed = 0
        self.quota = Fraction(0)
        self.capped = False
        self.extra = 0
        self.units = 0

    def reaches_cap(self, rest: int, weights: int) -> bool:
        return self.room is not None and rest * self.weight >= self.room * weights

    def at_most(self, units: int) -> int:
        return units if self.room is None else min(self.room, units)

    def share(self) -> Share:
        return Share(
            id=self.claim.id,
            units=self.guaranteed + self.units,
            weight=self.stated,
            quota=self.quota,
            key=self.key,
            guaranteed=self.guaranteed,
            extra=self.extra,
            capped=self.capped,
        )


def _largest_remainder(pot: int, parties: list[_Party]) -> list[Pass]:
    _require_weights(parties)
    return _divide(pot, [party for party in parties if party.weight])


def _max_min(pot: int, parties: list[_Party]) -> list[Pass]:
    """Equal weights, so that all remainders tie and the units left over go in order of the key."""
    for party in parties:
        if party.room is None:
            raise CapMissingError("is missing, and max-min/1 needs one of everybody", party.claim.id)
        party.weight = party.one
    return _divide(pot, parties)


def _floor_proportional(pot: int, parties: list[_Party]) -> list[Pass]:
    for party in parties:
        party.guaranteed = party.at_most(party.claim.floor or 0)
        if party.room is not None:
            party.room -= party.guaranteed
    floors = sum(party.guaranteed for party in parties)
    if floors > pot:
        raise FloorsExceedPotError(f"the floors sum to {floors}, there are {pot}")
    return _largest_remainder(pot - floors, parties)


def _webster(pot: int, parties: list[_Party]) -> list[Pass]:
    """One unit at a time to the highest price, but not from zero: the units that are sure are given at once.

    All units priced at 1 / (2 × level) or more are sure if together they fit into the pot. Each claim wins
    level × weight of them, rounded half up, so a level that divides half a unit a head less than the pot is low
    enough, and at most one unit a head is left to auction. Claims of weight 0 bid 0: they come last, by key.
    """
    _require_weights(parties)
    bidders = [party for party in parties if party.weight]
    rest, weights, _ = _fill(max(0, pot - (len(bidders) + 1) // 2), bidders)
    for party in bidders:
        sure = party.room if party.capped else (2 * rest * party.weight + weights) // (2 * weights)
        party.units = sure or 0
    left = pot - sum(party.units for party in bidders)
    auction = [
        (-_order(party.weight, 2 * party.units + 1, 2 * pot), party.key, place)
        for place, party in enumerate(bidders)
        if party.units != party.room
    ]
    heapq.heapify(auction)
    while left and auction:
        _, key, place = heapq.heappop(auction)
        winner = bidders[place]
        winner.units += 1
        left -= 1
        if winner.units != winner.room:
            heapq.heappush(auction, (-_order(winner.weight, 2 * winner.units + 1, 2 * pot), key, place))
    for party in sorted((party for party in parties if not party.weight), key=lambda party: party.key):
        party.units = party.at_most(left)
        left -= party.units
    total = sum(party.weight for party in parties)
    for party in parties:
        party.quota = Fraction(pot * party.weight, total)
        party.capped = party.units == party.room
    return []


Rule = Callable[[int, list[_Party]], list[Pass]]
RULES: Mapping[str, Rule] = {
    "largest-remainder/1": _largest_remainder,
    "max-min/1": _max_min,
    "floor-proportional/1": _floor_proportional,
    "webster/1": _webster,
}


def _require_weights(parties: list[_Party]) -> None:
    if not any(party.weight for party in parties):
        raise WeightsSumToZeroError("all weights are zero")


def _order(numerator: int, denominator: int, largest: int) -> int:
    """An integer that orders exactly as the fraction does, where no denominator exceeds `largest`.

    Two such fractions differ by at least 1 / largest², so that much scaling leaves their whole parts apart.
    """
    return (numerator << 2 * largest.bit_length()) // denominator


def _fill(pot: int, parties: list[_Party]) -> tuple[int, int, list[Pass]]:
    """Cap, pass by pass, all whose quota reaches their room; return the rest, its weights, the passes.

    The level rest / weights never falls when a capped claim leaves, so those who leave are always the next ones
    in order of room / weight, and the whole takes one sort instead of one sweep a pass.
    """
    rest, weights, remaining = pot, sum(party.weight for party in parties), len(parties)
    bounded = [party for party in parties if party.room is not None]
    bounded.sort(key=lambda party: _order(party.room or 0, party.weight, weights), reverse=True)
    passes: list[Pass] = []
    leaving: list[_Party] | None = None
    while remaining and leaving != []:
        leaving = []
        while bounded and bounded[-1].reaches_cap(rest, weights):
            leaving.append(bounded.pop())
        for party in leaving:
            party.quota, party.capped = Fraction(rest * party.weight, weights), True
        ids = sorted((party.claim.id for party in leaving), key=utf8)
        passes.append(Pass(rest, Fraction(weights, parties[0].one), remaining, tuple(ids)))
        rest -= sum(party.room or 0 for party in leaving)
        weights -= sum(party.weight for party in leaving)
        remaining -= len(leaving)
    return rest, weights, passes


def _divide(pot: int, parties: list[_Party]) -> list[Pass]:
    """Largest remainders: the capped get their room, the others their whole quota and the first one more."""
    rest, weights, passes = _fill(pot, parties)
    served = [party for party in parties if not party.capped]
    for party in served:
        party.quota = Fraction(rest * party.weight, weights)
        party.units = rest * party.weight // weights
    served.sort(key=lambda party: (-(rest * party.weight % weights), party.key))
    for party in served[: rest - sum(party.units for party in served)]:
        party.extra = 1
        party.units += 1
    for party in parties:
        if party.capped:
            party.units = party.room or 0
    return passes
