"""A boost that goes by the id of what somebody else on its server said neither ends nor hides that."""

from federation.vocab import PUBLIC
from tests.fediverse import World
from tests.node.test_negotiation import offered, state


async def test_a_neighbour_who_boosted_by_the_id_of_an_offer_does_not_end_it_when_she_goes(
    world: World,
) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    rosa, neighbour = peer.person("rosa"), peer.person("neighbour", 4)
    fields = {"what": "lentejas", "quantity": "40 kg", "place": "La Pintana"}
    need = (await olla.node.publisher.publish(olla.who(), "need", fields)).uri
    offer = offered(rosa, olla.uri(), str((await olla.document(need))["publishes"]["id"]))
    await rosa.tell(olla, offer)
    await olla.node.publisher.accept(olla.who(), offer["id"])
    await neighbour.tell(olla, neighbour.activity("Announce", need, id=offer["id"], to=[PUBLIC]))
    own = neighbour.note("hola", cc=[olla.uri()])
    await neighbour.tell(olla, neighbour.activity("Create", own))
    assert ("reblog", neighbour.id) in await olla.told()
    peer.gone.add("/users/neighbour")
    await neighbour.tell(olla, neighbour.activity("Delete", neighbour.id))
    assert await olla.document(own["id"]) == {}
    assert ("reblog", neighbour.id) not in await olla.told()
    assert await state(olla, offer["id"]) == ("accepted", None)
    assert await state(olla, need) == ("open", "30")
    assert await olla.check() == []
