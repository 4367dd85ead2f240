"""A need, its pledges and what arrived, between nodes that are processes: whoever is killed at any step goes on where it was,
and two pledges at the same instant never cover more than is lacking."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.nodes import Node, until

IN_TWO_WEEKS = f"{datetime.now(UTC) + timedelta(days=14):%Y-%m-%d}"


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node, Node]]:
    room = tmp_path_factory.mktemp("nodes")
    with contextlib.ExitStack() as stack:
        kitchen, coop, parish = (
            stack.enter_context(Node(room / handle, handle)) for handle in ("esperanza", "coop", "parroquia")
        )
        for giver in (coop, parish):
            giver("follow", kitchen.address)
            until(lambda giver=giver: [each["state"] for each in giver.json("following")] == ["accepted"])
        yield kitchen, coop, parish


def line(node: Node, need: str) -> tuple[str, ...]:
    """State, promised, received and lacking of a need, as the board of a node shows it."""
    shown = next((each for each in node.json("board") if each["uri"] == need), None)
    return tuple(shown[name] for name in ("state", "promised", "received", "lacking")) if shown else ()


def seen(node: Node, need: str, *expected: str) -> None:
    """Wait until the board of a node shows a need so."""
    until(lambda: line(node, need) == expected)


def pulled(*nodes: Node) -> None:
    """Pull the plug of each, and start it again."""
    for node in nodes:
        node.kill()
        node.start()


def ask(kitchen: Node, *readers: Node) -> str:
    what = ("what=lentejas", "quantity=40 kg", "minimum=10 kg", f"by={IN_TWO_WEEKS}", "place=La Pintana")
    need = str(kitchen.json("publish", "need", *what)["uri"])
    for reader in readers:
        seen(reader, need, "open", "0", "0", "40")
    return need


def pledge(giver: Node, kitchen: Node, need: str, quantity: str) -> str:
    offered = str(giver.json("publish", "pledge", f"need={need}", f"quantity={quantity}")["uri"])
    until(lambda: kitchen.run("show", offered).returncode == 0)
    return offered


def test_a_need_is_covered_in_two_parts_though_somebody_is_killed_at_every_step(
    nodes: tuple[Node, Node, Node],
) -> None:
    kitchen, coop, _ = nodes

    def both(*expected: str) -> None:
        for node in (kitchen, coop):
            seen(node, need, *expected)

    need = ask(kitchen)
    pulled(kitchen)
    both("open", "0", "0", "40")

    offered = str(coop.json("publish", "pledge", f"need={need}", "quantity=25 kg")["uri"])
    pulled(coop)
    until(lambda: kitchen.run("show", offered).returncode == 0)
    (waiting,) = next(each for each in kitchen.json("board") if each["uri"] == need)["waiting"]
    assert "25 kg de lentejas" in waiting["text"]

    kitchen("accept", waiting["id"])
    pulled(kitchen)
    both("open", "25", "0", "15")

    kitchen("receive", offered, "quantity=24 kg")
    pulled(coop, kitchen)
    both("open", "0", "24", "16")

    second = pledge(coop, kitchen, need, "16 kg")
    kitchen("accept", second)
    pulled(coop)
    both("covered", "16", "24", "0")
    assert "una necesidad que aún no esté cubierta" in refused(coop, need)

    coop("revise", second, "quantity=10 kg")
    both("open", "10", "24", "6")
    coop("withdraw", second)
    both("open", "0", "24", "16")

    for node in (kitchen, coop):
        assert node.json("fsck")["problems"] == []


def refused(giver: Node, need: str) -> str:
    result = giver.run("publish", "pledge", f"need={need}", "quantity=10 kg")
    assert result.returncode == 1
    return result.stderr


def test_two_pledges_at_the_same_instant_never_cover_more_than_is_lacking(
    nodes: tuple[Node, Node, Node],
) -> None:
    kitchen, *givers = nodes
    need = ask(kitchen, *givers)
    with ThreadPoolExecutor(2) as people:
        offered = list(people.map(lambda giver: pledge(giver, kitchen, need, "25 kg"), givers))
        answers = list(people.map(lambda each: kitchen.run("accept", each), offered))
    assert sorted(answer.returncode for answer in answers) == [0, 1]
    assert "solo faltan 15 kg" in next(answer.stderr for answer in answers if answer.returncode)
    for node in nodes:
        seen(node, need, "open", "25", "0", "15")
    late = next(each for each, answer in zip(offered, answers, strict=True) if answer.returncode)
    kitchen("reject", late, "--reason", "ya está cubierto en parte; faltan 15 kg")
    giver = givers[offered.index(late)]
    until(lambda: giver.json("show", late)["state"] == "rejected")
    assert "faltan 15 kg" in giver.json("show", late)["facts"]["reason"]
    for node in nodes:
        assert node.json("fsck")["problems"] == []
