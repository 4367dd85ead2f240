"""Scenario 1: the Santiago fund, played by seven real nodes, with the dates moved to this year.

Need, pledge, receipt and meal of the kitchen La Esperanza; then the fund (`node.demo.fund`), from the campaign to the gift
that is taken back.
"""

import contextlib
import tempfile
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from node.demo import fund
from node.demo.fund import KITCHENS
from node.demo.story import Story, plain, until_known
from node.demo.world import DemoError, Place, today, world

PLACES = (
    Place("fondo", "Fondo Apoyo Mutuo", "fund"),
    Place("esperanza", "Olla La Esperanza", "kitchen"),
    Place("villasol", "Olla Villa Sol", "kitchen"),
    Place("lohermida", "Olla Lo Hermida", "kitchen"),
    Place("maule", "Olla Maule", "kitchen"),
    Place("cooperativa", "Cooperativa del Sur", "cooperative"),
    Place("vecina", "Una vecina que sigue", "assembly"),
)


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
    ties += [(kitchen, "fondo") for kitchen in KITCHENS]
    ties += [("esperanza", "cooperativa"), ("villasol", "esperanza")]
    for follower, followed in ties:
        stage[follower].look("relation.follow", target=stage[followed].handle)
    for name, node in stage.nodes.items():
        count = len(node.look("relation.followers"))
        story.said(node, f"{count} followers")
        if name != "vecina" and count == 0:
            raise DemoError(f"nobody follows {name}")


def _cook(story: Story) -> None:
    stage, day = story.stage, today()
    esperanza, cooperativa = stage["esperanza"], stage["cooperativa"]
    by = day + timedelta(days=14)
    story.step("La Esperanza lacks lentils")
    need = esperanza.publish(
        "need", "what=lentejas", "quantity=40 kg", "minimum=10 kg", f"by={by}", "place=La Pintana"
    )
    story.said(esperanza, plain(esperanza, need))
    story.told(need["uri"], "40 kg", "cooperativa", "vecina")

    story.step("The cooperative pledges 25 kg; La Esperanza accepts")
    pledge = cooperativa.publish(
        "pledge", f"need={need['uri']}", "quantity=25 kg", f"by={by - timedelta(days=1)}"
    )
    until_known(esperanza, pledge["uri"])
    story.said(cooperativa, plain(cooperativa, pledge))
    for node in (esperanza, cooperativa):
        node.pull()
        story.said(node, "(its plug was pulled: it starts again and knows everything)")
    esperanza.run("accept", pledge["uri"])
    story.told(need["uri"], "15 kg", "cooperativa", "vecina")
    story.board("esperanza", "cooperativa", "vecina")

    story.step("24 kg arrive: one kilo is missing, and is lacking again")
    receipt = esperanza.run("receive", pledge["uri"], "quantity=24 kg")
    story.said(esperanza, plain(esperanza, receipt))
    story.told(receipt["uri"], "24 kg", "cooperativa", "vecina")
    story.told(need["uri"], "16 kg", "cooperativa", "vecina")
    story.board("esperanza", "cooperativa", "vecina")

    story.step(
        "Villa Sol pledges what is still lacking, which closes the need everywhere; it must take it back, and it is open again"
    )
    villasol = stage["villasol"]
    second = villasol.publish("pledge", f"need={need['uri']}", "quantity=16 kg")
    until_known(esperanza, second["uri"])
    esperanza.look("accept", ref=second["uri"])
    story.told(need["uri"], "Cubierta", "cooperativa", "vecina")
    villasol.look("withdraw", ref=second["uri"])
    story.told(need["uri"], "Faltan 16 kg", "cooperativa", "vecina")
    story.board("esperanza", "cooperativa", "vecina")

    story.step("They cook")
    meal = esperanza.publish(
        "meal",
        "menu=porotos con riendas",
        f"on={day}",
        "planned=120",
        "served=118",
        "ration=700 kcal, un almuerzo",
    )
    story.said(esperanza, plain(esperanza, meal))
    story.told(meal["uri"], "118", "fondo", "vecina")


def _check(story: Story) -> None:
    story.step("Every node works out its state again from what was said")
    for node in story.stage.nodes.values():
        found = node.look("fsck")
        story.said(node, "the same state" if not found["problems"] else str(found["problems"]))
        if found["problems"]:
            raise DemoError(f"{node.place.name}: {found['findings']}")


SCENES = (_meet, _cook, *fund.SCENES, _check)
"""The story, scene by scene."""
