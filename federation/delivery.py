"""The loop that carries posts to other servers: take what is due, sign, post, record the answers.

The queue is the host's and on disk; nothing is lost when this stops at any point, at worst something is posted twice and
the peer knows its id. A slow host holds only its own slot: at most one delivery is on its way to each host, and hosts
that failed are set aside (`retry`). RSA signatures cost more than everything else together, so they are made in
batches, in threads, while others are on their way.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from federation.errors import FederationError, ForbiddenAddress, OverAllowance
from federation.fetch import Answer, Fetcher
from federation.interfaces import DeliveryQueue, Due, KeyStore, Settled
from federation.retry import Reply, settle
from federation.signing import Way, other_ways, sign_request, taught

__all__ = ["Delivery"]

_BATCH = 16
_SIGNERS = 2
_REFUSED = frozenset({400, 401, 403})
_SHORTEST_REST = timedelta(milliseconds=100)
_STOP_WITHIN = timedelta(seconds=4)

_log = logging.getLogger(__name__)


class Delivery:
    """The worker. `run` until `stop`; one instance a node. `in_flight` posts at the same time, twice as many being
    signed or settled. `chance` gives numbers in [0, 1) for the jitter of gaps.
    """

    def __init__(
        self,
        queue: DeliveryQueue,
        keys: KeyStore,
        fetcher: Fetcher,
        *,
        in_flight: int = 64,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._queue = queue
        self._keys = keys
        self._fetcher = fetcher
        self._now = now
        self._chance = chance
        self._room = 2 * in_flight
        self._posting = asyncio.Semaphore(in_flight)
        self._busy: dict[str, Due] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._settled: list[Settled] = []
        self._answered = asyncio.Event()
        self._freed = asyncio.Event()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Deliver until `stop` is called; then wait a few seconds for what is under way, and record its answers.

        An error of the queue (a full disk) ends it; run again, it goes on with everybody, and records first what was not.
        """
        self._busy = {each.due.host: each.due for each in self._settled}
        self._answered.set()
        with ThreadPoolExecutor(_SIGNERS, thread_name_prefix="sign") as signers:
            loops = {asyncio.create_task(self._dispatch(signers)), asyncio.create_task(self._record())}
            try:
                # Either ends only by `stop` or by an error of the queue, which is not ours to hide.
                done, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await self._finish(loops)
            for each in done:
                each.result()

    async def stop(self) -> None:
        """Ask `run` to end. Returns at once; `run` returns within five seconds."""
        self._stopping.set()
        self._freed.set()

    async def _dispatch(self, signers: ThreadPoolExecutor) -> None:
        while not self._stopping.is_set():
            self._freed.clear()
            room = self._room - len(self._busy)
            busy = frozenset(self._busy)
            # Only whole batches while much is under way: a signature alone costs a thread's hand-over.
            due = await self._queue.take(self._now(), room, busy) if room >= _BATCH else ()
            for start in range(0, len(due), _BATCH):
                batch = due[start : start + _BATCH]
                self._busy.update((each.host, each) for each in batch)
                self._spawn(self._sign_and_post(batch, signers))
            if not due:
                await self._rest(busy if room >= _BATCH else None)

    async def _rest(self, busy: frozenset[str] | None) -> None:
        """Sleep until a host is free again, or something falls due or is enqueued; with None, only the former."""
        waits: list[asyncio.Task[Any]] = [asyncio.create_task(self._freed.wait())]
        if busy is not None:
            waits.append(asyncio.create_task(self._wait_for_due(busy)))
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _wait_for_due(self, busy: frozenset[str]) -> None:
        due = await self._queue.next_due(busy)
        # Never at once: what is due and was not taken will not be given a moment later either.
        await self._queue.wait(None if due is None else max(due, self._now() + _SHORTEST_REST))

    async def _sign_and_post(self, batch: Sequence[Due], signers: ThreadPoolExecutor) -> None:
        fast = [due for due in batch if _first_way(due).ed25519]
        slow = [due for due in batch if not _first_way(due).ed25519]
        now = self._now()
        for due in fast:
            self._spawn(self._deliver(due, self._signature(due, now)))
        if slow:
            loop = asyncio.get_running_loop()
            signatures = await loop.run_in_executor(
                signers, lambda: [self._signature(due, now) for due in slow]
            )
            for due, signature in zip(slow, signatures, strict=True):
                self._spawn(self._deliver(due, signature))

    def _signature(
        self,
        due: Due,
        now: datetime,
        way: Way | None = None,
    ) -> dict[str, str] | str:
        way = way or _first_way(due)
        try:
            return sign_request(
                "POST",
                due.inbox,
                due.body,
                self._keys.sender(due.sender),
                scheme=way.scheme,
                ed25519=way.ed25519,
                now=now,
                wanted=way.wanted,
            )
        except FederationError as error:
            return error.cause
        except KeyError:
            return f"{due.sender} has no keys here any more"

    async def _deliver(self, due: Due, signature: dict[str, str] | str) -> None:
        async with self._posting:
            try:
                reply = await self._attempt(due, signature)
            except Exception as error:
                # A defect of ours must not stop what others wait for; the delivery comes up again later.
                _log.exception("delivery %d failed", due.id)
                reply = Reply(0, reason=type(error).__name__)
        self._settled.append(settle(due, reply, self._now(), self._chance()))
        self._answered.set()

    async def _attempt(self, due: Due, signature: dict[str, str] | str) -> Reply:
        """Post; where the signature is refused, once more in another way (double-knock). A text instead of a signature says
        why there is none.
        """
        if isinstance(signature, str):
            return Reply(0, forbidden=True, reason=signature)
        try:
            answer = await self._fetcher.post(due.inbox, due.body, signature)
            first = _first_way(due)
            if answer.status in _REFUSED and (answer.status == 401 or due.state.scheme is None):
                asked = answer.headers.get("accept-signature")
                for way in other_ways(first.scheme, asked, ed25519=first.ed25519):
                    again = self._signature(due, self._now(), way)
                    if isinstance(again, dict):
                        other = await self._fetcher.post(due.inbox, due.body, again)
                        if other.status not in _REFUSED:
                            return _reply(other, way, refused=first)
            return _reply(answer, first)
        except ForbiddenAddress as error:
            return Reply(0, forbidden=True, reason=error.cause)
        except FederationError as error:
            return Reply(0, reason=error.cause)

    async def _record(self) -> None:
        """Settle whatever was answered while the last batch was being written."""
        while True:
            await self._answered.wait()
            self._answered.clear()
            await self._settle()

    async def _settle(self) -> None:
        batch, self._settled = self._settled, []
        if not batch:
            return
        try:
            await self._queue.settle(batch)
        except BaseException:
            self._settled = [*batch, *self._settled]
            raise
        for each in batch:
            self._busy.pop(each.due.host, None)
        self._freed.set()

    async def _finish(self, loops: set[asyncio.Task[None]]) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_STOP_WITHIN.total_seconds())
        for task in (ending := {*self._tasks, *loops}):
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await self._settle()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _first_way(due: Due) -> Way:
    return Way(due.state.scheme or "cavage", due.state.scheme == "rfc9421" and due.state.takes_ed25519)


def _reply(answer: Answer, way: Way, *, refused: Way | None = None) -> Reply:
    """What an answer says, also of how the next request had better be signed; of what was just refused it is not believed."""
    no_ed25519 = refused is not None and refused.ed25519 and not way.ed25519
    if answer.status < 300 and refused is None:
        way = taught(answer.headers.get("accept-signature")) or way
    reason = "" if answer.status < 300 else answer.body[:300].decode(errors="replace")
    return Reply(
        answer.status,
        answer.retry_after,
        way.scheme,
        way.ed25519,
        refused_ed25519=no_ed25519,
        of_sender=answer.status == OverAllowance.status and _code(answer.body) == OverAllowance().code,
        reason=reason,
    )


def _code(body: bytes) -> str:
    """The reason code of a refusal (RFC 9457), "" where it names none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    code = told.get("code") if isinstance(told, dict) else None
    return code if isinstance(code, str) else ""
