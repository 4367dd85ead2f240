"""join: a collective asks, from its own node, to belong to a fund. Withdrawn, it has left."""

from node.domain.kind import Heard, Kind, Link, NotAllowedError, Scene, Thing, Verb
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas.join import Join


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """Nobody joins itself, or twice; a request names one fund for good."""
    record = heard.record
    if not isinstance(record, Join):
        return
    if record.fund == heard.actor:
        raise NotAllowedError("fund", "another collective than the one that asks")
    former = before.record if before else None
    if isinstance(former, Join) and former.fund != record.fund:
        raise NotAllowedError("fund", "the same fund as before")
    if heard.verb is Verb.CREATE and scene.ours(heard.actor):
        for thing in scene.answering(record.fund, "fund"):
            if thing.owner == heard.actor and thing.record is not None:
                raise NotAllowedError(
                    "fund", "a fund that you have not asked yet; withdraw the first request"
                )


def text(record: Join, tongue: Tongue, scene: Scene) -> str:
    """`Pedimos integrarnos a Fondo Apoyo Mutuo. …`"""
    return paragraphs(
        scene, [tongue.say("We ask to belong to {name}.", name=scene.name(record.fund))], record.details
    )


KIND = Kind(
    name="join",
    record=Join,
    text=text,
    links=lambda record: (Link("fund", record.fund),),
    check=check,
    addressees=lambda record, _scene: (record.fund,),
    hashtags=lambda _record, tongue: (tongue.say(message("mutualaid")),),
)
