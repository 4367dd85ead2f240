"""Pictures of other servers: fetched for the reader, so that her address does not reach them, and kept in a bounded cache.

Beside the picture as it came there is a small one, remade, for whoever reads a timeline with a bad signal.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from federation import Answer, FederationError
from federation.interfaces import Sender
from node.attachments.remaking import put, remake
from node.errors import ElsewhereError, UnknownError
from node.remade import kind_of
from node.storage.database import Clock
from node.tongues import message

_REMOTE_BYTES = 8 * 1024 * 1024
_CACHE_BYTES = 256 * 1024 * 1024
_REMEMBERED_FAILURES = 2000
_AGAIN = timedelta(minutes=10)
_AS_IT_IS = 30_000
"""Bytes of a picture that is small enough already."""

_log = logging.getLogger(__name__)


class Getter(Protocol):
    """How a picture is fetched from elsewhere (`federation.Fetcher`)."""

    async def get(
        self, url: str, *, accept: str, senders: Sequence[Sender] = (), max_bytes: int | None = None
    ) -> Answer:
        """What stands at a URL."""


class Elsewhere:
    """Serves pictures of other servers below `base`. `slots` bounds how many are remade at once; `refused` says of a URL whether
    nobody here takes pictures from where it is."""

    def __init__(
        self,
        cache: Path,
        getter: Getter,
        clock: Clock,
        slots: asyncio.Semaphore,
        refused: Callable[[str], Awaitable[bool]],
        *,
        base: str,
        secret: bytes,
    ) -> None:
        self._refused = refused
        self._base = base
        self._getter = getter
        self._clock = clock
        self._slots = slots
        self._secret = secret
        self._cache = _Cache(cache)
        self._working: dict[str, asyncio.Task[tuple[bytes, bytes]]] = {}
        self._failed: OrderedDict[str, datetime] = OrderedDict()

    async def close(self) -> None:
        """Stop what is being fetched."""
        tasks = list(self._working.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def address(self, url: str, *, small: bool = False) -> str:
        """Where this node serves a picture of another server, or its small one."""
        named = base64.urlsafe_b64encode(url.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()
        return f"{self._base}/remote/{self._seal(url)}/{named}{'/small' if small else ''}"

    def _seal(self, url: str) -> str:
        mac = hmac.digest(self._secret, url.encode("utf-8", "surrogatepass"), "sha256")
        return base64.urlsafe_b64encode(mac[:15]).decode()

    async def picture(self, seal: str, named: str, *, small: bool = False) -> tuple[bytes, str]:
        """A picture of another server and its media type, fetched or from the cache.

        Only what this node named itself is fetched: UnknownError for another address; ElsewhereError where nothing comes.
        """
        try:
            url = base64.urlsafe_b64decode(named + "=" * (-len(named) % 4)).decode()
        except ValueError as error:
            raise UnknownError(message("Record not found")) from error
        if not hmac.compare_digest(self._seal(url).encode(), seal.encode()):
            raise UnknownError(message("Record not found"))
        if await self._refused(url):
            raise UnknownError(message("Pictures of that server are not taken here."))
        body = await self._kept(url, small=small)
        return body, kind_of(body) or "application/octet-stream"

    async def _kept(self, url: str, *, small: bool) -> bytes:
        """What is in the cache, else what is fetched, once for all who ask meanwhile."""
        body = await asyncio.to_thread(self._cache.get, _key(url, small=small))
        if body is not None:
            return body
        self._check_failed(url)
        task = self._working.get(url)
        if task is None:
            task = self._working[url] = asyncio.ensure_future(self._fetch(url))
            task.add_done_callback(lambda _: self._working.pop(url, None))
        return (await asyncio.shield(task))[small]

    async def _fetch(self, url: str) -> tuple[bytes, bytes]:
        """The picture as it came and the small one. What cannot be remade, a bomb for one, is passed on in no size."""
        try:
            answer = await self._getter.get(url, accept="image/*", max_bytes=_REMOTE_BYTES)
        except FederationError as error:
            self._fail(url)
            raise ElsewhereError(message("The picture could not be fetched."), cause=error.cause) from error
        whole = answer.body
        if kind_of(whole) is None:
            self._fail(url)
            raise ElsewhereError(message("There is no picture at that address."))
        async with self._slots:
            remade = await remake(whole, only_small=True)
        if remade.problem:
            self._fail(url)
            raise ElsewhereError(
                message("There is no picture at that address."), cause=f"no {remade.problem}"
            )
        small = whole if len(whole) <= _AS_IT_IS else remade.small
        try:
            await asyncio.to_thread(self._cache.put, _key(url, small=False), whole)
            await asyncio.to_thread(self._cache.put, _key(url, small=True), small)
        except OSError as error:  # it is shown nevertheless
            _log.warning("a picture of another server could not be kept: %s", error.strerror)
        return whole, small

    def _fail(self, url: str) -> None:
        self._failed[url] = self._clock()
        if len(self._failed) > _REMEMBERED_FAILURES:
            self._failed.popitem(last=False)

    def _check_failed(self, url: str) -> None:
        since = self._failed.get(url)
        if since is not None and self._clock() - since < _AGAIN:
            raise ElsewhereError(message("The picture could not be fetched."))


def _key(url: str, *, small: bool) -> str:
    """The name in the cache of a picture that was remade, so that it is none that only pretends."""
    return hashlib.sha256(f"{'small' if small else 'whole'} {url}".encode()).hexdigest()


class _Cache:
    """Files of other servers, the oldest thrown away when there are too many bytes. Not thread-safe: a lost file is fetched again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._bytes: int | None = None

    def get(self, key: str) -> bytes | None:
        try:
            return (self._directory / key[:2] / key).read_bytes()
        except OSError:
            return None

    def put(self, key: str, body: bytes) -> None:
        put(self._directory / key[:2] / key, body, durable=False)
        self._bytes = (self._size() if self._bytes is None else self._bytes) + len(body)
        if self._bytes > _CACHE_BYTES:
            self._sweep()

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in self._directory.glob("*/*"):
            with contextlib.suppress(FileNotFoundError):  # somebody else swept it meanwhile
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, path))
        return sorted(found)

    def _size(self) -> int:
        return sum(size for _, size, _ in self._files())

    def _sweep(self) -> None:
        files = self._files()
        left = sum(size for _, size, _ in files)
        for _, size, path in files:
            if left <= _CACHE_BYTES * 3 // 4:
                break
            path.unlink(missing_ok=True)
            left -= size
        self._bytes = left
