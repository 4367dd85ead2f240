"""One request to an inbox: bytes within limits, an activity, a proven author, kept once.

Nothing has an effect before the author is proven; nothing is answered 2xx before it is on disk; and nothing that a
stranger sends ends in anything but a verdict of `errors`. Only the fetch of an unknown key happens before the answer.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from federation.errors import Blocked, FederationError, Overloaded, WrongOrigin
from federation.interfaces import ActorStore, Inbound, InboundLog
from federation.limits import DEFAULT_LIMITS, Limits
from federation.message import HttpMessage
from federation.origin import authority_of, is_ours
from federation.verify import Departed, KeyLookup, Verified, verify_activity
from federation.vocab import Activity, read_activity

__all__ = ["Inbox"]

_RETRY_AFTER = 30


class Inbox:
    """What stands behind every inbox of a node. `keys` is `Actors`."""

    def __init__(
        self,
        *,
        log: InboundLog,
        store: ActorStore,
        keys: KeyLookup,
        limits: Limits = DEFAULT_LIMITS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._log = log
        self._store = store
        self._keys = keys
        self._limits = limits
        self._now = now
        self._held = 0

    async def receive(self, message: HttpMessage, inbox: str = "") -> bool:
        """Take one request. True: a new activity is on disk; False: it was here before, or says nothing to us.

        `inbox` is the actor URI whose inbox took it, "" for the shared one. Raises the verdict: Malformed and below,
        Unauthenticated and below, Forbidden and below, Overloaded.
        """
        if self._held + len(message.body) > self._limits.pending_inbound * self._limits.body_bytes:
            raise Overloaded("too many bytes are being worked on", retry_after=_RETRY_AFTER)
        self._held += len(message.body)
        try:
            activity = read_activity(message.body, self._limits)
            return await self._take(message, activity, inbox)
        finally:
            self._held -= len(message.body)

    async def _take(self, message: HttpMessage, activity: Activity, inbox: str) -> bool:
        now = self._now()
        if await self._comes_home(activity, message.origin):
            return False
        try:
            await self._refuse_unwelcome(activity, message.origin)
            if await self._farewell_of_a_stranger(activity):
                return False
            verified = await verify_activity(message, activity, self._keys, now=now, limits=self._limits)
        except Overloaded:
            raise
        except FederationError as verdict:
            await self._log.incident(
                actor=activity.actor, code=verdict.code, object_id=activity.object_id, at=now
            )
            raise
        if isinstance(verified, Departed):
            if verified.confirmed:
                await self._store.departed(verified.actor, now)
            return False
        if verified.doubt is not None:
            await self._log.incident(
                actor=activity.actor, code=verified.doubt.code, object_id=activity.object_id, at=now
            )
        if verified.scheme != "proof":
            await self._log.heard_from(
                authority_of(verified.actor),
                scheme=verified.scheme,
                ed25519=verified.algorithm == "ed25519",
                date=verified.signed_at,
            )
        return await self._log.keep(_inbound(activity, verified, now, inbox))

    async def _refuse_unwelcome(self, activity: Activity, own_origin: str) -> None:
        if is_ours(activity.actor, own_origin):
            raise WrongOrigin("an activity of our own comes to us from outside")
        if await self._log.blocked(activity.actor):
            raise Blocked(activity.actor)

    async def _comes_home(self, activity: Activity, own_origin: str) -> bool:
        """Whether somebody forwards to us what we said ourselves: no news, and no offence."""
        return is_ours(activity.id, own_origin) and await self._log.issued(activity.id)

    async def _farewell_of_a_stranger(self, activity: Activity) -> bool:
        """Whether an actor that we never heard of announces its own deletion: nothing to do, and no key to fetch."""
        leaving = activity.type == "Delete" and activity.object_id == activity.actor
        return leaving and await self._store.actor(activity.actor) is None


def _inbound(activity: Activity, verified: Verified, now: datetime, inbox: str) -> Inbound:
    return Inbound(
        id=activity.id,
        type=activity.type,
        actor=activity.actor,
        body=activity.body,
        document=activity.document,
        key_id=verified.key_id,
        scheme=verified.scheme,
        received=now,
        inbox=inbox,
        doubted=verified.doubt is not None,
    )
