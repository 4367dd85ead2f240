"""What is pinned to a profile: told to the followers, and taken from the author alone."""

import pytest

from node.storage import posts
from tests.fediverse import Instance, Person, World


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
async def rosa(olla: Instance, world: World) -> Person:
    peer = await world.peer()
    person = peer.person("rosa", featured=f"{peer.origin}/users/rosa/pins")
    await olla.hear(person)
    return person


async def pinned(instance: Instance, actor: str) -> list[str]:
    return [post.uri for post in await instance.look(lambda snapshot: posts.pinned(snapshot, actor))]


async def test_followers_hear_of_a_pin_once_and_of_its_end(olla: Instance, world: World) -> None:
    reader = await world.node("lectora")
    await reader.follow(olla.address())
    first, second = await olla.say("comemos a las 13:00"), await olla.say("falta gas")
    reactions = olla.node.reactions
    for said in (first, second, second):
        await reactions.pin(olla.who(), said.uri)
    await world.quiet()
    assert await pinned(olla, olla.uri()) == await pinned(reader, olla.uri()) == [second.uri, first.uri]
    featured = await world.client.get(
        f"{olla.uri()}/featured", headers={"accept": "application/activity+json"}
    )
    assert featured.json()["orderedItems"] == [second.uri, first.uri]
    await reactions.unpin(olla.who(), first.uri)
    await world.quiet()
    assert await pinned(olla, olla.uri()) == await pinned(reader, olla.uri()) == [second.uri]
    outbox = await world.client.get(
        f"{olla.uri()}/outbox?page=true", headers={"accept": "application/activity+json"}
    )
    told = [
        (each["type"], each["object"], each["target"])
        for each in outbox.json()["orderedItems"]
        if "target" in each
    ]
    target = f"{olla.uri()}/featured"
    assert told == [("Remove", first.uri, target), ("Add", second.uri, target), ("Add", first.uri, target)]
    assert not await olla.check()


async def test_only_the_author_pins_its_own_post_to_its_own_featured(olla: Instance, rosa: Person) -> None:
    note, target = rosa.note("buenos días"), rosa.document()["featured"]
    await rosa.tell(olla, rosa.activity("Create", note))
    mallory = rosa.peer.person("mallory", 4, featured=f"{rosa.id}/mine")
    said = await olla.say("hola")
    for who, about, where in (
        (mallory, note["id"], target),
        (mallory, note["id"], f"{rosa.id}/mine"),
        (rosa, note["id"], rosa.followers),
        (rosa, said.uri, target),
        (rosa, f"{rosa.peer.origin}/notes/unheard", target),
    ):
        await who.tell(olla, who.activity("Add", about, target=where))
    assert (
        await pinned(olla, rosa.id) == await pinned(olla, mallory.id) == await pinned(olla, olla.uri()) == []
    )
    await rosa.tell(olla, rosa.activity("Add", note["id"], target=target))
    assert await pinned(olla, rosa.id) == [note["id"]]
    await mallory.tell(olla, mallory.activity("Remove", note["id"], target=target))
    assert await pinned(olla, rosa.id) == [note["id"]]
    await rosa.tell(olla, rosa.activity("Remove", note["id"], target=target))
    assert await pinned(olla, rosa.id) == []
