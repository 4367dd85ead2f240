"""A record as the Note that travels: text in every language, tags, typed data, addressing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

from federation import Addressed
from node.domain.kind import AnyKind
from node.speak.scene import LiveScene
from node.storage.media import Medium
from node.tongues import Tongue
from schemas import Record, context_for, to_wire
from schemas.note import Note

JsonObject = dict[str, Any]


_TAGS = 100
"""Tags of one Note that are read: more than any honest one bears."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that a Note says but its text, tags and typed data."""

    uri: str
    author: str
    published: str
    addressed: Addressed
    conversation: str
    in_reply_to: str | None = None
    updated: str | None = None
    attachment: Sequence[JsonObject] = ()
    cover: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""


def timestamp(moment: datetime) -> str:
    """A moment as it stands on the wire."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def note(
    kind: AnyKind,
    record: Record,
    draft: Draft,
    tongues: Sequence[Tongue],
    scene: LiveScene,
    named: Sequence[str],
) -> JsonObject:
    """The Note of a record, without its proof. `named` are actors that get a Mention besides those in the text."""
    own = (not kind.translated and draft.language) or tongues[0].language
    texts = {own: _text(kind, record, tongues[0], scene)}
    texts |= {spoken.language: _text(kind, record, spoken, scene) for spoken in tongues[1:]}
    mentions = {**{actor: f"@{scene.handle(actor)}" for actor in named}, **scene.mentions}
    tags = [
        *({"type": "Hashtag", "name": f"#{name}", "href": href} for name, href in scene.tags.items()),
        *({"type": "Mention", "href": actor, "name": name} for actor, name in mentions.items()),
    ]
    wire = to_wire(record, draft.uri)
    pictures = [each for each in draft.attachment if each.get("type") != "Link"]
    attached = [*kind.attachments(record, tongues[0], scene), *pictures]
    document: JsonObject = {
        "id": draft.uri,
        "type": "Note",
        "kind": wire.pop("kind"),
        "attributedTo": draft.author,
        "published": draft.published,
        **({"updated": draft.updated} if draft.updated else {}),
        "to": list(draft.addressed.to),
        "cc": list(draft.addressed.cc),
        "url": draft.uri,
        "content": texts[own],
        "contentMap": texts,
        **({"attachment": attached} if attached else {}),
        **({"tag": tags} if tags else {}),
        **({"inReplyTo": draft.in_reply_to} if draft.in_reply_to else {}),
        "context": draft.conversation,
        "replies": f"{draft.uri}/replies",
        **({} if isinstance(record, Note) else draft.cover),
        **wire,
    }
    return {"@context": context_for(document), **document}


def cover_of(record: Note) -> JsonObject:
    """What stands before a Note of any kind until a reader asks for the rest: its warning, and whether its pictures are delicate."""
    return cover_in(to_wire(record, ""))


def cover_in(document: Mapping[str, Any]) -> JsonObject:
    """The same of a Note that was said."""
    return {name: document[name] for name in ("summary", "sensitive") if name in document}


def _text(kind: AnyKind, record: Record, tongue: Tongue, scene: LiveScene) -> str:
    html: str = kind.text(record, tongue, scene)
    missing = []
    for name in kind.hashtags(record, tongue):
        url = scene.tag(name)
        if f'href="{escape(url)}"' not in html:
            missing.append(f'<a href="{escape(url)}" rel="tag">#{escape(name)}</a>')
    if not missing:
        return html
    links = " ".join(missing)
    return f"{html[:-4]} {links}</p>" if html.endswith("</p>") else f"{html}<p>{links}</p>"


def attachment_of(medium: Medium, media: str) -> JsonObject:
    """How a photograph of ours travels; `media` is the address below which its file is served."""
    across, down = (float(part) for part in medium.focus.split(","))
    picture = medium.picture
    return {
        "type": "Image",
        "mediaType": "image/jpeg",
        "url": f"{media}/{picture.name}.jpg",
        "name": medium.description or None,
        "width": picture.width,
        "height": picture.height,
        **({"focalPoint": [across, down]} if (across, down) != (0, 0) else {}),
        **({"blurhash": picture.blurhash} if picture.blurhash else {}),
    }


def is_pictured(document: Mapping[str, Any]) -> bool:
    """Whether a Note, ours or a peer's, bears pictures, sound or film."""
    attached = document.get("attachment")
    kinds = {"Document", "Image", "Video", "Audio"}
    return any(
        isinstance(each, Mapping) and each.get("type") in kinds
        for each in (attached if isinstance(attached, list) else [attached])[:32]
    )


def tags_of(document: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Hashtags, without `#`, and mentioned actors of a Note, ours or a peer's, within reason."""
    listed = document.get("tag")
    names: list[str] = []
    mentions: list[str] = []
    for tag in (listed if isinstance(listed, list) else [listed])[:_TAGS]:
        if not isinstance(tag, Mapping):
            continue
        name, href = tag.get("name"), tag.get("href")
        if tag.get("type") == "Hashtag" and isinstance(name, str):
            names.append(name.lstrip("#")[:100])
        elif tag.get("type") == "Mention" and isinstance(href, str):
            mentions.append(href)
    return names, mentions
