"""Statuses: read, say, change, withdraw, and what a collective does with them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from node.api.calls import NOT_FOUND, Call, delete, found, get, number, post, put
from node.api.entities import JsonObject, decode, text_of
from node.api.parameters import Values
from node.api.shelf import Shelf, viewer_of
from node.attachments import read_description
from node.domain.kind import Audience
from node.domain.markup import mentions, to_text
from node.domain.retyped import ACTS as COMMANDED
from node.domain.retyped import retyped, rewritten
from node.errors import InvalidError, UnknownError
from node.publish import Idempotency, Typed
from node.speak import may_read, tongues
from node.speak.scene import thing_of
from node.storage import activities, collectives, gathering, objects, posts, timelines
from node.storage import marks as marks_stored
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.media import Description
from node.storage.objects import Object
from node.storage.posts import Post
from node.tongues import message

AUDIENCES = {
    "public": Audience.PUBLIC,
    "unlisted": Audience.UNLISTED,
    "private": Audience.FOLLOWERS,
    "direct": Audience.DIRECT,
}
_CONTEXT = 1000
_SENT = {"text": "status", "warning": "spoiler_text"}
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
    with call.as_sent(_SENT, "status"):
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
    fields = await _fields(call, text, pictures)
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


async def _fields(
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


async def update(call: Call) -> JsonObject:
    """`PUT /api/v1/statuses/:id`. A need, an offer or a meal is edited as the command that says it (`source`); what no command
    can say is changed on its page. A plain post stays one, also where it is changed into a command: its author is told."""
    with call.as_sent(_SENT, "status"):
        return await _update(call)


async def _update(call: Call) -> JsonObject:
    given = call.values

    def look(snapshot: Snapshot) -> tuple[Post, Object]:
        row = readable(snapshot, call.id, call.viewer)
        thing = found(objects.by_uri(snapshot, row.uri))
        if thing.owner != call.own.uri:
            raise UnknownError(NOT_FOUND)
        return row, thing

    row, thing = await call.read(look)
    pictures = given.listed("media_ids") if "media_ids" in given else None
    changes = given.records("media_attributes", "id")
    described = [_description(change) for change in changes or ()]
    if changes is not None and pictures is None:
        pictures = [each.id for each in described]
    if thing.kind != "note":
        return await _rewrite(call, row, thing, pictures, described)
    fields = await _fields(call, given.words("status"), pictures or [], described)
    language = given.language("language") or ""
    await call.services.doors.publisher.revise(
        call.speaker,
        str(row.id),
        fields,
        pictures=pictures,
        described=described,
        language=language,
        also=call.services.doors.commands.uncounted(call.own, fields["text"]),
    )
    return await shown(call, row.id)


async def _rewrite(
    call: Call,
    row: Post,
    thing: Object,
    pictures: Sequence[int] | None,
    described: Sequence[Description],
) -> JsonObject:
    given, spoken = call.values, tongues(call.own)[0]
    text = given.words("status")
    if thing.kind not in COMMANDED:
        raise InvalidError(
            "status",
            message("a post that can be changed here: this one is changed on its page, {page}"),
            page=row.uri,
        )
    unchanged = text.strip() == _source(call, thing).strip()
    today = spoken.today(call.services.clock())
    fields = {} if unchanged else rewritten(text, thing.kind, spoken, today)
    if fields is None:
        raise InvalidError(
            "status",
            message("the text that it had, with other numbers; it can also be changed on its page, {page}"),
            page=row.uri,
        )
    cover = await _fields(call, text, []) if "spoiler_text" in given or "sensitive" in given else None
    if cover is not None and "spoiler_text" not in given:
        cover["warning"] = to_text(text_of(decode(thing.document), "summary"))
    await call.services.doors.publisher.revise(
        call.speaker, str(row.id), fields, pictures=pictures, described=described, cover=cover
    )
    return await shown(call, row.id)


def _description(change: Values) -> Description:
    return read_description(
        number(change.text("id")), description=change.given("description"), focus=change.given("focus")
    )


async def destroy(call: Call) -> JsonObject:
    """`DELETE /api/v1/statuses/:id`: what it was comes back with its source, for apps that let it be written anew."""

    def look(snapshot: Snapshot) -> JsonObject:
        row = readable(snapshot, call.id, call.viewer)
        if row.actor != call.own.uri:
            raise UnknownError(NOT_FOUND)
        shown = found(Shelf(snapshot, call.services, call.viewer, "thread").status(row))
        thing = objects.by_uri(snapshot, row.uri)
        return shown if thing is None else shown | {"text": _source(call, thing)}

    gone: JsonObject = await call.read(look)
    if gone["reblog"] is not None:
        await call.services.doors.reactions.undo(call.speaker, str(call.id), only="boost")
    else:
        await call.services.doors.publisher.withdraw(call.speaker, str(call.id))
    return gone


def _source(call: Call, thing: Object) -> str:
    """What was typed, or what would be typed to say it."""
    document = decode(thing.document)
    spoken = tongues(call.own)[0]
    command = retyped(thing_of(thing).record, spoken, spoken.today(call.services.clock()))
    source = document.get("source")
    written = text_of(source, "content") if isinstance(source, Mapping) else ""
    return command or written or to_text(text_of(document, "content"))


async def source(call: Call) -> JsonObject:
    """`GET /api/v1/statuses/:id/source`"""

    def look(snapshot: Snapshot) -> JsonObject:
        row = original_of(snapshot, call.id, call.viewer)
        if row.actor != call.own.uri:
            raise UnknownError(NOT_FOUND)
        thing = found(objects.by_uri(snapshot, row.uri))
        document = decode(thing.document)
        return {
            "id": str(row.id),
            "text": _source(call, thing),
            "spoiler_text": to_text(text_of(document, "summary")),
        }

    held: JsonObject = await call.read(look)
    return held


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
    put("/api/v1/statuses/{id}", update, "write:statuses"),
    delete("/api/v1/statuses/{id}", destroy, "write:statuses"),
    get("/api/v1/statuses/{id}/source", source, "read:statuses"),
    get("/api/v1/statuses/{id}/history", history, "read:statuses", anybody=True),
    get("/api/v1/statuses/{id}/card", card, "read:statuses", anybody=True),
)
