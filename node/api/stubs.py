"""What apps ask for and a kitchen does not have: well-shaped and empty, because some apps break on a 404.

What is closed on purpose is here too: whom this node knows is told to nobody.
"""

from typing import Any

from node.api import entities
from node.api.calls import Call, Endpoint, delete, get, post, put
from node.api.entities import JsonObject
from node.api.statuses import readable
from node.errors import InvalidError, NotPermittedError, UnknownError
from node.storage import objects
from node.storage.database import Snapshot
from node.tongues import message

_EMPTY = (
    ("/api/v1/lists", "read:lists"),
    ("/api/v1/accounts/{id}/lists", "read:lists"),
    ("/api/v1/accounts/{id}/endorsements", "read:accounts"),
    ("/api/v1/accounts/{id}/identity_proofs", "read:accounts"),
    ("/api/v1/scheduled_statuses", "read:statuses"),
    ("/api/v1/filters", "read:filters"),
    ("/api/v1/conversations", "read:statuses"),
    ("/api/v1/announcements", ""),
    ("/api/v1/suggestions", "read:accounts"),
    ("/api/v2/suggestions", "read:accounts"),
    ("/api/v1/featured_tags", "read:accounts"),
    ("/api/v1/featured_tags/suggestions", "read:accounts"),
    ("/api/v1/endorsements", "read:accounts"),
    ("/api/v1/notifications/requests", "read:notifications"),
    ("/api/v1/timelines/list/{id}", "read:lists"),
)
_EMPTY_FOR_ANYBODY = (
    "/api/v1/custom_emojis",
    "/api/v1/trends",
    "/api/v1/trends/tags",
    "/api/v1/trends/statuses",
    "/api/v1/trends/links",
    "/api/v1/timelines/link",
    "/api/v1/instance/rules",
    "/api/v1/instance/languages",
    "/api/v1/instance/activity",
    "/api/v1/instance/domain_blocks",
    "/api/v1/directory",
)


async def nothing(_call: Call) -> list[Any]:
    """An empty list."""
    return []


async def no_object(_call: Call) -> JsonObject:
    """An empty object: `GET /api/v1/instance/translation_languages`."""
    return {}


async def closed(_call: Call) -> None:
    """`GET /api/v1/instance/peers`: with whom this node speaks is nobody's business."""
    raise NotPermittedError("This action is not allowed")


async def not_here(_call: Call) -> None:
    """Push subscriptions: apps take a 404 for a server without them."""
    raise UnknownError("Record not found")


async def poll(call: Call) -> JsonObject:
    """`GET /api/v1/polls/:id`: of a Question of another server, as it stands in its post."""
    from_post = await call.read(lambda snapshot: _poll(snapshot, call))
    if from_post is None:
        raise UnknownError("Record not found")
    return from_post


def _poll(snapshot: Snapshot, call: Call) -> JsonObject | None:
    row = readable(snapshot, call.id, call.viewer)
    thing = objects.by_uri(snapshot, row.uri)
    return None if thing is None else entities.poll(entities.decode(thing.document), row.id, snapshot.now)


async def vote(call: Call) -> JsonObject:
    """`POST /api/v1/polls/:id/votes`: collectives do not vote in polls of others."""
    await poll(call)
    raise InvalidError("choices", message("nothing; a collective does not vote in polls of others"))


ENDPOINTS: tuple[Endpoint, ...] = (
    *(get(path, nothing, scope) for path, scope in _EMPTY),
    *(get(path, nothing, anybody=True) for path in _EMPTY_FOR_ANYBODY),
    get("/api/v1/instance/translation_languages", no_object, anybody=True),
    get("/api/v1/instance/peers", closed, anybody=True),
    get("/api/v1/push/subscription", not_here, "push"),
    post("/api/v1/push/subscription", not_here, "push"),
    put("/api/v1/push/subscription", not_here, "push"),
    delete("/api/v1/push/subscription", not_here, "push"),
    get("/api/v1/polls/{id}", poll, "read:statuses", anybody=True),
    post("/api/v1/polls/{id}/votes", vote, "write:statuses"),
)
