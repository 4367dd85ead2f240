"""Statuses and accounts as one collective reads them: everything that a page needs is fetched for all of it at once.

A page of forty posts costs as many SQL statements as a page of one.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from node.api import cards, entities, pictures
from node.api.entities import VISIBILITIES, JsonObject, Proxy, decode, moment, text_of
from node.api.services import Services
from node.domain.markup import to_text
from node.speak.compose import tags_of
from node.speak.scene import tongue
from node.storage import collectives, filters, gathering, refusals
from node.storage.actors import Profile
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.filters import Filter
from node.storage.gathering import Counts, Tally
from node.storage.media import Medium
from node.storage.objects import Object
from node.storage.posts import Post
from node.storage.timelines import Viewer
from node.tongues import Tongue

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Load:
    """What was fetched for one page."""

    originals: dict[int, Post]
    objects: dict[str, Object]
    counts: dict[int, Counts]
    marks: dict[int, set[str]]
    parents: dict[str, Post]
    media: dict[str, list[Medium]]
    documents: dict[str, JsonObject]


class Shelf:
    """What a reader sees in one snapshot. `context` is where filters apply: home, notifications, public, thread, account."""

    def __init__(
        self, snapshot: Snapshot, services: Services, viewer: Collective | None, context: str = ""
    ) -> None:
        self._snapshot = snapshot
        self._services = services
        self._viewer = viewer
        self._context = context
        self._served = services.attachments.elsewhere.address
        self._refused = refusals.without_pictures(snapshot, None if viewer is None else viewer.id)
        self._media = services.attachments.base
        self._assets = f"{services.origin}/api/assets"
        self._own: dict[str, Collective] = {own.uri: own for own in collectives.every(snapshot)}
        self._profiles: dict[str, Profile] = {}
        self._tallies: dict[str, Tally] = {}
        self._relations: dict[int, tuple[int, int]] | None = None
        self._filters: list[Filter] | None = None
        self._accounts: dict[str, JsonObject] = {}

    @property
    def viewer(self) -> Viewer:
        """Who reads."""
        return viewer_of(self._viewer)

    def own(self, uri: str) -> Collective | None:
        """The collective of ours with this actor."""
        return self._own.get(uri)

    def statuses(self, rows: Sequence[Post]) -> list[JsonObject]:
        """Posts as Statuses, in their order. A boost of what is gone, or hidden by a filter, is left out."""
        if not rows:
            return []
        load = self._load(rows)
        shown = (self._drawn(row, load) for row in rows)
        return [status for status in shown if status is not None]

    def _drawn(self, row: Post, load: _Load) -> JsonObject | None:
        try:
            return self._status(row, load)
        except Exception:
            # One document that a stranger wrote must not keep a whole timeline from everybody.
            _log.exception("post %d cannot be drawn; it is left out", row.id)
            return None

    def status(self, row: Post) -> JsonObject | None:
        """One post, whatever filters say."""
        load = self._load([row])
        return self._status(row, load, hide=False)

    def known(self, uris: Sequence[str]) -> dict[str, JsonObject]:
        """Actors as Accounts, by URI: those of whom anything is kept, because only they have a number."""
        self._meet(uris)
        return {uri: self._account(uri) for uri in uris if self.number_of(uri)}

    def accounts(self, uris: Sequence[str]) -> list[JsonObject]:
        """The same in their order."""
        return list(self.known(uris).values())

    def account(self, uri: str) -> JsonObject:
        """One actor as Account."""
        self._meet([uri])
        return self._account(uri)

    def number_of(self, uri: str) -> int:
        """The number of an actor that was shown."""
        own = self._own.get(uri)
        known = self._profiles.get(uri)
        return own.id if own else known.id if known else 0

    def edits(self, post: Post, states: Sequence[tuple[JsonObject, datetime]]) -> list[JsonObject]:
        """The states of a post, each as StatusEdit."""
        local, account = post.collective is not None, self.account(post.actor)
        proxy = None if local else self._proxy(post.actor)
        kept = _kept(gathering.photographs(self._snapshot, {post.id} if local else ()), post)
        warnings = [to_text(text_of(document, "summary"))[:5000] for document, _ in states]
        return [
            {
                "content": entities.content_of(document, local=local),
                "spoiler_text": spoiler,
                "sensitive": document.get("sensitive") is True or bool(spoiler),
                "created_at": moment(at),
                "account": account,
                "poll": None,
                "media_attachments": pictures.attachments(
                    document, proxy, kept, 0, self._assets, self._media
                ),
                "emojis": [] if proxy is None else entities.emojis(document, proxy),
            }
            for (document, at), spoiler in zip(states, warnings, strict=True)
        ]

    def _proxy(self, author: str) -> Proxy:
        """Where a picture of somebody elsewhere is served; "" where the reader takes none from there."""

        def address(url: str, *, small: bool = False) -> str:
            refused = refusals.covers(self._refused, author, url)
            return "" if refused else self._served(url, small=small)

        return address

    def _meet(self, uris: Iterable[str]) -> None:
        """Fetch the actors that are not there yet."""
        unknown = {uri for uri in uris if uri not in self._own and uri not in self._profiles}
        self._profiles.update(gathering.profiles(self._snapshot, unknown))
        untold = {uri for uri in uris if uri not in self._tallies}
        if untold:
            self._accounts.clear()
            self._tallies.update(dict.fromkeys(untold, Tally()))
            self._tallies.update(gathering.tallies(self._snapshot, untold))
        if self._relations is None and any(uri in self._own for uri in uris):
            self._relations = gathering.relation_counts(self._snapshot)

    def _account(self, uri: str) -> JsonObject:
        """The Account of an actor, made once for all its posts."""
        if uri not in self._accounts:
            self._accounts[uri] = self._made(uri)
        return self._accounts[uri]

    def _made(self, uri: str) -> JsonObject:
        tally = self._tallies.get(uri, Tally())
        if (own := self._own.get(uri)) is not None:
            counts = (self._relations or {}).get(own.id, (0, 0))
            approve = self._services.config.relations.approve
            return entities.account_of_collective(
                own, tally, counts, approve=approve, assets=self._assets, media=self._media
            )
        if (profile := self._profiles.get(uri)) is not None:
            return entities.account_of_profile(profile, tally, self._proxy(uri), self._assets)
        return entities.account_of_nobody(uri, self._assets)

    def _load(self, rows: Sequence[Post]) -> _Load:
        snapshot = self._snapshot
        boosted = {row.boost_of for row in rows if row.boost_of is not None}
        originals = gathering.posts_by_id(snapshot, boosted)
        notes = {row.id: row for row in (*rows, *originals.values()) if row.boost_of is None}
        objects = gathering.objects_by_uri(snapshot, {note.uri for note in notes.values()})
        documents = {uri: decode(thing.document) for uri, thing in objects.items()}
        viewer = self.viewer
        named = {actor for document in documents.values() for actor in tags_of(document)[1]}
        parents = gathering.posts_by_uri(
            snapshot, {note.reply_to for note in notes.values() if note.reply_to is not None}
        )
        authors = {row.actor for row in rows} | {note.actor for note in notes.values()}
        self._meet(authors | named | {parent.actor for parent in parents.values()})
        local = {note.id for note in notes.values() if note.collective is not None}
        if self._filters is None:
            self._filters = filters.every(snapshot, viewer.id) if viewer.id else []
        return _Load(
            originals=originals,
            objects=objects,
            counts=gathering.counts(snapshot, notes),
            marks=gathering.marks(snapshot, viewer.id, viewer.uri, [*notes, *(row.id for row in rows)]),
            parents=parents,
            media=gathering.photographs(snapshot, local),
            documents=documents,
        )

    def _status(self, row: Post, load: _Load, *, hide: bool = True) -> JsonObject | None:
        if row.boost_of is None:
            return self._note(row, load, hide=hide)
        original = load.originals.get(row.boost_of)
        inner = None if original is None else self._note(original, load, hide=hide)
        if original is None or inner is None:
            return None
        return {
            **inner,
            "id": str(row.id),
            "uri": row.uri,
            "url": row.uri,
            "account": self._account(row.actor),
            "created_at": moment(row.published),
            "visibility": VISIBILITIES.get(row.audience, "public"),
            "in_reply_to_id": None,
            "in_reply_to_account_id": None,
            "edited_at": None,
            "pinned": False,
            "reblog": inner,
        }

    def _note(self, post: Post, load: _Load, *, hide: bool) -> JsonObject | None:
        document = load.documents.get(post.uri, {})
        if not document:
            return None
        local = post.collective is not None
        filtered = self._filtered(post, document)
        if hide and any(match["filter"]["filter_action"] == "hide" for match in filtered):
            return None
        counts = load.counts.get(post.id, Counts())
        marks = load.marks.get(post.id, set())
        parent = load.parents.get(post.reply_to or "")
        proxy = None if local else self._proxy(post.actor)
        tags, mentioned = tags_of(document)
        warning = text_of(document, "summary") if _has_warning(document) else ""
        spoiler = to_text(warning)[:5000] if warning else ""
        entity: JsonObject = {
            "id": str(post.id),
            "created_at": moment(post.published),
            "in_reply_to_id": None if parent is None else str(parent.id),
            "in_reply_to_account_id": None if parent is None else self._number(parent.actor),
            "sensitive": document.get("sensitive") is True or bool(spoiler),
            "spoiler_text": spoiler,
            "visibility": VISIBILITIES.get(post.audience, "direct"),
            "language": _language(document),
            "uri": post.uri,
            "url": entities.picture_url(document.get("url")) or post.uri,
            "replies_count": counts.replies,
            "reblogs_count": counts.boosts,
            "favourites_count": counts.likes,
            "edited_at": None if post.edited is None else moment(post.edited),
            "favourited": "liked" in marks,
            "reblogged": "boosted" in marks,
            "muted": "muted" in marks,
            "bookmarked": "bookmarked" in marks,
            "content": entities.content_of(document, local=local),
            "filtered": filtered,
            "reblog": None,
            "application": None,
            "account": self._account(post.actor),
            "media_attachments": pictures.attachments(
                document,
                proxy,
                _kept(load.media, post),
                post.id,
                self._assets,
                self._media,
            ),
            "mentions": [self._mention(actor) for actor in dict.fromkeys(mentioned) if self.number_of(actor)],
            "tags": [
                {"name": name.lower(), "url": f"{self._services.origin}/tags/{quote(name.lower())}"}
                for name in dict.fromkeys(name.lower() for name in tags if name)
            ],
            "emojis": [] if proxy is None else entities.emojis(document, proxy),
            "card": cards.card(
                document,
                entities.picture_url(document.get("url")) or post.uri,
                self._account(post.actor),
                urlsplit(post.actor).netloc,
                self._tongue(post.actor),
            ),
            "poll": entities.poll(document, post.id, self._snapshot.now),
            "quote": None,
        }
        if self._viewer is not None and post.actor == self._viewer.uri:
            entity["pinned"] = "pinned" in marks
        return entity

    def _tongue(self, actor: str) -> Tongue:
        """In which language a card is: the author's, where it is ours, else the reader's."""
        own = self._own.get(actor) or self._viewer or next(iter(self._own.values()), None)
        return tongue(own.locale, own.timezone) if own else tongue("en", "UTC")

    def _number(self, actor: str) -> str | None:
        number = self.number_of(actor)
        return str(number) if number else None

    def _mention(self, actor: str) -> JsonObject:
        account = self._account(actor)
        return {name: account[name] for name in ("id", "username", "url", "acct")}

    def _filtered(self, post: Post, document: JsonObject) -> list[JsonObject]:
        if not self._filters or (self._viewer is not None and post.actor == self._viewer.uri):
            return []
        text: str | None = None
        found = []
        for held in self._filters:
            if (self._context and self._context not in held.contexts) or _is_over(held, self._snapshot):
                continue
            if text is None:
                text = _searched(document)
            words = [
                word.keyword for word in held.keywords if _pattern(word.keyword, word.whole_word).search(text)
            ]
            posts = [str(each.post) for each in held.posts if each.post == post.id]
            if words or posts:
                found.append(
                    {
                        "filter": entities.filter_v2(held, whole=False),
                        "keyword_matches": words or None,
                        "status_matches": posts or None,
                    }
                )
        return found


def viewer_of(collective: Collective | None) -> Viewer:
    """A collective as the one that reads."""
    return Viewer() if collective is None else Viewer(collective.id, collective.uri)


def on_shelf(
    services: Services, viewer: Collective | None, context: str, use: Callable[[Snapshot, Shelf], Any]
) -> Callable[[Snapshot], Any]:
    """A reading function that is handed a shelf."""
    return lambda snapshot: use(snapshot, Shelf(snapshot, services, viewer, context))


def _language(document: JsonObject) -> str | None:
    """The author's own: the first of those in which a post is."""
    mapped = document.get("contentMap")
    first = next(iter(mapped), None) if isinstance(mapped, dict) else None
    return first[:35] if isinstance(first, str) else None


def _has_warning(document: JsonObject) -> bool:
    return document.get("type") in ("Note", "Question", None)


def _kept(media: Mapping[str, Sequence[Medium]], post: Post) -> Callable[[str], Sequence[Medium]]:
    """The photographs of a post that an address leads to."""
    return lambda url: media.get(
        f"{post.id}/{urlsplit(url).path.rpartition('/')[2].removesuffix('.jpg')}", ()
    )


def _is_over(held: Filter, snapshot: Snapshot) -> bool:
    return held.until is not None and held.until <= snapshot.now


def _searched(document: JsonObject) -> str:
    attached = document.get("attachment")
    names = (
        [text_of(each, "name") for each in attached if isinstance(each, dict)]
        if isinstance(attached, list)
        else []
    )
    return "\n".join([text_of(document, "summary"), to_text(text_of(document, "content")), *names])


@lru_cache(maxsize=1024)
def _pattern(keyword: str, whole_word: bool) -> re.Pattern[str]:
    """How a word is looked for: as letters, and whole where it begins or ends with one."""
    text = re.escape(keyword)
    if whole_word:
        text = (r"\b" if keyword[:1].isalnum() else "") + text + (r"\b" if keyword[-1:].isalnum() else "")
    return re.compile(text, re.IGNORECASE)
