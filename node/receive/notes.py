"""Notes of others: which of them concern us, what they carry, and where they stand in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from federation import audience_of
from federation.vocab import PUBLIC, id_of, ids_of, types_of
from node.activities import REGISTRY
from node.domain.kind import AnyKind, Audience, Heard, Speaker, Verb
from node.speak import LiveScene
from node.speak.compose import is_pictured, tags_of
from node.speak.fold import Folded, forget, hear
from node.speak.timeline import conversation_of, edit, show
from node.storage import activities, actors, collectives, follows, objects, posts
from node.storage.database import Snapshot, Transaction
from node.storage.posts import Post
from schemas import Record, SchemaError, from_wire

JsonObject = dict[str, Any]

POST_TYPES = frozenset({"Note", "Question", "Article", "Page", "Image", "Audio", "Video", "Event"})
"""What is read as a post; all but Note and Question by title, summary and link."""

_NOTE = REGISTRY["note"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A Note of somebody else, as it came in. `inboxes` are ours that took it by name; `named` that its origin, asked at its
    id, names this actor as the author."""

    document: JsonObject
    actor: str
    activity: str
    inboxes: tuple[str, ...]
    named: bool = False


def kind_and_record(document: Mapping[str, Any]) -> tuple[str, AnyKind, Record | None]:
    """The kind's name, the kind that judges it, and its record. What is unknown or does not hold is a plain text."""
    named = document.get("kind", "note")
    name = named if isinstance(named, str) and named and len(named) <= 40 else "note"
    kind = REGISTRY.get(name, _NOTE)
    if kind is _NOTE:
        return name, kind, None
    try:
        return name, kind, from_wire(document)
    except SchemaError:
        return "note", _NOTE, None


def concerns_us(snapshot: Snapshot, arrival: Arrival) -> bool:
    """Whether a Note is anybody's business here: a collective of ours follows its author, or is named by it, or wrote what it
    answers; and does not block the author. What answers a collective that does is nobody's business."""
    document = arrival.document
    parent = id_of(document.get("inReplyTo"))
    answered = posts.meant(snapshot, parent) if parent else None
    asked = answered.actor if answered is not None and answered.collective is not None else None
    if asked is not None and follows.blocks(snapshot, asked, arrival.actor):
        return False
    if asked is not None or follows.readers_of(snapshot, arrival.actor):
        return True
    _, mentioned = tags_of(document)
    named = dict.fromkeys((*arrival.inboxes, *_addressed(document), *mentioned))
    return any(
        collectives.by_uri(snapshot, name) is not None and not follows.blocks(snapshot, name, arrival.actor)
        for name in named
    )


def _addressed(document: Mapping[str, Any]) -> list[str]:
    found = [*ids_of(document.get("to")), *ids_of(document.get("cc")), *ids_of(document.get("audience"))]
    return list(dict.fromkeys(found))


def audience(snapshot: Snapshot, document: JsonObject, actor: str) -> Audience:
    """Who may read a Note of somebody else."""
    known = actors.profile(snapshot, actor)
    peers = None
    if known is not None and PUBLIC not in _addressed(document):
        try:
            peers = id_of(msgspec.json.decode(known.document).get("peers"))
        except (msgspec.DecodeError, AttributeError):
            peers = None
    return Audience(audience_of(document, followers=known.followers if known else None, peers=peers))


def moment(value: Any, now: datetime) -> datetime:
    """A peer's date, never later than now; now where it does not read."""
    try:
        found = datetime.fromisoformat(value)
        found = found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return now
    return min(found, now) if found.year >= 1970 else now


def _edited(document: Mapping[str, Any], now: datetime) -> datetime | None:
    """When it was changed before it came here; some servers give every post the date of its making."""
    changed, made = moment(document.get("updated"), now), moment(document.get("published"), now)
    return changed if made < changed < now else None


def create(
    transaction: Transaction, scene: LiveScene, arrival: Arrival
) -> tuple[AnyKind, Heard, Folded] | None:
    """Take a Note that was not known; None where it was, or was withdrawn: a deleted one never comes back, and one whose
    Delete overtook it never comes."""
    document = arrival.document
    uri = str(id_of(document))
    if _is_taken(transaction, uri, arrival) or activities.was_withdrawn(transaction, uri, arrival.actor):
        return None
    name, kind, record = kind_and_record(document)
    number = transaction.next_id()
    seen = audience(transaction, document, arrival.actor)
    heard = Heard(
        id=arrival.activity,
        verb=Verb.CREATE,
        actor=arrival.actor,
        object_id=uri,
        at=transaction.now,
        record=record,
        document=_named(document, name),
        audience=seen,
    )
    readers = tuple(
        dict.fromkeys((*(r for r in _addressed(document)[:500] if r != PUBLIC), *arrival.inboxes))
    )
    folded = hear(
        transaction,
        scene,
        kind,
        Speaker(arrival.actor),
        heard,
        number=number,
        collective=None,
        readers=() if seen in (Audience.PUBLIC, Audience.UNLISTED) else readers,
    )
    if posts.meant(transaction, uri) is not None:
        posts.remove(transaction, uri)
    _put_in_time(transaction, document, arrival, name, number, seen, readers)
    return kind, heard, folded


def _is_taken(snapshot: Snapshot, uri: str, arrival: Arrival) -> bool:
    """Whether something that is known goes by an id already. What a neighbour on the same server published by it gives way to its
    author, unless a collective of ours accepted it."""
    held = objects.by_uri(snapshot, uri)
    if held is None:
        return False
    stays = activities.answer_to(snapshot, uri, "Accept") is not None
    return held.owner == arrival.actor or not arrival.named or stays


def _named(document: JsonObject, name: str) -> JsonObject:
    """The document as kinds see it. A Note of a kind that we do not know keeps the name that it came with."""
    return document if document.get("kind", "note") == name else {**document, "kind": name}


def _put_in_time(
    transaction: Transaction,
    document: JsonObject,
    arrival: Arrival,
    name: str,
    number: int,
    seen: Audience,
    readers: Sequence[str],
) -> None:
    tags, mentions = tags_of(document)
    parent = id_of(document.get("inReplyTo"))
    uri = str(id_of(document))
    post = Post(
        id=number,
        uri=uri,
        actor=arrival.actor,
        collective=None,
        reply_to=parent,
        boost_of=None,
        conversation=conversation_of(transaction, uri, parent),
        audience=seen.value,
        kind=name,
        published=moment(document.get("published"), transaction.now),
        edited=_edited(document, transaction.now),
    )
    show(transaction, post, tags=tags, mentions=mentions, readers=readers, pictured=is_pictured(document))


def update(
    transaction: Transaction, scene: LiveScene, arrival: Arrival
) -> tuple[AnyKind, Heard, Folded] | None:
    """Take a change of a Note that we know; an older state never replaces a newer one."""
    document = arrival.document
    uri = str(id_of(document))
    row = objects.by_uri(transaction, uri)
    if row is None or not row.document or _older(document, msgspec.json.decode(row.document)):
        return None
    name, kind, record = kind_and_record(document)
    if name != row.kind:
        name, kind, record = row.kind, REGISTRY.get(row.kind, _NOTE), None
    heard = Heard(
        id=arrival.activity,
        verb=Verb.UPDATE,
        actor=arrival.actor,
        object_id=uri,
        at=transaction.now,
        record=record,
        document=_named(document, name),
        audience=Audience(row.audience),
    )
    folded = hear(
        transaction,
        scene,
        kind,
        Speaker(arrival.actor),
        heard,
        number=row.id,
        collective=None,
        readers=row.readers,
    )
    tags, mentions = tags_of(document)
    edited = moment(document.get("updated"), transaction.now)
    edit(transaction, uri, edited, tags=tags, mentions=mentions, pictured=is_pictured(document))
    return kind, heard, folded


def _older(document: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    """Whether it says a former state than the held one. A stamp without fractions means any moment of its second."""
    ours, theirs = _stamp(held), _stamp(document)
    if ours is None or theirs is None:
        return False
    exact = ours.microsecond and theirs.microsecond
    return ours > theirs if exact else ours - theirs >= timedelta(seconds=1)


def _stamp(document: Mapping[str, Any]) -> datetime | None:
    value = document.get("updated") or document.get("published")
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def delete(
    transaction: Transaction, scene: LiveScene, *, uri: str, actor: str, activity: str
) -> tuple[AnyKind, Heard, Folded] | None:
    """Take a withdrawal of what we know: its words go, a tombstone stays. NotAllowedError where it is somebody else's."""
    row = objects.by_uri(transaction, uri)
    if row is None or not row.document:
        return None
    kind = REGISTRY.get(row.kind, _NOTE)
    heard = Heard(
        id=activity,
        verb=Verb.DELETE,
        actor=actor,
        object_id=uri,
        at=transaction.now,
        audience=Audience(row.audience),
    )
    folded = hear(
        transaction, scene, kind, Speaker(actor), heard, number=row.id, collective=None, readers=row.readers
    )
    forget(transaction, uri, folded)
    return kind, heard, folded


def name_of(kind: AnyKind, heard: Heard) -> str:
    """The name under which an activity is kept: of a kind that we do not know, the one that it came with."""
    return str(heard.document.get("kind", kind.name))


def is_post(document: Mapping[str, Any]) -> bool:
    """Whether an object is read as a post. A vote in a poll is none."""
    if not POST_TYPES.intersection(types_of(document)):
        return False
    vote = "name" in document and not document.get("content") and id_of(document.get("inReplyTo"))
    return not (vote and types_of(document)[0] == "Note")
