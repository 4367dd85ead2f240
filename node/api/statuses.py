"""Statuses: read, and said."""

import json
from collections.abc import Sequence
from typing import Any

from node.api.calls import NOT_FOUND, Call, found, get, number, post
from node.api.entities import JsonObject
from node.api.parameters import Values
from node.api.shelf import Shelf, viewer_of
from node.domain.kind import Audience
from node.domain.markup import mentions
from node.errors import InvalidError, UnknownError
from node.publish import Idempotency, Typed
from node.speak import may_read
from node.storage import activities, collectives, gathering, objects, posts, timelines
from node.storage import marks as marks_stored
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.media import Description
from node.storage.posts import Post
from node.tongues import message

AUDIENCES = {
    "public": Audience.PUBLIC,
    "unlisted": Audience.UNLISTED,
    "private": Audience.FOLLOWERS,
    "direct": Audience.DIRECT,
}
_CONTEXT = 1000
SENT = {"text": "status", "warning": "spoiler_text"}
"""How apps call the fields of a note."""


def readable(snapshot: Snapshot, number: int, viewer: Collective | None) -> Post:
    """A post or boost that the reader may read. UnknownError where there is none: what is private does not show that it is there."""
    row = found(posts.by_id(snapshot, number))
    original = row if row.boost_of is None else found(posts.by_id(snapshot, row.boost_of))
    thing = objects.by_uri(snapshot, original.uri)
    if thing is None or not may_read(snapshot, thing, "" if viewer is None else viewer.uri):
        raise UnknownError(NOT_FOUND)
    if row is not original and not timelines.visible(snapshot, viewer_of(viewer), [row.id]):
        raise UnknownError(NOT_FOUND)
    return row


def original_of(snapshot: Snapshot, number: int, viewer: Collective | None) -> Post:
    """The same; of a boost what was boosted."""
    row = readable(snapshot, number, viewer)
    return row if row.boost_of is None else found(posts.by_id(snapshot, row.boost_of))


async def shown(call: Call, number: int) -> JsonObject:
    """A post as it now is, for whoever calls."""

    def look(snapshot: Snapshot) -> JsonObject | None:
        row = readable(snapshot, number, call.viewer)
        return Shelf(snapshot, call.services, call.viewer, "thread").status(row)

    return found(await call.read(look))


async def show(call: Call) -> JsonObject:
    """`GET /api/v1/statuses/:id`, for anybody."""
    return await shown(call, call.id)


async def show_many(call: Call) -> list[JsonObject]:
    """`GET /api/v1/statuses?id[]=`, for anybody."""
    wanted = call.values.numbers("id")[:40]

    def look(snapshot: Snapshot) -> list[JsonObject]:
        rows = gathering.posts_by_id(snapshot, wanted)
        boosted = {row.boost_of for row in rows.values() if row.boost_of is not None}
        originals = rows | gathering.posts_by_id(snapshot, boosted)
        things = gathering.objects_by_uri(snapshot, {row.uri for row in originals.values()})
        boosts = timelines.visible(snapshot, viewer_of(call.viewer), [n for n in rows if rows[n].boost_of])
        reader = "" if call.viewer is None else call.viewer.uri

        def may(row: Post) -> bool:
            if row.boost_of is not None:
                original = originals.get(row.boost_of)
                return row.id in boosts and original is not None and may(original)
            thing = things.get(row.uri)
            return thing is not None and may_read(snapshot, thing, reader)

        seen = [rows[each] for each in dict.fromkeys(wanted) if each in rows and may(rows[each])]
        return Shelf(snapshot, call.services, call.viewer, "thread").statuses(seen)

    return await call.read(look)


async def context(call: Call) -> JsonObject:
    """`GET /api/v1/statuses/:id/context`, for anybody: what it answers, and what answers it, in the order of the thread."""

    def look(snapshot: Snapshot) -> JsonObject:
        shelf = Shelf(snapshot, call.services, call.viewer, "thread")
        center = original_of(snapshot, call.id, call.viewer)
        told = timelines.conversation(snapshot, shelf.viewer, center.conversation, limit=_CONTEXT)
        by_uri = {row.uri: row for row in told}
        above: list[Post] = []
        seen = {center.uri}
        parent = by_uri.get(center.reply_to or "")
        while parent is not None and parent.uri not in seen:
            seen.add(parent.uri)
            above.insert(0, parent)
            parent = by_uri.get(parent.reply_to or "")
        below = _descendants(told, center)
        statuses = {status["id"]: status for status in shelf.statuses([*above, *below])}
        return {
            "ancestors": [statuses[str(row.id)] for row in above if str(row.id) in statuses],
            "descendants": [statuses[str(row.id)] for row in below if str(row.id) in statuses],
        }

    found_context: JsonObject = await call.read(look)
    return found_context


def _descendants(told: list[Post], center: Post) -> list[Post]:
    """What answers a post, each answer followed by its own answers."""
    answers: dict[str, list[Post]] = {}
    for row in told:
        if row.reply_to is not None:
            answers.setdefault(row.reply_to, []).append(row)
    below: list[Post] = []
    waiting, seen = [*reversed(answers.get(center.uri, ()))], {center.uri}
    while waiting:
        row = waiting.pop()
        if row.uri not in seen:
            seen.add(row.uri)
            below.append(row)
            waiting.extend(reversed(answers.get(row.uri, ())))
    return below


async def create(call: Call) -> JsonObject:
    """`POST /api/v1/statuses`"""
    with call.as_sent(SENT, "status"):
        return await _create(call)


async def _create(call: Call) -> JsonObject:
    given = call.values
    if "scheduled_at" in given and given.text("scheduled_at"):
        raise InvalidError("scheduled_at", message("nothing; posts are published at once here"))
    if given.tree.get("poll"):
        raise InvalidError("poll", message("nothing; polls are not published from here"))
    text, pictures = given.words("status"), given.listed("media_ids")
    parent = given.words("in_reply_to_id") or None
    if parent is not None:
        answered = number(parent)
        await call.read(lambda snapshot: readable(snapshot, answered, call.viewer))
    fields = await fields_of(call, text, pictures)
    preferred = await call.read(lambda snapshot: marks_stored.preferences(snapshot, call.own.id))
    audience = _audience(given, preferred.get("privacy", "public") if parent is None else None)
    to = await _named(call, text) if audience is Audience.DIRECT else ()
    if audience is Audience.DIRECT and not to and parent is None:
        raise InvalidError(
            "status",
            message("somebody who is to read it, by name, like {example}"),
            example="@olla@olla.example",
        )
    key = call.request.headers.get("idempotency-key", "")
    typed = Typed(
        text=fields["text"],
        warning=fields["warning"],
        sensitive=fields.get("sensitive", preferred.get("sensitive") == "true" or None),
        audience=audience,
        to=to,
        in_reply_to=parent,
        pictures=tuple(pictures),
        language=given.language("language") or preferred.get("language", ""),
    )
    said = await call.services.doors.commands.say(
        call.speaker,
        typed,
        idempotency=Idempotency("statuses", key[:200], given.digestible()) if key else None,
    )
    return await shown(call, said.id)


async def _named(call: Call, text: str) -> tuple[str, ...]:
    """Whom a text for few names. A name without a host that no other collective here has is a word like any other."""

    def meant(snapshot: Snapshot, handle: str) -> bool:
        own = None if "@" in handle else collectives.by_handle(snapshot, handle)
        return "@" in handle or (own is not None and own.uri != call.own.uri)

    def look(snapshot: Snapshot) -> tuple[str, ...]:
        return tuple(each for each in mentions(text) if meant(snapshot, each))

    named: tuple[str, ...] = await call.read(look)
    return named


def _audience(given: Values, usual: str | None) -> Audience | None:
    """Who may read it. An answer without a choice is as wide as what it answers."""
    wanted = given.words("visibility") or usual
    if wanted is None:
        return None
    if wanted not in AUDIENCES:
        raise InvalidError("visibility", message("one of these: {known}"), known=", ".join(AUDIENCES))
    return AUDIENCES[wanted]


async def fields_of(
    call: Call, text: str, pictures: list[int], described: Sequence[Description] = ()
) -> dict[str, Any]:
    """The fields of a note. A photograph without words says what it shows."""
    given = call.values
    if not text.strip():
        if not pictures:
            raise InvalidError("status", message("can't be blank"))
        first = await call.services.attachments.medium(call.own, pictures[0])
        anew = [each.text for each in described if each.id == first.id and each.text is not None]
        text = (anew[-1] if anew else first.description) or "📷"
    fields: dict[str, Any] = {"text": text, "warning": given.words("spoiler_text").strip()}
    if (sensitive := given.decision("sensitive")) is not None:
        fields["sensitive"] = sensitive
    return fields


async def history(call: Call) -> list[JsonObject]:
    """`GET /api/v1/statuses/:id/history`, for anybody: each state that was said or heard, the first one first."""

    def look(snapshot: Snapshot) -> list[JsonObject]:
        row = original_of(snapshot, call.id, call.viewer)
        shelf = Shelf(snapshot, call.services, call.viewer, "thread")
        states = []
        for activity in activities.about(snapshot, row.uri):
            if activity.type in ("Create", "Update") and activity.body is not None:
                said = json.loads(activity.body)
                document = said if activity.transport == "fetch" else said.get("object")
                if isinstance(document, dict):
                    states.append((document, activity.at))
        return shelf.edits(row, states)

    return await call.read(look)


async def card(_call: Call) -> JsonObject:
    """`GET /api/v1/statuses/:id/card`, which apps asked for long ago."""
    return {}


ENDPOINTS = (
    get("/api/v1/statuses/{id}", show, "read:statuses", anybody=True),
    get("/api/v1/statuses/{id}/context", context, "read:statuses", anybody=True),
    get("/api/v1/statuses", show_many, "read:statuses", anybody=True),
    post("/api/v1/statuses", create, "write:statuses"),
    get("/api/v1/statuses/{id}/history", history, "read:statuses", anybody=True),
    get("/api/v1/statuses/{id}/card", card, "read:statuses", anybody=True),
)
