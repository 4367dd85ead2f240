"""Remote actors and their keys: kept by the host, asked for when needed, never twice at once.

A key counts only when the actor that it names as owner lists it. Look-ups of the same actor are merged into one
fetch; a failed one is not repeated for a while; a key whose signature failed is fetched anew at most once in a stated time;
and a server that does not answer holds up nobody but those who ask for it.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import msgspec

from federation.actor_document import read_actor
from federation.errors import (
    BadAnswer,
    FederationError,
    Forbidden,
    Gone,
    Malformed,
    NotFound,
    Overloaded,
    UnknownKey,
    Unreachable,
    WrongOrigin,
)
from federation.fetch import Budget, Fetched, Fetcher
from federation.interfaces import ActorKey, ActorStore, RemoteActor
from federation.limits import DEFAULT_LIMITS, Limits
from federation.origin import authority_of, same_origin
from federation.vocab import id_of
from federation.webfinger import Resource, ask, split_handle

__all__ = ["Actors"]

_FAILURE_REMEMBERED = timedelta(seconds=15)
_REMEMBERED = 4096
_WAITING_FOR_ONE_HOST = 16
_RETRY_AFTER = 30

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Recent(Generic[K, V]):
    """A bounded memory: the least recently used entry makes room."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def drop(self, key: K) -> None:
        self._entries.pop(key, None)


class _Profile(msgspec.Struct):
    webfinger: Any = None


class Actors:
    """The cache of remote actors above an `ActorStore`. `plain_http` as for `webfinger.ask`."""

    def __init__(
        self,
        store: ActorStore,
        fetcher: Fetcher,
        *,
        limits: Limits = DEFAULT_LIMITS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        plain_http: bool = False,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._now = now
        self._plain_http = plain_http
        self._fresh = timedelta(seconds=limits.actor_fresh_seconds)
        self._gap = timedelta(seconds=limits.key_refetch_seconds)
        self._keys: _Recent[tuple[str, str | None], tuple[ActorKey, datetime]] = _Recent(limits.cached_keys)
        self._refetched: _Recent[str, datetime] = _Recent(_REMEMBERED)
        self._failed: _Recent[str, tuple[datetime, FederationError]] = _Recent(_REMEMBERED)
        self._waiting: Counter[str] = Counter()
        self._most_waiting = limits.pending_inbound
        self._running: dict[str, asyncio.Task[RemoteActor]] = {}

    async def actor(
        self,
        actor_id: str,
        *,
        refresh: bool = False,
        on_behalf_of: str | None = None,
        budget: Budget | None = None,
    ) -> RemoteActor:
        """The actor, kept or fetched. A kept one is asked for again after `actor_fresh_seconds`, and believed if its
        server is out of reach. Raises NotFound, Gone, another Unreachable, WrongOrigin.
        """
        kept = await self._store.actor(actor_id)
        if kept is not None and not refresh and self._now() - kept.fetched < self._fresh:
            return kept
        try:
            return await self._fetch_merged(actor_id, on_behalf_of, budget)
        except (NotFound, Gone):
            if kept is not None:
                await self._store.gone(actor_id, self._now())
            raise
        except Unreachable:
            if kept is None or refresh:
                raise
            return kept

    async def key(self, key_id: str, refresh: bool = False, *, owner: str | None = None) -> ActorKey:
        """The key of this id, confirmed by its owner's document: that of `owner` where one is named and lists it, else of whom the
        document at the id names. A neighbour on the same origin who lists the id too puts no key in the place of the owner's.

        `refresh` after a signature failed with the kept one: fetched anew, at most once in `key_refetch_seconds`,
        otherwise the kept one again. Raises UnknownKey, Unreachable and below (Gone, NotFound), Overloaded.
        """
        if not refresh:
            known = self._keys.get((key_id, owner))
            if known is not None and self._now() < known[1]:
                return known[0]
            kept = await self._store.actor(owner or key_id.partition("#")[0])
            if kept is not None and (found := await self._still_listed(kept, key_id, owner)) is not None:
                return found
        else:
            last = self._refetched.get(key_id)
            if last is not None and self._now() - last < self._gap:
                return await self.key(key_id, owner=owner)
            self._refetched.put(key_id, self._now())
        try:
            with self._room_to_wait(authority_of(key_id)):
                holder = await self._fetch_merged(key_id.partition("#")[0], None, None)
        except (Forbidden, Malformed) as error:
            raise UnknownKey(f"{key_id}: {error.cause}", host=error.host) from error
        found = _listed(holder, key_id)
        if found is None:
            self._keys.drop((key_id, owner))
            raise UnknownKey(f"{holder.id} does not list the key {key_id}")
        self._remember(found, holder, owner)
        return found

    async def _still_listed(self, kept: RemoteActor, key_id: str, owner: str | None) -> ActorKey | None:
        """The key as its owner lists it, who is asked again where we last asked long ago: keys are withdrawn, too."""
        if _listed(kept, key_id) is not None and self._now() - kept.fetched >= self._fresh:
            with self._room_to_wait(authority_of(kept.id)):
                kept = await self.actor(kept.id)
        found = _listed(kept, key_id)
        if found is not None:
            self._remember(found, kept, owner)
        return found

    def _remember(self, key: ActorKey, holder: RemoteActor, owner: str | None) -> None:
        until = self._now() + _FAILURE_REMEMBERED
        if owner in (None, holder.id):
            until = max(holder.fetched + self._fresh, until)
        self._keys.put((key.id, owner), (key, until))

    def _forget(self, key: ActorKey) -> None:
        """Look a key up anew, whoever was named as its owner; what a neighbour lists by the same id stays."""
        for owner in (key.owner, None):
            known = self._keys.get((key.id, owner))
            if known is not None and known[0].owner == key.owner:
                self._keys.drop((key.id, owner))

    async def find(self, handle: str, *, budget: Budget | None = None) -> RemoteActor:
        """The actor behind `user@host`, with `handle` set because both ends agree.

        Raises Malformed, NotFound, BadAnswer where they do not agree, another Unreachable.
        """
        named = await self._ask(handle, budget)
        actor = await self.actor(named.actor, refresh=True, budget=budget)
        own = _own_handle(actor).lower()
        if named.actor == actor.id and own == handle.lower().lstrip("@") == named.handle.lower():
            return await self._store.keep(replace(actor, handle=_own_handle(actor)))
        return await self.confirm_handle(actor, budget=budget)

    async def confirm_handle(self, actor: RemoteActor, *, budget: Budget | None = None) -> RemoteActor:
        """The same actor with the handle that leads to it; kept. Its host may prefer a name on another host, which must
        lead to the same actor. Raises Malformed, NotFound, BadAnswer, another Unreachable.
        """
        handle = _own_handle(actor)
        named = await self._ask(handle, budget)
        if named.actor != actor.id:
            raise BadAnswer(f"{handle} leads to {named.actor}, not to {actor.id}")
        if named.handle.lower() != handle.lower():
            preferred = await self._ask(named.handle, budget)
            handle = named.handle if preferred.actor == actor.id else handle
        return await self._store.keep(replace(actor, handle=handle))

    async def _ask(self, handle: str, budget: Budget | None) -> Resource:
        return await ask(self._fetcher, handle, plain_http=self._plain_http, budget=budget)

    @contextmanager
    def _room_to_wait(self, host: str) -> Iterator[None]:
        """Let in only so many requests that wait for keys, in all and of one host: those behind them need none."""
        if self._waiting.total() >= self._most_waiting or self._waiting[host] >= _WAITING_FOR_ONE_HOST:
            raise Overloaded("too many requests wait for keys", retry_after=_RETRY_AFTER, host=host)
        self._waiting[host] += 1
        try:
            yield
        finally:
            self._waiting[host] -= 1
            if not self._waiting[host]:
                del self._waiting[host]

    async def _fetch_merged(
        self, location: str, on_behalf_of: str | None, budget: Budget | None
    ) -> RemoteActor:
        self._refuse_failed(location)
        self._refuse_failed(authority_of(location))
        running = self._running.get(location)
        if running is None:
            running = asyncio.ensure_future(self._fetch(location, on_behalf_of, budget))
            self._running[location] = running
            running.add_done_callback(lambda _task: self._running.pop(location, None))
            # Whoever asked may have gone away meanwhile; the outcome is remembered all the same.
            running.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(running)

    def _refuse_failed(self, what: str) -> None:
        failure = self._failed.get(what)
        if failure is None:
            return
        if self._now() - failure[0] < _FAILURE_REMEMBERED:
            raise failure[1].with_traceback(None)
        self._failed.drop(what)

    async def _fetch(self, location: str, on_behalf_of: str | None, budget: Budget | None) -> RemoteActor:
        try:
            actor = await self._read(location, on_behalf_of, budget)
        except (Unreachable, WrongOrigin) as error:
            # A server that gives no answer at all is not asked for its other actors either.
            silent = isinstance(error, Unreachable) and not isinstance(error, BadAnswer)
            self._failed.put(authority_of(location) if silent else location, (self._now(), error))
            raise
        kept = await self._store.actor(actor.id)
        if kept is not None and _own_handle(kept) == _own_handle(actor):
            actor = replace(actor, handle=kept.handle)
        believed = await self._store.keep(actor)
        for former in kept.keys if kept is not None else ():
            self._forget(former)
        return believed

    async def _read(self, location: str, on_behalf_of: str | None, budget: Budget | None) -> RemoteActor:
        async def get(url: str) -> Fetched:
            return await self._fetcher.document(url, on_behalf_of=on_behalf_of, budget=budget)

        fetched = await get(location)
        claimed = _actor_named(fetched)
        if claimed is None:
            raise BadAnswer("the document is neither an actor nor a key")
        if claimed != location:
            # A key's own document, a stub, or another spelling of the id: only what stands at the id itself counts.
            if not same_origin(claimed, fetched.url):
                raise WrongOrigin(f"{fetched.url} names {claimed}")
            fetched = await get(claimed)
        actor = read_actor(fetched, self._now())
        if actor.id != claimed:
            raise WrongOrigin(f"{claimed} serves an actor of another id, {actor.id}")
        return actor


def _listed(actor: RemoteActor, key_id: str) -> ActorKey | None:
    return next((key for key in actor.keys if key.id == key_id), None)


def _actor_named(fetched: Fetched) -> str | None:
    """The id of the actor that a document is, or that a key's document names as its owner."""
    document = fetched.document
    for term in ("owner", "controller"):
        if "inbox" not in document and (owner := id_of(document.get(term))) is not None:
            return owner
    return id_of(document)


def _own_handle(actor: RemoteActor) -> str:
    """The handle that an actor's document claims: FEP-2c59's `webfinger`, or the preferred name on its own host."""
    claimed = msgspec.json.decode(actor.document, type=_Profile).webfinger
    if isinstance(claimed, str):
        try:
            return "@".join(split_handle(claimed.removeprefix("acct:")))
        except Malformed:
            pass
    return f"{actor.username}@{urlsplit(actor.id).netloc}"
