"""What the client API costs: pages of forty, a thread, search, and what streams cost in time and memory."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp

from node.api.streams import OF_ONE
from tests.bench.harness import Served, make, minga, room, say, serve, title
from tests.bench.senders import peer, prepare

NOTIFICATIONS = "/api/v1/notifications?limit=80"
_TIMES = 60
_SOCKETS = 500


def run() -> None:
    """With 10,000 and with 100,000 posts stored: the figures should be the same."""
    os.environ["MINGA_API_RATE"] = "10000"
    for stored in (10_000, 100_000):
        title(f"Client API, one request at a time, {stored:,} posts stored")
        with room() as place:
            origin = make(place / "node")
            asyncio.run(prepare(place / "node", peer(), stored=stored))
            tokens = [minga(place / "node", "token") for _ in range(_SOCKETS // OF_ONE)]
            with serve(place / "node", origin) as node:
                asyncio.run(_measure(node, tokens))


async def _measure(node: Served, tokens: Sequence[str]) -> None:
    headers = {"authorization": f"Bearer {tokens[0]}"}
    connector = aiohttp.TCPConnector(limit=0)  # each open stream holds a connection
    async with aiohttp.ClientSession(node.origin, headers=headers, connector=connector) as session:
        root = await _thread(session)
        author = (await _json(session, "/api/v1/timelines/public?limit=1"))[0]["account"]["id"]
        if (told := len(await _json(session, NOTIFICATIONS))) != 80:
            raise RuntimeError(f"there are {told} notifications to be timed")
        for name, path in {
            "home timeline of 40": "/api/v1/timelines/home?limit=40",
            "public timeline of 40": "/api/v1/timelines/public?limit=40",
            "statuses of an account": f"/api/v1/accounts/{author}/statuses?limit=40",
            "notifications, a page of 80": NOTIFICATIONS,
            "thread of 100": f"/api/v1/statuses/{root}/context",
            "search of people": "/api/v2/search?q=vec&type=accounts",
            "search of hashtags": "/api/v2/search?q=%23ol&type=hashtags",
            "one status": f"/api/v1/statuses/{root}",
        }.items():
            await _time(name, lambda path=path: _json(session, path))
        await _streams(node, session, tokens)


async def _json(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(path) as answer:
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {await answer.text()}")
        return await answer.json()


async def _post(session: aiohttp.ClientSession, text: str, parent: str | None = None) -> str:
    async with session.post("/api/v1/statuses", json={"status": text, "in_reply_to_id": parent}) as answer:
        return str((await answer.json())["id"])


async def _thread(session: aiohttp.ClientSession) -> str:
    """A post with a hundred answers."""
    root = await _post(session, "raíz #olla")
    last = root
    for number in range(100):
        last = await _post(session, f"respuesta {number}", last if number % 3 else root)
    return root


async def _time(name: str, ask: Callable[[], Awaitable[Any]]) -> None:
    took = []
    for _ in range(_TIMES):
        begun = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    say(name, took[_TIMES // 2], "ms p50", f"p99 {took[int(_TIMES * 0.99)]:.1f} ms")


async def _streams(node: Served, session: aiohttp.ClientSession, tokens: Sequence[str]) -> None:
    """One post to so many open sockets, as many of each token as it may hold."""
    before = node.memory()
    sockets = [
        await session.ws_connect(
            "/api/v1/streaming?stream=user", headers={"authorization": f"Bearer {token}"}
        )
        for token in tokens
        for _ in range(OF_ONE)
    ]
    await asyncio.sleep(1)
    say("memory of an open stream", (node.memory() - before) * 1024 / _SOCKETS, "KiB")
    rounds = []
    for number in range(5):
        begun = time.perf_counter()
        heard = [asyncio.create_task(_heard(socket, begun)) for socket in sockets]
        await _post(session, f"para todas {number}")
        rounds.extend(await asyncio.gather(*heard))
    rounds.sort()
    say(
        f"a post at {_SOCKETS} sockets",
        rounds[len(rounds) // 2],
        "ms p50",
        f"p99 {rounds[int(len(rounds) * 0.99)]:.0f} ms",
    )
    await asyncio.gather(*(socket.close() for socket in sockets))


async def _heard(socket: aiohttp.ClientWebSocketResponse, begun: float) -> float:
    await socket.receive()
    return (time.perf_counter() - begun) * 1000
