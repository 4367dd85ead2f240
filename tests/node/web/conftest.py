"""A node with two who come in by their browsers: Elena, a steward, and Ana, who reads along."""

from collections.abc import Iterator

import pytest

from tests.node.web.visitor import Visitor, member, steward
from tests.nodes import Node


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("olla") / "a") as node:
        steward(node)
        member(node, "Ana", "newcomer")
        yield node


@pytest.fixture(scope="module")
def elena(olla: Node) -> Iterator[Visitor]:
    with Visitor(olla).comes_in("Elena") as visitor:
        yield visitor


@pytest.fixture(scope="module")
def ana(olla: Node) -> Iterator[Visitor]:
    with Visitor(olla).comes_in("Ana") as visitor:
        yield visitor
