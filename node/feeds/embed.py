"""oEmbed 1.0: how other sites show one of our posts, or a collective. Only text made safe leaves here, no script and no frame."""

from html import escape
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from node.feeds.entries import Entry, readable
from node.shown import Shown
from node.storage.collectives import Collective

_WIDEST = 1000
_USUAL = 600


def of_post(shown: Shown, entry: Entry, host: str, most: int | None) -> dict[str, Any]:
    """A post: a quotation with its author and its address. `most` is the width that there is."""
    author = f"{shown.author.name} (@{shown.author.handle})"
    link = f'<a href="{escape(shown.uri)}">{shown.published.date().isoformat()}</a>'
    html = f'<blockquote cite="{escape(shown.uri)}">{entry.html}<footer>— {escape(author)}, {link}</footer></blockquote>'
    return _rich(entry.title, shown.author.name, shown.author.uri, html, host, most)


def of_collective(own: Collective, host: str, most: int | None) -> dict[str, Any]:
    """A collective: what it says of itself, with its handle and its address."""
    link = f'<a href="{escape(own.uri)}">@{escape(own.handle)}@{escape(host)}</a>'
    html = f'<blockquote cite="{escape(own.uri)}"><p><strong>{escape(own.name)}</strong></p>{own.summary}<footer>— {link}</footer></blockquote>'
    return _rich(own.name, own.name, own.uri, html, host, most)


def _rich(title: str, author: str, uri: str, html: str, host: str, most: int | None) -> dict[str, Any]:
    return {
        "type": "rich",
        "version": "1.0",
        "title": title,
        "author_name": author,
        "author_url": uri,
        "provider_name": host,
        "provider_url": urlsplit(uri)._replace(path="/").geturl(),
        "cache_age": 3600,
        "html": html,
        "width": min(_WIDEST, _USUAL if most is None else most),
        "height": None,
    }


def as_xml(found: dict[str, Any]) -> bytes:
    """The same as XML."""
    root = Xml.Element("oembed")
    for name, value in found.items():
        Xml.SubElement(root, name).text = "" if value is None else readable(str(value))
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))
