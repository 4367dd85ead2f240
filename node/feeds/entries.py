"""What stands in a feed, read from one snapshot: the posts of a collective, the open lines of the board, the public account."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from node.activities import REGISTRY
from node.board import board
from node.domain.expression import expression
from node.domain.markup import to_text
from node.shown import Photograph, Shelf, Shown
from node.storage import collectives, gathering, objects, timelines
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.objects import Object
from node.storage.posts import Post
from node.tongues import Tongue

LENGTH = 30
"""Entries of one feed."""
_TITLE = 110

ACCOUNT = tuple(kind.name for kind in REGISTRY.values() if kind.public_only)
"""The kinds that stand in the public account."""

_UNREADABLE = expression("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `id` and `url` are the post's own address, for ever; `html` is safe."""

    id: str
    title: str
    html: str
    author: str
    published: datetime
    updated: datetime
    tags: tuple[str, ...] = ()
    pictures: tuple[Photograph, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `url` is the address without the ending that says its format, `query` what stands behind that, `page` where people
    read the same; `since` is when there began to be one."""

    url: str
    page: str
    title: str
    about: str
    language: str
    since: datetime
    entries: Sequence[Entry]
    query: str = ""

    @property
    def updated(self) -> datetime:
        """When the newest entry changed."""
        return max((entry.updated for entry in self.entries), default=self.since)

    def at(self, ending: str) -> str:
        """The address of the feed itself in a format."""
        return f"{self.url}.{ending}{self.query}"


Proxy = Callable[[str, str], str]
"""From the URL and the name of a picture to where this node serves it (`Attachments.address`)."""


def of_collective(snapshot: Snapshot, origin: str, own: Collective, tongue: Tongue, proxy: Proxy) -> Feed:
    """What a collective publishes, answers left out."""
    rows = timelines.openings(snapshot, own.uri, limit=LENGTH)
    return Feed(
        url=f"{own.uri}/feed",
        page=own.uri,
        title=own.name,
        about=readable(to_text(own.summary)),
        language=tongue.language,
        since=own.created,
        entries=_entries(snapshot, origin, rows, tongue, proxy),
    )


def of_account(snapshot: Snapshot, origin: str, own: Collective, tongue: Tongue, proxy: Proxy) -> Feed:
    """What a collective books: gifts, expenses, transfers, allocations."""
    booked = [
        row
        for kind in ACCOUNT
        for row in objects.of_owner(snapshot, own.uri, kind, limit=LENGTH)
        if row.audience == "public"
    ]
    newest = sorted(booked, key=lambda row: row.id, reverse=True)[:LENGTH]
    told = gathering.posts_by_uri(snapshot, {row.uri for row in newest})
    rows = (told.get(row.uri) for row in newest)
    return Feed(
        url=f"{own.uri}/account",
        page=f"{own.uri}/account",
        title=tongue.say("Public account of {name}", name=own.name),
        about=tongue.say("Every gift, expense and transfer, as it was published."),
        language=tongue.language,
        since=own.created,
        entries=_entries(snapshot, origin, (row for row in rows if row), tongue, proxy),
    )


def of_board(snapshot: Snapshot, origin: str, host: str, tongue: Tongue, proxy: Proxy) -> Feed:
    """What is asked and offered now, here and by those whom this node follows."""
    lines = board(snapshot, origin, "", only_open=True, limit=LENGTH)
    told = gathering.posts_by_uri(snapshot, {line.uri for line in lines})
    rows = (told.get(line.uri) for line in lines)
    return Feed(
        url=f"{origin}/board",
        page=f"{origin}/board",
        title=tongue.say("Board of {host}", host=host),
        about=tongue.say("What is needed and what is offered, here and by those whom this node follows."),
        language=tongue.language,
        since=min((own.created for own in collectives.every(snapshot)), default=snapshot.now),
        entries=_entries(snapshot, origin, (row for row in rows if row), tongue, proxy),
    )


def _entries(
    snapshot: Snapshot, origin: str, rows: Iterable[Post], tongue: Tongue, proxy: Proxy
) -> list[Entry]:
    shown = Shelf(snapshot, origin).posts(rows)
    things = gathering.objects_by_uri(snapshot, {each.uri for each in shown})
    return [entry_of(things.get(each.uri), each, tongue, proxy) for each in shown]


def entry_of(row: Object | None, shown: Shown, tongue: Tongue, proxy: Proxy) -> Entry:
    """A post as an entry, in a language if it is said in it. What is behind a warning shows only the warning."""
    document: dict[str, Any] = msgspec.json.decode(row.document) if row and row.document else {}
    text = shown.text(tongue.language)
    html = f"<p>{_escaped(shown.warning)}</p>" if shown.warning else text.html
    tags = document.get("tag")
    return Entry(
        id=shown.uri,
        title=readable(shown.warning or title_of(text.plain, shown.author.name, tongue)),
        html=readable(html),
        author=readable(shown.author.name),
        published=shown.published,
        updated=shown.edited or shown.published,
        tags=tuple(
            readable(str(tag.get("name", "")).lstrip("#"))
            for tag in (tags if isinstance(tags, list) else ())[:20]
            if isinstance(tag, dict) and tag.get("type") == "Hashtag"
        ),
        pictures=() if shown.warning else _pictures(shown, proxy),
    )


def title_of(plain: str, author: str, tongue: Tongue) -> str:
    """The beginning of a text, cut between words, without what could be read as markup."""
    first = next((line.strip() for line in unmarked(plain).splitlines() if line.strip()), "")
    sentence = re.split(r"(?<=[.!?])\s", first, maxsplit=1)[0]
    if not sentence:
        return tongue.say("A post of {name}", name=author)
    return (
        sentence
        if len(sentence) <= _TITLE
        else f"{sentence[:_TITLE].rpartition(' ')[0] or sentence[:_TITLE]}…"
    )


def unmarked(plain: str) -> str:
    """A text without what could be read as markup: some readers take a title for HTML."""
    return plain.translate({ord("<"): "‹", ord(">"): "›"})


def _pictures(shown: Shown, proxy: Proxy) -> tuple[Photograph, ...]:
    return tuple(
        replace(each, url=proxy(each.url, each.name), alt=readable(each.alt)) for each in shown.pictures
    )


def readable(text: str) -> str:
    """A text without the control characters that XML has no place for."""
    return _UNREADABLE.sub("", text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
