"""admission: a fund admits who asked, refuses it, or ends its belonging. Who is admitted counts from the next round on."""

from dataclasses import replace as changed

from node.domain.kind import (
    Heard,
    Kind,
    Link,
    NotAllowedError,
    Scene,
    Thing,
    Thread,
    Verb,
    replace,
)
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas.admission import Admission
from schemas.join import Join

SAID = {
    "admitted": message("We admit {name}; it counts from the next round on."),
    "refused": message("We do not admit {name}."),
    "ended": message("{name} no longer belongs to us."),
}


def _join(record: Admission, scene: Scene) -> Thing | None:
    thing = scene.thing(record.join)
    return thing if thing is not None and thing.kind == Join.kind() else None


def _idle(admission: Thing, scene: Scene) -> bool:
    """Whether nobody comes in or goes out when it is withdrawn: a later one answers the same request, or that was withdrawn."""
    record = admission.record
    join = _join(record, scene) if isinstance(record, Admission) else None
    if not isinstance(record, Admission) or join is None or join.record is None:
        return True
    said = [
        each.id
        for each in scene.answering(record.join, "join")
        if each.owner == admission.owner and isinstance(each.record, Admission)
    ]
    return said[-1:] != [admission.id]


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """It answers a request to us that stands; who is not admitted reads why; what was said is not changed but followed, and the
    last word stays."""
    record = heard.record
    if not scene.ours(heard.actor):
        return
    if heard.verb is Verb.UPDATE and before is not None:
        raise NotAllowedError("outcome", "another admission; one that was published is never changed")
    if heard.verb is Verb.DELETE and before is not None and not _idle(before, scene):
        raise NotAllowedError(
            "outcome", "another admission first; the last word on a request is not withdrawn"
        )
    if not isinstance(record, Admission):
        return
    join = _join(record, scene)
    if join is None or not isinstance(join.record, Join) or join.record.fund != heard.actor:
        raise NotAllowedError("join", "a request to belong to us that stands")
    if record.outcome != "admitted" and record.reason is None:
        raise NotAllowedError("reason", "the reason; who asked reads it")


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """Its state is its outcome."""
    after = replace(before, heard, scene)
    if after is None or not isinstance(after.record, Admission):
        return after
    return changed(after, state=after.record.outcome)


def addressees(record: Admission, scene: Scene) -> tuple[str, ...]:
    """Whoever asked."""
    join = _join(record, scene)
    return (join.owner,) if join is not None else ()


def text(record: Admission, tongue: Tongue, scene: Scene) -> str:
    """`Integramos a la Olla La Esperanza; cuenta desde la próxima ronda.`"""
    join = _join(record, scene)
    name = scene.name(join.owner) if join is not None else record.join
    return paragraphs(scene, [tongue.say(SAID[record.outcome], name=name)], record.reason)


KIND = Kind(
    name="admission",
    record=Admission,
    text=text,
    roles=frozenset({"steward"}),
    links=lambda record: (Link("join", record.join),),
    check=check,
    fold=fold,
    thread=lambda record, _scene: Thread(record.join),
    addressees=addressees,
    hashtags=lambda _record, tongue: (tongue.say(message("mutualaid")),),
)
