"""stance: what a collective thinks of something that is to be decided, said from its own node. Its last one counts."""

from collections.abc import Callable

from node.domain.assembly import Stance as Said
from node.domain.assembly import Voice, refuse_stance
from node.domain.dates import refuse_ahead
from node.domain.digest import DigestError, digest_of
from node.domain.fund import admission_of
from node.domain.kind import Heard, Kind, Link, NotAllowedError, Scene, Speaker, Thing, Thread
from node.domain.subject import subject
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas.stance import Stance

SAID = {
    "consent": message("We consent to {subject}."),
    "objection": message("We object to {subject}."),
    "abstain": message("We abstain on {subject}."),
}


def complete(record: Stance, _speaker: Speaker, scene: Scene, _chance: Callable[[int], bytes]) -> Stance:
    """The digest of what it is about, as this node knows it now."""
    thing = scene.thing(record.about)
    try:
        return record.changed(digest=digest_of(thing.document) if thing and thing.document else None)
    except DigestError:
        return record.changed(digest=None)


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """It is about something known, always the same; an objection has its reason; its document has a digest."""
    record = heard.record
    if not isinstance(record, Stance):
        return
    former = before.record if before else None
    if isinstance(former, Stance) and former.about != record.about:
        raise NotAllowedError("about", "the same as before")
    thing = scene.thing(record.about)
    if scene.ours(heard.actor) and (thing is None or thing.record is None):
        raise NotAllowedError("about", "the id of something that this node knows")
    if thing is not None and (scene.ours(heard.actor) or scene.ours(thing.owner)):
        said = Said(heard.actor, Voice(record.stance), record.reason or "")
        member = admission_of(heard.actor, thing.owner, scene) is not None
        refuse_stance(said, {heard.actor} if member else ())
    if not scene.ours(heard.actor) and (thing is None or scene.ours(thing.owner)):
        refuse_ahead(heard)
    try:
        digest_of(heard.document)
    except DigestError:
        raise NotAllowedError("document", "a document that has a digest") from None


def text(record: Stance, tongue: Tongue, scene: Scene) -> str:
    """`Consentimos: criterio v1 de Fondo Apoyo Mutuo.`"""
    return paragraphs(
        scene,
        [tongue.say(SAID[record.stance], subject=subject(record.about, tongue, scene))],
        record.reason,
    )


KIND = Kind(
    name="stance",
    record=Stance,
    text=text,
    links=lambda record: (Link("about", record.about),),
    complete=complete,
    check=check,
    thread=lambda record, _scene: Thread(record.about),
    hashtags=lambda _record, tongue: (tongue.say(message("assembly")),),
)
