"""Replay: the present state worked out anew from the activities alone, and compared with what is stored.

It runs in a copy of the database. An activity whose words were erased gives the tombstone that erasing left.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from federation.vocab import PUBLIC, ids_of
from node.activities import REGISTRY
from node.domain.agreement import reason_of
from node.domain.kind import AnyKind, Audience, Heard, Speaker, Verb
from node.speak.audit import Audit, Difference
from node.speak.fold import NOTED, hear, make_room
from node.speak.scene import LiveScene, record_in
from node.storage import activities, collectives, objects
from node.storage.activities import Activity
from node.storage.database import Transaction
from node.storage.objects import Object

JsonObject = dict[str, Any]

State = dict[str, tuple[Any, ...]]
"""What must come out the same, by object: kind, owner, state, audience, due, facts, digest of the document, links."""


_PARTS = ("kind", "owner", "state", "audience", "due", "facts", "document", "links")


def differences(
    transaction: Transaction, origin: str, progress: Callable[[int], None] = lambda _done: None
) -> list[Difference]:
    """Forget all state in this (copied) database, fold every activity again, and say what came out differently,
    in the accounts of our collectives too."""
    stored = _state(transaction)
    objects.forget_all(transaction)
    audit = Audit()
    for done, activity in enumerate(activities.every(transaction), 1):
        _fold(transaction, origin, activity, audit)
        progress(done)
    return [*_compare(stored, _state(transaction)), *audit.whole(transaction)]


def _state(transaction: Transaction) -> State:
    return {
        row.uri: (
            row.kind,
            row.owner,
            row.state,
            row.audience,
            row.due,
            row.facts if row.document else {},
            sha256(row.document).digest(),
            tuple(objects.links_of(transaction, row.uri)) if row.document else (),
        )
        for row in objects.every(transaction)
    }


def _compare(stored: State, replayed: State) -> Iterator[Difference]:
    for uri in sorted(stored.keys() | replayed.keys()):
        before, after = stored.get(uri), replayed.get(uri)
        if before is None or after is None:
            yield Difference(
                uri, "stored, but no activity says it" if after is None else "said, but not stored"
            )
        elif before != after:
            yield Difference(
                uri, ", ".join(n for n, b, a in zip(_PARTS, before, after, strict=True) if b != a)
            )


def _fold(transaction: Transaction, origin: str, activity: Activity, audit: Audit) -> None:
    kind = REGISTRY.get(activity.kind, REGISTRY["note"]) if activity.kind else None
    if kind is None or activity.type not in set(Verb):
        return
    if activity.body is None:
        _bury(transaction, activity)
        audit.erased(activity.object, *filter(None, [activity.folded]))
        return
    document = msgspec.json.decode(activity.body)
    own = collectives.by_uri(transaction, activity.actor)
    heard = _heard(activity, kind, document, ours=own is not None)
    scene = LiveScene(transaction, origin, here=activity.actor, url=activity.object)
    named = (*ids_of(document.get("to")), *ids_of(document.get("cc")))
    folded = hear(
        transaction,
        scene,
        kind,
        Speaker(activity.actor, role=None if own is None else "operator"),
        heard,
        number=transaction.next_id(),
        collective=None if own is None else own.id,
        readers=tuple(name for name in named if name != PUBLIC),
        judge=False,
    )
    if own is not None:
        written = kind.entry(folded.before, folded.after, heard, scene)
        thing = folded.after.id if folded.after is not None else activity.object
        audit.booked(transaction, activity, thing, document, written)


def _heard(activity: Activity, kind: AnyKind, document: JsonObject, *, ours: bool) -> Heard:
    verb = Verb(activity.type)
    carried: Mapping[str, Any] = document
    if verb is Verb.OFFER and kind.envelope is not None:
        document = carried = kind.envelope.unwrap(document["object"])
    if verb in NOTED and activity.transport != "fetch":
        inner = document.get("object")
        carried = inner if isinstance(inner, dict) else {}
    if carried.get("type") == "Tombstone":
        carried = {}
    named = {**carried, "kind": activity.kind} if carried.get("kind", "note") != activity.kind else carried
    result = document.get("result")
    # A plain note of others has no record, as when it came (`notes.kind_and_record`).
    plain = kind.name == "note" and not ours
    answers = verb in (Verb.ACCEPT, Verb.REJECT, Verb.UNDO)
    return Heard(
        id=activity.uri,
        verb=verb,
        actor=activity.actor,
        object_id=activity.object,
        at=activity.at,
        record=record_in(kind, named) if named and not (answers or plain) else None,
        document=named if verb in NOTED else document,
        audience=Audience(activity.audience),
        reason=reason_of(document) if answers else "",
        result=result if isinstance(result, dict) else None,
        options=frozenset(activity.options.split()),
        aside=json.loads(activity.aside),
    )


def _bury(transaction: Transaction, activity: Activity) -> None:
    """What is left of a Note whose words were erased: its own row, or the document of one folded into another thing."""
    if activity.type == Verb.CREATE:
        make_room(transaction, activity.object, activity.actor)
    row = objects.by_uri(transaction, activity.object)
    objects.put(
        transaction,
        Object(
            id=row.id if row else transaction.next_id(),
            uri=activity.object,
            kind=activity.kind,
            owner=activity.actor,
            collective=activity.collective,
            state="withdrawn",
            audience=activity.audience,
            readers=(),
            published=row.published if row else activity.at,
            updated=activity.at,
            due=None,
            facts={},
            document=b"",
        ),
    )
    if activity.folded:
        objects.rename(transaction, activity.folded, activity.object)
