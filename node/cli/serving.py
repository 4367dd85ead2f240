"""Run a node until it is asked to stop: the network, the control socket, the workers."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import stat
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import uvicorn
import uvloop

from node import log
from node.app import Node, open_node
from node.config import Config, address, load
from node.control import lock, server
from node.control.client import serves
from node.control.commands import perform
from node.control.table import COMMANDS
from node.control.wire import Report
from node.errors import InUseError, SetupError
from node.keyring import Passphrase
from node.storage import collectives, members

_FINISH_SECONDS = 3
"""How long requests under way may take after a stop is asked for."""
_COMMAND_SECONDS = 30.0
"""How long a command that holds the directory is waited for."""
_AGAIN_SECONDS = 0.1
_IDLE_SECONDS = 75
"""An idle connection stays open for longer than proxies and peers keep theirs, so that they close it and not we under their next
request."""


def serve(directory: Path, flags: dict[str, str], passphrase: Passphrase, *, first: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. SetupError where that cannot begin. `first`: show a link for whoever comes in first."""
    config = load(directory, os.environ, flags)
    log.begin(config.log_level)
    with (
        _held(directory),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_run(directory, config, passphrase, first))


@contextlib.contextmanager
def _held(directory: Path) -> Iterator[None]:
    """Hold the directory; InUseError where another node serves it. A command that works on it just now is waited for."""
    until = time.monotonic() + _COMMAND_SECONDS
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(lock.held(directory))
                break
            except InUseError:
                if serves(directory) or time.monotonic() > until:
                    raise
                time.sleep(_AGAIN_SECONDS)
        yield


async def _run(directory: Path, config: Config, passphrase: Passphrase, first: bool) -> None:
    # The data first: what is wrong with it matters more than who has the port.
    async with open_node(directory, config, passphrase=passphrase) as node:
        # What was loaded stays to the end; the collector of cycles need not look through it while requests wait.
        gc.freeze()
        with _listening(config) as listener:
            await _answer(directory, node, listener, first)


async def _answer(directory: Path, node: Node, listener: socket.socket, first: bool) -> None:
    web = _Web(
        uvicorn.Config(
            node.asgi,
            http="httptools",
            ws=_websocket,  # type: ignore[arg-type]
            ws_max_size=16_384,
            ws_per_message_deflate=False,
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_FINISH_SECONDS,
            timeout_keep_alive=_IDLE_SECONDS,
        )
    )

    async def command(name: str, arguments: dict[str, Any], report: Report) -> Any:
        return await perform(COMMANDS, node, name, arguments, report)

    async with server.listening(directory, command):
        node.workers.start()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, web.stop)
        answering = asyncio.create_task(web.serve([listener]))
        await web.ready.wait()
        await _greet(node, first)
        await web.stopping.wait()
        # Streams end only when they are told to; requests under way end by themselves.
        await asyncio.gather(answering, node.workers.stop(), node.streams.stop())


def _websocket(**connection: Any) -> asyncio.Protocol:
    """What speaks WebSocket, loaded by the first who asks for one: every start would pay 1 MiB and 40 ms for it."""
    module = import_module("uvicorn.protocols.websockets.websockets_sansio_impl")
    protocol: asyncio.Protocol = module.WebSocketsSansIOProtocol(**connection)
    return protocol


class _Web(uvicorn.Server):
    """uvicorn without its own handling of signals: whoever stops the node stops it whole."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self.ready.set()

    def stop(self) -> None:
        """Take no more requests, finish those under way."""
        self.should_exit = True
        self.stopping.set()


@contextlib.contextmanager
def _listening(config: Config) -> Iterator[socket.socket]:
    """The socket on which the node answers. SetupError names the address that cannot be had."""
    place = config.unix or config.bind
    try:
        listener = _unix(Path(config.unix)) if config.unix else _tcp(*address(config.bind))
    except OSError as error:
        raise SetupError(
            f"Nothing can listen on {place}: {error.strerror}.",
            hint="Another program may be there; choose with --bind HOST:PORT or --unix PATH.",
        ) from error
    try:
        yield listener
    finally:
        listener.close()
        if config.unix:
            Path(config.unix).unlink(missing_ok=True)


def _tcp(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _unix(path: Path) -> socket.socket:
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        path.unlink()
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(path))
        # The proxy in front is another user; whoever may reach the directory may reach the port of a TCP address too.
        path.chmod(0o666)
    except OSError:
        listener.close()
        raise
    return listener


async def _greet(node: Node, first: bool) -> None:
    there = await node.database.reader.run(collectives.every)
    place = node.config.unix or node.config.bind
    click.echo(f"Minga listens on {place} for {node.config.origin}")
    for each in there:
        click.echo(f"  {each.name}: {each.uri}  (@{each.handle}@{node.config.host})")
    for warning in node.config.misspelt(each.handle for each in there):
        click.echo(f"warning: {warning}", err=True)
    if first:
        for each, link in await node.invitations.welcome():
            click.echo(f"Open this to begin with {each.name} (it works once, within seven days):")
            click.echo(f"  {node.config.origin}{link.path}")
    elif not any(await node.database.reader.run(lambda s: [members.of(s, each.id) for each in there])):
        click.echo("Nobody can come in yet: `minga member invite --role steward` prints a link.")
    if node.config.trial:
        click.echo(
            "This node is a trial: its addresses mean nothing outside this machine, and can never change."
        )
