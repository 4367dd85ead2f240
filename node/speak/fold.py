"""The fold: one activity changes what is true, in the same way when it is said, received or replayed."""

from dataclasses import dataclass

import msgspec

from node.domain.kind import AnyKind, Heard, Speaker, Thing, Verb
from node.speak.scene import ECHO, LiveScene
from node.storage import activities, deliveries, objects, posts
from node.storage.database import Transaction
from node.storage.objects import Object

NOTED = (Verb.CREATE, Verb.UPDATE, Verb.DELETE)
"""Verbs whose object is a Note with a document of its own."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What an activity changed."""

    before: Thing | None
    after: Thing | None

    def elsewhere(self, uri: str) -> str:
        """The thing that was changed, where it is another than the object `uri`; else ""."""
        return self.after.id if self.after is not None and self.after.id != uri else ""


def hear(
    transaction: Transaction,
    scene: LiveScene,
    kind: AnyKind,
    speaker: Speaker,
    heard: Heard,
    *,
    number: int,
    collective: int | None,
    readers: tuple[str, ...],
    judge: bool = True,
) -> Folded:
    """Judge an activity and store what is true after it. NotAllowedError where its kind refuses: then nothing changed.

    `number` is the id of the object's row where it is new, `collective` ours that owns it, `readers` who may read
    it where its audience is restricted. A replay does not `judge` anew what was accepted once.
    """
    if heard.verb is Verb.CREATE:
        make_room(transaction, heard.object_id, heard.actor)
    before = _before(scene, heard)
    if judge:
        kind.may(speaker, heard, before, scene)
        kind.check(heard, before, scene)
    after = kind.fold(before, heard, scene)
    if after is None:
        return Folded(before, None)
    names = [name for name in kind.names(after) if not _another(transaction, name, after)]
    if after.id != heard.object_id and heard.verb in NOTED:
        _put_echo(transaction, kind, heard, number=number, collective=collective, readers=readers)
        names.append(heard.object_id)
        number, readers = transaction.next_id(), ()
    _put(transaction, after, heard, number=number, collective=collective, readers=readers)
    same = [("same", name) for name in names if name != after.id]
    if after.record is not None:
        objects.link(
            transaction, after.id, [*((x.relation, x.target) for x in kind.links(after.record)), *same]
        )
    return Folded(before, after)


def make_room(transaction: Transaction, uri: str, author: str) -> None:
    """Let what somebody else published by an id go: a Create of it by another is kept only where the origin named that one as the
    author, live as in a replay."""
    row = objects.by_uri(transaction, uri)
    if row is not None and row.owner != author:
        objects.remove(transaction, uri)


def _before(scene: LiveScene, heard: Heard) -> Thing | None:
    """What is changed. What is said for the first time changes nothing of a neighbour's who named its id before."""
    found = scene.thing(heard.object_id)
    if found is None or heard.verb not in (Verb.CREATE, Verb.OFFER) or found.id == heard.object_id:
        return found
    return found if found.owner == heard.actor else None


def forget(transaction: Transaction, uri: str, folded: Folded) -> None:
    """Take a deleted Note out of time, and its words with it, unless the thing that it was folded into still says them."""
    posts.remove(transaction, uri)
    if folded.after is not None and folded.after.document.get("id") == uri:
        deliveries.recall(transaction, uri)
    else:
        activities.erase(transaction, uri)


def _another(transaction: Transaction, name: str, thing: Thing) -> bool:
    """Whether a name is the id of something of somebody else's, who may be its neighbour on the same origin."""
    row = objects.by_uri(transaction, name)
    return row is not None and row.owner != thing.owner


def _put(
    transaction: Transaction,
    thing: Thing,
    heard: Heard,
    *,
    number: int,
    collective: int | None,
    readers: tuple[str, ...],
) -> None:
    row = objects.by_uri(transaction, thing.id)
    objects.put(
        transaction,
        Object(
            id=row.id if row else number,
            uri=thing.id,
            kind=thing.kind,
            owner=thing.owner,
            collective=row.collective if row else collective if thing.owner == heard.actor else None,
            state=thing.state,
            audience=thing.audience.value,
            readers=(row.readers if row else ()) or readers,
            published=thing.published,
            updated=heard.at,
            due=thing.due,
            facts=dict(thing.facts),
            document=msgspec.json.encode(thing.document) if thing.document else b"",
        ),
    )


def _put_echo(
    transaction: Transaction,
    kind: AnyKind,
    heard: Heard,
    *,
    number: int,
    collective: int | None,
    readers: tuple[str, ...],
) -> None:
    """Keep the document of a Note that is folded into another thing, so that its URL serves it."""
    row = objects.by_uri(transaction, heard.object_id)
    objects.put(
        transaction,
        Object(
            id=row.id if row else number,
            uri=heard.object_id,
            kind=kind.name,
            owner=heard.actor,
            collective=collective,
            state="withdrawn" if heard.verb is Verb.DELETE else ECHO,
            audience=heard.audience.value,
            readers=(row.readers if row else ()) or readers,
            published=row.published if row else heard.at,
            updated=heard.at,
            due=None,
            facts={},
            document=b"" if heard.verb is Verb.DELETE else msgspec.json.encode(heard.document),
        ),
    )
