"""note: what somebody writes in their own words."""

from collections.abc import Sequence

from node.domain.kind import Heard, Kind, Saying, Scene, Thing, Verb
from node.domain.markup import hashtags, to_html
from node.domain.matching import confirmed_of, delivered
from node.domain.wording import named_in
from node.tongues import Tongue
from schemas.need import Need
from schemas.note import Note

_ANCESTORS = 50


def text(record: Note, _tongue: Tongue, scene: Scene) -> str:
    """The words as they stand, with links."""
    return to_html(record.text, scene)


def consequences(before: Thing | None, _after: Thing | None, heard: Heard, scene: Scene) -> Sequence[Saying]:
    """A promise in a reply that its author deletes is no longer the promise that was confirmed; of one that she changes the node
    looks whether it promises the same (`receive.promises`)."""
    if before is None or heard.verb is not Verb.DELETE:
        return ()
    need = _need_above(before, scene)
    if need is None or not scene.ours(need.owner):
        return ()
    return [
        Saying(Verb.DELETE, pledge.kind, by=pledge.owner, about=pledge.id)
        for pledge in confirmed_of(before.id, need, scene)
        if not delivered(pledge, scene)[0]
    ]


def _need_above(reply: Thing, scene: Scene) -> Thing | None:
    """The need that a reply answers, directly or further up its thread."""
    above: Thing | None = reply
    for _ in range(_ANCESTORS):
        answered = above.document.get("inReplyTo") if above is not None else None
        above = scene.thing(answered) if isinstance(answered, str) else None
        if above is None or above.kind == Need.kind():
            return above
    return None


KIND = Kind(
    name="note",
    record=Note,
    text=text,
    translated=False,
    addressees=lambda record, scene: named_in(record.text, scene),
    consequences=consequences,
    hashtags=lambda record, _tongue: hashtags(record.text),
)
