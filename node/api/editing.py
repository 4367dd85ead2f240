"""What its author does with a status that stands: see what she typed, change it, take it back."""

from collections.abc import Mapping, Sequence
from typing import Any

from node.api.calls import NOT_FOUND, Call, delete, found, get, number, put
from node.api.entities import VISIBILITIES, JsonObject, decode, text_of
from node.api.parameters import Values
from node.api.shelf import Shelf
from node.api.statuses import SENT, fields_of, original_of, readable, shown
from node.attachments import read_description
from node.domain.kind import Thing
from node.domain.markup import to_text
from node.domain.matching import need_of
from node.domain.retyped import ACTS as COMMANDED
from node.domain.retyped import retyped, retyped_pledge, rewritten
from node.errors import InvalidError, UnknownError
from node.publish import offer_told, stands
from node.speak import LiveScene, tongues
from node.speak.scene import thing_of
from node.storage import objects, posts
from node.storage.database import Snapshot
from node.storage.media import Description
from node.storage.objects import Object
from node.storage.posts import Post
from node.tongues import message
from schemas.pledge import Pledge


async def update(call: Call) -> JsonObject:
    """`PUT /api/v1/statuses/:id`. A need, an offer or a meal is edited as the command that says it (`source`); what no command
    can say is changed on its page. A plain post stays one, also where it is changed into a command: its author is told."""
    with call.as_sent(SENT, "status"):
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
    fields = await fields_of(call, given.words("status"), pictures or [], described)
    language = given.language("language") or ""
    if await _stands(call, thing, fields, pictures=pictures, described=described, language=language):
        return await shown(call, row.id)
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
    cover = await fields_of(call, text, []) if "spoiler_text" in given or "sensitive" in given else None
    if cover is not None and "spoiler_text" not in given:
        cover["warning"] = to_text(text_of(decode(thing.document), "summary"))
    if not await _stands(call, thing, fields, pictures=pictures, described=described, cover=cover):
        await call.services.doors.publisher.revise(
            call.speaker, str(row.id), fields, pictures=pictures, described=described, cover=cover
        )
    return await shown(call, row.id)


async def _stands(call: Call, thing: Object, fields: Mapping[str, Any], **more: Any) -> bool:
    """Whether it is saved as it was: apps do so when somebody looks at it in the box for changes."""
    same: bool = await call.read(lambda snapshot: stands(snapshot, call.own, thing_of(thing), fields, **more))
    return same


def _description(change: Values) -> Description:
    return read_description(
        number(change.text("id")), description=change.given("description"), focus=change.given("focus")
    )


async def destroy(call: Call) -> JsonObject:
    """`DELETE /api/v1/statuses/:id`: what it was comes back with its source, for apps that let it be written anew. With the message
    that tells of an offer the offer is taken back, and its command comes back."""

    def look(snapshot: Snapshot) -> JsonObject:
        row = readable(snapshot, call.id, call.viewer)
        if row.actor != call.own.uri:
            raise UnknownError(NOT_FOUND)
        shown = found(Shelf(snapshot, call.services, call.viewer, "thread").status(row))
        thing = objects.by_uri(snapshot, row.uri)
        offer = offer_told(snapshot, call.services.origin, call.own.uri, row.uri)
        if offer is not None:
            return shown | _offered(snapshot, call, offer)
        return shown if thing is None else shown | {"text": _source(call, thing)}

    gone: JsonObject = await call.read(look)
    if gone["reblog"] is not None:
        await call.services.doors.reactions.undo(call.speaker, str(call.id), only="boost")
    else:
        await call.services.doors.commands.withdraw(call.speaker, str(call.id))
    return gone


def _offered(snapshot: Snapshot, call: Call, offer: Thing) -> JsonObject:
    """An offer as it would be typed again, in answer to its need."""
    record, spoken = offer.record, tongues(call.own)[0]
    if not isinstance(record, Pledge):
        return {}
    need = need_of(record, LiveScene(snapshot, call.services.origin))
    post = None if need is None else posts.by_uri(snapshot, need.id)
    text = retyped_pledge(record, spoken, spoken.today(call.services.clock()))
    # As open as the need, so that its details may be said again; the message that told of it was direct.
    given = {"text": text} if text else {}
    return given | (
        {"in_reply_to_id": str(post.id), "visibility": VISIBILITIES.get(post.audience, "direct")}
        if post
        else {}
    )


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


ENDPOINTS = (
    put("/api/v1/statuses/{id}", update, "write:statuses"),
    delete("/api/v1/statuses/{id}", destroy, "write:statuses"),
    get("/api/v1/statuses/{id}/source", source, "read:statuses"),
)
