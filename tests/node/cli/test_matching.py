"""Needs and what answers them, from a terminal: every number that the next command takes is shown."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.nodes import Node


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("matching") / "a") as node:
        yield node


def in_days(days: int) -> str:
    return f"by={datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def test_replies_and_what_is_still_to_come_are_shown_by_the_number_that_the_next_command_takes(
    olla: Node,
) -> None:
    need = olla("publish", "need", "what=porotos", "quantity=10 kg", in_days(5))
    reply = olla("publish", "note", f"text=traigo 4 kg {'de los buenos ' * 10}", "--in-reply-to", need)
    shown = olla("show", need).splitlines()
    assert "1 reply, 0 boosts, 0 likes" in shown
    (answer,) = [line for line in shown if line.startswith(f"reply {reply}  ")]
    assert "traigo 4 kg de los" in answer
    assert answer.endswith("…")

    pledge = olla("confirm", reply, "quantity=4 kg", in_days(6))
    (coming,) = [line for line in olla("board").splitlines() if f"pledge {pledge}  accepted" in line]
    assert "Es después de lo que se pidió" in coming
    olla("receive", pledge, "quantity=1 kg", "more=true")
    assert f"pledge {pledge}" in olla("board")
    olla("receive", pledge, "quantity=3 kg")
    assert f"pledge {pledge}" not in olla("board")
    (line,) = olla.json("board")
    assert (line["waiting"], line["coming"]) == ([], [])


def test_a_board_that_goes_on_says_so(olla: Node) -> None:
    for what in ("sal", "arroz"):
        olla("publish", "need", f"what={what}", "quantity=1 kg")
    first = olla.run("board", "--limit", "1")
    (line,) = first.stdout.splitlines()
    assert "arroz" in line
    assert first.stderr.splitlines() == [f"There is more: add --before {line.partition(' ')[0]}"]
    assert "sal" in olla("board", "--limit", "1", "--before", line.partition(" ")[0])
    assert olla.run("board").stderr == ""


def test_what_helps_after_accept_is_not_about_fields(olla: Node) -> None:
    need = olla("publish", "need", "what=aceite", "quantity=1 l")
    refused = olla.run("accept", need)
    assert refused.returncode == 1
    assert "El tablero muestra los compromisos" in refused.stderr
