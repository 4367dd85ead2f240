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


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """It answers a request to us that stands; who is not admitted reads why; what was said is not changed but followed."""
    record = heard.record
    if not isinstance(record, Admission) or not scene.ours(heard.actor):
        return
    if heard.verb is Verb.UPDATE and before is not None:
        raise NotAllowedError("outcome", "another admission; one that was published is never changed")
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
