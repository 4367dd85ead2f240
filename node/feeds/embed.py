"""oEmbed 1.0: how other sites show one of our posts, or a collective. Only text made safe leaves here, no script and no frame."""

from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from node.feeds.entries import Entry, readable
from node.shown import Photograph, Shown
from node.storage.collectives import Collective

AGE = 300
"""Seconds that an answer may be kept."""
_WIDEST = 1000
_USUAL = 600


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small photograph and its size."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Room:
    """The most pixels that there are, None where nobody said."""

    width: int | None
    height: int | None

    def holds(self, width: int, height: int) -> bool:
        """Whether something of this size has room."""
        return width <= (self.width or width) and height <= (self.height or height)

    def fitted(self, width: int, height: int) -> tuple[int, int]:
        """This size, smaller where it has no room."""
        share = min(1.0, (self.width or _USUAL) / width, (self.height or height) / height)
        return max(1, int(width * share)), max(1, int(height * share))


def of_post(shown: Shown, entry: Entry, small: Thumbnail | None, host: str, room: Room) -> dict[str, Any]:
    """A post: a quotation with its photographs, its author and its address. `small` is the first photograph as it is in lists."""
    author = f"{shown.author.name} (@{shown.author.handle})"
    link = f'<a href="{escape(shown.uri)}">{shown.published.date().isoformat()}</a>'
    pictures = "".join(_image(each, room) for each in entry.pictures)
    html = (
        f'<blockquote cite="{escape(shown.uri)}">{entry.html}{pictures}'
        f"<footer>— {escape(author)}, {link}</footer></blockquote>"
    )
    found = _rich(entry.title, shown.author.name, shown.author.uri, html, host, room)
    if small is None or not room.holds(small.width, small.height):
        return found
    return {
        **found,
        "thumbnail_url": small.url,
        "thumbnail_width": small.width,
        "thumbnail_height": small.height,
    }


def _image(picture: Photograph, room: Room) -> str:
    width, height = room.fitted(picture.width, picture.height) if picture.width and picture.height else (0, 0)
    size = f' width="{width}" height="{height}"' if width else ""
    return f'<p><img src="{escape(picture.url)}" alt="{escape(picture.alt)}"{size}></p>'


def of_collective(own: Collective, host: str, room: Room) -> dict[str, Any]:
    """A collective: what it says of itself, with its handle and its address."""
    link = f'<a href="{escape(own.uri)}">@{escape(own.handle)}@{escape(host)}</a>'
    said = f"<p><strong>{escape(own.name)}</strong></p>{own.summary}<footer>— {link}</footer>"
    html = f'<blockquote cite="{escape(own.uri)}">{said}</blockquote>'
    return _rich(own.name, own.name, own.uri, html, host, room)


def _rich(title: str, author: str, uri: str, html: str, host: str, room: Room) -> dict[str, Any]:
    return {
        "type": "rich",
        "version": "1.0",
        "title": title,
        "author_name": author,
        "author_url": uri,
        "provider_name": host,
        "provider_url": urlsplit(uri)._replace(path="/").geturl(),
        "cache_age": AGE,
        "html": html,
        "width": min(_WIDEST, room.width or _USUAL),
        "height": room.height,
    }


def as_xml(found: dict[str, Any]) -> bytes:
    """The same as XML."""
    root = Xml.Element("oembed")
    for name, value in found.items():
        Xml.SubElement(root, name).text = "" if value is None else readable(str(value))
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))
