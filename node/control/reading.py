"""Commands that read: timelines, one thing, relations."""

import json
from typing import Any

from node.board import Pledged, pledged, text_of
from node.control.commands import Call, Handler
from node.errors import InvalidError, UnknownError, WithdrawnError
from node.numbers import whole
from node.publish import FIND
from node.shown import Shelf, Shown, Text
from node.speak import may_read, tongues
from node.storage import follows, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.objects import Object
from node.storage.posts import Notification
from node.tongues import message
from schemas.note import Note

TIMELINES = ("home", "local", "notifications")
MOST = 200
"""Lines of one answer; a board gives one more, by which it is known that there are others."""
_REPLIES = 50
_EXCERPT = 100


def past_of(before: str | None) -> int | None:
    """The id before which a list goes on. InvalidError where it is none."""
    number = None if before is None else whole(before)
    if before is not None and number is None:
        raise InvalidError("before", message("an id, as timelines show it"))
    return number


def _told(shown: Shown, locale: str) -> dict[str, Any]:
    return {
        "id": str(shown.number),
        "uri": shown.uri,
        "author": shown.author.handle,
        "actor": shown.author.uri,
        "name": shown.author.name,
        "kind": shown.kind,
        "state": shown.state,
        "text": shown.text(locale).plain,
        "warning": shown.warning,
        "audience": shown.audience,
        "published": shown.published.isoformat(),
        "edited": None if shown.edited is None else shown.edited.isoformat(),
        "in_reply_to": shown.in_reply_to,
        "boosted_by": None if shown.boosted_by is None else shown.boosted_by.handle,
        "replies": shown.replies,
        "boosts": shown.boosts,
        "likes": shown.likes,
    }


def as_told(pledge: Pledged) -> dict[str, str]:
    """A pledge for a need, by the number with which it is accepted."""
    return {
        "id": str(pledge.id),
        "uri": pledge.uri,
        "state": pledge.state,
        "owner": pledge.owner.handle,
        "text": pledge.text,
    }


async def timeline(call: Call, *, which: str, limit: int = 20, before: str | None = None) -> Any:
    """What was said, newest first: by whom we follow (`home`), here (`local`), or to us (`notifications`)."""
    if which not in TIMELINES:
        raise InvalidError("timeline", message("one of these: {known}"), known=", ".join(TIMELINES))
    collective = await call.collective()
    past = past_of(before)
    most = max(1, min(limit, MOST))

    def look(snapshot: Snapshot) -> list[dict[str, Any]]:
        shelf = Shelf(snapshot, call.doors.config.origin, collective.uri)
        if which == "notifications":
            told = posts.notifications(snapshot, collective.id, before=past, limit=most)
            return [_notified(snapshot, shelf, each, collective) for each in told]
        rows = (
            posts.home(snapshot, collective.id, before=past, limit=most)
            if which == "home"
            else posts.local(snapshot, before=past, limit=most)
        )
        return [_told(shown, collective.locale) for shown in shelf.posts(rows)]

    return await call.doors.database.reader.run(look)


def _notified(snapshot: Snapshot, shelf: Shelf, told: Notification, collective: Collective) -> dict[str, Any]:
    post = None if told.post is None else posts.by_id(snapshot, told.post)
    shown = None if post is None else shelf.post(post)
    return {
        "id": str(told.id),
        "type": told.type,
        "author": shelf.author(told.actor).handle,
        "actor": told.actor,
        "at": told.at.isoformat(),
        "post": None if shown is None else _told(shown, collective.locale),
    }


async def show(call: Call, *, ref: str) -> Any:
    """One thing as it stands now, fetched where it is not known."""
    collective, speaker = await call.collective(), await call.speaker()
    uri = await call.doors.publisher.locate(speaker, ref)
    origin = call.doors.config.origin

    def look(snapshot: Snapshot) -> dict[str, Any]:
        row = objects.by_uri(snapshot, uri) or objects.by_alias(snapshot, uri)
        post = posts.by_uri(snapshot, uri)
        if row is None and post is not None and post.boost_of is not None:
            original = posts.by_id(snapshot, post.boost_of)
            row = None if original is None else objects.by_uri(snapshot, original.uri)
            post = original
        if row is None or not may_read(snapshot, row, collective.uri):
            raise UnknownError(
                message("Nothing that this collective may read is known as {id}."), hint=FIND, id=ref
            )
        if not row.document:
            raise WithdrawnError(message("{url} was withdrawn."), url=row.uri)
        shown = None if post is None else Shelf(snapshot, origin, collective.uri).post(post)
        return {
            **(
                {"text": text_of(snapshot, origin, row, tongues(collective)[0])}
                if shown is None
                else _told(shown, collective.locale)
            ),
            "id": str(row.id),
            "uri": row.uri,
            "kind": row.kind,
            "state": row.state,
            "owner": row.owner,
            "audience": row.audience,
            "due": None if row.due is None else row.due.isoformat(),
            "facts": row.facts,
            "pledges": [as_told(each) for each in pledged(snapshot, origin, row, collective)],
            "answers": _answers(snapshot, Shelf(snapshot, origin, collective.uri), row, collective.locale),
            "document": json.loads(row.document),
        }

    return await call.doors.database.reader.run(look)


def _answers(snapshot: Snapshot, shelf: Shelf, row: Object, locale: str) -> list[dict[str, str]]:
    """Plain replies to a thing, by the number with which one of a need is confirmed, with their first words."""
    found = shelf.posts(posts.replies(snapshot, row.uri, limit=_REPLIES))
    return [
        {
            "id": str(shown.number),
            "uri": shown.uri,
            "author": shown.author.handle,
            "text": _first_words(shown.text(locale)),
        }
        for shown in found
        if shown.kind == Note.kind()
    ]


def _first_words(text: Text) -> str:
    return f"{text.excerpt(_EXCERPT)}…" if len(text.plain) > _EXCERPT else text.plain


async def followers(call: Call) -> Any:
    """Who follows a collective."""
    return await _relations(call, "accepted")


async def requests(call: Call) -> Any:
    """Who asked to follow and waits."""
    return await _relations(call, "requested")


async def _relations(call: Call, state: str) -> Any:
    collective = await call.collective()

    def look(snapshot: Snapshot) -> list[dict[str, str]]:
        shelf = Shelf(snapshot, call.doors.config.origin, collective.uri)
        found = follows.followers(snapshot, collective.id, state=state)
        trusted = set(follows.trusted(snapshot, collective.id))
        return [
            _related(shelf, each.actor, "peer" if each.actor in trusted else each.state) for each in found
        ]

    return await call.doors.database.reader.run(look)


async def following(call: Call) -> Any:
    """Whom a collective follows or asked to follow."""
    collective = await call.collective()

    def look(snapshot: Snapshot) -> list[dict[str, str]]:
        shelf = Shelf(snapshot, call.doors.config.origin, collective.uri)
        return [_related(shelf, each.actor, each.state) for each in follows.followed(snapshot, collective.id)]

    return await call.doors.database.reader.run(look)


def _related(shelf: Shelf, actor: str, state: str) -> dict[str, str]:
    author = shelf.author(actor)
    return {"actor": actor, "handle": author.handle, "name": author.name, "state": state}


COMMANDS: dict[str, Handler] = {
    "timeline": timeline,
    "show": show,
    "relation.followers": followers,
    "relation.requests": requests,
    "relation.following": following,
}
