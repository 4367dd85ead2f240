"""Remote actors as they may be believed: keys do not change under an identity statement that does not say so.

SURVIVAL.md, foundation 8: an actor whose identity statement we hold is never purged, and its operating keys alone never re-key
it. A change of keys or inboxes that no statement covers leaves the actor in doubt: those held before count, and stewards are told.
It stays so, whatever its server shows meanwhile, until a statement that its root signed brings something new, or a steward believes it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

import msgspec

from federation import (
    FederationError,
    Fetched,
    IdentityStatement,
    check_identity,
    check_keys,
    fits,
    multikey,
    public_key,
    read_actor,
)
from federation.interfaces import ActorKey, RemoteActor
from node.storage import actors, hosts, inbound
from node.storage.actors import Profile
from node.storage.database import Database, Transaction

JsonObject = dict[str, Any]


class KeptActors:
    """The `ActorStore` of a node. `erase` takes a deleted actor's posts and relations away (`relations.on_gone`)."""

    def __init__(self, database: Database, erase: Callable[[Transaction, str], None]) -> None:
        self._database = database
        self._erase = erase

    async def actor(self, actor_id: str) -> RemoteActor | None:
        """The actor as last kept."""
        return await self._database.reader.run(lambda s: actors.remote(s, actor_id))

    async def keep(self, actor: RemoteActor) -> RemoteActor:
        """Keep a fetched actor; answer with the one to believe."""
        return await self._database.writer.run(lambda t: _keep(t, actor))

    async def gone(self, actor_id: str, at: datetime) -> None:  # noqa: ARG002
        """Its server does not know it now: dormant, until it speaks or is found again; a Delete may erase it later."""
        await self._database.writer.run(lambda t: actors.rest(t, actor_id))

    async def departed(self, actor_id: str, at: datetime) -> None:  # noqa: ARG002
        """It is deleted, proven by its own server. An actor with an identity is only dormant: nobody vouches for the goodbye, so
        stewards are told of it."""

        def leave(transaction: Transaction) -> None:
            if actors.statement(transaction, actor_id) is None:
                self._erase(transaction, actor_id)
            else:
                actors.rest(transaction, actor_id)
                inbound.question(transaction, actor_id)

        await self._database.writer.run(leave)


def _keep(transaction: Transaction, actor: RemoteActor) -> RemoteActor:
    held = _held(transaction, actor.id)
    offered = _offered(transaction, actor)
    believed = held[-1] if held else None
    fitting = "same" if offered is None else fits(held, offered)
    if offered is not None and fitting in ("first", "follows"):
        _keep_statement(transaction, actor.id, offered)
        believed = offered
    before = actors.keys(transaction, actor.id)
    bound = believed if held else None
    keys = "held" if bound is None else _cover(transaction, actor, before, bound)
    known = actors.profile(transaction, actor.id)
    doubted = known is not None and known.state == "doubt"
    settled = fitting == "follows" or keys == "brought"
    moved = known is not None and bound is not None and not settled and _is_elsewhere(actor, known)
    misfit = keys == "not" or fitting not in ("first", "follows", "same") or moved
    state = "doubt" if misfit or (doubted and not settled) else "ok"
    if misfit:
        inbound.in_doubt(transaction, actor.id)
    elif known is not None and state != known.state:
        inbound.no_doubt(transaction, actor.id)
    if known is not None and state == "doubt":
        # What is said to it goes where it went before: another place may be a thief's.
        actor = replace(actor, inbox=known.inbox, shared_inbox=known.shared_inbox, followers=known.followers)
    _put(transaction, actor, believe_keys=keys != "not", state=state)
    return replace(actor, keys=before) if keys == "not" else actor


def believe(transaction: Transaction, uri: str) -> None:
    """A steward asked by another way, and it is them: what their server shows now is believed, keys, root and all. What was
    held of an identity that this one does not continue gives way to it. Raises BadAnswer, WrongOrigin.
    """
    known = actors.profile(transaction, uri)
    document = {} if known is None else msgspec.json.decode(known.document)
    actor = read_actor(Fetched(b"" if known is None else known.document, document, uri), transaction.now)
    offered = _offered(transaction, actor)
    if offered is not None:
        if fits(_held(transaction, uri), offered) != "same":
            actors.forget_statements(transaction, uri, since=offered.sequence)
        _keep_statement(transaction, uri, offered)
    # A document without a key takes none away: whatever key came next would be believed.
    _put(transaction, actor, believe_keys=bool(_in_force(actor.keys, transaction.now)), state="ok")
    inbound.no_doubt(transaction, uri)


def _put(transaction: Transaction, actor: RemoteActor, *, believe_keys: bool, state: str) -> None:
    name = _document(actor).get("name")
    actors.put(
        transaction,
        actor,
        name=name[:200] if isinstance(name, str) else "",
        host=hosts.host_of(actor.id),
        believe_keys=believe_keys,
        state=state,
    )


def _held(transaction: Transaction, uri: str) -> list[IdentityStatement]:
    """Every statement that we hold of an actor, oldest first, as checked when it came."""
    return [
        check_identity(msgspec.json.decode(row.statement), uri, transaction.now)
        for row in actors.statements(transaction, uri)
    ]


def _offered(transaction: Transaction, actor: RemoteActor) -> IdentityStatement | None:
    if actor.identity is None:
        return None
    try:
        return check_identity(actor.identity, actor.id, transaction.now)
    except FederationError:
        return None


def _keep_statement(transaction: Transaction, uri: str, offered: IdentityStatement) -> None:
    actors.keep_statement(
        transaction,
        uri,
        sequence=offered.sequence,
        subject=offered.subject,
        statement=msgspec.json.encode(offered.document),
    )


def _cover(
    transaction: Transaction, actor: RemoteActor, before: tuple[ActorKey, ...], identity: IdentityStatement
) -> Literal["held", "brought", "not"]:
    """Whether the keys now listed are those held, or a key statement under the identity brings them. What was replaced or
    revoked never comes back, not even by an old statement; and no key at all is none of those held."""
    now = transaction.now
    held = _in_force(before, now)
    listed = _in_force(actor.keys, now)
    if not listed:
        return "not"
    if listed <= held:
        return "held"
    if listed & {_mark(key) for key in actors.keys(transaction, actor.id, past=True)} - held:
        return "not"
    for document in _key_statements(actor):
        try:
            statement = check_keys(document, identity, now)
        except FederationError:
            continue
        if listed <= held | _in_force(statement.keys, now):
            return "brought"
    return "not"


def _is_elsewhere(actor: RemoteActor, known: Profile) -> bool:
    """Whether what is said to an actor would go to another place than before. That none is shared any more leads nobody astray."""
    return actor.inbox != known.inbox or actor.shared_inbox not in (None, known.shared_inbox)


def _in_force(keys: Iterable[ActorKey], now: datetime) -> set[tuple[str, str]]:
    """Those that verify now: also one that is to be revoked one day."""
    return {_mark(key) for key in keys if key.revoked is None or key.revoked > now}


def _mark(key: ActorKey) -> tuple[str, str]:
    """A key by its id and its one spelling: a statement has as Multikey what an actor has as PEM."""
    return key.id, multikey(public_key(key.material))


def _key_statements(actor: RemoteActor) -> Iterator[JsonObject]:
    attachment = _document(actor).get("attachment")
    for entry in attachment if isinstance(attachment, list) else [attachment]:
        if isinstance(entry, dict) and "keys" in entry:
            yield entry


def _document(actor: RemoteActor) -> JsonObject:
    try:
        document = msgspec.json.decode(actor.document)
    except msgspec.DecodeError:
        return {}
    return document if isinstance(document, dict) else {}
