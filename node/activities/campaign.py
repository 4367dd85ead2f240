"""campaign: what a fund collects for. Milestones that do not fit their money are said to, or are published with the reason."""

from collections.abc import Sequence
from dataclasses import replace as changed
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from node.domain import milestones
from node.domain.fund import decided
from node.domain.kind import Heard, JsonObject, Kind, NotAllowedError, Scene, Thing, Verb, replace
from node.domain.milestones import Finding, MilestoneError
from node.domain.wording import ended, paragraphs
from node.tongues import Tongue, message
from schemas import Money
from schemas.campaign import Campaign, Cost, Milestone, Reward

ROWS = 12
"""How many lines are said one by one."""
NEXT = {"open": {"open", "closed"}, "closed": {"closed", "reported", "open"}, "reported": {"reported"}}
"""Which status may follow which; from closed back to open only by a decision."""
TERMS = ("goal", "opens", "closes", "milestones", "ration_price", "rounding", "costs", "rewards", "if_missed")
"""What was promised to those who gave, and stays as it was once a campaign is closed; one that is opened again may close later."""
_CENT = Decimal("0.01")


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """One currency, days in order, costs that make the goal, milestones that fit or say why not, a status that may follow."""
    record = heard.record
    if not scene.ours(heard.actor):
        return
    if before is not None and heard.verb is Verb.DELETE and _relied_on(before, scene):
        raise NotAllowedError(
            "campaign", "a campaign for which nothing was given or promised; close this one"
        )
    if not isinstance(record, Campaign):
        return
    if record.closes < record.opens:
        raise NotAllowedError("closes", "a day not before {day}", day=record.opens)
    _check_currency(record)
    _check_costs(record)
    _check_rewards(record)
    _check_milestones(record)
    former = before.record if before else None
    if isinstance(former, Campaign):
        _check_status(record, former, heard, scene)
    elif record.status != "open":
        raise NotAllowedError("status", "open: a campaign begins so")


def _relied_on(campaign: Thing, scene: Scene) -> bool:
    """Whether a gift, a round or a match of ours is for it: what was promised to whoever gave stays readable."""
    return any(
        each.owner == campaign.owner and each.record is not None
        for relation in ("campaign", "matches")
        for each in scene.answering(campaign.id, relation)
    )


def _amounts(record: Campaign) -> list[tuple[str, Money]]:
    prices = [("ration_price", record.ration_price)] if record.ration_price else []
    return [
        *((name, price) for name, price in prices),
        *(("milestones", each.price) for each in record.milestones if each.price),
        *(("rewards", each.price) for each in record.rewards),
        *(("costs", amount) for each in record.costs for amount in (each.minimum, each.optimum)),
    ]


def _check_currency(record: Campaign) -> None:
    for field, amount in _amounts(record):
        if amount.currency != record.goal.currency:
            raise NotAllowedError(field, "an amount in {currency}", currency=record.goal.currency)


def _check_costs(record: Campaign) -> None:
    for cost in record.costs:
        if cost.minimum.minor > cost.optimum.minor:
            raise NotAllowedError("costs", "a minimum that is at most the optimum: {name}", name=cost.name)
    total = sum(cost.optimum.minor for cost in record.costs)
    if record.costs and total != record.goal.minor:
        raise NotAllowedError(
            "costs",
            "costs whose optimum makes the goal, {goal}; they make {total}",
            goal=record.goal,
            total=Money(total, record.goal.currency),
        )


def _check_rewards(record: Campaign) -> None:
    labels = [reward.label for reward in record.rewards]
    if len(set(labels)) != len(labels):
        raise NotAllowedError("rewards", "a label of its own for each")


def _check_milestones(record: Campaign) -> None:
    percents = [milestone.percent for milestone in record.milestones]
    if len(set(percents)) != len(percents):
        raise NotAllowedError("milestones", "each percentage once")
    wrong = [finding for finding in findings(record) if not finding.fits]
    if wrong and record.override is None:
        worst = wrong[0]
        raise NotAllowedError(
            "milestones",
            "at {percent} %: {fitting} rations would fit, {stated} are stated ({excess} off, as if a ration cost {price} {currency});"
            " correct it, or publish the reason as override",
            percent=worst.milestone.percent,
            fitting=worst.fitting,
            stated=worst.milestone.rations,
            excess=worst.excess,
            price=_price(worst.implied_price, record),
            currency=record.goal.currency,
        )


def findings(record: Campaign) -> tuple[Finding, ...]:
    """What the check of each milestone found; NotAllowedError where the figures cannot be reckoned with."""
    priced = [milestone for milestone in record.milestones if milestone.price or record.ration_price]
    if len(priced) < len(record.milestones):
        raise NotAllowedError("ration_price", "the price of a ration, since there are milestones in rations")
    if not priced:
        return ()
    price = record.ration_price or next(each.price for each in priced if each.price)
    rows = [
        milestones.Milestone(each.percent, each.rations, each.price.minor if each.price else None)
        for each in priced
    ]
    try:
        return milestones.check(record.goal.minor, price.minor if price else 0, record.rounding or 1, rows)
    except MilestoneError as error:
        raise NotAllowedError(error.field, "a number above zero, of sensible length") from None


def _price(exact: Fraction | None, record: Campaign) -> Decimal | str:
    """An implied price, which nobody pays, to two decimals of the smallest unit; what is compared is exact."""
    if exact is None:
        return "—"
    minor = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(_CENT, ROUND_HALF_UP)
    return minor * Money(1, record.goal.currency).amount


def _check_status(record: Campaign, former: Campaign, heard: Heard, scene: Scene) -> None:
    if record.status not in NEXT[former.status]:
        known = ", ".join(sorted(NEXT[former.status]))
        raise NotAllowedError("status", "one of these: {known}", known=known)
    if (
        former.status == "closed"
        and record.status == "open"
        and not decided(heard.object_id, heard.actor, scene)
    ):
        raise NotAllowedError("status", "closed, until a decision about the campaign opens it again")
    over = former.status == "open" and former.closes < scene.day(heard.at)
    if over and record.closes > former.closes and not decided(heard.object_id, heard.actor, scene):
        raise NotAllowedError(
            "closes", "{day}, until a decision about the campaign opens it again", day=former.closes
        )
    if former.status != "open":
        for field in TERMS:
            reopened = field == "closes" and record.status == "open"
            if getattr(record, field) != getattr(former, field) and not reopened:
                raise NotAllowedError(field, "what it was when the campaign closed")
    if record.goal.currency != former.goal.currency:
        raise NotAllowedError("goal", "an amount in {currency}", currency=former.goal.currency)


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """Its state is its status."""
    after = replace(before, heard, scene)
    if after is None or not isinstance(after.record, Campaign):
        return after
    return changed(after, state=after.record.status)


OPENINGS = {
    "open": message("{title}, open from {opens} to {closes}: goal {goal}."),
    "closed": message("{title}, closed; it was open from {opens} to {closes}: goal {goal}."),
    "reported": message("{title}, closed and reported; it was open from {opens} to {closes}: goal {goal}."),
}
KINDS = {
    "task": message("{name} (task): {minimum} to {optimum}"),
    "material": message("{name} (material): {minimum} to {optimum}"),
    "infrastructure": message("{name} (infrastructure): {minimum} to {optimum}"),
}


def text(record: Campaign, tongue: Tongue, scene: Scene) -> str:
    """`Campaña Apoyo Mutuo, abierta del 15 de agosto al 15 de diciembre de 2020: meta 2.500.000 CLP. …`"""
    title = record.title or tongue.say("Campaign of {name}", name=scene.name(scene.here))
    return paragraphs(
        scene,
        [
            tongue.say(
                OPENINGS[record.status],
                title=title,
                opens=record.opens,
                closes=record.closes,
                goal=record.goal,
            ),
            tongue.say("Reference ration: {price}.", price=record.ration_price)
            if record.ration_price
            else "",
            _said_rows(
                message("Milestones: {rows}."),
                [_milestone(each, tongue) for each in record.milestones],
                tongue,
            ),
            tongue.say("Why a milestone does not fit its money: {reason}", reason=ended(record.override))
            if record.override
            else "",
            _said_rows(
                message("Rewards: {rows}."), [_reward(each, tongue) for each in record.rewards], tongue
            ),
            _said_rows(message("Costs: {rows}."), [_cost(each, tongue) for each in record.costs], tongue),
            tongue.say("If the goal is missed: {text}", text=ended(record.if_missed))
            if record.if_missed
            else "",
            tongue.say("Give: {url}", url=f"{scene.here}/give"),
        ],
    )


def _said_rows(msgid: str, rows: Sequence[str], tongue: Tongue) -> str:
    """Up to twelve lines, then how many more there are."""
    if not rows:
        return ""
    said = [*rows[:ROWS]]
    if len(rows) > ROWS:
        said.append(tongue.say("and {number} more", number=len(rows) - ROWS))
    return tongue.say(msgid, rows="; ".join(said))


def _milestone(milestone: Milestone, tongue: Tongue) -> str:
    values = {"percent": milestone.percent, "rations": milestone.rations}
    if milestone.price is None:
        return tongue.say("{percent} % = {rations} rations", **values)
    return tongue.say("{percent} % = {rations} rations at {price} each", **values, price=milestone.price)


def _reward(reward: Reward, tongue: Tongue) -> str:
    values = {"label": reward.label, "title": reward.title, "price": reward.price, "stock": reward.stock}
    if reward.stock is None:
        return tongue.say("{label}: {title}, {price}", **values)
    return tongue.say("{label}: {title}, {price} (there are {stock})", **values)


def _cost(cost: Cost, tongue: Tongue) -> str:
    return tongue.say(KINDS[cost.kind], name=cost.name, minimum=cost.minimum, optimum=cost.optimum)


def attachments(_record: Campaign, tongue: Tongue, scene: Scene) -> Sequence[JsonObject]:
    """Where to give (FEP-0ea0)."""
    link = {"type": "Link", "name": tongue.say("Give"), "href": f"{scene.here}/give", "rel": ["payment"]}
    return (link,)


KIND = Kind(
    name="campaign",
    record=Campaign,
    text=text,
    roles=frozenset({"steward", "treasurer"}),
    public_only=True,
    check=check,
    fold=fold,
    attachments=attachments,
    hashtags=lambda _record, tongue: (tongue.say(message("campaign")),),
)
