"""Nodes as real processes on loopback ports, driven by the same command line that a person types."""

import contextlib
import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from node.config import first_config
from node.control.client import ask
from node.errors import NodeError
from node.founding import found

START_WITHIN = 120.0
SEEN_WITHIN = 60.0
STOP_WITHIN = 10.0
RUN_WITHIN = 180.0

HERE = {"locale": "es", "currency": "CLP", "timezone": "America/Santiago"}


class DemoError(NodeError):
    """A step did not do what the story says."""


def today() -> date:
    """The day where the story is played, whatever day it is on this machine."""
    return datetime.now(ZoneInfo(HERE["timezone"])).date()


@dataclass(frozen=True, slots=True)
class Place:
    """Who stands where: one node with one collective."""

    handle: str
    name: str
    kind: str


@dataclass(slots=True)
class Node:
    """One running node."""

    place: Place
    origin: str
    directory: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """The actor of its collective."""
        return f"{self.origin}/c/{self.place.handle}"

    @property
    def handle(self) -> str:
        """How others find it."""
        return f"{self.place.handle}@{self.origin.partition('://')[2]}"

    def run(self, *words: str) -> Any:
        """Run one command of `minga` on it; its answer as data."""
        command = [sys.executable, "-m", "node", *words, "--json", "-d", str(self.directory)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=RUN_WITHIN)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise DemoError(
                f"{self.place.name}: minga {' '.join(words)}\nno answer in {RUN_WITHIN:.0f} s"
            ) from error
        if done.returncode:
            raise DemoError(f"{self.place.name}: minga {' '.join(words)}\n{done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def look(self, command: str, **arguments: Any) -> Any:
        """Ask the running node what it knows, as its pages do: many times, and without a command's start."""
        return ask(self.directory, command, {"collective": self.place.handle, **arguments}, lambda _: None)

    def publish(self, kind: str, *words: str) -> dict[str, Any]:
        """Publish something; what was said, with its `id` and `uri`."""
        said: dict[str, Any] = self.run("publish", kind, *words)
        return said

    def start(self) -> None:
        """Start serving; returns when it answers."""
        log = (self.directory / "serve.log").open("wb")
        command = [sys.executable, "-m", "node", "serve", "-d", str(self.directory)]
        self.process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603
        log.close()
        host, _, port = self.origin.partition("://")[2].partition(":")
        until = time.monotonic() + START_WITHIN
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise DemoError(f"{self.place.name} did not start:\n{(self.directory / 'serve.log').read_text()}")

    def pull(self) -> None:
        """Pull the plug (kill -9), and start it again."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(STOP_WITHIN)
        self.start()

    def stop(self) -> None:
        """Stop cleanly; by force where that takes too long, so that nothing is left running."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None


@dataclass(slots=True)
class World:
    """Every node of the story, by handle."""

    nodes: dict[str, Node] = field(default_factory=dict)

    def __getitem__(self, handle: str) -> Node:
        return self.nodes[handle]

    def seen(self, reader: Node, uri: str, *, having: str = "") -> str:
        """Wait until a node has a thing, with some words in it; the text that it reads there."""
        until = time.monotonic() + SEEN_WITHIN
        text = ""
        while time.monotonic() < until:
            for post in reader.look("timeline", which="home", limit=60):
                if post["uri"] == uri:
                    text = post["text"]
            if text and having in text:
                return text
            time.sleep(0.1)
        raise DemoError(f"{reader.place.name} does not see {having!r} in {uri}: {text!r}")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in taken:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in taken]


@contextlib.contextmanager
def world(places: Sequence[Place], directory: Path) -> Iterator[World]:
    """Make and start every node; stop them all at the end."""
    made = World()
    nodes = [
        _make(place, port, directory) for place, port in zip(places, free_ports(len(places)), strict=True)
    ]
    try:
        for node in nodes:
            made.nodes[node.place.handle] = node
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(Node.start, nodes))
        yield made
    finally:
        for node in nodes:
            node.stop()


def _make(place: Place, port: int, directory: Path) -> Node:
    """What `minga init` does, here: seven programs that only start would take half of the story's time."""
    node = Node(place, f"http://127.0.0.1:{port}", directory / place.handle)
    about = {"handle": place.handle, "name": place.name, "kind": place.kind, **HERE}
    config = first_config(node.origin)
    found(
        node.directory, config, about, now=datetime.now(UTC), chance=secrets.token_bytes, keep=lambda _: None
    )
    return node
