"""Streams over WebSocket and server-sent events: /api/v1/streaming and the paths below it."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from node.access import Entrant
from node.api.calls import json_response
from node.api.services import Services
from node.api.streams import Key, Stream
from node.errors import InvalidError, NodeError, TooManyError, UnauthorizedError

HEARTBEAT = 25.0
"""Seconds after which a silent stream is checked: its token may have been revoked."""

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
    raise InvalidError("stream", "the name of a stream")


def token_of(headers: dict[str, str], query: dict[str, str]) -> tuple[str, str | None]:
    """The token of a socket, and the sub-protocol to be echoed: browsers cannot send headers, so it may be that."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip(), None
    protocol = headers.get("sec-websocket-protocol", "").split(",")[0].strip()
    if protocol:
        return protocol, protocol
    return query.get("access_token", ""), None


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
            stream = self._open(await self._entrant(token))
        except NodeError as refusal:
            await socket.send_denial_response(json_response({"error": refusal.public}, refusal.status))
            return
        try:
            if query.get("stream"):
                self._services.streams.watch(stream, key_of(query["stream"], query, stream.collective))
            await socket.accept(subprotocol=protocol)
            await self._both(socket, stream, token)
        except InvalidError as refusal:
            await socket.send_denial_response(json_response({"error": refusal.public}, 400))
        except WebSocketDisconnect:
            pass
        finally:
            self._services.streams.close(stream)

    async def _both(self, socket: WebSocket, stream: Stream, token: str) -> None:
        writing = asyncio.create_task(self._write(socket, stream, token))
        reading = asyncio.create_task(self._read(socket, stream))
        _, left = await asyncio.wait([writing, reading], return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(writing, reading, return_exceptions=True)
        if socket.application_state is WebSocketState.CONNECTED:
            try:
                await socket.close(1001)
            except RuntimeError:
                return  # the reader closed it in the same moment

    async def _write(self, socket: WebSocket, stream: Stream, token: str) -> None:
        while True:
            for message in await stream.next(HEARTBEAT):
                await socket.send_text(message.socket)
            if stream.over or not await self._still(token):
                return

    async def _read(self, socket: WebSocket, stream: Stream) -> None:
        while True:
            try:
                said = msgspec.json.decode(await socket.receive_text())
            except (WebSocketDisconnect, KeyError):
                return
            except msgspec.DecodeError:
                continue
            if isinstance(said, dict):
                problem = self._steer(stream, said)
                if problem:
                    await socket.send_text(msgspec.json.encode({"error": problem, "status": 400}).decode())

    def _steer(self, stream: Stream, said: dict[str, object]) -> str:
        """Do what a reader asks: watch a stream, or no longer. What was wrong with it, else ""."""
        given = {name: value for name, value in said.items() if isinstance(value, str)}
        try:
            key = key_of(given.get("stream", ""), given, stream.collective)
        except InvalidError as refusal:
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
        entrant = await self._entrant(token)
        if query.get("only_media") in ("1", "true") and name in _PLAIN and not name.endswith(":media"):
            name += ":media"
        stream = self._open(entrant)
        try:
            self._services.streams.watch(stream, key_of(name, query, stream.collective))
        except InvalidError:
            self._services.streams.close(stream)
            raise
        headers = {"cache-control": "private, no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._sent(stream, token), 200, headers, "text/event-stream")

    async def _sent(self, stream: Stream, token: str) -> AsyncIterator[bytes]:
        try:
            yield b":)\n\n"
            while True:
                messages = await stream.next(HEARTBEAT / 2)
                yield b"".join(message.server_sent for message in messages) or b":thump\n\n"
                if stream.over or (not messages and not await self._still(token)):
                    return
        finally:
            self._services.streams.close(stream)

    def _open(self, entrant: Entrant) -> Stream:
        stream = self._services.streams.open(entrant.collective.id)
        if stream is None:
            raise TooManyError("Too many streams are open.", retry_after=60)
        return stream

    async def _entrant(self, token: str) -> Entrant:
        if not token:
            raise UnauthorizedError("Missing access token")
        bearer = await self._services.clients.bearer(token)
        if bearer.entrant is None or not bearer.allows("read:statuses"):
            raise UnauthorizedError("Access token does not have the required scopes")
        return bearer.entrant

    async def _still(self, token: str) -> bool:
        try:
            await self._services.clients.bearer(token)
        except UnauthorizedError:
            return False
        return True
