"""Scenario 1 between two nodes: a fund, and four kitchens that join, consent, claim, are paid, and confirm it."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest

from node.control.commands import perform
from node.control.table import COMMANDS
from node.errors import ConflictError, InvalidError, NotPermittedError, UnapprovedError
from node.storage.database import Transaction
from tests.fediverse import Instance, World
from tests.nodes import minga

KITCHENS = {"esperanza": "600", "villasol": "240", "lohermida": "150", "maule": "90"}
NEEDS = {"esperanza": "900000", "villasol": "360000", "lohermida": "225000", "maule": "135000"}
MILESTONES = [
    {"percent": "10", "rations": "170"},
    {"percent": "25", "rations": "420"},
    {"percent": "50", "rations": "830"},
]
CRITERIA = [
    "version=1",
    "rule=largest-remainder/1",
    "weight=weeklyRations",
    "unit_price=1500 CLP",
    "cap=need",
    "valid_from=2020-08-20",
]


def fields(*pairs: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in pairs)


@dataclass
class Told:
    """A fund with two members of its own, and the node of the four kitchens."""

    world: World
    fund: Instance
    kitchens: Instance
    campaign: str = ""
    criteria: str = ""
    round: str = ""
    allocation: str = ""

    def at(self, month: int, day: int, hour: int = 12) -> None:
        """Move everybody's clock."""
        self.world.ahead = datetime(2020, month, day, hour, tzinfo=UTC) - datetime.now(UTC)

    async def run(self, at: Instance, command: str, *, by: str = "", member: str = "", **more: Any) -> Any:
        """A command as the command line sends it."""
        given: dict[str, Any] = {"collective": by or at.handles[0], **more}
        if member:
            given["as"] = member
        return await perform(COMMANDS, at.node, command, given, lambda _progress: None)

    async def publish(self, at: Instance, kind: str, *pairs: str, by: str = "") -> str:
        said = await self.run(at, "publish", kind=kind, fields=fields(*pairs), by=by)
        return str(said["uri"])

    async def revise(self, uri: str, *pairs: str) -> None:
        await self.run(self.fund, "revise", ref=uri, fields=fields(*pairs))

    async def text(self, uri: str) -> str:
        shown = await self.run(self.fund, "show", ref=uri)
        return str(shown["text"])

    async def gift(self, amount: str, on: str, *more: str) -> str:
        return await self.publish(
            self.fund,
            "donation",
            f"amount={amount} CLP",
            "status=cleared",
            "channel=bank",
            f"on={on}",
            f"campaign={self.campaign}",
            *more,
        )

    async def paid(self, kitchen: str, amount: str) -> str:
        """A transfer that both treasurers sign."""
        proposal = await self.run(
            self.fund,
            "fund.propose",
            kind="transfer",
            fields={
                "to": self.kitchens.uri(kitchen),
                "amount": f"{amount} CLP",
                "allocation": self.allocation,
            },
        )
        for member in ("ana", "beto"):
            signed = await self.run(self.fund, "fund.sign", number=proposal["number"], member=member)
        return str(signed["uri"])

    async def joined(self) -> None:
        self.at(8, 15)
        for kitchen in KITCHENS:
            said = await self.run(
                self.kitchens, "fund.join", by=kitchen, target=self.fund.address(), fields={}
            )
            await self.world.quiet()
            await self.publish(self.fund, "admission", f"join={said['uri']}", "outcome=admitted")
        await self.world.quiet()

    async def opened(self, *more: str) -> None:
        """The campaign, the criteria, four who consent, and their decision."""
        self.campaign = await self.publish(
            self.fund,
            "campaign",
            "title=Campaña Apoyo Mutuo",
            "goal=2500000 CLP",
            "ration_price=1500 CLP",
            "rounding=10",
            "opens=2020-08-15",
            "closes=2020-12-15",
            f"milestones={json.dumps(MILESTONES)}",
            *more,
        )
        self.at(8, 26)
        self.criteria = await self.publish(self.fund, "criteria", *CRITERIA)
        await self.world.quiet()

    async def decided(self) -> str:
        for kitchen in KITCHENS:
            await self.publish(
                self.kitchens, "stance", f"about={self.criteria}", "stance=consent", by=kitchen
            )
        await self.world.quiet()
        return await self.publish(
            self.fund,
            "decision",
            f"about={self.criteria}",
            "quorum=3",
            "outcome=adopted",
            "review_on=2020-12-01",
        )

    async def claimed(self) -> None:
        """Three gifts, a round, four claims, and the closing of the round."""
        self.at(9, 9)
        for amount, on, *given in (
            ("203000", "2020-09-03", 'stated={"amount":"200 EUR","rate":"1015"}'),
            ("47000", "2020-09-05", 'stated={"amount":"50 USD","rate":"940"}'),
            ("375000", "2020-09-09"),
        ):
            self.gifts.append(await self.gift(amount, on, *given))
        self.round = await self.publish(
            self.fund,
            "round",
            f"campaign={self.campaign}",
            f"criteria={self.criteria}",
            "claims_until=2020-09-11",
            "appeal_until=2020-09-13",
        )
        await self.world.quiet()
        for kitchen, weight in KITCHENS.items():
            await self.publish(
                self.kitchens,
                "claim",
                f"round={self.round}",
                f"weight={weight}",
                f"need={NEEDS[kitchen]} CLP",
                by=kitchen,
            )
        await self.world.quiet()

    async def shared(self) -> None:
        self.at(9, 12)
        await self.run(self.fund, "fund.round.close", ref=self.round, fields={})
        self.allocation = await self.publish(
            self.fund, "allocation", f"round={self.round}", "available=625000 CLP"
        )
        await self.world.quiet()

    def __post_init__(self) -> None:
        self.gifts: list[str] = []


@pytest.fixture
async def told(world: World) -> Told:
    made = Told(world, *(await start(world)))
    await made.joined()
    return made


async def start(world: World) -> tuple[Instance, Instance]:
    world.ahead = datetime(2020, 8, 14, 12, tzinfo=UTC) - datetime.now(UTC)
    fund, kitchens = await world.node("fondo"), await world.node(*KITCHENS)
    for kitchen in KITCHENS:
        await kitchens.follow(fund.address(), by=kitchen)
    collective = await fund.node.collective("fondo")
    for name, role in (("ana", "treasurer"), ("beto", "steward")):
        await fund.node.access.add(collective.id, name, role)
    return fund, kitchens


async def test_the_scenario_comes_out_to_the_peso(told: Told) -> None:
    await told.opened()
    decision = await told.decided()
    assert "4 consienten, 0 objetan, 0 se abstienen, 0 ausentes; quórum 3." in await told.text(decision)
    await told.claimed()
    second, third = [await told.text(uri) for uri in told.gifts[1:]]
    assert "250.000 CLP, 10,00% de la meta. Hito alcanzado: 170 raciones." in second
    assert "625.000 CLP, 25,00% de la meta. Hito alcanzado: 420 raciones." in third

    await told.shared()
    said = await told.text(told.allocation)
    assert "Ronda 1: 625.000 CLP, ración a 1.500 CLP: 416 raciones y 1.000 CLP que quedan en caja." in said
    for words in ("231 raciones (346.500 CLP, peso 600)", "92 raciones (138.000 CLP, peso 240)"):
        assert words in said
    for words in ("58 raciones (87.000 CLP, peso 150)", "35 raciones (52.500 CLP, peso 90)"):
        assert words in said
    there = await told.run(told.kitchens, "recompute", by="maule", ref=told.allocation)
    assert there["differences"] == []
    assert sorted(share["units"] for share in there["shares"]) == [35, 58, 92, 231]

    with pytest.raises(InvalidError, match="se puede apelar"):
        await told.paid("esperanza", "346500")
    told.at(9, 14)
    transfer = await told.paid("esperanza", "346500")
    assert "346.500 CLP a Olla esperanza (231 raciones, ronda 1)" in await told.text(transfer)
    await told.world.quiet()
    receipt = await told.run(
        told.kitchens, "receive", by="esperanza", ref=transfer, fields={"amount": "346500 CLP"}
    )
    await told.world.quiet()
    assert "2020 346.500 CLP de Olla fondo. Gracias." in await told.text(receipt["uri"])

    told.at(9, 20)
    await told.revise(told.gifts[1], "status=reversed", "on=2020-09-20")
    gone = await told.text(told.gifts[1])
    assert "578.000 CLP, 23,12% de la meta" in gone
    assert "Hito perdido: 420 raciones (alcanzado el 9 de septiembre, perdido el 20 de septiembre)." in gone
    assert "Hay 46.000 CLP más prometidos de lo que hay" in gone
    progress = await told.run(told.fund, "fund.campaign", ref=told.campaign)
    assert (progress["percent"], progress["unallocated"]) == ("23.12", "-46.000 CLP")
    assert progress["milestones"][1]["history"] == [
        "alcanzado el 9 de septiembre",
        "perdido el 20 de septiembre",
    ]
    with pytest.raises(InvalidError, match=r"46\.000 CLP más prometidos"):
        await told.paid("villasol", "138000")
    await told.gift("46000", "2020-09-20")
    await told.paid("villasol", "138000")

    await told.world.quiet()
    assert await told.fund.check() == []
    assert await told.kitchens.check() == []
    assert await told.fund.incidents() == []


async def test_an_objection_blocks_until_it_is_withdrawn(told: Told) -> None:
    await told.opened()
    stances = {}
    for kitchen in KITCHENS:
        stance = "objection" if kitchen == "maule" else "consent"
        stances[kitchen] = await told.publish(
            told.kitchens,
            "stance",
            f"about={told.criteria}",
            f"stance={stance}",
            "reason=Falta el gas",
            by=kitchen,
        )
    await told.world.quiet()
    decision = (f"about={told.criteria}", "quorum=3", "outcome=adopted", "review_on=2020-12-01")
    with pytest.raises(InvalidError, match="outcome"):
        await told.publish(told.fund, "decision", *decision)
    await told.run(told.kitchens, "withdraw", by="maule", ref=stances["maule"])
    await told.world.quiet()
    uri = await told.publish(told.fund, "decision", *decision)
    assert (
        "3 consienten, 0 objetan, 0 se abstienen, 1 ausentes; quórum 3. Ausentes: Olla maule."
        in await told.text(uri)
    )


async def test_without_quorum_nothing_is_adopted_and_a_quorum_is_one_of_members(told: Told) -> None:
    await told.opened()
    for kitchen in ("esperanza", "villasol"):
        await told.publish(told.kitchens, "stance", f"about={told.criteria}", "stance=consent", by=kitchen)
    await told.world.quiet()
    decision = (f"about={told.criteria}", "outcome=adopted")
    with pytest.raises(InvalidError, match="outcome"):
        await told.publish(told.fund, "decision", *decision, "quorum=3")
    with pytest.raises(InvalidError, match="quorum"):
        await told.publish(told.fund, "decision", *decision, "quorum=5")


async def test_a_round_needs_criteria_that_were_adopted_before_it(told: Told) -> None:
    await told.opened()
    opening = ("claims_until=2020-09-11", "appeal_until=2020-09-13")
    with pytest.raises(InvalidError, match="criteria"):
        await told.publish(told.fund, "round", f"criteria={told.criteria}", *opening)
    await told.decided()
    await told.publish(told.fund, "round", f"criteria={told.criteria}", *opening)


async def test_closing_a_round_early_does_not_shorten_its_published_time_for_appeals(told: Told) -> None:
    await told.opened()
    await told.decided()
    await told.claimed()
    told.at(9, 10)
    for field in ("appeal_until=2020-09-10T18:00:00Z", "appeal_until=2020-09-11T18:00:00Z"):
        name, _, value = field.partition("=")
        with pytest.raises(InvalidError, match="appeal_until"):
            await told.run(told.fund, "fund.round.close", ref=told.round, fields={name: value})
    await told.run(told.fund, "fund.round.close", ref=told.round, fields={})


async def test_who_is_no_member_or_came_after_the_opening_does_not_claim(told: Told) -> None:
    await told.opened()
    await told.decided()
    stranger = await told.world.node("extrana")
    await stranger.follow(told.fund.address())
    told.at(9, 9)
    round = await told.publish(
        told.fund, "round", f"criteria={told.criteria}", "claims_until=2020-09-11", "appeal_until=2020-09-13"
    )
    await told.world.quiet()
    claim = (f"round={round}", "weight=10", "need=1000 CLP")
    with pytest.raises(InvalidError, match="round"):
        await told.publish(stranger, "claim", *claim)
    said = await told.run(stranger, "fund.join", target=told.fund.address(), fields={})
    await told.world.quiet()
    await told.publish(told.fund, "admission", f"join={said['uri']}", "outcome=admitted")
    await told.world.quiet()
    await told.publish(stranger, "claim", *claim)
    await told.world.quiet()
    assert (await told.run(told.fund, "fund.round", ref=round))["claims"] == []
    assert await told.fund.incidents() == ["not-allowed-round"]


async def test_a_claim_that_is_withdrawn_after_the_closing_changes_no_share(told: Told) -> None:
    await told.opened()
    await told.decided()
    await told.claimed()
    told.at(9, 12)
    await told.run(told.fund, "fund.round.close", ref=told.round, fields={})
    before = await told.run(told.fund, "fund.round", ref=told.round)
    maule = next(each["claim"] for each in before["claims"] if each["weight"] == "90")
    await told.run(told.kitchens, "withdraw", by="maule", ref=maule)
    await told.world.quiet()
    assert await told.run(told.fund, "fund.round", ref=told.round) == before
    told.allocation = await told.publish(
        told.fund, "allocation", f"round={told.round}", "available=625000 CLP"
    )
    assert "35 raciones (52.500 CLP, peso 90)" in await told.text(told.allocation)
    assert await told.fund.check() == []


@pytest.mark.parametrize(
    "typed",
    [
        "seed=x",
        "rule=webster/1",
        "unit_price=1 CLP",
        'claims=[{"claimant":"https://a.example/","weight":"1"}]',
    ],
)
async def test_what_a_round_gives_cannot_be_typed(told: Told, typed: str) -> None:
    await told.opened()
    await told.decided()
    await told.claimed()
    with pytest.raises(InvalidError, match=typed.partition("=")[0]):
        await told.publish(told.fund, "allocation", f"round={told.round}", "available=625000 CLP", typed)


async def test_a_transfer_takes_two_different_members(told: Told) -> None:
    await told.opened()
    await told.decided()
    await told.claimed()
    await told.shared()
    told.at(9, 14)
    transfer = {"to": told.kitchens.uri("maule"), "amount": "52500 CLP", "allocation": told.allocation}
    with pytest.raises(UnapprovedError):
        await told.run(told.fund, "publish", kind="transfer", fields=transfer)
    proposal = (await told.run(told.fund, "fund.propose", kind="transfer", fields=transfer))["number"]
    with pytest.raises(NotPermittedError, match="operator"):
        await told.run(told.fund, "fund.sign", number=proposal)
    assert (await told.run(told.fund, "fund.sign", number=proposal, member="ana"))["published"] is False
    with pytest.raises(ConflictError, match="already"):
        await told.run(told.fund, "fund.sign", number=proposal, member="ana")
    assert (await told.run(told.fund, "fund.sign", number=proposal, member="beto"))["published"] is True
    with pytest.raises(ConflictError):
        await told.run(told.fund, "fund.sign", number=proposal, member="beto")
    with pytest.raises(InvalidError, match="amount"):
        await told.run(told.fund, "fund.propose", kind="transfer", fields=transfer)


async def test_nobody_outside_changes_a_decision(told: Told) -> None:
    await told.opened()
    decision = await told.decided()
    before = await told.fund.document(decision)
    peer = await told.world.peer()
    person = peer.person("mallory")
    for attempt in (
        person.activity("Accept", decision),
        person.activity("Delete", decision),
        person.activity("Update", {**before, "content": "<p>No.</p>"}),
    ):
        await person.tell(told.fund, attempt)
    assert await told.fund.document(decision) == before
    assert len(await told.fund.incidents()) >= 2
    with pytest.raises(InvalidError, match="decision"):
        await told.revise(decision, "outcome=rejected")


async def test_a_gift_after_the_closing_waits_for_a_decision(told: Told) -> None:
    await told.opened()
    told.at(9, 9)
    await told.revise(told.campaign, "status=closed")
    late = await told.gift("10000", "2020-09-09")
    assert "queda apartado hasta que se decida" in await told.text(late)
    progress = await told.run(told.fund, "fund.campaign", ref=told.campaign)
    assert (progress["cleared"], progress["unallocated"]) == ("0 CLP", "0 CLP")
    for kitchen in KITCHENS:
        await told.publish(told.kitchens, "stance", f"about={late}", "stance=consent", by=kitchen)
    await told.world.quiet()
    decision = await told.publish(told.fund, "decision", f"about={late}", "quorum=3", "outcome=adopted")
    await told.revise(late, f"decision={decision}")
    progress = await told.run(told.fund, "fund.campaign", ref=told.campaign)
    assert (progress["cleared"], progress["unallocated"]) == ("10.000 CLP", "10.000 CLP")


async def test_what_if_shows_two_criteria_side_by_side(told: Told) -> None:
    await told.opened()
    await told.decided()
    await told.claimed()
    other = await told.publish(
        told.fund,
        "criteria",
        "version=2",
        "rule=max-min/1",
        "weight=people",
        "cap=need",
        "valid_from=2020-09-01",
    )
    table = await told.run(
        told.fund, "fund.what_if", one=told.criteria, other=other, round=told.round, available="250000 CLP"
    )
    rows = {row["name"]: (row["one"], row["other"]) for row in table["rows"]}
    assert rows["Olla esperanza"] == ("138.000 CLP", "62.500 CLP")
    assert rows["Olla maule"] == ("21.000 CLP", "62.500 CLP")
    assert len(rows) == 4


async def test_a_stranger_reckons_a_round_again_and_a_changed_share_is_named(
    told: Told, tmp_path: Path
) -> None:
    """With the command line of a machine that has no node and no data of its own."""
    await told.opened()
    await told.decided()
    await told.claimed()
    await told.shared()

    async def stranger(*words: str) -> CompletedProcess[str]:
        return await asyncio.to_thread(minga, "-d", str(tmp_path / "nothing"), *words)

    for url in (told.round, told.allocation):
        done = await stranger("recompute", url)
        assert done.returncode == 0, done.stderr
        for line in (
            "esperanza@127.0.0.1",
            "weight 600, quota 231.11 = 231, 346,500 CLP",
            "weight 150, quota 57.78, +1",
            "= 58, 87,000 CLP",
            "carried over: 1,000 CLP",
            "as published",
        ):
            assert line in done.stdout
    assert "a round or an allocation" in (await stranger("recompute", told.campaign)).stderr
    page = f"{told.fund.origin}/o/{told.round.rpartition('/')[2]}"
    async with httpx.AsyncClient() as client:
        text = (await client.get(page, headers={"accept": "text/html", "accept-language": "en"})).text
    for words in ("346,500 CLP", "600", f"minga recompute {told.allocation}"):
        assert words in text

    def tamper(transaction: Transaction) -> None:
        changed = transaction.execute(
            "UPDATE objects SET document = CAST(replace(CAST(document AS TEXT), '\"346500\"', '\"346501\"') AS BLOB)"
            " WHERE uri = ?",
            told.allocation,
        )
        assert changed == 1

    await told.fund.node.database.writer.run(tamper)
    done = await stranger("recompute", told.round)
    assert done.returncode == 1
    assert f"{told.allocation} carries no valid proof" in done.stderr
