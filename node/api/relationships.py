"""How a collective stands to accounts: whom it follows, mutes and blocks, and who asks to follow."""

import contextlib
from typing import Any

from node.api.accounts import Somebody, target
from node.api.calls import NOT_FOUND, Answer, Call, delete, get, post
from node.api.entities import JsonObject, moment, relationship
from node.api.paging import Page, window
from node.api.shelf import Shelf
from node.errors import ConflictError, InvalidError, UnknownError
from node.storage import collectives, follows, gathering, marks
from node.storage.database import Snapshot
from node.tongues import message

_RELATIONSHIPS = 100
_MUTED_SECONDS = 10**9
_NAMED = {"handle": "id"}


async def relationships(call: Call) -> list[JsonObject]:
    """`GET /api/v1/accounts/relationships`"""
    wanted = call.values.numbers("id")[:_RELATIONSHIPS]
    return await call.read(lambda snapshot: _relationships(snapshot, call, wanted))


def _relationships(snapshot: Snapshot, call: Call, wanted: list[int]) -> list[JsonObject]:
    people = {own.id: Somebody(own.id, own.uri, call.services.host) for own in collectives.every(snapshot)}
    people |= {
        key: Somebody(key, each.uri, each.host)
        for key, each in gathering.profiles_by_id(snapshot, wanted).items()
    }
    named = {people[key].uri: people[key].host for key in wanted if key in people}
    bonds = marks.bonds(snapshot, call.own.id, call.own.uri, named)
    return [relationship(key, bonds[people[key].uri]) for key in wanted if key in people]


async def _related_to(call: Call, who: Somebody) -> JsonObject:
    shown = await call.read(lambda snapshot: _relationships(snapshot, call, [who.number]))
    return shown[0]


async def follow(call: Call) -> JsonObject:
    """`POST /api/v1/accounts/:id/follow`"""
    who = await target(call)
    with call.as_sent(_NAMED):
        await call.services.doors.relations.follow(call.speaker, who.uri)
    if (wanted := call.values.flag("reblogs")) is not None:
        await call.services.marks.want_boosts(call.own, who.uri, wanted=wanted)
    return await _related_to(call, who)


async def unfollow(call: Call) -> JsonObject:
    """`POST /api/v1/accounts/:id/unfollow`"""
    who = await target(call)
    with contextlib.suppress(ConflictError):  # not followed: the app has what it wants
        await call.services.doors.relations.unfollow(call.speaker, who.uri)
    return await _related_to(call, who)


async def remove_follower(call: Call) -> JsonObject:
    """`POST /api/v1/accounts/:id/remove_from_followers`"""
    who = await target(call)
    with contextlib.suppress(ConflictError):
        await call.services.doors.relations.refuse(call.speaker, who.uri)
    return await _related_to(call, who)


async def block(call: Call) -> JsonObject:
    """`POST /api/v1/accounts/:id/block`"""
    who = await target(call)
    with call.as_sent(_NAMED):
        await call.services.doors.relations.block(call.speaker, who.uri)
    return await _related_to(call, who)


async def unblock(call: Call) -> JsonObject:
    """`POST /api/v1/accounts/:id/unblock`"""
    who = await target(call)
    with contextlib.suppress(ConflictError):
        await call.services.doors.relations.unblock(call.speaker, who.uri)
    return await _related_to(call, who)


async def mute(call: Call) -> JsonObject:
    """`POST /api/v1/accounts/:id/mute`"""
    who = await target(call)
    if who.uri == call.own.uri:
        raise InvalidError("id", message("somebody else"))
    notifications = call.values.flag("notifications")
    seconds = min(max(0, call.values.number("duration") or 0), _MUTED_SECONDS)
    await call.services.marks.mute(
        call.shared, who.uri, notifications=notifications is not False, seconds=seconds
    )
    return await _related_to(call, who)


async def unmute(call: Call) -> JsonObject:
    """`POST /api/v1/accounts/:id/unmute`"""
    who = await target(call)
    await call.services.marks.unmute(call.shared, who.uri)
    return await _related_to(call, who)


async def note(call: Call) -> JsonObject:
    """`POST /api/v1/accounts/:id/note`: what only the collective sees."""
    who = await target(call)
    await call.services.marks.note(call.shared, who.uri, call.values.text("comment").strip())
    return await _related_to(call, who)


async def blocks(call: Call) -> Answer:
    """`GET /api/v1/blocks`"""
    wanted, own = window(call.values, usual=40, most=80), call.own

    def look(snapshot: Snapshot) -> Page[object]:
        rows = follows.blocked_window(snapshot, own.uri, wanted)
        accounts = Shelf(snapshot, call.services, own).accounts([target for _, target in rows])
        return Page(accounts, [key for key, _ in rows], len(rows) == wanted.limit)

    return call.page(await call.read(look))


async def mutes(call: Call) -> Answer:
    """`GET /api/v1/mutes`"""
    wanted, own = window(call.values, usual=40, most=80), call.own

    def look(snapshot: Snapshot) -> Page[object]:
        rows = marks.mutes(snapshot, own.id, wanted)
        accounts = Shelf(snapshot, call.services, own).known([actor for _, actor, _ in rows])
        shown = [
            accounts[actor] | {"mute_expires_at": None if until is None else moment(until)}
            for _, actor, until in rows
            if actor in accounts
        ]
        return Page(shown, [key for key, _, _ in rows], len(rows) == wanted.limit)

    return call.page(await call.read(look))


async def domain_blocks(call: Call) -> Answer:
    """`GET /api/v1/domain_blocks`"""
    wanted, own = window(call.values, usual=100, most=200), call.own
    rows = await call.read(lambda snapshot: follows.blocked_window(snapshot, own.uri, wanted, hosts=True))
    return call.page(Page([host for _, host in rows], [key for key, _ in rows], len(rows) == wanted.limit))


async def block_domain(call: Call) -> JsonObject:
    """`POST /api/v1/domain_blocks`"""
    with call.as_sent({"host": "domain"}):
        await call.services.doors.relations.block(call.speaker, _domain(call))
    return {}


async def unblock_domain(call: Call) -> JsonObject:
    """`DELETE /api/v1/domain_blocks`"""
    with contextlib.suppress(ConflictError), call.as_sent({"host": "domain"}):
        await call.services.doors.relations.unblock(call.speaker, _domain(call))
    return {}


def _domain(call: Call) -> str:
    domain = call.values.text("domain").strip().lower()
    if domain == call.services.host:
        raise InvalidError("domain", message("another server: a collective does not block its own"))
    if not domain or "@" in domain or "/" in domain or ("." not in domain and ":" not in domain):
        raise InvalidError("domain", message("the name of a server, like example.org"))
    return domain


async def follow_requests(call: Call) -> Answer:
    """`GET /api/v1/follow_requests`"""
    wanted, own = window(call.values, usual=40, most=80), call.own

    def look(snapshot: Snapshot) -> Page[object]:
        rows = follows.followers_page(snapshot, own.id, wanted, state="requested")
        accounts = Shelf(snapshot, call.services, own).accounts([row.actor for row in rows])
        return Page(accounts, [row.id for row in rows], len(rows) == wanted.limit)

    return call.page(await call.read(look))


async def authorize_request(call: Call) -> JsonObject:
    """`POST /api/v1/follow_requests/:id/authorize`"""
    who = await target(call)
    await _decided(call.services.doors.relations.approve(call.speaker, who.uri))
    return await _related_to(call, who)


async def reject_request(call: Call) -> JsonObject:
    """`POST /api/v1/follow_requests/:id/reject`"""
    who = await target(call)
    await _decided(call.services.doors.relations.refuse(call.speaker, who.uri))
    return await _related_to(call, who)


async def _decided(decision: Any) -> None:
    try:
        await decision
    except ConflictError as error:
        raise UnknownError(NOT_FOUND) from error


async def familiar(call: Call) -> list[JsonObject]:
    """`GET /api/v1/accounts/familiar_followers`: nobody's relations are told."""
    return [{"id": str(wanted), "accounts": []} for wanted in call.values.numbers("id")]


def _on(name: str, handler: Any, scope: str) -> Any:
    return post(f"/api/v1/accounts/{{id}}/{name}", handler, scope)


ENDPOINTS = (
    get("/api/v1/accounts/relationships", relationships, "read:follows"),
    get("/api/v1/accounts/familiar_followers", familiar, "read:follows"),
    _on("follow", follow, "write:follows"),
    _on("unfollow", unfollow, "write:follows"),
    _on("remove_from_followers", remove_follower, "write:follows"),
    _on("block", block, "write:blocks"),
    _on("unblock", unblock, "write:blocks"),
    _on("mute", mute, "write:mutes"),
    _on("unmute", unmute, "write:mutes"),
    _on("note", note, "write:accounts"),
    get("/api/v1/blocks", blocks, "read:blocks"),
    get("/api/v1/mutes", mutes, "read:mutes"),
    get("/api/v1/domain_blocks", domain_blocks, "read:blocks"),
    post("/api/v1/domain_blocks", block_domain, "write:blocks"),
    delete("/api/v1/domain_blocks", unblock_domain, "write:blocks"),
    get("/api/v1/follow_requests", follow_requests, "read:follows"),
    post("/api/v1/follow_requests/{id}/authorize", authorize_request, "write:follows"),
    post("/api/v1/follow_requests/{id}/reject", reject_request, "write:follows"),
)
