"""DOOR. What only a collective knows: bookmarks, mutes, notes, filters, followed tags, read positions, preferences, reports.

It belongs to the collective; what a member has seen of what is new is hers alone. Nothing of it federates.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from node.errors import InvalidError, UnknownError
from node.storage import filters, marks, reports, visits
from node.storage.collectives import Collective
from node.storage.database import Database, Transaction
from node.storage.filters import Filter
from node.tongues import message

T = TypeVar("T")

CONTEXTS = ("home", "notifications", "public", "thread", "account")
ACTIONS = ("warn", "hide", "blur")
TIMELINES = ("home", "notifications")
NOTE_CHARS = 2000
COMMENT_CHARS = 1000
_TITLE_CHARS = 200
_KEYWORD_CHARS = 200
_LONGEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a filter as it is asked for: a new one, a change of the one with this `id`, or its end."""

    keyword: str | None = None
    whole_word: bool | None = None
    id: int | None = None
    destroy: bool = False


@dataclass(frozen=True, slots=True)
class FilterChange:
    """What is asked of a filter; what is None stays as it is. `lasts` is (seconds,), or (None,) for good."""

    title: str | None = None
    contexts: Sequence[str] | None = None
    action: str | None = None
    lasts: tuple[int | None] | None = None
    words: Sequence[Word] = ()


class Marks:
    """The door of what is private to a collective."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def bookmark(self, own: Collective, post: int, *, on: bool) -> None:
        """Bookmark a post, or no longer."""
        act = marks.bookmark if on else marks.unbookmark
        await self._write(lambda t: act(t, own.id, post))

    async def mute(self, own: Collective, actor: str, *, notifications: bool, seconds: int) -> None:
        """Mute an actor, for some seconds or (0) for good."""

        def apply(transaction: Transaction) -> None:
            until = transaction.now + min(timedelta(seconds=seconds), _LONGEST) if seconds > 0 else None
            marks.mute(transaction, own.id, actor, notifications=notifications, until=until)

        await self._write(apply)

    async def unmute(self, own: Collective, actor: str) -> None:
        """Hear an actor again."""
        await self._write(lambda t: marks.unmute(t, own.id, actor))

    async def mute_conversation(self, own: Collective, conversation: str, *, on: bool) -> None:
        """No notifications of a conversation, or again."""
        act = marks.mute_conversation if on else marks.unmute_conversation
        await self._write(lambda t: act(t, own.id, conversation))

    async def note(self, own: Collective, actor: str, comment: str) -> None:
        """Keep a note on an actor. InvalidError where it is too long."""
        if len(comment) > NOTE_CHARS:
            raise InvalidError("comment", message("at most {limit} characters"), limit=NOTE_CHARS)
        await self._write(lambda t: marks.note(t, own.id, actor, comment))

    async def want_boosts(self, own: Collective, actor: str, *, wanted: bool) -> None:
        """Whether boosts of an actor are shown at home."""
        await self._write(lambda t: marks.want_boosts(t, own.id, actor, wanted))

    async def follow_tag(self, own: Collective, tag: str, *, on: bool) -> None:
        """Follow a hashtag, or no longer."""
        act = marks.follow_tag if on else marks.unfollow_tag
        await self._write(lambda t: act(t, own.id, tag))

    async def mark_read(self, own: Collective, positions: Mapping[str, int]) -> None:
        """Move read positions, by timeline."""

        def apply(transaction: Transaction) -> None:
            for timeline, last_read in positions.items():
                if timeline in TIMELINES:
                    marks.mark_read(transaction, own.id, timeline, last_read)

        await self._write(apply)

    async def seen(self, own: Collective, member: int, position: int) -> None:
        """Note up to which id a member has seen what is new. Hers alone: nobody is shown it."""
        await self._write(lambda t: visits.move(t, member, own.id, position))

    async def prefer(self, own: Collective, given: Mapping[str, str]) -> None:
        """Change preferences."""
        await self._write(lambda t: marks.prefer(t, own.id, given))

    async def dismiss(self, own: Collective, notification: int | None) -> None:
        """Forget a notification, or all."""
        await self._write(lambda t: marks.dismiss(t, own.id, notification))

    async def report(
        self, own: Collective, actor: str, *, category: str, comment: str, posts: Sequence[int], key: str = ""
    ) -> int:
        """Report an actor to the stewards of this node; the report's number. It is not sent anywhere. The same `key` a second
        time changes nothing."""
        if len(comment) > COMMENT_CHARS:
            raise InvalidError("comment", message("at most {limit} characters"), limit=COMMENT_CHARS)
        return await self._write(
            lambda t: reports.add(
                t,
                own.id,
                actor,
                category=category or "other",
                comment=comment,
                posts=posts[:100],
                activity=f"form:{key}" if key else None,
            )
        )

    async def add_filter(self, own: Collective, change: FilterChange) -> int:
        """A new filter; its number. InvalidError names what is wrong."""

        def apply(transaction: Transaction) -> int:
            if len(filters.every(transaction, own.id)) >= filters.FILTERS:
                raise InvalidError("filters", message("at most {limit}"), limit=filters.FILTERS)
            empty = Filter(transaction.next_id(), own.id, "", (), "warn", None)
            _change(transaction, empty, change)
            return empty.id

        return await self._filtering(own, apply)

    async def change_filter(self, own: Collective, number: int, change: FilterChange) -> None:
        """Change a filter. UnknownError where there is none."""
        await self._filtering(own, lambda t: _change(t, _filter(t, own, number), change))

    async def remove_filter(self, own: Collective, number: int) -> None:
        """Forget a filter. UnknownError where there is none."""

        def apply(transaction: Transaction) -> None:
            if not filters.remove(transaction, own.id, number):
                raise UnknownError(message("Record not found"))

        await self._filtering(own, apply)

    async def put_keyword(self, own: Collective, number: int, word: Word) -> int:
        """Add a word to a filter, or change the word with its `id`; the word's number."""

        def apply(transaction: Transaction) -> int:
            return _word(transaction, _filter(transaction, own, number), word)

        return await self._filtering(own, apply)

    async def change_keyword(self, own: Collective, keyword: int, word: Word) -> int:
        """Change or end a word by its own number; the filter's number."""

        def apply(transaction: Transaction) -> int:
            number = filters.of_keyword(transaction, own.id, keyword)
            if number is None:
                raise UnknownError(message("Record not found"))
            _word(transaction, _filter(transaction, own, number), replace(word, id=keyword))
            return number

        return await self._filtering(own, apply)

    async def filter_post(self, own: Collective, number: int, post: int) -> int:
        """Hide a single post by a filter; the entry's number."""
        return await self._filtering(own, lambda t: filters.put_post(t, _filter(t, own, number).id, post))

    async def unfilter_post(self, own: Collective, entry: int) -> None:
        """Show a single post again."""

        def apply(transaction: Transaction) -> None:
            number = filters.of_post(transaction, own.id, entry)
            if number is None:
                raise UnknownError(message("Record not found"))
            filters.remove_post(transaction, number, entry)

        await self._filtering(own, apply)

    async def _filtering(self, own: Collective, job: Callable[[Transaction], T]) -> T:
        """Change filters, and tell the apps of the collective that they are others now."""

        def apply(transaction: Transaction) -> T:
            done = job(transaction)
            transaction.tell(("filters", own.id))
            return done

        return await self._write(apply)

    async def _write(self, job: Callable[[Transaction], T]) -> T:
        return await self._database.writer.run(job)


def _filter(transaction: Transaction, own: Collective, number: int) -> Filter:
    found = filters.every(transaction, own.id, number)
    if not found:
        raise UnknownError(message("Record not found"))
    return found[0]


def _change(transaction: Transaction, held: Filter, change: FilterChange) -> None:
    contexts = tuple(dict.fromkeys(held.contexts if change.contexts is None else change.contexts))
    title = (held.title if change.title is None else change.title).strip()
    action = held.action if change.action is None else change.action
    if not 0 < len(title) <= _TITLE_CHARS:
        raise InvalidError("title", message("1 to {limit} characters"), limit=_TITLE_CHARS)
    if not contexts or any(context not in CONTEXTS for context in contexts):
        raise InvalidError("context", message("some of these: {known}"), known=", ".join(CONTEXTS))
    if action not in ACTIONS:
        raise InvalidError("filter_action", message("one of these: {known}"), known=", ".join(ACTIONS))
    until = held.until if change.lasts is None else _until(transaction.now, change.lasts[0])
    filters.put(transaction, replace(held, title=title, contexts=contexts, action=action, until=until))
    if len(held.keywords) + len(change.words) > filters.KEYWORDS:
        raise InvalidError("keywords", message("at most {limit}"), limit=filters.KEYWORDS)
    for word in change.words:
        _word(transaction, held, word)


def _until(now: datetime, seconds: int | None) -> datetime | None:
    return (
        None if seconds is None else now + timedelta(seconds=min(max(0, seconds), _LONGEST.total_seconds()))
    )


def _word(transaction: Transaction, owner: Filter, word: Word) -> int:
    held = next((known for known in owner.keywords if known.id == word.id), None)
    if word.id is not None and held is None:
        raise UnknownError(message("Record not found"))
    if word.destroy:
        filters.remove_keywords(transaction, owner.id, [word.id or 0])
        return word.id or 0
    keyword = (word.keyword if word.keyword is not None else held.keyword if held else "").strip()
    if not 0 < len(keyword) <= _KEYWORD_CHARS:
        raise InvalidError("keyword", message("1 to {limit} characters"), limit=_KEYWORD_CHARS)
    if held is None and len(owner.keywords) >= filters.KEYWORDS:
        raise InvalidError("keywords", message("at most {limit}"), limit=filters.KEYWORDS)
    whole = word.whole_word if word.whole_word is not None else held.whole_word if held else False
    return filters.put_keyword(transaction, owner.id, keyword, whole_word=whole, number=word.id)
