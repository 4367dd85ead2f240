"""Offer, Accept, Reject and Undo of what travels in an envelope: negotiations between two collectives."""

from collections.abc import Sequence
from typing import Any

from federation import Addressed
from federation.vocab import types_of
from node.activities import REGISTRY, kind_of_verb
from node.domain.agreement import reason_of
from node.domain.kind import AnyKind, Audience, Heard, NotAllowedError, Verb
from node.domain.markup import to_html
from node.domain.typed import field_named
from node.receive.hearing import Hearing
from node.speak import tongues
from node.speak.whisper import tell_of_answer, tell_of_offer, tell_of_withdrawal
from node.storage import collectives, inbound
from node.storage.collectives import Collective
from schemas import SchemaError, from_wire, local


def offer(hearing: Hearing) -> None:
    """Somebody offers something to a collective of ours. What does not hold is refused with the reason."""
    activity = hearing.activity
    inner = types_of(activity.object)
    kind = kind_of_verb("Offer", local(inner[0])) if inner else None
    reached = _reached(hearing)
    if kind is None or not reached:
        return
    taker = reached[0]
    try:
        heard = _offered(hearing, kind)
        taker = _asker(hearing, kind, heard, reached)
        with hearing.transaction.attempt():
            hearing.fold(kind, heard, readers=(taker.uri,))
        tell_of_offer(hearing.speech, hearing.transaction, heard.object_id)
    except NotAllowedError as refusal:
        _decline(hearing, kind, taker, refusal)


def _offered(hearing: Hearing, kind: AnyKind) -> Heard:
    """The offer as kinds hear it. NotAllowedError where what it holds does not read."""
    activity = hearing.activity
    if kind.envelope is None or activity.object is None:
        raise NotAllowedError("object", "an agreement that says what, how much and for which need")
    document = kind.envelope.unwrap(activity.object)
    try:
        record = from_wire(document)
    except SchemaError as error:
        raise NotAllowedError(error.field, error.expected, **error.values) from error
    return Heard(
        id=activity.id,
        verb=Verb.OFFER,
        actor=activity.actor,
        object_id=activity.id,
        at=hearing.transaction.now,
        record=record,
        document=document,
        audience=Audience.DIRECT,
    )


def _reached(hearing: Hearing) -> list[Collective]:
    """The collectives of ours that it was sent to, without those that block who offers."""
    named = dict.fromkeys((*hearing.activity.to, *hearing.activity.cc, *hearing.inboxes))
    found = (collectives.by_uri(hearing.transaction, name) for name in named)
    return [own for own in found if own is not None and not hearing.barred(own.uri)]


def _asker(hearing: Hearing, kind: AnyKind, heard: Heard, reached: Sequence[Collective]) -> Collective:
    """Who of those `reached` said what the offer answers; the first where that is not ours. NotAllowedError where it is ours
    and was not reached: no neighbour takes an offer in place of who asked."""
    scene = hearing.scene()
    answered = (scene.thing(link.target) for link in kind.links(heard.record)) if heard.record else ()
    owner = next((thing.owner for thing in answered if thing is not None and thing.local), reached[0].uri)
    for own in reached:
        if own.uri == owner:
            return own
    raise NotAllowedError("to", "sent to who asked for it, {owner}", owner=owner)


def _decline(hearing: Hearing, kind: AnyKind, collective: Collective, refusal: NotAllowedError) -> None:
    """Refuse an offer that does not hold, by the name of the field as people read it; nothing of it is kept."""
    activity, tongue = hearing.activity, tongues(collective)[0]
    field = field_named(kind.record, refusal.field)
    named = refusal.field if field is None else field.label(tongue.language)
    reason = f"{named}: {tongue.say(refusal.expected, **refusal.values)}"
    hearing.speech.send(
        hearing.transaction,
        collective,
        "Reject",
        activity.id,
        Addressed((activity.actor,)),
        Audience.DIRECT,
        object=activity.id,
        more={"content": to_html(reason, hearing.scene())},
    )
    code = f"not-allowed-{refusal.field}"[:60]
    inbound.incident(hearing.transaction, actor=activity.actor, code=code, object=activity.id)


def answer(hearing: Hearing) -> None:
    """An Accept or Reject: of a Follow of ours, or of something offered."""
    activity = hearing.activity
    if hearing.others.on_answer(hearing.transaction, activity):
        hearing.keep(object=activity.object_id)
    else:
        about_known(hearing, activity.object_id)
        tell_of_answer(hearing.speech, hearing.transaction, activity.object_id)


def about_known(hearing: Hearing, uri: str) -> None:
    """An Accept, Reject or Undo that names a thing of a kind with an envelope. Of other things of ours it is an incident."""
    activity = hearing.activity
    thing = hearing.scene(uri).thing(uri) if uri else None
    kind = REGISTRY.get(thing.kind) if thing is not None else None
    if thing is None or kind is None:
        return
    if kind.envelope is None:
        # Nobody else accepts, refuses or undoes what a collective of ours published: what it decided stands.
        if thing.local:
            raise NotAllowedError("owner", "said by its owner, {owner}", owner=thing.owner)
        return
    document: dict[str, Any] = activity.document
    result = document.get("result")
    heard = Heard(
        id=activity.id,
        verb=Verb(activity.type),
        actor=activity.actor,
        object_id=thing.id,
        at=hearing.transaction.now,
        document=document,
        audience=Audience.DIRECT,
        reason=reason_of(document),
        result=result if isinstance(result, dict) else None,
    )
    hearing.fold(kind, heard)
    if heard.verb is Verb.UNDO:
        tell_of_withdrawal(hearing.speech, hearing.transaction, thing)
