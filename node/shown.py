"""A post as somebody reads it: whose it is, what it says, to whom, what it answers. Read from one snapshot.

Pages, the command line and the client API show the same things from here; what the reader may not read is not there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from node.domain.markup import beginning, sanitise, to_text
from node.remade import KINDS as PICTURES
from node.speak import LiveScene, may_read
from node.storage import collectives, gathering, media, refusals
from node.storage.database import Snapshot
from node.storage.gathering import Counts
from node.storage.objects import Object
from node.storage.posts import Post

_PICTURES = 4
_JPEG = "image/jpeg"
_LANGUAGES = 16
"""Of one text, no more than these are read."""
_ALT_CHARS = 1500
_KEPT_BYTES = 8192
"""Of documents and texts up to this size is kept in memory what was read from them: the same bytes say the same, and timelines show
the same posts again and again. Larger ones are read each time."""
_plain = lru_cache(maxsize=1024)(to_text)


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it."""

    uri: str
    name: str
    handle: str


@dataclass(frozen=True, slots=True)
class Text:
    """Safe HTML in one language; "" is a language that nobody named."""

    language: str
    html: str

    @property
    def plain(self) -> str:
        """The same without any markup."""
        return _plain(self.html) if len(self.html) <= _KEPT_BYTES else to_text(self.html)

    def beginning(self, chars: int) -> str:
        """The beginning of it on one line of a list, with "…" where more follows."""
        return beginning(self.plain, chars)

    def excerpt(self, chars: int) -> str:
        """The beginning of it, without markup, cut between words."""
        return self.plain[:chars].rpartition(" ")[0]


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture of a post, where its author serves it; `alt` says what is on it, `kind` is its media type as its author says it.
    Sizes are 0 where nobody said them. `name` is that of the kept photograph where it is ours."""

    url: str
    alt: str = ""
    width: int = 0
    height: int = 0
    kind: str = _JPEG
    name: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One post. `texts` has the author's own language first; `state` is the kind's word (`open`…).

    Of a boost, `boosted_by` and `number` are the boost's, everything else is of what was boosted.
    """

    number: int
    uri: str
    author: Author
    kind: str
    state: str
    texts: tuple[Text, ...]
    warning: str
    audience: str
    published: datetime
    edited: datetime | None
    in_reply_to: str | None
    replies: int
    boosts: int
    likes: int
    pictures: tuple[Photograph, ...] = ()
    boosted_by: Author | None = None

    def text(self, language: str = "") -> Text:
        """The text in this language, else in the author's own."""
        return in_language(self.texts, language)


class Shelf:
    """What one reader sees in one snapshot. `reader` is an actor URI, "" for a stranger."""

    def __init__(self, snapshot: Snapshot, origin: str, reader: str = "") -> None:
        self._snapshot = snapshot
        self._scene = LiveScene(snapshot, origin)
        self._reader = reader
        self._authors: dict[str, Author] = {}
        self._refused: frozenset[str] | None = None

    def author(self, uri: str) -> Author:
        """An actor as people read it; looked up once."""
        if uri not in self._authors:
            self._authors[uri] = Author(uri, *self._scene.called(uri))
        return self._authors[uri]

    def posts(self, rows: Iterable[Post]) -> list[Shown]:
        """Those of these posts that the reader may read."""
        rows = list(rows)
        boosted = {row.boost_of for row in rows if row.boost_of is not None}
        originals = gathering.posts_by_id(self._snapshot, boosted)
        notes = [row for row in (*rows, *originals.values()) if row.boost_of is None]
        things = gathering.objects_by_uri(self._snapshot, {note.uri for note in notes})
        counts = gathering.counts(self._snapshot, {note.id for note in notes})

        def one(row: Post) -> Shown | None:
            if row.boost_of is not None:
                original = originals.get(row.boost_of)
                shown = None if original is None else one(original)
                return shown and replace(shown, number=row.id, boosted_by=self.author(row.actor))
            thing = things.get(row.uri)
            if thing is None or not thing.document or not may_read(self._snapshot, thing, self._reader):
                return None
            return self._shown(thing, row, counts.get(row.id, Counts()))

        return [shown for row in rows if (shown := one(row)) is not None]

    def post(self, post: Post) -> Shown | None:
        """A post or boost; None where it is gone or not for this reader."""
        return next(iter(self.posts([post])), None)

    def _shown(self, row: Object, post: Post, counts: Counts) -> Shown:
        texts, warning, pictures = (
            _kept(row.document) if len(row.document) <= _KEPT_BYTES else _said(row.document)
        )
        return Shown(
            number=post.id,
            uri=post.uri,
            author=self.author(post.actor),
            kind=post.kind,
            state=row.state,
            texts=texts,
            warning=warning,
            audience=post.audience,
            published=post.published,
            edited=post.edited,
            in_reply_to=post.reply_to,
            replies=counts.replies,
            boosts=counts.boosts,
            likes=counts.likes,
            pictures=_ours(pictures) if row.collective is not None else self._taken(post.actor, pictures),
        )

    def _taken(self, author: str, pictures: tuple[Photograph, ...]) -> tuple[Photograph, ...]:
        """Those that the reader's collective takes from where they are and where their author is."""
        if not pictures:
            return ()
        if self._refused is None:
            own = collectives.by_uri(self._snapshot, self._reader)
            self._refused = refusals.without_pictures(self._snapshot, own.id if own else None)
        return tuple(each for each in pictures if not refusals.covers(self._refused, author, each.url))


def in_language(texts: Sequence[Text], language: str) -> Text:
    """The text in this language, else the first one: the author's own."""
    return next((text for text in texts if text.language == language), texts[0])


def texts_of(document: Mapping[str, Any]) -> tuple[Text, ...]:
    """The content in each language, made safe. Never empty."""
    mapped, content = document.get("contentMap"), document.get("content")
    texts = [
        Text(language[:35], sanitise(html))
        for language, html in islice(mapped.items() if isinstance(mapped, dict) else (), _LANGUAGES)
        if isinstance(html, str)
    ]
    return tuple(texts) or (Text("", sanitise(content) if isinstance(content, str) else ""),)


def _said(document: bytes) -> tuple[tuple[Text, ...], str, tuple[Photograph, ...]]:
    """The texts, the warning and the photographs of a stored document, whoever reads it."""
    read = json.loads(document)
    warning = read.get("summary")
    return texts_of(read), warning if isinstance(warning, str) else "", _pictures(read)


_kept = lru_cache(maxsize=1024)(_said)


def _pictures(document: Mapping[str, Any]) -> tuple[Photograph, ...]:
    attached = document.get("attachment")
    pictures = [
        each
        for each in (attached if isinstance(attached, list) else [attached])
        if isinstance(each, dict)
        and isinstance(url := each.get("url"), str)
        and url.startswith(("https://", "http://"))
        and (each.get("type") == "Image" or str(each.get("mediaType", "")).startswith("image/"))
    ]
    return tuple(
        Photograph(
            each["url"],
            name[:_ALT_CHARS] if isinstance(name := each.get("name"), str) else "",
            _side(each.get("width")),
            _side(each.get("height")),
            kind if isinstance(kind := each.get("mediaType"), str) and kind in PICTURES else _JPEG,
        )
        for each in pictures[:_PICTURES]
    )


def _ours(pictures: tuple[Photograph, ...]) -> tuple[Photograph, ...]:
    return tuple(replace(each, name=media.name_in(each.url)) for each in pictures)


def _side(size: object) -> int:
    return size if isinstance(size, int) and not isinstance(size, bool) and 0 < size < 100_000 else 0
