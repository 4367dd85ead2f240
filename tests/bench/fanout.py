"""One post to many servers: CPU for each delivery, and when the healthy ones have it while others are dead or slow."""

import asyncio
import contextlib
import json
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from federation.interfaces import HostState, RemoteActor
from node.storage import actors, collectives, deliveries, follows
from node.storage.database import Database, Transaction
from node.storage.follows import Inbox
from tests.bench.harness import make, minga, room, say, serve, title

_HOSTS = 200
_DEAD = _HOSTS // 10
_SLOW = _HOSTS // 20
_SLOW_SECONDS = 5
_POSTS = 5
_FOLLOWERS = 5
"""On each host: a thousand in all."""


def run() -> None:
    """RSA to hosts that show nothing; Ed25519 to hosts that take it; and with a tenth dead, a twentieth slow."""
    title(f"Deliveries: {_HOSTS} hosts, {_HOSTS * _FOLLOWERS:,} followers")
    _measure("RSA, all healthy", ed25519=False, sick=False)
    _measure("Ed25519, all healthy", ed25519=True, sick=False)
    _measure("RSA, 10 % dead, 5 % slow", ed25519=False, sick=True)


def _measure(name: str, *, ed25519: bool, sick: bool) -> None:
    dead, slow = (_DEAD, _SLOW) if sick else (0, 0)
    with room() as place, sinks(_HOSTS, dead=dead, slow=slow) as there:
        origin, told = make(place / "node"), there.told
        asyncio.run(_followers(place / "node", there.ports, ed25519=ed25519))
        healthy = _HOSTS - dead - slow
        with serve(place / "node", origin) as node:
            minga(place / "node", "publish", "note", "text=la primera abre las conexiones")
            all_told(told, healthy)
            cpu, worst = node.cpu(), 0.0
            for number in range(_POSTS):
                begun = time.monotonic()
                minga(place / "node", "publish", *_thing(number))
                published = time.monotonic()
                worst = max(worst, all_told(told, healthy) - published)
                say(f"{name}: post {number}, from the command's start", time.monotonic() - begun, "s")
            used = node.cpu() - cpu
            say(f"{name}: all {healthy} healthy ones have it after, worst of {_POSTS}", worst, "s")
            say(
                f"{name}: deliveries",
                healthy * _POSTS / used,
                "/CPU s",
                f"{used * 1000 / (healthy * _POSTS):.2f} CPU s per 1000",
            )
            say(f"{name}: memory", node.memory(), "MiB")
            if sick:
                there.revive()
                back = time.monotonic()
                last = all_told(told, dead * (_POSTS + 1))
                say(
                    f"{name}: the {dead} dead ones come back and have all {_POSTS + 1} after",
                    last - back,
                    "s",
                )


def _thing(number: int) -> tuple[str, ...]:
    """Needs and notes in turn: what a need costs more is its text in two languages and its typed data."""
    return (
        ("need", "what=lentejas", f"quantity={number + 1} kg")
        if number % 2
        else ("note", f"text=hoy {number}")
    )


def all_told(told: Connection, count: int) -> float:
    """Wait until so many more posts arrived; the moment of the last."""
    last = 0.0
    for _ in range(count):
        if not told.poll(60):
            raise RuntimeError("not all hosts got it within a minute")
        last = told.recv()
    return last


class Sinks:
    """Servers that take everything, each on a port of its own, which is a host of its own. `told` gives the moment of every post
    that came to a host that is not slow."""

    def __init__(self, ports: list[int], told: Connection, process: int) -> None:
        self.ports = ports
        self.told = told
        self._process = process

    def revive(self) -> None:
        """Let the dead ones answer from now on."""
        os.kill(self._process, signal.SIGUSR1)


@contextlib.contextmanager
def sinks(count: int, *, dead: int = 0, slow: int = 0) -> Iterator[Sinks]:
    """So many servers in a process of their own; the first ones are dead, those behind them slow."""
    sockets = []
    for _ in range(count):
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        sockets.append(listening)
    ports = [listening.getsockname()[1] for listening in sockets]
    ours, theirs = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_sink, args=(sockets, theirs, dead, slow), daemon=True)
    process.start()
    try:
        yield Sinks(ports, ours, process.pid or 0)
    finally:
        process.terminate()
        process.join()
        for listening in sockets:
            listening.close()


def _sink(sockets: list[socket.socket], told: Connection, dead: int, slow: int) -> None:
    tired = {each.getsockname()[1] for each in sockets[dead : dead + slow]}

    async def take(request: web.Request) -> web.Response:
        await request.read()
        local = request.transport.get_extra_info("sockname")[1] if request.transport else 0
        if local in tired:
            await asyncio.sleep(_SLOW_SECONDS)
        else:
            told.send(time.monotonic())
        return web.Response(status=202)

    async def main() -> None:
        revived = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, revived.set)
        application = web.Application()
        application.router.add_post("/{path:.*}", take)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        for listening in sockets[dead:]:
            await web.SockSite(runner, listening).start()
        await revived.wait()
        for listening in sockets[:dead]:
            await web.SockSite(runner, listening).start()
        await asyncio.Event().wait()

    asyncio.run(main())


async def _followers(directory: Path, ports: list[int], *, ed25519: bool) -> None:
    database = await Database.open(directory / "minga.db", lambda: datetime.now(UTC))
    try:
        await database.writer.run(lambda t: _follow(t, ports, ed25519))
    finally:
        await database.close()


def _follow(transaction: Transaction, ports: list[int], ed25519: bool) -> None:
    own = collectives.every(transaction)[0]
    for port in ports:
        host = f"127.0.0.1:{port}"
        scheme = "rfc9421" if ed25519 else "cavage"
        deliveries.learn(transaction, HostState(host, scheme=scheme, takes_ed25519=ed25519))
        for name in (f"vecina{number}" for number in range(_FOLLOWERS)):
            uri = f"http://{host}/users/{name}"
            remote = RemoteActor(
                id=uri,
                type="Person",
                inbox=f"{uri}/inbox",
                shared_inbox=f"http://{host}/inbox",
                followers=None,
                outbox=None,
                username=name,
                handle="",
                keys=(),
                document=json.dumps({"id": uri}).encode(),
                fetched=transaction.now,
            )
            actors.put(transaction, remote, name=name, host=host, believe_keys=True, state="ok")
            inbox = Inbox(uri, remote.inbox, remote.shared_inbox)
            follows.put_follower(
                transaction, own.id, uri, state="accepted", activity=f"{uri}#follow", inbox=inbox
            )
