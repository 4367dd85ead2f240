"""A neighbour who publishes by an id before its author does keeps the place only as long as their server does not say whose it is."""

from datetime import timedelta
from typing import Any

import pytest

from tests.attacks.test_borrowed_ids import intent
from tests.fediverse import Instance, Person, World


async def two(world: World) -> tuple[Instance, Person, Person]:
    """A node that follows an author, the author, and a neighbour on the author's server."""
    olla, peer = await world.node("olla"), await world.peer()
    ana, neighbour = peer.person("ana"), peer.person("neighbour", 4)
    await olla.hear(ana)
    return olla, ana, neighbour


@pytest.mark.parametrize("squatting", ["note", "need", "withdrawn", "announced by its id alone"])
async def test_the_author_has_her_post_as_soon_as_she_publishes_it(world: World, squatting: str) -> None:
    olla, ana, neighbour = await two(world)
    note = ana.note("falta sal")
    more: dict[str, Any] = {}
    if squatting == "need":
        more = {"kind": "need", "purpose": "request", "publishes": intent(f"{note['id']}/proposal#primary")}
    false = {**neighbour.note("no falta nada", cc=[olla.uri()], **more), "id": note["id"]}
    await neighbour.tell(olla, neighbour.activity("Create", false), handle="olla")
    assert await olla.document(note["id"]) == false
    if squatting == "need":
        promised = await olla.node.publisher.publish(
            olla.who(), "pledge", {"need": note["id"], "quantity": "5 kg"}
        )
        (offer,) = await ana.peer.hears("Offer")
        agreement = {**offer["object"], "id": f"{ana.peer.origin}/agreements/1"}
        await neighbour.tell(olla, neighbour.activity("Accept", promised.uri, result=agreement))
    if squatting == "withdrawn":
        await neighbour.tell(olla, neighbour.activity("Delete", note["id"]))
    said = ana.activity("Create", note["id"] if squatting == "announced by its id alone" else note)
    await ana.tell(olla, said)
    assert await olla.document(note["id"]) == note
    assert (await olla.thing(note["id"])).owner == ana.id
    assert await olla.reads(note["id"])
    assert await olla.incidents() == []
    assert ("mention", neighbour.id) not in await olla.told()
    assert await olla.check() == []
    assert (await world.client.get(f"{olla.origin}/c/olla")).status_code == 200
    await neighbour.tell(olla, neighbour.activity("Update", {**false, "content": "<p>nada</p>"}))
    await neighbour.tell(olla, neighbour.activity("Create", false))
    assert await olla.document(note["id"]) == note
    await ana.tell(olla, ana.activity("Delete", note["id"]))
    assert await olla.document(note["id"]) == {}
    assert await olla.check() == []


async def test_what_waits_for_a_server_that_does_not_answer_is_kept(world: World) -> None:
    olla, ana, neighbour = await two(world)
    note = ana.note("falta sal")
    false = {**neighbour.note("no falta nada", cc=[olla.uri()]), "id": note["id"]}
    await neighbour.tell(olla, neighbour.activity("Create", false))
    await ana.peer.stop()
    await ana.post(ana.activity("Create", note), f"{olla.origin}/inbox")
    await olla.until(lambda: olla.look(lambda s: s.value("SELECT 1 FROM inbound WHERE attempts = 1")))
    assert await olla.document(note["id"]) == false
    await ana.peer.start()
    world.ahead += timedelta(minutes=1)
    await ana.tell(olla, ana.activity("Like", "https://example.org/1"))
    assert await olla.document(note["id"]) == note
    assert await olla.check() == []


async def test_who_shares_a_batch_with_a_neighbour_loses_nothing(world: World) -> None:
    olla, ana, neighbour = await two(world)
    note = ana.note("falta sal")
    await neighbour.tell(
        olla, neighbour.activity("Create", {**neighbour.note("x", cc=[olla.uri()]), "id": note["id"]})
    )
    later = ana.note("y aceite")
    inbox = f"{olla.origin}/inbox"
    for said in (note, later):
        await ana.post(ana.activity("Create", said), inbox)
    await olla.digested()
    assert sorted(await olla.home()) == sorted([note["id"], later["id"]])
