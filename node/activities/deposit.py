"""deposit: cash that a fund carries to its bank. Nothing comes in by it and nothing goes out; two members sign."""

from node.domain import booking, ledger
from node.domain.dates import refuse_future
from node.domain.kind import Heard, Kind, NotAllowedError, Scene, Thing, replace
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas.deposit import Deposit


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """No more than the cash box holds, no day to come or in a closed period; what was booked stays."""
    record = heard.record
    if not isinstance(record, Deposit) or not scene.ours(heard.actor):
        return
    refuse_future(record.on, "on", heard, scene)
    former = before.record if before else None
    if isinstance(former, Deposit):
        if (former.amount, former.on) != (record.amount, record.on):
            raise NotAllowedError("amount", "{amount}, as it was booked", amount=former.amount)
        return
    booking.refuse_closed(record.on, "on", heard, scene)
    booking.refuse_short(ledger.CASH, record.amount, scene.balances(heard.actor))


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """It is in the bank."""
    after = replace(before, heard, scene)
    if after is None:
        return None
    record = after.record
    if not isinstance(record, Deposit):
        return booking.book(before, after, (), scene.day(heard.at))
    return booking.book(before, after, booking.carried(record.amount), record.on)


def text(record: Deposit, tongue: Tongue, scene: Scene) -> str:
    """`El 16 de septiembre de 2020 llevamos al banco 80.000 CLP de la caja.`"""
    return paragraphs(
        scene,
        tongue.say(
            "On {day} we took {amount} from the cash box to the bank.", day=record.on, amount=record.amount
        ),
    )


KIND = Kind(
    name="deposit",
    record=Deposit,
    text=text,
    roles=frozenset({"steward", "treasurer"}),
    public_only=True,
    check=check,
    fold=fold,
    entry=lambda before, after, _heard, _scene: booking.entry(before, after),
    approvals=lambda former, _record, _scene: 2 if former is None else 0,
    unsaying=lambda _record, _scene: 2,
    hashtags=lambda _record, tongue: (tongue.say(message("deposit")),),
)
