"""The addresses of a federated server, as Starlette routes: discovery, inboxes, and documents by content negotiation.

One URL serves both: the document to servers, and to browsers whatever the given `page` application draws there. Documents
go out as the bytes that the host holds. What is not for everybody answers a signed GET of a permitted reader, and is
otherwise as absent as what never was (404), so that its existence does not leak.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

import msgspec
from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from federation.errors import (
    Blocked,
    FederationError,
    Malformed,
    MissingSignature,
    Overloaded,
    TooLarge,
)
from federation.inbox import Inbox
from federation.interfaces import Document, Documents, InboundLog
from federation.limits import DEFAULT_LIMITS, Limits
from federation.message import HttpMessage
from federation.negotiation import DOCUMENT_TYPE, document_type
from federation.nodeinfo import Software, Version, links, media_type, nodeinfo
from federation.signature_input import PREFERRED_SIGNATURE, AcceptedSignature, accept_signature
from federation.verify import KeyLookup, verify_reader
from federation.webfinger import JRD_JSON, answer, host_meta_json, host_meta_xml

__all__ = ["COLLECTIVE_PARTS", "Site", "problem", "site_routes"]

COLLECTIVE_PARTS = ("outbox", "followers", "following", "featured", "peers")
_OBJECT_PARTS = ("replies", "proposal", "context")
_CORS = {"access-control-allow-origin": "*"}
_HOUR = {"cache-control": "max-age=3600"}
_PROBLEM = "application/problem+json"
_DETAIL_CHARS = 300
_KEY_ID = re.compile(r'key[iI]d="([^"]{1,2048})"')
_ACCEPTED_GET = accept_signature(AcceptedSignature("sig1", ("@method", "@target-uri")))
_ACCEPTED_POST = accept_signature()
# Peers that took to each other by draft-cavage learn from it that there is a better way (RFC 9421 section 5.1).
_PREFERRED_POST = {"accept-signature": accept_signature(PREFERRED_SIGNATURE)}


@dataclass(frozen=True, kw_only=True)
class Site:
    """What the routes stand on. `origin` is the node's own, from its settings, never from a request.

    `page` draws pages for people and is asked wherever one is wanted. `secure`: documents only to signed GETs, the
    server actor excepted (the setting that other servers call authorized fetch).
    """

    origin: str
    documents: Documents
    inbox: Inbox
    log: InboundLog
    keys: KeyLookup
    page: ASGIApp
    software: Software
    name: str = ""
    secure: bool = False
    limits: Limits = DEFAULT_LIMITS
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def site_routes(site: Site) -> list[BaseRoute]:
    """The routes, to be mounted at the root of the application before its own."""
    documents, door = _DocumentDoor(site), _InboxDoor(site)
    paths = [
        "/c/{handle}",
        *(f"/c/{{handle}}/{part}" for part in COLLECTIVE_PARTS),
        "/o/{id}",
        *(f"/o/{{id}}/{part}" for part in _OBJECT_PARTS),
        "/s/{id}",
        "/g/{id}",
        "/actor",
        "/actor/outbox",
    ]
    return [
        *(Route(path, door) for path in ("/inbox", "/c/{handle}/inbox")),
        *(Route(path, documents, methods=["GET"]) for path in paths),
        *(Route(f"{path}/", _Slashed(site), methods=["GET"]) for path in paths),
        *_discovery(site),
    ]


def problem(error: FederationError, *, accept: str = "") -> Response:
    """A verdict as problem details (RFC 9457). `accept`: the signature that would be accepted (RFC 9421 section 5)."""
    status = error.status
    headers: dict[str, str] = {}
    if isinstance(error, Overloaded):
        headers["retry-after"] = str(error.retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["accept-signature"] = accept or _ACCEPTED_POST
    # Why bytes could not be read is about those bytes alone; other causes may tell of what is inside.
    detail = {"detail": error.cause[:_DETAIL_CHARS]} if isinstance(error, Malformed) and error.cause else {}
    return _problem(status, error.public, error.code, headers, **detail)


def _problem(
    status: int, title: str, code: str, headers: dict[str, str] | None = None, **more: str
) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "code": code, **more}
    return Response(msgspec.json.encode(body), status, headers, media_type=_PROBLEM)


def _absent() -> Response:
    """Nothing, or nothing for this reader: the two look alike, and another signature may find something."""
    told = {"vary": "Accept, Signature", "cache-control": "private, no-store"}
    return _problem(404, "There is nothing here.", "not-found", told)


class _InboxDoor:
    """POST to an inbox. Every other method is refused here, and not left to whoever draws pages."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await _problem(405, "An inbox takes POST.", "not-for-reading", {"allow": "POST"})(
                scope, receive, send
            )
            return
        try:
            response = await self._answer(scope, receive)
        except FederationError as verdict:
            response = problem(verdict)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        site = self._site
        handle = scope["path_params"].get("handle")
        actor = "" if handle is None else await site.documents.account(handle.lower())
        if actor is None:
            return _absent()
        try:
            async with asyncio.timeout(site.limits.fetch_seconds):
                body = await _body(scope, receive, site.limits.body_bytes)
        except TimeoutError as error:
            raise _SlowBodyError("the body did not arrive in time") from error
        await site.inbox.receive(_message(scope, body, site.origin), actor)
        return Response(status_code=202, headers=_PREFERRED_POST)


class _SlowBodyError(Malformed):
    """The body of a request dripped in, slower than any honest line."""

    status = 408

    @property
    def code(self) -> str:
        return "slow-body"


async def _body(scope: Scope, receive: Receive, limit: int) -> bytes:
    declared = Headers(scope=scope).get("content-length", "0")
    if not declared.isdecimal() or int(declared[:20]) > limit:
        raise TooLarge(f"{declared[:20]} bytes")
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ClientDisconnect
        body += event.get("body", b"")
        if len(body) > limit:
            raise TooLarge(f"more than {limit} bytes")
        if not event.get("more_body", False):
            return bytes(body)


def _message(scope: Scope, body: bytes, origin: str) -> HttpMessage:
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    target = raw_path + (b"?" + query if query else b"")
    pairs: Iterable[tuple[bytes, bytes]] = scope["headers"]
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs]
    return HttpMessage(scope["method"], target.decode("latin-1"), headers, body, origin)


class _DocumentDoor:
    """GET and HEAD of whatever has a document. The path to most answers is kept short: it is walked for every reader."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        wanted = document_type(headers.get(b"accept", b"").decode("latin-1"))
        document = await self._site.documents.document(scope["path"], scope["query_string"].decode("latin-1"))
        if wanted is None and (document is None or document.page):
            await self._site.page(scope, receive, send)
            return
        try:
            response = await self._answer(scope, document, wanted or DOCUMENT_TYPE, headers)
        except FederationError as verdict:
            response = problem(verdict, accept=_ACCEPTED_GET)
        await response(scope, receive, send)

    async def _answer(
        self, scope: Scope, document: Document | None, content_type: str, headers: dict[bytes, bytes]
    ) -> Response:
        restricted = document is not None and document.readers is not None
        signed = b"signature" in headers
        closed = self._site.secure and not (document is not None and document.open)
        if restricted or signed or closed:
            refusal = await self._refuse(scope, document, signed=signed, closed=closed, headers=headers)
            if refusal is not None:
                return refusal
        if document is None:
            return _absent()
        told = _headers(document, restricted=restricted, secure=self._site.secure, content_type=content_type)
        if document.status == 200 and _matches(headers.get(b"if-none-match", b""), told["etag"]):
            return Response(status_code=304, headers=told)
        body = document.body if scope["method"] == "GET" else b""
        if scope["method"] != "GET":
            told["content-length"] = str(len(document.body))
        return Response(body, document.status, told)

    async def _refuse(
        self,
        scope: Scope,
        document: Document | None,
        *,
        signed: bool,
        closed: bool,
        headers: dict[bytes, bytes],
    ) -> Response | None:
        """Judge the reader; `closed`: of a document for everybody, it must sign all the same. None: go on."""
        site = self._site
        if not signed:
            if closed and scope["path"] != "/actor":
                raise MissingSignature
            return _absent() if document is not None and document.readers is not None else None
        # Whoever is blocked here is not served, and need not be proven: nobody claims falsely to be blocked.
        for key_id in _claimed_keys(headers):
            if (refusal := await self._blocked(document, key_id)) is not None:
                return refusal
        if document is None or (document.readers is None and not closed) or scope["path"] == "/actor":
            return None
        try:
            reader = await verify_reader(
                _message(scope, b"", site.origin), site.keys, now=site.now(), limits=site.limits
            )
        except Overloaded:
            raise
        except FederationError:
            if closed:
                raise
            return _absent()
        if (refusal := await self._blocked(document, reader.actor)) is not None:
            return refusal
        if document.readers is not None and not await site.documents.may_read(document, reader.actor):
            return _absent()
        return None

    async def _blocked(self, document: Document | None, reader: str) -> Response | None:
        """Refuse whom the node blocks, or the owner of the document: what is not for everybody is then as absent as ever."""
        if await self._site.log.blocked(reader):
            raise Blocked(reader)
        if document is None or not document.owner or not await self._site.documents.refuses(document, reader):
            return None
        if document.readers is None:
            raise Blocked(reader)
        return _absent()


def _claimed_keys(headers: dict[bytes, bytes]) -> list[str]:
    named = headers.get(b"signature-input", b"") + headers.get(b"signature", b"")
    return [key_id.partition("#")[0] for key_id in _KEY_ID.findall(named.decode("latin-1"))]


def _headers(document: Document, *, restricted: bool, secure: bool, content_type: str) -> dict[str, str]:
    closed = restricted or document.vary_signature or secure
    return {
        "content-type": content_type,
        "etag": f'"{document.etag}"',
        "vary": "Accept, Signature" if closed else "Accept",
        "cache-control": "private, no-store" if restricted else "no-cache",
    }


def _matches(if_none_match: bytes, etag: str) -> bool:
    if not if_none_match:
        return False
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.decode("latin-1").split(","))
    return any(tag in ("*", etag) for tag in tags)


class _Slashed:
    """An address with a slash too many: a document has one id, so that servers find nothing here, in their own language."""

    def __init__(self, site: Site) -> None:
        self._page = site.page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = document_type(Headers(scope=scope).get("accept", ""))
        await (self._page if wanted is None else _absent())(scope, receive, send)


_Teller = Callable[[Scope], Awaitable[Response]]


class _Open:
    """GET and HEAD of what everybody may read from anywhere."""

    def __init__(self, tell: _Teller) -> None:
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._tell(scope)
        except FederationError as verdict:
            response = problem(verdict)
        response.headers.update(_CORS)
        if scope["method"] == "HEAD":
            response.body = b""
        await response(scope, receive, send)


def _discovery(site: Site) -> list[BaseRoute]:
    async def webfinger(scope: Scope) -> Response:
        resource = QueryParams(scope["query_string"]).get("resource")
        jrd = await answer(resource, origin=site.origin, documents=site.documents)
        return _absent() if jrd is None else Response(jrd, media_type=JRD_JSON, headers=_HOUR)

    async def node(version: Version) -> Response:
        body = nodeinfo(version, site.software, await site.documents.usage(), name=site.name)
        return Response(body, media_type=media_type(version), headers=_HOUR)

    def fixed(body: bytes, kind: str) -> _Open:
        async def tell(_scope: Scope) -> Response:
            return Response(body, media_type=kind, headers=_HOUR)

        return _Open(tell)

    async def node_2_0(_scope: Scope) -> Response:
        return await node("2.0")

    async def node_2_1(_scope: Scope) -> Response:
        return await node("2.1")

    tellers = {
        "/.well-known/webfinger": _Open(webfinger),
        "/.well-known/nodeinfo": fixed(links(site.origin), "application/json"),
        "/.well-known/host-meta": fixed(host_meta_xml(site.origin), "application/xrd+xml"),
        "/.well-known/host-meta.json": fixed(host_meta_json(site.origin), "application/json"),
        "/nodeinfo/2.0": _Open(node_2_0),
        "/nodeinfo/2.1": _Open(node_2_1),
    }
    # Some programs write a slash at the end.
    return [
        Route(path, teller, methods=["GET"])
        for each, teller in tellers.items()
        for path in (each, f"{each}/")
    ]
