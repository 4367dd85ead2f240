"""A neighbourhood in which enough was said to fill every page: an olla común on one node, a cooperative and a fund on another.

    with neighbourhood(tmp_path) as there:
        there.olla.actor, there.said["need"]

What is said goes through the nodes' control sockets: no command line has to start for it.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from node.control.client import RefusedError, ask
from tests.node.web.visitor import Visitor
from tests.nodes import Node, until

PASSWORD = "porotos con riendas"


@dataclass
class Neighbourhood:
    """Both nodes while they serve. `said` has the address of what was said, by a short name."""

    olla: Node
    coop: Node
    said: dict[str, str] = field(default_factory=dict)

    @property
    def fund(self) -> str:
        """The actor of the fund."""
        return f"{self.coop.origin}/c/fondo"

    def do(self, node: Node, command: str, handle: str = "", /, **given: Any) -> Any:
        """What a command answers."""
        return ask(node.directory, command, {"collective": handle or node.handle, **given}, lambda _: None)

    def publish(
        self, node: Node, kind: str, handle: str = "", /, *, known_as: str = "", **fields: str
    ) -> str:
        """Publish something; its address, also as `said[known_as]`, or that of its kind."""
        uri: str = self.do(node, "publish", handle, kind=kind, fields=fields)["uri"]
        self.said[known_as or kind] = uri
        return uri

    def knows(self, node: Node, uri: str) -> None:
        """Wait until something arrived at a node."""
        until(lambda: self._shows(node, uri))

    def _shows(self, node: Node, uri: str) -> bool:
        with contextlib.suppress(RefusedError):
            return bool(self.do(node, "show", ref=uri))
        return False


@contextlib.contextmanager
def neighbourhood(directory: Path, *, told: bool = True) -> Iterator[Neighbourhood]:
    """Two nodes with what they said to each other; `told=False` leaves them silent. They end with the block."""
    olla, coop = Node(directory / "olla"), Node(directory / "coop", "cooperativa", kind="cooperative")
    words = str(directory / "fondo-words.txt")
    coop("collective", "add", "--handle", "fondo", "--name", "Fondo Apoyo Mutuo", "--kind", "fund", "--recovery-out", words)  # fmt: skip
    with olla, coop:
        there = Neighbourhood(olla, coop)
        there.do(olla, "member.add", name="rosa", role="steward", password=PASSWORD)
        there.do(coop, "member.add", name="luis", role="steward", password=PASSWORD)
        for name in ("tere", "beto"):
            there.do(coop, "member.add", "fondo", name=name, role="steward", password=PASSWORD)
        there.do(olla, "relation.follow", target=coop.address)
        there.do(coop, "relation.follow", target=olla.address)
        until(lambda: there.do(coop, "relation.followers"))
        if told:
            _tell(there)
        yield there


def _tell(there: Neighbourhood) -> None:
    olla, coop = there.olla, there.coop
    now = datetime.now(UTC)
    soon = (now + timedelta(days=9)).date().isoformat()
    there.do(olla, "collective.describe", name="Olla La Esperanza", summary="Cocinamos martes, jueves y sábado en la sede de la población. La puerta está abierta: quien llega, come.")  # fmt: skip
    there.publish(olla, "note", text="Hoy cocinamos desde las 9. Falta quien pele papas. #olla")
    need = there.publish(
        olla, "need", what="lentejas", quantity="40 kg", minimum="10 kg", by=soon, place="La Pintana"
    )
    there.publish(olla, "need", known_as="gas", what="balón de gas de 15 kilos", quantity="2 u", by=soon)
    there.publish(olla, "need", known_as="hands", what="manos para servir el sábado", quantity="12 horas")
    for weeks, served in ((9, 80), (6, 96), (4, 110), (3, 104), (2, 121), (1, 118)):
        day = (now - timedelta(weeks=weeks)).date().isoformat()
        ration = '{"portion":"un plato y un pan"}'
        there.publish(olla, "meal", menu="porotos con riendas", on=day, planned="120", served=str(served), ration=ration)  # fmt: skip
    there.publish(olla, "meal", known_as="planned", menu="carbonada de verduras", on=(now + timedelta(days=2)).date().isoformat(), planned="130")  # fmt: skip
    there.knows(coop, need)
    there.publish(coop, "offer", what="zapallo", quantity="60 kg", by=soon, place="Paine")
    pledge = there.publish(coop, "pledge", need=need, quantity="25 kg", by=soon)
    there.knows(olla, pledge)
    there.do(olla, "accept", ref=pledge)
    there.said["receipt"] = there.do(
        olla, "receive", ref=pledge, fields={"quantity": "20 kg", "more": "true"}
    )["uri"]
    _tell_of_money(there)
    there.knows(olla, there.said["offer"])
    there.said["join"] = there.do(olla, "member.invite", role="cook")["url"]
    known = httpx.get(f"{olla.origin}/api/v1/accounts/lookup", params={"acct": coop.address}).json()
    there.said["peer"] = f"{olla.origin}/peers/{known['id']}"
    there.said["reporting"] = f"{olla.origin}/report?about={known['id']}"
    _keep_house(there)


def _keep_house(there: Neighbourhood) -> None:
    """What stands on pages for members alone: lots, a recipe, a pick-up, a report, a proposal."""
    olla, soon = there.olla, (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    for what, quantity in (("lentejas", "40 kg"), ("arroz", "15 kg"), ("aceite", "3 l")):
        lot = there.do(olla, "pantry.add", what=what, quantity=quantity, expires=soon)["lot"]
        there.said["lot"] = f"{olla.origin}/kitchen/lots/{lot}"
    card = {"lentejas": "8 kg", "arroz": "5 kg", "aceite": "1,5 l"}
    recipe = there.do(olla, "recipe.keep", name="lentejas de la casa", rations="100", ingredients=card)
    there.said["recipe"] = f"{olla.origin}/kitchen/recipes/{recipe['recipe']}"
    auth = {"authorization": f"Bearer {there.do(olla, 'token', member='rosa')['token']}"}
    about = {"account_id": there.said["peer"].rsplit("/", 1)[1], "comment": "Prometieron y no llegaron."}
    httpx.post(f"{olla.origin}/api/v1/reports", json=about, headers=auth).raise_for_status()
    with Visitor(olla).comes_in("rosa", PASSWORD) as rosa:
        rosa.sends(
            "/kitchen/pickups", what="verduras de la feria", place="la feria", clock="9:30", people="2"
        )
        (report,) = re.findall(r"/moderation/reports/\d+", rosa.opens("/moderation").text)
        there.said["report"] = f"{olla.origin}{report}"
        rosa.sends("/settings", "/settings", district="La Pintana", latitude="-33,58", longitude="-70,63")
        paper = BytesIO()
        Image.new("RGB", (640, 480), "darkolivegreen").save(paper, "JPEG")
        told = {"text": "Así quedó la olla de hoy.", "alt0": "Una olla grande, llena de porotos"}
        page = rosa.sends("/new/note", "/new/note", files={"photo0": ("olla.jpg", paper.getvalue())}, **told)
        there.said["photographed"] = str(page.url).partition("?")[0]
    with Visitor(there.coop).comes_in("luis", PASSWORD) as luis:
        luis.sends("/settings", "/settings", district="Paine", latitude="-33,81", longitude="-70,74")
    there.do(olla, "relation.block", target="spam.example", reason="publicidad sin fin")
    owed = there.publish(there.coop, "allocation", "fondo", rule="largest-remainder/1", seed="1", available="90000 CLP", unit_price="1500 CLP", claims=json.dumps([{"claimant": olla.actor, "weight": "240"}]))  # fmt: skip
    asked = {"to": olla.actor, "amount": "90000 CLP", "allocation": owed}
    proposal = there.do(there.coop, "fund.propose", "fondo", kind="transfer", fields=asked)
    there.said["proposal"] = f"{there.coop.origin}/proposals/{proposal['number']}"


def _tell_of_money(there: Neighbourhood) -> None:
    coop, today = there.coop, datetime.now(UTC).date()
    campaign = there.publish(
        coop,
        "campaign",
        "fondo",
        title="Un invierno con la olla llena",
        goal="2500000 CLP",
        ration_price="1500 CLP",
        rounding="10",
        opens=(today - timedelta(days=36)).isoformat(),
        closes=(today + timedelta(days=85)).isoformat(),
        milestones='[{"percent":"10","rations":"170"},{"percent":"25","rations":"420"}]',
    )
    for amount, days, channel in (("203000", 17, "bank"), ("47000", 15, "card"), ("190000", 11, "bank")):
        there.publish(
            coop,
            "donation",
            "fondo",
            amount=f"{amount} CLP",
            status="cleared",
            channel=channel,
            on=(today - timedelta(days=days)).isoformat(),
            campaign=campaign,
        )
