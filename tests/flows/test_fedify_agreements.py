"""A Fedify server reads a need of ours as a Proposal and offers to cover part of it, all in its own FEP-0837 types."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    what = ("what=lentejas", "quantity=40 kg", "by=2090-08-28", "place=La Pintana")
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
