"""What a need still lacks, given its pledges and its receipts.

    lacking = asked - received - what accepted pledges still owe, never below zero

A receipt closes its pledge unless more is to come, so that a shortfall is lacking again. Nothing of this is stored but the
`available` of the need itself, which its owner says anew each time that it changes (`restate`).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from node.domain.kind import Audience, NotAllowedError, Saying, Scene, Thing, Verb, of_origin, parts_of
from node.domain.measure import total
from node.tongues import message
from schemas import Quantity, Uri
from schemas.need import Need
from schemas.pledge import Pledge
from schemas.receipt import Receipt

ZERO = Decimal(0)
INTENT = "/proposal#primary"

_WIDEST = {
    Audience.UNLISTED: message("at most without announcing it (unlisted), like what it answers"),
    Audience.FOLLOWERS: message("at most for those who follow you (followers), like what it answers"),
    Audience.PEERS: message("at most for those whom you trust (peers), like what it answers"),
    Audience.DIRECT: message(
        "only for those who are concerned (direct): what it answers is not for everybody, and only its author knows who may read it"
    ),
}


def intent_of(need: Thing) -> Uri:
    """The id that pledges name: that of the proposal's intent, as its owner calls it."""
    published = need.document.get("publishes")
    named = published.get("id") if isinstance(published, Mapping) else None
    return Uri(named if named in parts_of(need) else need.id + INTENT)


def commitment_of(pledge: Thing) -> Uri:
    """The id that receipts name: the commitment in the agreement, or in the Note that confirms an informal pledge."""
    agreement = pledge.facts.get("agreement")
    return Uri(f"{agreement}#primary" if agreement else f"{pledge.id}#record")


def need_of(pledge: Pledge, scene: Scene) -> Thing | None:
    """The need that a pledge is for, where this node knows it, withdrawn or not."""
    found = scene.thing(pledge.need) or scene.thing(pledge.need.removesuffix(INTENT))
    return found if found is not None and found.kind == Need.kind() else None


def names_of(need: Thing) -> tuple[str, ...]:
    """Every id by which pledges may name a need."""
    return (need.id, *parts_of(need))


def pledges_of(need: Thing, scene: Scene) -> Sequence[Thing]:
    """Every pledge for a need, in any state, oldest first."""
    found = {thing.id: thing for name in names_of(need) for thing in scene.answering(name, "satisfies")}
    return [thing for thing in found.values() if thing.kind == Pledge.kind()]


def confirmed_of(reply: str, need: Thing, scene: Scene) -> Sequence[Thing]:
    """The pledges that a keeper confirmed for what a plain reply promises."""
    return [
        pledge
        for pledge in pledges_of(need, scene)
        if pledge.facts.get("reply") == reply and pledge.state == "accepted"
    ]


def receipts_of(pledge: Thing, scene: Scene) -> Sequence[Thing]:
    """Every receipt of a pledge that was not withdrawn, oldest first. Only who asked says what arrived, and it is of the
    origin that gave the commitment its id: nobody else's word counts, not even one that came before the agreement."""
    commitment = commitment_of(pledge)
    return [
        thing
        for thing in scene.answering(commitment, "fulfills")
        if thing.kind == Receipt.kind() and thing.record is not None and of_origin(commitment, thing.owner)
    ]


def delivered(pledge: Thing, scene: Scene, saying: Receipt | None = None) -> tuple[Decimal, bool]:
    """How much of a pledge was received, and whether it is closed.

    `saying` is a receipt that is being said as `scene.url`; it counts in place of what is stored there.
    """
    records = [
        thing.record for thing in receipts_of(pledge, scene) if saying is None or thing.id != scene.url
    ]
    receipts = [record for record in (*records, saying) if isinstance(record, Receipt)]
    arrived = [receipt.quantity for receipt in receipts if receipt.quantity]
    # Of a pledge that was taken back nothing can be read any more; what had arrived of it still did.
    promised = [pledge.record.quantity] if isinstance(pledge.record, Pledge) else []
    received = next((total(arrived, each.unit).value for each in (*promised, *arrived)), ZERO)
    return received, any(not receipt.more for receipt in receipts)


def owed(pledge: Thing, scene: Scene, saying: Receipt | None = None) -> Decimal:
    """What an accepted pledge still has to bring."""
    if pledge.state != "accepted" or not isinstance(pledge.record, Pledge):
        return ZERO
    received, closed = delivered(pledge, scene, saying)
    return ZERO if closed else max(ZERO, pledge.record.quantity.value - received)


def lacking(record: Need, pledges: Sequence[Thing], scene: Scene, saying: Receipt | None = None) -> Quantity:
    """What is still lacking of what `record` asks, given these pledges for it; `saying` as in `delivered`."""
    taken = ZERO
    for pledge in pledges:
        mine = saying if saying is not None and saying.of == commitment_of(pledge) else None
        taken += delivered(pledge, scene, mine)[0] + owed(pledge, scene, mine)
    return Quantity.of(max(ZERO, record.quantity.value - taken), record.quantity.unit)


def still_lacking(need: Need) -> Quantity:
    """What a need says that it lacks; all of it where it does not say."""
    return need.available or need.quantity


def useful_from(need: Need) -> Quantity | None:
    """The least that helps: the stated minimum, or all that is lacking where that is less. None where nothing was stated or
    nothing is lacking."""
    left = still_lacking(need)
    if need.minimum is None or not left.value:
        return None
    return min(need.minimum, left, key=lambda each: each.value)


def restate(need: Thing | None, scene: Scene) -> tuple[Saying, ...]:
    """The Update by which its owner says anew what a need lacks, also to those who pledged without following it; nothing where
    it is not ours or nothing changed."""
    if need is None or not isinstance(need.record, Need) or not scene.ours(need.owner):
        return ()
    pledges = pledges_of(need, scene)
    left = lacking(need.record, pledges, scene)
    if left == still_lacking(need.record):
        return ()
    record = need.record.changed(available=left)
    to = dict.fromkeys(pledge.owner for pledge in pledges if pledge.state in ("offered", "accepted"))
    return (Saying(Verb.UPDATE, need.kind, by=need.owner, about=need.id, record=record, to=tuple(to)),)


def refuse_wider(need: Thing | None, wanted: str | None, scene: Scene) -> None:
    """NotAllowedError where an answer to a need is wanted for more readers than the need has."""
    if need is None or wanted is None:
        return
    widest = Audience(need.audience)
    if widest in (Audience.FOLLOWERS, Audience.PEERS) and not scene.ours(need.owner):
        widest = Audience.DIRECT
    if not Audience(wanted).within(widest):
        raise too_wide(widest)


def too_wide(widest: Audience) -> NotAllowedError:
    """Why an answer may not have more readers than these, in words, with the word that is typed for them."""
    return NotAllowedError("visibility", _WIDEST[widest])
