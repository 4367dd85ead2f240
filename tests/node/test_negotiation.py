"""Two nodes negotiate a need through real sockets, and afterwards replay gives what is stored."""

import json
from datetime import timedelta
from typing import Any

import pytest

from federation.vocab import PUBLIC
from node.domain.kind import Audience
from node.errors import InvalidError, NodeError
from node.speak.scene import LiveScene
from node.storage import collectives, objects, posts
from node.storage.database import Snapshot
from tests.fediverse import Instance, JsonObject, Person, World


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


@pytest.mark.parametrize("unreachable", ["who asked", "who pledged"])
async def test_a_pledge_taken_back_before_its_echo_or_its_acceptance_arrived_is_taken_back_for_both(
    world: World, unreachable: str
) -> None:
    a, b, need = await need_of(world)
    first = await pledge(a, b, need, "40 kg")
    away = a if unreachable == "who asked" else b
    await away.place.down()
    await a.node.publisher.accept(a.who(), first)

    async def echoed() -> bool:
        return bool(await state(b, first) == ("accepted", None))

    if unreachable == "who asked":
        await b.until(echoed)
    await b.node.publisher.withdraw(b.who(), first)
    await away.place.up(away.node.asgi)
    await agreed(a, b, first, ("withdrawn", None))
    await agreed(a, b, need, ("open", "40"))
    assert (await a.check(), await b.check()) == ([], [])
    assert await a.incidents() == []


async def test_an_echo_is_never_read_by_more_than_the_pledger_chose_nor_by_more_than_read_the_need(
    world: World,
) -> None:
    a, b, need = await need_of(world)
    fields = {"need": need, "quantity": "25 kg"}
    said = await b.node.publisher.publish(b.who(), "pledge", fields, audience=Audience.FOLLOWERS)
    await a.until(lambda: state(a, said.uri))
    await a.node.publisher.accept(a.who(), said.uri)
    await agreed(a, b, said.uri, ("accepted", None))

    def echo(snapshot: Any) -> Any:
        thing = LiveScene(snapshot, b.origin, here=b.uri()).thing(said.uri)
        post = posts.by_uri(snapshot, str(thing and thing.facts.get("echo")))
        return post and (post.uri, post.audience)

    uri, audience = await b.look(echo)
    assert audience == Audience.FOLLOWERS
    fetched = await world.client.get(uri, headers={"accept": "application/activity+json"})
    assert fetched.status_code == 404
    assert (await a.check(), await b.check()) == ([], [])
    fields = {"what": "arroz", "quantity": "5 kg"}
    quiet = await a.node.publisher.publish(a.who(), "need", fields, audience=Audience.FOLLOWERS)
    await b.until(lambda: b.reads(quiet.uri))
    fields = {"need": quiet.uri, "quantity": "5 kg"}
    with pytest.raises(InvalidError, match="visibility: solo para quienes participan"):
        await b.node.publisher.publish(b.who(), "pledge", fields, audience=Audience.PUBLIC)


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
        assert gone == ("rejected", None)
        assert await state(instance, need) == ("withdrawn", None)
        assert await instance.check() == []
        assert await instance.incidents() == []


async def test_who_pledged_reads_why_it_was_refused_after_it_had_been_accepted(world: World) -> None:
    a, b, need = await need_of(world)
    fields = {"need": need, "quantity": "25 kg"}
    said = await b.node.publisher.publish(b.who(), "pledge", fields)
    await a.until(lambda: state(a, said.uri))
    await a.node.publisher.accept(a.who(), said.uri)
    await agreed(a, b, need, ("open", "15"))
    accepted = await b.thing(said.uri)
    assert accepted is not None
    echo = str(accepted.facts["echo"])
    await a.until(lambda: a.thing(echo))
    await a.node.publisher.reject(a.who(), said.uri, "se quemó la bodega")
    await agreed(a, b, said.uri, ("rejected", None))
    await agreed(a, b, need, ("open", "40"))
    await world.quiet()
    for instance in (a, b):
        pledged = await instance.thing(said.uri)
        assert pledged is not None
        assert pledged.facts["reason"] == "se quemó la bodega"
        assert b"25" in pledged.document
        assert (await instance.check(), await instance.incidents()) == ([], [])

    def told(snapshot: Snapshot) -> list[str]:
        own = collectives.by_uri(snapshot, b.uri())
        rows = posts.notifications(snapshot, own.id) if own else ()
        shown = [posts.by_id(snapshot, row.post) for row in rows if row.type == "mention" and row.post]
        notes = [objects.by_uri(snapshot, post.uri) for post in shown if post]
        return [json.loads(note.document)["content"] for note in notes if note]

    notice, taken = await b.look(told)
    assert "cuenta con lo que ofrecimos" in taken
    assert "no pudo recibir" in notice
    assert "se quemó la bodega" in notice
    gone = await world.client.get(echo, headers={"accept": "application/activity+json"})
    assert gone.status_code == 410


def offered(rosa: Person, kitchen: str, intent: str, amount: str = "10") -> JsonObject:
    """An Offer of an Agreement as any program might write it."""
    commitment = {
        "type": "Commitment",
        "satisfies": intent,
        "resourceQuantity": {"hasUnit": "kilogram", "hasNumericalValue": amount},
    }
    return rosa.activity("Offer", {"type": "Agreement", "stipulates": commitment}, to=[kitchen])


@pytest.mark.parametrize(
    ("which", "amount", "reason"),
    [
        (
            "{origin}/o/1/proposal#primary",
            "10",
            "necesidad: la dirección de una necesidad que se conozca aquí",
        ),
        ("{gone}/proposal#primary", "10", "necesidad: una necesidad que no se haya retirado"),
        ("{need}/proposal#primary", "41", "cantidad: a lo más lo que falta: solo faltan 40 kg"),
        ("{need}/proposal#primary", "-3", "cantidad: un número mayor que cero"),
        ("{need}/proposal#primary", "a few", "cantidad: un número decimal como texto"),
    ],
)
async def test_an_offer_of_a_stranger_that_does_not_hold_is_rejected_with_the_reason_and_leaves_nothing(
    world: World, which: str, amount: str, reason: str
) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    rosa = peer.person("rosa")
    fields = {"what": "lentejas", "quantity": "40 kg"}
    need, gone = [(await olla.node.publisher.publish(olla.who(), "need", fields)).uri for _ in range(2)]
    await olla.node.publisher.withdraw(olla.who(), gone)
    intent = which.format(origin=olla.origin, need=need, gone=gone)
    offer = offered(rosa, olla.uri(), intent, amount)
    assert (await rosa.tell(olla, offer)).status_code == 202
    (rejected,) = await peer.hears("Reject")
    assert rejected["object"] == offer["id"]
    assert reason in rejected["content"]
    assert await state(olla, offer["id"]) is None
    assert await state(olla, need) == ("open", "40")
    assert await olla.check() == []


async def test_a_stranger_neither_raises_its_pledge_nor_accepts_for_the_kitchen(world: World) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    rosa, eva = peer.person("rosa"), peer.person("eva", 4)
    fields = {"what": "lentejas", "quantity": "40 kg"}
    need = (await olla.node.publisher.publish(olla.who(), "need", fields)).uri
    offer = offered(rosa, olla.uri(), f"{need}/proposal#primary")
    await rosa.tell(olla, offer)
    for person in (rosa, eva):
        agreement = {"type": "Agreement", "id": f"{peer.origin}/agreements/1"}
        await person.tell(olla, person.activity("Accept", offer["id"], result=agreement))
        assert await state(olla, offer["id"]) == ("offered", None)
    await olla.node.publisher.accept(olla.who(), offer["id"])
    (accepted,) = await peer.hears("Accept")
    assert await state(olla, need) == ("open", "30")

    def echo(amount: str) -> JsonObject:
        record = {
            "type": "Commitment",
            "satisfies": f"{need}/proposal#primary",
            "resourceQuantity": {"hasUnit": "kilogram", "hasNumericalValue": amount},
        }
        note = rosa.note("llevo", kind="pledge", record=record, inReplyTo=need, to=[PUBLIC, olla.uri()])
        return {**note, "id": f"{peer.origin}/notes/echo", "context": accepted["result"]["id"]}

    await rosa.tell(olla, rosa.activity("Create", echo("10")))
    later = {"updated": (world.clock() + timedelta(seconds=5)).isoformat()}
    await rosa.tell(olla, rosa.activity("Update", {**echo("25"), **later}))
    assert await state(olla, need) == ("open", "30")
    later = {"updated": (world.clock() + timedelta(seconds=9)).isoformat()}
    await rosa.tell(olla, rosa.activity("Update", {**echo("4"), **later}))
    assert await state(olla, need) == ("open", "36")
    await eva.tell(olla, eva.activity("Delete", f"{peer.origin}/notes/echo", to=[PUBLIC]))
    assert await state(olla, need) == ("open", "36")
    await rosa.tell(olla, rosa.activity("Delete", f"{peer.origin}/notes/echo", to=[PUBLIC]))
    assert await state(olla, need) == ("open", "40")
    assert await olla.check() == []


@pytest.mark.parametrize("reason", ["gracias @cooperativa, ya no hace falta", "x y " * 800])
async def test_a_refusal_reads_the_same_when_it_is_replayed(world: World, reason: str) -> None:
    a, b, need = await need_of(world)
    offer = await pledge(a, b, need, "25 kg")
    await a.node.publisher.reject(a.who(), offer, reason.replace("cooperativa", b.address()))
    await agreed(a, b, offer, ("rejected", None))
    assert (await a.check(), await b.check()) == ([], [])


async def test_an_echo_that_does_not_read_never_lets_its_pledge_grow(world: World) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    rosa = peer.person("rosa")
    fields = {"what": "lentejas", "quantity": "40 kg"}
    need = (await olla.node.publisher.publish(olla.who(), "need", fields)).uri
    offer = offered(rosa, olla.uri(), f"{need}/proposal#primary")
    await rosa.tell(olla, offer)
    await olla.node.publisher.accept(olla.who(), offer["id"])
    (accepted,) = await peer.hears("Accept")

    def echo(record: JsonObject, seconds: int) -> JsonObject:
        note = rosa.note("llevo", kind="pledge", record=record, inReplyTo=need, to=[PUBLIC, olla.uri()])
        updated = (world.clock() + timedelta(seconds=seconds)).isoformat()
        return {
            **note,
            "id": f"{peer.origin}/notes/echo",
            "context": accepted["result"]["id"],
            "updated": updated,
        }

    def terms(amount: str) -> JsonObject:
        return dict(offered(rosa, olla.uri(), f"{need}/proposal#primary", amount)["object"]["stipulates"])

    await rosa.tell(olla, rosa.activity("Create", echo(terms("10"), 0)))
    await rosa.tell(olla, rosa.activity("Update", echo({"type": "x"}, 5)))
    assert await state(olla, need) == ("open", "30")
    await rosa.tell(olla, rosa.activity("Update", echo(terms("39"), 9)))
    assert await state(olla, need) == ("open", "30")
    assert await olla.check() == []


async def test_who_pledged_without_following_hears_what_is_lacking_now(world: World) -> None:
    a, b = await world.node("esperanza"), await world.node("cooperativa")
    fields = {"what": "lentejas", "quantity": "40 kg"}
    need = (await a.node.publisher.publish(a.who(), "need", fields)).uri
    first = await pledge(a, b, need, "25 kg")
    await a.node.publisher.accept(a.who(), first)
    await agreed(a, b, need, ("open", "15"))
    await a.node.publisher.publish(a.who(), "receipt", {"of": first, "quantity": "24 kg"})
    await agreed(a, b, need, ("open", "16"))
    assert b.uri() not in str(await a.document(need))
    assert (await a.check(), await b.check()) == ([], [])


async def test_no_neighbour_takes_an_offer_in_place_of_who_asked(world: World) -> None:
    node, peer = await world.node("olla", "parroquia"), await world.peer()
    rosa = peer.person("rosa")
    fields = {"what": "lentejas", "quantity": "40 kg"}
    need = (await node.node.publisher.publish(node.who("olla"), "need", fields)).uri
    astray = offered(rosa, node.uri("parroquia"), f"{need}/proposal#primary")
    await rosa.tell(node, astray)
    (rejected,) = await peer.hears("Reject")
    assert rejected["actor"] == node.uri("parroquia")
    assert node.uri("olla") in rejected["content"]
    assert await state(node, astray["id"]) is None
    both = offered(rosa, node.uri("parroquia"), f"{need}/proposal#primary")
    both["to"].append(node.uri("olla"))
    await rosa.tell(node, both)
    assert await state(node, both["id"]) == ("offered", None)
    await node.node.publisher.accept(node.who("olla"), both["id"])
    assert await state(node, need) == ("open", "30")


@pytest.mark.parametrize(("amount", "unit"), [("26", "kilogram"), ("9", "litre")])
async def test_what_a_peer_says_to_have_received_is_never_more_or_other_than_what_was_promised(
    world: World, amount: str, unit: str
) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    rosa = peer.person("rosa")
    await olla.hear(rosa)

    def kilos(count: str, of: str = "kilogram") -> JsonObject:
        return {"hasUnit": of, "hasNumericalValue": count}

    need = rosa.note("Faltan lentejas", kind="need", to=[PUBLIC])
    intent = {
        "type": "Intent",
        "id": f"{need['id']}#intent",
        "name": "lentejas",
        "resourceQuantity": kilos("40"),
    }
    await rosa.tell(olla, rosa.activity("Create", need | {"publishes": intent}))
    said = await olla.node.publisher.publish(olla.who(), "pledge", {"need": need["id"], "quantity": "25 kg"})
    await peer.hears("Offer")
    agreement = f"{peer.origin}/agreements/1"
    result = {"type": "Agreement", "id": agreement}
    await rosa.tell(olla, rosa.activity("Accept", said.uri, result=result))
    assert await state(olla, said.uri) == ("accepted", None)

    def receipt(name: str, quantity: JsonObject) -> JsonObject:
        record = {"type": "EconomicEvent", "fulfills": f"{agreement}#primary", "resourceQuantity": quantity}
        record["on"] = world.clock().date().isoformat()
        note = rosa.note("Llegó", kind="receipt", record=record, inReplyTo=need["id"], to=[PUBLIC])
        return {**note, "id": f"{peer.origin}/notes/{name}"}

    await rosa.tell(olla, rosa.activity("Create", receipt("wrong", kilos(amount, unit))))
    assert await olla.thing(f"{peer.origin}/notes/wrong") is None
    assert len(await olla.incidents()) == 1
    await rosa.tell(olla, rosa.activity("Create", receipt("right", kilos("24"))))
    assert await olla.thing(f"{peer.origin}/notes/right") is not None
    await rosa.tell(olla, rosa.activity("Create", receipt("again", kilos("2"))))
    assert await olla.thing(f"{peer.origin}/notes/again") is None
    assert await olla.check() == []


async def test_no_reason_of_a_refusal_carries_a_telephone_to_another_server(world: World) -> None:
    a, b, need = await need_of(world)
    offer = await pledge(a, b, need, "25 kg")
    with pytest.raises(NodeError, match="reason"):
        await a.node.publisher.reject(a.who(), offer, "llámame al 9 8765 4321")
    await agreed(a, b, offer, ("offered", None))
