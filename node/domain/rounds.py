"""A round: the claims that answer it, the seed that they make, and the rows of the allocation that follows."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from node.domain.criteria import Cap, Request, eligible
from node.domain.criteria import Criteria as Terms
from node.domain.criteria import claims_of as reckoned
from node.domain.digest import digest_of
from node.domain.fund import members, own_answers
from node.domain.kind import NotAllowedError, Scene, Thing
from node.domain.payouts import last_of
from node.domain.ties import seed_of, utf8
from schemas import Uri
from schemas.allocation import Allocation
from schemas.allocation import Claim as Row
from schemas.claim import Claim
from schemas.criteria import Criteria
from schemas.round import Round

NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Closed:
    """One claim as it stood when its round closed. `cap` is in units, `need` in minor units of money."""

    claim: str
    claimant: str
    digest: str
    nonce: str
    weight: str
    cap: int | None = None
    need: int | None = None


def entitled(round: Thing, scene: Scene) -> set[str]:
    """The members that may claim in a round: those admitted before it opened."""
    found = members(round.owner, scene).items()
    return {actor for actor, admission in found if admission.published <= round.published}


def allocations_of(round: Thing, scene: Scene) -> list[Thing]:
    """How whoever opened a round shared it out, and those of its corrections that name the round too, the last one last."""
    return [each for each in own_answers(round, "round", scene) if isinstance(each.record, Allocation)]


def shared_as(round: Thing, scene: Scene) -> Thing | None:
    """The allocation of a round that stands: once appeals are over, what corrects it names no round."""
    found = allocations_of(round, scene)
    return last_of(found[-1], scene) if found else None


def claims_of(round: Thing, scene: Scene) -> tuple[Thing, ...]:
    """The claims that count (`criteria.eligible`), in the order of their ids."""
    record = round.record
    if not isinstance(record, Round):
        return ()
    found = {
        thing.id: thing for thing in scene.answering(round.id, "round") if isinstance(thing.record, Claim)
    }
    admitted = {actor: thing.published for actor, thing in members(round.owner, scene).items()}
    requests = [
        Request(thing.id, thing.owner, thing.published, thing.record.weight)
        for thing in found.values()
        if isinstance(thing.record, Claim)
    ]
    counted, _ = eligible(requests, admitted, round.published, record.claims_until)
    return tuple(found[request.id] for request in sorted(counted, key=lambda request: utf8(request.id)))


def closing(round: Thing, scene: Scene) -> tuple[Closed, ...]:
    """The claims of a round as they stand now. `check_claim` made sure that each has a digest and a nonce."""
    return tuple(
        Closed(
            thing.id,
            thing.owner,
            digest_of(thing.document),
            thing.record.nonce or "",
            format(thing.record.weight, "f"),
            thing.record.cap,
            thing.record.need.minor if thing.record.need else None,
        )
        for thing in claims_of(round, scene)
        if isinstance(thing.record, Claim)
    )


def seed(claims: tuple[Closed, ...]) -> str:
    """The seed that closed claims make."""
    return seed_of((each.claim, each.digest, each.nonce) for each in claims)


def remembered(claims: tuple[Closed, ...]) -> str:
    """Closed claims as the text that is kept beside the activity that closed them."""
    rows = [[c.claim, c.claimant, c.digest, c.nonce, c.weight, c.cap, c.need] for c in claims]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def closed(facts: Mapping[str, object]) -> tuple[Closed, ...]:
    """The claims that a closed round remembers."""
    rows = facts.get("claims")
    return tuple(Closed(*row) for row in json.loads(rows)) if isinstance(rows, str) else ()


def terms(record: Criteria) -> Terms:
    """Published criteria as what is reckoned with."""
    return Terms(
        version=record.version,
        rule=record.rule,
        valid_from=record.valid_from,
        unit_price=record.unit_price.minor if record.unit_price else None,
        floor=record.floor.minor if record.floor else 0,
        cap=Cap(record.cap or "none"),
    )


def requests(claims: tuple[Closed, ...], at: datetime) -> list[Request]:
    """Closed claims as what criteria weigh."""
    return [Request(c.claim, c.claimant, at, Decimal(c.weight), c.need, c.cap) for c in claims]


def rows(claims: tuple[Closed, ...], criteria: Criteria, at: datetime) -> tuple[Row, ...]:
    """The claims as an allocation by these criteria lists them: caps and floors in the units that are shared out."""
    units = reckoned(terms(criteria), requests(claims, at))
    return tuple(
        Row(
            claimant=Uri(each.claimant),
            claim=Uri(each.claim),
            digest=each.digest,
            weight=Decimal(each.weight),
            cap=unit.cap,
            floor=unit.floor or None,
        )
        for each, unit in zip(claims, units, strict=True)
    )


def round_of(uri: str, field: str, scene: Scene) -> tuple[Thing, Round]:
    """A round that this node knows; NotAllowedError where there is none."""
    thing = scene.thing(uri)
    if thing is None or not isinstance(thing.record, Round):
        raise NotAllowedError(field, "the id of a round that this node knows")
    return thing, thing.record


def criteria_of(round: Round, scene: Scene) -> Criteria:
    """The criteria of a round; NotAllowedError where this node does not know them."""
    thing = scene.thing(round.criteria)
    if thing is None or not isinstance(thing.record, Criteria):
        raise NotAllowedError("criteria", "criteria that this node knows")
    return thing.record


def is_nonce(text: str | None) -> bool:
    """Whether a nonce is sixteen bytes in base64."""
    try:
        return text is not None and len(b64decode(text, validate=True)) == NONCE_BYTES
    except ValueError:
        return False
