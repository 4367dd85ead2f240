"""Where we never connect: the check that stands in the dialler.

A federated server fetches what strangers tell it to. Judging names or URLs is not enough: a name may resolve to a
private address, differently each time (DNS rebinding), a redirect may lead inside, and an address has many
spellings. So the address itself is judged, at the moment in which the socket to it is made, for every
connection. Everything is refused but global unicast; what else may be reached is named in `allow_networks`.

Plain http is spoken only with `allow_networks` (a trial on one machine) and with onion services, whose
addresses prove themselves. An onion service is reached only through the configured proxy, never by DNS.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from federation.errors import ForbiddenAddress

Network = IPv4Network | IPv6Network
AddrInfo = tuple[Any, Any, int, str, tuple[Any, ...]]

# Global unicast is 2000::/3 (RFC 4291); inside it these carry another address or none at all.
_GLOBAL_IPV6 = IPv6Network("2000::/3")
_SPECIAL: tuple[Network, ...] = (
    IPv6Network("2001::/23"),  # IETF protocol assignments, Teredo among them (RFC 2928)
    IPv6Network("2001:db8::/32"),  # documentation (RFC 3849)
    IPv6Network("2002::/16"),  # 6to4: an IPv4 address in disguise (RFC 3056)
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
    IPv4Network("192.88.99.0/24"),  # 6to4 relays (RFC 7526)
)
# Below 1024 only these speak HTTP; on the others a signed request would be somebody else's protocol.
_PRIVILEGED = 1024
_WEB_PORTS = frozenset({80, 443})
_LOCAL_NAMES = frozenset({"arpa", "home", "internal", "lan", "local", "localdomain", "localhost"})
_NAMES_ASKED = 256
"""Names that are asked for at the same time: more than there are requests in flight."""


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Parse `allow_networks`: `("127.0.0.1/32", "fd00::/8")`. ValueError where one is not a network."""
    return tuple(ip_network(text) for text in texts)


def allowed(address: str, allow_networks: Sequence[Network] = ()) -> bool:
    """Whether a numeric address may be connected to: global unicast, or inside `allow_networks`.

    IPv4 inside IPv6 (`::ffff:127.0.0.1`) is judged as the IPv4 address that it is.
    """
    ip = _numeric(address)
    return ip is not None and (_named(ip, allow_networks) or _public(ip))


def _numeric(address: str) -> IPv4Address | IPv6Address | None:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def _named(ip: IPv4Address | IPv6Address, allow_networks: Sequence[Network]) -> bool:
    return any(ip in network for network in allow_networks)


def _public(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_IPV6:
        return False
    return (
        ip.is_global
        and not ip.is_multicast
        and not ip.is_reserved
        and not any(ip in network for network in _SPECIAL)
    )


def _where(url: httpx.URL) -> str:
    """Host and port as the URL names them."""
    return url.netloc.decode("ascii", "replace")


def _public_name(host: str) -> bool:
    """Whether a proxy may be asked for a name: one that is not made for local networks, and no number in disguise."""
    name, _, top = host.lower().rstrip(".").rpartition(".")
    return bool(name) and not top[0].isdigit() and top not in _LOCAL_NAMES


class _RefusedError(ForbiddenAddress, PermissionError):
    """Raised inside the dialler, where only an OSError is passed on whole."""


def _dialler(permitted: Callable[[str, int], bool]) -> Callable[[AddrInfo], socket.socket]:
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


class GuardedTransport(httpx.AsyncBaseTransport):
    """The only way out of this server: an httpx transport whose every connection is judged.

    `onion_proxy` (`socks5://127.0.0.1:9050`, or an HTTP proxy) is used for `.onion` hosts alone, `proxy` for everything; a
    proxy resolves names itself, so it must refuse private addresses itself, as Tor does. What is plainly local is never
    asked of a proxy. TLS is verified against
    the system's store, or the file that SSL_CERT_FILE names. Errors: ForbiddenAddress for what is refused;
    httpx's own for what fails otherwise. Nothing follows redirects here: each hop is a request of its own.
    """

    def __init__(
        self,
        *,
        allow_networks: Sequence[Network] = (),
        proxy: str | None = None,
        onion_proxy: str | None = None,
    ) -> None:
        self._allow = tuple(allow_networks)
        # The sessions verify with aiohttp's own context, which read the store when aiohttp was loaded; a second one
        # costs 100 ms and 2 MiB. This empty one only keeps the transport from making a third: it trusts nobody.
        unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._https = AiohttpTransport(verify=unused, client=lambda: self._session(self._permits_https))
        self._http = AiohttpTransport(verify=unused, client=lambda: self._session(self._permits_http))
        self._proxied = self._through(proxy) if proxy else None
        self._onion = self._through(onion_proxy) if onion_proxy else self._proxied

    def _through(self, proxy: str) -> httpx.AsyncBaseTransport:
        return httpx.AsyncHTTPTransport(verify=ssl.create_default_context(), proxy=proxy, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request to an address that is permitted."""
        transport = self._transport_for(request.url)
        try:
            return await transport.handle_async_request(request)
        except httpx.UnsupportedProtocol as error:
            raise ForbiddenAddress(str(error), host=_where(request.url)) from error
        except httpx.TransportError as error:
            refused = next((e for e in _causes(error) if isinstance(e, _RefusedError)), None)
            if refused is not None:
                raise ForbiddenAddress(str(refused), host=_where(request.url)) from error
            raise

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in (self._https, self._http, self._proxied, self._onion):
            if transport is not None:
                await transport.aclose()

    def _transport_for(self, url: httpx.URL) -> httpx.AsyncBaseTransport:
        if url.userinfo:
            raise ForbiddenAddress("credentials in the authority", host=_where(url))
        if url.scheme not in ("https", "http") or not url.host:
            raise ForbiddenAddress(f"not an address of the web: {url.scheme}", host=_where(url))
        if url.host.rstrip(".").endswith(".onion"):
            if self._onion is None:
                raise ForbiddenAddress("an onion service, and no proxy is configured", host=_where(url))
            return self._onion
        if url.scheme == "https":
            return self._https if self._proxied is None else self._beyond(url.host, self._proxied)
        if not self._allow:
            raise ForbiddenAddress("plain http", host=_where(url))
        return self._http

    def _beyond(self, host: str, proxied: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        ip = _numeric(host)
        if ip is None and not _public_name(host):
            raise ForbiddenAddress("a name of a local network", host=host)
        # A private address goes the guarded way, which refuses it unless it is one of `allow_networks`.
        return proxied if ip is None or _public(ip) else self._https

    def _session(self, permitted: Callable[[str, int], bool]) -> aiohttp.ClientSession:
        # No limit here: whoever asks bounds what is in flight, by host and in all.
        connector = aiohttp.TCPConnector(
            ssl=True,
            limit=0,
            resolver=_Resolver(),
            socket_factory=_dialler(permitted),
            keepalive_timeout=30,
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )

    def _permits_https(self, address: str, port: int) -> bool:
        ip = _numeric(address)
        web_port = port in _WEB_PORTS or port >= _PRIVILEGED
        return ip is not None and (_named(ip, self._allow) or (web_port and _public(ip)))

    def _permits_http(self, address: str, _port: int) -> bool:
        ip = _numeric(address)
        return ip is not None and _named(ip, self._allow)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that led to it, aiohttp's `os_error` included."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        inner = getattr(seen, "os_error", None)
        if isinstance(inner, BaseException):
            yield inner
        seen = seen.__cause__
