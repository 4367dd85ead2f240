"""DOOR. Whom we hear and who hears us: follow, approve, trust, block; and what others decide about us.

The methods for members are async and look up elsewhere what is not known here; those for `receive` are plain functions
of the transaction in which an activity is processed.
"""

from typing import Protocol
from urllib.parse import urlsplit

from federation import (
    Activity,
    Addressed,
    FederationError,
    FollowEvent,
    FollowState,
    Gone,
    NotFound,
)
from federation.follow import named_follow, reference, refollow, step
from federation.interfaces import RemoteActor
from node.domain.kind import Audience, Speaker
from node.errors import ConflictError, ElsewhereError, InvalidError, NotPermittedError, UnknownError
from node.speak import Said, Speech
from node.storage import activities, actors, collectives, deliveries, follows, posts
from node.storage.collectives import Collective
from node.storage.database import Database, Snapshot, Transaction
from node.storage.follows import Inbox


class Directory(Protocol):
    """How remote actors are found (`federation.Actors`)."""

    async def actor(
        self, actor_id: str, *, refresh: bool = False, on_behalf_of: str | None = None
    ) -> RemoteActor:
        """The actor of a URI."""

    async def find(self, handle: str) -> RemoteActor:
        """The actor of `user@host`."""


class Relations:
    """The door of relations. `approve` makes every follow wait for a steward."""

    def __init__(self, database: Database, speech: Speech, directory: Directory, *, approve: bool) -> None:
        self._database = database
        self._speech = speech
        self._directory = directory
        self._approve = approve

    async def find(self, speaker: Speaker, handle_or_url: str) -> str:
        """Actor URI of a handle (`@olla@host`, `olla` for one of ours) or URL."""
        wanted = handle_or_url.strip()
        if wanted.startswith(("http://", "https://")):
            return await self._find_url(speaker, wanted)
        name, _, host = wanted.lstrip("@").lower().partition("@")
        if not name or any(c.isspace() or c in "/?#\\" for c in name + host):
            raise InvalidError(
                "handle", "a handle like @olla@example.org, or the URL of an actor", cause=wanted[:200]
            )
        handle = f"{name}@{host}"
        if host in ("", urlsplit(self._speech.origin).netloc):
            own = await self._database.reader.run(lambda s: collectives.by_handle(s, name))
            if own is None:
                raise UnknownError(f"There is no collective {name} on this node.")
            return own.uri
        known = await self._database.reader.run(lambda s: actors.by_handle(s, handle))
        if known is not None and known.state == "ok":
            return known.uri
        try:
            return (await self._directory.find(handle)).id
        except FederationError as error:
            raise _not_found(handle, error) from error

    async def _find_url(self, speaker: Speaker, url: str) -> str:
        own = await self._database.reader.run(lambda s: _own_by_url(s, self._speech.origin, url))
        if own is not None:
            return own.uri
        try:
            return (await self._directory.actor(url, on_behalf_of=speaker.actor)).id
        except FederationError as error:
            raise _not_found(url, error) from error

    async def follow(self, speaker: Speaker, target: str) -> str:
        """Follow an actor; asked for at once, accepted when it answers. A second time changes nothing."""
        _steers(speaker)
        actor = await self.find(speaker, target)
        if actor == speaker.actor:
            raise InvalidError("handle", "somebody else: a collective does not follow itself")

        def apply(transaction: Transaction) -> str:
            collective = _own(transaction, speaker)
            held = follows.following(transaction, collective.id, actor)
            if held is not None and held.state in ("requested", "accepted"):
                return actor
            if follows.blocks(transaction, collective.uri, actor, urlsplit(actor).netloc):
                raise ConflictError("You block this actor; unblock it first.")
            to = Addressed((actor,))
            said = self._speech.send(
                transaction, collective, "Follow", actor, to, Audience.DIRECT, object=actor
            )
            other = collectives.by_uri(transaction, actor)
            state = FollowState.REQUESTED
            follows.put_following(
                transaction, collective.id, actor, state=state.value, activity=said.activity
            )
            if other is not None:
                inbox = Inbox(collective.uri, f"{collective.uri}/inbox", f"{self._speech.origin}/inbox")
                self._asked(transaction, other, inbox, said.activity)
            return actor

        return await self._database.writer.run(apply)

    async def unfollow(self, speaker: Speaker, target: str) -> str:
        """Stop following."""
        _steers(speaker)
        actor = await self.find(speaker, target)

        def apply(transaction: Transaction) -> str:
            collective = _own(transaction, speaker)
            self._unfollow(transaction, collective, actor)
            return actor

        return await self._database.writer.run(apply)

    def _unfollow(self, transaction: Transaction, collective: Collective, actor: str) -> None:
        held = follows.following(transaction, collective.id, actor)
        if held is None:
            raise ConflictError("You do not follow this actor.")
        inner = reference(held.activity, collective.uri, actor)
        self._speech.send(
            transaction, collective, "Undo", inner, Addressed((actor,)), Audience.DIRECT, object=actor
        )
        follows.drop_following(transaction, collective.id, actor)
        posts.leave_home(transaction, collective.id, actor)
        if (other := collectives.by_uri(transaction, actor)) is not None:
            follows.drop_follower(transaction, other.id, collective.uri)

    async def trust(self, speaker: Speaker, target: str) -> str:
        """Put an actor among the peers: it will read what is said to `peers`, from now on."""
        _steers(speaker)
        actor = await self.find(speaker, target)
        await self._database.writer.run(lambda t: follows.trust(t, _own(t, speaker).id, actor))
        return actor

    async def untrust(self, speaker: Speaker, target: str) -> str:
        """Take an actor from the peers."""
        _steers(speaker)
        actor = await self.find(speaker, target)
        if not await self._database.writer.run(lambda t: follows.distrust(t, _own(t, speaker).id, actor)):
            raise ConflictError("This actor is not among your peers.")
        return actor

    async def approve(self, speaker: Speaker, target: str) -> str:
        """Let somebody follow who asked."""
        return await self._decide(speaker, target, FollowEvent.ACCEPT)

    async def refuse(self, speaker: Speaker, target: str) -> str:
        """Refuse somebody who asked to follow, or remove a follower."""
        return await self._decide(speaker, target, FollowEvent.REJECT)

    async def _decide(self, speaker: Speaker, target: str, event: FollowEvent) -> str:
        _steers(speaker)
        actor = await self.find(speaker, target)

        def apply(transaction: Transaction) -> str:
            collective = _own(transaction, speaker)
            held = follows.follower(transaction, collective.id, actor)
            state = None if held is None else step(FollowState(held.state), event)
            if held is None or state is None or state.value == held.state:
                raise ConflictError("This actor has not asked to follow you.")
            follows.set_follower(transaction, collective.id, actor, state.value)
            self._answer(transaction, collective, actor, held.activity, accept=event is FollowEvent.ACCEPT)
            return actor

        return await self._database.writer.run(apply)

    async def block(self, speaker: Speaker, target: str, reason: str = "") -> str:
        """Block an actor, or a whole host (a name without @): it no longer follows, is not heard and not served."""
        _steers(speaker)
        host = _host(target)
        blocked = host or await self.find(speaker, target)
        if blocked == speaker.actor:
            raise InvalidError("handle", "somebody else: a collective does not block itself")

        def apply(transaction: Transaction) -> str:
            collective = _own(transaction, speaker)
            if follows.blocks(transaction, collective.uri, blocked, blocked):
                return blocked
            for actor in _severed(transaction, collective, blocked):
                self._sever(transaction, collective, actor)
            activity = ""
            if not host:
                said = self._speech.send(
                    transaction,
                    collective,
                    "Block",
                    blocked,
                    Addressed((blocked,)),
                    Audience.DIRECT,
                    object=blocked,
                )
                activity = said.activity
            else:
                deliveries.forget(transaction, inbox_host=host)
            follows.block(transaction, collective.uri, blocked, activity=activity, reason=reason)
            transaction.wake("blocks")
            return blocked

        return await self._database.writer.run(apply)

    def _sever(self, transaction: Transaction, collective: Collective, actor: str) -> None:
        held = follows.follower(transaction, collective.id, actor)
        if held is not None:
            self._answer(transaction, collective, actor, held.activity, accept=False)
            follows.drop_follower(transaction, collective.id, actor)
        if follows.following(transaction, collective.id, actor) is not None:
            self._unfollow(transaction, collective, actor)
        follows.distrust(transaction, collective.id, actor)
        posts.leave_home(transaction, collective.id, actor)

    async def unblock(self, speaker: Speaker, target: str) -> str:
        """Take a block back; relations that it ended stay ended."""
        _steers(speaker)
        host = _host(target)
        blocked = host or await self.find(speaker, target)

        def apply(transaction: Transaction) -> str:
            collective = _own(transaction, speaker)
            activity = follows.unblock(transaction, collective.uri, blocked)
            if activity is None:
                raise ConflictError("You do not block this.")
            transaction.wake("blocks")
            if activity:
                inner = {"id": activity, "type": "Block", "actor": collective.uri, "object": blocked}
                self._speech.send(
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

    def on_follow(self, transaction: Transaction, activity: Activity, inbox: Inbox) -> bool:
        """Somebody wants to follow a collective of ours. Whether it concerned us."""
        collective = collectives.by_uri(transaction, activity.object_id)
        if collective is None:
            return False
        if follows.blocks(transaction, collective.uri, activity.actor, urlsplit(activity.actor).netloc):
            self._answer(transaction, collective, activity.actor, activity.id, accept=False)
            return True
        self._asked(transaction, collective, inbox, activity.id)
        return True

    def _asked(self, transaction: Transaction, collective: Collective, inbox: Inbox, follow: str) -> None:
        held = follows.follower(transaction, collective.id, inbox.actor)
        state = FollowState(held.state) if held is not None and held.state in set(FollowState) else None
        meant = refollow(state, held.activity if held else "", follow, approve=self._approve)
        follows.put_follower(
            transaction, collective.id, inbox.actor, state=meant.state.value, activity=follow, inbox=inbox
        )
        if meant.answer:
            self._answer(transaction, collective, inbox.actor, follow, accept=True)
        if state is not meant.state:
            what = "follow" if meant.state is FollowState.ACCEPTED else "follow_request"
            posts.notify(transaction, collective.id, what, inbox.actor, None)

    def _answer(
        self, transaction: Transaction, collective: Collective, actor: str, follow: str, *, accept: bool
    ) -> Said:
        other = collectives.by_uri(transaction, actor)
        if other is not None and accept:
            follows.put_following(
                transaction, other.id, collective.uri, state=FollowState.ACCEPTED.value, activity=follow
            )
        elif other is not None:
            follows.drop_following(transaction, other.id, collective.uri)
        return self._speech.send(
            transaction,
            collective,
            "Accept" if accept else "Reject",
            reference(follow, actor, collective.uri),
            Addressed((actor,)),
            Audience.DIRECT,
            object=follow,
        )

    def on_answer(self, transaction: Transaction, activity: Activity) -> bool:
        """An Accept or Reject of a Follow of ours. Whether it was one."""
        follow, follower, _ = named_follow(activity.object or activity.object_id)
        held = follows.following_by_activity(transaction, follow)
        if held is None and follower and (own := collectives.by_uri(transaction, follower)):
            held = follows.following(transaction, own.id, activity.actor)
        if held is None or held.actor != activity.actor:
            return False
        event = FollowEvent.ACCEPT if activity.type == "Accept" else FollowEvent.REJECT
        state = step(FollowState(held.state), event)
        if state is not None and state.value != held.state:
            follows.put_following(
                transaction, held.collective, held.actor, state=state.value, activity=held.activity
            )
        return True

    def on_undo_follow(self, transaction: Transaction, activity: Activity) -> bool:
        """Somebody stops following. Whether it was a Follow that they undid."""
        follow, follower, followed = named_follow(activity.object or activity.object_id)
        if follower not in (None, activity.actor):
            return False
        for collective in collectives.every(transaction):
            held = follows.follower(transaction, collective.id, activity.actor)
            if held is not None and (held.activity == follow or followed == collective.uri):
                follows.drop_follower(transaction, collective.id, activity.actor)
                return True
        return False

    def on_block(self, transaction: Transaction, activity: Activity) -> bool:
        """Somebody blocks a collective of ours: relations end, and we write to them no more."""
        collective = collectives.by_uri(transaction, activity.object_id)
        if collective is None:
            return False
        follows.block(transaction, activity.actor, collective.uri, activity=activity.id)
        follows.drop_follower(transaction, collective.id, activity.actor)
        follows.drop_following(transaction, collective.id, activity.actor)
        posts.leave_home(transaction, collective.id, activity.actor)
        return True

    def on_undo_block(self, transaction: Transaction, activity: Activity, blocked: str) -> bool:
        """Somebody takes back a block of a collective of ours."""
        return follows.unblock(transaction, activity.actor, blocked) is not None

    def on_move(self, transaction: Transaction, activity: Activity, target: RemoteActor) -> bool:
        """An actor moved, and its new place names it: those of ours that follow it ask to follow there."""
        if activity.actor not in target.also_known_as or activity.object_id != activity.actor:
            return False
        for number in follows.readers_of(transaction, activity.actor):
            collective = collectives.by_id(transaction, number)
            if collective is None or follows.following(transaction, number, target.id) is not None:
                continue
            said = self._speech.send(
                transaction,
                collective,
                "Follow",
                target.id,
                Addressed((target.id,)),
                Audience.DIRECT,
                object=target.id,
            )
            follows.put_following(
                transaction, number, target.id, state=FollowState.REQUESTED.value, activity=said.activity
            )
            self._unfollow(transaction, collective, activity.actor)
        return True

    def on_gone(self, transaction: Transaction, actor: str) -> None:
        """An actor without an identity statement of its own is proven to be deleted: its profile, posts and relations go."""
        for collective in collectives.every(transaction):
            follows.drop_follower(transaction, collective.id, actor)
            follows.drop_following(transaction, collective.id, actor)
            follows.distrust(transaction, collective.id, actor)
        while own := posts.of_actor(transaction, actor, limit=200):
            for post in own:
                activities.erase(transaction, post.uri)
                posts.remove(transaction, post.uri)
        actors.erase(transaction, actor)


def _severed(transaction: Transaction, collective: Collective, blocked: str) -> list[str]:
    """Actors whose relations with a collective end when this actor or host is blocked."""
    if blocked.startswith(("http://", "https://")):
        return [blocked]
    related = {
        *(relation.actor for relation in follows.followers(transaction, collective.id)),
        *(relation.actor for relation in follows.followed(transaction, collective.id)),
        *follows.trusted(transaction, collective.id),
    }
    return sorted(actor for actor in related if urlsplit(actor).netloc == blocked)


def _steers(speaker: Speaker) -> None:
    if speaker.role not in ("operator", "steward"):
        raise NotPermittedError(
            "Only a steward decides whom the collective follows, trusts or blocks.", hint="Ask a steward."
        )


def _own(snapshot: Snapshot, speaker: Speaker) -> Collective:
    collective = collectives.by_uri(snapshot, speaker.actor)
    if collective is None:
        raise UnknownError("That collective is not on this node.")
    return collective


def _own_by_url(snapshot: Snapshot, origin: str, url: str) -> Collective | None:
    base = url.split("#", maxsplit=1)[0].rstrip("/")
    for prefix in (f"{origin}/c/", f"{origin}/@"):
        if base.startswith(prefix):
            return collectives.by_handle(snapshot, base.removeprefix(prefix))
    return None


def _host(target: str) -> str:
    """The host that a target names, "" where it is a handle or URL."""
    target = target.strip().lower()
    plain = "@" not in target and "/" not in target and ("." in target or ":" in target)
    return target if plain else ""


def _not_found(wanted: str, error: FederationError) -> UnknownError | ElsewhereError:
    if isinstance(error, NotFound | Gone):
        return UnknownError(
            f"Nobody called {wanted} was found.", cause=error.cause, hint="Is it spelled right?"
        )
    host = error.host or wanted.rpartition("@")[2]
    return ElsewhereError(f"{host}: {error.public}", cause=error.cause, hint=error.hint)
