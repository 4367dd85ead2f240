"""Real servers on loopback for the tests: an ASGI application in the same loop or in a thread of its own, or a raw
socket.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

PATIENCE = 10.0


def free_socket(port: int = 0, address: str = "127.0.0.1") -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(512)
    return listener


def origin_of_socket(listener: socket.socket) -> str:
    address, port = listener.getsockname()[:2]
    return f"http://{address}:{port}"


@contextmanager
def serving(app: Any, listener: socket.socket | None = None, lifespan: str = "off") -> Iterator[str]:
    """Serve `app` and give its origin."""
    listener = listener or free_socket()
    config = uvicorn.Config(
        app, log_level="error", access_log=False, lifespan=lifespan, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield origin_of_socket(listener)
    finally:
        server.should_exit = True
        thread.join(5)
        listener.close()


@contextmanager
def talking(speak: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> Iterator[str]:
    """Serve whatever bytes `speak` writes: peers that no honest library would be."""
    listener = free_socket()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await speak(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def main() -> None:
        async with await asyncio.start_server(handle, sock=listener):
            await stop.wait()
        speaking = asyncio.all_tasks() - {asyncio.current_task()}
        for task in speaking:
            task.cancel()
        await asyncio.gather(*speaking, return_exceptions=True)
        # Closing a transport takes another turn of the loop.
        await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
    thread.start()
    try:
        yield origin_of_socket(listener)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)
        loop.close()


async def until(happens: Callable[[], Awaitable[Any]], *, seconds: float = PATIENCE) -> Any:
    """Ask again and again until the answer is true; the answer."""
    end = asyncio.get_running_loop().time() + seconds
    while not (answer := await happens()):
        assert asyncio.get_running_loop().time() < end, f"not within {seconds} s; the last answer: {answer!r}"
        await asyncio.sleep(0.01)
    return answer


class Listening:
    """An application that answers on one port, and can be gone for a while."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._address = address
        self._listener = free_socket(address=address)
        self.origin = origin_of_socket(self._listener)
        self._port = self._listener.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def up(self, app: Any) -> None:
        """Answer."""
        if self._listener.fileno() < 0:
            self._listener = free_socket(self._port, self._address)
        settings = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(settings)
        self._serving = asyncio.create_task(self._server.serve([self._listener]))
        while not self._server.started:
            await asyncio.sleep(0.005)

    async def down(self) -> None:
        """Answer no more: connections are refused."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        self._server = None
        self._listener.close()
