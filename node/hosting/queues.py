"""Where accepted activities wait, and where deliveries wait: the `InboundLog` and `DeliveryQueue` of a node."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from federation import OverAllowance
from federation.interfaces import Due, Inbound, Scheme, Settled
from federation.limits import DEFAULT_LIMITS, Allowance, Limits
from node.storage import activities, actors, deliveries, follows, hosts, inbound
from node.storage.database import Clock, Database, Snapshot, Transaction

_AGAIN = 900
"""Seconds after which a host may try again whose strangers sent all that a day may bring. No longer, because many a server then
waits with all that it has for us, also with what friends there said."""
_CARRIED = "carried"
"""Who pays for what comes by the proof of an author alone, whoever brings it. No host has this name."""
_SKEW = 5
"""Seconds by which a peer's clock must differ from ours before it is noted."""


class _Remembered:
    """Names that are looked up again only after a commit that changed them."""

    def __init__(self, database: Database, signal: str, look: Callable[[Snapshot], Iterable[str]]) -> None:
        self._database = database
        self._look = look
        self._reading: asyncio.Task[frozenset[str]] | None = None
        self._changed = database.writer.signal(signal)

    async def read(self) -> frozenset[str]:
        """The names as they are now. Who asks while they are read waits for them too."""
        if self._reading is None or self._changed.is_set():
            self._changed.clear()
            self._reading = asyncio.ensure_future(self._read())
            self._reading.add_done_callback(self._unless_failed)
        return await asyncio.shield(self._reading)

    async def _read(self) -> frozenset[str]:
        return await self._database.reader.run(lambda snapshot: frozenset(self._look(snapshot)))

    def _unless_failed(self, reading: "asyncio.Task[frozenset[str]]") -> None:
        if reading.cancelled() or reading.exception() is not None:
            self._changed.set()  # they were not read


class Arrivals:
    """The `InboundLog`. What is known of hosts and blocks is answered from memory."""

    def __init__(self, database: Database, clock: Clock, limits: Limits = DEFAULT_LIMITS) -> None:
        self._database = database
        self._clock = clock
        self._known = _Remembered(database, follows.HEARD, follows.heard)
        self._bytes = Allowance(limits.stranger_bytes, limits.stranger_hosts)
        self._activities = Allowance(limits.stranger_activities, limits.stranger_hosts)
        self._blocked = _Remembered(database, "blocks", follows.blocked_by_all)
        self._asleep = _Remembered(database, actors.ASLEEP, actors.asleep)
        self._heard: dict[str, tuple[Scheme, bool, int]] = {}
        self._settled = database.writer.signal("failing")

    async def keep(self, item: Inbound) -> bool:
        """Keep an activity once. Who signed its delivery is dormant no more.

        Of those whom nobody here follows or trusts a day brings no more than its budget from each host, and from all of them, so
        that no stranger fills the disk. They are told so by 429 and not by a 202 that keeps nothing: 202 says that it is on disk, and honest servers come
        again (PROTOCOL.md) with what might have been somebody's promise of food. What waits or was kept costs nothing. What concerns nobody
        here is not kept, so that it is new whenever it comes: anybody can bring a public activity, once and again, and it must not
        be its author who pays. What comes by its author's proof alone has a budget of its own, beside that of its author's host: who
        brings it again and again holds up nothing else of hers, and nothing of anybody else.
        """
        host = hosts.host_of(item.actor)
        payer = f"{_CARRIED} {hosts.owned(host)}" if item.scheme == "proof" else hosts.owned(host)
        stranger = item.actor not in await self._known.read()
        back = item.scheme != "proof" and host in await self._asleep.read()

        def apply(transaction: Transaction) -> bool:
            if back and actors.awake(transaction, item.actor, host):
                inbound.no_doubt(transaction, item.actor)
            new = inbound.keep(
                transaction,
                uri=item.id,
                actor=item.actor,
                type=item.type,
                inbox=item.inbox,
                scheme=item.scheme,
                key=item.key_id,
                transport=item.transport,
                body=item.body,
                doubted=item.doubted,
            )
            if new and stranger:
                self._grant(payer, len(item.body), transaction.now.date())
            return new

        try:
            return await self._database.writer.run(apply)
        except OverAllowance as refusal:
            await self.incident(actor=payer, code=refusal.code, object_id="", at=item.received)
            raise

    def _grant(self, payer: str, size: int, today: date) -> None:
        """Count it; OverAllowance, and nothing is counted, where there is no budget left."""
        if not (self._activities.left(payer, 1, today) and self._bytes.left(payer, size, today)):
            raise OverAllowance(
                f"{payer} sent more than a day may bring of strangers", retry_after=_AGAIN, host=payer
            )
        self._activities.take(payer, 1, today)
        self._bytes.take(payer, size, today)

    async def issued(self, activity_id: str) -> bool:
        """Whether an activity is one of ours."""
        return await self._database.reader.run(lambda s: activities.known(s, activity_id))

    async def incident(self, *, actor: str, code: str, object_id: str, at: datetime) -> None:  # noqa: ARG002
        """Count a refused attempt."""
        await self._database.writer.run(
            lambda t: inbound.incident(t, actor=actor, code=code, object=object_id)
        )

    async def blocked(self, actor_id: str) -> bool:
        """Whether the whole node blocks an actor, its host or a host above it."""
        blocked = await self._blocked.read()
        return bool(blocked) and not blocked.isdisjoint(hosts.meant(actor_id))

    async def heard_from(self, host: str, *, scheme: Scheme, ed25519: bool, date: datetime | None) -> None:
        """A host signed a request: remember how, wake what waits for it, note its clock."""
        if self._settled.is_set():
            self._settled.clear()
            self._heard.clear()
        skew = 0 if date is None else int((date - self._clock()).total_seconds() / _SKEW)
        if self._heard.get(host) == (scheme, ed25519, skew):
            return
        self._heard[host] = (scheme, ed25519, skew)

        def note(transaction: Transaction) -> None:
            known = deliveries.state(transaction, host)
            if known.failures:  # who only said when to come again is not woken before
                deliveries.wake(transaction, host)
                known = deliveries.state(transaction, host)
            # It may take what it does not use itself yet: then its refusal, not its habit, teaches otherwise.
            taken = known.scheme if known.scheme == "rfc9421" else scheme
            learnt = replace(known, scheme=taken, takes_ed25519=known.takes_ed25519 or ed25519)
            if learnt != known:
                deliveries.learn(transaction, learnt)
            deliveries.skew(transaction, host, skew * _SKEW * 1000)

        try:
            await self._database.writer.run(note)
        except BaseException:
            self._heard.pop(host, None)  # not noted: its next sign of life is
            raise


class Outgoing:
    """The `DeliveryQueue`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._woken = database.writer.signal("deliver")
        self._woken.set()

    async def take(self, now: datetime, limit: int, busy_hosts: frozenset[str]) -> Sequence[Due]:  # noqa: ARG002
        """What is due now."""
        return await self._database.reader.run(lambda s: deliveries.take(s, limit, busy_hosts))

    async def settle(self, results: Sequence[Settled]) -> None:
        """Record a batch."""
        await self._database.writer.run(lambda t: _settle(t, results))

    async def next_due(self, busy_hosts: frozenset[str]) -> datetime | None:
        """When something falls due."""
        return await self._database.reader.run(lambda s: deliveries.next_due(s, busy_hosts))

    async def wait(self, until: datetime | None) -> None:
        """Sleep until then, or until something was enqueued or a host woke up."""
        seconds = None if until is None else max(0.0, (until - self._clock()).total_seconds())
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
        finally:
            self._woken.clear()


def _settle(transaction: Transaction, results: Sequence[Settled]) -> None:
    deliveries.settle(transaction, results)
    if any(result.state.failures for result in results):
        transaction.wake("failing")
