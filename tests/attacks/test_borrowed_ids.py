"""Whoever writes the ids of others into a document of its own does not thereby become what they name."""

from typing import Any

import pytest

from federation.vocab import PUBLIC
from node.errors import UnknownError
from node.storage import posts
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


@pytest.mark.parametrize("named", ["the need", "its intent"])
async def test_a_neighbour_who_names_the_ids_of_a_need_before_it_comes_does_not_stand_in_its_place(
    world: World, named: str
) -> None:
    b, peer = await world.node("cooperativa"), await world.peer()
    ana, neighbour = peer.person("ana"), peer.person("neighbour", 4)
    await b.hear(ana)
    need = ana.note("falta sal", kind="need", purpose="request")
    need["publishes"] = intent(f"{need['id']}/proposal#primary")
    for borrowed in (need["id"], need["publishes"]["id"]):
        false = neighbour.note("hola", kind="need", purpose="request", publishes=intent(borrowed))
        await neighbour.tell(b, neighbour.activity("Create", false), handle="cooperativa")
    await ana.tell(b, ana.activity("Create", need))
    meant = need["id"] if named == "the need" else need["publishes"]["id"]
    await b.node.publisher.publish(b.who(), "pledge", {"need": meant, "quantity": "5 kg"})
    (offer,) = await peer.hears("Offer", inbox="/users/ana/inbox")
    assert offer["object"]["stipulates"]["satisfies"] == need["publishes"]["id"]
    assert await b.check() == []


async def test_a_neighbour_who_claims_the_followers_of_another_neither_hides_nor_reads_what_is_for_them(
    world: World,
) -> None:
    parish, peer = await world.node("olla", "other"), await world.peer()
    neighbour, ana = peer.person("neighbour", 4), peer.person("ana")
    neighbour.more["followers"] = ana.followers
    await parish.node.relations.follow(parish.who("other"), neighbour.id)
    (follow,) = await peer.hears("Follow")
    await neighbour.tell(parish, neighbour.activity("Accept", follow["id"]))
    await parish.node.relations.follow(parish.who(), ana.id)
    (follow,) = await peer.hears("Follow", inbox="/users/ana/inbox")
    await ana.tell(parish, ana.activity("Accept", follow["id"]))
    note = ana.note("solo para quienes me siguen", to=[ana.followers], cc=[])
    await ana.tell(parish, ana.activity("Create", note))
    await parish.node.reactions.like(parish.who(), note["id"])
    with pytest.raises(UnknownError):
        await parish.node.reactions.like(parish.who("other"), note["id"])


async def test_a_neighbour_who_uses_the_id_that_another_gives_her_follow_keeps_nobody(world: World) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    ana, neighbour = peer.person("ana"), peer.person("neighbour", 4)
    follow = ana.activity("Follow", olla.uri())
    await ana.tell(olla, follow)
    assert await olla.followers() == [ana.id]
    again = {**follow, "id": f"{peer.origin}/follows/again"}
    said = await olla.say("hola")
    await neighbour.tell(olla, neighbour.activity("Like", said.uri, id=again["id"]))
    await ana.tell(olla, ana.activity("Undo", again))
    assert await olla.followers() == []


async def test_a_boost_that_gives_way_to_a_note_is_not_kept_from_it(world: World) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    ana, neighbour = peer.person("ana"), peer.person("neighbour", 4)
    await olla.hear(ana)
    note, said = ana.note("falta sal"), await olla.say("hola")
    await neighbour.tell(olla, neighbour.activity("Announce", said.uri, id=note["id"], to=[PUBLIC]))
    boost = await olla.look(lambda snapshot: posts.by_uri(snapshot, note["id"]))
    false = {**neighbour.note("hola", cc=[olla.uri()]), "id": f"{note['id']}#{boost.id}"}
    await neighbour.tell(olla, neighbour.activity("Create", false))
    await ana.tell(olla, ana.activity("Create", note))
    assert await olla.reads(note["id"])
    assert ("reblog", neighbour.id) in await olla.told()


async def test_two_who_publish_by_one_id_are_noticed(world: World) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    ana, neighbour = peer.person("ana"), peer.person("neighbour", 4)
    await olla.hear(ana)
    note = ana.note("falta sal")
    false = {**neighbour.note("hola", cc=[olla.uri()]), "id": note["id"]}
    await neighbour.tell(olla, neighbour.activity("Create", false))
    assert "id-of-another" not in await olla.incidents()
    peer.serve(false)
    for _ in range(2):
        await ana.tell(olla, ana.activity("Create", note))
    assert (await olla.incidents()).count("id-of-another") == 1
    assert await olla.document(note["id"]) == false


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
