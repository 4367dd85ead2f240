"""Remote actors and their keys, asked for over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import keys
from federation.actor_document import read_actor
from federation.actors import Actors
from federation.errors import BadAnswer, Gone, NotFound, UnknownKey, Unreachable, WrongOrigin
from federation.fetch import Fetched
from federation.limits import Limits
from federation.vocab import ACTIVITY_JSON
from tests.federation import memory
from tests.federation.memory import MemoryActors
from tests.federation.server import serving
from tests.federation.world import Node, node

PEM = keys.public_pem(memory._RSA[0].public_key())
MULTIKEY = keys.multikey(keys.make_ed25519().public_key())
Document = dict[str, Any]


class Peer:
    """A server that serves documents by path; values may be a status instead."""

    def __init__(self) -> None:
        self.at: dict[str, Document | int] = {}
        self.asked: list[str] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._answer)])
        self.delay = 0.0

    async def _answer(self, request: Request) -> Response:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.asked.append(path)
        await asyncio.sleep(self.delay)
        found = self.at.get(path, 404)
        if isinstance(found, int):
            return Response(status_code=found)
        kind = "application/jrd+json" if "links" in found else ACTIVITY_JSON
        return Response(json.dumps(found), media_type=kind)


def described(origin: str, **more: Any) -> Document:
    uri = f"{origin}/users/ana"
    document = {
        "id": uri,
        "type": "Person",
        "preferredUsername": "ana",
        "inbox": f"{uri}/inbox",
        "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": PEM},
        **more,
    }
    return {name: value for name, value in document.items() if value is not None}


@asynccontextmanager
async def asking(limits: Limits | None = None) -> AsyncIterator[tuple[Actors, MemoryActors]]:
    us = Node("https://we.example", "olla", limits=limits or Limits(fetch_seconds=1.0))
    try:
        yield us.actors, us.host.actors
    finally:
        await us.fetcher.aclose()


async def test_our_own_documents_are_read_back_whole() -> None:
    with node("olla") as them:
        async with asking() as (actors, store):
            actor = await actors.actor(them.uri())
    sender = them.host.keys.sender(them.uri())
    assert [key.id for key in actor.keys] == [sender.rsa_key_id, sender.ed25519_key_id]
    assert [key.algorithm for key in actor.keys] == ["rsa", "ed25519"]
    assert actor.shared_inbox == f"{them.origin}/inbox"
    assert store.kept[them.uri()] == actor


def test_every_recorded_actor_is_read_with_its_key() -> None:
    captures = json.loads((Path(__file__).parent / "recorded_actors.json").read_text())
    assert len(captures) >= 4
    for document in captures:
        actor = read_actor(Fetched(json.dumps(document).encode(), document, document["id"]), memory.now())
        assert document["publicKey"]["id"] in [key.id for key in actor.keys]


@pytest.mark.parametrize(
    ("more", "listed"),
    [
        ({"publicKey": [{"id": "U/main-key", "owner": "U", "publicKeyPem": PEM}]}, ["U/main-key"]),
        ({"publicKey": {"id": "U#k", "publicKeyPem": PEM}}, ["U#k"]),
        ({"publicKey": {"id": "U#k", "owner": {"id": "U"}, "publicKeyPem": PEM}}, ["U#k"]),
        ({"publicKey": "U#k"}, []),
        ({"publicKey": {"id": "U#k", "owner": "https://else.example/u", "publicKeyPem": PEM}}, []),
        ({"publicKey": {"id": "https://else.example/u#k", "owner": "U", "publicKeyPem": PEM}}, []),
        ({"publicKey": {"id": "U#k", "owner": "U", "publicKeyPem": "nonsense"}}, []),
        ({"publicKey": {"id": 5, "owner": [], "publicKeyPem": {}}}, []),
        ({"publicKey": None, "assertionMethod": {"id": "U#e", "type": "Multikey", "controller": "U", "publicKeyMultibase": MULTIKEY}}, ["U#e"]),
        ({"publicKey": None, "assertionMethod": ["U#x", {"id": "U#e", "type": ["Multikey"], "controller": "U", "publicKeyMultibase": MULTIKEY}]}, ["U#e"]),
        ({"publicKey": None, "assertionMethod": {"id": f"did:key:{MULTIKEY}", "type": "Multikey", "controller": "U", "publicKeyMultibase": MULTIKEY}}, []),
    ],
)  # fmt: skip
def test_keys_are_read_in_every_shape_and_only_the_actors_own(more: Document, listed: list[str]) -> None:
    uri = "https://peer.example/users/ana"
    document = json.loads(json.dumps(described("https://peer.example", **more)).replace('"U', f'"{uri}'))
    actor = read_actor(Fetched(b"", document, uri), memory.now())
    assert [key.id for key in actor.keys] == [key.replace("U", uri) for key in listed]


@pytest.mark.parametrize("part", ["followers", "outbox"])
def test_a_collection_of_another_server_is_not_the_actors(part: str) -> None:
    uri, theirs = "https://peer.example/users/ana", "https://victim.example/users/olla/followers"
    actor = read_actor(Fetched(b"", described("https://peer.example", **{part: theirs}), uri), memory.now())
    assert getattr(actor, part) is None


@pytest.mark.parametrize("revoked", ["2020-08-01T00:00:00Z", "yesterday", 5])
def test_a_retired_key_says_since_when(revoked: object) -> None:
    uri = "https://peer.example/users/ana"
    entry = {
        "id": f"{uri}#e",
        "type": "Multikey",
        "controller": uri,
        "publicKeyMultibase": MULTIKEY,
        "revoked": revoked,
    }
    actor = read_actor(
        Fetched(b"", described("https://peer.example", publicKey=None, assertionMethod=entry), uri),
        memory.now(),
    )
    assert actor.keys[0].revoked is not None
    assert actor.keys[0].revoked.year in (1, 2020)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"type": "Note"}, BadAnswer),
        ({"inbox": None}, BadAnswer),
        ({"inbox": "https://victim.example/inbox"}, WrongOrigin),
        ({"inbox": "javascript:1"}, WrongOrigin),
        ({"id": "https://victim.example/users/ana"}, WrongOrigin),
    ],
)
def test_a_document_that_is_no_actor_of_its_own_server_is_refused(
    more: Document, error: type[Exception]
) -> None:
    fetched = Fetched(b"", described("https://peer.example", **more), "https://peer.example/users/ana")
    with pytest.raises(error):
        read_actor(fetched, memory.now())


async def test_a_key_with_a_url_of_its_own_is_confirmed_by_its_owner() -> None:
    peer = Peer()
    with serving(peer.app) as origin:
        key = {"id": f"{origin}/users/ana/main-key", "owner": f"{origin}/users/ana", "publicKeyPem": PEM}
        peer.at["/users/ana"] = described(origin, publicKey=key)
        stubs: list[Document] = [key, {"id": f"{origin}/users/ana", "type": "Person", "publicKey": key}]
        for stub in stubs:
            peer.at["/users/ana/main-key"] = stub
            async with asking() as (actors, _):
                assert (await actors.key(key["id"])).owner == f"{origin}/users/ana"


async def test_a_key_that_names_an_owner_who_does_not_list_it_counts_for_nothing() -> None:
    peer = Peer()
    with serving(peer.app) as origin:
        peer.at["/users/ana"] = described(origin)
        peer.at["/evil"] = {"id": f"{origin}/evil", "owner": f"{origin}/users/ana", "publicKeyPem": PEM}
        async with asking() as (actors, _):
            with pytest.raises(UnknownKey):
                await actors.key(f"{origin}/evil")


async def test_a_key_whose_owner_lives_elsewhere_counts_for_nothing() -> None:
    peer, victim = Peer(), Peer()
    with serving(peer.app) as origin, serving(victim.app) as elsewhere:
        key_id = f"{origin}/key"
        victim.at["/users/ana"] = described(
            elsewhere, publicKey={"id": key_id, "owner": f"{elsewhere}/users/ana", "publicKeyPem": PEM}
        )
        peer.at["/key"] = {"id": key_id, "owner": f"{elsewhere}/users/ana", "publicKeyPem": PEM}
        async with asking() as (actors, _):
            with pytest.raises(UnknownKey):
                await actors.key(key_id)
        assert victim.asked == []


async def test_many_who_ask_at_once_are_one_fetch() -> None:
    peer = Peer()
    peer.delay = 0.05
    with serving(peer.app) as origin:
        peer.at["/users/ana"] = described(origin)
        async with asking() as (actors, _):
            await asyncio.gather(*(actors.key(f"{origin}/users/ana#main-key") for _ in range(10)))
    assert len(peer.asked) == 1


async def test_a_failing_key_is_asked_for_anew_only_once_in_a_while() -> None:
    peer = Peer()
    with serving(peer.app) as origin:
        peer.at["/users/ana"] = described(origin)
        async with asking() as (actors, _):
            for refresh in (False, True, True, True):
                await actors.key(f"{origin}/users/ana#main-key", refresh)
    assert len(peer.asked) == 2


async def test_a_key_that_was_withdrawn_long_ago_is_believed_no_more() -> None:
    peer = Peer()
    with serving(peer.app) as origin:
        key_id = f"{origin}/users/ana#main-key"
        peer.at["/users/ana"] = described(origin)
        async with asking() as (actors, store):
            await actors.key(key_id)
            peer.at["/users/ana"] = described(origin, publicKey=None)
            assert await actors.key(key_id)
        async with asking() as (actors, later):
            (kept,) = store.kept.values()
            later.kept[kept.id] = replace(kept, fetched=kept.fetched - timedelta(days=2))
            with pytest.raises(UnknownKey):
                await actors.key(key_id)


async def test_a_failed_look_up_is_not_repeated_at_once() -> None:
    peer = Peer()
    with serving(peer.app) as origin:
        async with asking() as (actors, _):
            for _ in range(3):
                with pytest.raises(NotFound):
                    await actors.key(f"{origin}/users/ana#main-key")
    assert len(peer.asked) <= 2


async def test_a_kept_actor_is_believed_while_its_server_is_away_and_not_when_it_left() -> None:
    peer = Peer()
    async with asking() as (actors, store):
        with serving(peer.app) as origin:
            peer.at["/users/ana"] = described(origin)
            fresh = await actors.actor(f"{origin}/users/ana")
        store.kept[fresh.id] = stale = replace(fresh, fetched=fresh.fetched - timedelta(days=30))
        assert await actors.actor(fresh.id) == stale
        with pytest.raises(Unreachable):
            await actors.actor(fresh.id, refresh=True)
    left = Peer()
    with serving(left.app) as origin:
        left.at["/users/ana"] = 410
        async with asking() as (actors, store):
            store.kept[f"{origin}/users/ana"] = replace(stale, id=f"{origin}/users/ana")
            with pytest.raises(Gone):
                await actors.actor(f"{origin}/users/ana")
            assert store.went == [f"{origin}/users/ana"]


async def test_an_actor_under_another_spelling_is_kept_under_its_own_id() -> None:
    peer = Peer()
    with serving(peer.app) as origin:
        peer.at["/@ana"] = peer.at["/users/ana"] = described(origin)
        async with asking() as (actors, store):
            assert (await actors.actor(f"{origin}/@ana")).id == f"{origin}/users/ana"
            assert list(store.kept) == [f"{origin}/users/ana"]


def jrd(host: str, actor: str, user: str = "ana") -> Document:
    return {
        "subject": f"acct:{user}@{host}",
        "links": [{"rel": "self", "type": ACTIVITY_JSON, "href": actor}],
    }


def finger(host: str, user: str = "ana") -> str:
    return f"/.well-known/webfinger?resource=acct:{user}@{host}"


async def test_a_handle_is_found_when_both_ends_agree() -> None:
    with node("olla") as them:
        host = them.origin.removeprefix("http://")
        async with asking() as (actors, store):
            for handle in (f"olla@{host}", f"@Olla@{host}"):
                found = await actors.find(handle)
                assert (found.id, found.handle) == (them.uri(), f"olla@{host}")
            assert store.kept[them.uri()].handle == f"olla@{host}"


@pytest.mark.parametrize("claim", ["name", "webfinger"])
async def test_a_handle_that_leads_to_somebody_else_is_not_believed(claim: str) -> None:
    peer, victim = Peer(), Peer()
    with serving(peer.app) as origin, serving(victim.app) as elsewhere:
        host = origin.removeprefix("http://")
        victim.at["/users/ana"] = described(elsewhere)
        peer.at[finger(host)] = jrd(host, f"{elsewhere}/users/ana")
        if claim == "webfinger":
            peer.at[finger(host)] = jrd(host, f"{origin}/users/ana")
            peer.at["/users/ana"] = described(origin, webfinger=f"ana@{elsewhere.removeprefix('http://')}")
        if claim == "webfinger":
            victim.at[finger(elsewhere.removeprefix("http://"))] = jrd(
                elsewhere.removeprefix("http://"), f"{elsewhere}/users/ana"
            )
        else:
            victim.at[finger(elsewhere.removeprefix("http://"))] = jrd(host, f"{origin}/users/ana")
        async with asking() as (actors, _):
            with pytest.raises(BadAnswer, match="leads to"):
                await actors.find(f"ana@{host}")


async def test_a_name_on_another_host_counts_where_it_leads_back() -> None:
    peer, front = Peer(), Peer()
    with serving(peer.app) as origin, serving(front.app) as named:
        host, front_host = origin.removeprefix("http://"), named.removeprefix("http://")
        peer.at["/users/ana"] = described(origin)
        peer.at[finger(host)] = front.at[finger(front_host)] = jrd(front_host, f"{origin}/users/ana")
        async with asking() as (actors, _):
            assert (await actors.find(f"ana@{front_host}")).handle == f"ana@{front_host}"
            del front.at[finger(front_host)]
            front.at[finger(front_host)] = jrd(front_host, f"{named}/users/else")
            actor = await actors.actor(f"{origin}/users/ana")
            assert (await actors.confirm_handle(actor)).handle == f"ana@{host}"


UNREADABLE: list[Callable[[str], Document]] = [
    lambda _host: {"links": "none"},
    lambda _host: {"links": [{"rel": "self", "type": "text/html", "href": "https://x.example/"}]},
    lambda host: jrd(host, "javascript:alert(1)"),
    lambda _host: {"subject": 5, "links": [None, {"rel": "self", "type": ACTIVITY_JSON, "href": 5}]},
]


@pytest.mark.parametrize("make", UNREADABLE)
async def test_a_jrd_without_an_actor_is_a_bad_answer(make: Callable[[str], Document]) -> None:
    peer = Peer()
    with serving(peer.app) as origin:
        host = origin.removeprefix("http://")
        peer.at[finger(host)] = make(host)
        async with asking() as (actors, _):
            with pytest.raises(BadAnswer, match="names no actor"):
                await actors.find(f"ana@{host}")
