"""need: what a collective lacks. It is covered when nothing is lacking, and open again when a pledge fails."""

from collections.abc import Callable, Sequence
from dataclasses import replace as changed

from node.domain.dates import refuse_past
from node.domain.kind import Heard, Kind, NotAllowedError, Saying, Scene, Speaker, Thing, Verb, replace
from node.domain.matching import ZERO, delivered, lacking, pledges_of, still_lacking, useful_from
from node.domain.wording import amount_of, good_name, named_in, paragraphs
from node.tongues import Tongue, message
from schemas import Quantity
from schemas.goods import good_named
from schemas.need import Need

OPENINGS = {
    (True, True): message("We need {amount} by {day}."),
    (True, False): message("We need {amount}."),
    (False, True): message(
        "Covered, nothing is lacking ({left}): we asked for {amount} by {day}. Thank you!"
    ),
    (False, False): message("Covered, nothing is lacking ({left}): we asked for {amount}. Thank you!"),
}
"""By whether something is lacking and whether there is a deadline."""


def complete(record: Need, _speaker: Speaker, scene: Scene, _chance: Callable[[int], bytes]) -> Need:
    """The good's term, and what is lacking: all of it, or what pledges and receipts leave of it."""
    known = scene.thing(scene.url) if scene.url else None
    good = good_named(record.what)
    left = lacking(record, pledges_of(known, scene), scene) if known else record.quantity
    return record.changed(good=good.term if good else None, available=left, urgent=record.urgent or None)


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """The minimum fits into the quantity, all amounts have one unit, and our own deadline is not over."""
    need, former = heard.record, before.record if before else None
    if not isinstance(need, Need):
        if heard.verb is Verb.UPDATE and isinstance(former, Need):
            raise NotAllowedError("record", "the whole need: what and how much")
        return
    if isinstance(former, Need) and before is not None:
        if former.quantity.unit is not need.quantity.unit:
            raise NotAllowedError(
                "quantity", "an amount in {unit}, as it was asked for", unit=former.quantity.unit
            )
        if scene.ours(heard.actor):
            _refuse_another(need, former, pledges_of(before, scene), scene)
    for field in ("minimum", "available"):
        amount: Quantity | None = getattr(need, field)
        if amount is not None and amount.unit is not need.quantity.unit:
            raise NotAllowedError(field, "an amount in {unit}, like the quantity", unit=need.quantity.unit)
        if amount is not None and amount.value > need.quantity.value:
            raise NotAllowedError(field, "at most {quantity}", quantity=need.quantity)
    if scene.ours(heard.actor):
        refuse_past(need.by, "by", heard, former.by if isinstance(former, Need) else None)


def _refuse_another(need: Need, former: Need, pledges: Sequence[Thing], scene: Scene) -> None:
    """NotAllowedError for another good than what was promised or received already, or for less than what was received."""
    received = sum((delivered(pledge, scene)[0] for pledge in pledges), ZERO)
    if _good(need) != _good(former) and (received or any(each.state == "accepted" for each in pledges)):
        raise NotAllowedError(
            "what", "{what} as before: some of it was promised or received already", what=former.what
        )
    if need.quantity.value < min(received, former.quantity.value):
        raise NotAllowedError(
            "quantity",
            "at least {received}, which was received already",
            received=Quantity.of(received, need.quantity.unit),
        )


def _good(need: Need) -> str:
    """What tells goods apart: the term where there is one, so that a word may still be spelled better."""
    good = good_named(need.what)
    return good.term if good else " ".join(need.what.casefold().split())


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """Covered where nothing is lacking, else open, until its deadline."""
    after = replace(before, heard, scene)
    if after is None or not isinstance(after.record, Need):
        return after
    state = "open" if still_lacking(after.record).value else "covered"
    facts = {"urgent": True} if after.record.urgent else {}
    return changed(after, state=state, due=after.record.by, facts=facts)


def consequences(before: Thing | None, after: Thing | None, _heard: Heard, scene: Scene) -> Sequence[Saying]:
    """A need that is covered or withdrawn answers the offers that still wait; withdrawn, it frees also the accepted ones of
    which nothing arrived."""
    if before is None or after is None or after.state == before.state or not scene.ours(after.owner):
        return ()
    match after.state:
        case "covered":
            states, reason = {"offered"}, message("Thank you. Nothing is lacking any more.")
        case "withdrawn":
            states, reason = {"offered", "accepted"}, message("Thank you. The need was withdrawn.")
        case _:
            return ()
    return [
        Saying(Verb.REJECT, "pledge", by=after.owner, about=pledge.id, to=(pledge.owner,), reason=reason)
        for pledge in pledges_of(before, scene)
        if pledge.state in states and pledge.owner != after.owner and not delivered(pledge, scene)[0]
    ]


def text(record: Need, tongue: Tongue, scene: Scene) -> str:
    """`¡Urgente! Necesitamos 40 kg de lentejas hasta el 28 de agosto de 2020. Mínimo útil: 10 kg. …`"""
    left, least = still_lacking(record), useful_from(record)
    asked = amount_of(record.quantity, good_name(record.what, tongue), tongue)
    said = OPENINGS[bool(left.value), record.by is not None]
    return paragraphs(
        scene,
        [
            tongue.say("Urgent!") if record.urgent else "",
            tongue.say(said, amount=asked, left=left, day=record.by or ""),
            tongue.plural("Still lacking: {left}.", "Still lacking: {left}.", left.value, left=left)
            if 0 < left.value != record.quantity.value
            else "",
            tongue.say("Useful from: {minimum}.", minimum=least) if least else "",
            f"{', '.join(part for part in (scene.name(scene.here), record.place) if part)}.",
            tongue.say("Reply to this post: {url}", url=scene.url) if left.value else scene.url,
        ],
        record.details,
    )


KIND = Kind(
    name="need",
    record=Need,
    text=text,
    complete=complete,
    check=check,
    fold=fold,
    consequences=consequences,
    addressees=lambda record, scene: named_in(record.details, scene),
    hashtags=lambda _record, tongue: (tongue.say(message("need")),),
)
