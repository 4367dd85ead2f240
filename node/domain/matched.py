"""Matching funds: what is added to a gift, and what of it has been paid in. Exact, from what is booked and nothing else.

    liabilities:matching:LABEL   paid in for a match and not yet added to any gift: it belongs to nobody's plans
    income:matching:LABEL        added to gifts and paid in: money of the campaign like any other
    equity:matching:LABEL        added to gifts and not yet paid in; equity:matching-promised answers it, so that no money shows

What was paid in is added as far as it reaches, so of the first and the third never both hold anything. Every gift and every payment says
what it moved (`earned`, over all its changes), so that its entry follows from its own signed words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

from node.domain.kind import NotAllowedError, Scene, Thing
from node.domain.posting import Balances, Posting
from schemas import Money, Uri
from schemas.donation import Donation
from schemas.match import Match

DEPOSITED = "liabilities:matching:"
EARNED = "income:matching:"
OWED = "equity:matching:"
PROMISED = "equity:matching-promised"


@dataclass(frozen=True, slots=True)
class Pot:
    """Where a match stands, in minor units: `earned` was added and is there, `owed` was added and is not, `spare` is there and not added."""

    earned: int
    owed: int
    spare: int

    @property
    def added(self) -> int:
        """What was added to gifts in all."""
        return self.earned + self.owed

    @property
    def paid(self) -> int:
        """What was paid in in all."""
        return self.earned + self.spare


def label_of(match: str) -> str:
    """The short name of a match in the account, made of its id so that nobody has to look it up."""
    return f"m-{sha256(match.encode()).hexdigest()[:8]}"


def pot_of(match: str, currency: str, balances: Balances) -> Pot:
    """Where a match stands in these balances."""
    label = label_of(match)
    return Pot(
        earned=-balances.get((EARNED + label, currency), 0),
        owed=balances.get((OWED + label, currency), 0),
        spare=-balances.get((DEPOSITED + label, currency), 0),
    )


def addition(match: Match, amount: int, added: int) -> int:
    """What a match adds to a gift when so much was added before: factor times the gift, rounded down, within both limits."""
    whole = Fraction(match.factor) * amount // 1
    most = match.per_gift.minor if match.per_gift is not None else whole
    return max(0, min(whole, most, match.total.minor - added))


def matches_of(campaign: str, scene: Scene) -> Sequence[Thing]:
    """The matches of a campaign by its owner that were not withdrawn, oldest first: what others say of it is no promise."""
    known = scene.thing(campaign)
    return [
        thing
        for thing in scene.answering(campaign, "matches")
        if isinstance(thing.record, Match) and known is not None and thing.owner == known.owner
    ]


def with_match(record: Donation, fund: str, scene: Scene) -> Donation:
    """A gift with what is added to it, or a payment for a match, and what either moves of the money that was paid in.

    A gift gets its addition when it arrives and keeps it until it is reversed.
    """
    known = scene.thing(scene.url)
    former = known.record if known is not None and isinstance(known.record, Donation) else None
    record = record.changed(match=None, matched=None, earned=None)
    if record.payment_for is None:
        thing = _match_for(record, former, fund, scene)
        record = record.changed(match=Uri(thing.id) if thing is not None else None)
    else:
        thing = match_thing(record.payment_for, fund, scene)
    if thing is None or not isinstance(thing.record, Match):
        return record
    now, earned = worked_out(
        record, former, thing.record, pot_of(thing.id, record.amount.currency, scene.balances(fund))
    )
    currency = record.amount.currency
    return record.changed(
        matched=Money(now, currency) if now else None, earned=Money(earned, currency) if earned else None
    )


def worked_out(record: Donation, former: Donation | None, match: Match, pot: Pot) -> tuple[int, int]:
    """What a match adds to a gift (nothing to a payment), and what the gift or payment has moved of the money paid in, over all its
    changes. `pot` is as it stood before; `former` what the gift said then."""
    then, now = _matched(former), 0
    if record.payment_for is None and record.status == "cleared":
        kept = former is not None and former.match is not None and former.status == "cleared"
        now = then if kept else addition(match, record.amount.minor, pot.added)
    owed = pot.owed + now - then
    spare = pot.spare + _paid_in(record) - _paid_in(former)
    return now, _earned(former) + min(owed, spare)


def after(pot: Pot, record: Donation, former: Donation | None) -> Pot:
    """How a match stands when a gift or payment came to say `record` where it said `former`."""
    earned = _earned(record) - _earned(former)
    return Pot(
        earned=pot.earned + earned,
        owed=pot.owed + _matched(record) - _matched(former) - earned,
        spare=pot.spare + _paid_in(record) - _paid_in(former) - earned,
    )


def _match_for(record: Donation, former: Donation | None, fund: str, scene: Scene) -> Thing | None:
    """The match of a gift: the one it has, or for one that arrives now the match of its day."""
    if former is not None and former.match is not None:
        return scene.thing(former.match)
    if record.status != "cleared" or record.channel == "kind" or record.held or record.campaign is None:
        return None
    if former is not None and former.status == "cleared" and not former.held:
        return None
    for thing in matches_of(record.campaign, scene):
        match = thing.record
        if isinstance(match, Match) and thing.owner == fund and match.opens <= record.on <= match.closes:
            return thing
    return None


def _matched(record: Donation | None) -> int:
    return record.matched.minor if record is not None and record.matched else 0


def _earned(record: Donation | None) -> int:
    return record.earned.minor if record is not None and record.earned else 0


def _paid_in(record: Donation | None) -> int:
    """What a payment for a match put there; what a gift gives is no such payment."""
    if record is None or record.payment_for is None or record.status != "cleared":
        return 0
    return record.amount.minor


def match_thing(match: str, fund: str, scene: Scene) -> Thing:
    """A match of this fund. NotAllowedError where there is none."""
    thing = scene.thing(match)
    if thing is None or thing.owner != fund or not isinstance(thing.record, Match):
        raise NotAllowedError("payment_for", "a match of ours")
    return thing


def check_payment(record: Donation, before: Thing | None, fund: str, scene: Scene) -> None:
    """Money that has come, for no reward, and not more than the match promises in all."""
    match_id = record.payment_for or ""
    match = match_thing(match_id, fund, scene).record
    former = before.record if before is not None and isinstance(before.record, Donation) else None
    if former is not None and former.payment_for != record.payment_for:
        raise NotAllowedError("payment_for", "what it was: a payment stays one, and a gift stays a gift")
    if record.status == "pledged" or record.channel == "kind":
        raise NotAllowedError("status", "money that has come; that it is promised the match says")
    if record.rewards:
        raise NotAllowedError("rewards", "nothing: a payment for a match takes no rewards")
    if former is None and isinstance(match, Match):
        currency = match.total.currency
        left = match.total.minor - pot_of(match_id, currency, scene.balances(fund)).paid
        if record.status == "cleared" and record.amount.minor > left:
            raise NotAllowedError(
                "amount",
                "at most {most}, which the match has not paid in yet",
                most=Money(max(0, left), currency),
            )


def refuse_matched(before: Thing | None) -> None:
    """A gift with which a match moved is taken back by a reversal, whose words stay."""
    record = before.record if before is not None else None
    if isinstance(record, Donation) and (record.match or record.payment_for):
        raise NotAllowedError(
            "match", "a reversal: what a match added to it, or got by it, is part of the account"
        )


def match_postings(record: Donation) -> list[Posting]:
    """What a gift or a payment moves in the accounts of its match, besides its own money."""
    match = record.match or record.payment_for
    if match is None:
        return []
    label, currency = label_of(match), record.amount.currency
    earned = _earned(record)
    owed = _matched(record) - earned
    return [
        (DEPOSITED + label, earned, currency),
        (EARNED + label, -earned, currency),
        (OWED + label, owed, currency),
        (PROMISED, -owed, currency),
    ]
