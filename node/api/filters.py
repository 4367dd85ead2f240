"""Filters, version 2."""

from node.api.calls import Call, Endpoint, delete, found, get, number, post, put
from node.api.entities import JsonObject, filter_v2, keyword
from node.api.parameters import Values
from node.api.statuses import readable
from node.errors import InvalidError
from node.marks import FilterChange, Word
from node.storage import filters
from node.storage.database import Snapshot
from node.storage.filters import Filter
from node.tongues import message


async def every(call: Call) -> list[JsonObject]:
    """`GET /api/v2/filters`"""
    own = call.own
    held = await call.read(lambda snapshot: filters.every(snapshot, own.id))
    return [filter_v2(each) for each in held]


async def show(call: Call) -> JsonObject:
    """`GET /api/v2/filters/:id`"""
    return filter_v2(await _held(call, call.id))


async def _held(call: Call, wanted: int) -> Filter:
    own = call.own
    held = await call.read(lambda snapshot: filters.every(snapshot, own.id, wanted))
    return found(next(iter(held), None))


def _word(given: Values) -> Word:
    return Word(
        keyword=given.given("keyword"),
        whole_word=given.flag("whole_word"),
        id=given.number("id"),
        destroy=bool(given.flag("_destroy")),
    )


def _change(given: Values) -> FilterChange:
    lasts: tuple[int | None] | None = None
    if "expires_in" in given:
        lasts = (given.number("expires_in"),)
    return FilterChange(
        title=given.given("title"),
        contexts=given.texts("context") if "context" in given else None,
        action=given.given("filter_action"),
        lasts=lasts,
        words=[_word(each) for each in given.rows("keywords_attributes")],
    )


async def create(call: Call) -> JsonObject:
    """`POST /api/v2/filters`"""
    made = await call.services.marks.add_filter(call.shared, _change(call.values))
    return filter_v2(await _held(call, made))


async def update(call: Call) -> JsonObject:
    """`PUT /api/v2/filters/:id`"""
    await call.services.marks.change_filter(call.shared, call.id, _change(call.values))
    return filter_v2(await _held(call, call.id))


async def destroy(call: Call) -> JsonObject:
    """`DELETE /api/v2/filters/:id`"""
    await call.services.marks.remove_filter(call.shared, call.id)
    return {}


async def keywords(call: Call) -> list[JsonObject]:
    """`GET /api/v2/filters/:filter_id/keywords`"""
    held = await _held(call, call.id)
    return [keyword(each.id, each.keyword, each.whole_word) for each in held.keywords]


async def add_keyword(call: Call) -> JsonObject:
    """`POST /api/v2/filters/:filter_id/keywords`"""
    if not call.values.text("keyword").strip():
        raise InvalidError("keyword", message("can't be blank"))
    made = await call.services.marks.put_keyword(
        call.shared, call.id, Word(call.values.text("keyword"), call.values.flag("whole_word"))
    )
    return _one(await _held(call, call.id), made)


def _one(held: Filter, wanted: int) -> JsonObject:
    each = found(next((word for word in held.keywords if word.id == wanted), None))
    return keyword(each.id, each.keyword, each.whole_word)


async def show_keyword(call: Call) -> JsonObject:
    """`GET /api/v2/filters/keywords/:id`"""
    own = call.own

    def look(snapshot: Snapshot) -> JsonObject:
        owner = found(filters.of_keyword(snapshot, own.id, call.id))
        return _one(filters.every(snapshot, own.id, owner)[0], call.id)

    return await call.read(look)


async def change_keyword(call: Call) -> JsonObject:
    """`PUT /api/v2/filters/keywords/:id`"""
    word = Word(call.values.given("keyword"), call.values.flag("whole_word"))
    await call.services.marks.change_keyword(call.shared, call.id, word)
    return await show_keyword(call)


async def remove_keyword(call: Call) -> JsonObject:
    """`DELETE /api/v2/filters/keywords/:id`"""
    await call.services.marks.change_keyword(call.shared, call.id, Word(destroy=True))
    return {}


async def posts(call: Call) -> list[JsonObject]:
    """`GET /api/v2/filters/:filter_id/statuses`"""
    held = await _held(call, call.id)
    return [{"id": str(each.id), "status_id": str(each.post)} for each in held.posts]


async def add_post(call: Call) -> JsonObject:
    """`POST /api/v2/filters/:filter_id/statuses`"""
    wanted = number(call.values.text("status_id"))
    await call.read(lambda snapshot: readable(snapshot, wanted, call.viewer))
    made = await call.services.marks.filter_post(call.shared, call.id, wanted)
    return {"id": str(made), "status_id": str(wanted)}


async def show_post(call: Call) -> JsonObject:
    """`GET /api/v2/filters/statuses/:id`"""
    own = call.own

    def look(snapshot: Snapshot) -> JsonObject:
        owner = filters.every(snapshot, own.id, found(filters.of_post(snapshot, own.id, call.id)))[0]
        each = found(next((held for held in owner.posts if held.id == call.id), None))
        return {"id": str(each.id), "status_id": str(each.post)}

    return await call.read(look)


async def remove_post(call: Call) -> JsonObject:
    """`DELETE /api/v2/filters/statuses/:id`"""
    await call.services.marks.unfilter_post(call.shared, call.id)
    return {}


ENDPOINTS: tuple[Endpoint, ...] = (
    get("/api/v2/filters", every, "read:filters"),
    post("/api/v2/filters", create, "write:filters", rate="filters"),
    get("/api/v2/filters/keywords/{id}", show_keyword, "read:filters"),
    put("/api/v2/filters/keywords/{id}", change_keyword, "write:filters", rate="filters"),
    delete("/api/v2/filters/keywords/{id}", remove_keyword, "write:filters"),
    get("/api/v2/filters/statuses/{id}", show_post, "read:filters"),
    delete("/api/v2/filters/statuses/{id}", remove_post, "write:filters"),
    get("/api/v2/filters/{id}", show, "read:filters"),
    put("/api/v2/filters/{id}", update, "write:filters", rate="filters"),
    delete("/api/v2/filters/{id}", destroy, "write:filters"),
    get("/api/v2/filters/{id}/keywords", keywords, "read:filters"),
    post("/api/v2/filters/{id}/keywords", add_keyword, "write:filters", rate="filters"),
    get("/api/v2/filters/{id}/statuses", posts, "read:filters"),
    post("/api/v2/filters/{id}/statuses", add_post, "write:filters", rate="filters"),
)
