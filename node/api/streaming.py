"""Streams over WebSocket and server-sent events: /api/v1/streaming and the paths below it.

Members only, the open streams too, as of Mastodon 4.2: what anybody may read, anybody may ask for page by page, but a connection
that stays open for whoever comes is room taken from those who cook, and a harvest made easy.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from node.access import Entrant
from node.api.calls import json_response
from node.api.services import Services
from node.api.streams import Key, Stream
from node.clients import Bearer
from node.errors import InvalidError, NodeError, NotPermittedError, TooManyError, UnauthorizedError
from node.tongues import message

HEARTBEAT = 25.0
"""Seconds after which a silent stream is checked: its token may have been revoked."""
_TRUSTED = timedelta(seconds=10)
"""How long a token that was looked up may be taken for good by a stream that is busy."""

_PLAIN = frozenset(
    {
        "public",
        "public:media",
        "public:local",
        "public:local:media",
        "public:remote",
        "public:remote:media",
    }
)
_OWN = frozenset({"user", "user:notification", "direct"})
_POSTS, _NOTICES = "read:statuses", "read:notifications"
_OF_TAG = frozenset({"hashtag", "hashtag:local"})


def key_of(name: str, parameters: dict[str, str], collective: int) -> Key:
    """The key of a stream by its name. InvalidError where there is none of that name."""
    if name in _PLAIN:
        return name, ""
    if name in _OWN:
        return name, str(collective)
    if name in _OF_TAG and (tag := parameters.get("tag", "").lower().lstrip("#")):
        return name, tag[:100]
    if name == "list" and parameters.get("list"):
        return name, parameters["list"][:20]
    raise InvalidError("stream", message("the name of a stream"))


def token_of(headers: dict[str, str], query: dict[str, str]) -> tuple[str, str | None]:
    """The token of a socket, and the sub-protocol to be echoed: browsers cannot send headers, so it may be that."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip(), None
    protocol = headers.get("sec-websocket-protocol", "").split(",")[0].strip()
    if protocol:
        return protocol, protocol
    return query.get("access_token", ""), None


@dataclass(slots=True)
class _Reader:
    """Who reads a stream: the token, what it covers, and when it was last looked up."""

    token: str
    bearer: Bearer
    entrant: Entrant
    checked: datetime

    def check(self, key: Key) -> Key:
        """The key; NotPermittedError where the token does not cover it. Any token covers what anybody may read."""
        own = key[0] not in _PLAIN and key[0] not in _OF_TAG
        if own and not self.bearer.allows(_NOTICES if key[0] == "user:notification" else _POSTS):
            raise NotPermittedError("This action is outside the authorized scopes")
        return key


class Streaming:
    """The streaming endpoints of one node."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def socket(self, socket: WebSocket) -> None:
        """`GET /api/v1/streaming` as a WebSocket. A bad token is refused before the upgrade."""
        headers = {name.lower(): value for name, value in socket.headers.items()}
        query = dict(socket.query_params)
        token, protocol = token_of(headers, query)
        try:
            reader = await self._reader(token)
            stream = self._open(reader)
        except NodeError as refusal:
            await socket.send_denial_response(json_response({"error": refusal.public}, refusal.status))
            return
        try:
            if query.get("stream"):
                key = reader.check(key_of(query["stream"], query, stream.collective))
                self._services.streams.watch(stream, key)
            await socket.accept(subprotocol=protocol)
            await self._both(socket, stream, reader)
        except InvalidError as refusal:
            await socket.send_denial_response(json_response({"error": refusal.public}, 400))
        except NotPermittedError as refusal:
            await socket.send_denial_response(json_response({"error": refusal.public}, refusal.status))
        except WebSocketDisconnect:
            pass
        finally:
            self._services.streams.close(stream)

    async def _both(self, socket: WebSocket, stream: Stream, reader: _Reader) -> None:
        writing = asyncio.create_task(self._write(socket, stream, reader))
        reading = asyncio.create_task(self._read(socket, stream, reader))
        _, left = await asyncio.wait([writing, reading], return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(writing, reading, return_exceptions=True)
        if socket.application_state is WebSocketState.CONNECTED:
            try:
                await socket.close(1001)
            except RuntimeError:
                return  # the reader closed it in the same moment

    async def _write(self, socket: WebSocket, stream: Stream, reader: _Reader) -> None:
        while True:
            messages = await stream.next(HEARTBEAT)
            if not await self._still(reader, stream, idle=not messages):
                return
            for each in messages:
                await socket.send_text(each.socket)
            if stream.over:
                return

    async def _read(self, socket: WebSocket, stream: Stream, reader: _Reader) -> None:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                said = msgspec.json.decode(message.get("text") or "")
            except msgspec.DecodeError:
                continue  # what is no JSON, or came in binary, asks for nothing
            if isinstance(said, dict):
                problem = self._steer(stream, said, reader)
                if problem:
                    await socket.send_text(msgspec.json.encode({"error": problem, "status": 400}).decode())

    def _steer(self, stream: Stream, said: dict[str, object], reader: _Reader) -> str:
        """Do what a reader asks: watch a stream, or no longer. What was wrong with it, else ""."""
        given = {name: value for name, value in said.items() if isinstance(value, str)}
        try:
            key = reader.check(key_of(given.get("stream", ""), given, stream.collective))
        except (InvalidError, NotPermittedError) as refusal:
            return refusal.public
        if given.get("type") == "subscribe" and len(stream.keys) < 50:
            self._services.streams.watch(stream, key)
        elif given.get("type") == "unsubscribe":
            self._services.streams.unwatch(stream, key)
        return ""

    async def server_sent(self, request: Request) -> Response:
        """`GET /api/v1/streaming/user`, `/public/local`, `/hashtag?tag=`… as server-sent events."""
        name = request.path_params["name"].strip("/").replace("/", ":")
        if name == "health":
            return PlainTextResponse("OK")
        query = dict(request.query_params)
        token, _ = token_of({name.lower(): value for name, value in request.headers.items()}, query)
        reader = await self._reader(token)
        if query.get("only_media") in ("1", "true") and name in _PLAIN and not name.endswith(":media"):
            name += ":media"
        key = reader.check(key_of(name, query, reader.entrant.collective.id))
        stream = self._open(reader)
        self._services.streams.watch(stream, key)
        headers = {"cache-control": "private, no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._sent(stream, reader), 200, headers, "text/event-stream")

    async def _sent(self, stream: Stream, reader: _Reader) -> AsyncIterator[bytes]:
        try:
            yield b":)\n\n"
            while True:
                messages = await stream.next(HEARTBEAT / 2)
                if not await self._still(reader, stream, idle=not messages):
                    return
                yield b"".join(message.server_sent for message in messages) or b":thump\n\n"
                if stream.over:
                    return
        finally:
            self._services.streams.close(stream)

    def _open(self, reader: _Reader) -> Stream:
        holder = hashlib.sha256(reader.token.encode("utf-8", "surrogatepass")).hexdigest()
        notified = reader.bearer.allows(_NOTICES)
        stream = self._services.streams.open(reader.entrant.collective.id, holder, notified=notified)
        if stream is None:
            raise TooManyError("Too many streams are open.", retry_after=60)
        return stream

    async def _reader(self, token: str) -> _Reader:
        if not token:
            raise UnauthorizedError("Missing access token")
        bearer = await self._services.clients.bearer(token)
        if bearer.entrant is None:
            raise UnauthorizedError("This method requires an authenticated user")
        return _Reader(token, bearer, bearer.entrant, self._services.clock())

    async def _still(self, reader: _Reader, stream: Stream, *, idle: bool) -> bool:
        """Whether the token is still good, looked up again when nothing came, some was revoked or some time has passed."""
        now = self._services.clock()
        if not idle and not stream.doubted and now - reader.checked < _TRUSTED:
            return True
        stream.doubted = False
        try:
            await self._services.clients.bearer(reader.token)
        except UnauthorizedError:
            return False
        reader.checked = now
        return True
