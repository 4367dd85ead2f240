"""offer: what a collective can give, as a gift or for a price. It stays open until its deadline or its withdrawal."""

from collections.abc import Callable
from dataclasses import replace as changed

from node.domain.dates import refuse_past
from node.domain.kind import Heard, Kind, NotAllowedError, Scene, Speaker, Thing, replace
from node.domain.wording import amount_of, good_name, named_in, paragraphs
from node.tongues import Tongue, message
from schemas.goods import good_named
from schemas.offer import Offer


def complete(record: Offer, _speaker: Speaker, _scene: Scene, _chance: Callable[[int], bytes]) -> Offer:
    """The good's term, and that all of it is there."""
    good = good_named(record.what)
    return record.changed(good=good.term if good else None, available=record.quantity)


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """The minimum fits into the quantity, in its unit, and our own deadline is not over."""
    offer = heard.record
    if not isinstance(offer, Offer):
        return
    if offer.minimum and offer.quantity:
        if offer.minimum.unit is not offer.quantity.unit:
            raise NotAllowedError(
                "minimum", "an amount in {unit}, like the quantity", unit=offer.quantity.unit
            )
        if offer.minimum.value > offer.quantity.value:
            raise NotAllowedError("minimum", "at most {quantity}", quantity=offer.quantity)
    if scene.ours(heard.actor):
        former = before.record if before else None
        refuse_past(offer.by, "by", heard, former.by if isinstance(former, Offer) else None)


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """Open until its deadline."""
    after = replace(before, heard, scene)
    return changed(after, due=after.record.by) if after and isinstance(after.record, Offer) else after


def text(record: Offer, tongue: Tongue, scene: Scene) -> str:
    """`Ofrecemos 20 kg de arroz. Es un regalo. …`"""
    offered = amount_of(record.quantity, good_name(record.what, tongue), tongue)
    some = record.available if record.available != record.quantity else None
    return paragraphs(
        scene,
        [
            tongue.say("We offer {amount} until {day}.", amount=offered, day=record.by)
            if record.by
            else tongue.say("We offer {amount}.", amount=offered),
            tongue.say("Price of all of it: {price}.", price=record.price)
            if record.price
            else tongue.say("It is a gift."),
            tongue.plural("Still available: {left}.", "Still available: {left}.", some.value, left=some)
            if some
            else "",
            tongue.say("At least {minimum} at a time.", minimum=record.minimum) if record.minimum else "",
            f"{', '.join(part for part in (scene.name(scene.here), record.place) if part)}.",
            tongue.say("Reply to this post: {url}", url=scene.url),
        ],
        record.details,
    )


KIND = Kind(
    name="offer",
    record=Offer,
    text=text,
    complete=complete,
    check=check,
    fold=fold,
    addressees=lambda record, scene: named_in(record.details, scene),
    hashtags=lambda _record, tongue: (tongue.say(message("offer")),),
)
