"""Whether a post that is saved again stands as it did: then nothing is said, and nobody is told that it was changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from node.domain.kind import NotAllowedError, Thing
from node.errors import InvalidError
from node.publish.door import known
from node.publish.typed import read_record
from node.storage import media
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from schemas import SchemaError
from schemas.note import Note

_COVER = ("warning", "sensitive")


def stands(
    snapshot: Snapshot,
    own: Collective,
    thing: Thing,
    given: Mapping[str, Any],
    *,
    cover: Mapping[str, Any] | None = None,
    pictures: Sequence[int] | None = None,
    described: Sequence[media.Description] = (),
    language: str = "",
) -> bool:
    """Whether `Publisher.revise` would change nothing that a reader sees: what it is given, of a thing as it stands."""
    before, kind = thing.record, known(thing.kind)
    if before is None:
        return False
    noted = isinstance(before, Note)
    words = {name: text for name, text in given.items() if not noted or name not in _COVER}
    try:
        same = read_record(snapshot, own, kind, words, {}, before) == before
    except (NotAllowedError, SchemaError, InvalidError):
        return False  # what changes it will say why it cannot
    spoken = next(iter(thing.document.get("contentMap", ())), "")
    return (
        same
        and (not noted or language in ("", spoken))
        and _covered(thing.document, given if noted else cover or {})
        and _pictured(snapshot, own, thing.document, pictures, described)
    )


def _covered(document: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether the same stands before it: apps say of what bears a warning that it is sensitive."""
    warning = document.get("summary") or ""
    sensitive = given.get("sensitive")
    shown = document.get("sensitive") is True or bool(warning)
    return given.get("warning", warning) == warning and sensitive in (None, shown)


def _pictured(
    snapshot: Snapshot,
    own: Collective,
    document: Mapping[str, Any],
    numbers: Sequence[int] | None,
    described: Sequence[media.Description],
) -> bool:
    """Whether it shows the same photographs, described as they are."""
    for each in described:
        medium = media.by_id(snapshot, own.id, each.id)
        if medium is None or each.text not in (None, medium.description):
            return False
        if each.focus is not None and _point(each.focus) != _point(medium.focus):
            return False
    if numbers is None:
        return True
    shown = [
        each["url"].rpartition("/")[2] for each in document.get("attachment", ()) if each["type"] == "Image"
    ]
    wanted = [media.by_id(snapshot, own.id, number) for number in numbers]
    return shown == [f"{each.picture.name}.jpg" if each else "" for each in wanted]


def _point(focus: str) -> list[float]:
    return [float(part) for part in focus.split(",")]
