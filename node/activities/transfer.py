"""transfer: a fund hands over what it allocated. Two members approve it first, or that it is withdrawn, and whoever receives it confirms it.

It waits until appeals are over, and while more is promised than there is none goes out.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from node.domain import booking, ledger
from node.domain.dates import refuse_future
from node.domain.kind import (
    Heard,
    Kind,
    Link,
    NotAllowedError,
    Scene,
    Speaker,
    Thing,
    Thread,
    Verb,
    replace,
)
from node.domain.payouts import is_corrected, line_of, receipts_of, transferred
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas import Money, Uri
from schemas.allocation import Allocation, Allotment
from schemas.round import Round
from schemas.transfer import Transfer


def complete(record: Transfer, speaker: Speaker, _scene: Scene, _chance: Callable[[int], bytes]) -> Transfer:
    """Who hands it over."""
    return record.changed(provider=Uri(speaker.actor))


def _allocation(record: Transfer, scene: Scene) -> Allocation | None:
    thing = scene.thing(record.allocation)
    return thing.record if thing is not None and isinstance(thing.record, Allocation) else None


def _share(record: Transfer, scene: Scene) -> Allotment | None:
    allocation = _allocation(record, scene)
    rows = allocation.allotments if allocation is not None else ()
    return next((row for row in rows if row.claimant == record.to), None)


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """What is owed to its receiver, after the appeals, not more than is there; once published it is not changed."""
    record = heard.record
    if not scene.ours(heard.actor):
        return
    if before is not None and heard.verb is Verb.UPDATE:
        raise NotAllowedError("transfer", "a new transfer; one that was published is never changed")
    if before is not None and heard.verb is Verb.DELETE and receipts_of(before, scene):
        raise NotAllowedError("transfer", "a transfer that was not confirmed by who received it")
    if not isinstance(record, Transfer):
        return
    refuse_future(record.on, "on", heard, scene)
    booking.refuse_closed(record.on, "on", heard, scene)
    _check_window(record, heard, scene)
    _check_amount(record, heard.actor, scene)


def _check_window(record: Transfer, heard: Heard, scene: Scene) -> None:
    allocation = scene.thing(record.allocation)
    if allocation is None or allocation.owner != heard.actor or not isinstance(allocation.record, Allocation):
        raise NotAllowedError("allocation", "an allocation of ours")
    for round in _rounds(allocation, scene):
        until = max(round.appeal_until, round.pay_from or round.appeal_until)
        if heard.at <= until:
            raise NotAllowedError("on", "after {day}: until then it can be appealed", day=_minute(until))


def _rounds(allocation: Thing, scene: Scene) -> Iterator[Round]:
    """Its round, and those of the allocations that it takes the place of: whoever loses by a correction can appeal as before."""
    for standing in line_of(allocation, scene):
        record = standing.record
        named = record.round if isinstance(record, Allocation) else None
        round = scene.thing(named) if named else None
        if round is not None and isinstance(round.record, Round):
            yield round.record


def _minute(moment: datetime) -> datetime:
    """The whole minute, all that is said of it, at which it is over. The last second of a day stays: it is said as the day."""
    return (
        moment if moment.second in (0, 59) else moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    )


def _check_amount(record: Transfer, fund: str, scene: Scene) -> None:
    share = _share(record, scene)
    thing = scene.thing(record.allocation)
    if share is None or thing is None or thing.owner != fund:
        raise NotAllowedError("to", "somebody who has a share in that allocation")
    if is_corrected(thing, scene):
        raise NotAllowedError("allocation", "the allocation that corrects this one")
    booking.refuse_foreign(record.amount, "amount", share.amount.currency)
    balances, currency = scene.balances(fund), record.amount.currency
    left = booking.unallocated(balances, currency)
    if left < 0:
        gap = Money(-left, currency)
        raise NotAllowedError(
            "amount",
            "nothing now: {gap} more is promised than there is; cover it, or decide to make the round smaller",
            gap=gap,
        )
    booking.refuse_short(booking.OUT_OF[record.channel], record.amount, balances)
    owed = -balances.get((ledger.payable(record.to), currency), 0)
    paid = transferred(thing, scene).get(record.to, 0)
    most = min(owed, share.amount.minor - paid)
    if record.amount.minor > most:
        raise NotAllowedError(
            "amount", "at most {most}, which is still owed", most=Money(max(0, most), currency)
        )


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """Less is owed, and less is there."""
    after = replace(before, heard, scene)
    if after is None:
        return None
    record = after.record
    if not isinstance(record, Transfer):
        return booking.book(before, after, (), scene.day(heard.at))
    amount, currency = record.amount.minor, record.amount.currency
    account = ledger.payable(record.to)
    postings = [(account, amount, currency), (booking.OUT_OF[record.channel], -amount, currency)]
    return booking.book(before, after, postings, record.on)


HANDED_OVER = {
    "bank": message("On {day} we transferred {amount} to {name}"),
    "cash": message("On {day} we handed over {amount} in cash to {name}"),
}


def text(record: Transfer, tongue: Tongue, scene: Scene) -> str:
    """`El 14 de septiembre de 2020 transferimos 346.500 CLP a la Olla La Esperanza (231 raciones, ronda 1). …`"""
    allocation, share = _allocation(record, scene), _share(record, scene)
    thing = scene.thing(allocation.round) if allocation is not None and allocation.round else None
    beside = []
    if share is not None and share.count is not None and share.amount == record.amount:
        beside.append(tongue.plural("{number} ration", "{number} rations", share.count))
    if thing is not None and isinstance(thing.record, Round):
        beside.append(tongue.say("round {number}", number=thing.record.number or ""))
    said = tongue.say(
        HANDED_OVER[record.channel],
        day=record.on,
        amount=record.amount,
        name=scene.name(record.to),
    )
    return paragraphs(
        scene,
        [
            f"{said} ({', '.join(beside)})." if beside else f"{said}.",
            tongue.say("Whoever received it will confirm it."),
        ],
    )


KIND = Kind(
    name="transfer",
    record=Transfer,
    text=text,
    roles=frozenset({"steward", "treasurer"}),
    public_only=True,
    links=lambda record: (Link("allocation", record.allocation),),
    complete=complete,
    check=check,
    fold=fold,
    entry=lambda before, after, _heard, _scene: booking.entry(before, after),
    thread=lambda record, _scene: Thread(record.allocation),
    addressees=lambda record, _scene: (record.to,),
    approvals=lambda _former, _record, _scene: 2,
    unsaying=lambda _record, _scene: 2,
    hashtags=lambda _record, tongue: (tongue.say(message("allocation")),),
)
