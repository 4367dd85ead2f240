"""How people read what a stance or a decision is about."""

from node.domain.kind import Scene
from node.domain.matched import label_of
from node.tongues import Tongue
from schemas import Record
from schemas.allocation import Allocation
from schemas.campaign import Campaign
from schemas.criteria import Criteria
from schemas.decision import Decision
from schemas.donation import Donation
from schemas.match import Match
from schemas.round import Round


def subject(about: str, tongue: Tongue, scene: Scene) -> str:
    """`el criterio v1 de Fondo Apoyo Mutuo`, or its address where this node cannot say more."""
    thing = scene.thing(about)
    owner = scene.name(thing.owner) if thing is not None else ""
    match thing.record if thing is not None else None:
        case Criteria(version=version):
            return tongue.say("criteria v{version} of {name}", version=version, name=owner)
        case Campaign(title=title):
            return tongue.say("the campaign {title} of {name}", title=title or "", name=owner)
        case Donation(label=label):
            return tongue.say("the gift {label} to {name}", label=label or "", name=owner)
        case Match():
            return tongue.say("the match {label} of {name}", label=label_of(about).upper(), name=owner)
        case Decision(about=again) if not _is(Decision, again, scene):  # they could be named for ever
            return tongue.say("the decision on {subject}", subject=subject(again, tongue, scene))
        case Round(number=number):
            return tongue.say("round {number} of {name}", number=number or "", name=owner)
        case Allocation(round=str(of)) if thing is not None and _is(Round, of, scene, thing.owner):
            return tongue.say("the allocation of {round}", round=subject(of, tongue, scene))
        case Allocation(available=available):
            return tongue.say("the allocation of {available} by {name}", available=available, name=owner)
    return about


def _is(record: type[Record], uri: str, scene: Scene, owner: str | None = None) -> bool:
    """Whether it is such a record; with `owner`, one of hers: nobody calls what she says after what somebody else did."""
    thing = scene.thing(uri)
    return thing is not None and isinstance(thing.record, record) and owner in (None, thing.owner)
