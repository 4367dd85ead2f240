"""period: a part of the public account is closed, with what every account held when it began and when it ended."""

from collections.abc import Callable
from datetime import timedelta

from node.domain.kind import Heard, Kind, NotAllowedError, Scene, Speaker, Thing, Verb
from node.domain.ledger import BANK, CASH
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas import CURRENCIES, Money
from schemas.period import Balance, Period

ROWS = 12
"""How many accounts are said one by one."""
DAY = timedelta(days=1)


def complete(record: Period, speaker: Speaker, scene: Scene, _chance: Callable[[int], bytes]) -> Period:
    """What every account of money held at both ends."""
    opening = scene.balances(speaker.actor, record.opens - DAY)
    closing = scene.balances(speaker.actor, record.closes)
    rows = tuple(
        Balance(
            account=account,
            opening=Money(opening.get((account, currency), 0), currency),
            closing=Money(closing.get((account, currency), 0), currency),
        )
        for account, currency in sorted({*opening, *closing})
        if currency in CURRENCIES
    )
    return record.changed(balances=rows)


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """It begins where the last one ended, it is over, and it stays."""
    record = heard.record
    if not scene.ours(heard.actor):
        return
    if before is not None and heard.verb in (Verb.UPDATE, Verb.DELETE):
        raise NotAllowedError("period", "the next period; one that is closed stays closed")
    if not isinstance(record, Period):
        return
    if record.closes < record.opens:
        raise NotAllowedError("closes", "a day not before {day}", day=record.opens)
    if record.closes >= scene.day(heard.at):
        raise NotAllowedError("closes", "a day that is over")
    ends = [
        thing.record.closes
        for thing in scene.said(heard.actor, "period")
        if isinstance(thing.record, Period) and thing.id != heard.object_id
    ]
    if ends and record.opens != max(ends) + DAY:
        raise NotAllowedError("opens", "{day}, where the last period ended", day=max(ends) + DAY)
    _check_asserted(record, heard.actor, scene)


def _check_asserted(record: Period, fund: str, scene: Scene) -> None:
    """What the bank says and what was counted is what was booked; else nothing is published."""
    booked = scene.balances(fund, record.closes)
    for field, account, asserted in (("bank", BANK, record.bank), ("cash", CASH, record.cash)):
        if asserted is None:
            continue
        held = booked.get((account, asserted.currency), 0)
        if held != asserted.minor:
            raise NotAllowedError(
                field,
                "{held}, which is what was booked until {day}; {gap} more or less is missing among the entries",
                held=Money(held, asserted.currency),
                day=record.closes,
                gap=Money(abs(asserted.minor - held), asserted.currency),
            )


def text(record: Period, tongue: Tongue, scene: Scene) -> str:
    """`Cerramos la cuenta del 1 al 31 de agosto de 2020. assets:bank: 0 CLP al abrir, 625.000 CLP al cerrar.`"""
    rows = [
        tongue.say(
            "{account}: {opening} at the opening, {closing} at the closing",
            account=row.account,
            opening=row.opening,
            closing=row.closing,
        )
        for row in record.balances
    ]
    listed = "; ".join(rows) + "." if 0 < len(rows) <= ROWS else ""
    return paragraphs(
        scene,
        [
            tongue.say(
                "We close the account from {opens} to {closes}.", opens=record.opens, closes=record.closes
            ),
            tongue.say("{number} accounts.", number=len(rows)) if len(rows) > ROWS else "",
            tongue.say("The bank's statement says the same: {amount}.", amount=record.bank)
            if record.bank
            else "",
            tongue.say("Counted in the cash box: {amount}.", amount=record.cash) if record.cash else "",
        ],
        listed,
        scene.url,
    )


KIND = Kind(
    name="period",
    record=Period,
    text=text,
    roles=frozenset({"steward", "treasurer"}),
    public_only=True,
    complete=complete,
    check=check,
    hashtags=lambda _record, tongue: (tongue.say(message("account")),),
)
