"""DOOR. A member says something: who may, what it must hold, whom it names; then it is said in one transaction.

`prepare` does what is slow before it: handles in the text and ids typed as URLs are looked up elsewhere. What cannot be found
in the text stays plain text; what was named on purpose (`to`, `in_reply_to`, an id in a field) must be found.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import msgspec

from federation import Addressed
from federation.vocab import PUBLIC
from node.activities import REGISTRY
from node.domain.kind import AnyKind, Audience, NotAllowedError, Saying, Speaker, Thing, Verb
from node.domain.markup import mentions
from node.domain.typed import read_fields
from node.errors import (
    ConflictError,
    ElsewhereError,
    InvalidError,
    NodeError,
    NotPermittedError,
    UnknownError,
)
from node.speak import LiveScene, Said, Speech, may_read, tongues
from node.speak.timeline import conversation_of
from node.storage import collectives, follows, objects, posts, traces
from node.storage.collectives import Collective
from node.storage.database import Database, Snapshot, Transaction
from node.storage.objects import Object
from node.storage.posts import Post
from node.tongues import Tongue
from schemas import Record, SchemaError, Uri, fields

T = TypeVar("T")

_MENTIONS = 10
"""Handles in one text that are looked up elsewhere."""


class Finder(Protocol):
    """How what this node does not know yet is found elsewhere (`node.receive`)."""

    async def actor(self, speaker: Speaker, handle_or_url: str) -> str:
        """Actor URI; UnknownError or ElsewhereError where there is none."""

    async def object(self, speaker: Speaker, url: str) -> str:
        """URI of an object, fetched and kept; UnknownError or ElsewhereError where there is none."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A request that may come twice: its key, and the body that it must come with both times."""

    route: str
    key: str
    body: bytes


class Publisher:
    """The door by which members speak. `text_limit` is the longest text in characters."""

    def __init__(self, database: Database, speech: Speech, finder: Finder, *, text_limit: int) -> None:
        self._database = database
        self._speech = speech
        self._finder = finder
        self._text_limit = text_limit

    async def publish(
        self,
        speaker: Speaker,
        kind: str,
        given: Mapping[str, Any],
        *,
        audience: Audience | None = None,
        to: Sequence[str] = (),
        in_reply_to: str | None = None,
        idempotency: Idempotency | None = None,
        aside: Mapping[str, str] | None = None,
    ) -> Said:
        """Publish a thing of a kind from its fields as typed.

        InvalidError names the field; NotPermittedError where the member's role may not; ConflictError where the same
        key came with another body.
        """
        spoken = _known(kind)
        _role(speaker, spoken)
        self._short(given)
        if audience is Audience.DIRECT and not to and in_reply_to is None:
            raise InvalidError("to", "somebody to send it to: --to HANDLE")
        named = [await self._finder.actor(speaker, handle) for handle in to]
        parent = None if in_reply_to is None else await self.locate(speaker, in_reply_to)
        found = await self._mentioned(speaker, given)
        ids = await self._ids(speaker, spoken, given)

        def apply(transaction: Transaction) -> Said:
            if idempotency is not None and (known := _repeated(transaction, speaker, idempotency)):
                return known
            collective = _own(transaction, speaker)
            record = _read(transaction, collective, spoken, given, ids, None)
            saying = Saying(
                verb=spoken.opening,
                kind=spoken.name,
                by=collective.uri,
                record=record,
                audience=audience,
                to=tuple(named),
                in_reply_to=parent,
            )
            said = self._speech.say(transaction, speaker, saying, found=found, aside=aside)
            if idempotency is not None:
                traces.answer(
                    transaction,
                    speaker.member or 0,
                    idempotency.route,
                    idempotency.key,
                    idempotency.body,
                    msgspec.json.encode(said).decode(),
                )
            return said

        return await self._apply(speaker, apply)

    async def revise(self, speaker: Speaker, ref: str, given: Mapping[str, Any]) -> Said:
        """Change fields of a thing that the collective published; "" empties a field."""
        uri = await self.locate(speaker, ref)
        self._short(given)
        found = await self._mentioned(speaker, given)
        ids = await self._ids(speaker, await self._kind_of(uri), given)

        def apply(transaction: Transaction) -> Said:
            collective = _own(transaction, speaker)
            kind, thing = self._thing(transaction, uri)
            _role(speaker, kind)
            about = _own_document(thing, uri, speaker)
            record = _read(transaction, collective, kind, given, ids, thing.record)
            saying = Saying(verb=Verb.UPDATE, kind=kind.name, by=collective.uri, about=about, record=record)
            return self._speech.say(transaction, speaker, saying, found=found)

        return await self._apply(speaker, apply)

    async def withdraw(self, speaker: Speaker, ref: str) -> Said:
        """Take back what the collective published: a tombstone stays at its URL."""
        uri = await self.locate(speaker, ref)

        def apply(transaction: Transaction) -> Said:
            collective = _own(transaction, speaker)
            kind, thing = self._thing(transaction, uri)
            _role(speaker, kind)
            if thing.owner != speaker.actor:
                raise NotPermittedError("Only the collective that published this may withdraw it.")
            verb, about = kind.withdrawal(thing)
            saying = Saying(verb=verb, kind=kind.name, by=collective.uri, about=about)
            return self._speech.say(transaction, speaker, saying)

        return await self._apply(speaker, apply)

    async def accept(self, speaker: Speaker, ref: str, options: frozenset[str] = frozenset()) -> Said:
        """Accept what somebody offered; `options` are the keeper's explicit choices (`over`)."""
        return await self._answer(speaker, ref, Verb.ACCEPT, "", options)

    async def reject(self, speaker: Speaker, ref: str, reason: str) -> Said:
        """Refuse what somebody offered, with the reason that they will read."""
        return await self._answer(speaker, ref, Verb.REJECT, reason, frozenset())

    async def _answer(
        self, speaker: Speaker, ref: str, verb: Verb, reason: str, options: frozenset[str]
    ) -> Said:
        uri = await self.locate(speaker, ref)

        def apply(transaction: Transaction) -> Said:
            collective = _own(transaction, speaker)
            kind, thing = self._thing(transaction, uri)
            _role(speaker, kind)
            if kind.envelope is None:
                raise InvalidError("id", f"something that was offered; this is a {kind.name}")
            saying = Saying(
                verb=verb,
                kind=kind.name,
                by=collective.uri,
                about=thing.id,
                reason="{reason}" if reason else "",
                values={"reason": reason},
            )
            return self._speech.say(transaction, speaker, saying, options=options)

        return await self._apply(speaker, apply)

    async def like(self, speaker: Speaker, ref: str) -> Said:
        """Like a post; a second time changes nothing."""
        uri = await self.locate(speaker, ref)

        def apply(transaction: Transaction) -> Said:
            collective, post = _own(transaction, speaker), _post(transaction, uri, speaker)
            if known := posts.like_by(transaction, post.id, collective.uri):
                return Said(post.id, post.uri, known)
            said = self._speech.send(
                transaction,
                collective,
                "Like",
                post.uri,
                Addressed((post.actor,)),
                Audience.DIRECT,
                object=post.uri,
            )
            posts.like(transaction, post.id, collective.uri, said.activity)
            self._tell(transaction, post, "favourite", collective.uri)
            return Said(post.id, post.uri, said.activity)

        return await self._apply(speaker, apply)

    async def boost(self, speaker: Speaker, ref: str) -> Said:
        """Boost a public or unlisted post to the followers; a second time changes nothing."""
        uri = await self.locate(speaker, ref)

        def apply(transaction: Transaction) -> Said:
            collective, post = _own(transaction, speaker), _post(transaction, uri, speaker)
            if post.audience not in ("public", "unlisted"):
                raise NotPermittedError("Only public and unlisted posts can be boosted.")
            if known := posts.boosted(transaction, post.id, collective.uri):
                return Said(known.id, known.uri, known.uri)
            to = Addressed((PUBLIC,), (f"{collective.uri}/followers", post.actor))
            said = self._speech.send(
                transaction, collective, "Announce", post.uri, to, Audience.PUBLIC, object=post.uri
            )
            boost = Post(
                id=transaction.next_id(),
                uri=said.activity,
                actor=collective.uri,
                collective=collective.id,
                reply_to=None,
                boost_of=post.id,
                conversation=conversation_of(transaction, said.activity, None),
                audience=Audience.PUBLIC.value,
                kind="boost",
                published=transaction.now,
                edited=None,
            )
            posts.add(transaction, boost)
            posts.put_home(
                transaction, boost.id, {collective.id, *follows.readers_of(transaction, collective.uri)}
            )
            self._tell(transaction, post, "reblog", collective.uri)
            return Said(boost.id, said.activity, said.activity)

        return await self._apply(speaker, apply)

    async def undo(self, speaker: Speaker, ref: str, *, only: str | None = None) -> Said:
        """Take back a like and a boost of a post, or only one of them (`like`, `boost`). `ref` is the post or the boost."""
        uri = await self.locate(speaker, ref)

        def apply(transaction: Transaction) -> Said:
            collective, post = _own(transaction, speaker), _post(transaction, uri, speaker)
            if post.boost_of is not None and (original := posts.by_id(transaction, post.boost_of)):
                post = original
            said = None
            liked = posts.like_by(transaction, post.id, collective.uri)
            boost = posts.boosted(transaction, post.id, collective.uri)
            if liked and only != "boost":
                posts.unlike(transaction, liked, collective.uri)
                said = self._undo(transaction, collective, liked, "Like", post, Addressed((post.actor,)))
            if boost and only != "like":
                posts.remove(transaction, boost.uri)
                to = Addressed((PUBLIC,), (f"{collective.uri}/followers", post.actor))
                said = self._undo(transaction, collective, boost.uri, "Announce", post, to)
            if said is None:
                raise ConflictError("There is nothing of yours to undo on that post.")
            return Said(post.id, post.uri, said.activity)

        return await self._apply(speaker, apply)

    def _undo(
        self,
        transaction: Transaction,
        collective: Collective,
        activity: str,
        type: str,
        post: Post,
        to: Addressed,
    ) -> Said:
        inner = {"id": activity, "type": type, "actor": collective.uri, "object": post.uri}
        audience = Audience.PUBLIC if type == "Announce" else Audience.DIRECT
        return self._speech.send(transaction, collective, "Undo", inner, to, audience, object=post.uri)

    def _tell(self, transaction: Transaction, post: Post, what: str, by: str) -> None:
        owner = collectives.by_uri(transaction, post.actor)
        if owner is not None and owner.uri != by:
            posts.notify(transaction, owner.id, what, by, post.id)

    async def locate(self, speaker: Speaker, ref: str) -> str:
        """The URI of a thing given as number or URL; fetched where it is not known."""
        ref = ref.strip()
        if not ref.isascii() or not (ref.isdecimal() or ref.startswith(("http://", "https://"))):
            raise InvalidError("id", "the number or the URL of something published", cause=ref[:200])

        def look(snapshot: Snapshot) -> str | None:
            return _uri_of(snapshot, ref)

        known = await self._database.reader.run(look)
        if known is not None:
            return known
        if ref.isdecimal():
            raise UnknownError(f"Nothing with the id {ref} is known here.")
        return await self._finder.object(speaker, ref)

    async def _mentioned(self, speaker: Speaker, given: Mapping[str, Any]) -> dict[str, str]:
        """Handles in the texts that were found, by handle."""
        handles = {
            handle.lower() for text in given.values() if isinstance(text, str) for handle in mentions(text)
        }
        handles = {handle for handle in handles if "@" in handle}

        async def find(handle: str) -> tuple[str, str] | None:
            try:
                return handle, await self._finder.actor(speaker, handle)
            except (UnknownError, ElsewhereError, NotPermittedError):
                return None  # a name that nobody answers to stays plain text

        found = await asyncio.gather(*(find(handle) for handle in sorted(handles)[:_MENTIONS]))
        return dict(pair for pair in found if pair is not None)

    async def _ids(self, speaker: Speaker, kind: AnyKind, given: Mapping[str, Any]) -> dict[str, str]:
        """Ids typed as URLs in fields that name a published thing, fetched where they are not known."""
        record: type[Record] = kind.record
        names = {
            name
            for info in fields(record)
            if info.type is Uri
            for name in (info.name, *info.declared.aliases)
        }
        typed = [
            text.strip() for name, text in given.items() if name.lower() in names and isinstance(text, str)
        ]
        located: dict[str, str] = {}
        for ref in typed:
            if ref.startswith(("http://", "https://")):
                try:
                    located[ref] = await self.locate(speaker, ref)
                except (UnknownError, ElsewhereError):
                    located[ref] = ref  # the kind judges whether it must be known
        return located

    async def _kind_of(self, uri: str) -> AnyKind:
        def look(snapshot: Snapshot) -> AnyKind:
            row = objects.by_alias(snapshot, uri)
            if row is None:
                raise UnknownError("Nothing with that id is known here.")
            return _known(row.kind)

        return await self._database.reader.run(look)

    def _thing(self, transaction: Transaction, uri: str) -> tuple[AnyKind, Thing]:
        thing = LiveScene(transaction, self._speech.origin).thing(uri)
        if thing is None:
            raise UnknownError("Nothing with that id is known here.")
        return _known(thing.kind), thing

    def _short(self, given: Mapping[str, Any]) -> None:
        for name, text in given.items():
            if isinstance(text, str) and len(text) > self._text_limit and not text.lstrip().startswith("["):
                raise InvalidError(name, f"at most {self._text_limit} characters; this has {len(text)}")

    async def _apply(self, speaker: Speaker, job: Callable[[Transaction], T]) -> T:
        try:
            return await self._database.writer.run(job)
        except (NotAllowedError, SchemaError) as refusal:
            raise await self._refused(speaker, refusal) from refusal

    async def _refused(self, speaker: Speaker, refusal: NotAllowedError | SchemaError) -> NodeError:
        def look(snapshot: Snapshot) -> Tongue:
            return tongues(_own(snapshot, speaker))[0]

        tongue = await self._database.reader.run(look)
        return InvalidError(refusal.field, tongue.say(refusal.expected, **refusal.values))


def _known(kind: str) -> AnyKind:
    if kind not in REGISTRY:
        raise InvalidError("kind", f"one of these kinds: {', '.join(sorted(REGISTRY))}")
    return REGISTRY[kind]


def _role(speaker: Speaker, kind: AnyKind) -> None:
    if speaker.role != "operator" and speaker.role not in kind.roles:
        raise NotPermittedError(
            f"A {speaker.role} may not publish a {kind.name}.",
            hint=f"These roles may: {', '.join(sorted(kind.roles))}. A steward gives roles.",
        )


def _own(snapshot: Snapshot, speaker: Speaker) -> Collective:
    collective = collectives.by_uri(snapshot, speaker.actor)
    if collective is None:
        raise UnknownError("That collective is not on this node.")
    return collective


def _own_document(thing: Thing, uri: str, speaker: Speaker) -> str:
    """The Note to change: the thing itself, or its public echo where it was named or is the only Note."""
    if thing.owner != speaker.actor:
        raise NotPermittedError("Only the collective that published this may change it.")
    if not thing.document:
        raise ConflictError("This was withdrawn; it cannot be changed any more.")
    if thing.document.get("type") == "Note":
        return thing.id
    echo = thing.facts.get("echo")
    if not isinstance(echo, str):
        raise ConflictError("This is not accepted yet; withdraw it and offer anew.")
    return echo if uri == thing.id else uri


def _uri_of(snapshot: Snapshot, ref: str) -> str | None:
    if not ref.isdecimal():
        known: Object | Post | None = objects.by_alias(snapshot, ref) or posts.by_uri(snapshot, ref)
        return None if known is None else ref
    number = int(ref)
    if number >= 2**63:
        return None
    known = objects.by_id(snapshot, number) or posts.by_id(snapshot, number)
    return None if known is None else known.uri


def _post(snapshot: Snapshot, uri: str, speaker: Speaker) -> Post:
    post = posts.by_uri(snapshot, uri)
    thing = objects.by_uri(snapshot, uri)
    if post is None or (thing is not None and not may_read(snapshot, thing, speaker.actor)):
        raise UnknownError("No post with that id is known here.")
    return post


def _read(
    transaction: Transaction,
    collective: Collective,
    kind: AnyKind,
    given: Mapping[str, Any],
    ids: Mapping[str, str],
    before: Record | None,
) -> Record:
    tongue = tongues(collective)[0]

    def resolve(field: str, ref: str) -> str:
        uri = ids.get(ref) or _uri_of(transaction, ref)
        if uri is None:
            raise InvalidError(field, "the number or the URL of something known here", cause=ref[:200])
        return uri

    record: Record = read_fields(
        kind.record, given, tongue, tongue.today(transaction.now), resolve, before=before
    )
    return record


def _repeated(transaction: Transaction, speaker: Speaker, idempotency: Idempotency) -> Said | None:
    known = traces.answered(
        transaction, speaker.member or 0, idempotency.route, idempotency.key, idempotency.body
    )
    if known is None:
        return None
    same, result = known
    if not same:
        raise InvalidError("Idempotency-Key", "a new key: this one came before with another body")
    return msgspec.json.decode(result, type=Said)
