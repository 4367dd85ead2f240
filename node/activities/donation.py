"""donation: one gift, promised, arrived or taken back. Its label is public; its code only the donor has.

    pledged ──► cleared ──► reversed
       └───────────────────────┘

Only what is cleared is booked. A gift that comes when its campaign is closed is held apart until a decision about it, or a campaign that
opened again, lets it in. A match adds to a gift as it arrives, and takes that back with it. A gift in kind is counted in its own unit, beside the money. A cash gift has a receipt whose number
follows the last one, and two members sign it, and every change that moves its money.
"""

from collections.abc import Callable
from dataclasses import replace as changed
from datetime import date

from node.domain import booking
from node.domain.campaigns import PLEDGED, Progress, at, cleared_by, given, over_committed
from node.domain.dates import refuse_future
from node.domain.donations import (
    COMMODITIES,
    campaign_of,
    check_rewards,
    is_held,
    next_receipt,
    postings_of,
    receipt_id,
    refuse_held,
)
from node.domain.gifts import new_label
from node.domain.kind import (
    Entry,
    Heard,
    Kind,
    Link,
    NotAllowedError,
    Scene,
    Speaker,
    Thing,
    Verb,
    replace,
)
from node.domain.matched import check_payment, label_of, match_thing, refuse_matched, with_match
from node.domain.wording import amount_of, paragraphs
from node.tongues import Tongue, message
from schemas import Money, Uri
from schemas.donation import Donation

CHANNELS = {
    "bank": message("by bank transfer"),
    "cash": message("in cash"),
    "card": message("by card"),
    "platform": message("through a platform"),
    "kind": message("in kind"),
}
NEXT = {
    "pledged": {"pledged", "cleared", "reversed"},
    "cleared": {"cleared", "reversed"},
    "reversed": set[str](),
}
"""Which status may follow which."""
BOOKED = ("channel", "campaign", "receipt", "quantity", "what", "stated", "payment_for")
"""What stays as it was once a gift is cleared, since what is booked follows from it."""


def complete(record: Donation, speaker: Speaker, scene: Scene, chance: Callable[[int], bytes]) -> Donation:
    """A label that no other gift of this account has, who received it, the receipt's number, whether it is held apart."""

    def taken(label: str) -> bool:
        return any(thing.owner == speaker.actor for thing in scene.answering(label, "label"))

    label = record.label or new_label(chance, taken)
    receipt = record.receipt
    if receipt is None and record.channel == "cash" and record.status == "cleared":
        receipt = next_receipt(speaker.actor, scene)
    if (
        record.payment_for is not None
        and (match := match_thing(record.payment_for, speaker.actor, scene)).record
    ):
        record = record.changed(campaign=getattr(match.record, "campaign", None))
    record = record.changed(
        label=label, receiver=Uri(speaker.actor), receipt=receipt, held=is_held(record, speaker.actor, scene)
    )
    return with_match(record, speaker.actor, scene)


def signers(former: Donation | None, record: Donation) -> int:
    """Two for cash that comes or goes, whichever way it is said; one is enough where nothing moves."""
    if record.channel != "cash":
        return 0
    return 0 if postings_of(record) == (postings_of(former) if former is not None else []) else 2


def unsigners(record: Donation) -> int:
    """Two where money came, also where it was taken back: nothing of it is erased by one alone, who could keep it."""
    return 2 if record.channel != "kind" and record.status != "pledged" else 0


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """No day to come, a fee below the gift, an amount as given that makes the amount, and a status that may follow."""
    record = heard.record
    if heard.verb is Verb.DELETE and scene.ours(heard.actor):
        _refuse_gap(before)
        refuse_matched(before)
    if not isinstance(record, Donation):
        return
    refuse_future(record.on, "on", heard, scene)
    if record.fee is not None and (
        record.fee.currency != record.amount.currency or record.fee.minor >= record.amount.minor
    ):
        raise NotAllowedError("fee", "less than {amount}, in the same currency", amount=record.amount)
    if record.stated is not None and record.stated.amount.amount * record.stated.rate != record.amount.amount:
        raise NotAllowedError("stated", "an amount that makes {amount} at that rate", amount=record.amount)
    for field in ("matched", "earned"):
        if (added := getattr(record, field)) is not None:
            booking.refuse_foreign(added, field, record.amount.currency)
    _check_in_kind(record)
    former = before.record if before else None
    if isinstance(former, Donation):
        _check_change(record, former)
        refuse_held(record, former)
    if scene.ours(heard.actor):
        _check_ours(record, before, heard, scene)


def _check_in_kind(record: Donation) -> None:
    if record.channel == "kind":
        if record.what is None or record.quantity is None:
            field = "what" if record.what is None else "quantity"
            raise NotAllowedError(field, "what was given in kind, and how much of it")
        if record.quantity.unit not in COMMODITIES:
            raise NotAllowedError("quantity", "an amount in {known}", known=tuple(COMMODITIES))
        if record.fee is not None or record.stated is not None:
            raise NotAllowedError("channel", "a gift of money; one in kind has no fee and no rate")
    elif record.what is not None or record.quantity is not None:
        raise NotAllowedError("channel", "kind, for what is no money")


def _check_change(record: Donation, former: Donation) -> None:
    if former.status == "reversed":
        raise NotAllowedError("status", "a gift that was not reversed yet")
    if record.status not in NEXT[former.status]:
        raise NotAllowedError("status", "one of these: {known}", known=", ".join(sorted(NEXT[former.status])))
    if former.status == "pledged":
        return
    if record.amount != former.amount:
        raise NotAllowedError("amount", "{amount}, as it was booked", amount=former.amount)
    for field in BOOKED:
        if getattr(record, field) != getattr(former, field):
            raise NotAllowedError(field, "what it was when it was booked; to correct it, reverse the gift")
    if record.on != former.on and record.status == former.status:
        raise NotAllowedError("on", "{day}, on which it was booked", day=former.on)
    if record.on < former.on:
        raise NotAllowedError("on", "{day}, on which it came, or a later day", day=former.on)


def _check_ours(record: Donation, before: Thing | None, heard: Heard, scene: Scene) -> None:
    if record.campaign is not None:
        campaign = campaign_of(record, scene)
        owner = scene.thing(record.campaign)
        if campaign is None or owner is None or owner.owner != heard.actor:
            raise NotAllowedError("campaign", "a campaign of ours")
        booking.refuse_foreign(record.amount, "amount", campaign.goal.currency)
    if record.rewards:
        check_rewards(record, scene)
    if record.payment_for is not None:
        check_payment(record, before, heard.actor, scene)
    _check_receipt(record, before, heard.actor, scene)
    if booking.difference(before, postings_of(record), record.on):
        booking.refuse_closed(_day(record, before, heard, scene), "on", heard, scene)


def _check_receipt(record: Donation, before: Thing | None, fund: str, scene: Scene) -> None:
    if record.receipt is None:
        return
    if record.channel != "cash":
        raise NotAllowedError("receipt", "nothing: only gifts in cash have a receipt")
    former = before.record if before is not None else None
    if isinstance(former, Donation) and former.receipt == record.receipt:
        return
    if record.status != "cleared":
        raise NotAllowedError("receipt", "nothing yet: the receipt is given when the cash has come")
    number = next_receipt(fund, scene)
    if record.receipt != number:
        raise NotAllowedError(
            "receipt",
            "{number}: receipts are numbered without gaps, and no number comes twice",
            number=number,
        )


def _refuse_gap(before: Thing | None) -> None:
    if before is not None and isinstance(before.record, Donation) and before.record.receipt is not None:
        raise NotAllowedError("receipt", "a reversal: the numbers of receipts have no gaps")


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """The gift in its status, with everything that it booked."""
    after = replace(before, heard, scene)
    if after is None:
        return None
    record = after.record if isinstance(after.record, Donation) else None
    if record is None:
        return booking.book(before, after, (), scene.day(heard.at))
    state = "held" if record.held and record.status == "cleared" else record.status
    subject = record.campaign or ""
    facts: dict[str, object] = {}
    if record.status == "pledged" and record.channel != "kind":
        facts = {"for": subject, PLEDGED: [record.amount.minor, record.amount.currency]}
    after = changed(after, state=state, facts=facts)
    return booking.book(before, after, postings_of(record), _day(record, before, heard, scene), subject)


def _day(record: Donation, before: Thing | None, heard: Heard, scene: Scene) -> date:
    """The day of what is booked: the gift's own, but of a change on which no other day is said, the day it is."""
    former = before.record if before is not None else None
    if not isinstance(former, Donation) or former.on != record.on or former.status == "pledged":
        return record.on
    as_before = (former.status, former.held) == (record.status, record.held)
    return record.on if as_before else scene.day(heard.at)


def entry(before: Thing | None, after: Thing | None, _heard: Heard, _scene: Scene) -> Entry | None:
    """Only what is cleared is booked; a change books the difference."""
    record = after.record if after and isinstance(after.record, Donation) else None
    stated = None
    if record is not None and record.status == "cleared" and record.stated:
        given = record.stated.amount
        stated = {
            "amount": format(given.amount, "f"),
            "currency": given.currency,
            "rate": format(record.stated.rate, "f"),
        }
    return booking.entry(before, after, stated)


SAID = {
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
REVERSED_LATER = message(
    "On {day} a gift of {given} was reversed: {amount}, {channel} (gift {label}, name kept private)."
)
IN_KIND = {
    "pledged": message(
        "On {day} we were promised {what}, {channel}, worth {amount} (gift {label}, name kept private)."
    ),
    "cleared": message(
        "On {day} we received {what}, {channel}, worth {amount}, beside the money (gift {label}, name kept private)."
    ),
    "reversed": message(
        "A gift of {day} was taken back: {what}, {channel}, worth {amount} (gift {label}, name kept private)."
    ),
}


def text(record: Donation, tongue: Tongue, scene: Scene) -> str:
    """`El 9 de septiembre de 2020 recibimos 375.000 CLP, por transferencia bancaria y ya acreditados …`"""
    stated, fee = record.stated, record.fee
    return paragraphs(
        scene,
        [
            _opening(record, tongue, scene),
            tongue.say("Given as {amount} at {rate}.", amount=stated.amount, rate=stated.rate)
            if stated
            else "",
            tongue.say("Fee: {fee}.", fee=fee) if fee else "",
            tongue.say(
                "The match {label} adds {amount} to it.",
                label=label_of(record.match or "").upper(),
                amount=record.matched,
            )
            if record.matched
            else "",
            tongue.say("It pays for the match {label}.", label=label_of(record.payment_for).upper())
            if record.payment_for
            else "",
            tongue.say("Receipt number {number}.", number=record.receipt) if record.receipt else "",
            tongue.say("Rewards: {rewards}.", rewards=tongue.join(record.rewards)) if record.rewards else "",
            tongue.say(
                "It came after the closing of the campaign and is held apart until it is decided upon."
            )
            if record.held
            else "",
            *_standing(record, tongue, scene),
        ],
    )


def _opening(record: Donation, tongue: Tongue, scene: Scene) -> str:
    before = scene.thing(scene.url) if scene.url else None
    former = before.record if before is not None and isinstance(before.record, Donation) else None
    later = record.status == "reversed" and _said_anew(record, before)
    said = IN_KIND if record.channel == "kind" or record.what or record.quantity else SAID
    return tongue.say(
        REVERSED_LATER if later and said is SAID else said[record.status],
        day=record.on,
        given=former.on if former is not None else record.on,
        amount=record.amount,
        what=amount_of(record.quantity, record.what or tongue.say("goods"), tongue),
        channel=tongue.say(CHANNELS[record.channel]),
        label=record.label or "",
    )


def _standing(record: Donation, tongue: Tongue, scene: Scene) -> list[str]:
    """What the campaign has with this gift as it is said here, which milestone that reached or lost, and what is missing."""
    campaign = campaign_of(record, scene)
    if campaign is None or record.campaign is None or record.channel == "kind":
        return []
    known = scene.thing(scene.url)
    there = given(record.campaign, campaign.goal.currency, scene)
    new = booking.difference(known, postings_of(record), record.on)
    former, now = at(campaign, there), at(campaign, [*there, *cleared_by(new, campaign.goal.currency)])
    if former.cleared == now.cleared:
        return []
    return [
        tongue.say(
            "Total cleared for {campaign}: {total}, {percent} of the goal.",
            campaign=campaign.title or tongue.say("the campaign"),
            total=Money(max(0, now.cleared), campaign.goal.currency),
            percent=tongue.percent(now.percent),
        ),
        *_milestones(former, now, tongue, dated=_said_anew(record, known)),
        *_gap(known, record, tongue, scene),
    ]


def _said_anew(record: Donation, known: Thing | None) -> bool:
    """Whether the day of a reversal was said, and is not that of the gift itself."""
    former = known.record if known is not None else None
    return isinstance(former, Donation) and former.on != record.on


def _milestones(former: Progress, now: Progress, tongue: Tongue, *, dated: bool) -> list[str]:
    said = []
    for earlier, later in zip(former.stages, now.stages, strict=True):
        rations = tongue.plural("{number} ration", "{number} rations", later.milestone.rations)
        if later.reached and not earlier.reached:
            said.append(tongue.say("Milestone reached: {rations}.", rations=rations))
        elif earlier.reached and not later.reached:
            days = [tongue.day_month(each.on) for each in later.passages[-2:]]
            if not dated or len(days) < 2:
                said.append(tongue.say("Milestone lost: {rations}.", rations=rations))
                continue
            said.append(
                tongue.say(
                    "Milestone lost: {rations} (reached {reached}, lost {lost}).",
                    rations=rations,
                    reached=days[0],
                    lost=days[1],
                )
            )
    return said


def _gap(known: Thing | None, record: Donation, tongue: Tongue, scene: Scene) -> list[str]:
    """That more is promised than is there, where this change makes it so."""
    balances = dict(scene.balances(scene.here))
    for _, account, minor, commodity in booking.difference(known, postings_of(record), record.on):
        balances[account, commodity] = balances.get((account, commodity), 0) + minor
    currency = record.amount.currency
    free, promised = booking.unallocated(balances, currency), booking.promised(balances, currency)
    said = over_committed(free, promised, currency, tongue)
    return [said] if said else []


def links(record: Donation) -> tuple[Link, ...]:
    """Its label, the campaign that it is for, the rewards that it takes, the number of its receipt."""
    found = [Link("label", record.label)] if record.label else []
    if record.campaign:
        found.append(Link("campaign", record.campaign))
        found += [Link("reward", f"{record.campaign}#{label}") for label in dict.fromkeys(record.rewards)]
    found += [Link("matched", match) for match in (record.match, record.payment_for) if match]
    if record.receipt and record.receiver:
        found.append(Link("receipt", receipt_id(record.receiver, record.receipt)))
    return tuple(found)


KIND = Kind(
    name="donation",
    record=Donation,
    text=text,
    roles=frozenset({"steward", "treasurer"}),
    public_only=True,
    links=links,
    complete=complete,
    check=check,
    fold=fold,
    entry=entry,
    approvals=lambda former, record, _scene: signers(former, record),
    unsaying=lambda record, _scene: unsigners(record),
    gift_code=True,
    hashtags=lambda _record, tongue: (tongue.say(message("donation")),),
)
