"""Scenario 1 as it is told between two nodes in one process: a fund, and the node of four kitchens; a test says how far."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from node.control.commands import perform
from node.control.table import COMMANDS
from tests.fediverse import Instance, World

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
            admission = (f"join={said['uri']}", "outcome=admitted")
            self.admissions.append(await self.publish(self.fund, "admission", *admission))
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

    async def shared(self, **closing: str) -> None:
        self.at(9, 12)
        await self.run(self.fund, "fund.round.close", ref=self.round, fields=closing)
        self.allocation = await self.publish(
            self.fund, "allocation", f"round={self.round}", "available=625000 CLP"
        )
        await self.world.quiet()

    def __post_init__(self) -> None:
        self.gifts: list[str] = []
        self.admissions: list[str] = []


async def start(world: World) -> tuple[Instance, Instance]:
    world.ahead = datetime(2020, 8, 14, 12, tzinfo=UTC) - datetime.now(UTC)
    fund, kitchens = await world.node("fondo"), await world.node(*KITCHENS)
    for kitchen in KITCHENS:
        await kitchens.follow(fund.address(), by=kitchen)
    collective = await fund.node.collective("fondo")
    for name, role in (("ana", "treasurer"), ("beto", "steward")):
        await fund.node.access.add(collective.id, name, role)
    return fund, kitchens
