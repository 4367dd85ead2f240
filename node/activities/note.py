"""note: what somebody writes in their own words."""

from node.domain.kind import Kind, Scene
from node.domain.markup import hashtags, mentions, to_html
from node.tongues import Tongue
from schemas.note import Note


def text(record: Note, _tongue: Tongue, scene: Scene) -> str:
    """The words as they stand, with links."""
    return to_html(record.text, scene)


def addressees(record: Note, scene: Scene) -> tuple[str, ...]:
    """Everybody whom the words mention and whom we know."""
    return tuple(actor for handle in mentions(record.text) if (actor := scene.mention(handle)))


KIND = Kind(
    name="note",
    record=Note,
    text=text,
    translated=False,
    addressees=addressees,
    hashtags=lambda record, _tongue: hashtags(record.text),
)
