"""A host in memory: the shortest explanation of what `federation.interfaces` asks for.

One `MemoryHost` is one server: its keys, its documents, what it knows of others, what came in and what must go out.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec

from federation import keys
from federation.actor_document import LocalActor, build_actor, build_server_actor
from federation.interfaces import (
    Document,
    Due,
    HostState,
    Inbound,
    JsonObject,
    RemoteActor,
    Scheme,
    Sender,
    Settled,
)
from federation.origin import authority_of
from federation.outbox import seal

_EPOCH = datetime(2020, 8, 1, tzinfo=UTC)
# Making RSA keys takes a tenth of a second each: a few are shared by all servers of a test run.
_RSA = [keys.make_rsa() for _ in range(2)]


def now() -> datetime:
    return datetime.now(UTC)


def make_sender(actor: str) -> Sender:
    return Sender(
        actor, f"{actor}#main-key", _RSA[hash(actor) % 2], f"{actor}#ed25519-key", keys.make_ed25519()
    )


class MemoryKeys:
    def __init__(self, origin: str, names: Sequence[str]) -> None:
        self._server = make_sender(f"{origin}/actor")
        self.senders = {f"{origin}/c/{name}": make_sender(f"{origin}/c/{name}") for name in names}

    def sender(self, actor_id: str) -> Sender:
        return self.senders[actor_id]

    def server(self) -> Sender:
        return self._server


@dataclass
class MemoryActors:
    kept: dict[str, RemoteActor] = field(default_factory=dict)
    went: list[str] = field(default_factory=list)

    async def actor(self, actor_id: str) -> RemoteActor | None:
        return self.kept.get(actor_id)

    async def keep(self, actor: RemoteActor) -> RemoteActor:
        self.kept[actor.id] = actor
        return actor

    async def gone(self, actor_id: str, at: datetime) -> None:
        self.went.append(actor_id)

    async def departed(self, actor_id: str, at: datetime) -> None:
        self.went.append(actor_id)


@dataclass
class MemoryLog:
    items: dict[tuple[str, str], Inbound] = field(default_factory=dict)
    incidents: Counter[tuple[str, str]] = field(default_factory=Counter)
    blocks: set[str] = field(default_factory=set)
    heard: dict[str, tuple[Scheme, bool]] = field(default_factory=dict)
    ours: set[str] = field(default_factory=set)

    async def issued(self, activity_id: str) -> bool:
        return activity_id in self.ours

    async def keep(self, item: Inbound) -> bool:
        key = (item.actor, item.id)
        new = key not in self.items
        self.items.setdefault(key, item)
        return new

    async def incident(self, *, actor: str, code: str, object_id: str, at: datetime) -> None:
        self.incidents[actor, code] += 1

    async def blocked(self, actor_id: str) -> bool:
        return actor_id in self.blocks or authority_of(actor_id) in self.blocks

    async def heard_from(self, host: str, *, scheme: Scheme, ed25519: bool, date: datetime | None) -> None:
        self.heard[host] = (scheme, ed25519)


class MemoryQueue:
    """Rows, and what is known of each host. `heard_from` of a real host also wakes the host's deliveries."""

    def __init__(self) -> None:
        self.rows: dict[int, tuple[Due, datetime]] = {}
        self.hosts: dict[str, HostState] = {}
        self.settled: list[Settled] = []
        self.takes = 0
        self._changed = asyncio.Event()

    def enqueue(self, sender: str, inbox: str, body: bytes, at: datetime | None = None) -> None:
        at = at or now()
        host = authority_of(inbox)
        state = self.hosts.setdefault(host, HostState(host))
        number = len(self.rows) + len(self.settled) + 1
        while number in self.rows:
            number += 1
        self.rows[number] = (Due(number, sender, inbox, host, body, 0, at, state), at)
        self._changed.set()

    def wake(self, host: str) -> None:
        self.hosts[host] = replace(self.hosts[host], failures=0, failing_since=None, open_until=None)
        self.rows = {n: (due, now() if due.host == host else at) for n, (due, at) in self.rows.items()}
        self._changed.set()

    def _ready_at(self, due: Due, at: datetime) -> datetime:
        return max(at, self.hosts[due.host].open_until or at)

    async def take(self, now: datetime, limit: int, busy_hosts: frozenset[str]) -> Sequence[Due]:
        self.takes += 1
        # Whatever changes from here on ends the next `wait`, however late it is called.
        self._changed.clear()
        taken: dict[str, Due] = {}
        for due, at in self.rows.values():
            if len(taken) == limit:
                break
            if due.host not in taken and due.host not in busy_hosts and self._ready_at(due, at) <= now:
                taken[due.host] = replace(due, state=self.hosts[due.host])
        return list(taken.values())

    async def settle(self, results: Sequence[Settled]) -> None:
        for each in results:
            self.hosts[each.due.host] = each.state
            due, _ = self.rows.pop(each.due.id)
            if each.outcome == "later":
                assert each.next is not None
                self.rows[due.id] = (replace(due, attempts=each.attempts, status=each.status), each.next)
            self.settled.append(each)
            if each.outcome == "gone":
                self.rows = {n: row for n, row in self.rows.items() if row[0].inbox != due.inbox}

    async def next_due(self, busy_hosts: frozenset[str]) -> datetime | None:
        free = (self._ready_at(due, at) for due, at in self.rows.values() if due.host not in busy_hosts)
        return min(free, default=None)

    async def wait(self, until: datetime | None) -> None:
        seconds = None if until is None else max(0.0, (until - now()) / timedelta(seconds=1))
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return


class MemoryDocuments:
    def __init__(self, origin: str, owned: MemoryKeys) -> None:
        self.origin = origin
        self.members: dict[str, set[str]] = {}
        self.at: dict[str, Document] = {}
        self._keys = owned
        for sender in owned.senders.values():
            self.publish_actor(sender)
        server = build_server_actor(owned.server(), username="server", name="Server", origin=origin)
        self.put("/actor", server, page=False)

    def publish_actor(self, sender: Sender) -> None:
        name = sender.actor.rpartition("/")[2]
        local = LocalActor(
            sender=sender,
            username=name,
            handle=f"{name}@{authority_of(self.origin)}",
            name=name.title(),
            summary="<p>Olla común</p>",
            published=_EPOCH,
            shared_inbox=f"{self.origin}/inbox",
            collective_kind="kitchen",
        )
        body = seal(build_actor(local), sender, _EPOCH).body
        self.at[f"/c/{name}"] = Document(body, etag=str(hash(body)))

    def put(self, path: str, document: JsonObject, **options: object) -> None:
        body = msgspec.json.encode(document)
        self.at[path] = Document(body, etag=str(hash(body)), **options)  # type: ignore[arg-type]

    async def document(self, path: str, query: str) -> Document | None:
        return self.at.get(f"{path}?{query}" if query else path)

    async def refuses(self, document: Document, actor_id: str) -> bool:
        return actor_id in self.members.get(f"{document.owner}/blocked", ())

    async def may_read(self, document: Document, actor_id: str) -> bool:
        readers = document.readers or frozenset()
        return actor_id in readers or any(actor_id in self.members.get(each, ()) for each in readers)

    async def account(self, username: str) -> str | None:
        uri = f"{self.origin}/c/{username}"
        return uri if uri in self._keys.senders else None

    async def usage(self) -> JsonObject:
        return {"users": {"total": len(self._keys.senders)}, "localPosts": 3}


class MemoryHost:
    """All of one server's memory, at `origin`, with one collective for each name."""

    def __init__(self, origin: str, *names: str) -> None:
        self.origin = origin
        self.keys = MemoryKeys(origin, names or ("olla",))
        self.actors = MemoryActors()
        self.log = MemoryLog()
        self.queue = MemoryQueue()
        self.documents = MemoryDocuments(origin, self.keys)
