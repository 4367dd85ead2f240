"""The fund of the story: campaign, consent of four kitchens, three gifts in three currencies, a round, a transfer, a gift taken back."""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from node.control.client import RefusedError
from node.demo.story import Story, plain, until_known
from node.demo.world import DemoError, Node, today

KITCHENS = {"esperanza": "600", "villasol": "240", "lohermida": "150", "maule": "90"}
NEEDS = {"esperanza": "900000", "villasol": "360000", "lohermida": "225000", "maule": "135000"}
SHARES = {"esperanza": "346500", "villasol": "138000", "lohermida": "87000", "maule": "52500"}
GIFTS = (
    ("203000", 17, '{"amount":"200 EUR","rate":"1015"}'),
    ("47000", 15, '{"amount":"50 USD","rate":"940"}'),
    ("375000", 11, ""),
)
"""Pesos, how many days ago, and what was given in other money."""
MILESTONES = '[{"percent":"10","rations":"170"},{"percent":"25","rations":"420"},{"percent":"50","rations":"830"},{"percent":"75","rations":"1250"}]'
REWARDS = '[{"label":"r1","title":"Una ración","price":"1500 CLP"},{"label":"r2","title":"Una olla (50 raciones)","price":"75000 CLP","stock":"20"}]'
APPEALS = timedelta(seconds=2)
WITNESSED_WITHIN = 90.0
TREASURERS = (("ana", "treasurer"), ("beto", "steward"))


def _ago(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()


def _expect(told: bool, what: str) -> None:
    if not told:
        raise DemoError(f"not as told: {what}")


def _join(story: Story) -> None:
    fondo = story.stage["fondo"]
    story.step("Four kitchens ask, from their own nodes, to belong to the fund; it admits them")
    for name in KITCHENS:
        kitchen = story.stage[name]
        said = kitchen.look("fund.join", target=fondo.handle, fields={})
        until_known(fondo, said["uri"])
        story.said(kitchen, plain(kitchen, said))
        admission = story.publish(fondo, "admission", join=said["uri"], outcome="admitted")
        until_known(kitchen, admission["uri"])
    _expect(len(fondo.run("members")) == len(KITCHENS), "four members")


def _open(story: Story) -> None:
    fondo = story.stage["fondo"]
    story.step(
        "The fund opens its campaign. A milestone that its money does not pay for would be refused, with what would fit"
    )
    fields = {
        "title": "Campaña Apoyo Mutuo",
        "goal": "2500000 CLP",
        "ration_price": "1500 CLP",
        "rounding": "10",
        "opens": _ago(36),
        "closes": _ago(-85),
        "rewards": REWARDS,
    }
    refusal = _refused(
        fondo, "publish", kind="campaign", fields={**fields, "milestones": MILESTONES.replace("1250", "1700")}
    )
    story.said(fondo, f"refused: {refusal}")
    _expect("1.250" in refusal, "75 % would fit 1.250 rations")
    story.campaign = story.publish(fondo, "campaign", **fields, milestones=MILESTONES)["uri"]
    story.told(story.campaign, "2.500.000", "vecina")

    story.step(
        "It proposes by what it shares out; every kitchen says from its own node what it thinks; they decide"
    )
    criteria = story.publish(
        fondo,
        "criteria",
        version="1",
        rule="largest-remainder/1",
        weight="weeklyRations",
        unit_price="1500 CLP",
        cap="need",
        valid_from=_ago(20),
    )
    story.criteria = criteria["uri"]
    for name in KITCHENS:
        kitchen = story.stage[name]
        until_known(kitchen, story.criteria)
        stance = story.publish(kitchen, "stance", about=story.criteria, stance="consent")
        until_known(fondo, stance["uri"])
    decision = story.publish(
        fondo, "decision", about=story.criteria, quorum="3", outcome="adopted", review_on=_ago(-90)
    )
    story.told(decision["uri"], "4 consienten", "vecina")


def _witness(story: Story) -> None:
    fondo = story.stage["fondo"]
    story.step(
        "The kitchens witness the fund's account: their nodes sign what it shows, and refuse a second history"
    )
    for name in KITCHENS:
        fondo.look("log.witness.add", ref=story.stage[name].handle)
    told = fondo.look("log.quorum", quorum=3)
    story.said(fondo, f"{len(told['witnesses'])} witnesses, quorum {told['quorum']}")


def _give(story: Story) -> None:
    fondo = story.stage["fondo"]
    story.step("Three gifts in three currencies; two milestones are reached on the exact peso")
    for pesos, days, stated in GIFTS:
        more = {"stated": stated} if stated else {}
        gift = story.publish(
            fondo,
            "donation",
            amount=f"{pesos} CLP",
            status="cleared",
            channel="bank",
            on=_ago(days),
            campaign=story.campaign,
            **more,
        )
        story.gifts.append(gift["uri"])
        story.told(gift["uri"], f"{int(pesos):,}".replace(",", "."), "vecina")
    told = fondo.run("campaign", story.campaign)
    reached = [stage["rations"] for stage in told["milestones"] if stage["reached"]]
    _expect((told["percent"], reached) == ("25.00", [170, 420]), f"25.00 % and two milestones: {told}")


def _share(story: Story) -> None:
    fondo, stage = story.stage["fondo"], story.stage
    story.step(
        "Round 1 opens; every kitchen claims from its own node; it closes, and their nonces make the seed"
    )
    soon = datetime.now(UTC) + timedelta(hours=1)
    opened = story.publish(
        fondo,
        "round",
        campaign=story.campaign,
        criteria=story.criteria,
        claims_until=soon.isoformat(),
        appeal_until=(soon + APPEALS / 2).isoformat(),
    )
    for name, weight in KITCHENS.items():
        until_known(stage[name], opened["uri"])
        claim = story.publish(
            stage[name], "claim", round=opened["uri"], weight=weight, need=f"{NEEDS[name]} CLP"
        )
        until_known(fondo, claim["uri"])
    appeals = datetime.now(UTC) + APPEALS
    fondo.look("fund.round.close", ref=opened["uri"], fields={"appeal_until": appeals.isoformat()})
    allocation = fondo.look(
        "publish", kind="allocation", fields={"round": opened["uri"], "available": "625000 CLP"}
    )
    story.round, story.allocation = opened["uri"], allocation["uri"]
    story.said(fondo, plain(fondo, opened))
    story.said(fondo, plain(fondo, allocation))
    story.told(story.allocation, "231", *KITCHENS, "vecina")

    story.step("The neighbour works it out again on her own node")
    told = stage["vecina"].run("recompute", story.allocation)
    for share in told["shares"]:
        words = f"{share['name']}: quota {share['quota']}, {share['units']} rations, {share['amount']}"
        story.seen(stage["vecina"], words)
    story.seen(
        stage["vecina"], f"carried over: {told['carry_over']}; differences: {len(told['differences'])}"
    )
    amounts = {name: _digits(_share_of(told, stage[name].uri)) for name in KITCHENS}
    _expect(
        amounts == SHARES and _digits(told["carry_over"]) == "1000" and not told["differences"],
        f"the shares: {amounts}, {told['carry_over']}, {told['differences']}",
    )
    time.sleep(max(0.0, (appeals - datetime.now(UTC)).total_seconds()))


def _pay(story: Story) -> None:
    fondo, esperanza = story.stage["fondo"], story.stage["esperanza"]
    story.step(
        "When the appeals are over two members approve the first transfer; La Esperanza confirms what it received"
    )
    for name, role in TREASURERS:
        fondo.look("member.add", name=name, role=role)
    proposal = fondo.look("fund.propose", kind="transfer", fields=_transfer(story, "esperanza"))
    for name, _ in TREASURERS:
        signed = fondo.run("sign", proposal["number"], "--as", name)
        story.said(fondo, f"{name} signs")
    story.said(fondo, plain(fondo, signed))
    story.told(signed["uri"], "346.500", "esperanza", "vecina")
    account = fondo.run("account")
    held = {row["account"]: row["amount"] for row in account["balances"]}
    total = account["totals"][0]
    _expect(
        (held["assets:bank"], total["promised"], total["unallocated"]) == ("278500", "277500", "1000"),
        f"bank 278.500 = promised 277.500 + unallocated 1.000: {held}",
    )
    receipt = esperanza.run("receive", signed["uri"], "amount=346500 CLP")
    story.said(esperanza, plain(esperanza, receipt))
    story.told(receipt["uri"], "346.500", "vecina")


def _take_back(story: Story) -> None:
    fondo = story.stage["fondo"]
    story.step(
        "The second gift is charged back: a milestone is lost, and no transfer goes out until the gap is covered"
    )
    gift = fondo.look("revise", ref=story.gifts[1], fields={"status": "reversed", "on": _ago(0)})
    story.said(fondo, plain(fondo, gift))
    story.told(gift["uri"], "578.000", "vecina")
    told = fondo.run("campaign", story.campaign)
    for stage in told["milestones"]:
        story.said(fondo, f"{stage['percent']} %: {stage['said']}")
    _expect(
        (told["percent"], _digits(told["unallocated"]), told["over_committed"] is not None)
        == ("23.12", "46000", True),
        f"23.12 %, 46.000 over-committed: {told}",
    )
    held = {row["account"]: row["amount"] for row in fondo.run("account")["balances"]}
    _expect(held["assets:bank"] == "231500", f"bank 231.500: {held}")
    refusal = _refused(fondo, "fund.propose", kind="transfer", fields=_transfer(story, "villasol"))
    story.said(fondo, f"refused: {refusal}")
    _expect("46.000" in refusal, "the transfer is blocked by 46.000")


def _verify(story: Story) -> None:
    fondo = story.stage["fondo"]
    story.step("A stranger, with no node and no data of her own, checks the whole account: minga verify")
    until = time.monotonic() + WITNESSED_WITHIN
    while not all(each["up_to_date"] for each in fondo.look("log.show")["witnesses"]):
        if time.monotonic() > until:
            raise DemoError("the kitchens did not cosign the account")
        time.sleep(0.1)
    with tempfile.TemporaryDirectory() as room:
        seen = str(Path(room) / "seen.json")
        for visit in ("first", "second"):
            told = fondo.run("verify", f"{fondo.uri}/account", "--state", seen)
            _expect(told["ok"], f"the {visit} visit finds nothing wrong: {told['wrong']}")
        for finding in told["findings"]:
            story.checked(finding["check"], finding["figure"])
    figures = {finding["check"]: finding["figure"] for finding in told["findings"]}
    _expect(figures["witnesses"].startswith("cosigned by 4 of 4"), figures["witnesses"])
    _expect(figures["allocations"].startswith("1 reckoned again: 4 shares"), figures["allocations"])
    shares = fondo.run("recompute", story.round)
    _expect(not shares["differences"], f"the round reckoned again from outside: {shares['differences']}")


def _transfer(story: Story, kitchen: str) -> dict[str, str]:
    return {
        "to": story.stage[kitchen].uri,
        "amount": f"{SHARES[kitchen]} CLP",
        "allocation": story.allocation,
    }


def _refused(node: Node, command: str, **arguments: Any) -> str:
    """Why a node refuses a command; DemoError where it does not."""
    try:
        node.look(command, **arguments)
    except RefusedError as refusal:
        return refusal.public
    raise DemoError(f"{node.place.name} did not refuse {command}")


def _share_of(told: dict[str, Any], claimant: str) -> str:
    return next(str(share["amount"]) for share in told["shares"] if share["claimant"] == claimant)


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


SCENES = (_join, _open, _witness, _give, _share, _pay, _take_back, _verify)
"""The fund, scene by scene."""
