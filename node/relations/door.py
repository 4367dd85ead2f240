"""DOOR. Whom we hear and who hears us: follow, approve, trust, block; and what others decide about us.

What members decide looks up elsewhere what is not known here; what others decide stands in `others`.
"""

from collections.abc import Callable, Container, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from federation import Addressed, FederationError, FollowEvent, FollowState, Gone, Malformed, NotFound
from federation.follow import step
from federation.interfaces import RemoteActor
from node.domain import blocklist
from node.domain.kind import Audience, Speaker
from node.errors import (
    ConflictError,
    ElsewhereError,
    InvalidError,
    NodeError,
    NotPermittedError,
    UnknownError,
)
from node.relations.bonds import Bonds
from node.storage import actors, collectives, deliveries, follows, hosts
from node.storage.collectives import Collective
from node.storage.database import Database, Snapshot, Transaction
from node.storage.follows import Inbox
from node.tongues import message

_EXPECTED = message("a handle like @olla@example.org, or the URL of an actor")


class Directory(Protocol):
    """How remote actors are found (`federation.Actors`)."""

    async def actor(
        self, actor_id: str, *, refresh: bool = False, on_behalf_of: str | None = None
    ) -> RemoteActor:
        """The actor of a URI."""

    async def find(self, handle: str) -> RemoteActor:
        """The actor of `user@host`."""


class Relations:
    """The door of members' decisions about relations. `believe` takes an actor in doubt as its server shows it."""

    def __init__(
        self,
        database: Database,
        bonds: Bonds,
        directory: Directory,
        believe: Callable[[Transaction, str], None],
    ) -> None:
        self._database = database
        self._bonds = bonds
        self._directory = directory
        self._believe = believe

    async def find(self, speaker: Speaker, handle_or_url: str) -> str:
        """Actor URI of a handle (`@olla@host`, `olla` for one of ours) or URL."""
        wanted = handle_or_url.strip()
        if wanted.startswith(("http://", "https://")):
            return await self._find_url(speaker, wanted)
        name, _, host = wanted.lstrip("@").lower().partition("@")
        if not name or any(c.isspace() or c in "/?#\\" for c in name + host):
            raise InvalidError("handle", _EXPECTED, cause=wanted[:200])
        handle = f"{name}@{host}"
        if host in ("", urlsplit(self._bonds.speech.origin).netloc):
            own = await self._database.reader.run(lambda s: collectives.by_handle(s, name))
            if own is None:
                raise UnknownError(
                    message("There is no collective “{handle}” here."),
                    hint=message("`minga collective list` shows them."),
                    handle=name,
                )
            return own.uri
        known = await self._database.reader.run(lambda s: actors.by_handle(s, handle))
        if known is not None and known.state == "ok":
            return known.uri
        try:
            return (await self._directory.find(handle)).id
        except FederationError as error:
            if known is not None and known.state in ("doubt", "dormant"):
                return known.uri
            raise _not_found(handle, error) from error

    async def _held(
        self, speaker: Speaker, target: str, holds: Callable[[Snapshot, Collective, str], bool]
    ) -> str:
        """Who has this tie with us under that name or URL: its server is not asked who that is, for it may be silent, or seized.
        Where nobody has, or more than one, as `find`."""
        wanted = target.strip()

        def named(snapshot: Snapshot) -> list[str]:
            uris = [wanted] if "://" in wanted else actors.shown_as(snapshot, wanted.lstrip("@"))
            return [uri for uri in uris if holds(snapshot, _own(snapshot, speaker), uri)]

        held = await self._database.reader.run(named)
        return held[0] if len(held) == 1 else await self.find(speaker, target)

    async def _find_url(self, speaker: Speaker, url: str) -> str:
        if "@" in urlsplit(url).netloc:
            raise InvalidError("handle", _EXPECTED, cause="credentials in a URL")
        own = await self._database.reader.run(lambda s: _own_by_url(s, self._bonds.speech.origin, url))
        if own is not None:
            return own.uri
        try:
            return (await self._directory.actor(url, on_behalf_of=speaker.actor)).id
        except FederationError as error:
            known = await self._database.reader.run(lambda s: actors.profile(s, url))
            if known is not None and known.state in ("doubt", "dormant"):
                return known.uri
            raise _not_found(url, error) from error

    async def follow(self, speaker: Speaker, target: str) -> str:
        """Follow an actor; asked for at once, accepted when it answers. A second time changes nothing."""
        _steers(speaker)
        actor = await self.find(speaker, target)
        if actor == speaker.actor:
            raise InvalidError("handle", message("somebody else: a collective does not follow itself"))

        def apply(transaction: Transaction) -> str:
            collective = _own(transaction, speaker)
            held = follows.following(transaction, collective.id, actor)
            if held is not None and held.state in ("requested", "accepted"):
                return actor
            if follows.blocks(transaction, collective.uri, actor):
                raise ConflictError(message("You block this actor; unblock it first."))
            to = Addressed((actor,))
            said = self._bonds.speech.send(
                transaction, collective, "Follow", actor, to, Audience.DIRECT, object=actor
            )
            other = collectives.by_uri(transaction, actor)
            state = FollowState.REQUESTED
            follows.put_following(
                transaction, collective.id, actor, state=state.value, activity=said.activity
            )
            if other is not None:
                inbox = Inbox(collective.uri, f"{collective.uri}/inbox", f"{self._bonds.speech.origin}/inbox")
                self._bonds.asked(transaction, other, inbox, said.activity)
            return actor

        return await self._database.writer.run(apply)

    async def unfollow(self, speaker: Speaker, target: str) -> str:
        """Stop following."""
        _steers(speaker)
        actor = await self._held(
            speaker, target, lambda s, own, uri: follows.following(s, own.id, uri) is not None
        )

        def apply(transaction: Transaction) -> str:
            collective = _own(transaction, speaker)
            self._bonds.unfollow(transaction, collective, actor)
            return actor

        return await self._database.writer.run(apply)

    async def trust(self, speaker: Speaker, target: str) -> str:
        """Put an actor among the peers: it will read what is said to `peers`, from now on."""
        _steers(speaker)
        actor = await self.find(speaker, target)
        if actor == speaker.actor:
            raise InvalidError("handle", message("somebody else: a collective does not trust itself"))
        await self._database.writer.run(lambda t: follows.trust(t, _own(t, speaker).id, actor))
        return actor

    async def untrust(self, speaker: Speaker, target: str) -> str:
        """Take an actor from the peers."""
        _steers(speaker)
        actor = await self._held(speaker, target, lambda s, own, uri: follows.trusts(s, own.id, uri))
        if not await self._database.writer.run(lambda t: follows.distrust(t, _own(t, speaker).id, actor)):
            raise ConflictError(
                message("This actor is not among your peers."),
                hint=message("Look at the list of your peers."),
            )
        return actor

    async def believe(self, speaker: Speaker, target: str) -> str:
        """Settle a doubt: we asked by another way, and it is them. What their server shows now is believed on this node, keys
        and root too; whoever does not believe it blocks them. ConflictError where nobody doubts."""
        _steers(speaker)
        actor = await self.find(speaker, target)
        try:
            await self._directory.actor(actor, refresh=True)
        except FederationError as error:
            raise _not_found(target, error) from error

        def apply(transaction: Transaction) -> str:
            known = actors.profile(transaction, actor)
            if known is None or known.state != "doubt":
                raise ConflictError(message("Nobody doubts this account."))
            self._believe(transaction, actor)
            return actor

        return await self._database.writer.run(apply)

    async def approve(self, speaker: Speaker, target: str) -> str:
        """Let somebody follow who asked."""
        return await self._decide(speaker, target, FollowEvent.ACCEPT)

    async def refuse(self, speaker: Speaker, target: str) -> str:
        """Refuse somebody who asked to follow, or remove a follower."""
        return await self._decide(speaker, target, FollowEvent.REJECT)

    async def _decide(self, speaker: Speaker, target: str, event: FollowEvent) -> str:
        _steers(speaker)
        actor = await self._held(
            speaker, target, lambda s, own, uri: follows.follower(s, own.id, uri) is not None
        )

        def apply(transaction: Transaction) -> str:
            collective = _own(transaction, speaker)
            held = follows.follower(transaction, collective.id, actor)
            state = None if held is None else step(FollowState(held.state), event)
            if held is None or state is None or state.value == held.state:
                raise ConflictError(
                    message("This actor has not asked to follow you."),
                    hint=message("Look at the list of those who asked."),
                )
            follows.set_follower(transaction, collective.id, actor, state.value)
            self._bonds.answer(
                transaction, collective, actor, held.activity, accept=event is FollowEvent.ACCEPT
            )
            return actor

        return await self._database.writer.run(apply)

    async def block(self, speaker: Speaker, target: str, reason: str = "") -> str:
        """Block an actor, or a whole host (a name without @): it no longer follows, is not heard and not served."""
        _steers(speaker)
        host = _host(target)
        blocked = host or await self._held(speaker, target, lambda s, own, uri: uri in _related(s, own))
        if blocked in (speaker.actor, urlsplit(self._bonds.speech.origin).netloc):
            raise InvalidError("handle", message("somebody else: a collective does not block itself"))

        def apply(transaction: Transaction) -> str:
            collective = _own(transaction, speaker)
            if blocked in (target for target, _ in follows.blocked_by(transaction, collective.uri)):
                return blocked
            _withhold(transaction, collective, blocked)
            for actor in _severed(transaction, collective, blocked):
                self._bonds.sever(transaction, collective, actor)
            activity = ""
            if not host:
                said = self._bonds.speech.send(
                    transaction,
                    collective,
                    "Block",
                    blocked,
                    Addressed((blocked,)),
                    Audience.DIRECT,
                    object=blocked,
                )
                activity = said.activity
            follows.block(transaction, collective.uri, blocked, activity=activity, reason=reason)
            transaction.wake("blocks")
            return blocked

        return await self._database.writer.run(apply)

    async def block_hosts(
        self, speaker: Speaker, listed: Mapping[str, str], also: Callable[[Transaction], None]
    ) -> None:
        """Block many hosts at once, each with its reason; `also` happens in the same transaction."""
        _steers(speaker)

        def apply(transaction: Transaction) -> None:
            collective = _own(transaction, speaker)
            held = {target for target, _ in follows.blocked_by(transaction, collective.uri)}
            new = {host: reason for host, reason in listed.items() if host not in held}
            _withhold_from(transaction, collective, new)
            for actor in _related(transaction, collective):
                if hosts.covered(new, hosts.host_of(actor)):
                    self._bonds.sever(transaction, collective, actor)
            for host, reason in new.items():
                follows.block(transaction, collective.uri, host, reason=reason)
            also(transaction)
            transaction.wake("blocks")

        await self._database.writer.run(apply)

    async def unblock(self, speaker: Speaker, target: str) -> str:
        """Take a block back; relations that it ended stay ended."""
        _steers(speaker)
        host = _host(target)
        blocked = host or await self._held(
            speaker, target, lambda s, own, uri: follows.blocks(s, own.uri, uri)
        )

        def apply(transaction: Transaction) -> str:
            collective = _own(transaction, speaker)
            activity = follows.unblock(transaction, collective.uri, blocked)
            if activity is None:
                raise ConflictError(message("You do not block this."))
            transaction.wake("blocks")
            if activity:
                inner = {"id": activity, "type": "Block", "actor": collective.uri, "object": blocked}
                self._bonds.speech.send(
                    transaction,
                    collective,
                    "Undo",
                    inner,
                    Addressed((blocked,)),
                    Audience.DIRECT,
                    object=blocked,
                )
            return blocked

        return await self._database.writer.run(apply)


def _severed(transaction: Transaction, collective: Collective, blocked: str) -> list[str]:
    """Actors whose relations with a collective end when this actor or host is blocked."""
    if blocked.startswith(("http://", "https://")):
        return [blocked]
    related = _related(transaction, collective)
    return [actor for actor in related if hosts.covered({blocked}, hosts.host_of(actor))]


def _related(snapshot: Snapshot, collective: Collective) -> list[str]:
    """Everybody with whom a collective has a tie."""
    related = {
        *(relation.actor for relation in follows.followers(snapshot, collective.id)),
        *(relation.actor for relation in follows.followed(snapshot, collective.id)),
        *follows.trusted(snapshot, collective.id),
    }
    return sorted(related)


def _withhold(transaction: Transaction, collective: Collective, blocked: str) -> None:
    """Nothing that waits still reaches whom we block; that its ties with us ended, it is told afterwards."""
    known = actors.profile(transaction, blocked)
    if known is None:
        _withhold_from(transaction, collective, {blocked})
    else:
        alone = {known.inbox}
        shared = known.shared_inbox
        if shared and not follows.shares_inbox(transaction, collective.id, shared, but=blocked):
            alone.add(shared)
        for inbox in sorted(alone):
            deliveries.withhold(transaction, collective.uri, host=hosts.host_of(inbox), inbox=inbox)


def _withhold_from(transaction: Transaction, collective: Collective, blocked: Container[str]) -> None:
    for host in deliveries.hosts(transaction, collective.uri):
        if hosts.covered(blocked, host):
            deliveries.withhold(transaction, collective.uri, host=host)


def _steers(speaker: Speaker) -> None:
    if speaker.role not in ("operator", "steward"):
        raise NotPermittedError(
            message("Only a steward decides whom the collective follows, trusts or blocks."),
            hint=message("Ask a steward."),
        )


def _own(snapshot: Snapshot, speaker: Speaker) -> Collective:
    collective = collectives.by_uri(snapshot, speaker.actor)
    if collective is None:
        raise UnknownError(message("That collective is not on this node."))
    return collective


def _own_by_url(snapshot: Snapshot, origin: str, url: str) -> Collective | None:
    base = url.split("#", maxsplit=1)[0].rstrip("/")
    for prefix in (f"{origin}/c/", f"{origin}/@"):
        if base.startswith(prefix):
            return collectives.by_handle(snapshot, base.removeprefix(prefix))
    return None


def _host(target: str) -> str:
    """The host that a target names, in the spelling by which it is stored; "" where it is a handle or URL. InvalidError where it is
    neither."""
    if "@" in target or "/" in target or not ("." in target or ":" in target):
        return ""
    host = blocklist.host(target)
    if not host:
        raise InvalidError("host", message("the name of a server, like example.org"), cause=target[:200])
    return host


def _not_found(wanted: str, error: FederationError) -> NodeError:
    if isinstance(error, NotFound | Gone):
        return UnknownError(
            message("Nobody called {name} was found."),
            cause=error.cause,
            hint=message("Is it spelled right?"),
            name=wanted,
        )
    if isinstance(error, Malformed):
        return InvalidError("handle", _EXPECTED, cause=error.cause)
    host = error.host or wanted.rpartition("@")[2]
    return ElsewhereError(error.public, host=host, cause=error.cause, hint=error.hint)
