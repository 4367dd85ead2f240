"""Whoever lists the key of a neighbour on the same server in a document of its own neither speaks for it nor silences it."""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from federation.interfaces import Scheme
from federation.keys import multikey, public_pem
from node.recovery import Roots
from tests.fediverse import Instance, Peer, Person, World, rsa


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
async def peer(world: World) -> Peer:
    return await world.peer()


def listing(neighbour: Person, key: dict[str, Any]) -> None:
    """Let a neighbour list one more key."""
    neighbour.more["publicKey"] = [neighbour.document()["publicKey"], {"owner": neighbour.id, **key}]


@pytest.mark.parametrize("named", ["#main-key", "/main-key"])
@pytest.mark.parametrize("first", ["ana", "neighbour"])
async def test_a_neighbour_who_lists_the_id_of_a_key_silences_nobody(
    olla: Instance, peer: Peer, world: World, first: str, named: str
) -> None:
    ana, neighbour = peer.person("ana"), peer.person("neighbour", 4)
    ana.sender = replace(ana.sender, rsa_key_id=f"{ana.id}{named}")
    peer.serve({**ana.document()["publicKey"], "id": f"{ana.id}/main-key"})
    listing(neighbour, {"id": ana.sender.rsa_key_id, "publicKeyPem": public_pem(rsa(5).public_key())})
    for each in (ana, neighbour) if first == "ana" else (neighbour, ana):
        assert (await each.tell(olla, each.activity("Follow", olla.uri()))).status_code == 202
    for wait in (timedelta(0), timedelta(minutes=30), timedelta(days=2)):
        world.ahead += wait
        assert (await neighbour.tell(olla, neighbour.activity("Update", neighbour.id))).status_code == 202
        said = await olla.say("hola", audience="followers")
        assert (await ana.get(said.uri)).status_code == 200
        assert (await ana.tell(olla, ana.activity("Like", said.uri))).status_code == 202


@pytest.mark.parametrize("first", ["ana", "neighbour"])
async def test_a_neighbour_revokes_no_key_but_its_own(
    olla: Instance, peer: Peer, world: World, first: str
) -> None:
    ana, neighbour = peer.person("ana"), peer.person("neighbour", 4)
    ana.more["attachment"] = [Roots.make(secrets.token_bytes).found(ana.id, world.clock()).statement]
    pem = public_pem(ana.sender.rsa.public_key())
    listing(
        neighbour,
        {"id": ana.sender.rsa_key_id, "publicKeyPem": pem, "revoked": "2020-01-01T00:00:00Z"},
    )
    for each in (ana, neighbour) if first == "ana" else (neighbour, ana):
        assert (await each.tell(olla, each.activity("Follow", olla.uri()))).status_code == 202
    world.ahead += timedelta(days=2)
    assert (await ana.tell(olla, ana.activity("Update", ana.document()))).status_code == 202
    assert await olla.state_of(ana.id) == "ok"


@pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])
async def test_a_neighbour_does_not_speak_by_the_id_of_a_key(
    olla: Instance, peer: Peer, scheme: Scheme
) -> None:
    ana, thief = peer.person("ana"), peer.person("ana", 5)
    peer.people["ana"] = ana
    neighbour = peer.person("neighbour", 4)
    listing(neighbour, {"id": ana.sender.rsa_key_id, "publicKeyPem": public_pem(rsa(5).public_key())})
    neighbour.more["assertionMethod"] = [
        {
            "id": ana.sender.ed25519_key_id,
            "type": "Multikey",
            "controller": neighbour.id,
            "publicKeyMultibase": multikey(thief.sender.ed25519.public_key()),
        }
    ]
    assert (await neighbour.tell(olla, neighbour.activity("Follow", olla.uri()))).status_code == 202
    said = await olla.say("hola")
    false = thief.proven(thief.activity("Like", said.uri))
    inbox = f"{olla.origin}/inbox"
    for _ in range(2):
        assert (await thief.post(false, inbox, scheme=scheme)).status_code == 401
        assert (await neighbour.post(false, inbox, scheme=scheme)).status_code in (401, 403)
    assert ("favourite", ana.id) not in await olla.told()
