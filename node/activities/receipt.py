"""receipt: what arrived of a pledge or a transfer. It closes the pledge, unless more is to come; a shortfall is lacking again."""

from collections.abc import Callable, Sequence

from node.domain.dates import refuse_future
from node.domain.kind import (
    Heard,
    Kind,
    Link,
    NotAllowedError,
    Saying,
    Scene,
    Speaker,
    Thing,
    Thread,
    Verb,
    only_author,
)
from node.domain.matching import ZERO, commitment_of, delivered, lacking, need_of, pledges_of, restate
from node.domain.payouts import refuse_receipt, transfer_of
from node.domain.wording import amount_of, good_name, named_in, paragraphs
from node.tongues import Tongue, message
from schemas import Quantity, Uri
from schemas.need import Need
from schemas.pledge import Pledge
from schemas.receipt import Receipt
from schemas.transfer import Transfer


def _pledge(record: Receipt, scene: Scene) -> Thing | None:
    found = scene.thing(record.of)
    return found if found is not None and found.kind == "pledge" else None


def _need(pledge: Thing | None, scene: Scene) -> Thing | None:
    return need_of(pledge.record, scene) if pledge and isinstance(pledge.record, Pledge) else None


def complete(record: Receipt, speaker: Speaker, scene: Scene, _chance: Callable[[int], bytes]) -> Receipt:
    """The commitment that it fulfills, who gave and who received. Of an informal pledge nobody is named."""
    transfer = transfer_of(record, scene)
    if transfer is not None and isinstance(transfer.record, Transfer):
        return record.changed(
            of=Uri(f"{transfer.id}#record"),
            amount=record.amount or transfer.record.amount,
            provider=Uri(transfer.owner),
            receiver=Uri(speaker.actor),
        )
    pledge = _pledge(record, scene)
    if pledge is None or pledge.state != "accepted":
        return record
    provider = Uri(pledge.owner) if pledge.owner != speaker.actor else None
    return record.changed(of=commitment_of(pledge), provider=provider, receiver=Uri(speaker.actor))


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """What we received was promised or transferred, and not more of it than that; no day in the future. Of a peer's word the
    same holds, where we know what was promised."""
    record = heard.record
    if not isinstance(record, Receipt):
        if heard.verb is Verb.UPDATE and before is not None and isinstance(before.record, Receipt):
            raise NotAllowedError("record", "the whole receipt: of which pledge and how much arrived")
        return
    refuse_future(record.on, "on", heard, scene)
    if not scene.ours(heard.actor):
        pledge = _pledge(record, scene)
        if pledge is not None and isinstance(pledge.record, Pledge) and record.quantity is not None:
            _refuse_above(record.quantity, _left(record, pledge, pledge.record, before, scene)[0])
        return
    transfer = transfer_of(record, scene)
    if transfer is not None:
        refuse_receipt(record, transfer, scene)
        return
    _check_goods(record, before, scene)


def _check_goods(record: Receipt, before: Thing | None, scene: Scene) -> None:
    pledge = _pledge(record, scene)
    if pledge is None or not isinstance(pledge.record, Pledge):
        raise NotAllowedError("of", "the id of a pledge or a transfer that this node knows")
    if record.quantity is None or record.amount is not None:
        raise NotAllowedError("quantity", "how much of it arrived")
    if pledge.state != "accepted":
        raise NotAllowedError("of", "a pledge that was accepted")
    left, closed = _left(record, pledge, pledge.record, before, scene)
    if closed:
        raise NotAllowedError("of", "a pledge of which more is to come")
    _refuse_above(record.quantity, left)


def _left(
    record: Receipt, pledge: Thing, promised: Pledge, before: Thing | None, scene: Scene
) -> tuple[Quantity, bool]:
    """What a pledge still owes without this receipt, and whether the others have closed it."""
    received, closed = delivered(pledge, scene, record if before else None)
    if before is not None and record.quantity is not None:
        received, closed = received - record.quantity.value, closed and record.more
    return Quantity.of(max(ZERO, promised.quantity.value - received), promised.quantity.unit), closed


def _refuse_above(arrived: Quantity, left: Quantity) -> None:
    """NotAllowedError where more arrived than what was promised, or something else."""
    if arrived.unit is not left.unit:
        raise NotAllowedError("quantity", "an amount in {unit}, as it was promised", unit=left.unit)
    if arrived.value > left.value:
        raise NotAllowedError("quantity", "at most what was promised: {left}", left=left)


def may(speaker: Speaker, heard: Heard, before: Thing | None, scene: Scene) -> None:
    """Only whoever asked, or was paid, says what it received."""
    only_author(speaker, heard, before, scene)
    if isinstance(heard.record, Receipt):
        transfer = transfer_of(heard.record, scene)
        if (
            transfer is not None
            and isinstance(transfer.record, Transfer)
            and transfer.record.to != speaker.actor
        ):
            raise NotAllowedError("owner", "said by who received it, {owner}", owner=transfer.record.to)
        need = _need(_pledge(heard.record, scene), scene)
        if need is not None and need.owner != speaker.actor:
            raise NotAllowedError("owner", "said by who asked, {owner}", owner=need.owner)


def consequences(before: Thing | None, after: Thing | None, _heard: Heard, scene: Scene) -> Sequence[Saying]:
    """The need says anew what is lacking."""
    said = next(
        (thing.record for thing in (after, before) if thing and isinstance(thing.record, Receipt)), None
    )
    return restate(_need(_pledge(said, scene), scene), scene) if isinstance(said, Receipt) else ()


def thread(record: Receipt, scene: Scene) -> Thread:
    """It answers the need, in the context of the agreement; or the transfer."""
    transfer = transfer_of(record, scene)
    if transfer is not None:
        return Thread(transfer.id)
    pledge = _pledge(record, scene)
    need = _need(pledge, scene)
    return Thread(need.id if need else None, pledge.facts.get("agreement") if pledge else None)


def addressees(record: Receipt, scene: Scene) -> tuple[str, ...]:
    """Whoever brought it, and whom the words mention."""
    return (*((record.provider,) if record.provider else ()), *named_in(record.details, scene))


def text(record: Receipt, tongue: Tongue, scene: Scene) -> str:
    """`El 27 de agosto de 2020 recibimos 24 kg de lentejas de la Cooperativa (comprometidos: 25 kg). Gracias. Faltan 16 kg.`"""
    pledge = _pledge(record, scene)
    need = _need(pledge, scene)
    promised = pledge.record.quantity if pledge and isinstance(pledge.record, Pledge) else None
    asked = need.record if need and isinstance(need.record, Need) else None
    amount = tongue.money(record.amount) if record.amount else ""
    if record.quantity:
        goods = tongue.quantity(record.quantity)
        amount = tongue.join([goods, amount]) if amount else goods
    if asked and record.quantity:
        amount = amount_of(record.quantity, good_name(asked.what, tongue), tongue)
    giver = scene.name(record.provider) if record.provider else ""
    opening = (
        tongue.say("On {day} we received {amount} from {name}", day=record.on, amount=amount, name=giver)
        if giver
        else tongue.say("On {day} we received {amount}", day=record.on, amount=amount)
    )
    beside = tongue.say("(promised: {amount})", amount=promised) if promised else ""
    left = lacking(asked, pledges_of(need, scene), scene, record) if asked and need else None
    return paragraphs(
        scene,
        [
            f"{opening} {beside}".strip() + ".",
            tongue.say("Thank you."),
            tongue.say("More of it is to come.") if record.more else "",
            tongue.plural("Still lacking: {left}.", "Still lacking: {left}.", left.value, left=left)
            if left is not None
            else "",
        ],
        record.details,
    )


KIND = Kind(
    name="receipt",
    record=Receipt,
    text=text,
    links=lambda record: (Link("fulfills", record.of),),
    complete=complete,
    check=check,
    may=may,
    thread=thread,
    addressees=addressees,
    consequences=consequences,
    hashtags=lambda _record, tongue: (tongue.say(message("receipt")),),
)
