"""Search: people, posts and hashtags; with `resolve`, what other servers have. Hashtags themselves."""

from node.api.calls import Call, get, post
from node.api.entities import JsonObject, tag
from node.api.shelf import Shelf
from node.errors import ElsewhereError, InvalidError, NotPermittedError, UnknownError
from node.speak import may_read
from node.storage import actors, collectives, gathering, marks, objects, posts, timelines
from node.storage.database import Snapshot
from node.tongues import message

_MOST = 40
_QUERY_CHARS = 500


async def every(call: Call) -> JsonObject:
    """`GET /api/v2/search`, for anybody; only members make this node ask others."""
    given = call.values
    query = given.text("q").strip()[:_QUERY_CHARS]
    wanted = given.text("type")
    limit = max(1, min(_MOST, given.number("limit") or 20))
    offset = max(0, given.number("offset") or 0)
    if not query:
        return {"accounts": [], "statuses": [], "hashtags": []}
    named = await _resolved(call, query) if given.flag("resolve") else None

    def look(snapshot: Snapshot) -> JsonObject:
        shelf = Shelf(snapshot, call.services, call.viewer)
        people = _people(snapshot, call, query, limit, offset) if wanted in ("", "accounts") else []
        if named is not None and _is_actor(snapshot, named) and wanted in ("", "accounts"):
            people = [named, *(uri for uri in people if uri != named)]
        statuses = []
        if wanted in ("", "statuses") and not offset:
            statuses = _statuses(snapshot, shelf, call, named or query)
        tags = []
        if wanted in ("", "hashtags") and (call.viewer is not None or query.startswith("#")):
            tags = _tags(snapshot, call, query.lstrip("#").lower(), limit + offset)[offset:]
        return {"accounts": shelf.accounts(people), "statuses": statuses, "hashtags": tags}

    return await call.read(look)


async def _resolved(call: Call, query: str) -> str | None:
    """The URI of a handle or pasted URL, asked for elsewhere where it is not known; None where there is none."""
    url = query.startswith(("https://", "http://"))
    handle = query.lstrip("@")
    if call.bearer is None or call.bearer.entrant is None or not (url or "@" in handle) or " " in query:
        return None
    if url:
        try:
            return await call.services.doors.publisher.locate(call.speaker, query)
        except (UnknownError, ElsewhereError, InvalidError, NotPermittedError):
            pass  # no post: perhaps somebody
    try:
        return await call.services.doors.relations.find(call.speaker, query if url else handle)
    except (UnknownError, ElsewhereError, InvalidError, NotPermittedError):
        return None


def _is_actor(snapshot: Snapshot, uri: str) -> bool:
    return collectives.by_uri(snapshot, uri) is not None or actors.profile(snapshot, uri) is not None


def _people(snapshot: Snapshot, call: Call, query: str, limit: int, offset: int) -> list[str]:
    if call.viewer is None and len(query) < 2:
        return []
    start = query.lstrip("@")
    name, _, host = start.lower().partition("@")
    own = [
        each.uri
        for each in collectives.every(snapshot)
        if host in ("", call.services.host)
        and (each.handle.startswith(name) or each.name.lower().startswith(start.lower()))
    ]
    remote = [
        each.uri
        for each in gathering.profiles_like(snapshot, start, limit + offset, for_all=call.viewer is None)
    ]
    return [*own, *remote][offset : offset + limit]


def _statuses(snapshot: Snapshot, shelf: Shelf, call: Call, query: str) -> list[JsonObject]:
    """The post at a URL. Texts are not searched: an empty answer is right."""
    if not query.startswith(("https://", "http://")):
        return []
    row = posts.meant(snapshot, query)
    if row is None and (thing := objects.by_alias(snapshot, query)) is not None:
        row = posts.by_uri(snapshot, thing.uri)
    thing = None if row is None else objects.by_uri(snapshot, row.uri)
    reader = "" if call.viewer is None else call.viewer.uri
    if row is None or thing is None or not may_read(snapshot, thing, reader):
        return []
    return shelf.statuses([row])


async def accounts(call: Call) -> list[JsonObject]:
    """`GET /api/v1/accounts/search`"""
    given = call.values
    query = given.text("q").strip()[:_QUERY_CHARS]
    limit = max(1, min(80, given.number("limit") or 40))
    named = await _resolved(call, query) if given.flag("resolve") else None
    own = call.own

    def look(snapshot: Snapshot) -> list[JsonObject]:
        people = _people(snapshot, call, query, limit, max(0, given.number("offset") or 0)) if query else []
        if named is not None and _is_actor(snapshot, named):
            people = [named, *(uri for uri in people if uri != named)]
        if given.flag("following"):
            bonds = marks.bonds(snapshot, own.id, own.uri, dict.fromkeys(people, ""))
            people = [uri for uri in people if bonds[uri].follow == "accepted"]
        return Shelf(snapshot, call.services, own).accounts(people[:limit])

    return await call.read(look)


def _tags(snapshot: Snapshot, call: Call, start: str, limit: int) -> list[JsonObject]:
    """Those that the collective follows, posts or none, before all others."""
    followed = () if call.viewer is None else marks.followed_tags(snapshot, call.viewer.id)
    own = [name for _, name in followed]
    names = (*(name for name in own if name.startswith(start)), *timelines.tags_like(snapshot, start, limit))
    return [
        tag(name, call.services.origin, None if call.viewer is None else name in own)
        for name in list(dict.fromkeys(names))[:limit]
    ]


def _name(call: Call) -> str:
    name: str = call.request.path_params["tag"].lstrip("#").lower()
    if not name or len(name) > 100 or not name.replace("_", "").isalnum():
        raise InvalidError("name", message("the name of a hashtag"))
    return name


async def show_tag(call: Call) -> JsonObject:
    """`GET /api/v1/tags/:name`, for anybody."""
    name, own = _name(call), call.viewer
    if own is None:
        return tag(name, call.services.origin)
    followed = await call.read(lambda snapshot: marks.followed_tags(snapshot, own.id))
    return tag(name, call.services.origin, any(each == name for _, each in followed))


async def follow_tag(call: Call) -> JsonObject:
    """`POST /api/v1/tags/:name/follow`"""
    await call.services.marks.follow_tag(call.shared, _name(call), on=True)
    return tag(_name(call), call.services.origin, following=True)


async def unfollow_tag(call: Call) -> JsonObject:
    """`POST /api/v1/tags/:name/unfollow`"""
    await call.services.marks.follow_tag(call.shared, _name(call), on=False)
    return tag(_name(call), call.services.origin, following=False)


async def followed_tags(call: Call) -> list[JsonObject]:
    """`GET /api/v1/followed_tags`"""
    own = call.own
    rows = await call.read(lambda snapshot: marks.followed_tags(snapshot, own.id))
    return [tag(name, call.services.origin, following=True) for _, name in rows]


ENDPOINTS = (
    get("/api/v2/search", every, "read:search", anybody=True, rate="search"),
    get("/api/v1/accounts/search", accounts, "read:accounts", rate="search"),
    get("/api/v1/followed_tags", followed_tags, "read:follows"),
    get("/api/v1/tags/{tag}", show_tag, "read:follows", anybody=True),
    post("/api/v1/tags/{tag}/follow", follow_tag, "write:follows"),
    post("/api/v1/tags/{tag}/unfollow", unfollow_tag, "write:follows"),
)
