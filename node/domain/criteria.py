"""Criteria as data: which claims count in a round, with what weight, cap and floor, and what two criteria would give.

Criteria are versioned and never changed once adopted. A round is shared out by the version that was adopted before it opened; a
claim counts if its collective was a member by then. Money is in minor units of one currency.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from node.domain.allocation import Claim, Shares, allocate, in_units
from node.domain.kind import NotAllowedError
from node.tongues import message


class Cap(StrEnum):
    """What bounds a share, besides what the claimant itself declines: the money that it needs, or nothing."""

    NEED = "need"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Criteria:
    """One version: a rule of `allocation`, shares in rations of `unit_price` or (None) in money, a floor in money."""

    version: int
    rule: str
    valid_from: date
    unit_price: int | None = None
    floor: int = 0
    cap: Cap = Cap.NONE


@dataclass(frozen=True, slots=True)
class Request:
    """A claim as it was sent: `id` its Note, `weight` what the criteria weigh, `need` in money, `cap` in units."""

    id: str
    claimant: str
    sent: datetime
    weight: Decimal
    need: int | None = None
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A claim that does not count, and what it would have needed, as a message id for `Tongue.say`."""

    request: Request
    expected: str


@dataclass(frozen=True, slots=True)
class Divided:
    """What criteria give: shares in their units, money by claimant, and the money that is carried over."""

    shares: Shares
    amounts: Mapping[str, int]
    carry_over: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What one claimant would get, in money, under one criteria and under another."""

    claimant: str
    one: int
    other: int

    @property
    def change(self) -> int:
        """More (or, negative, less) under the other."""
        return self.other - self.one


def refuse_criteria(criteria: Criteria, adopted: datetime, opens: datetime, day: date) -> None:
    """A round opens under criteria adopted before it and valid on its day, by the collective's calendar.

    Raises NotAllowedError.
    """
    if adopted >= opens:
        raise NotAllowedError("criteria", "criteria that were adopted before the round opened")
    if criteria.valid_from > day:
        raise NotAllowedError(
            "criteria", "criteria that are already valid; these are from {day}", day=criteria.valid_from
        )


def eligible(
    requests: Iterable[Request], admitted: Mapping[str, datetime], opens: datetime, closes: datetime
) -> tuple[tuple[Request, ...], tuple[Refused, ...]]:
    """The claims that count, and those that do not. `admitted` says since when each collective is a member.

    Of several claims of one claimant the first counts; it can be changed by an Update until the round closes.
    """
    counted: dict[str, Request] = {}
    refused = []
    for request in sorted(requests, key=lambda request: (request.sent, request.id)):
        since = admitted.get(request.claimant)
        if since is None:
            refused.append(Refused(request, message("a member of the fund")))
        elif since > opens:
            refused.append(
                Refused(request, message("a member since before the round opened; the next one counts"))
            )
        elif request.sent > closes:
            refused.append(Refused(request, message("a claim before the round closed")))
        elif request.claimant in counted:
            refused.append(Refused(request, message("one claim a round; the first one counts")))
        else:
            counted[request.claimant] = request
    return tuple(counted.values()), tuple(refused)


def claims_of(criteria: Criteria, requests: Iterable[Request]) -> list[Claim]:
    """Claims in the units that the criteria share out: caps never above the need, floors never below what is promised."""
    price = criteria.unit_price or 1
    return [
        Claim(request.claimant, request.weight, _cap(criteria, request, price), -(-criteria.floor // price))
        for request in requests
    ]


def _cap(criteria: Criteria, request: Request, price: int) -> int | None:
    bounds = [request.cap]
    if criteria.cap is Cap.NEED and request.need is not None:
        bounds.append(request.need // price)
    return min((bound for bound in bounds if bound is not None), default=None)


def divide(criteria: Criteria, available: int, requests: Sequence[Request], seed: str) -> Divided:
    """Share out what is available by these criteria. Raises AllocationError."""
    price = 1 if criteria.unit_price is None else criteria.unit_price
    pot, rest = in_units(available, price)
    shares = allocate(criteria.rule, pot, claims_of(criteria, requests), seed)
    amounts = {claimant: units * price for claimant, units in shares.units().items()}
    return Divided(shares, amounts, shares.carry_over * price + rest)


def compare(
    one: Criteria, other: Criteria, available: int, requests: Sequence[Request], seed: str
) -> tuple[Difference, ...]:
    """What-if: two criteria over the same claims, side by side, before anybody decides. Raises AllocationError."""
    first, second = (divide(criteria, available, requests, seed).amounts for criteria in (one, other))
    return tuple(Difference(claimant, first[claimant], second[claimant]) for claimant in first)
