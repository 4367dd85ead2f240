"""The shares of a published allocation, reckoned again from what it says.

The node that publishes makes its shares here, and everybody else checks them here: the same words in, the same
shares out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from node.domain.allocation import Claim, Shares, allocate, in_units
from node.tongues import Tongue, message
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


def tied(shares: Shares) -> frozenset[str]:
    """Whose key decided: claims that were equally near to the last unit, of which some got one and others did not."""
    won, lost = (_auctioned if shares.rule == "webster/1" else _left_over)(shares)
    edge = min(won.values(), default=None)
    if edge is None or edge != max(lost.values(), default=None):
        return frozenset()
    return frozenset(id_ for id_, near in (*won.items(), *lost.items()) if near == edge)


def _left_over(shares: Shares) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """With which fraction of a unit each claim got one more, and with which none."""
    divided = [share for share in shares.shares if not share.capped]
    return (
        {share.id: share.remainder for share in divided if share.extra},
        {share.id: share.remainder for share in divided if not share.extra},
    )


def _auctioned(shares: Shares) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """At which price each claim got its last unit by `webster/1`, and at which it did not get another."""
    return (
        {share.id: share.weight / (2 * share.units - 1) for share in shares.shares if share.units},
        {share.id: share.weight / (2 * share.units + 1) for share in shares.shares if not share.capped},
    )


def arithmetic(record: Allocation, name: Callable[[str], str], tongue: Tongue) -> dict[str, Any]:
    """All steps of a reckoning as people read them, every number said in `language`, and what differs from what was
    published. Raises AllocationError."""
    reckoned = recompute(record)
    decided = tied(reckoned.shares)
    amounts = {str(row.claimant): row for row in reckoned.allotments}
    return {
        "language": tongue.language,
        "rule": record.rule,
        "seed": record.seed,
        "available": tongue.money(record.available),
        "unit_price": None if record.unit_price is None else tongue.money(record.unit_price),
        "shares": [
            {
                "claimant": share.id,
                "name": name(share.id),
                "weight": tongue.number(_decimal(share.weight)),
                "quota": tongue.number(_rounded(share.quota)),
                "guaranteed": share.guaranteed,
                "extra": share.extra,
                "capped": share.capped,
                "key": share.key,
                "tied": share.id in decided,
                "units": share.units,
                "amount": tongue.money(amounts[share.id].amount),
            }
            for share in reckoned.shares.shares
        ],
        "carry_over": tongue.money(reckoned.carry_over),
        "differences": [_said(line, name, tongue) for line in differences(record, reckoned)],
    }


def _rounded(quota: Fraction) -> Decimal:
    """A quota as people read it, to two decimals; what is reckoned with is exact."""
    return _decimal(quota).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _said(line: Difference, name: Callable[[str], str], tongue: Tongue) -> str:
    def money(amount: Money | None) -> str:
        return tongue.say(message("nothing")) if amount is None else tongue.money(amount)

    return tongue.say(
        message("{who}: published {published}, reckoned {reckoned}"),
        who=name(line.claimant) if line.claimant else tongue.say(message("what is carried over")),
        published=money(line.published),
        reckoned=money(line.reckoned),
    )
