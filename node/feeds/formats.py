"""The same feed in three formats: Atom (RFC 4287), RSS 2.0, JSON Feed 1.1."""

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as Xml

import msgspec

from node.feeds.entries import Entry, Feed, unmarked

ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"


def atom(feed: Feed) -> bytes:
    """As an Atom feed."""
    root = Xml.Element("feed", {"xmlns": ATOM, f"{{{_XML}}}lang": feed.language})
    _put(root, "id", f"{feed.url}.atom")
    _put(root, "title", feed.title)
    if feed.about:
        _put(root, "subtitle", feed.about)
    _put(root, "updated", _moment(feed.updated))
    Xml.SubElement(root, "link", rel="self", type="application/atom+xml", href=feed.at("atom"))
    Xml.SubElement(root, "link", rel="alternate", type="text/html", href=feed.page)
    _put(root, "generator", "Minga")
    for entry in feed.entries:
        _atom_entry(root, entry)
    return _document(root)


def _atom_entry(root: Xml.Element, entry: Entry) -> None:
    item = Xml.SubElement(root, "entry")
    _put(item, "id", entry.id)
    _put(item, "title", entry.title)
    _put(item, "published", _moment(entry.published))
    _put(item, "updated", _moment(entry.updated))
    _put(Xml.SubElement(item, "author"), "name", entry.author)
    Xml.SubElement(item, "link", rel="alternate", type="text/html", href=entry.id)
    for picture in entry.pictures:
        Xml.SubElement(item, "link", rel="enclosure", type=picture.kind, href=picture.url, title=picture.alt)
    for tag in entry.tags:
        Xml.SubElement(item, "category", term=tag)
    content = _put(item, "content", entry.html)
    content.set("type", "html")


def rss(feed: Feed) -> bytes:
    """As an RSS 2.0 feed."""
    root = Xml.Element(
        "rss", {"version": "2.0", "xmlns:atom": ATOM, "xmlns:dc": "http://purl.org/dc/elements/1.1/"}
    )
    channel = Xml.SubElement(root, "channel")
    _put(channel, "title", unmarked(feed.title))
    _put(channel, "link", feed.page)
    _put(channel, "description", unmarked(feed.about or feed.title))
    _put(channel, "language", feed.language)
    _put(channel, "lastBuildDate", format_datetime(feed.updated))
    _put(channel, "generator", "Minga")
    Xml.SubElement(channel, "atom:link", rel="self", type="application/rss+xml", href=feed.at("rss"))
    for entry in feed.entries:
        item = Xml.SubElement(channel, "item")
        _put(item, "title", entry.title)
        _put(item, "link", entry.id)
        guid = _put(item, "guid", entry.id)
        guid.set("isPermaLink", "true")
        _put(item, "pubDate", format_datetime(entry.published))
        _put(item, "dc:creator", entry.author)
        for tag in entry.tags:
            _put(item, "category", tag)
        pictures = "".join(
            f'<p><img src="{_quoted(p.url)}" alt="{_quoted(p.alt)}"></p>' for p in entry.pictures
        )
        _put(item, "description", entry.html + pictures)
    return _document(root)


def json_feed(feed: Feed) -> bytes:
    """As a JSON Feed."""
    items = [
        {
            "id": entry.id,
            "url": entry.id,
            "title": entry.title,
            "content_html": entry.html,
            "date_published": _moment(entry.published),
            "date_modified": _moment(entry.updated),
            "authors": [{"name": entry.author}],
            **({"tags": list(entry.tags)} if entry.tags else {}),
            **(
                {
                    "image": entry.pictures[0].url,
                    "attachments": [
                        {
                            "url": p.url,
                            "mime_type": p.kind,
                            **({"title": p.alt} if p.alt else {}),
                        }
                        for p in entry.pictures
                    ],
                }
                if entry.pictures
                else {}
            ),
        }
        for entry in feed.entries
    ]
    return msgspec.json.encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": feed.page,
            "feed_url": feed.at("json"),
            "description": feed.about,
            "language": feed.language,
            "items": items,
        }
    )


FORMATS: Mapping[str, tuple[str, Callable[[Feed], bytes]]] = {
    "atom": ("application/atom+xml; charset=utf-8", atom),
    "rss": ("application/rss+xml; charset=utf-8", rss),
    "json": ("application/feed+json; charset=utf-8", json_feed),
}
"""By the ending of the address: the media type, and how it is written."""


def _put(parent: Xml.Element, name: str, text: str) -> Xml.Element:
    element = Xml.SubElement(parent, name)
    element.text = text
    return element


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _document(root: Xml.Element) -> bytes:
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))
