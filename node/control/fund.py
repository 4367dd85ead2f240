"""Commands of a fund: who belongs to it, proposals and signatures, rounds, campaigns, and what other criteria would give."""

from typing import Any

from node.control.commands import Call, Handler
from node.control.speaking import told
from node.domain import booking
from node.domain.allocation import AllocationError
from node.domain.campaigns import Progress, Stage, over_committed, progress
from node.domain.criteria import compare
from node.domain.fund import members, under_review
from node.domain.kind import NotAllowedError, Scene, Thing
from node.domain.matched import label_of, matches_of, pot_of
from node.domain.money import read_money
from node.domain.rounds import closed, closing, requests, terms
from node.domain.subject import subject
from node.domain.ties import tie_key
from node.errors import InvalidError
from node.numbers import whole
from node.speak import LiveScene, tongues
from node.speak.scene import thing_of
from node.storage import objects
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.proposals import Proposal
from node.tongues import Tongue, message
from schemas import Money
from schemas.campaign import Campaign
from schemas.criteria import Criteria
from schemas.decision import Decision
from schemas.match import Match
from schemas.round import Round

_DECISIONS = 200
"""Decisions that are listed at most."""


async def join(call: Call, *, target: str, fields: dict[str, str]) -> Any:
    """Ask a fund to belong to it."""
    speaker = await call.speaker()
    fund = await call.doors.relations.find(speaker, target)
    return told(await call.doors.publisher.publish(speaker, "join", {"fund": fund, **fields}))


async def list_members(call: Call) -> Any:
    """The collectives that belong to a fund, with the day of their admission."""
    collective = await call.collective()

    def look(snapshot: Snapshot) -> list[dict[str, str]]:
        scene = LiveScene(snapshot, call.doors.config.origin, here=collective.uri)
        return [
            {
                "actor": actor,
                "name": scene.name(actor),
                "handle": scene.handle(actor),
                "since": scene.day(admission.published).isoformat(),
                "admission": admission.id,
            }
            for actor, admission in members(collective.uri, scene).items()
        ]

    return await call.doors.database.reader.run(look)


async def list_decisions(call: Call) -> Any:
    """What a collective decided, the newest first, and whether its day of review has come."""
    collective = await call.collective()
    tongue = tongues(collective)[0]

    def look(snapshot: Snapshot) -> list[dict[str, Any]]:
        scene = LiveScene(snapshot, call.doors.config.origin, here=collective.uri)
        found = [
            (thing, thing.record)
            for row in objects.of_owner(snapshot, collective.uri, Decision.kind(), limit=_DECISIONS)
            if isinstance((thing := thing_of(row)).record, Decision)
        ]
        return [
            {
                "id": thing.id,
                "on": scene.day(thing.published).isoformat(),
                "outcome": record.outcome,
                "about": record.about,
                "subject": subject(record.about, tongue, scene),
                "review_on": None if record.review_on is None else record.review_on.isoformat(),
                "review_due": under_review(thing, scene.day(snapshot.now), scene),
            }
            for thing, record in found
        ]

    return await call.doors.database.reader.run(look)


async def propose(call: Call, *, kind: str = "", fields: dict[str, str], about: str = "") -> Any:
    """Propose something of a kind, or a change of what is there `about`, that several members must approve."""
    speaker = await call.speaker()
    return _proposed(await call.doors.proposals.propose(speaker, kind, fields, about=about))


async def sign(call: Call, *, number: str) -> Any:
    """Approve a proposal; the last signature that is needed publishes it."""
    signed = await call.doors.proposals.sign(await call.speaker(), _number(number))
    said = {} if signed.said is None else told(signed.said)
    return {"proposal": _proposed(signed.proposal), "published": signed.said is not None, **said}


async def recuse(call: Call, *, number: str) -> Any:
    """Leave a proposal to others."""
    return _proposed(await call.doors.proposals.recuse(await call.speaker(), _number(number)))


async def list_proposals(call: Call) -> Any:
    """What waits for signatures."""
    return [_proposed(each) for each in await call.doors.proposals.waiting(await call.speaker())]


async def withdraw_proposal(call: Call, *, number: str) -> Any:
    """Take a proposal back."""
    return _proposed(await call.doors.proposals.withdraw(await call.speaker(), _number(number)))


def _number(text: str) -> int:
    number = whole(text)
    if number is None:
        raise InvalidError("number", message("the number of a proposal; `minga proposals` lists them"))
    return number


def _proposed(proposal: Proposal) -> dict[str, Any]:
    return {
        "number": str(proposal.id),
        "kind": proposal.kind,
        "fields": dict(proposal.fields),
        "about": proposal.about or None,
        "approvals": list(proposal.approvals),
        "lapsed": list(proposal.lapsed),
        "recused": list(proposal.recused),
        "published": proposal.said,
        "withdrawn": None if proposal.withdrawn is None else proposal.withdrawn.isoformat(),
    }


async def close_round(call: Call, *, ref: str, fields: dict[str, str]) -> Any:
    """Close a round: its claims and the seed that they make stand from now on."""
    return told(await call.doors.publisher.revise(await call.speaker(), ref, {**fields, "status": "closed"}))


async def show_round(call: Call, *, ref: str) -> Any:
    """The claims of a round, as they stand or as it closed with them."""
    collective, uri = await _located(call, ref)

    def look(snapshot: Snapshot) -> dict[str, Any]:
        scene = LiveScene(snapshot, call.doors.config.origin, here=collective.uri, url=uri)
        thing = scene.thing(uri)
        if thing is None or not isinstance(thing.record, Round):
            raise InvalidError("id", message("a round"))
        claims = closed(thing.facts) or closing(thing, scene)
        return {
            "id": thing.id,
            "number": thing.record.number,
            "status": thing.state,
            "seed": thing.record.seed,
            "claims_until": thing.record.claims_until.isoformat(),
            "appeal_until": thing.record.appeal_until.isoformat(),
            "claims": [
                {
                    "claim": each.claim,
                    "claimant": each.claimant,
                    "name": scene.name(each.claimant),
                    "weight": each.weight,
                    "need": each.need,
                    "digest": each.digest,
                    "nonce": each.nonce,
                    "key": tie_key(thing.record.seed, each.claimant) if thing.record.seed else None,
                }
                for each in claims
            ],
        }

    return await call.doors.database.reader.run(look)


async def show_campaign(call: Call, *, ref: str) -> Any:
    """How far a campaign is, and what the fund has that nobody was promised."""
    collective, uri = await _located(call, ref)
    tongue = tongues(collective)[0]

    def look(snapshot: Snapshot) -> dict[str, Any]:
        scene = LiveScene(snapshot, call.doors.config.origin, here=collective.uri, url=uri)
        thing = scene.thing(uri)
        if thing is None or not isinstance(thing.record, Campaign):
            raise InvalidError("id", message("a campaign"))
        return _campaign(thing, thing.record, scene, tongue)

    return await call.doors.database.reader.run(look)


def _campaign(thing: Thing, record: Campaign, scene: Scene, tongue: Tongue) -> dict[str, Any]:
    reached = progress(thing.id, record, scene)
    currency = record.goal.currency
    balances = scene.balances(thing.owner)
    left, promised = booking.unallocated(balances, currency), booking.promised(balances, currency)
    goal, cleared = tongue.money(record.goal), tongue.money(Money(max(0, reached.cleared), currency))
    pledged, free = tongue.money(Money(reached.pledged, currency)), tongue.money(Money(left, currency))
    return {
        "id": thing.id,
        "title": record.title,
        "status": record.status,
        "goal": goal,
        "cleared": cleared,
        "pledged": pledged,
        "percent": str(reached.percent),
        "unallocated": free,
        "said": [
            tongue.say(
                "{cleared} of {goal} arrived, {percent}; {pledged} is promised",
                cleared=cleared,
                goal=goal,
                percent=tongue.percent(reached.percent),
                pledged=pledged,
            ),
            tongue.say("{amount} was promised to nobody yet", amount=free),
        ],
        "over_committed": tongue.money(Money(-left, currency)) if left < 0 else None,
        "warning": over_committed(left, promised, currency, tongue),
        "milestones": _milestones(reached, tongue),
        "matches": [_match(each, scene, tongue) for each in matches_of(thing.id, scene)],
    }


def _match(thing: Thing, scene: Scene, tongue: Tongue) -> dict[str, Any]:
    record = thing.record
    if not isinstance(record, Match):
        raise InvalidError("id", message("a match"))
    currency = record.total.currency
    pot = pot_of(thing.id, currency, scene.balances(thing.owner))
    told = {
        "label": label_of(thing.id).upper(),
        "total": tongue.money(record.total),
        "added": tongue.money(Money(pot.added, currency)),
        "paid": tongue.money(Money(pot.paid, currency)),
        "left": tongue.money(Money(record.total.minor - pot.added, currency)),
    }
    words = message("match {label}: added {added} of {total}, paid in {paid}, left {left}")
    return {"id": thing.id, **told, "said": tongue.say(words, **told)}


def _milestones(reached: Progress, tongue: Tongue) -> list[dict[str, Any]]:
    return [_milestone(stage, tongue) for stage in reached.stages]


def _milestone(stage: Stage, tongue: Tongue) -> dict[str, Any]:
    """A milestone, when it was reached and lost, and `said` as a whole line."""
    rations = stage.milestone.rations
    history = [
        tongue.say("reached {day}", day=tongue.day_month(each.on))
        if each.reached
        else tongue.say("lost {day}", day=tongue.day_month(each.on))
        for each in stage.passages
    ]
    said = (
        tongue.plural("{number} ration", "{number} rations", rations),
        *(history or [tongue.say("not reached")]),
    )
    return {
        "percent": str(stage.milestone.percent),
        "rations": rations,
        "reached": stage.reached,
        "history": history,
        "said": ", ".join(said),
    }


async def what_if(call: Call, *, one: str, other: str, round: str, available: str | None = None) -> Any:
    """What two criteria would give for the claims of a round, side by side."""
    collective, uri = await _located(call, round)
    speaker = await call.speaker()
    first, second = [await call.doors.publisher.locate(speaker, ref) for ref in (one, other)]
    tongue = tongues(collective)[0]

    def look(snapshot: Snapshot) -> dict[str, Any]:
        scene = LiveScene(snapshot, call.doors.config.origin, here=collective.uri, url=uri)
        thing = scene.thing(uri)
        if thing is None or not isinstance(thing.record, Round):
            raise InvalidError("round", message("a round"))
        criteria = [_criteria(scene, ref, name) for ref, name in ((first, "one"), (second, "other"))]
        currency = next((c.unit_price.currency for c in criteria if c.unit_price), collective.currency)
        pot = _pot(available, thing, scene, currency, tongue)
        claims = requests(closed(thing.facts) or closing(thing, scene), thing.published)
        try:
            rows = compare(terms(criteria[0]), terms(criteria[1]), pot, claims, thing.record.seed or thing.id)
        except AllocationError as refusal:
            raise InvalidError(
                refusal.field, message("claims that both criteria can share out: {why}"), why=refusal
            ) from refusal

        def money(minor: int) -> str:
            return f"{tongue.number(Money(minor, currency).amount)} {currency}"

        return {
            "available": money(pot),
            "rows": [
                {
                    "claimant": row.claimant,
                    "name": scene.name(row.claimant),
                    "one": money(row.one),
                    "other": money(row.other),
                    "change": ("+" if row.change > 0 else "") + money(row.change),
                }
                for row in rows
            ],
        }

    return await call.doors.database.reader.run(look)


def _criteria(scene: Scene, uri: str, field: str) -> Criteria:
    thing = scene.thing(uri)
    if thing is None or not isinstance(thing.record, Criteria):
        raise InvalidError(field, message("criteria"))
    return thing.record


def _pot(typed: str | None, round: Thing, scene: Scene, currency: str, tongue: Tongue) -> int:
    """What is to be shared out: as typed, else what nobody was promised."""
    if typed is None:
        return max(0, booking.unallocated(scene.balances(round.owner), currency))
    try:
        money = read_money(typed, "available", tongue)
    except NotAllowedError as refusal:
        raise InvalidError(refusal.field, tongue.say(refusal.expected, **refusal.values)) from refusal
    if money.currency != currency:
        raise InvalidError("available", message("an amount in {currency}"), currency=currency)
    return money.minor


async def _located(call: Call, ref: str) -> tuple[Collective, str]:
    collective = await call.collective()
    return collective, await call.doors.publisher.locate(await call.speaker(), ref)


COMMANDS: dict[str, Handler] = {
    "fund.join": join,
    "fund.members": list_members,
    "fund.decisions": list_decisions,
    "fund.propose": propose,
    "fund.sign": sign,
    "fund.recuse": recuse,
    "fund.proposals": list_proposals,
    "fund.proposals.withdraw": withdraw_proposal,
    "fund.round.close": close_round,
    "fund.round": show_round,
    "fund.campaign": show_campaign,
    "fund.what_if": what_if,
}
