"""Processing what was accepted at the door: look up what is missing, then fold it in one transaction.

A refused activity is counted as an incident and changes nothing; an unknown one is accepted politely and ignored. What could
not be looked up because somebody else did not answer is tried again later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

from federation import (
    Activity,
    Addressed,
    Budget,
    FederationError,
    Gone,
    NotFound,
    Unreachable,
    own_object,
    read_activity,
)
from federation.interfaces import RemoteActor
from federation.limits import Limits
from federation.vocab import ACTOR_TYPES, id_of, types_of
from node.activities import REGISTRY, kind_of_verb
from node.domain.kind import AnyKind, Audience, Heard, NotAllowedError, Speaker, Verb
from node.domain.markup import to_html, to_text
from node.receive import notes
from node.receive.fetching import Fetching
from node.receive.notes import Arrival
from node.relations import Relations
from node.speak import LiveScene, Speech, tongues
from node.speak.fold import hear
from node.speak.scene import record_in
from node.speak.timeline import conversation_of
from node.storage import activities, actors, collectives, deliveries, follows, inbound, posts
from node.storage.collectives import Collective
from node.storage.database import Database, Snapshot, Transaction
from node.storage.follows import Inbox
from node.storage.inbound import Waiting
from node.storage.posts import Post

JsonObject = dict[str, Any]

_ATTEMPTS = 8
"""How often something that others do not answer for is tried, with growing gaps."""


class Directory(Protocol):
    """How actors are asked for anew (`federation.Actors`)."""

    async def actor(
        self,
        actor_id: str,
        *,
        refresh: bool = False,
        on_behalf_of: str | None = None,
        budget: Budget | None = None,
    ) -> RemoteActor:
        """The actor of a URI."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was looked up before the transaction: the moved-to actor, or that the actor is gone."""

    target: RemoteActor | None = None
    gone: bool = False


_READY = Prepared()


class Receiver:
    """The door of what others say."""

    def __init__(
        self,
        database: Database,
        speech: Speech,
        relations: Relations,
        directory: Directory,
        fetching: Fetching,
        *,
        limits: Limits,
    ) -> None:
        self._database = database
        self._speech = speech
        self._relations = relations
        self._directory = directory
        self._fetching = fetching
        self._limits = limits
        self._verbs: Mapping[str, Callable[[Transaction, Activity, Waiting, Prepared], bool]] = {
            "Create": self._create,
            "Update": self._update,
            "Delete": self._delete,
            "Offer": self._offer,
            "Accept": self._answer,
            "Reject": self._answer,
            "Undo": self._undo,
            "Like": self._like,
            "Announce": self._announce,
            "Follow": self._follow,
            "Block": lambda t, a, _w, _p: relations.on_block(t, a),
            "Move": self._move,
        }

    async def process(self, waiting: Waiting) -> None:
        """Process one activity; afterwards its row is gone, or due again later."""
        try:
            activity = read_activity(waiting.body, self._limits)
            prepared = await self._prepare(activity)
        except Unreachable as failure:
            await self._later(waiting, failure)
            return
        except FederationError as refusal:
            await self._refuse(waiting, refusal.code)
            return
        try:
            await self._database.writer.run(lambda t: self._apply(t, activity, waiting, prepared))
        except NotAllowedError as refusal:
            await self._refuse(waiting, f"not-allowed-{refusal.field}"[:60])

    async def _prepare(self, activity: Activity) -> Prepared:
        """Look up what the transaction will need. Most activities need nothing."""
        if activity.type not in ("Create", "Update", "Delete", "Announce", "Move"):
            return _READY
        budget = Budget(self._limits)
        about_self = activity.object_id == activity.actor
        if activity.type == "Create" and own_object(activity) is None:
            await self._fetching.fetch(activity.object_id, budget=budget)
        elif activity.type == "Announce":
            await self._boosted(activity, budget)
        elif activity.type == "Move" and activity.target:
            return Prepared(target=await self._directory.actor(activity.target, refresh=True, budget=budget))
        elif activity.type == "Update" and about_self:
            await self._directory.actor(activity.actor, refresh=True, budget=budget)
        elif activity.type == "Delete" and about_self:
            return Prepared(gone=await self._is_gone(activity.actor))
        return _READY

    async def _boosted(self, activity: Activity, budget: Budget) -> None:
        """Fetch what a followed actor boosts, if we do not know it. What cannot be fetched is not shown."""

        def wanted(snapshot: Snapshot) -> bool:
            known = posts.by_uri(snapshot, activity.object_id) is not None
            ours = activity.object_id.startswith(f"{self._speech.origin}/")
            return bool(follows.readers_of(snapshot, activity.actor)) and not known and not ours

        if await self._database.reader.run(wanted):
            try:
                await self._fetching.fetch(activity.object_id, budget=budget)
            except (NotFound, Gone):
                return

    async def _is_gone(self, actor: str) -> bool:
        try:
            await self._directory.actor(actor, refresh=True)
        except (NotFound, Gone):
            return True
        return False

    async def _later(self, waiting: Waiting, failure: Unreachable) -> None:
        def note(transaction: Transaction) -> None:
            if waiting.attempts + 1 >= _ATTEMPTS or isinstance(failure, NotFound | Gone):
                inbound.done(transaction, waiting.id)
                inbound.incident(transaction, actor=waiting.actor, code=failure.code, object=waiting.uri)
            else:
                inbound.later(transaction, waiting.id, timedelta(seconds=10 * 3**waiting.attempts))

        await self._database.writer.run(note)

    async def _refuse(self, waiting: Waiting, code: str) -> None:
        def note(transaction: Transaction) -> None:
            inbound.done(transaction, waiting.id)
            inbound.incident(transaction, actor=waiting.actor, code=code, object=waiting.uri)

        await self._database.writer.run(note)

    def _apply(
        self, transaction: Transaction, activity: Activity, waiting: Waiting, prepared: Prepared
    ) -> None:
        inbound.done(transaction, waiting.id)
        handler = self._verbs.get(activity.type)
        if handler is None or activities.known(transaction, activity.id):
            return
        if self._deaf(transaction, activity.actor):
            return
        handler(transaction, activity, waiting, prepared)

    def _deaf(self, transaction: Transaction, actor: str) -> bool:
        """Whether every collective of ours blocks the actor or its host."""
        host = urlsplit(actor).netloc
        ours = collectives.every(transaction)
        return bool(ours) and all(follows.blocks(transaction, own.uri, actor, host) for own in ours)

    def _keep(
        self,
        transaction: Transaction,
        activity: Activity,
        waiting: Waiting,
        *,
        object: str,
        kind: str,
        audience: Audience,
    ) -> int:
        number = transaction.next_id()
        activities.add(
            transaction,
            number=number,
            uri=activity.id,
            actor=activity.actor,
            type=activity.type,
            object=object,
            kind=kind,
            collective=None,
            audience=audience.value,
            body=waiting.body,
            transport=waiting.transport,
            key=waiting.key,
        )
        return number

    def _scene(self, transaction: Transaction, url: str) -> LiveScene:
        return LiveScene(transaction, self._speech.origin, url=url)

    def _arrival(self, activity: Activity, document: JsonObject, waiting: Waiting) -> Arrival:
        return Arrival(document, activity.actor, activity.id, tuple(waiting.inbox.split()))

    def _create(self, transaction: Transaction, activity: Activity, waiting: Waiting, _: Prepared) -> bool:
        document = own_object(activity)
        if document is None or not notes.is_post(document):
            return False
        arrival = self._arrival(activity, document, waiting)
        if not notes.concerns_us(transaction, arrival):
            return False
        taken = notes.create(transaction, self._scene(transaction, activity.object_id), arrival)
        if taken is None:
            return False
        kind, heard, folded = taken
        number = self._keep(
            transaction, activity, waiting, object=heard.object_id, kind=kind.name, audience=heard.audience
        )
        self._forward(transaction, activity, number, heard.object_id)
        self._speech.follow_up(transaction, kind, folded, heard)
        return True

    def _update(self, transaction: Transaction, activity: Activity, waiting: Waiting, _: Prepared) -> bool:
        document = own_object(activity)
        if document is None or ACTOR_TYPES.intersection(types_of(document)) or not notes.is_post(document):
            return False
        arrival = self._arrival(activity, document, waiting)
        taken = notes.update(transaction, self._scene(transaction, activity.object_id), arrival)
        if taken is None:
            return False
        kind, heard, folded = taken
        number = self._keep(
            transaction, activity, waiting, object=heard.object_id, kind=kind.name, audience=heard.audience
        )
        self._forward(transaction, activity, number, heard.object_id)
        self._speech.follow_up(transaction, kind, folded, heard)
        return True

    def _delete(
        self, transaction: Transaction, activity: Activity, waiting: Waiting, prepared: Prepared
    ) -> bool:
        if activity.object_id == activity.actor:
            if prepared.gone and actors.statement(transaction, activity.actor) is None:
                self._relations.on_gone(transaction, activity.actor)
            elif prepared.gone:
                actors.set_state(transaction, activity.actor, "dormant")
            return True
        parent = posts.by_uri(transaction, activity.object_id)
        taken = notes.delete(
            transaction,
            self._scene(transaction, activity.object_id),
            uri=activity.object_id,
            actor=activity.actor,
            activity=activity.id,
        )
        if taken is None:
            return False
        kind, heard, folded = taken
        number = self._keep(
            transaction, activity, waiting, object=heard.object_id, kind=kind.name, audience=heard.audience
        )
        self._forward(
            transaction, activity, number, heard.object_id, parent=parent.reply_to if parent else None
        )
        self._speech.follow_up(transaction, kind, folded, heard)
        return True

    def _forward(
        self,
        transaction: Transaction,
        activity: Activity,
        number: int,
        thread: str,
        *,
        parent: str | None = None,
    ) -> None:
        """Inbox forwarding (ActivityPub 7.1.2): a reply to a post of ours, addressed to our followers, reaches them, byte
        for byte and with its author's proof; without a proof receivers fetch it from its origin."""
        answered = parent or id_of((activity.object or {}).get("inReplyTo"))
        post = posts.by_uri(transaction, answered) if answered else None
        if (
            post is None
            or post.collective is None
            or post.audience not in ("public", "unlisted", "followers")
        ):
            return
        collective = collectives.by_id(transaction, post.collective)
        if collective is None or f"{collective.uri}/followers" not in (*activity.to, *activity.cc):
            return
        away = {urlsplit(activity.actor).netloc, urlsplit(collective.uri).netloc}
        targets = (
            (inbox, urlsplit(inbox).netloc) for inbox in follows.follower_inboxes(transaction, collective.id)
        )
        deliveries.enqueue(
            transaction,
            activity=number,
            sender=collective.uri,
            inboxes=[(inbox, host) for inbox, host in targets if host not in away],
            thread=thread,
        )

    def _offer(self, transaction: Transaction, activity: Activity, waiting: Waiting, _: Prepared) -> bool:
        inner = types_of(activity.object)
        kind = kind_of_verb("Offer", inner[0]) if inner else None
        collective = self._addressee(transaction, activity)
        if kind is None or collective is None:
            return False
        heard = Heard(
            id=activity.id,
            verb=Verb.OFFER,
            actor=activity.actor,
            object_id=activity.id,
            at=transaction.now,
            record=record_in(kind, activity.document),
            document=activity.document,
            audience=Audience.DIRECT,
        )
        try:
            _holds(heard)
            with transaction.attempt():
                self._fold(transaction, kind, heard, number=transaction.next_id(), readers=(collective.uri,))
        except NotAllowedError as refusal:
            self._decline(transaction, collective, activity, refusal)
            return True
        self._keep(
            transaction, activity, waiting, object=activity.id, kind=kind.name, audience=Audience.DIRECT
        )
        return True

    def _decline(
        self, transaction: Transaction, collective: Collective, activity: Activity, refusal: NotAllowedError
    ) -> None:
        """Refuse an offer that does not hold, with the reason; nothing of it is kept."""
        reason = tongues(collective)[0].say(refusal.expected, **refusal.values)
        scene = self._scene(transaction, activity.id)
        self._speech.send(
            transaction,
            collective,
            "Reject",
            activity.id,
            Addressed((activity.actor,)),
            Audience.DIRECT,
            object=activity.id,
            more={"content": to_html(reason, scene)},
        )
        inbound.incident(
            transaction, actor=activity.actor, code=f"not-allowed-{refusal.field}"[:60], object=activity.id
        )

    def _addressee(self, transaction: Transaction, activity: Activity) -> Collective | None:
        for name in (*activity.to, *activity.cc):
            if (own := collectives.by_uri(transaction, name)) is not None:
                return own
        return None

    def _fold(
        self, transaction: Transaction, kind: AnyKind, heard: Heard, *, number: int, readers: tuple[str, ...]
    ) -> None:
        folded = hear(
            transaction,
            self._scene(transaction, heard.object_id),
            kind,
            Speaker(heard.actor),
            heard,
            number=number,
            collective=None,
            readers=readers,
        )
        self._speech.follow_up(transaction, kind, folded, heard)

    def _answer(self, transaction: Transaction, activity: Activity, waiting: Waiting, _: Prepared) -> bool:
        if self._relations.on_answer(transaction, activity):
            self._keep(
                transaction, activity, waiting, object=activity.object_id, kind="", audience=Audience.DIRECT
            )
            return True
        return self._about_known(transaction, activity, waiting, activity.object_id)

    def _about_known(self, transaction: Transaction, activity: Activity, waiting: Waiting, uri: str) -> bool:
        """An Accept, Reject or Undo that names a thing of a kind with an envelope."""
        thing = self._scene(transaction, uri).thing(uri)
        kind = REGISTRY.get(thing.kind) if thing is not None else None
        if thing is None or kind is None or kind.envelope is None:
            return False
        content = activity.document.get("content")
        result = activity.document.get("result")
        heard = Heard(
            id=activity.id,
            verb=Verb(activity.type),
            actor=activity.actor,
            object_id=thing.id,
            at=transaction.now,
            document=activity.document,
            audience=Audience.DIRECT,
            reason=to_text(content)[:2000] if isinstance(content, str) else "",
            result=result if isinstance(result, dict) else None,
        )
        self._fold(transaction, kind, heard, number=transaction.next_id(), readers=())
        self._keep(transaction, activity, waiting, object=thing.id, kind=kind.name, audience=Audience.DIRECT)
        return True

    def _undo(self, transaction: Transaction, activity: Activity, waiting: Waiting, _: Prepared) -> bool:
        undone = activity.object_id
        inner = activity.object or {}
        named = next(iter(types_of(inner)), "")
        about = id_of(inner.get("object")) or ""
        if (boost := posts.by_uri(transaction, undone)) is not None and boost.boost_of is not None:
            if boost.actor == activity.actor:
                posts.remove(transaction, undone)
            return True
        if posts.unlike(transaction, undone, activity.actor):
            return True
        if named == "Like" and (post := posts.by_uri(transaction, about)) is not None:
            known = posts.like_by(transaction, post.id, activity.actor)
            return known is not None and posts.unlike(transaction, known, activity.actor)
        if named == "Block" and about:
            return self._relations.on_undo_block(transaction, activity, about)
        if self._relations.on_undo_follow(transaction, activity):
            return True
        return self._about_known(transaction, activity, waiting, undone)

    def _like(self, transaction: Transaction, activity: Activity, _w: Waiting, _: Prepared) -> bool:
        post = posts.by_uri(transaction, activity.object_id)
        if (
            post is None
            or post.collective is None
            or not posts.like(transaction, post.id, activity.actor, activity.id)
        ):
            return False
        posts.notify(transaction, post.collective, "favourite", activity.actor, post.id)
        return True

    def _announce(self, transaction: Transaction, activity: Activity, _w: Waiting, _: Prepared) -> bool:
        post = posts.by_uri(transaction, activity.object_id)
        if post is None or post.audience not in ("public", "unlisted") or post.boost_of is not None:
            return False
        readers = follows.readers_of(transaction, activity.actor)
        if not readers and post.collective is None:
            return False
        if posts.boosted(transaction, post.id, activity.actor) is not None:
            return False
        seen = notes.audience(transaction, activity.document, activity.actor)
        boost = Post(
            id=transaction.next_id(),
            uri=activity.id,
            actor=activity.actor,
            collective=None,
            reply_to=None,
            boost_of=post.id,
            conversation=conversation_of(transaction, activity.id, None),
            audience=seen.value,
            kind="boost",
            published=notes.moment(activity.document.get("published"), transaction.now),
            edited=None,
        )
        posts.add(transaction, boost)
        blocked = {
            own.id
            for own in collectives.every(transaction)
            if follows.blocks(transaction, own.uri, post.actor, urlsplit(post.actor).netloc)
        }
        posts.put_home(transaction, boost.id, set(readers) - blocked)
        if post.collective is not None:
            posts.notify(transaction, post.collective, "reblog", activity.actor, post.id)
        return True

    def _follow(self, transaction: Transaction, activity: Activity, waiting: Waiting, _: Prepared) -> bool:
        known = actors.profile(transaction, activity.actor)
        if known is None:
            return False
        inbox = Inbox(known.uri, known.inbox, known.shared_inbox)
        if not self._relations.on_follow(transaction, activity, inbox):
            return False
        self._keep(
            transaction, activity, waiting, object=activity.object_id, kind="", audience=Audience.DIRECT
        )
        return True

    def _move(self, transaction: Transaction, activity: Activity, _w: Waiting, prepared: Prepared) -> bool:
        return prepared.target is not None and self._relations.on_move(transaction, activity, prepared.target)


def _holds(heard: Heard) -> None:
    if heard.record is None:
        raise NotAllowedError("object", "an agreement that says what, how much and for which need")
