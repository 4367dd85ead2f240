"""How a story is told: each step, what a node published, and what others now see of it."""

import time
from typing import Any

from rich.console import Console

from node.control.client import RefusedError
from node.demo.world import SEEN_WITHIN, Node, World


class Story:
    """Tells each step: what a node published, and what others now see. Keeps the ids of what the fund goes on with."""

    def __init__(self, stage: World, console: Console) -> None:
        self.stage = stage
        self._console = console
        self._step = 0
        self._latest = ""
        self.campaign = ""
        self.criteria = ""
        self.round = ""
        self.allocation = ""
        self.gifts: list[str] = []

    def step(self, title: str) -> None:
        """Begin a step."""
        self._step += 1
        self._console.print(f"\n[bold]{self._step}. {title}[/bold]", highlight=False, soft_wrap=True)

    def said(self, node: Node, text: str) -> None:
        """What a node published."""
        self._latest = text
        self._console.print(
            f"  {node.place.name}: {text}", emoji=False, highlight=False, markup=False, soft_wrap=True
        )

    def seen(self, node: Node, text: str) -> None:
        """What another now sees."""
        self._see([node.place.name], text)

    def checked(self, what: str, figure: str) -> None:
        """What a stranger's check found."""
        self._console.print(
            f"  ok {what:<12} {figure}", emoji=False, highlight=False, markup=False, soft_wrap=True
        )

    def told(self, uri: str, having: str, *readers: str) -> None:
        """Wait until each reader sees it, and say so: whoever sees the same is named together."""
        seen: dict[str, list[str]] = {}
        for reader in readers:
            node = self.stage[reader]
            seen.setdefault(self.stage.seen(node, uri, having=having), []).append(node.place.name)
        for text, names in seen.items():
            self._see(names, "the same" if text == self._latest else text)

    def _see(self, names: list[str], text: str) -> None:
        self._line(f"{', '.join(names)} {'sees' if len(names) == 1 else 'see'}", text)

    def _line(self, where: str, text: str) -> None:
        self._console.print(
            f"    {where}: {text}", emoji=False, highlight=False, markup=False, soft_wrap=True
        )

    def board(self, *readers: str) -> None:
        """What the boards of some nodes say of needs."""
        boards: dict[str, list[str]] = {}
        for reader in readers:
            node = self.stage[reader]
            for line in node.look("board", kind="need"):
                boards.setdefault(line["text"], []).append(node.place.name)
        for text, names in boards.items():
            self._line(f"on the boards of {', '.join(names)}", text)

    def publish(self, node: Node, kind: str, **fields: str) -> dict[str, Any]:
        """Publish something through the node that runs, and say what its text is."""
        said: dict[str, Any] = node.look("publish", kind=kind, fields=fields)
        self.said(node, plain(node, said))
        return said


def plain(node: Node, said: dict[str, Any]) -> str:
    """The text of what was said, as a node knows it."""
    text: str = node.look("show", ref=said["uri"])["text"]
    return text


def until_known(node: Node, uri: str) -> None:
    """Let a node have a thing: it arrived, or is fetched."""
    until = time.monotonic() + SEEN_WITHIN
    while True:
        try:
            node.look("show", ref=uri)
        except RefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return
