"""What this library asks of its host, and what each duty means for durability and concurrency.

The library owns no disk and no database. A host implements these protocols; `tests/federation` holds an
implementation in memory, which is also their shortest explanation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

JsonObject = dict[str, Any]
Scheme = Literal["cavage", "rfc9421"]
Transport = Literal["inbox", "fetch", "mirror", "bundle"]


@dataclass(frozen=True, slots=True)
class Sender:
    """A local actor and the private keys it signs with.

    `rsa_key_id` is `ACTOR#main-key`, for ever; `ed25519_key_id` the current Multikey (`ACTOR#ed25519-key`).
    """

    actor: str
    rsa_key_id: str
    rsa: RSAPrivateKey
    ed25519_key_id: str
    ed25519: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class ActorKey:
    """One public key that an actor document lists. `material` is PEM (RSA) or a Multikey string (z6Mk…)."""

    id: str
    owner: str
    algorithm: Literal["rsa", "ed25519"]
    material: str
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteActor:
    """An actor of another server as its own document describes it.

    `document` is the exact bytes served; `handle` is `user@host` where the WebFinger round trip agreed, else "".
    `identity` is the FEP-c390 statement found in `attachment`, unchecked; see `identity.check`.
    """

    id: str
    type: str
    inbox: str
    shared_inbox: str | None
    followers: str | None
    outbox: str | None
    username: str
    handle: str
    keys: tuple[ActorKey, ...]
    document: bytes
    fetched: datetime
    also_known_as: tuple[str, ...] = ()
    moved_to: str | None = None
    identity: JsonObject | None = None


class ActorStore(Protocol):
    """The cache of remote actors and the history of their keys. All calls may run concurrently."""

    async def actor(self, actor_id: str) -> RemoteActor | None:
        """The actor as last kept, however old."""

    async def keep(self, actor: RemoteActor) -> RemoteActor:
        """Keep a freshly fetched actor and answer with the one to believe.

        The host may refuse a changed key where it holds an identity statement that does not cover it; then the
        answer carries the keys held before. Durable on return.
        """

    async def gone(self, actor_id: str, at: datetime) -> None:
        """Its server answered 404 or 410 for the actor document. It may be back tomorrow: nothing is erased, and whatever
        it signs shows that it is."""

    async def departed(self, actor_id: str, at: datetime) -> None:
        """It announced its deletion, and its server confirms that. The host may keep what an identity binds."""


class KeyStore(Protocol):
    """Private keys of local actors, in memory (loading an RSA key costs 40 ms)."""

    def sender(self, actor_id: str) -> Sender:
        """Keys of one collective. KeyError where the actor is not ours."""

    def server(self) -> Sender:
        """Keys of the server actor, which signs what no collective asked for."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """An activity whose authorship is proven, as it came in. `document` is `body`, parsed.

    `inbox` is the actor URI whose inbox took it, or "" for the shared inbox.
    `scheme` says what proved it: an HTTP signature, or `proof` alone. `doubted`: a proof of its author, on it or on its own object
    in it, does not hold; nobody else is to be told of it in these bytes.
    """

    id: str
    type: str
    actor: str
    body: bytes
    document: JsonObject
    key_id: str
    scheme: Literal["cavage", "rfc9421", "proof"]
    received: datetime
    inbox: str = ""
    transport: Transport = "inbox"
    doubted: bool = False


class InboundLog(Protocol):
    """Where accepted activities wait for processing."""

    async def keep(self, item: Inbound) -> bool:
        """Keep it once. True: new, and on disk; False: an activity of this id from this actor was here before.

        Two copies at the same instant end as one True and one False (a unique index, not a look-up). Raises OverAllowance
        where the host keeps a budget for those whom nobody there follows.
        """

    async def issued(self, activity_id: str) -> bool:
        """Whether an activity of this id is one of our own."""

    async def incident(self, *, actor: str, code: str, object_id: str, at: datetime) -> None:
        """Count a refused attempt, or a proof that does not hold; bounded, best effort, never raises."""

    async def blocked(self, actor_id: str) -> bool:
        """Whether the actor or its host is blocked for the whole node. Answered from memory."""

    async def heard_from(self, host: str, *, scheme: Scheme, ed25519: bool, date: datetime | None) -> None:
        """A valid signed request arrived: remember the scheme, wake deliveries to the host, note its clock.

        `date` is when the peer says it signed. Cheap: called for every request; writes only on change.
        """


@dataclass(frozen=True, slots=True)
class HostState:
    """What delivery knows of one host:port, kept across restarts.

    `scheme` None: not known yet. `failures` in a row; while `open_until` lies ahead the host is left alone,
    except for one probe.
    """

    host: str
    scheme: Scheme | None = None
    takes_ed25519: bool = False
    failures: int = 0
    failing_since: datetime | None = None
    open_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """One activity to one inbox, due now. `body` are the exact bytes to post; `sender` the actor URI that signs.

    `attempts` counts its own failures, those of its host not among them; `status` is the last answer, 0 where none came.
    """

    id: int
    sender: str
    inbox: str
    host: str
    body: bytes
    attempts: int
    first: datetime
    state: HostState
    status: int = 0


Outcome = Literal["done", "later", "dropped", "gone"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a `Due`: for `later`, `next` is set and `attempts` counts its own failures; `status` 0 where no answer
    came."""

    due: Due
    outcome: Outcome
    status: int
    state: HostState
    next: datetime | None = None
    reason: str = ""
    attempts: int = 0


class DeliveryQueue(Protocol):
    """Deliveries as rows. Order is kept for each pair of object and inbox: a later one waits for the earlier."""

    async def take(self, now: datetime, limit: int, busy_hosts: frozenset[str]) -> Sequence[Due]:
        """Up to `limit` due rows, at most one a host, none for `busy_hosts` or a host whose breaker is open.

        A host whose `open_until` has passed gives one row: the probe. Rows are not marked: a crash between
        `take` and `settle` delivers again, and the peer knows the id.
        """

    async def settle(self, results: Sequence[Settled]) -> None:
        """Record a batch in one transaction. `gone` also stops all deliveries to that inbox."""

    async def next_due(self, busy_hosts: frozenset[str]) -> datetime | None:
        """When the next row outside `busy_hosts` falls due; None when nothing waits."""

    async def wait(self, until: datetime | None) -> None:
        """Sleep until `until`, or until something was enqueued or a host woke up."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document served at one of our URLs. `body` are the exact bytes.

    `readers` None: anybody; else the actor URIs and collection URIs whose members may fetch it signed.
    `owner` is the actor whose words they are: whom it blocks, it is not served; "" where that makes no difference.
    `status` 410 carries the Tombstone. `page` False: there is no page for people, always answer the document.
    `open`: also a node that asks for signatures shows it to anybody.
    """

    body: bytes
    etag: str
    status: int = 200
    readers: frozenset[str] | None = None
    page: bool = True
    vary_signature: bool = field(default=False)
    owner: str = ""
    open: bool = False


class Documents(Protocol):
    """What stands at our URLs, by path (`/c/esperanza`, `/o/123`, `/c/esperanza/outbox?page=…`)."""

    async def document(self, path: str, query: str) -> Document | None:
        """The ActivityStreams document at this path, None where there never was one."""

    async def may_read(self, document: Document, actor_id: str) -> bool:
        """Whether the signed reader is one of `readers`, or a member of a collection named there."""

    async def refuses(self, document: Document, actor_id: str) -> bool:
        """Whether the owner of a document blocks an actor or its host."""

    async def account(self, username: str) -> str | None:
        """Actor URI of a local name, in lower case; None where unknown."""

    async def usage(self) -> JsonObject:
        """True figures for NodeInfo: {"users": {"total": n}, "localPosts": n}; coarse by decision."""
