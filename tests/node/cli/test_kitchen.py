"""The pantry and the recipes from a terminal: W6, a count with its reason, and what is refused."""

from collections.abc import Iterator

import pytest

from tests.nodes import Node


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("pantry") / "a") as node:
        yield node


def test_w6_from_a_terminal(olla: Node) -> None:
    for what, amount in (("lentejas", "40 kg"), ("arroz", "15 kg"), ("aceite", "3 l"), ("gas", "1 u")):
        olla("pantry", "add", what, amount)
    olla("recipe", "keep", "Lentejas", "100", "lentejas=8 kg", "arroz=5 kg", "aceite=1,5 l", "gas=0,25 u")

    assert olla("recipe", "list") == "Lentejas: 200 rations; limits: aceite"
    assert olla("recipe", "missing", "Lentejas", "300") == "aceite: 1.5 litre"


def test_counts_and_uses_are_written_down_and_too_much_is_refused(olla: Node) -> None:
    lot = olla("pantry", "add", "harina", "20 kg", "--expires", "2099-01-05")

    assert olla("pantry", "count", lot, "17,5 kg", "--reason", "spoiled") == "difference: -2.5"
    olla("pantry", "use", "harina", "7 kg", "--reason", "given")
    assert "harina: 10.5 kilogram" in olla("pantry", "list")
    refused = olla.run("pantry", "use", "harina", "11 kg")
    assert refused.returncode == 1
    assert "10,5" in refused.stderr
    assert olla.run("pantry", "add", "pan", "2 kg", "--expires", "2020-01-05").returncode == 1
