"""The sockets to other servers, by aiohttp: every address is judged where the socket to it is made.

`netguard` loads this with the first request of its own and says what is permitted; nobody else needs it.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from federation.errors import ForbiddenAddress

AddrInfo = tuple[Any, Any, int, str, tuple[Any, ...]]
Permitted = Callable[[str, int], bool]

_NAMES_ASKED = 256
"""Names that are asked for at the same time: more than there are requests in flight."""


def transport(permitted: Permitted) -> httpx.AsyncBaseTransport:
    """A transport that connects only where `permitted` (numeric address, port). What it refuses stands as a ForbiddenAddress among
    the causes of httpx's error."""
    # The session verifies with aiohttp's own context, which read the store when aiohttp was loaded; a second one
    # costs 100 ms and 2 MiB. This empty one only keeps the transport from making a third: it trusts nobody.
    unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return AiohttpTransport(verify=unused, client=lambda: _session(permitted))


def _session(permitted: Permitted) -> aiohttp.ClientSession:
    # No limit here: whoever asks bounds what is in flight, by host and in all.
    connector = aiohttp.TCPConnector(
        ssl=True,
        limit=0,
        resolver=_Resolver(),
        socket_factory=_dialler(permitted),
        keepalive_timeout=30,
    )
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)


class _RefusedError(ForbiddenAddress, PermissionError):
    """Raised inside the dialler, where only an OSError is passed on whole."""


def _dialler(permitted: Permitted) -> Callable[[AddrInfo], socket.socket]:
    def dial(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if not permitted(str(address[0]), int(address[1])):
            raise _RefusedError(f"{address[0]} port {address[1]} is not an address for a federated server")
        return socket.socket(family=family, type=kind, proto=protocol)

    return dial


class _Resolver(AbstractResolver):
    """DNS in a thread for each name that is being asked for: one that never answers holds up no other name, nor the end of the process."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, int, int], asyncio.Future[list[AddrInfo]]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        # Shielded: the thread is busy with the name for up to half a minute, whoever gives up waiting; who comes next waits with it.
        found = await asyncio.shield(self._asked.get((host, port, family)) or self._ask(host, port, family))
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in found
        ]

    def _ask(self, host: str, port: int, family: int) -> asyncio.Future[list[AddrInfo]]:
        if len(self._asked) >= _NAMES_ASKED:
            raise OSError(socket.EAI_AGAIN, "too many names are asked for that do not answer")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[AddrInfo]] = loop.create_future()
        self._asked[host, port, family] = answer

        def settle(found: list[AddrInfo] | OSError) -> None:
            del self._asked[host, port, family]
            if isinstance(found, OSError):
                answer.set_exception(found)
                answer.exception()  # nobody may be left who waits for it
            else:
                answer.set_result(found)

        def look() -> None:
            found: list[AddrInfo] | OSError
            try:
                found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError) as error:
                found = error if isinstance(error, OSError) else OSError(socket.EAI_NONAME, str(error))
            with contextlib.suppress(RuntimeError):  # the node has stopped meanwhile
                loop.call_soon_threadsafe(settle, found)

        try:
            threading.Thread(target=look, name="resolve", daemon=True).start()
        except RuntimeError as error:
            del self._asked[host, port, family]
            raise OSError(socket.EAI_AGAIN, str(error)) from error
        return answer

    async def close(self) -> None:
        """Nothing to close: a thread ends with its answer."""
