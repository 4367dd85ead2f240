"""match: what somebody adds to every gift of a campaign, within limits that are published before the first gift.

The limits never change afterwards, so that anybody reckons each addition again from the gifts in their order; only the last day can be
brought forward, and never into the past.
"""

from node.domain import booking
from node.domain.fund import own_answers
from node.domain.kind import Heard, Kind, Link, NotAllowedError, Scene, Thing, Verb
from node.domain.matched import label_of, matches_of, pot_of
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas import Money
from schemas.campaign import Campaign
from schemas.match import Match

MOST_FACTOR = 100


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """The author's own campaign, and for us one that is open, limits that can hold, days of its own, no change but an earlier end."""
    if not scene.ours(heard.actor):
        _refuse_campaign_of_another(heard, scene)
        return
    former = before.record if before is not None else None
    if heard.verb is Verb.DELETE and before is not None:
        _refuse_used(before, scene)
    record = heard.record
    if not isinstance(record, Match):
        return
    if isinstance(former, Match):
        _check_change(record, former, heard, scene)
        return
    _check_limits(record, heard.actor, scene)
    for other in matches_of(record.campaign, scene):
        there = other.record
        if isinstance(there, Match) and record.opens <= there.closes and there.opens <= record.closes:
            raise NotAllowedError(
                "opens",
                "days that no other match of this campaign has; one has those from {opens} to {closes}",
                opens=there.opens,
                closes=there.closes,
            )


def _refuse_campaign_of_another(heard: Heard, scene: Scene) -> None:
    campaign = scene.thing(heard.record.campaign) if isinstance(heard.record, Match) else None
    if campaign is not None and campaign.owner != heard.actor:
        raise NotAllowedError("campaign", "a campaign of whoever publishes the match")


def _check_limits(record: Match, fund: str, scene: Scene) -> None:
    thing = scene.thing(record.campaign)
    campaign = thing.record if thing is not None and thing.owner == fund else None
    if not isinstance(campaign, Campaign) or campaign.status != "open":
        raise NotAllowedError("campaign", "a campaign of ours that is open")
    for field, amount in (("total", record.total), ("per_gift", record.per_gift)):
        if amount is not None:
            booking.refuse_foreign(amount, field, campaign.goal.currency)
    if record.per_gift is not None and record.per_gift.minor > record.total.minor:
        raise NotAllowedError("per_gift", "at most {total}, the most in all", total=record.total)
    if record.factor > MOST_FACTOR:
        raise NotAllowedError("factor", "at most {most}", most=MOST_FACTOR)
    if not record.opens <= record.closes <= campaign.closes:
        raise NotAllowedError(
            "closes",
            "a day from {opens} to {closes}, when the campaign ends",
            opens=record.opens,
            closes=campaign.closes,
        )


def _check_change(record: Match, former: Match, heard: Heard, scene: Scene) -> None:
    if record.changed(closes=former.closes) != former:
        raise NotAllowedError(
            "match", "a new match; of one that was published only the last day can come earlier"
        )
    if not max(record.opens, scene.day(heard.at)) <= record.closes <= former.closes:
        raise NotAllowedError(
            "closes",
            "a day from {opens} to {closes}",
            opens=max(record.opens, scene.day(heard.at)),
            closes=former.closes,
        )


def _refuse_used(match: Thing, scene: Scene) -> None:
    """A gift or payment that was reversed still names it, and whoever reckons again needs its limits."""
    if own_answers(match, "matched", scene):
        raise NotAllowedError("match", "an earlier last day; it has added to gifts, or was paid in")


def text(record: Match, tongue: Tongue, scene: Scene) -> str:
    """`A cada aporte que llegue entre el 1 y el 30 de septiembre de 2020, Cooperativa La Minga le agrega su monto × 1 …`"""
    thing = scene.thing(record.campaign)
    campaign = thing.record if thing is not None and isinstance(thing.record, Campaign) else None
    return paragraphs(
        scene,
        [
            tongue.say(
                "For every gift that arrives from {opens} to {closes} for {campaign}, {who} adds its amount × {factor}"
                " (match {label}).",
                opens=record.opens,
                closes=record.closes,
                campaign=(campaign.title if campaign is not None else None) or tongue.say("the campaign"),
                who=record.who or tongue.say("somebody who does not want to be named"),
                factor=record.factor,
                label=label_of(scene.url).upper(),
            ),
            tongue.say("At most {amount} for a gift.", amount=record.per_gift) if record.per_gift else "",
            tongue.say("At most {amount} in all.", amount=record.total),
            _standing(record, tongue, scene),
            tongue.say("What it adds counts for the campaign when it has been paid in."),
        ],
    )


def _standing(record: Match, tongue: Tongue, scene: Scene) -> str:
    """What it has added so far, where it is known and there is some."""
    known = scene.thing(scene.url) if scene.url else None
    if known is None:
        return ""
    currency = record.total.currency
    pot = pot_of(known.id, currency, scene.balances(known.owner))
    if not pot.added:
        return ""
    return tongue.say(
        "So far it added {added}; {earned} of that has been paid in.",
        added=Money(pot.added, currency),
        earned=Money(pot.earned, currency),
    )


KIND = Kind(
    name="match",
    record=Match,
    text=text,
    roles=frozenset({"steward", "treasurer"}),
    public_only=True,
    links=lambda record: (Link("matches", record.campaign),),
    check=check,
    hashtags=lambda _record, tongue: (tongue.say(message("matching")),),
)
