"""Asking other servers: signed GET and POST within budgets of size, time, redirects, and content type.

Every request is signed and every hop of a redirect is a request of its own: guarded, counted, and signed anew.
Which signature scheme a host takes is found by knocking twice, draft-cavage first, and remembered. What comes back is
an `Answer` or one of `errors.Unreachable`; what a stranger's server sends never raises anything else.
"""

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from importlib import import_module
from typing import Any
from urllib.parse import urljoin

import httpx
from yarl import URL

from federation.errors import (
    BadAnswer,
    FederationError,
    Gone,
    Malformed,
    NotFound,
    TimedOut,
    TooLarge,
    TooManyRedirects,
    Unreachable,
    WrongOrigin,
)
from federation.interfaces import JsonObject, KeyStore, Scheme, Sender
from federation.jsonld import parse_object
from federation.limits import DEFAULT_LIMITS, Limits
from federation.origin import authority_of, origin_of, same_origin
from federation.signing import Way, other_ways, sign_request
from federation.vocab import ACTIVITY_JSON, LD_JSON_AS2, id_of, is_as2_media_type

__all__ = ["AS2_ACCEPT", "Answer", "Budget", "Fetched", "Fetcher", "canonical_url", "user_agent"]

AS2_ACCEPT = f"{ACTIVITY_JSON}, {LD_JSON_AS2}"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REFUSED = frozenset({401, 403, 404})
_BAD_SIGNATURE = frozenset({400, 401, 403})
_REMEMBERED_HOSTS = 4096


def user_agent(version: str, origin: str) -> str:
    """How we introduce ourselves: `Minga/0.1.0 (+https://olla.example)`."""
    return f"Minga/{version} (+{origin})"


def canonical_url(url: str) -> str:
    """The URL exactly as it will be requested and signed: host in lower case and IDNA, path percent-encoded, no fragment.

    Raises Malformed where it is no http(s) URL.
    """
    try:
        parsed = str(URL(str(httpx.URL(url).copy_with(fragment=None))))
        origin_of(parsed)
    except (ValueError, httpx.InvalidURL, WrongOrigin) as error:
        raise Malformed(f"no web address: {url[:200]!r}") from error
    return parsed


@lru_cache(maxsize=2048)
def _parsed(url: str) -> httpx.URL:
    """Parsing an inbox's URL costs a good part of what posting to it costs, and inboxes come again and again."""
    return httpx.URL(url)


class Budget:
    """How much one activity, or one question of a member, may make us fetch.

    `spend` counts a request. Raises TooLarge (SECURITY: exhaustion by reply chains and forking references).
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._left = limits.fetches_per_activity

    def spend(self) -> None:
        """Take one request from the budget."""
        if self._left <= 0:
            raise TooLarge("more fetches than one activity may cause")
        self._left -= 1


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of another server: `body` is decompressed and within its limit, `url` where it came from at last."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def retry_after(self) -> int | None:
        """Seconds the peer asks us to wait (RFC 9110 section 10.2.3), from a number or a date."""
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return int(text[:9])
        try:
            when = parsedate_to_datetime(text)
            sent = parsedate_to_datetime(self.headers["date"])
            return max(0, int((when - sent).total_seconds()))
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched ActivityStreams document: its exact bytes, the same parsed, and its final URL."""

    body: bytes
    document: JsonObject
    url: str


@dataclass(slots=True)
class _Gate:
    slots: asyncio.Semaphore
    users: int = 0


@dataclass(slots=True)
class _Hosts:
    """What the fetcher remembers of hosts while it runs: who is being asked, and which scheme they take."""

    per_host: int
    gates: dict[str, _Gate] = field(default_factory=dict)
    schemes: OrderedDict[str, Scheme] = field(default_factory=OrderedDict)

    @asynccontextmanager
    async def slot(self, host: str) -> AsyncIterator[None]:
        gate = self.gates.setdefault(host, _Gate(asyncio.Semaphore(self.per_host)))
        gate.users += 1
        try:
            async with gate.slots:
                yield
        finally:
            gate.users -= 1
            if not gate.users:
                self.gates.pop(host, None)

    def learn(self, host: str, scheme: Scheme) -> None:
        self.schemes[host] = scheme
        self.schemes.move_to_end(host)
        if len(self.schemes) > _REMEMBERED_HOSTS:
            self.schemes.popitem(last=False)


class Fetcher:
    """The one client of a node. `transport` is a `GuardedTransport`; `now` the clock that dates signatures."""

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport,
        keys: KeyStore,
        agent: str,
        limits: Limits = DEFAULT_LIMITS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.limits = limits
        self._transport = transport
        self._keys = keys
        self._agent = agent
        self._now = now
        self._hosts = _Hosts(limits.connections_per_host)
        self._connections = asyncio.Semaphore(limits.connections)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def document(
        self, url: str, *, on_behalf_of: str | None = None, budget: Budget | None = None
    ) -> Fetched:
        """Fetch the ActivityStreams document at `url`.

        Signed by the server actor, which names nobody; where that is refused, once more as the collective
        `on_behalf_of`. The document's id must belong to the origin that served it at last (FEP-fe34); a document without an id
        is taken, its caller knows what for. Raises NotFound, Gone, BadAnswer, WrongOrigin, another Unreachable, or what
        `budget` raises.
        """
        senders = [self._keys.server()]
        if on_behalf_of is not None:
            senders.append(self._keys.sender(on_behalf_of))
        answer = await self.get(url, accept=AS2_ACCEPT, senders=senders, budget=budget)
        host = authority_of(answer.url)
        if not is_as2_media_type(answer.headers.get("content-type", "")):
            raise BadAnswer(f"content type {answer.headers.get('content-type', '')[:100]!r}", host=host)
        try:
            document = parse_object(
                answer.body, max_bytes=self.limits.fetched_bytes, max_depth=self.limits.json_depth
            )
        except Malformed as error:
            raise BadAnswer(f"unreadable document: {error.cause}", host=host) from error
        claimed = id_of(document)
        if claimed is not None and not same_origin(claimed, answer.url):
            raise WrongOrigin(f"{answer.url} serves an object of {claimed}", host=host)
        return Fetched(answer.body, document, answer.url)

    async def get(
        self,
        url: str,
        *,
        accept: str,
        senders: Sequence[Sender] = (),
        budget: Budget | None = None,
        max_bytes: int | None = None,
    ) -> Answer:
        """GET what stands at `url`, following redirects, within the time and size of one fetch.

        Signed by each of `senders` in turn until one is not refused; unsigned where there is none. Only an
        answer of 200 comes back. Raises NotFound, Gone, BadAnswer, TimedOut, TooManyRedirects, ForbiddenAddress.
        """
        url = canonical_url(url)
        limit = max_bytes or self.limits.fetched_bytes
        host = authority_of(url)
        try:
            async with asyncio.timeout(self.limits.fetch_seconds):
                answer = await self._follow(url, accept, senders, budget, limit)
        except TimeoutError as error:
            raise TimedOut(f"no whole answer in {self.limits.fetch_seconds} s", host=host) from error
        if answer.status == 200:
            return answer
        failure = {404: NotFound, 410: Gone}.get(answer.status, BadAnswer)
        raise failure(
            f"status {answer.status} of {answer.url}",
            status=answer.status,
            retry_after=answer.retry_after,
            host=host,
        )

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """POST `body` once with these headers, signature included, within the time of one delivery.

        Redirects are not followed, whatever the status it comes back as an `Answer` with at most
        `limits.answer_bytes` of its body. A connection that the peer had closed while it was idle is replaced once.
        Raises Unreachable.
        """
        request = httpx.Request(
            "POST", _parsed(url), content=body, headers={**headers, "user-agent": self._agent}
        )
        try:
            async with asyncio.timeout(self.limits.delivery_seconds):
                return await self._exchange(request, self.limits.answer_bytes, cut=True)
        except TimeoutError as error:
            cause = f"no answer in {self.limits.delivery_seconds} s"
            raise TimedOut(cause, host=authority_of(url)) from error

    def learned(self, host: str, scheme: Scheme) -> None:
        """Remember which scheme a host (`host:port`) takes: it signed so itself, or accepted it."""
        self._hosts.learn(host, scheme)

    async def _follow(
        self, url: str, accept: str, senders: Sequence[Sender], budget: Budget | None, limit: int
    ) -> Answer:
        for _ in range(self.limits.redirects + 1):
            answer = await self._as_each(url, accept, senders, budget, limit)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                return answer
            following = canonical_url(urljoin(url, location))
            if url.startswith("https:") and not following.startswith("https:"):
                raise TooManyRedirects("redirected from https to http", host=authority_of(url))
            url = following
        raise TooManyRedirects(f"more than {self.limits.redirects} redirects", host=authority_of(url))

    async def _as_each(
        self, url: str, accept: str, senders: Sequence[Sender], budget: Budget | None, limit: int
    ) -> Answer:
        if not senders:
            return await self._get(url, accept, {}, budget, limit)
        for sender in senders:
            answer = await self._knock(url, accept, sender, budget, limit)
            if answer.status not in _REFUSED:
                break
        return answer

    async def _knock(
        self, url: str, accept: str, sender: Sender, budget: Budget | None, limit: int
    ) -> Answer:
        host = authority_of(url)
        known = self._hosts.schemes.get(host)
        first: Scheme = known or "cavage"
        answer = await self._get(url, accept, self._signature(url, sender, Way(first)), budget, limit)
        if answer.status == 401 or (known is None and answer.status in _BAD_SIGNATURE):
            (other,) = other_ways(first, answer.headers.get("accept-signature"))
            signature = self._signature(url, sender, other)
            second = await self._get(url, accept, signature, budget, limit)
            if second.status < 400:
                self._hosts.learn(host, other.scheme)
                return second
        elif answer.status < 300:
            self._hosts.learn(host, first)
        return answer

    def _signature(self, url: str, sender: Sender, way: Way) -> dict[str, str]:
        return sign_request(
            "GET",
            url,
            None,
            sender,
            scheme=way.scheme,
            ed25519=way.ed25519,
            now=self._now(),
            wanted=way.wanted,
        )

    async def _get(
        self, url: str, accept: str, signature: Mapping[str, str], budget: Budget | None, limit: int
    ) -> Answer:
        if budget is not None:
            budget.spend()
        headers = {**signature, "accept": accept, "accept-encoding": "gzip", "user-agent": self._agent}
        request = httpx.Request("GET", _parsed(url), headers=headers)
        async with self._hosts.slot(authority_of(url)), self._connections:
            return await self._exchange(request, limit)

    async def _exchange(self, request: httpx.Request, limit: int, *, cut: bool = False) -> Answer:
        try:
            return await self._exchange_once(request, limit, cut=cut)
        except _StaleConnectionError:
            pass
        try:
            return await self._exchange_once(request, limit, cut=cut)
        except _StaleConnectionError as error:
            raise Unreachable(
                "connection closed without an answer", host=authority_of(str(request.url))
            ) from error

    async def _exchange_once(self, request: httpx.Request, limit: int, *, cut: bool) -> Answer:
        try:
            response = await self._transport.handle_async_request(request)
            try:
                body = await _read(response, limit, cut=cut)
            finally:
                await response.aclose()
        except FederationError:
            raise
        except (httpx.HTTPError, httpx.InvalidURL, _aiohttp().ClientError, OSError, ValueError) as error:
            if _stale(error):
                raise _StaleConnectionError from error
            failure = TimedOut if isinstance(error.__cause__, TimeoutError) else Unreachable
            where = authority_of(str(request.url))
            raise failure(f"{type(error).__name__}: {error}"[:300], host=where) from error
        return Answer(response.status_code, response.headers, body, str(request.url))


class _StaleConnectionError(Unreachable):
    """The peer closed the connection without an answer, as it may at any time while the connection is idle."""


def _aiohttp() -> Any:
    # Who fails has mostly loaded it already, in the dialler; a start need not.
    return import_module("aiohttp")


def _stale(error: BaseException) -> bool:
    return isinstance(error.__cause__, (_aiohttp().ServerDisconnectedError, ConnectionResetError))


async def _read(response: httpx.Response, limit: int, *, cut: bool) -> bytes:
    """The body, decompressed, as far as `limit`: beyond it TooLarge, or the rest is not read (`cut`)."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        if cut:
            return b""
        raise BadAnswer(f"content encoding {encoding[:40]!r}")
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32) if encoding not in ("", "identity") else None
    body = bytearray()
    async for chunk in response.aiter_raw():
        try:
            # Bounded by what is left, so that a small chunk cannot unfold into gigabytes.
            body += unpack.decompress(chunk, limit + 1 - len(body)) if unpack else chunk
        except zlib.error as error:
            raise BadAnswer("broken compression") from error
        if len(body) > limit:
            if cut:
                break
            raise BadAnswer(f"larger than {limit} bytes")
    return bytes(body[:limit])
