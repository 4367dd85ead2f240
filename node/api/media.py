"""Photographs: sent in two ways, described, and served, ours and those of other servers."""

from importlib import resources

from starlette.responses import Response

from node.api.calls import Answer, Call, delete, get, post, put
from node.api.entities import JsonObject
from node.api.pictures import attachment_of_medium
from node.attachments import UPLOAD_BYTES
from node.bodies import take_out
from node.errors import InvalidError, UnknownError
from node.storage.media import Medium
from node.tongues import message

_HEADERS = {
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "no-referrer",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_A_WEEK = "public, max-age=604800"
_ASSETS = ("avatar.png", "header.png")


def _entity(call: Call, medium: Medium) -> JsonObject:
    return attachment_of_medium(medium, call.services.attachments.base, f"{call.services.origin}/api/assets")


async def _take(call: Call, *, wait: bool) -> Medium:
    file = call.values.file("file")
    if file is None:
        raise InvalidError("file", message("can't be blank"))
    body = await take_out(file, call.request.state.share, most=UPLOAD_BYTES + 1)
    return await call.services.attachments.add(
        call.shared,
        body,
        description=call.values.text("description"),
        focus=call.values.given("focus") or None,
        wait=wait,
    )


async def create(call: Call) -> JsonObject:
    """`POST /api/v1/media`: answers when the photograph is ready."""
    return _entity(call, await _take(call, wait=True))


async def begin(call: Call) -> Answer:
    """`POST /api/v2/media`: answers at once; `GET /api/v1/media/:id` says when it is ready."""
    return Answer(_entity(call, await _take(call, wait=False)), 202)


async def show(call: Call) -> Answer:
    """`GET /api/v1/media/:id`: 206 while it is worked on, 422 where it cannot be used."""
    medium = await call.services.attachments.medium(call.own, call.id)
    if medium.state == "failed":
        raise InvalidError("file", medium.problem)
    return Answer(_entity(call, medium), 200 if medium.state == "ready" else 206)


async def describe(call: Call) -> JsonObject:
    """`PUT /api/v1/media/:id`"""
    medium = await call.services.attachments.describe(
        call.shared,
        call.id,
        description=call.values.given("description"),
        focus=call.values.given("focus") or None,
    )
    return _entity(call, medium)


async def remove(call: Call) -> JsonObject:
    """`DELETE /api/v1/media/:id`"""
    await call.services.attachments.remove(call.shared, call.id)
    return {}


async def file(call: Call) -> Response:
    """`GET /media/NAME`: a photograph of ours; its name is its content."""
    body = await call.services.attachments.file(call.request.path_params["name"])
    return Response(body, 200, {**_HEADERS, "cache-control": _FOR_EVER}, "image/jpeg")


async def remote(call: Call) -> Response:
    """`GET /media/remote/SEAL/URL`: a picture of another server."""
    return await _elsewhere(call, small=False)


async def remote_small(call: Call) -> Response:
    """`GET /media/remote/SEAL/URL/small`: the same, small."""
    return await _elsewhere(call, small=True)


async def _elsewhere(call: Call, *, small: bool) -> Response:
    place, pictures = call.request.path_params, call.services.attachments.elsewhere
    body, kind = await pictures.picture(place["seal"], place["url"], small=small)
    return Response(body, 200, {**_HEADERS, "cache-control": _A_WEEK}, kind)


async def asset(call: Call) -> Response:
    """`GET /api/assets/NAME`: the pictures of who has none."""
    name = call.request.path_params["name"]
    if name not in _ASSETS:
        raise UnknownError("Record not found")
    body = resources.files("node.api").joinpath("assets", name).read_bytes()
    return Response(body, 200, {**_HEADERS, "cache-control": _A_WEEK}, "image/png")


ENDPOINTS = (
    get("/media/{name}", file, anybody=True),
    get("/media/remote/{seal}/{url}", remote, anybody=True),
    get("/media/remote/{seal}/{url}/small", remote_small, anybody=True),
    get("/api/assets/{name}", asset, anybody=True),
    post("/api/v1/media", create, "write:media", rate="media"),
    post("/api/v2/media", begin, "write:media", rate="media"),
    get("/api/v1/media/{id}", show, "write:media"),
    put("/api/v1/media/{id}", describe, "write:media"),
    delete("/api/v1/media/{id}", remove, "write:media"),
)
