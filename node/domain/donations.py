"""What a gift is in the account: what it books, the number of its receipt, whether it is held apart, which rewards are left."""

from collections import Counter

from node.domain.fund import decided
from node.domain.kind import NotAllowedError, Scene
from node.domain.ledger import BANK, CASH, DONATIONS, FEES, HOLDING
from node.domain.matched import DEPOSITED, label_of, match_postings
from node.domain.posting import DIGITS, Posting
from schemas import Money, Quantity, Unit
from schemas.campaign import Campaign
from schemas.donation import Donation

COMMODITIES = {
    Unit.KILOGRAM: "KILOGRAM",
    Unit.LITRE: "LITRE",
    Unit.HOUR: "HOUR",
    Unit.RATION: "RATION",
    Unit.ONE: "ONE",
}
"""How goods and work are counted in the account."""

_MOST_RECEIPTS = 1 << 40


def next_receipt(fund: str, scene: Scene) -> int:
    """The number after the last receipt of a fund. Numbers have no gaps, so the first free one is found by halving."""

    def taken(number: int) -> bool:
        return any(each.owner == fund for each in scene.answering(receipt_id(fund, number), "receipt"))

    low, high = 0, 1
    while taken(high) and high < _MOST_RECEIPTS:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if taken(middle) else (low, middle)
    return high


def receipt_id(fund: str, number: int) -> str:
    """How a receipt of a fund is named among the links."""
    return f"{fund}#receipt-{number}"


def campaign_of(record: Donation, scene: Scene) -> Campaign | None:
    """The campaign that a gift is for, where this node knows it."""
    thing = scene.thing(record.campaign) if record.campaign else None
    return thing.record if thing is not None and isinstance(thing.record, Campaign) else None


def is_held(record: Donation, fund: str, scene: Scene) -> bool | None:
    """Whether a gift came too late for its campaign and nothing was decided about it."""
    campaign = campaign_of(record, scene)
    if campaign is None or record.channel == "kind" or record.payment_for is not None:
        return None
    if campaign.status == "open" and record.on <= campaign.closes:
        return None
    known = scene.thing(scene.url)
    former = known.record if known is not None else None
    if isinstance(former, Donation) and former.status != "pledged" and not former.held:
        return None
    return None if known is not None and decided(known.id, fund, scene) is not None else True


def refuse_held(record: Donation, former: Donation) -> None:
    """NotAllowedError for a change that changes nothing: one that was to let in what is held, before that was decided."""
    if record.held and record.status == "cleared" and record.changed(decision=former.decision) == former:
        raise NotAllowedError(
            "status",
            "a decision about this gift first, or that its campaign opens again; until then it is held apart",
        )


def check_rewards(record: Donation, scene: Scene) -> None:
    """Rewards that the campaign has, together not dearer than the gift, and none beyond its stock."""
    campaign = campaign_of(record, scene)
    offered = {reward.label: reward for reward in campaign.rewards} if campaign else {}
    price = 0
    for label, count in Counter(record.rewards).items():
        reward = offered.get(label)
        if reward is None:
            raise NotAllowedError("rewards", "one of these rewards: {known}", known=", ".join(offered) or "—")
        price += count * reward.price.minor
        left = left_of(record, label, scene)
        if record.status != "reversed" and left is not None and count > left:
            raise NotAllowedError(
                "rewards", "at most {left} of {label}: the others are given", left=left, label=label
            )
    if price > record.amount.minor:
        currency = record.amount.currency
        raise NotAllowedError("rewards", "a gift of at least {price}", price=Money(price, currency))


def left_of(record: Donation, label: str, scene: Scene) -> int | None:
    """How many of a reward are left for this gift; None where there is no end of it."""
    campaign = campaign_of(record, scene)
    stock = next((each.stock for each in campaign.rewards if each.label == label), None) if campaign else None
    if stock is None:
        return None
    return stock - taken_of(record.campaign or "", label, scene)


def taken_of(campaign: str, label: str, scene: Scene) -> int:
    """How many of a reward are given or promised, the gift that is being said left out."""
    known = scene.thing(campaign)
    return sum(
        thing.record.rewards.count(label)
        for thing in scene.answering(f"{campaign}#{label}", "reward")
        if thing.id != scene.url
        and known is not None
        and thing.owner == known.owner
        and isinstance(thing.record, Donation)
        and thing.record.status != "reversed"
    )


def postings_of(record: Donation) -> list[Posting]:
    """What a gift stands for in the account: nothing until it is cleared, and nothing of its own when it was reversed."""
    if record.status != "cleared":
        return match_postings(record)
    if record.channel == "kind":
        return _in_kind(record.quantity)
    fee, currency = record.fee.minor if record.fee else 0, record.amount.currency
    return [
        (CASH if record.channel == "cash" else BANK, record.amount.minor - fee, currency),
        (FEES, fee, currency),
        (_given_to(record), -record.amount.minor, currency),
        *match_postings(record),
    ]


def _given_to(record: Donation) -> str:
    """The account that a gift is put to: the campaign's, unless it waits for a decision or pays for a match."""
    if record.payment_for is not None:
        return DEPOSITED + label_of(record.payment_for)
    return HOLDING if record.held else DONATIONS


def _in_kind(quantity: Quantity | None) -> list[Posting]:
    """Goods are there until they are used; work is used as it is given."""
    if quantity is None or quantity.unit not in COMMODITIES:
        return []
    commodity = COMMODITIES[quantity.unit]
    amount = int(quantity.value.scaleb(DIGITS[commodity]))
    account = "expenses:work" if quantity.unit is Unit.HOUR else "assets:goods"
    return [(account, amount, commodity), ("income:in-kind", -amount, commodity)]
