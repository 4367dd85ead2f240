"""donation: one gift of money, promised, arrived or taken back. Its label is public; its code only the donor has."""

from collections.abc import Callable

from node.domain.dates import refuse_future
from node.domain.gifts import new_label
from node.domain.kind import Entry, Heard, Kind, Link, NotAllowedError, Scene, Speaker, Thing
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas import Uri
from schemas.donation import Donation

CHANNELS = {
    "bank": message("by bank transfer"),
    "cash": message("in cash"),
    "card": message("by card"),
    "platform": message("through a platform"),
}
NEXT = {
    "pledged": {"pledged", "cleared", "reversed"},
    "cleared": {"cleared", "reversed"},
    "reversed": {"reversed"},
}
"""Which status may follow which."""


def complete(record: Donation, speaker: Speaker, scene: Scene, chance: Callable[[int], bytes]) -> Donation:
    """A label that no other gift of this account has, and who received it."""

    def taken(label: str) -> bool:
        return any(thing.owner == speaker.actor for thing in scene.answering(label, "label"))

    label = record.label or new_label(chance, taken)
    return record.changed(label=label, receiver=Uri(speaker.actor))


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """No day to come, a fee below the gift, an amount as given that makes the amount, and a status that may follow."""
    record = heard.record
    if not isinstance(record, Donation):
        return
    refuse_future(record.on, "on", heard, scene)
    if record.fee is not None and (
        record.fee.currency != record.amount.currency or record.fee.minor >= record.amount.minor
    ):
        raise NotAllowedError("fee", "less than {amount}, in the same currency", amount=record.amount)
    if record.stated is not None and record.stated.amount.amount * record.stated.rate != record.amount.amount:
        raise NotAllowedError("stated", "an amount that makes {amount} at that rate", amount=record.amount)
    former = before.record if before else None
    if isinstance(former, Donation):
        if record.status not in NEXT[former.status]:
            raise NotAllowedError(
                "status", "one of these: {known}", known=", ".join(sorted(NEXT[former.status]))
            )
        if former.status != "pledged" and record.amount != former.amount:
            raise NotAllowedError("amount", "{amount}, as it was booked", amount=former.amount)


def entry(before: Thing | None, after: Thing | None, heard: Heard, scene: Scene) -> Entry | None:
    """Only what is cleared is booked; a change books the difference."""
    postings: dict[tuple[str, str], int] = {}
    booked = after
    for thing, sign in ((before, -1), (after, 1)):
        if thing is None or not isinstance(thing.record, Donation) or thing.record.status != "cleared":
            continue
        for account, minor in _postings(thing.record):
            key = account, thing.record.amount.currency
            postings[key] = postings.get(key, 0) + sign * minor
    moved = tuple(
        (account, minor, currency) for (account, currency), minor in sorted(postings.items()) if minor
    )
    if not moved:
        return None
    record = booked.record if booked and isinstance(booked.record, Donation) else None
    first = record is not None and record.status == "cleared"
    stated = None
    if first and record is not None and record.stated:
        given = record.stated.amount
        stated = {
            "amount": format(given.amount, "f"),
            "currency": given.currency,
            "rate": format(record.stated.rate, "f"),
        }
    day = record.on if first and record is not None else scene.day(heard.at)
    return Entry(day.isoformat(), moved, stated)


def _postings(record: Donation) -> list[tuple[str, int]]:
    fee = record.fee.minor if record.fee else 0
    asset = "assets:cash" if record.channel == "cash" else "assets:bank"
    return [
        (asset, record.amount.minor - fee),
        ("expenses:fees", fee),
        ("income:donations", -record.amount.minor),
    ]


def text(record: Donation, tongue: Tongue, scene: Scene) -> str:
    """`Recibimos el 9 de septiembre de 2020, por transferencia bancaria y ya acreditados, 375.000 CLP …`"""
    said = {
        "pledged": message(
            "On {day} we were promised {amount}, {channel}, not yet arrived (gift {label}, name kept private)."
        ),
        "cleared": message(
            "On {day} we received {amount}, {channel}, already cleared (gift {label}, name kept private)."
        ),
        "reversed": message(
            "A gift of {day} was reversed: {amount}, {channel} (gift {label}, name kept private)."
        ),
    }
    stated, fee = record.stated, record.fee
    return paragraphs(
        scene,
        [
            tongue.say(
                said[record.status],
                day=record.on,
                amount=record.amount,
                channel=tongue.say(CHANNELS[record.channel]),
                label=record.label or "",
            ),
            tongue.say("Given as {amount} at {rate}.", amount=stated.amount, rate=stated.rate)
            if stated
            else "",
            tongue.say("Fee: {fee}.", fee=fee) if fee else "",
        ],
    )


def links(record: Donation) -> tuple[Link, ...]:
    """Its label, and the campaign that it is for."""
    label = (Link("label", record.label),) if record.label else ()
    return (*label, Link("campaign", record.campaign)) if record.campaign else label


KIND = Kind(
    name="donation",
    record=Donation,
    text=text,
    roles=frozenset({"steward", "treasurer"}),
    public_only=True,
    links=links,
    complete=complete,
    check=check,
    entry=entry,
    gift_code=True,
    hashtags=lambda _record, tongue: (tongue.say(message("donation")),),
)
