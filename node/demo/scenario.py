"""Scenario 1: the Santiago fund, played by seven real nodes, with the dates moved to this year.

Need, pledge, receipt and meal of the kitchen La Esperanza; three gifts to the fund; round 1 shared out by the largest remainder in
whole rations, and worked out again by a stranger.
"""

import contextlib
import json
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from node.demo.world import DemoError, Node, Place, World, world

PLACES = (
    Place("fondo", "Fondo Apoyo Mutuo", "fund"),
    Place("esperanza", "Olla La Esperanza", "kitchen"),
    Place("villasol", "Olla Villa Sol", "kitchen"),
    Place("lohermida", "Olla Lo Hermida", "kitchen"),
    Place("maule", "Olla Maule", "kitchen"),
    Place("cooperativa", "Cooperativa del Sur", "cooperative"),
    Place("vecina", "Una vecina que sigue", "assembly"),
)
KITCHENS = {"esperanza": "600", "villasol": "240", "lohermida": "150", "maule": "90"}
GIFTS = ("203000", "47000", "375000")
SHARES = {"esperanza": "346500", "villasol": "138000", "lohermida": "87000", "maule": "52500"}


class Story:
    """Tells each step: what a node published, and what others now see."""

    def __init__(self, stage: World, console: Console) -> None:
        self.stage = stage
        self._console = console
        self._step = 0

    def step(self, title: str) -> None:
        """Begin a step."""
        self._step += 1
        self._console.print(f"\n[bold]{self._step}. {title}[/bold]", highlight=False, soft_wrap=True)

    def said(self, node: Node, text: str) -> None:
        """What a node published."""
        self._console.print(f"  {node.place.name}: {text}", highlight=False, markup=False, soft_wrap=True)

    def seen(self, node: Node, text: str) -> None:
        """What another now sees."""
        self._console.print(
            f"    {node.place.name} sees: {text}", highlight=False, markup=False, soft_wrap=True
        )

    def told(self, uri: str, having: str, *readers: str) -> None:
        """Wait until each reader sees it, and say so."""
        for reader in readers:
            node = self.stage[reader]
            self.seen(node, self.stage.seen(node, uri, having=having))

    def board(self, *readers: str) -> None:
        """What the boards of some nodes say of open needs."""
        for reader in readers:
            node = self.stage[reader]
            for line in node.look("board", kind="need"):
                self.seen(node, line["text"])


def play(console: Console) -> None:
    """Play the story in a fresh world. DemoError where a figure is not as told."""
    with tempfile.TemporaryDirectory(prefix="minga-demo-") as room, contextlib.ExitStack() as stack:
        with console.status(f"Making and starting {len(PLACES)} nodes…"):
            stage = stack.enter_context(world(PLACES, Path(room)))
        story = Story(stage, console)
        for scene in SCENES:
            with console.status("…"):
                scene(story)


def _meet(story: Story) -> None:
    story.step("They meet: the neighbour follows everybody, the cooperative and the fund follow the kitchens")
    stage = story.stage
    ties = [("vecina", other) for other in stage.nodes if other != "vecina"]
    ties += [(follower, kitchen) for follower in ("cooperativa", "fondo") for kitchen in KITCHENS]
    ties += [(kitchen, "fondo") for kitchen in KITCHENS] + [("esperanza", "cooperativa")]
    for follower, followed in ties:
        stage[follower].look("relation.follow", target=stage[followed].handle)
    for name, node in stage.nodes.items():
        count = len(node.look("relation.followers"))
        story.said(node, f"{count} followers")
        if name != "vecina" and count == 0:
            raise DemoError(f"nobody follows {name}")


def _cook(story: Story) -> None:
    stage, today = story.stage, date.today()  # noqa: DTZ011
    esperanza, cooperativa = stage["esperanza"], stage["cooperativa"]
    by = today + timedelta(days=14)
    story.step("La Esperanza lacks lentils")
    need = esperanza.publish(
        "need", "what=lentejas", "quantity=40 kg", "minimum=10 kg", f"by={by}", "place=La Pintana"
    )
    story.said(esperanza, _plain(esperanza, need))
    story.told(need["uri"], "40 kg", "cooperativa", "vecina")

    story.step("The cooperative pledges 25 kg; La Esperanza accepts")
    pledge = cooperativa.publish(
        "pledge", f"need={need['uri']}", "quantity=25 kg", f"by={by - timedelta(days=1)}"
    )
    _until_known(esperanza, pledge["uri"])
    esperanza.run("accept", pledge["uri"])
    story.told(need["uri"], "15 kg", "cooperativa", "vecina")
    story.board("esperanza", "cooperativa", "vecina")

    story.step("24 kg arrive: one kilo is missing, and is lacking again")
    receipt = esperanza.run("receive", pledge["uri"], "quantity=24 kg")
    story.said(esperanza, _plain(esperanza, receipt))
    story.told(receipt["uri"], "24 kg", "cooperativa", "vecina")
    story.told(need["uri"], "16 kg", "cooperativa", "vecina")
    story.board("esperanza", "cooperativa", "vecina")

    story.step("They cook")
    meal = esperanza.publish("meal", "menu=porotos con riendas", f"on={today}", "planned=120", "served=118")
    story.said(esperanza, _plain(esperanza, meal))
    story.told(meal["uri"], "118", "fondo", "vecina")


def _give(story: Story) -> None:
    stage = story.stage
    story.step("Three gifts arrive at the fund")
    for pesos in GIFTS:
        gift = stage["fondo"].publish("donation", f"amount={pesos} CLP", "status=cleared", "channel=bank")
        story.said(stage["fondo"], _plain(stage["fondo"], gift))
        story.told(gift["uri"], f"{int(pesos):,}".replace(",", "."), "vecina")


def _share(story: Story) -> None:
    stage = story.stage
    story.step("Round 1: 625.000 CLP in whole rations of 1.500 CLP, by the largest remainder")
    claims = [{"claimant": stage[name].uri, "weight": weight} for name, weight in KITCHENS.items()]
    allocation = stage["fondo"].publish(
        "allocation",
        "available=625000 CLP",
        "unit_price=1500 CLP",
        "rule=largest-remainder/1",
        "seed=https://fondo.example/rounds/1",
        f"claims={json.dumps(claims)}",
    )
    story.said(stage["fondo"], _plain(stage["fondo"], allocation))
    story.told(allocation["uri"], "231", *KITCHENS, "vecina")

    story.step("The neighbour works it out again on her own node")
    told = stage["vecina"].run("recompute", allocation["uri"])
    for share in told["shares"]:
        story.seen(
            stage["vecina"],
            f"{share['name']}: quota {share['quota']}, {share['units']} rations, {share['amount']}",
        )
    story.seen(
        stage["vecina"], f"carried over: {told['carry_over']}; differences: {len(told['differences'])}"
    )
    amounts = {name: _digits(_share_of(told, stage[name].uri)) for name in KITCHENS}
    if amounts != SHARES or _digits(told["carry_over"]) != "1000" or told["differences"]:
        raise DemoError(
            f"not the shares of the scenario: {amounts}, {told['carry_over']}, {told['differences']}"
        )


def _check(story: Story) -> None:
    story.step("Every node works out its state again from what was said")
    for node in story.stage.nodes.values():
        found = node.run("fsck")
        story.said(node, "the same state" if not found["problems"] else str(found["problems"]))
        if found["problems"]:
            raise DemoError(f"{node.place.name}: {found['findings']}")


def _plain(node: Node, said: dict[str, Any]) -> str:
    text: str = node.look("show", ref=said["id"])["text"]
    return text


def _until_known(node: Node, uri: str) -> None:
    node.look("show", ref=uri)


def _share_of(told: dict[str, Any], claimant: str) -> str:
    return next(str(share["amount"]) for share in told["shares"] if share["claimant"] == claimant)


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


SCENES = (_meet, _cook, _give, _share, _check)
"""The story, scene by scene."""
