"""The loops behind the doors: process what arrived, deliver what was said, forget what is past its time.

Each loop wakes on the commit that gave it work, never polls, and starts again when it fails.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from federation import Delivery
from node.account.accounts import Accounts
from node.errors import NodeError
from node.publish import Publisher
from node.receive import Receiver
from node.storage import activities, entries, inbound, objects, posts, traces
from node.storage.database import Clock, Database, Transaction
from node.storage.inbound import Waiting

_log = logging.getLogger(__name__)

_BATCH = 50
_AT_ONCE = 100
_FOREIGN_POSTS = timedelta(days=30)
_LAPSE_EVERY = timedelta(minutes=1)
_EXPIRE_EVERY = timedelta(hours=1)
_AGAIN = 1.0
"""Seconds before a loop that failed starts again."""
_COSIGN_FIRST = 5.0
_COSIGN_LONGEST = 1800.0
"""Seconds before witnesses that did not cosign are asked again: at first, and at most."""


class Workers:
    """Starts, restarts and stops the loops. `housekeeping` is done every hour besides."""

    def __init__(
        self,
        database: Database,
        receiver: Receiver,
        publisher: Publisher,
        delivery: Delivery,
        accounts: Accounts,
        clock: Clock,
        *,
        housekeeping: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._database = database
        self._housekeeping = housekeeping
        self._publisher = publisher
        self._receiver = receiver
        self._delivery = delivery
        self._accounts = accounts
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._freed = asyncio.Event()
        self._sequenced = asyncio.Event()

    def start(self) -> None:
        """Start every loop."""
        self._tasks = [
            asyncio.create_task(self._again("receive", self._receive)),
            asyncio.create_task(self._again("deliver", self._delivery.run)),
            asyncio.create_task(self._again("expire", self._expire)),
            asyncio.create_task(self._again("lapse", self._lapse)),
            asyncio.create_task(self._again("sequence", self._sequence)),
            asyncio.create_task(self._again("cosign", self._cosign)),
            asyncio.create_task(self._again("doubt", self._doubt)),
        ]

    async def stop(self) -> None:
        """Stop within a few seconds; what is under way is finished or tried again after the next start."""
        await self._delivery.stop()
        receive, deliver, *idle = self._tasks
        for task in (receive, *idle):
            task.cancel()
        await asyncio.wait([deliver], timeout=4.5)
        deliver.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._busy:
            _, late = await asyncio.wait(self._busy.values(), timeout=1)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _again(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await loop()
            except Exception as failure:
                _report(f"worker {name} failed", failure)
            await asyncio.sleep(_AGAIN)

    async def _receive(self) -> None:
        """Process arrivals in order for each actor, many actors at once: one that waits for a fetch holds up no other."""
        arrived = self._database.writer.signal("inbound")
        while True:
            arrived.clear()
            self._freed.clear()
            due = await self._database.reader.run(lambda s: inbound.due(s, _BATCH, frozenset(self._busy)))
            for waiting in due:
                if waiting.actor not in self._busy and len(self._busy) < _AT_ONCE:
                    self._begin(waiting, [w for w in due if w.actor == waiting.actor])
            if not due or len(self._busy) >= _AT_ONCE:
                await self._wait(arrived)

    def _begin(self, first: Waiting, queue: list[Waiting]) -> None:
        task = asyncio.create_task(self._process(queue), name=f"receive {first.id}")
        self._busy[first.actor] = task

        def end(_done: asyncio.Task[None]) -> None:
            del self._busy[first.actor]
            self._freed.set()

        task.add_done_callback(end)

    async def _process(self, queue: list[Waiting]) -> None:
        try:
            await self._receiver.process(queue)
        except Exception as failure:
            _report("an arrival could not be processed", failure)
            # Where nothing can be written, the same comes up again: not at once.
            await asyncio.sleep(_AGAIN)

    async def _wait(self, arrived: asyncio.Event) -> None:
        due = await self._database.reader.run(lambda s: inbound.next_due(s, frozenset(self._busy)))
        seconds = None if due is None else max(0.01, (due - self._clock()).total_seconds())
        waits = [asyncio.create_task(event.wait()) for event in (arrived, self._freed)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _sequence(self) -> None:
        """Put what was booked into the logs of accounts; of a log whose witnesses are silent ask them again, later and later."""
        booked = self._database.writer.signal(entries.SIGNAL)
        seconds, woken = _COSIGN_FIRST, True
        while True:
            booked.clear()
            await self._accounts.sequence(again=not woken)
            if woken:
                self._sequenced.set()
            try:
                async with asyncio.timeout(seconds if self._accounts.sequencer.unanswered else None):
                    await booked.wait()
                seconds, woken = _COSIGN_FIRST, True
            except TimeoutError:
                seconds, woken = min(2 * seconds, _COSIGN_LONGEST), booked.is_set()

    async def _cosign(self) -> None:
        """Have witnesses cosign what is shown; those that do not answer are asked again, later and later."""
        seconds = _COSIGN_FIRST
        while True:
            self._sequenced.clear()
            done = await self._accounts.cosign()
            try:
                async with asyncio.timeout(None if done else seconds):
                    await self._sequenced.wait()
                seconds = _COSIGN_FIRST
            except TimeoutError:
                seconds = min(2 * seconds, _COSIGN_LONGEST)

    async def _doubt(self) -> None:
        """Ask the logs that we witness about what they signed and we refused."""
        doubts = self._accounts.doubts
        while True:
            doubts.new.clear()
            seconds = await doubts.examine()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await doubts.new.wait()

    async def _lapse(self) -> None:
        """Say what is to be said of things whose moment has passed."""
        while True:
            while await self._publisher.lapse():
                pass
            await asyncio.sleep(_LAPSE_EVERY.total_seconds())

    async def _expire(self) -> None:
        """Forget, little by little, what is past its time."""
        while True:
            await self._database.writer.run(traces.expire)
            while await self._database.writer.run(_forget_foreign_posts):
                pass
            for tidy in self._housekeeping:
                await tidy()
            await asyncio.sleep(_EXPIRE_EVERY.total_seconds())


def _report(what: str, failure: Exception) -> None:
    """To the log: what the node itself names is one line, a defect of ours its whole way."""
    if isinstance(failure, NodeError):
        _log.error("%s: %s (%s)", what, failure.public, failure.cause)
    else:
        _log.error("%s", what, exc_info=failure)


def _forget_foreign_posts(transaction: Transaction) -> int:
    """Erase some foreign posts that nobody here answered or kept; how many."""
    stale = posts.stale(transaction, transaction.now - _FOREIGN_POSTS, limit=100)
    for uri in stale:
        activities.erase(transaction, uri)
        posts.remove(transaction, uri)
        objects.forget(transaction, uri)
    return len(stale)
