"""Two nodes that follow each other: what one says, the other reads."""

import pytest

from node.errors import ConflictError
from tests.fediverse import World


async def test_what_is_said_is_read_answered_liked_boosted_edited_and_withdrawn_on_the_other_side(
    world: World,
) -> None:
    a, b = await world.node("esperanza"), await world.node("villasol")
    await b.follow(a.address())
    said = await a.say(f"Hola @{b.address()} #olla <b>x</b>")
    await b.until(lambda: b.reads(said.uri))
    assert ("mention", a.uri()) in await b.told()

    answer = await b.say("Llevo 10 kg", in_reply_to=said.uri)
    await b.node.reactions.like(b.who(), said.uri)
    await b.node.reactions.boost(b.who(), said.uri)
    await world.quiet()
    assert (await a.thing(answer.uri)) is not None
    assert {what for what, _ in await a.told()} == {"follow", "mention", "favourite", "reblog"}

    await a.node.publisher.revise(a.who(), str(said.id), {"text": "Hola editado"})
    await world.quiet()
    assert "editado" in (await b.document(said.uri))["content"]
    assert ("update", a.uri()) in await b.told()

    await b.node.reactions.undo(b.who(), said.uri)
    await a.node.publisher.withdraw(a.who(), str(said.id))
    await world.quiet()
    assert not await b.reads(said.uri)
    assert await b.document(said.uri) == {}
    assert (await a.check(), await b.check()) == ([], [])
    assert (await a.incidents(), await b.incidents()) == ([], [])


async def test_a_boost_named_by_its_own_id_is_taken_back_alone(world: World) -> None:
    a = await world.node("esperanza")
    said = await a.say("hola")
    await a.node.reactions.like(a.who(), said.uri)
    boost = await a.node.reactions.boost(a.who(), said.uri)
    undone = await a.node.reactions.undo(a.who(), str(boost.id))
    assert undone.uri == said.uri
    with pytest.raises(ConflictError):
        await a.node.reactions.undo(a.who(), said.uri, only="boost")
    await a.node.reactions.undo(a.who(), said.uri, only="like")
