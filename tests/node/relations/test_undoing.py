"""What others take back, and what they answer late, changes the tie that is meant and no newer one."""

import pytest

from federation.follow import reference
from federation.vocab import PUBLIC
from node.storage import follows
from tests.fediverse import Instance, Person, World


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
async def rosa(olla: Instance, world: World) -> Person:
    person = (await world.peer()).person("rosa")
    await olla.hear(person)
    return person


async def blocked(olla: Instance, rosa: Person) -> bool:
    return bool(await olla.look(lambda snapshot: follows.blocks(snapshot, rosa.id, olla.uri())))


@pytest.mark.parametrize("how", ["by id", "embedded", "embedded without id"])
async def test_a_block_is_taken_back_however_it_is_named(olla: Instance, rosa: Person, how: str) -> None:
    block = rosa.activity("Block", olla.uri())
    await rosa.tell(olla, block)
    assert await blocked(olla, rosa)
    nameless = {key: value for key, value in block.items() if key != "id"}
    named = {"by id": block["id"], "embedded": block, "embedded without id": nameless}[how]
    await rosa.tell(olla, rosa.activity("Undo", named))
    assert not await blocked(olla, rosa)


async def test_a_block_is_undone_by_what_was_kept_not_by_what_is_claimed(
    olla: Instance, rosa: Person
) -> None:
    block = rosa.activity("Block", olla.uri())
    await rosa.tell(olla, block)
    await rosa.tell(olla, rosa.activity("Undo", {**block, "object": "https://elsewhere.example/u"}))
    assert not await blocked(olla, rosa)


@pytest.mark.parametrize("kind", ["Like", "Announce"])
async def test_nobody_is_told_any_more_of_what_was_taken_back(
    olla: Instance, rosa: Person, kind: str
) -> None:
    said = await olla.say("hola")
    before = await olla.told()
    done = rosa.activity(kind, said.uri, to=[PUBLIC])
    await rosa.tell(olla, done)
    assert len(await olla.told()) == len(before) + 1
    await rosa.tell(olla, rosa.activity("Undo", done))
    assert await olla.told() == before


async def test_taking_back_a_former_follow_leaves_the_newer(olla: Instance, rosa: Person) -> None:
    former, newer = (rosa.activity("Follow", olla.uri()) for _ in range(2))
    await rosa.tell(olla, former)
    await rosa.tell(olla, newer)
    await rosa.tell(olla, rosa.activity("Undo", former))
    assert rosa.id in await olla.followers()
    await rosa.tell(olla, rosa.activity("Undo", newer))
    assert await olla.followers() == []


async def test_a_follow_is_taken_back_by_its_pair_where_its_id_says_nothing(
    olla: Instance, rosa: Person
) -> None:
    for named in ("", f"{rosa.peer.origin}/never-seen"):
        await rosa.tell(olla, rosa.activity("Follow", olla.uri()))
        await rosa.tell(olla, rosa.activity("Undo", reference(named, rosa.id, olla.uri())))
        assert await olla.followers() == []


async def test_taking_back_something_else_that_names_us_is_no_unfollow(olla: Instance, rosa: Person) -> None:
    await rosa.tell(olla, rosa.activity("Follow", olla.uri()))
    await rosa.tell(olla, rosa.activity("Undo", rosa.activity("Like", olla.uri())))
    assert rosa.id in await olla.followers()


async def test_a_late_reject_of_a_former_follow_does_not_end_the_newer(olla: Instance, rosa: Person) -> None:
    (former,) = rosa.peer.said("Follow")
    await olla.node.relations.unfollow(olla.who(), rosa.id)
    await olla.node.relations.follow(olla.who(), rosa.id)
    _, newer = await rosa.peer.hears("Follow", number=2)
    await rosa.tell(olla, rosa.activity("Accept", newer))
    assert await olla.follows(rosa.id)
    await rosa.tell(olla, rosa.activity("Reject", former))
    assert await olla.follows(rosa.id)
    await rosa.tell(olla, rosa.activity("Reject", newer))
    assert not await olla.follows(rosa.id)
