"""The client API as one ASGI application: routes, tokens, scopes, rates, CORS, and one shape for every refusal.

What leaves here is JSON, errors and unknown paths included; the two pages of OAuth and pictures apart.
"""

import logging
import secrets
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send

from node.api import (
    accounts,
    apps,
    editing,
    filters,
    instance,
    media,
    notifications,
    oauth,
    reactions,
    relationships,
    search,
    statuses,
    stubs,
    timelines,
)
from node.api.callers import caller_of, meet, spend, told
from node.api.calls import NOT_FOUND, WHOLE, Answer, Call, Endpoint, json_response
from node.api.parameters import read_values
from node.api.services import Services
from node.api.streaming import Streaming
from node.api.telling import teller
from node.attachments import UPLOAD_BYTES
from node.clients import Bearer, GrantError
from node.errors import (
    ConflictError,
    ElsewhereError,
    InvalidError,
    NodeError,
    NotPermittedError,
    TooManyError,
    UnauthorizedError,
)
from node.speak import tongues
from node.tongues import SOURCE, Tongue, message, wanted_language

PREFIXES = ("/api/", "/media/")
PATHS = frozenset(
    {"/api", "/oauth/token", "/oauth/revoke", "/oauth/userinfo", "/.well-known/oauth-authorization-server"}
)

_ONE_READER = {"cache-control": "private, no-store"}
"""What is answered to a token is kept by nobody on the way."""
_PAGE = "/oauth/authorize"
"""Where a member is asked: no page of another origin may read it."""
_READ_ANYWHERE = ("/.well-known/", "/nodeinfo")
BODY_BYTES = 1 << 20
_CHAPTERS = (
    timelines,
    statuses,
    editing,
    reactions,
    relationships,
    accounts,
    notifications,
    search,
    filters,
    media,
    instance,
    apps,
    oauth,
    stubs,
)
_UPLOADS = frozenset({"/api/v1/media", "/api/v2/media", "/api/v1/accounts/update_credentials"})
_FREE = ("/media/", "/api/v1/streaming", "/api/assets/")
"""What is not counted: pictures, which come in dozens, and what stays open."""

_PATH_CHARS = 4000
"""Longest path; Python reads no number of more than 4300 digits."""

_EXPOSED = "Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id, Retry-After"
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": _EXPOSED,
}
_PREFLIGHT = {
    **_CORS,
    "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key",
    "access-control-max-age": "86400",
}
_REQUEST = "minga.request"
"""The name of a request, made up for it alone: who is told of a failure can say which it was, and the log has it too."""
_log = logging.getLogger(__name__)


def endpoints() -> tuple[Endpoint, ...]:
    """Every endpoint, chapter by chapter, the most used first."""
    return tuple(endpoint for chapter in _CHAPTERS for endpoint in chapter.ENDPOINTS)


class Absent:
    """What programs ask for at well-known places and is not there: told in JSON, and readable by pages of other origins."""

    PATHS = ("/.well-known/{path:path}", "/nodeinfo", "/nodeinfo/{path:path}", "/oauth/{path:path}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say that it is not there."""
        headers = {} if scope["path"].rstrip("/") == _PAGE else _CORS
        said = _asked(Request(scope)).say(NOT_FOUND)
        await json_response({"error": said}, 404, headers)(scope, receive, send)

    def routes(self) -> list[BaseRoute]:
        """To be mounted after everything that does stand at such places."""
        return [Route(path, self) for path in self.PATHS]


class ClientApi:
    """The ASGI application; `owns` says which paths are its own."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._streaming = Streaming(services)
        services.streams.told_by(teller(services))

    @cached_property
    def _application(self) -> Starlette:
        """Made by the first app that calls: every start would pay 50 ms for its routes."""
        application = Starlette(
            routes=list(self._routes()),
            exception_handlers={
                NodeError: _refused,
                HTTPException: _not_there,
                ClientDisconnect: _gone,
                Exception: _failed,
            },
        )
        application.router.redirect_slashes = False
        return application

    @staticmethod
    def owns(scope: Scope) -> bool:
        """Whether a request is answered here; also when a browser asks first whether it may read what servers read."""
        path: str = scope["path"]
        if scope.get("method") == "OPTIONS" and path.startswith(_READ_ANYWHERE):
            return True
        return path.startswith(PREFIXES) or path.rstrip("/") in PATHS

    def _routes(self) -> Iterable[BaseRoute]:
        for endpoint in endpoints():
            yield Route(endpoint.path, self._endpoint(endpoint), methods=[endpoint.method])
        yield WebSocketRoute("/api/v1/streaming", self._streaming.socket)
        yield Route("/api/v1/streaming/{name:path}", self._streaming.server_sent, methods=["GET"])

    def _endpoint(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            caller = caller_of(request.scope)
            if caller.wrong is not None:
                raise caller.wrong
            _check(endpoint, caller.bearer)
            if endpoint.rate:
                spend(self._services, request.scope, endpoint.rate)
            with self._services.attachments.room.share() as request.state.share:
                if endpoint.path in _UPLOADS:
                    limit, share = UPLOAD_BYTES + BODY_BYTES, request.state.share
                else:
                    limit, share = BODY_BYTES, None
                values = await read_values(request, limit=limit, share=share)
                try:
                    found = await endpoint.handler(Call(self._services, request, values, caller.bearer))
                finally:
                    await values.close()
            if isinstance(found, Response):
                return found
            kept = _ONE_READER if caller.bearer is not None else {}
            if isinstance(found, Answer):
                return json_response(found.body, found.status, {**kept, **(found.headers or {})})
            return json_response(found, headers=kept)

        return answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or socket."""
        if scope["type"] == "websocket":
            await self._application(_trimmed(scope), receive, send)
            return
        scope = _trimmed(scope)
        if len(scope["path"]) > _PATH_CHARS and not scope["path"].startswith("/media/"):
            said = _asked(Request(scope)).say(NOT_FOUND)
            await json_response({"error": said}, 404, _CORS)(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send)
            return

        scope[_REQUEST] = secrets.token_hex(8)

        def headers() -> dict[str, str]:
            return {**_CORS, **told(scope), "x-request-id": scope[_REQUEST]}

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", ()),
                    *((name.encode(), value.encode()) for name, value in headers().items()),
                ]
            await send(message)

        await meet(self._services, scope)
        try:
            if not scope["path"].startswith(_FREE):
                spend(self._services, scope)
        except TooManyError as refusal:
            response = await _refused(Request(scope, receive), refusal)
            await response(scope, receive, counted)
            return
        await self._application(scope, receive, counted)


def _trimmed(scope: Scope) -> Scope:
    """The same request without slashes at the end: some apps write them."""
    path: str = scope["path"]
    if len(path) > 1 and path.endswith("/"):
        return {**scope, "path": path.rstrip("/") or "/"}
    return scope


def _check(endpoint: Endpoint, bearer: Bearer | None) -> None:
    if bearer is None:
        if endpoint.anybody or (not endpoint.scope and not endpoint.app):
            return
        raise UnauthorizedError("This method requires an authenticated user")
    if endpoint.scope and not bearer.allows(endpoint.scope):
        raise NotPermittedError("This action is outside the authorized scopes")
    if endpoint.scope and bearer.entrant is None and not (endpoint.anybody or endpoint.app):
        raise UnprocessableError("This method requires an authenticated user")


class UnprocessableError(NodeError):
    """A program came for itself where only a member may."""

    status = 422


async def _refused(request: Request, error: Exception) -> Response:
    """A refusal as apps read it. A conflict is 422, as Mastodon says it."""
    if not isinstance(error, NodeError):
        raise error
    if error.status >= 500 and not isinstance(error, ElsewhereError):
        _log.error("%s (%s), request %s", error.public, error.cause, request.scope[_REQUEST])
    tongue = _tongue(request)
    if isinstance(error, GrantError):
        return json_response({"error": error.code, "error_description": error.public}, error.status)
    headers = {}
    if isinstance(error, TooManyError):
        headers["retry-after"] = str(error.retry_after)
    if isinstance(error, UnauthorizedError):
        wrong = caller_of(request.scope).wrong is not None
        headers["www-authenticate"] = 'Bearer realm="Minga"' + (', error="invalid_token"' if wrong else "")
    status = 422 if isinstance(error, ConflictError) else error.status
    body: dict[str, Any] = {"error": error.said(tongue.say)}
    if isinstance(error, InvalidError):
        expected = error.expects(tongue.say)
        what = expected if error.field == WHOLE else body["error"]
        body["error"] = tongue.say(message("Validation failed: {what}"), what=what)
        body["details"] = {error.field: [{"error": "ERR_INVALID", "description": expected}]}
    return json_response(body, status, headers)


def _tongue(request: Request) -> Tongue:
    """The language of a refusal: that of the collective for which an app acts, as all that its members are told; for anybody else
    the one that is asked for."""
    bearer = caller_of(request.scope).bearer
    if bearer is not None and bearer.entrant is not None:
        return tongues(bearer.entrant.collective)[0]
    return _asked(request)


def _asked(request: Request) -> Tongue:
    wanted = wanted_language(request.headers.get("accept-language", "")) or SOURCE
    return Tongue.of(wanted, ZoneInfo("UTC"))


async def _not_there(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    known = {404: NOT_FOUND, 405: message("Method not allowed")}
    text = known.get(status, message("The request cannot be answered"))
    return json_response({"error": _tongue(request).say(text)}, status)


async def _gone(request: Request, _error: Exception) -> Response:
    return json_response({"error": _tongue(request).say(message("The request ended too early"))}, 400)


async def _failed(request: Request, _error: Exception) -> Response:
    """Nothing of the cause, which the log has."""
    said = _asked(request).say(message("Something went wrong on this server."))
    return json_response({"error": said}, 500, {"connection": "close"})  # which the server cuts
