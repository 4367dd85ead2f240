"""Two nodes that follow each other: what one says, the other reads."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from node.errors import ConflictError
from node.storage import deliveries
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


async def test_who_was_down_for_two_minutes_has_the_post_within_ten_seconds_though_the_sender_was_restarted(
    world: World,
) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    rosa = peer.person("rosa")
    await rosa.tell(olla, rosa.activity("Follow", olla.uri()))
    await peer.hears("Accept")

    async def tried() -> int:
        return sum(each.failures for each in await olla.look(deliveries.failing))

    async def passes(seconds: int) -> None:
        """The sender is away while the clock moves on."""
        await olla.stop()
        world.ahead += timedelta(seconds=seconds)
        await olla.start()

    await peer.stop()
    await olla.say("¿están ahí?")
    await olla.until(tried)
    failures = await tried()
    await passes(120)
    await olla.until(lambda: more_than(tried, failures))
    await peer.start()
    back = world.clock()
    assert peer.said("Create") == []
    await passes(8)
    await peer.hears("Create")
    assert world.clock() - back < timedelta(seconds=10)


async def more_than(count: Callable[[], Awaitable[int]], least: int) -> bool:
    return await count() > least
