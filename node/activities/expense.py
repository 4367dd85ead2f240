"""expense: what a fund spends on its own work, with what it was for."""

from node.domain import booking, ledger
from node.domain.dates import refuse_future
from node.domain.kind import Heard, Kind, NotAllowedError, Scene, Thing, replace
from node.domain.spending import ROLES, signers, unsigners
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas.expense import Expense

OUT_OF = {"bank": message("by bank transfer"), "cash": message("in cash")}


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """No day to come or in a closed period; what was booked keeps its amount."""
    record = heard.record
    if not isinstance(record, Expense) or not scene.ours(heard.actor):
        return
    refuse_future(record.on, "on", heard, scene)
    former = before.record if before else None
    if isinstance(former, Expense):
        if (former.amount, former.channel, former.on) != (record.amount, record.channel, record.on):
            raise NotAllowedError("amount", "{amount}, as it was booked", amount=former.amount)
        return
    booking.refuse_closed(record.on, "on", heard, scene)
    if record.channel == "cash":
        # What a bank took is booked even where it overdrew the account; nobody takes out of a box what is not in it.
        booking.refuse_short(ledger.CASH, record.amount, scene.balances(heard.actor))


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """It is spent."""
    after = replace(before, heard, scene)
    if after is None:
        return None
    record = after.record
    if not isinstance(record, Expense):
        return booking.book(before, after, (), scene.day(heard.at))
    amount, currency = record.amount.minor, record.amount.currency
    account = booking.OUT_OF[record.channel]
    return booking.book(
        before, after, [(booking.SPENT, amount, currency), (account, -amount, currency)], record.on
    )


def text(record: Expense, tongue: Tongue, scene: Scene) -> str:
    """`El 16 de septiembre de 2020 gastamos 12.000 CLP, por transferencia bancaria: flete de la feria.`"""
    return paragraphs(
        scene,
        tongue.say(
            "On {day} we spent {amount}, {channel}: {purpose}",
            day=record.on,
            amount=record.amount,
            channel=tongue.say(OUT_OF[record.channel]),
            purpose=record.purpose,
        ),
    )


KIND = Kind(
    name="expense",
    record=Expense,
    text=text,
    roles=ROLES,
    public_only=True,
    check=check,
    fold=fold,
    entry=lambda before, after, _heard, _scene: booking.entry(before, after),
    approvals=lambda former, record, scene: signers(record, scene) if former is None else 0,
    unsaying=unsigners,
    hashtags=lambda _record, tongue: (tongue.say(message("expense")),),
)
