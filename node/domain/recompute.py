"""The shares of a published allocation, reckoned again from what it says.

The node that publishes makes its shares here, and everybody else checks them here: the same words in, the same
shares out.
"""

from dataclasses import dataclass

from node.domain.allocation import Claim, Shares, allocate, in_units
from schemas import Money
from schemas.allocation import Allocation, Allotment


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What an allocation should say, and the arithmetic of it. `shares` are in rations where there is a unit price."""

    shares: Shares
    allotments: tuple[Allotment, ...]
    carry_over: Money


@dataclass(frozen=True, slots=True)
class Difference:
    """One line where what was published is not what comes out; `claimant` is empty for what is carried over."""

    claimant: str
    published: Money | None
    reckoned: Money | None


def recompute(record: Allocation) -> Reckoned:
    """The shares by the rule, claims and seed of the record. Raises AllocationError where they cannot be shared out."""
    currency = record.available.currency
    price = record.unit_price.minor if record.unit_price else 1
    pot, rest = in_units(record.available.minor, price)
    claims = [Claim(row.claimant, row.weight, row.cap, row.floor) for row in record.claims]
    shares = allocate(record.rule or "", pot, claims, record.seed or "")
    units = shares.units()
    allotments = tuple(
        Allotment(
            claimant=row.claimant,
            count=units[row.claimant] if record.unit_price else None,
            amount=Money(units[row.claimant] * price, currency),
        )
        for row in record.claims
    )
    return Reckoned(shares, allotments, Money(shares.carry_over * price + rest, currency))


def differences(record: Allocation, reckoned: Reckoned) -> tuple[Difference, ...]:
    """Every line in which a published allocation differs from what its own words give."""
    published = {row.claimant: row for row in record.allotments}
    expected = {row.claimant: row for row in reckoned.allotments}
    lines = [
        Difference(
            claimant,
            published[claimant].amount if claimant in published else None,
            expected[claimant].amount if claimant in expected else None,
        )
        for claimant in dict.fromkeys((*expected, *published))
        if published.get(claimant) != expected.get(claimant)
    ]
    if len(published) != len(record.allotments):
        lines.append(Difference("", None, None))
    if record.carry_over != reckoned.carry_over:
        lines.append(Difference("", record.carry_over, reckoned.carry_over))
    return tuple(lines)
