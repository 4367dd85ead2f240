"""Taps between a fund and a kitchen: admit, say where one stands, claim, close, confirm money; and who asks to follow is let in."""

import json
import re
from pathlib import Path

from tests.node.web.visitor import WORDS, Visitor, steward
from tests.nodes import Node, until


def test_who_asks_to_follow_is_let_in_by_a_steward_alone(tmp_path: Path) -> None:
    olla = Node(tmp_path / "a")
    with olla.start("--set", "relations.approve=true"), Node(tmp_path / "b", "villasol") as villasol:
        steward(olla)
        olla("member", "add", "Rosa", "--role", "cook", "--password-stdin", stdin=WORDS)
        villasol("follow", olla.address)
        with Visitor(olla).comes_in("Elena") as elena, Visitor(olla).comes_in("Rosa") as rosa:
            until(lambda: "pide seguirles" in elena.opens("/home").text)
            page = rosa.opens("/home").text
            assert 'action="/answer/0/follower"' not in page
            csrf = re.search(r'name="csrf" value="([^"]+)"', page)
            assert csrf
            taken = {"csrf": csrf[1], "actor": villasol.actor, "let": "in"}
            assert rosa.client.post("/answer/0/follower", data=taken).status_code == 403
            assert olla.json("followers") == []

            elena.sends("/home", "/answer/0/follower")

            assert [each["actor"] for each in olla.json("followers")] == [villasol.actor]
            assert "/answer/0/follower" not in elena.opens("/home").text
        until(lambda: villasol.json("following")[0]["state"] == "accepted")


def link(who: Visitor, to: str) -> str:
    """The button of the board that leads there, once it is there."""
    found: re.Match[str] = until(lambda: re.search(rf'href="({to}\?[^"]+)"', who.opens("/home").text))
    return found[1].replace("&amp;", "&")


def test_money_is_confirmed_and_a_round_is_played_by_taps_from_the_wish_to_belong_on(tmp_path: Path) -> None:
    with Node(tmp_path / "f", "fondo", kind="fund") as fund, Node(tmp_path / "k", "villasol") as kitchen:
        steward(fund)
        steward(kitchen, "Luis")
        fund("member", "add", "Tere", "--role", "treasurer", "--password-stdin", stdin=WORDS)
        kitchen("follow", fund.address)
        fund("follow", kitchen.address)
        with Visitor(fund).comes_in("Elena") as elena, Visitor(kitchen).comes_in("Luis") as luis:
            paid = pay(fund, kitchen)
            until(lambda: "/new/receipt" in luis.opens("/home").text)
            luis.sends("/home", "/new/receipt", again=True)
            assert "/new/receipt" not in luis.opens("/home").text
            said = [kitchen.json("show", each["uri"]) for each in kitchen.json("timeline", "local")]
            assert [each["kind"] for each in said].count("receipt") == 1
            assert fund.json("show", paid)["kind"] == "transfer"

            kitchen("join", fund.address)
            elena.sends(link(elena, "/new/admission"), "/new/admission", outcome="admitted")
            assert [each["actor"] for each in fund.json("members")] == [kitchen.actor]
            assert "/new/admission" not in elena.opens("/home").text

            criteria = fund(
                "publish", "criteria", "version=1", "rule=largest-remainder/1", "weight=weeklyRations",
                "unit_price=1500 CLP", "cap=need",
            )  # fmt: skip
            luis.sends(link(luis, "/new/stance"), "/new/stance", again=True, stance="consent")
            assert "/new/stance" not in luis.opens("/home").text
            stance = kitchen.json("timeline", "local")[0]["uri"]
            until(lambda: fund.run("show", stance).returncode == 0)
            fund(
                "publish",
                "decision",
                f"about={criteria}",
                "quorum=1",
                "outcome=adopted",
                "review_on=2099-12-01",
            )

            number = fund(
                "publish",
                "round",
                f"criteria={criteria}",
                "claims_until=2099-12-01",
                "appeal_until=2099-12-02",
            )
            luis.sends(link(luis, "/new/claim"), "/new/claim", again=True, weight="240", need="360000")
            assert "/new/claim" not in luis.opens("/home").text
            until(lambda: len(fund.json("round", "show", number)["claims"]) == 1)

            elena.sends(f"/o/{number}", f"/answer/{number}/close", again=True)
            assert fund.json("show", number)["state"] == "closed"
            assert f"/answer/{number}/close" not in elena.opens(f"/o/{number}").text


def pay(fund: Node, kitchen: Node) -> str:
    """A transfer to the kitchen, approved by two; without a round, since nobody belongs to the fund yet."""
    fund("publish", "donation", "amount=90000 CLP", "status=cleared", "channel=bank")
    claims = json.dumps([{"claimant": kitchen.actor, "weight": "240"}])
    allocation = fund(
        "publish", "allocation", "rule=largest-remainder/1", "seed=1", "available=90000 CLP",
        "unit_price=1500 CLP", f"claims={claims}",
    )  # fmt: skip
    fund("propose", "transfer", f"to={kitchen.actor}", "amount=90000 CLP", f"allocation={allocation}")
    proposal = fund.json("proposals")[0]["number"]
    fund("sign", proposal, "--as", "Elena")
    return fund("sign", proposal, "--as", "Tere")
