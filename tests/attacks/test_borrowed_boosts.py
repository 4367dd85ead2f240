"""A boost that goes by the id of what somebody else on its server said neither ends nor hides that."""

import pytest

from federation.vocab import PUBLIC
from node.errors import NotPermittedError
from node.storage import posts
from tests.attacks.test_borrowed_ids import intent
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


async def test_a_boost_by_the_id_of_a_note_not_known_yet_does_not_stand_in_its_place(world: World) -> None:
    olla, peer, elsewhere = await world.node("olla"), await world.peer(), await world.peer()
    ana, neighbour, vera = elsewhere.person("ana", 5), peer.person("neighbour", 4), peer.person("vera")
    await olla.hear(ana)
    shared, asked, liked, need = vera.note("uno"), vera.note("dos"), vera.note("tres"), vera.note("cuatro")
    gone = vera.note("cinco", cc=[olla.uri()])
    need.update(kind="need", purpose="request", publishes=intent(f"{need['id']}/proposal#primary"))
    peer.serve(need)
    for note in (shared, asked, liked, need, gone):
        said = await olla.say("hola")
        await neighbour.tell(olla, neighbour.activity("Announce", said.uri, id=note["id"], to=[PUBLIC]))
    await ana.tell(olla, ana.activity("Announce", shared["id"], to=[PUBLIC]))
    assert await olla.document(shared["id"]) == shared
    await olla.say("respuesta", in_reply_to=asked["id"])
    (answer,) = await peer.hears("Create")
    assert answer["object"]["inReplyTo"] == asked["id"]
    await olla.node.reactions.like(olla.who(), liked["id"])
    (like,) = await peer.hears("Like")
    assert like["object"] == liked["id"]
    await olla.node.publisher.publish(olla.who(), "pledge", {"need": need["id"], "quantity": "5 kg"})
    await peer.hears("Offer")
    await vera.tell(olla, vera.activity("Delete", gone["id"]), handle="olla")
    await vera.tell(olla, vera.activity("Create", gone))
    assert await olla.document(gone["id"]) == {}
    assert await olla.check() == []


async def test_what_is_answered_or_liked_by_the_number_of_a_boost_is_what_it_boosts(world: World) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    ana, vera = peer.person("ana", 5), peer.person("vera")
    await olla.hear(ana)
    note = vera.note("hola")
    boost = ana.activity("Announce", note["id"], to=[PUBLIC])
    await ana.tell(olla, boost)
    number = str((await olla.look(lambda snapshot: posts.by_uri(snapshot, boost["id"]))).id)
    await olla.node.reactions.like(olla.who(), number)
    (like,) = await peer.hears("Like")
    assert like["object"] == note["id"]
    await olla.say("respuesta", in_reply_to=number)
    (answer,) = await peer.hears("Create")
    assert answer["object"]["inReplyTo"] == note["id"]


async def test_an_answer_to_a_note_whose_id_a_boost_borrowed_is_read_as_one_to_a_note_not_known(
    world: World,
) -> None:
    olla, peer, elsewhere = await world.node("olla"), await world.peer(), await world.peer()
    ana, neighbour, vera = elsewhere.person("ana", 5), peer.person("neighbour", 4), peer.person("vera")
    await olla.hear(ana)
    said, note = await olla.say("hola"), vera.note("falta sal")
    await neighbour.tell(olla, neighbour.activity("Announce", said.uri, id=note["id"], to=[PUBLIC]))
    reply = ana.note("yo llevo", inReplyTo=note["id"])
    await ana.tell(olla, ana.activity("Create", reply))
    assert await olla.reads(reply["id"])
    await vera.tell(olla, vera.activity("Create", {**note, "cc": [olla.uri()]}), handle="olla")
    conversation = await olla.look(lambda snapshot: posts.by_uri(snapshot, reply["id"]).conversation)
    assert conversation != await olla.look(lambda snapshot: posts.by_uri(snapshot, said.uri).conversation)


async def test_nobody_changes_a_post_of_ours_by_the_boost_of_a_stranger_but_boosts_it_by_that(
    world: World,
) -> None:
    olla, peer = await world.node("olla", "other"), await world.peer()
    ana, vera = peer.person("ana", 5), peer.person("vera")
    said, note = await olla.say("hola"), vera.note("falta sal")
    boost, other = (ana.activity("Announce", about, to=[PUBLIC]) for about in (said.uri, note["id"]))
    for announced in (boost, other):
        peer.serve(announced)
    await ana.tell(olla, boost)
    number = str((await olla.look(lambda snapshot: posts.by_uri(snapshot, boost["id"]))).id)
    for ref in (number, boost["id"]):
        with pytest.raises(NotPermittedError):
            await olla.node.publisher.withdraw(olla.who(), ref)
        with pytest.raises(NotPermittedError):
            await olla.node.publisher.revise(olla.who(), ref, {"text": "chao"})
    assert await olla.document(said.uri) != {}
    await olla.node.reactions.boost(olla.who("other"), boost["id"])
    await olla.node.reactions.boost(olla.who("other"), other["id"])
    ours = [each["object"] for each in await peer.hears("Announce")]
    assert ours == [note["id"]]
    assert ("reblog", olla.uri("other")) in await olla.told()
