"""Two nodes negotiate a need through real sockets, and afterwards replay gives what is stored."""

from typing import Any

import pytest

from node.errors import NodeError
from node.speak.scene import LiveScene
from tests.fediverse import Instance, World


async def need_of(world: World) -> tuple[Instance, Instance, str]:
    a, b = await world.node("esperanza"), await world.node("cooperativa")
    await b.follow(a.address())
    fields = {"what": "lentejas", "quantity": "40 kg", "minimum": "10 kg", "place": "La Pintana"}
    said = await a.node.publisher.publish(a.who(), "need", fields)
    await b.until(lambda: b.reads(said.uri))
    return a, b, said.uri


async def state(instance: Instance, uri: str) -> Any:
    """State of a thing by any of its ids, and what is lacking where it is a need."""

    def look(snapshot: Any) -> Any:
        thing = LiveScene(snapshot, instance.origin, here=instance.uri()).thing(uri)
        available = getattr(thing.record, "available", None) if thing else None
        return thing and (thing.state, available and str(available.value))

    return await instance.look(look)


async def pledge(a: Instance, b: Instance, need: str, amount: str) -> str:
    said = await b.node.publisher.publish(b.who(), "pledge", {"need": need, "quantity": amount})
    await a.until(lambda: state(a, said.uri))
    return str(said.uri)


async def agreed(a: Instance, b: Instance, uri: str, expected: Any) -> None:
    """Both sides come to see it so."""
    for instance in (a, b):

        async def so(instance: Instance = instance) -> bool:
            return bool(await state(instance, uri) == expected)

        await instance.until(so)


async def test_a_need_is_pledged_for_received_taken_back_and_covered(world: World) -> None:
    a, b, need = await need_of(world)
    first = await pledge(a, b, need, "25 kg")
    await a.node.publisher.accept(a.who(), first)
    await agreed(a, b, need, ("open", "15"))
    await agreed(a, b, first, ("accepted", None))
    await a.node.publisher.publish(a.who(), "receipt", {"of": first, "quantity": "10 kg", "more": "sí"})
    await world.quiet()
    await b.node.publisher.revise(b.who(), first, {"quantity": "20 kg"})
    await agreed(a, b, need, ("open", "20"))
    await b.node.publisher.withdraw(b.who(), first)
    await agreed(a, b, need, ("open", "30"))
    second = await pledge(a, b, need, "30 kg")
    await a.node.publisher.accept(a.who(), second)
    await agreed(a, b, need, ("covered", "0"))
    assert (await a.check(), await b.check()) == ([], [])
    await b.node.publisher.withdraw(b.who(), second)
    await agreed(a, b, need, ("open", "30"))
    assert (await a.check(), await b.check()) == ([], [])
    assert (await a.incidents(), await b.incidents()) == ([], [])


async def test_an_offer_is_taken_back_or_refused_and_the_need_withdrawn(world: World) -> None:
    a, b, need = await need_of(world)
    first = await pledge(a, b, need, "25 kg")
    await b.node.publisher.withdraw(b.who(), first)
    await agreed(a, b, first, ("withdrawn", None))
    second = await pledge(a, b, need, "25 kg")
    await a.node.publisher.reject(a.who(), second, "ya no hace falta")
    await agreed(a, b, second, ("rejected", None))
    third = await pledge(a, b, need, "25 kg")
    await a.node.publisher.accept(a.who(), third)
    await world.quiet()
    with pytest.raises(NodeError, match="quantity"):
        await b.node.publisher.publish(b.who(), "pledge", {"need": need, "quantity": "16 kg"})
    await a.node.publisher.withdraw(a.who(), need)
    await world.quiet()
    for instance in (a, b):
        gone = await state(instance, third)
        assert gone[0] in ("rejected", "withdrawn")
        assert await state(instance, need) == ("withdrawn", None)
        assert await instance.check() == []
        assert await instance.incidents() == []
