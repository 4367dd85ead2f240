"""What readers cost: actor, object, outbox and page; start, rest and memory."""

import asyncio
import time

import aiohttp

from federation.vocab import ACTIVITY_JSON
from tests.bench.harness import Served, make, minga, room, say, serve, title
from tests.bench.senders import peer, prepare

_SECONDS = 2.0
_AT_ONCE = 32


def run() -> None:
    """With an empty node, and with 10,000 and 100,000 posts stored."""
    for stored in (0, 10_000, 100_000):
        title(f"Reads, {_AT_ONCE} at once, {stored:,} posts stored")
        with room() as place:
            origin = make(place / "node")
            for number in range(25):
                minga(place / "node", "publish", "note", f"text=hoy cocinamos {number}")
            said = minga(place / "node", "publish", "note", "text=la última")
            asyncio.run(prepare(place / "node", peer(), stored=stored))
            with serve(place / "node", origin) as node:
                say("first answer after the start", node.started, "s")
                say("memory at rest", node.memory(), "MiB")
                if not stored:
                    _rest(node)
                _read(node, "actor", node.uri, ACTIVITY_JSON)
                _read(node, "object", f"{origin}/o/{said}", ACTIVITY_JSON)
                _read(node, "outbox page", f"{node.uri}/outbox?page=true", ACTIVITY_JSON)
                _read(node, "page of the collective", node.uri, "text/html")
                _read(node, "page of an object", f"{origin}/o/{said}", "text/html")
                _read(node, "board", f"{origin}/board", "text/html")
                say("memory after that", node.memory(), "MiB")


def _rest(node: Served) -> None:
    cpu, wall = node.cpu(), time.monotonic()
    time.sleep(5)
    say("CPU at rest", (node.cpu() - cpu) / (time.monotonic() - wall) * 100, "%")


def _read(node: Served, name: str, url: str, accept: str) -> None:
    cpu = node.cpu()
    count, size, took = asyncio.run(_get(url, accept))
    took.sort()
    if not took:
        say(name, 0, "/CPU s", "not there")
        return
    say(
        name,
        count / max(node.cpu() - cpu, 0.01),
        "/CPU s",
        f"{count / _SECONDS:,.0f}/s wall, p99 {took[int(len(took) * 0.99)] * 1000:.0f} ms, {size:,} bytes",
    )


async def _get(url: str, accept: str) -> tuple[int, int, list[float]]:
    took: list[float] = []
    size = 0
    until = time.monotonic() + _SECONDS

    async def reader(session: aiohttp.ClientSession) -> None:
        nonlocal size
        while time.monotonic() < until:
            begun = time.monotonic()
            async with session.get(url) as answer:
                if answer.status != 200:
                    return
                size = len(await answer.read())
            took.append(time.monotonic() - begun)

    async with aiohttp.ClientSession(headers={"accept": accept}) as session:
        await asyncio.gather(*(reader(session) for _ in range(_AT_ONCE)))
    return len(took), size, took
