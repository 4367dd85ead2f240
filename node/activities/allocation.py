"""allocation: how a pot was shared out. The node reckons the shares; everybody can reckon them again."""

from collections.abc import Callable, Mapping

from node.domain.allocation import (
    RULES,
    AllocationError,
    CapError,
    ClaimsError,
    FloorError,
    FloorsExceedPotError,
    UnknownRuleError,
    WeightError,
    WeightsSumToZeroError,
)
from node.domain.kind import Entry, Heard, Kind, Link, NotAllowedError, Scene, Speaker, Thing, Verb
from node.domain.recompute import differences, recompute
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas import Money
from schemas.allocation import Allocation, Allotment

ROWS = 12
"""How many lines are said one by one; more are said as their totals."""

EXPECTED: Mapping[type[AllocationError], str] = {
    UnknownRuleError: message("one of these rules: {known}"),
    ClaimsError: message("at least one claimant, and every one only once: {claim}"),
    WeightError: message("a weight of zero or more, of sensible length: {claim}"),
    WeightsSumToZeroError: message("weights of which at least one is more than zero"),
    CapError: message("a cap of zero or more: {claim}"),
    FloorError: message("a floor of zero or more: {claim}"),
    FloorsExceedPotError: message("floors that together fit into what is available"),
}


def complete(
    record: Allocation, _speaker: Speaker, _scene: Scene, _chance: Callable[[int], bytes]
) -> Allocation:
    """The shares and what is carried over."""
    _refuse_prices(record)
    try:
        reckoned = recompute(record)
    except AllocationError as error:
        raise _refusal(error) from None
    return record.changed(allotments=reckoned.allotments, carry_over=reckoned.carry_over)


def _refusal(error: AllocationError) -> NotAllowedError:
    """What cannot be shared out, in words that can be translated."""
    expected = EXPECTED.get(type(error), message("claims that can be shared out"))
    return NotAllowedError(error.field, expected, known=", ".join(RULES), claim=error.claim)


def _refuse_prices(record: Allocation) -> None:
    if record.unit_price is not None and record.unit_price.currency != record.available.currency:
        raise NotAllowedError("unit_price", "a price in {currency}", currency=record.available.currency)


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """What we say must come out when it is reckoned again, and once said it stays."""
    record = heard.record
    if not isinstance(record, Allocation) or not scene.ours(heard.actor):
        return
    _refuse_prices(record)
    if before is not None and heard.verb is Verb.UPDATE:
        raise NotAllowedError("allocation", "a new allocation; one that was published is never changed")
    try:
        wrong = differences(record, recompute(record))
    except AllocationError as error:
        raise _refusal(error) from None
    if wrong:
        raise NotAllowedError("allotments", "the shares that the rule gives")


def entry(before: Thing | None, after: Thing | None, _heard: Heard, scene: Scene) -> Entry | None:
    """What was given is owed to those who get it, until it is transferred; withdrawn, it is owed no more."""
    thing, sign = (after, 1) if before is None else (before, -1)
    if (
        thing is None
        or not isinstance(thing.record, Allocation)
        or (before is not None and after is not None and after.record)
    ):
        return None
    currency = thing.record.available.currency
    owed = [
        (f"liabilities:payable:{scene.handle(row.claimant)}", -row.amount.minor * sign, currency)
        for row in thing.record.allotments
    ]
    owed = [posting for posting in owed if posting[1]]
    if not owed:
        return None
    total = -sum(minor for _, minor, _ in owed)
    return Entry(scene.day(_heard.at).isoformat(), (("expenses:allocations", total, currency), *owed))


def text(record: Allocation, tongue: Tongue, scene: Scene) -> str:
    """`Ronda 1: 625.000 CLP, ración a 1.500 CLP: 416 raciones y 1.000 CLP que quedan en caja. La Esperanza 231 raciones …`"""
    carried = record.carry_over or Money(0, record.available.currency)
    shared = Money(sum(row.amount.minor for row in record.allotments), record.available.currency)
    values = {"available": record.available, "price": record.unit_price, "shared": shared, "carried": carried}
    opening = (
        tongue.say(
            "{available}, a ration at {price}: {rations} and {carried} carried over.",
            **values,
            rations=_rations(record, tongue),
        )
        if record.unit_price
        else tongue.say("{available}: {shared} shared out and {carried} carried over.", **values)
    )
    return paragraphs(
        scene,
        [
            tongue.say("Allocation of a round:")
            if record.round
            else tongue.say("Allocation without a round:"),
            opening,
        ],
        _said_rows(record, tongue, scene),
        tongue.say("Reckon it again: {url}", url=scene.url),
    )


def _rations(record: Allocation, tongue: Tongue) -> str:
    count = sum(row.count or 0 for row in record.allotments)
    return tongue.plural("{number} ration", "{number} rations", count)


def _said_rows(record: Allocation, tongue: Tongue, scene: Scene) -> str:
    """Each share with its weight; of long lists only how many there are."""
    if len(record.allotments) > ROWS:
        weight = sum(claim.weight for claim in record.claims)
        return tongue.say(
            "{number} claimants, with weights of {weight} together.", number=len(record.claims), weight=weight
        )
    weights = {claim.claimant: claim.weight for claim in record.claims}
    return (
        "; ".join(_said_row(row, weights.get(row.claimant), tongue, scene) for row in record.allotments) + "."
    )


def _said_row(row: Allotment, weight: object, tongue: Tongue, scene: Scene) -> str:
    values = {"name": scene.name(row.claimant), "amount": row.amount, "weight": weight}
    if row.count is None:
        return tongue.say("{name} {amount} (weight {weight})", **values)
    counted = tongue.plural("{number} ration", "{number} rations", row.count)
    return tongue.say("{name} {rations} ({amount}, weight {weight})", rations=counted, **values)


def links(record: Allocation) -> tuple[Link, ...]:
    """The round, criteria and decision that it rests on, and the claims that it answers."""
    named = (("round", record.round), ("criteria", record.criteria), ("decision", record.decision))
    claims = (("claim", row.claim) for row in record.claims)
    return tuple(Link(relation, target) for relation, target in (*named, *claims) if target)


KIND = Kind(
    name="allocation",
    record=Allocation,
    text=text,
    roles=frozenset({"steward", "treasurer"}),
    public_only=True,
    links=links,
    complete=complete,
    check=check,
    entry=entry,
    hashtags=lambda _record, tongue: (tongue.say(message("allocation")),),
)
