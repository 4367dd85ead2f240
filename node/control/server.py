"""Answer commands: over the socket of a running node, or directly in a process that holds the lock itself."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from federation.errors import FederationError
from node.control.commands import refusal
from node.control.wire import REQUEST_BYTES, SOCKET, Line, Refusal, Report, Request, address
from node.errors import InvalidError, NodeError

log = logging.getLogger(__name__)

Perform = Callable[[str, dict[str, Any], Report], Awaitable[Any]]


@contextlib.asynccontextmanager
async def listening(directory: Path, perform: Perform) -> AsyncIterator[None]:
    """Answer on `DIR/control.sock` for the length of a `with`. The caller holds the directory's lock."""
    (directory / SOCKET).unlink(missing_ok=True)
    descriptor = os.open(directory, os.O_RDONLY)
    running: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The command goes on when its caller hangs up, so it is a task that nobody cancels with the connection.
        task = asyncio.ensure_future(_answer(perform, reader, writer))
        running.add(task)
        task.add_done_callback(running.discard)
        await asyncio.shield(task)

    try:
        server = await asyncio.start_unix_server(
            answer, sock=_bound(address(directory, descriptor)), limit=REQUEST_BYTES
        )
        async with server:
            yield
            server.close()
            if running:
                await asyncio.wait(running, timeout=2)
    finally:
        (directory / SOCKET).unlink(missing_ok=True)
        os.close(descriptor)


def _bound(path: str) -> socket.socket:
    bound = socket.socket(socket.AF_UNIX)
    former = os.umask(0o177)
    try:
        bound.bind(path)
    finally:
        os.umask(former)
    return bound


async def _answer(perform: Perform, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    def send(line: Line) -> None:
        if not writer.is_closing():
            writer.write(msgspec.json.encode(line) + b"\n")

    with contextlib.suppress(ConnectionError):
        try:
            request = await _request(reader)
            result = await perform(
                request.command, request.arguments, lambda progress: send(Line(progress=progress))
            )
            send(Line(result=(result,)))
        except Exception as error:
            send(Line(refusal=told(error)))
        await writer.drain()
    writer.close()


async def _request(reader: asyncio.StreamReader) -> Request:
    try:
        return msgspec.json.decode(await reader.readline(), type=Request)
    except (ValueError, msgspec.MsgspecError) as error:
        raise InvalidError(
            "command", f"expected one line of JSON, of at most {REQUEST_BYTES} bytes"
        ) from error


def told(error: Exception) -> Refusal:
    """What is said of an error; one that nobody expected goes to the log, whole."""
    if isinstance(error, NodeError | FederationError):
        return refusal(error)
    log.error("a command failed", exc_info=error)
    return Refusal("Something went wrong in this node.", "Its log says what; please report it.")
