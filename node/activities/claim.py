"""claim: a member of a fund asks for its share of a round, from its own node, until the round closes."""

from base64 import b64encode
from collections.abc import Callable

from node.domain.dates import refuse_ahead
from node.domain.digest import DigestError, digest_of
from node.domain.fund import admission_of
from node.domain.kind import (
    Heard,
    Kind,
    Link,
    NotAllowedError,
    Scene,
    Speaker,
    Thing,
    Thread,
    Verb,
)
from node.domain.rounds import NONCE_BYTES, is_nonce, round_of
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas.campaign import Campaign
from schemas.claim import Claim
from schemas.criteria import Criteria
from schemas.round import Round


def complete(record: Claim, _speaker: Speaker, _scene: Scene, chance: Callable[[int], bytes]) -> Claim:
    """A nonce that nobody else could know."""
    return record if record.nonce else record.changed(nonce=b64encode(chance(NONCE_BYTES)).decode())


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """A round that is open, of a fund to which the claimant belonged before it opened, once each, in the currency of its criteria."""
    record = heard.record
    if not isinstance(record, Claim):
        return
    thing = scene.thing(record.round)
    concerned = scene.ours(heard.actor) or (thing is not None and scene.ours(thing.owner))
    if not concerned:
        return
    thing, round = round_of(record.round, "round", scene)
    former = before.record if before else None
    if isinstance(former, Claim) and (former.round, former.nonce) != (record.round, record.nonce):
        raise NotAllowedError("round", "the same round and nonce as before")
    if thing.state != "open" or round.claims_until <= heard.at:
        raise NotAllowedError("round", "a round in which claims can still be made")
    _check_member(thing, heard, scene)
    _check_amounts(record, round, scene)
    if heard.verb is Verb.CREATE and any(
        isinstance(each.record, Claim) and each.record.round == record.round
        for each in scene.said(heard.actor, "claim")
    ):
        raise NotAllowedError("round", "a round in which you have not claimed yet; revise that claim")
    if not scene.ours(heard.actor):
        refuse_ahead(heard)
    _check_digest(record, heard)


def _check_member(round: Thing, heard: Heard, scene: Scene) -> None:
    """The fund counts who was admitted before the round opened; the claimant's own node only knows whether it was."""
    before = round.published if scene.ours(round.owner) else None
    if admission_of(heard.actor, round.owner, scene, before=before) is None:
        raise NotAllowedError("round", "a round of a fund that admitted you before it opened")


def _check_amounts(record: Claim, round: Round, scene: Scene) -> None:
    criteria = scene.thing(round.criteria)
    known = criteria.record if criteria is not None and isinstance(criteria.record, Criteria) else None
    currency = _currency(round, known, scene)
    if record.need is not None and currency is not None and record.need.currency != currency:
        raise NotAllowedError("need", "an amount in {currency}", currency=currency)
    if known is not None and known.cap == "need" and record.need is None:
        raise NotAllowedError("need", "how much money is needed; the criteria ask for it")


def _currency(round: Round, criteria: Criteria | None, scene: Scene) -> str | None:
    """What a round is reckoned in, where its criteria or its campaign say that."""
    campaign = scene.thing(round.campaign) if round.campaign else None
    goal = campaign.record.goal if campaign is not None and isinstance(campaign.record, Campaign) else None
    said = (criteria.unit_price, criteria.floor, goal) if criteria is not None else (goal,)
    return next((each.currency for each in said if each is not None), None)


def _check_digest(record: Claim, heard: Heard) -> None:
    if not is_nonce(record.nonce):
        raise NotAllowedError("nonce", "sixteen bytes in base64")
    try:
        digest_of(heard.document)
    except DigestError:
        raise NotAllowedError("document", "a document that has a digest") from None


def thread(record: Claim, scene: Scene) -> Thread:
    """It answers the round."""
    thing = scene.thing(record.round)
    return Thread(thing.id if thing is not None else None)


def text(record: Claim, tongue: Tongue, scene: Scene) -> str:
    """`Pedimos participar en la ronda 1 del Fondo: peso 600; necesitamos 900.000 CLP.`"""
    thing = scene.thing(record.round)
    round = thing.record if thing is not None and isinstance(thing.record, Round) else None
    known = scene.thing(round.criteria) if round is not None else None
    criteria = known.record if known is not None and isinstance(known.record, Criteria) else None
    weekly = criteria is not None and criteria.weight == "weeklyRations"
    weight = (
        tongue.say("{weight} rations a week", weight=record.weight)
        if weekly
        else tongue.say("weight {weight}", weight=record.weight)
    )
    opening = (
        tongue.say(
            "We ask for our share of round {number} of {name}: {weight}.",
            number=round.number or "",
            name=scene.name(thing.owner),
            weight=weight,
        )
        if thing is not None and round is not None
        else tongue.say("We ask for our share of the round {url}: {weight}.", url=record.round, weight=weight)
    )
    return paragraphs(
        scene,
        [
            opening,
            tongue.say("We need {need}.", need=record.need) if record.need else "",
            tongue.say("At most {cap} units.", cap=record.cap) if record.cap is not None else "",
        ],
    )


KIND = Kind(
    name="claim",
    record=Claim,
    text=text,
    links=lambda record: (Link("round", record.round),),
    complete=complete,
    check=check,
    thread=thread,
    hashtags=lambda _record, tongue: (tongue.say(message("allocation")),),
)
