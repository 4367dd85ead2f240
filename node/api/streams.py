"""What just happened, to everybody who watches: rendered once for each collective, however many sockets are open.

Nothing is done while nobody watches. A stream holds a bounded number of messages, shared with the others; who does not read them in
time is let go and comes back with the timelines.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from node.storage.clients import REVOKED
from node.storage.database import Event

STREAMS = 2000
"""Streams of one node at most."""
OF_ONE = 20
"""Streams that one token may hold open: a browser with many tabs."""
WAITING = 100
"""Messages that may wait for one stream."""

_BACKLOG = 2000

Key = tuple[str, str]
"""Which stream: its name, and the collective's number or the hashtag that it is of."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """One event of a stream. `streams` names it as apps subscribed to it; some events say nothing but that they happened."""

    streams: tuple[str, ...]
    event: str
    payload: str | None = None

    @cached_property
    def socket(self) -> str:
        """As it travels through a WebSocket; the payload is JSON inside of a string."""
        body: dict[str, object] = {"stream": list(self.streams), "event": self.event}
        if self.payload is not None:
            body["payload"] = self.payload
        return msgspec.json.encode(body).decode()

    @cached_property
    def server_sent(self) -> bytes:
        """As a server-sent event. One without `data` never reaches a browser, so it gets what Mastodon sends for nothing."""
        data = "undefined" if self.payload is None else self.payload
        return f"event: {self.event}\ndata: {data}\n\n".encode()


@dataclass(eq=False, slots=True)
class Stream:
    """One reader: the keys that it watches, and what waits for it. `holder` tells tokens apart, `notified` says whether this one
    may read notifications, `over` that the stream was let go, `doubted` that its token may have been revoked."""

    collective: int
    holder: str = ""
    notified: bool = True
    keys: set[Key] = field(default_factory=set)
    waiting: deque[Message] = field(default_factory=deque)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False
    doubted: bool = False

    def doubt(self) -> None:
        """Have the reader look its token up again, at once."""
        self.doubted = True
        self.arrived.set()

    def give(self, message: Message) -> None:
        """Let a message wait for the reader."""
        if len(self.waiting) >= WAITING:
            self.over = True
            self.waiting.clear()
        elif not self.over:
            self.waiting.append(message)
        self.arrived.set()

    async def next(self, seconds: float) -> Sequence[Message]:
        """What waits, as soon as something does; nothing after so many seconds, or where there is a doubt."""
        if not self.waiting and not self.over and not self.doubted:
            try:
                async with asyncio.timeout(seconds):
                    await self.arrived.wait()
            except TimeoutError:
                return ()
        self.arrived.clear()
        found = tuple(self.waiting)
        self.waiting.clear()
        return found


@dataclass(frozen=True, slots=True)
class Happened:
    """What is to be told: a message for those who watch these keys, or only those of one collective."""

    keys: tuple[Key, ...]
    message: Message
    collective: int | None = None


Teller = Callable[[Sequence[Event], "Watched"], Any]


@dataclass(frozen=True, slots=True)
class Watched:
    """Which keys are watched, and by which collectives."""

    keys: frozenset[Key]
    collectives: frozenset[int]


class Streams:
    """Everybody who watches. `tell` turns what happened into messages (`node.api.telling`)."""

    def __init__(self) -> None:
        self._tell: Teller | None = None
        self._watching: dict[Key, set[Stream]] = {}
        self._all: set[Stream] = set()
        self._events: deque[Event] = deque(maxlen=_BACKLOG)
        self._pump: asyncio.Task[None] | None = None

    def told_by(self, tell: Teller) -> None:
        """Set what turns events into messages: `async tell(events, watched) -> Iterable[Happened]`."""
        self._tell = tell

    def listen(self, events: Sequence[Event]) -> None:
        """Hear of a commit. Cheap; ignored while nobody watches."""
        if not self._all:
            return
        if REVOKED in events:
            for stream in self._all:
                stream.doubt()
        self._events.extend(events)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run(), name="streams")

    def open(self, collective: int, holder: str = "", *, notified: bool = True) -> Stream | None:
        """A new stream of a collective; None where there is no room for one more, or its token holds enough."""
        held = sum(1 for each in self._all if each.holder == holder)
        if len(self._all) >= STREAMS or held >= OF_ONE:
            return None
        stream = Stream(collective, holder, notified)
        self._all.add(stream)
        return stream

    def watch(self, stream: Stream, key: Key) -> None:
        """Let a stream hear of a key."""
        stream.keys.add(key)
        self._watching.setdefault(key, set()).add(stream)

    def unwatch(self, stream: Stream, key: Key) -> None:
        """Let a stream hear of a key no more."""
        stream.keys.discard(key)
        watching = self._watching.get(key)
        if watching is not None:
            watching.discard(stream)
            if not watching:
                del self._watching[key]

    def close(self, stream: Stream) -> None:
        """A stream has ended."""
        for key in tuple(stream.keys):
            self.unwatch(stream, key)
        self._all.discard(stream)

    def watched(self) -> Watched:
        """Which keys are watched now."""
        return Watched(frozenset(self._watching), frozenset(stream.collective for stream in self._all))

    async def stop(self) -> None:
        """Let everybody go."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        for stream in tuple(self._all):
            stream.over = True
            stream.arrived.set()

    async def _run(self) -> None:
        while self._events and self._tell is not None:
            events = tuple(self._events)
            self._events.clear()
            try:
                happened = await self._tell(events, self.watched())
            except Exception:
                _log.exception("what happened could not be told to streams")
                continue
            self._hand_out(happened)

    def _hand_out(self, happened: Iterable[Happened]) -> None:
        for each in happened:
            readers: set[Stream] = set()
            for key in each.keys:
                readers |= self._watching.get(key, set())
            for stream in readers:
                silent = each.message.event == "notification" and not stream.notified
                if not silent and (each.collective is None or stream.collective == each.collective):
                    stream.give(each.message)
