"""A Fedify server reads a need of ours as a Proposal and offers to cover part of it, all in its own FEP-0837 types."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fedify import Fedify, StartFedify
from tests.nodes import Node, until

pytestmark = pytest.mark.needs("node")


@pytest.fixture
def kitchen(tmp_path: Path) -> Iterator[Node]:
    with Node(tmp_path / "esperanza") as node:
        yield node


@pytest.fixture
def need(kitchen: Node) -> str:
    """Forty kilos of lentils, as a Proposal."""
    what = ("what=lentejas", "quantity=40 kg", "minimum=10 kg", "by=2090-08-28", "place=La Pintana")
    return str(kitchen.json("publish", "need", *what)["uri"])


def available(peer: Fedify, need: str) -> dict[str, Any]:
    """What Fedify reads that is still lacking."""
    intent = peer.lookup(f"{need}/proposal")["json"]["publishes"]
    return {name: intent["availableQuantity"][name] for name in ("hasNumericalValue", "hasUnit")}


def offer(peer: Fedify, need: str, quantity: str) -> str:
    return str(
        peer.order("offer", intent=f"{need}/proposal#primary", quantity=quantity, unit="kilogram")["id"]
    )


def test_a_need_is_a_proposal_with_its_numbers(kitchen: Node, need: str, fedify: StartFedify) -> None:
    peer = fedify()
    twin = peer.lookup(f"{need}/proposal")
    assert (twin["type"], twin["json"]["purpose"]) == ("Proposal", "request")
    assert twin["json"]["attributedTo"] == kitchen.actor
    assert available(peer, need) == {"hasNumericalValue": "40", "hasUnit": "kilogram"}
    intent = twin["json"]["publishes"]
    assert intent["resourceQuantity"]["hasNumericalValue"] == "40"
    assert intent["minimumQuantity"]["hasNumericalValue"] == "10"


def test_a_need_is_a_post_to_whoever_follows_and_a_plain_reply_becomes_a_promise(
    kitchen: Node, fedify: StartFedify
) -> None:
    peer = fedify()
    peer.order("follow", actor=kitchen.actor)
    peer.wait_for("Accept")
    said = kitchen.json("publish", "need", "what=lentejas", "quantity=40 kg", "minimum=10 kg")
    created = peer.wait_for("Create", about=said["uri"])
    assert (created["signature"], created["proof"], created["object_proof"]) == (True, True, True)
    post = created["parsed"]["object"]
    assert post["type"] == "Note"
    assert "Necesitamos 40 kg de lentejas. Mínimo útil: 10 kg." in post["content"]

    reply = peer.order("post", content="<p>llevo 10 kg</p>", inReplyTo=said["uri"], to=[kitchen.actor])[
        "object"
    ]
    until(lambda: kitchen.json("show", said["uri"])["replies"] == 1)
    assert kitchen.json("show", reply)["in_reply_to"] == said["uri"]
    assert "llevo 10 kg" in httpx.get(said["uri"], headers={"Accept": "text/html"}).text
    assert kitchen.json("board")[0]["lacking"] == "40"
    kitchen("confirm", reply, "quantity=10 kg")
    assert kitchen.json("board")[0]["lacking"] == "30"
    assert "30 kg" in peer.wait_for("Update", about=said["uri"])["parsed"]["object"]["content"]


def test_an_accepted_offer_is_an_agreement_and_leaves_less_lacking(
    kitchen: Node, need: str, fedify: StartFedify
) -> None:
    peer = fedify()
    offered = offer(peer, need, "25")
    until(lambda: kitchen.run("show", offered).returncode == 0)
    kitchen("accept", offered)

    accepted = peer.wait_for("Accept", about=offered)
    assert (accepted["signature"], accepted["proof"]) == (True, True)
    agreement = accepted["parsed"]["result"]
    assert agreement["type"] == "Agreement"
    assert agreement["stipulates"]["satisfies"] == f"{need}/proposal#primary"
    assert agreement["stipulates"]["resourceQuantity"]["hasNumericalValue"] == "25"
    assert available(peer, need) == {"hasNumericalValue": "15", "hasUnit": "kilogram"}


def test_an_offer_of_more_than_is_lacking_is_rejected_with_the_reason(
    kitchen: Node, need: str, fedify: StartFedify
) -> None:
    peer = fedify()
    offered = offer(peer, need, "41")
    rejected = peer.wait_for("Reject", about=offered)
    assert (rejected["signature"], rejected["proof"]) == (True, True)
    assert "40 kg" in rejected["parsed"]["content"]
    assert available(peer, need) == {"hasNumericalValue": "40", "hasUnit": "kilogram"}
