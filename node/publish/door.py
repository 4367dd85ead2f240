"""What both halves of the door share: how what a member names is found, and how a refusal reads."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from node.activities import REGISTRY, named
from node.domain.kind import AnyKind, NotAllowedError, Speaker, Thing
from node.domain.matching import need_of
from node.domain.typed import field_named
from node.errors import (
    ConflictError,
    ElsewhereError,
    InvalidError,
    NodeError,
    NotPermittedError,
    UnapprovedError,
    UnknownError,
    WithdrawnError,
)
from node.numbers import whole
from node.speak import LiveScene, Speech, may_read, tongues
from node.speak.whisper import beside, need_above
from node.storage import collectives, entries, follows, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Database, Snapshot, Transaction
from node.storage.objects import Object
from node.storage.posts import Post
from node.tongues import Tongue, message
from schemas import SchemaError
from schemas.note import Note
from schemas.pledge import Pledge

T = TypeVar("T")

FIND = message(
    "Timelines and the board show the ids of what is known here; what is elsewhere is found by its whole URL."
)


class Finder(Protocol):
    """How what this node does not know yet is found elsewhere (`node.receive`)."""

    async def actor(self, speaker: Speaker, handle_or_url: str) -> str:
        """Actor URI; UnknownError or ElsewhereError where there is none."""

    async def object(self, speaker: Speaker, url: str) -> str:
        """URI of an object, fetched and kept; UnknownError or ElsewhereError where there is none."""


class Door:
    """The base of what members say: `finder` is asked for what this node does not know."""

    def __init__(self, database: Database, speech: Speech, finder: Finder) -> None:
        self._database = database
        self._speech = speech
        self._finder = finder

    @property
    def origin(self) -> str:
        """The address of this node."""
        return self._speech.origin

    async def locate(self, speaker: Speaker, ref: str) -> str:
        """The URI of a thing given as number or URL; fetched where it is not known."""
        ref = ref.strip()
        if not ref.isascii() or not (ref.isdecimal() or ref.startswith(("http://", "https://"))):
            raise InvalidError("id", message("the number or the URL of something published"), cause=ref[:200])

        def look(snapshot: Snapshot) -> str | None:
            return uri_of(snapshot, ref)

        known = await self._database.reader.run(look)
        if known is not None:
            return known
        if ref.isdecimal():
            raise UnknownError(message("Nothing with that id is known here."), hint=FIND)
        return await self._finder.object(speaker, ref)

    async def locate_own(self, speaker: Speaker, ref: str) -> str:
        """The URI of a thing to be changed or withdrawn; NotPermittedError where what is named is somebody's boost of it."""
        uri = await self.locate(speaker, ref)

        def named(snapshot: Snapshot) -> bool:
            number = whole(ref.strip())
            if number is None:
                return uri == ref.strip()
            post = posts.by_id(snapshot, number)
            return post is None or post.boost_of is None or post.collective is not None

        if not await self._database.reader.run(named):
            raise NotPermittedError(message("Only the collective that published this may change it."))
        return uri

    async def _kind_of(self, uri: str) -> AnyKind:
        def look(snapshot: Snapshot) -> AnyKind:
            row = objects.by_alias(snapshot, uri)
            if row is None:
                raise UnknownError(message("Nothing with that id is known here."), hint=FIND)
            return known(row.kind)

        return await self._database.reader.run(look)

    async def _with_actors(
        self, speaker: Speaker, kind: AnyKind, given: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Fields as typed, with the URI of whom those name that name somebody; InvalidError where nobody is found there."""
        found: dict[str, Any] = {}
        for name, text in given.items():
            info = field_named(kind.record, name)
            if info and info.declared.actor and isinstance(text, str) and text.strip():
                found[name] = await self._actor(speaker, info.name, text.strip())
        return {**given, **found}

    async def _actor(self, speaker: Speaker, field: str, ref: str) -> str:
        try:
            return await self._finder.actor(speaker, ref)
        except (UnknownError, ElsewhereError, InvalidError) as error:
            raise InvalidError(
                field,
                message(
                    "a handle or an address where there is somebody, like {example}; at this one nobody answers"
                ),
                cause=error.cause or ref[:200],
                example="@fondo@example.org",
            ) from error

    def _thing(self, transaction: Transaction, uri: str) -> tuple[AnyKind, Thing]:
        thing = LiveScene(transaction, self._speech.origin).thing(uri)
        if thing is None:
            raise UnknownError(message("Nothing with that id is known here."), hint=FIND)
        return known(thing.kind), thing

    def _scene(self, transaction: Transaction, thing: Thing) -> LiveScene:
        """What the owner of a thing sees."""
        return LiveScene(transaction, self._speech.origin, here=thing.owner, url=thing.id)

    async def read(self, look: Callable[[Snapshot], T]) -> T:
        """Look at what is stored."""
        return await self._database.reader.run(look)

    async def apply(self, speaker: Speaker, job: Callable[[Transaction], T]) -> T:
        """Do a job in one transaction; what a kind refuses is said in the collective's language. ConflictError where it would book
        what takes the place of leaves that `minga recover` still has to bring back."""

        def fork_nothing(transaction: Transaction) -> T:
            behind = entries.behind(transaction, speaker.actor)
            done = job(transaction)
            if behind is not None and entries.behind(transaction, speaker.actor) != behind:
                raise _stands_still(*behind)
            return done

        try:
            return await self._database.writer.run(fork_nothing)
        except (NotAllowedError, SchemaError) as refusal:
            raise await self._refused(speaker, refusal) from refusal

    async def _refused(self, speaker: Speaker, refusal: NotAllowedError | SchemaError) -> NodeError:
        def look(snapshot: Snapshot) -> Tongue:
            return tongues(own(snapshot, speaker))[0]

        tongue = await self._database.reader.run(look)
        return InvalidError(refusal.field, tongue.say(refusal.expected, **refusal.values))


def _stands_still(known: int, seen: int) -> ConflictError:
    return ConflictError(
        message(
            "The public account stands still: a witness has seen {seen} leaves of its log, this node knows {known}. Nothing can be"
            " booked until it goes on."
        ),
        hint=message("`minga log` says what to do."),
        known=known,
        seen=seen,
    )


def known(kind: str) -> AnyKind:
    """The kind of this name or alias; InvalidError lists those that there are."""
    found = named(kind)
    if found is None:
        raise InvalidError("kind", message("one of these kinds: {known}"), known=", ".join(sorted(REGISTRY)))
    return found


def own(snapshot: Snapshot, speaker: Speaker) -> Collective:
    """The collective on whose behalf somebody speaks."""
    collective = collectives.by_uri(snapshot, speaker.actor)
    if collective is None:
        raise UnknownError(message("That collective is not on this node."))
    return collective


def uri_of(snapshot: Snapshot, ref: str) -> str | None:
    """The URI of something known here by number or URL; by the number of a boost of others, of what it boosts."""
    if not ref.isdecimal():
        known: Object | Post | None = objects.by_alias(snapshot, ref) or posts.meant(snapshot, ref)
        return None if known is None else ref
    number = whole(ref)
    if number is None:
        return None
    post = posts.by_id(snapshot, number)
    if post is not None and post.boost_of is not None and post.collective is None:
        post = posts.by_id(snapshot, post.boost_of)
    known = objects.by_id(snapshot, number) or post
    return None if known is None else known.uri


def require_role(speaker: Speaker, kind: AnyKind) -> None:
    """NotPermittedError where a member has not the role for a kind."""
    if speaker.role != "operator" and speaker.role not in kind.roles:
        raise NotPermittedError(
            message("Your role in the collective does not allow you to publish this."),
            hint=message("These roles may: {roles}. A steward gives roles."),
            roles=", ".join(sorted(kind.roles)),
        )


def refuse_barred(transaction: Transaction, origin: str, collective: Collective, pledge: Pledge) -> None:
    """InvalidError for a promise to whom the collective blocks: it would reach nobody."""
    need = need_of(pledge, LiveScene(transaction, origin))
    if need is not None and follows.blocks(transaction, collective.uri, need.owner):
        raise InvalidError("need", message("a need of somebody whom you do not block"))


def require_approval(needed: int, approvals: int, what: str) -> None:
    """UnapprovedError where more members must approve a thing, or a change of it, first. `what` is its kind or number."""
    if approvals < needed:
        raise UnapprovedError(
            message("{needed} members must approve this before it is published; {given} did."),
            hint=message("Propose it with {propose}; then each of them signs, with {sign}."),
            needed=needed,
            given=approvals,
            propose=f"`minga propose {what}`",
            sign="`minga sign NUMBER --as MEMBER`",
        )


def answered(snapshot: Snapshot, speaker: Speaker, uri: str) -> str:
    """What is answered; of a boost, what it boosts."""
    boost = posts.meant(snapshot, uri)
    if boost is not None and boost.boost_of is not None and (post := posts.by_id(snapshot, boost.boost_of)):
        uri = post.uri
    row = objects.by_alias(snapshot, uri)
    if row is None or not may_read(snapshot, row, speaker.actor):
        raise UnknownError(message("Nothing with that id is known here."), hint=FIND)
    if not row.document:
        raise WithdrawnError(message("What you want to answer was withdrawn."))
    return uri


def asked_above(snapshot: Snapshot, reply: str, reader: str) -> str:
    """The need that a reply answers, directly or further up its thread."""
    post, row = posts.by_uri(snapshot, reply), objects.by_uri(snapshot, reply)
    if post is None or row is None or not may_read(snapshot, row, reader):
        raise UnknownError(message("No reply with that id is known here."), hint=FIND)
    need = need_above(snapshot, reply)
    if need is None:
        raise InvalidError("reply", message("a reply to a need"))
    return need


def own_document(snapshot: Snapshot, thing: Thing, uri: str, speaker: Speaker) -> str:
    """The Note to change: the thing itself, or its public echo where it was named or is the only Note. InvalidError for what the
    node itself said of something (`whisper`), which would not be true any more."""
    if thing.owner != speaker.actor:
        raise NotPermittedError(message("Only the collective that published this may change it."))
    if not thing.document:
        raise ConflictError(message("This was withdrawn; it cannot be changed any more."))
    if thing.kind == Note.kind() and "about" in beside(snapshot, thing.id):
        raise InvalidError(
            "text",
            message(
                "a post of yours: the node itself wrote this one, and nothing of it was changed. To change what it tells of, answer it"
                " with #undo and write that again"
            ),
        )
    if thing.document.get("type") == "Note":
        return str(thing.document["id"])
    echo = thing.facts.get("echo")
    if not isinstance(echo, str):
        raise ConflictError(message("This is not accepted yet; withdraw it and offer anew."))
    return echo if uri == thing.id else uri
