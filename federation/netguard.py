"""Where we never connect: the check that stands in the dialler.

A federated server fetches what strangers tell it to. Judging names or URLs is not enough: a name may resolve to a
private address, differently each time (DNS rebinding), a redirect may lead inside, and an address has many
spellings. So the address itself is judged, at the moment in which the socket to it is made, for every
connection. Everything is refused but global unicast; what else may be reached is named in `allow_networks`.

Plain http is spoken only with `allow_networks` (a trial on one machine) and with onion services, whose
addresses prove themselves. An onion service is reached only through the configured proxy, never by DNS.
"""

import ssl
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from federation.errors import ForbiddenAddress

Network = IPv4Network | IPv6Network
Permitted = Callable[[str, int], bool]

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


class _Dialled(httpx.AsyncBaseTransport):
    """Connections of our own, each judged by `permitted` (numeric address, port)."""

    def __init__(self, permitted: Permitted) -> None:
        self._permitted = permitted
        self._transport: httpx.AsyncBaseTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        if self._transport is None:
            # Loaded by the first who asks another server: every start would pay 9 MiB and 250 ms for aiohttp.
            self._transport = import_module("federation.dialler").transport(self._permitted)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._transport is not None:
            await self._transport.aclose()


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
        self._https = _Dialled(self._permits_https)
        self._http = _Dialled(self._permits_http)
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
            refused = next((e for e in _causes(error) if isinstance(e, ForbiddenAddress)), None)
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
