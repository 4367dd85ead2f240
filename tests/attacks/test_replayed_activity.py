"""What was said once is not said again by whoever kept a copy, though its proof never grows old."""

import pytest

from federation.vocab import PUBLIC
from node.storage import gathering
from node.storage.gathering import Counts
from tests.fediverse import Instance, Person, World


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
async def rosa(world: World) -> Person:
    return (await world.peer()).person("rosa")


@pytest.fixture
async def thief(world: World) -> Person:
    """Who forwards copies of what Rosa said, with her proof."""
    return (await world.peer()).person("thief", 4)


async def test_a_like_or_boost_that_was_undone_does_not_come_back(
    olla: Instance, rosa: Person, thief: Person
) -> None:
    said = await olla.say("hola")
    copies = [rosa.spoken("Like", said.uri), rosa.spoken("Announce", said.uri, to=(PUBLIC,))]
    for document in copies:
        assert (await thief.tell(olla, document)).status_code == 202
    assert await olla.look(lambda s: gathering.counts(s, [said.id])[said.id]) == Counts(0, 1, 1)
    for document in copies:
        await rosa.tell(olla, rosa.activity("Undo", document["id"]))
    for document in copies:
        await thief.tell(olla, document)
    assert await olla.look(lambda s: gathering.counts(s, [said.id])[said.id]) == Counts(0, 0, 0)


async def test_an_old_undo_does_not_take_back_a_new_like_or_follow(
    olla: Instance, rosa: Person, thief: Person
) -> None:
    said = await olla.say("hola")
    like, follow = rosa.activity("Like", said.uri), rosa.activity("Follow", olla.uri())
    undos = [rosa.spoken("Undo", like), rosa.spoken("Undo", follow)]
    for document in (like, follow, *undos):
        await rosa.tell(olla, document)
    assert await olla.followers() == []
    await rosa.tell(olla, rosa.activity("Like", said.uri))
    await rosa.tell(olla, rosa.activity("Follow", olla.uri()))
    for document in undos:
        await thief.tell(olla, document)
    assert await olla.followers() == [rosa.id]
    assert await olla.look(lambda s: gathering.counts(s, [said.id])[said.id]) == Counts(0, 0, 1)


async def test_a_follow_that_was_undone_does_not_come_back(
    olla: Instance, rosa: Person, thief: Person
) -> None:
    follow = rosa.spoken("Follow", olla.uri())
    await thief.tell(olla, follow)
    await rosa.tell(olla, rosa.activity("Undo", follow))
    await thief.tell(olla, follow)
    assert await olla.followers() == []


async def test_a_block_that_was_taken_back_does_not_come_back(
    olla: Instance, rosa: Person, thief: Person
) -> None:
    block = rosa.spoken("Block", olla.uri())
    await thief.tell(olla, block)
    await rosa.tell(olla, rosa.activity("Undo", block))
    await rosa.tell(olla, rosa.activity("Follow", olla.uri()))
    await thief.tell(olla, block)
    assert await olla.followers() == [rosa.id]


async def test_a_note_that_was_deleted_does_not_come_back_by_a_copy_of_its_create_or_update(
    olla: Instance, rosa: Person, thief: Person
) -> None:
    await olla.hear(rosa)
    note = rosa.note("se borra")
    copies = [rosa.spoken(kind, note) for kind in ("Create", "Update")]
    for document in copies:
        await rosa.tell(olla, document)
    await rosa.tell(olla, rosa.activity("Delete", note["id"]))
    for document in copies:
        await thief.tell(olla, document)
    assert await olla.document(note["id"]) == {}
    assert not await olla.reads(note["id"])
