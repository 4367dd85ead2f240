"""Whoever writes the ids of others into a document of its own does not thereby become what they name."""

from typing import Any

import pytest

from federation.vocab import PUBLIC
from tests.fediverse import World
from tests.node.test_negotiation import agreed, need_of, pledge, state


@pytest.mark.parametrize("borrowed", ["the need", "its intent"])
async def test_a_record_that_goes_by_the_id_of_a_need_does_not_take_its_place(
    world: World, borrowed: str
) -> None:
    a, b, need = await need_of(world)
    mallory = (await world.peer()).person("mallory")
    record = {"id": need if borrowed == "the need" else f"{need}/proposal#primary"}
    false = mallory.note("hola", inReplyTo=need, record=record)
    for instance in (a, b):
        await mallory.tell(instance, mallory.activity("Create", false), handle=instance.handles[0])
        assert await state(instance, need) == ("open", "40")
    promised = await pledge(a, b, need, "25 kg")
    await a.node.publisher.accept(a.who(), promised)
    await agreed(a, b, need, ("open", "15"))


async def test_a_neighbour_does_not_take_the_id_of_what_another_published(world: World) -> None:
    b, peer = await world.node("cooperativa"), await world.peer()
    ana, neighbour = peer.person("ana"), peer.person("neighbour")
    await b.hear(ana)
    need = ana.note("falta sal", kind="need", purpose="request", publishes=intent(f"{peer.origin}/intents/7"))
    await ana.tell(b, ana.activity("Create", need))
    false = neighbour.note("hola", record={"id": need["id"]})
    await neighbour.tell(b, neighbour.activity("Create", false), handle="cooperativa")
    assert await state(b, need["id"]) == ("open", None)


async def test_a_neighbour_who_uses_the_id_of_an_activity_first_hides_nothing(world: World) -> None:
    b, peer = await world.node("cooperativa"), await world.peer()
    ana, neighbour = peer.person("ana"), peer.person("neighbour", 4)
    await b.hear(ana)
    taken = f"{peer.origin}/activities/next"
    false, note = neighbour.note("hola", cc=[b.uri()]), ana.note("falta sal")
    await neighbour.tell(b, neighbour.activity("Create", false, id=taken), handle="cooperativa")
    assert await b.thing(false["id"]) is not None
    for _ in range(2):
        said = await ana.tell(b, ana.activity("Create", note, id=taken))
        assert said.status_code == 202
        assert (await b.home()).count(note["id"]) == 1
    assert await b.check() == []


async def test_a_neighbour_who_uses_the_id_of_a_like_or_boost_first_hides_neither(world: World) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    ana, neighbour = peer.person("ana"), peer.person("neighbour", 4)
    one, two = await olla.say("uno"), await olla.say("dos")
    for kind, told in (("Like", "favourite"), ("Announce", "reblog")):
        taken = f"{peer.origin}/activities/{kind}"
        await neighbour.tell(olla, neighbour.activity(kind, one.uri, id=taken, to=[PUBLIC]))
        await ana.tell(olla, ana.activity(kind, two.uri, id=taken, to=[PUBLIC]))
        both = {(told, neighbour.id), (told, ana.id)}
        assert both <= set(await olla.told())
        await ana.tell(olla, ana.activity("Undo", taken))
        assert both & set(await olla.told()) == {(told, neighbour.id)}


async def test_a_boost_by_the_id_of_a_note_of_a_neighbour_keeps_no_note_away(world: World) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    ana, neighbour = peer.person("ana"), peer.person("neighbour", 4)
    await olla.hear(ana)
    said, notes = await olla.say("hola"), [ana.note("falta sal"), ana.note("falta pan")]
    boost = neighbour.activity("Announce", said.uri, id=notes[0]["id"], to=[PUBLIC])
    await neighbour.tell(olla, boost)
    for note in notes:
        await ana.tell(olla, ana.activity("Create", note))
    other = await olla.say("otra vez")
    await neighbour.tell(olla, neighbour.activity("Announce", other.uri, id=notes[1]["id"], to=[PUBLIC]))
    assert {notes[0]["id"], notes[1]["id"]} <= set(await olla.home())
    assert (await olla.told()).count(("reblog", neighbour.id)) == 2
    await neighbour.tell(olla, neighbour.activity("Undo", boost["id"]))
    assert (await olla.told()).count(("reblog", neighbour.id)) == 1
    assert {notes[0]["id"], notes[1]["id"]} <= set(await olla.home())


async def test_a_pledge_names_the_intent_as_its_owner_does(world: World) -> None:
    b, peer = await world.node("cooperativa"), await world.peer()
    ana = peer.person("ana")
    await b.hear(ana)
    named = f"{peer.origin}/intents/7"
    need = ana.note("falta sal", kind="need", purpose="request", publishes=intent(named))
    await ana.tell(b, ana.activity("Create", need))
    said = await b.node.publisher.publish(b.who(), "pledge", {"need": need["id"], "quantity": "5 kg"})
    (offer,) = await peer.hears("Offer")
    assert offer["object"]["stipulates"]["satisfies"] == named
    agreement = {**offer["object"], "id": f"{peer.origin}/agreements/1"}
    await ana.tell(b, ana.activity("Accept", said.uri, result=agreement))
    assert await state(b, said.uri) == ("accepted", None)
    await ana.tell(b, ana.activity("Delete", need["id"]))
    assert await b.check() == []


def intent(named: str) -> dict[str, Any]:
    amount = {"hasUnit": "kilogram", "hasNumericalValue": "10"}
    return {"type": "Intent", "id": named, "name": "sal", "action": "transfer", "resourceQuantity": amount}
