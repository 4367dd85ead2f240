"""Public pages as bytes, kept until the next commit: a page that many read, and even at the same moment, is drawn once."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from node.recent import Recent
from node.tongues import wanted_language

PUBLIC = frozenset({b"", b"board", b"c", b"g", b"map", b"o", b"s", b"tags"})
"""First parts of the paths of pages that everybody sees alike."""
LARGEST = 100_000
"""Bytes of a page that is kept."""

_SPEAKS = frozenset({b"cookie", b"authorization", b"signature", b"range", b"if-none-match"})
"""Headers of requests that are answered to one reader only."""

_Key = tuple[str, str, bytes, str]


@dataclass(frozen=True, slots=True)
class _Page:
    start: Message
    body: Message


class Kept:
    """Passes everything on to `app`, but a public page that was drawn since the last commit. `commits` counts them; `room` is
    what pages may weigh that are kept, in bytes."""

    def __init__(self, app: ASGIApp, commits: Callable[[], int], room: int) -> None:
        self._app = app
        self._commits = commits
        self._at = -1
        self._pages: Recent[_Key, _Page] = Recent(room)
        self._drawing: dict[tuple[int, _Key], asyncio.Future[_Page | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, else draw and keep."""
        key = _key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        at = self._commits()
        if at != self._at:
            self._pages.clear()
            self._at = at
        page = self._pages.get(key)
        if page is None and (drawing := self._drawing.get((at, key))) is not None:
            page = await drawing
        if page is not None:
            await send(page.start)
            await send(page.body)
            return
        await self._draw(at, key, scope, receive, send)

    async def _draw(self, at: int, key: _Key, scope: Scope, receive: Receive, send: Send) -> None:
        """Draw a page; who asks for it meanwhile waits for this one, where it is for everybody."""
        drawing: asyncio.Future[_Page | None] = asyncio.get_running_loop().create_future()
        first = self._drawing.setdefault((at, key), drawing) is drawing
        started: list[Message] = []

        async def listening(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            elif started and _whole(started[0], message):
                page = _Page(started[0], message)
                self._keep(at, key, page)
                if not drawing.done():
                    drawing.set_result(page)
            await send(message)

        try:
            await self._app(scope, receive, listening)
        finally:
            if first:
                del self._drawing[(at, key)]
            if not drawing.done():
                drawing.set_result(None)

    def _keep(self, at: int, key: _Key, page: _Page) -> None:
        if at != self._at or at != self._commits():
            return  # something was said while it was drawn
        self._pages.put(key, page, len(page.body["body"]) + sum(map(len, key)))


def _key(scope: Scope) -> _Key | None:
    """What a public page depends on; None for everything else."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    path: str = scope["path"]
    first = path[1:].partition("/")[0]
    if first.encode("utf-8", "replace") not in PUBLIC and not first.startswith("@"):
        return None
    accept, languages = "", ""
    for name, value in scope["headers"]:
        if name in _SPEAKS:
            return None
        if name == b"accept":
            accept = value.decode("latin-1")
        elif name == b"accept-language":
            languages = value.decode("latin-1")
    if "text/html" not in accept or "json" in accept:
        return None
    return path, accept, scope["query_string"], wanted_language(languages) or ""


def _whole(start: Message, body: Message) -> bool:
    """Whether an answer is one that everybody may get, and in one piece."""
    if start["status"] != 200 or body.get("more_body") or len(body["body"]) > LARGEST:
        return False
    headers: Iterable[tuple[bytes, bytes]] = start["headers"]
    held = dict(headers)
    return (
        held.get(b"cache-control") == b"no-cache"
        and held.get(b"content-type", b"").startswith(b"text/html")
        and b"set-cookie" not in held
    )
