"""oEmbed 1.0: how other sites show one of our posts. Only text made safe leaves here, no script and no frame."""

from html import escape
from typing import Any
from xml.etree import ElementTree as Xml

from node.feeds.entries import Entry
from node.shown import Shown

WIDTHS = (220, 1000)
_USUAL = 600


def rich(shown: Shown, entry: Entry, host: str, origin: str, most: int | None) -> dict[str, Any]:
    """The response of type `rich`: a quotation with its author and its address. `most` is the width that there is."""
    width = max(WIDTHS[0], min(WIDTHS[1], _USUAL if most is None else most))
    author = f"{shown.author.name} (@{shown.author.handle})"
    day = shown.published.date().isoformat()
    return {
        "type": "rich",
        "version": "1.0",
        "title": entry.title,
        "author_name": shown.author.name,
        "author_url": shown.author.uri,
        "provider_name": host,
        "provider_url": f"{origin}/",
        "cache_age": 3600,
        "html": f'<blockquote cite="{escape(shown.uri)}">{entry.html}<footer>— {escape(author)}, <a href="{escape(shown.uri)}">'
        f"{day}</a></footer></blockquote>",
        "width": width,
        "height": None,
    }


def as_xml(found: dict[str, Any]) -> bytes:
    """The same as XML."""
    root = Xml.Element("oembed")
    for name, value in found.items():
        Xml.SubElement(root, name).text = "" if value is None else str(value)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))
