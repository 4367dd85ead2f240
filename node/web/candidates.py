"""What may be meant by a field that names something published or a collective: a handful to choose from, the newest first."""

import json

from node.domain.fund import members
from node.domain.kind import AnyKind, Thing
from node.domain.matching import delivered, need_of
from node.domain.payouts import receipts_of
from node.domain.subject import subject
from node.domain.wording import good_name
from node.speak import LiveScene, may_read
from node.speak.scene import thing_of
from node.storage import actors, collectives, follows, objects
from node.storage.actors import Profile
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tongues import Tongue
from node.web.forms import asked
from schemas import Uri, fields
from schemas.allocation import Allocation
from schemas.campaign import Campaign
from schemas.criteria import Criteria
from schemas.join import Join
from schemas.need import Need
from schemas.pledge import Pledge
from schemas.transfer import Transfer

Choices = tuple[tuple[str, str], ...]

_KINDS: dict[str, tuple[tuple[str, str], ...]] = {
    "need": (("need", "open"),),
    "round": (("round", "open"), ("round", "closed")),
    "of": (("pledge", "accepted"), ("transfer", "open")),
    "about": (("criteria", "open"), ("allocation", "open"), ("round", "closed"), ("campaign", "open")),
    "criteria": (("criteria", "open"),),
    "decision": (("decision", "adopted"),),
    "campaign": (("campaign", "open"),),
    "payment_for": (("match", "open"),),
    "allocation": (("allocation", "open"),),
    "corrects": (("allocation", "open"),),
    "join": (("join", "open"),),
}
"""By the name of a field, the kinds and states of what it may name."""
_ACTORS = ("to", "claimant", "by")
_LOOKED_AT = 60
_SHOWN = 20


def candidates(
    snapshot: Snapshot, origin: str, own: Collective, kind: AnyKind, tongue: Tongue
) -> dict[str, Choices]:
    """The choices for each field of a kind that names something, by the field's name."""
    scene = LiveScene(snapshot, origin, here=own.uri)
    names = {
        each.name
        for info in asked(kind)
        for each in (info, *(fields(info.type) if _is_part(info.type) else ()))
        if each.type is Uri and not each.declared.made
    }
    return {name: _choices(snapshot, scene, own, name, tongue) for name in names}


def _is_part(type: object) -> bool:
    return hasattr(type, "__struct_fields__") and type.__module__ != "schemas.parts"


def _choices(snapshot: Snapshot, scene: LiveScene, own: Collective, name: str, tongue: Tongue) -> Choices:
    if name == "fund":
        return tuple((actor, _named(actor, scene)) for actor in funds(snapshot, own))
    if name in _ACTORS:
        followed = (each.actor for each in follows.followed(snapshot, own.id, limit=_LOOKED_AT))
        nearest = _owed(snapshot, own) if name == "to" else [own.uri]  # nobody hands over to herself
        known = dict.fromkeys((*nearest, *members(own.uri, scene), *followed))
        return tuple((actor, _named(actor, scene)) for actor in known)
    found: list[tuple[str, str]] = []
    for kind, state in _KINDS.get(name, ()):
        first = objects.pressing(snapshot, kind, limit=_LOOKED_AT) if state == "open" else []
        for row in (*first, *objects.board(snapshot, kinds=(kind,), states=(state,), limit=_LOOKED_AT)):
            barred = row.owner != own.uri and follows.blocks(snapshot, own.uri, row.owner)
            if not barred and may_read(snapshot, row, own.uri) and len(found) < _SHOWN:
                thing = thing_of(row)
                if _fits(name, thing, scene, own):
                    found.append((str(row.id), _titled(name, thing, scene) or label(thing, scene, tongue)))
    return tuple(found)


def _owed(snapshot: Snapshot, own: Collective) -> list[str]:
    """Whoever has a share in what we allocated."""
    rows = objects.owned(snapshot, own.uri, "allocation", "open", limit=_LOOKED_AT)
    shared = [record for row in rows if isinstance(record := thing_of(row).record, Allocation)]
    return [share.claimant for each in shared for share in each.allotments if share.claimant != own.uri]


def _titled(name: str, thing: Thing, scene: LiveScene) -> str:
    """A campaign by its title, in a box that is called after it; of others with whose it is. "" of anything else."""
    title = thing.record.title if isinstance(thing.record, Campaign) and name == "campaign" else None
    return f"{title}{_whose(thing, scene)}" if title else ""


def _whose(thing: Thing, scene: LiveScene) -> str:
    return "" if thing.owner == scene.here else f" · {scene.name(thing.owner)}"


def _named(actor: str, scene: LiveScene) -> str:
    return f"{scene.name(actor)} (@{scene.handle(actor)})"


def funds(snapshot: Snapshot, own: Collective) -> list[str]:
    """The funds that a collective knows: those of this node, and those that it follows."""
    here = [each.uri for each in collectives.every(snapshot) if each.kind == "fund"]
    followed = [each.actor for each in follows.followed(snapshot, own.id, limit=_LOOKED_AT)]
    there = [uri for uri in followed if is_fund(actors.profile(snapshot, uri))]
    return [uri for uri in dict.fromkeys((*here, *there)) if uri != own.uri]


def is_fund(known: Profile | None) -> bool:
    """Whether somebody of another node calls itself a fund."""
    return known is not None and json.loads(known.document).get("collectiveKind") == "fund"


def begun(snapshot: Snapshot, origin: str, own: Collective, kind: AnyKind) -> dict[str, str]:
    """What stands in a new form before anybody typed: of criteria the version that follows."""
    if kind.name != Criteria.kind():
        return {}
    return {"version": str(len(LiveScene(snapshot, origin, here=own.uri).said(own.uri, kind.name)) + 1)}


def _fits(name: str, thing: Thing, scene: LiveScene, own: Collective) -> bool:
    """Whether a thing can be meant: somebody else's need, a pledge of which something is still to come…"""
    match thing.record:
        case Need():
            return thing.owner != own.uri and not scene.over(thing.due)
        case Pledge() if name == "of":
            need = need_of(thing.record, scene)
            return need is not None and need.owner == own.uri and not delivered(thing, scene)[1]
        case Transfer() if name == "of":
            return thing.record.to == own.uri and not receipts_of(thing, scene)
    return True


def label(thing: Thing, scene: LiveScene, tongue: Tongue) -> str:
    """A thing in one line."""
    match thing.record:
        case Need():
            amount = tongue.quantity(thing.record.available or thing.record.quantity)
            return f"{good_name(thing.record.what, tongue)}: {amount} · {scene.name(thing.owner)}"
        case Pledge():
            need = need_of(thing.record, scene)
            what = need.record.what if need is not None and isinstance(need.record, Need) else ""
            return f"{good_name(what, tongue)}: {tongue.quantity(thing.record.quantity)} · {scene.name(thing.owner)}"
        case Transfer():
            return f"{tongue.money(thing.record.amount)} · {scene.name(thing.owner)}"
        case Allocation():
            day = tongue.day_month(scene.day(thing.published))
            return f"{tongue.money(thing.record.available)} · {day}{_whose(thing, scene)}"
        case Join():
            return scene.name(thing.owner)
    return subject(thing.id, tongue, scene)
