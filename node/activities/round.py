"""round: a fund opens it, members claim, it closes; then its claims and their seed stand for ever.

    open ──Update with status closed──► closed

What the claims were when it closed is remembered beside the activity and becomes a leaf of the account's log: a claim that is withdrawn
later changes neither the seed nor the shares.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace as changed

from node.domain.criteria import refuse_criteria
from node.domain.dates import refuse_past
from node.domain.fund import decided
from node.domain.kind import (
    ClaimsClosed,
    Heard,
    Kind,
    Link,
    NotAllowedError,
    Scene,
    Speaker,
    Thing,
    Verb,
    replace,
)
from node.domain.rounds import claims_of, closed, closing, entitled, remembered, seed, terms
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas.campaign import Campaign
from schemas.claim import Claim
from schemas.criteria import Criteria
from schemas.round import Round

_NAMED = 12
"""How many are named of those who did not claim yet."""


def complete(record: Round, speaker: Speaker, scene: Scene, _chance: Callable[[int], bytes]) -> Round:
    """Its number, and when it closes the seed that its claims make."""
    known = scene.thing(scene.url)
    if known is None or not isinstance(known.record, Round):
        return record.changed(number=len(scene.said(speaker.actor, "round")) + 1, seed=None)
    if record.status == "closed" and known.state == "open":
        return record.changed(seed=seed(closing(known, scene)))
    return record


def aside(heard: Heard, before: Thing | None, scene: Scene) -> Mapping[str, str]:
    """The claims as they stand at the moment of closing."""
    if not isinstance(heard.record, Round) or before is None:
        return {}
    if heard.record.status != "closed" or before.state != "open":
        return {}
    return {"claims": remembered(closing(before, scene))}


def _answered(round: Thing, scene: Scene) -> bool:
    """Whether a member claimed in it, or we shared it out."""
    return any(
        each.kind == Claim.kind() or each.owner == round.owner for each in scene.answering(round.id, "round")
    )


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """Criteria that were adopted before it, moments in order, and nothing changed once it is closed."""
    record = heard.record
    if not scene.ours(heard.actor):
        return
    if before is not None and (before.state == "closed" or _answered(before, scene)):
        if heard.verb is Verb.DELETE:
            raise NotAllowedError("round", "a round that nobody claimed in yet")
        if before.state == "closed":
            raise NotAllowedError("status", "a round that is open; one that closed is never changed")
    if not isinstance(record, Round):
        return
    former = before.record if before is not None and isinstance(before.record, Round) else None
    if former is None and record.status != "open":
        raise NotAllowedError("status", "open: a round begins so")
    _check_moments(record, former, heard)
    if before is not None and former is not None:
        if record.status == "closed" and heard.at < former.claims_until:
            _refuse_early(before, scene)
        if (record.criteria, record.campaign) != (former.criteria, former.campaign):
            raise NotAllowedError("criteria", "the criteria and the campaign with which it was opened")
        return
    _check_criteria(record, heard, scene)
    campaign = scene.thing(record.campaign) if record.campaign else None
    if record.campaign and (campaign is None or not isinstance(campaign.record, Campaign)):
        raise NotAllowedError("campaign", "a campaign that this node knows")


def _check_moments(record: Round, former: Round | None, heard: Heard) -> None:
    if record.status == "open":
        refuse_past(record.claims_until, "claims_until", heard, former.claims_until if former else None)
    if record.appeal_until <= record.claims_until and record.status == "open":
        raise NotAllowedError("appeal_until", "a moment after the claims end")
    if record.pay_from is not None and record.pay_from < record.appeal_until:
        raise NotAllowedError("pay_from", "a moment not before the appeals end")
    if former is None:
        return
    if record.appeal_until != former.appeal_until:
        refuse_past(record.appeal_until, "appeal_until", heard)
    if record.claims_until < former.claims_until:
        raise NotAllowedError("claims_until", "a moment not before the one that was published")
    _refuse_shorter(record, former, heard)


def _refuse_early(round: Thing, scene: Scene) -> None:
    """Before the published end whoever may still claim would be shut out, and whoever closes would choose the seed's moment."""
    lacking = sorted(entitled(round, scene) - {claim.owner for claim in claims_of(round, scene)})
    if lacking:
        raise NotAllowedError(
            "status",
            "open until the claims end, or until every member has claimed; {names} did not yet",
            names=", ".join(scene.name(actor) for actor in lacking[:_NAMED]),
        )


def _refuse_shorter(record: Round, former: Round, heard: Heard) -> None:
    """Appeals get the time after the claims that was published when the round opened, also where it closes early."""
    ends = min(heard.at, record.claims_until) if record.status == "closed" else record.claims_until
    if record.appeal_until - ends < former.appeal_until - former.claims_until:
        raise NotAllowedError(
            "appeal_until", "a moment that leaves as much time after the claims as was published"
        )


def _check_criteria(record: Round, heard: Heard, scene: Scene) -> None:
    """Adopted before, and in force on the day of opening."""
    thing = scene.thing(record.criteria)
    if thing is None or not isinstance(thing.record, Criteria) or thing.owner != heard.actor:
        raise NotAllowedError("criteria", "criteria of ours")
    decision = decided(thing.id, heard.actor, scene)
    if decision is None:
        raise NotAllowedError("criteria", "criteria that were adopted before the round opened")
    refuse_criteria(terms(thing.record), decision.published, heard.at, scene.day(heard.at))


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """Open or closed, with the claims that it closed with."""
    after = replace(before, heard, scene)
    if after is None or not isinstance(after.record, Round):
        return after
    facts = dict(before.facts) if before is not None else {}
    if "claims" in heard.aside:
        facts["claims"] = heard.aside["claims"]
    return changed(after, state=after.record.status, due=after.record.claims_until, facts=facts)


def entry(before: Thing | None, after: Thing | None, _heard: Heard, _scene: Scene) -> ClaimsClosed | None:
    """When it closes, its claims become a leaf of the log that books nothing."""
    if after is None or not isinstance(after.record, Round) or after.state != "closed":
        return None
    if before is None or before.state == "closed":
        return None
    claims = tuple((each.claim, each.digest, each.nonce) for each in closed(after.facts))
    return ClaimsClosed(after.id, after.record.seed or "", claims)


def text(record: Round, tongue: Tongue, scene: Scene) -> str:
    """`Ronda 1: la olla que pertenece al fondo pide su parte hasta el 10 de septiembre de 2020. …`"""
    number = record.number or ""
    known = scene.thing(scene.url) if scene.url else None
    count = len(closing(known, scene)) if known is not None and record.status == "closed" else 0
    opening = (
        tongue.say(
            "Round {number} is open: members ask for their share until {day}.",
            number=number,
            day=record.claims_until,
        )
        if record.status == "open"
        else tongue.plural(
            "Round {round} closed early with {number} claim, since all who could had claimed; the last day would have been {day}.",
            "Round {round} closed early with {number} claims, since all who could had claimed; the last day would have been {day}.",
            count,
            round=number,
            day=record.claims_until,
        )
        if record.appeal_until <= record.claims_until
        else tongue.plural(
            "Round {round} is closed with {number} claim; the last day for them was {day} at the latest.",
            "Round {round} is closed with {number} claims; the last day for them was {day} at the latest.",
            count,
            round=number,
            day=record.claims_until,
        )
    )
    return paragraphs(
        scene,
        [
            opening,
            tongue.say("Appeals until {day}.", day=record.appeal_until),
            tongue.say("Paid from {day}.", day=record.pay_from) if record.pay_from else "",
            scene.url,
        ],
    )


def links(record: Round) -> tuple[Link, ...]:
    """Its criteria and its campaign."""
    campaign = (Link("campaign", record.campaign),) if record.campaign else ()
    return (Link("criteria", record.criteria), *campaign)


KIND = Kind(
    name="round",
    record=Round,
    text=text,
    roles=frozenset({"steward", "treasurer"}),
    public_only=True,
    links=links,
    complete=complete,
    check=check,
    fold=fold,
    entry=entry,
    aside=aside,
    hashtags=lambda _record, tongue: (tongue.say(message("allocation")),),
)
