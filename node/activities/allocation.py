"""allocation: how a pot was shared out. The node reckons the shares; everybody can reckon them again."""

from collections.abc import Callable, Mapping

from node.domain import booking, ledger
from node.domain.allocation import (
    RULES,
    AllocationError,
    CapError,
    CapMissingError,
    ClaimsError,
    FloorError,
    FloorsExceedPotError,
    UnknownRuleError,
    WeightError,
    WeightsSumToZeroError,
)
from node.domain.fund import decided, members
from node.domain.kind import Heard, Kind, Link, NotAllowedError, Scene, Speaker, Thing, Verb, replace
from node.domain.payouts import is_corrected, transferred, transfers_of
from node.domain.posting import Posting
from node.domain.recompute import differences, recompute
from node.domain.rounds import allocations_of, closed, criteria_of, round_of, rows
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas import Money, Uri
from schemas.allocation import Allocation, Allotment
from schemas.round import Round

ROWS = 12
"""How many lines are said one by one; more are said as their totals."""

EXPECTED: Mapping[type[AllocationError], str] = {
    UnknownRuleError: message("one of these rules: {known}"),
    ClaimsError: message("every claimant only once: {claim}"),
    WeightError: message("a weight of zero or more, of sensible length: {claim}"),
    WeightsSumToZeroError: message("weights of which at least one is more than zero"),
    CapMissingError: message("a cap, since this rule needs one of everybody: {claim}"),
    CapError: message("a cap of zero or more: {claim}"),
    FloorError: message("a floor of zero or more: {claim}"),
    FloorsExceedPotError: message("floors that together fit into what is available"),
}

_CLAIM = '[{"claimant": "https://esperanza.example/c/esperanza", "weight": "600"}]'

TYPED = ("claims", "criteria", "decision", "rule", "seed", "unit_price")
"""What a round gives, so that it cannot be typed."""


def complete(
    record: Allocation, speaker: Speaker, scene: Scene, _chance: Callable[[int], bytes]
) -> Allocation:
    """What the round gives, the shares, what is carried over, and how long the account's log is before it."""
    if scene.thing(scene.url) is not None:
        return record
    if record.round is not None:
        record = _of_round(record, speaker.actor, scene)
    for field in ("rule", "seed"):
        if getattr(record, field) is None:
            raise NotAllowedError(field, "a value; without a round it is required")
    _refuse_prices(record)
    try:
        reckoned = recompute(record)
    except AllocationError as error:
        raise _refusal(error) from None
    return record.changed(
        allotments=reckoned.allotments,
        carry_over=reckoned.carry_over,
        log_size=scene.log_size(speaker.actor),
    )


def _of_round(record: Allocation, fund: str, scene: Scene) -> Allocation:
    """The record with what its round gives. NotAllowedError where the round is open or something of it was typed."""
    for field in TYPED:
        if getattr(record, field):
            raise NotAllowedError(field, "nothing: the round gives it")
    thing, round = round_of(record.round or "", "round", scene)
    if thing.owner != fund or thing.state != "closed":
        raise NotAllowedError("round", "a round of ours that is closed")
    criteria = criteria_of(round, scene)
    decision = decided(round.criteria, fund, scene)
    if decision is None or decision.published >= thing.published:
        raise NotAllowedError("criteria", "criteria that were adopted before the round opened")
    return record.changed(
        criteria=round.criteria,
        decision=Uri(decision.id),
        rule=criteria.rule,
        seed=round.seed,
        unit_price=criteria.unit_price,
        claims=rows(closed(thing.facts), criteria, thing.published),
    )


def _refusal(error: AllocationError) -> NotAllowedError:
    """What cannot be shared out, in words that can be translated."""
    expected = EXPECTED.get(type(error), message("claims that can be shared out"))
    if isinstance(error, ClaimsError) and not error.claim:
        expected = message("at least one row with a claimant and a weight, like {example}")
        return NotAllowedError(error.field, expected, example=_CLAIM)
    return NotAllowedError(error.field, expected, known=", ".join(RULES), claim=error.claim)


def _refuse_prices(record: Allocation) -> None:
    if record.unit_price is not None and record.unit_price.currency != record.available.currency:
        raise NotAllowedError("unit_price", "a price in {currency}", currency=record.available.currency)


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """What we say must come out when it is reckoned again, and once said it stays: by a round, it is only ever corrected."""
    record = heard.record
    if not scene.ours(heard.actor):
        return
    if before is not None and heard.verb is Verb.DELETE:
        _refuse_withdrawal(before, scene)
    if not isinstance(record, Allocation):
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
    if record.round is None and record.corrects is None:
        # Where members claim, only a round has their criteria, their claims and their appeals. Elsewhere shares may be reckoned
        # of what is still to come: the account says what is missing, and no transfer goes out until it is covered.
        if members(heard.actor, scene):
            raise NotAllowedError("round", "a round of ours that is closed")
        booking.refuse_closed(scene.day(heard.at), "available", heard, scene)
        return
    _check_pot(record, heard, scene)


def _refuse_withdrawal(before: Thing, scene: Scene) -> None:
    """NotAllowedError where money, a round or a correction rests on the shares: those are followed, never gone."""
    if transfers_of(before.id, scene):
        raise NotAllowedError("allocation", "shares of which nothing was transferred yet")
    record = before.record
    if is_corrected(before, scene) or (isinstance(record, Allocation) and (record.round or record.corrects)):
        raise NotAllowedError(
            "allocation",
            "an allocation that corrects this one, after a decision about it; shares of a round stay",
        )


def _check_pot(record: Allocation, heard: Heard, scene: Scene) -> None:
    """What is shared out is there; the window for appeals is open; one allocation a round, or one that corrects it."""
    corrected = _corrected(record, heard, scene)
    round = scene.thing(record.round) if record.round else None
    if round is not None and isinstance(round.record, Round):
        if round.record.appeal_until <= heard.at:
            raise NotAllowedError(
                "round",
                "a round whose appeals are still open; they ended {day}",
                day=round.record.appeal_until,
            )
        before = allocations_of(round, scene)
        if before and before[-1].id != record.corrects:
            raise NotAllowedError("round", "a round that was not shared out yet")
    currency = record.available.currency
    left = booking.unallocated(scene.balances(heard.actor), currency) + _shared(corrected)
    if record.available.minor > left:
        raise NotAllowedError(
            "available",
            "at most {left}, which is there and promised to nobody",
            left=Money(max(0, left), currency),
        )
    booking.refuse_closed(scene.day(heard.at), "available", heard, scene)


def _signers(_former: Allocation | None, record: Allocation, scene: Scene) -> int:
    """How many sign it: two where it corrects another and nobody is there to decide about that."""
    undecided = record.round is None or not members(scene.here, scene)
    return 2 if record.corrects and undecided else 0


def _corrected(record: Allocation, heard: Heard, scene: Scene) -> Allocation | None:
    """The allocation that this one takes the place of, by a decision about it; where nobody decides since nobody belongs, two sign."""
    if record.corrects is None:
        return None
    thing = scene.thing(record.corrects)
    if thing is None or thing.owner != heard.actor or not isinstance(thing.record, Allocation):
        raise NotAllowedError("corrects", "an allocation of ours")
    if members(heard.actor, scene) and decided(thing.id, heard.actor, scene) is None:
        raise NotAllowedError("corrects", "an allocation that a decision corrects")
    if is_corrected(thing, scene):
        raise NotAllowedError("corrects", "the allocation that corrects this one")
    currency = thing.record.available.currency
    if record.available.currency != currency:
        raise NotAllowedError("available", "an amount in {currency}", currency=currency)
    shares = {str(row.claimant): row.amount for row in record.allotments}
    for claimant, paid in transferred(thing, scene).items():
        share = shares.get(claimant)
        if share is None or share.currency != currency or share.minor < paid:
            raise NotAllowedError(
                "claims",
                "for {name} at least {paid}, which was transferred",
                name=scene.name(claimant),
                paid=Money(paid, currency),
            )
    return thing.record


def _shared(record: Allocation | None) -> int:
    return sum(row.amount.minor for row in record.allotments) if record is not None else 0


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """The shares, and what is owed from now on to those who get them, until it is transferred; withdrawn, it is owed no more."""
    after = replace(before, heard, scene)
    if after is None or (before is not None and after.record is not None):
        return after
    record = after.record
    postings = _postings(record, 1) if isinstance(record, Allocation) else []
    corrected = scene.thing(record.corrects) if isinstance(record, Allocation) and record.corrects else None
    if corrected is not None and isinstance(corrected.record, Allocation):
        postings += _postings(corrected.record, -1)
    return booking.book(before, after, postings, scene.day(heard.at))


def _postings(record: Allocation, sign: int) -> list[Posting]:
    currency = record.available.currency
    owed = [
        (ledger.payable(row.claimant), -row.amount.minor * sign, currency)
        for row in record.allotments
        if row.amount.minor
    ]
    return [(ledger.ALLOCATIONS, _shared(record) * sign, currency), *owed]


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
            _which(record, tongue, scene),
            opening,
        ],
        _said_rows(record, tongue, scene),
        tongue.say("Reckon it again: {url}", url=scene.url),
    )


def _which(record: Allocation, tongue: Tongue, scene: Scene) -> str:
    thing = scene.thing(record.round) if record.round else None
    if record.corrects:
        return tongue.say("Corrected allocation, in place of an earlier one:")
    if thing is not None and isinstance(thing.record, Round):
        return tongue.say("Round {number}:", number=thing.record.number or "")
    return tongue.say("Allocation of a round:") if record.round else tongue.say("Allocation without a round:")


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
    named = (
        ("round", record.round),
        ("criteria", record.criteria),
        ("decision", record.decision),
        ("corrects", record.corrects),
    )
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
    fold=fold,
    entry=lambda before, after, _heard, _scene: booking.entry(before, after),
    approvals=_signers,
    unsaying=lambda _record, _scene: 2,
    hashtags=lambda _record, tongue: (tongue.say(message("allocation")),),
)
