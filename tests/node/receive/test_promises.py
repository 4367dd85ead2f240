"""What is promised is told once, to whoever must know it, and nothing is promised twice by being said twice."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from node.domain.markup import to_text
from node.tongues import Tongue
from tests.fediverse import Instance, World, world
from tests.node.api.conftest import App, app

__all__ = ["world"]

NEED = "#necesitamos 40 kg de lentejas antes del 28/12/2031"


async def whispers(cook: App, word: str) -> list[str]:
    """What the node told this collective alone, newest first, with this word in it."""
    home = await cook.get("/api/v1/timelines/home", limit=40)
    told = [to_text(each["content"]) for each in home if each["visibility"] == "direct"]
    return [text for text in told if word in text]


async def found(cook: App, uri: str) -> str:
    """The id of a post on another node, found by its address."""
    answer = await cook.get("/api/v2/search", q=uri, resolve="true")
    return str(answer["statuses"][0]["id"])


async def board(instance: Instance, uri: str) -> str:
    """What a need says that it still lacks."""
    return str((await instance.document(uri))["publishes"]["availableQuantity"]["hasNumericalValue"])


@pytest.fixture
async def two(world: World) -> tuple[Instance, Instance, App, App]:
    """A kitchen with Rosa, a cooperative with Luis."""
    a, b = await world.node("esperanza"), await world.node("cooperativa")
    return a, b, await app(a), await app(b)


async def test_an_offer_that_is_sent_twice_is_counted_once_and_its_echo_is_no_promise(
    world: World, two: tuple[Instance, Instance, App, App]
) -> None:
    a, _b, rosa, luis = two
    need = await rosa.post("/api/v1/statuses", status=NEED)
    there = await found(luis, need["uri"])
    first = await luis.post("/api/v1/statuses", status="#aportamos 25 kg", in_reply_to_id=there)
    await a.until(lambda: whispers(rosa, "ofrece 25 kg"))
    again = await luis.post("/api/v1/statuses", status="#aportamos 25 kg", in_reply_to_id=there)
    assert (first["visibility"], again["visibility"]) == ("direct", "direct")
    assert "No se hizo ni se publicó nada" in again["content"]
    assert again["mentions"] == []
    # With words around it the second one is said as it stands; who asked has heard of the offer already.
    words = "#aportamos 25 kg, perdonen si sale dos veces, la señal está muy mala"
    spoken = await luis.post("/api/v1/statuses", status=words, in_reply_to_id=there)
    assert spoken["visibility"] == "public"
    await a.until(lambda: a.thing(spoken["uri"]))
    await world.quiet()
    assert await whispers(rosa, "alguien promete") == []
    assert len(await whispers(rosa, "ofrece 25 kg")) == 1
    assert await whispers(rosa, "No se hizo") == []  # what Luis is told is for him alone


async def test_an_offer_is_accepted_whole_or_not_at_all(
    world: World, two: tuple[Instance, Instance, App, App]
) -> None:
    a, b, rosa, luis = two
    need = await rosa.post("/api/v1/statuses", status=NEED)
    there = await found(luis, need["uri"])
    await luis.post("/api/v1/statuses", status="#aportamos 25 kg antes del 20/12/2031", in_reply_to_id=there)
    await a.until(lambda: whispers(rosa, "ofrece 25 kg"))
    for cook, word in ((rosa, "ofrece 25 kg"), (luis, "Entendido")):
        assert "Entrega hasta el 20 de diciembre de 2031" in (await whispers(cook, word))[0]

    async def confirm(command: str) -> dict[str, Any]:
        home = await rosa.get("/api/v1/timelines/home")
        asked = next(each["id"] for each in home if "ofrece 25 kg" in each["content"])
        said: dict[str, Any] = await rosa.post(
            "/api/v1/statuses", status=command, in_reply_to_id=asked, visibility="direct"
        )
        return said

    refused = await confirm("#confirmar 20 kg")
    assert "todo lo que se ofreció, 25 kg" in to_text(refused["content"])
    assert await board(a, need["uri"]) == "40"
    accepted = await confirm("#confirmar 25")
    assert "aceptaste 25 kg" in to_text(accepted["content"])
    assert await board(a, need["uri"]) == "15"
    await world.quiet()
    assert (await a.check(), await b.check()) == ([], [])


async def test_keepers_hear_of_every_promise_also_when_strangers_are_answered_no_more(world: World) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    rosa = await app(olla)
    need = await rosa.post("/api/v1/statuses", status=NEED)
    people = [peer.person(f"vecina{number}") for number in range(12)]
    for number, person in enumerate(people, start=1):
        reply = person.note(f"<p>yo llevo {number} kg</p>", inReplyTo=need["uri"])
        await person.tell(olla, person.activity("Create", reply))
    await olla.digested()
    told = await whispers(rosa, "alguien promete")
    assert len(told) == 12
    assert "12 kg" in told[0]
    await world.quiet()
    answered = [each["object"]["to"] for each in peer.said("Create")]
    assert len([to for to in answered if to[0] in [person.id for person in people]]) == 10
    for number in range(3):
        again = people[11].note(f"<p>yo llevo {number + 20} kg</p>", inReplyTo=need["uri"])
        await people[11].tell(olla, people[11].activity("Create", again))
    await olla.digested()
    assert len(await whispers(rosa, "alguien promete")) == 12


async def test_packs_are_answered_with_their_sum_and_keepers_hear_nothing_of_what_promises_nothing(
    world: World,
) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    rosa = await app(olla)
    need = await rosa.post("/api/v1/statuses", status=NEED)
    first = peer.person("ana").note("<p>¿quién tiene auto?</p>", inReplyTo=need["uri"])
    await peer.person("ana").tell(olla, peer.person("ana").activity("Create", first))
    for name, text, to in (
        ("luis", "Compramos 10 kg ayer", need["uri"]),
        ("sam", "we have 10 kg too few", need["uri"]),
        ("eva", "les doy 10 gracias", need["uri"]),
        ("tito", "yo 5", first["id"]),
    ):
        person = peer.person(name)
        await person.tell(olla, person.activity("Create", person.note(f"<p>{text}</p>", inReplyTo=to)))
    await olla.digested()
    assert await whispers(rosa, "alguien promete") == []

    nora = peer.person("nora")
    reply = nora.note("<p>llevo 3 sacos de 12 kg</p>", inReplyTo=need["uri"])
    await nora.tell(olla, nora.activity("Create", reply))
    await olla.digested()
    assert ["36 kg" in each for each in await whispers(rosa, "alguien promete")] == [True]
    await world.quiet()
    answers = [each["object"] for each in peer.said("Create") if each["object"].get("type") == "Note"]
    told = [to_text(each["content"]) for each in answers if nora.id in each["to"]]
    assert [("Entendimos: 36 kg" in each) for each in told] == [True]
    assert [
        each for each in answers if each["to"] != [nora.id] and each["to"][0].startswith(peer.origin)
    ] == []


async def test_a_promise_whose_words_change_counts_while_it_promises_the_same(world: World) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    rosa, ana = await app(olla), peer.person("ana")
    need = await rosa.post("/api/v1/statuses", status=NEED)
    reply = ana.note("<p>llevo 3 kg</p>", inReplyTo=need["uri"])

    async def edited(words: str, minute: int) -> None:
        changed = {**reply, "content": f"<p>{words}</p>", "updated": f"2031-01-01T00:{minute:02}:00Z"}
        await ana.tell(olla, ana.activity("Update", changed))
        await olla.digested()

    async def confirmed() -> str:
        home = await rosa.get("/api/v1/timelines/home")
        asked = next(each["id"] for each in home if "alguien promete" in to_text(each["content"]))
        said = await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=asked)
        return to_text(said["content"])

    await ana.tell(olla, ana.activity("Create", reply))
    await olla.digested()
    # Before it is confirmed the keepers hear of every other amount.
    await edited("llevo 5 kg", 1)
    assert ["5 kg" in each for each in await whispers(rosa, "alguien promete")] == [True, False]
    assert "5 kg" in await confirmed()
    assert await board(olla, need["uri"]) == "35"
    await edited("llevo 5 kg, gracias vecinas", 2)
    await edited("llevo 5 kg de lentejas, ¡gracias vecinas!", 3)
    assert await board(olla, need["uri"]) == "35"
    assert await whispers(rosa, "cambió") == []
    # Another amount is not the one that was confirmed: it counts no more, both are told, and it can be confirmed anew.
    await edited("llevo 1 kg", 4)
    assert await board(olla, need["uri"]) == "40"
    assert len(await whispers(rosa, "La respuesta que prometía 5 kg de lentejas cambió")) == 2
    await world.quiet()
    heard = [to_text(each["object"]["content"]) for each in peer.said("Create")]
    assert len([text for text in heard if "prometía 5 kg" in text]) == 1
    assert "1 kg" in await confirmed()
    assert await board(olla, need["uri"]) == "39"
    # What is deleted is not counted, and the keepers are told; also further down in the thread.
    thanks = await rosa.post(
        "/api/v1/statuses", status="¡Gracias!", in_reply_to_id=await found(rosa, reply["id"])
    )
    below = peer.person("eva").note("<p>Yo llevo 2 kg</p>", inReplyTo=thanks["uri"])
    await peer.person("eva").tell(olla, peer.person("eva").activity("Create", below))
    await olla.digested()
    assert "2 kg" in await confirmed()
    assert await board(olla, need["uri"]) == "37"
    await peer.person("eva").tell(olla, peer.person("eva").activity("Delete", below["id"]))
    await olla.digested()
    assert await board(olla, need["uri"]) == "39"
    assert len(await whispers(rosa, "La respuesta que prometía 2 kg de lentejas se borró")) == 1
    # What is taken back is not counted either.
    await edited("perdón, no puedo llevar nada", 5)
    assert await board(olla, need["uri"]) == "40"
    assert len(await whispers(rosa, "prometía 1 kg")) == 2
    assert (await olla.check(), await olla.incidents()) == ([], [])


async def test_keepers_hear_of_changed_promises_also_when_strangers_are_answered_no_more(
    world: World,
) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    rosa = await app(olla)
    need = await rosa.post("/api/v1/statuses", status=NEED)
    for number in range(10):
        person = peer.person(f"vecina{number}")
        reply = person.note("<p>llevo 3 kg</p>", inReplyTo=need["uri"])
        await person.tell(olla, person.activity("Create", reply))
    junta = peer.person("junta")
    reply = junta.note("<p>llevamos 4 kg</p>", inReplyTo=need["uri"])
    await junta.tell(olla, junta.activity("Create", reply))
    for number in range(12):
        words = {"content": f"<p>llevamos {number + 8} kg</p>", "updated": f"2031-01-01T00:{number:02}:00Z"}
        await junta.tell(olla, junta.activity("Update", {**reply, **words}))
        await olla.digested()
    told = await whispers(rosa, "alguien promete")
    assert "8 kg" in told[8]
    assert len(told) == 20  # of one author and need, ten in an hour

    # What the keepers were told is confirmed, and nothing that it became since.
    home = await rosa.get("/api/v1/timelines/home")
    last = next(each for each in home if "alguien promete" in to_text(each["content"]))
    assert "promete 16 kg" in to_text(last["content"])
    asked = await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=last["id"])
    assert "No se confirmó nada, porque la respuesta cambió: ahora promete 19 kg" in to_text(asked["content"])
    assert (asked["visibility"], await board(olla, need["uri"])) == ("direct", "40")
    kind = await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=asked["id"])
    assert "Confirmamos 19 kg" in to_text(kind["content"])
    assert await board(olla, need["uri"]) == "21"
    assert (await olla.check(), await olla.incidents()) == ([], [])


async def test_a_change_that_promises_the_same_or_of_what_arrived_unsettles_nothing(world: World) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    rosa = await app(olla)
    need = await rosa.post("/api/v1/statuses", status=NEED)
    replies: dict[str, dict[str, Any]] = {}

    async def says(name: str, words: str) -> None:
        person, minute = peer.person(name), len(words)
        if name not in replies:
            replies[name] = person.note(f"<p>{words}</p>", inReplyTo=need["uri"])
            await person.tell(olla, person.activity("Create", replies[name]))
        else:
            changed = {"content": f"<p>{words}</p>", "updated": f"2031-01-01T00:{minute:02}:00Z"}
            await person.tell(olla, person.activity("Update", {**replies[name], **changed}))
        await olla.digested()

    async def answered(command: str, to: str) -> dict[str, Any]:
        said: dict[str, Any] = await rosa.post("/api/v1/statuses", status=command, in_reply_to_id=to)
        return said

    # No amount can be read in it: the keeper says how much, and a word of thanks changes nothing.
    await says("eva", "llevo unos sacos")
    await answered("#confirmar 10 kg", await found(rosa, replies["eva"]["id"]))
    assert await board(olla, need["uri"]) == "30"
    await says("eva", "llevo unos sacos, gracias")
    assert await board(olla, need["uri"]) == "30"
    await says("eva", "llevo 2 sacos, muchas gracias")
    assert await board(olla, need["uri"]) == "40"
    await says("eva", "llevo unos sacos, muchas gracias vecinas")
    await answered("#confirmar 10 kg", await found(rosa, replies["eva"]["id"]))
    await says("eva", "perdón, al final no puedo llevar los sacos")
    assert await board(olla, need["uri"]) == "40"
    # Who takes the rest back after a part arrived is heard; what arrived stays.
    await says("ana", "llevo 5 kg")
    confirmed = await answered("#confirmar", await found(rosa, replies["ana"]["id"]))
    await answered("#recibido 2 kg, falta más", confirmed["id"])
    before = await board(olla, need["uri"])
    await says("ana", "llevo 5 kg, gracias")
    assert await whispers(rosa, "ya llegó una parte") == []
    await says("ana", "perdón, no puedo llevar el resto")
    assert len(await whispers(rosa, "ya llegó una parte")) == 1
    assert await board(olla, need["uri"]) == before == "35"
    assert (await olla.check(), await olla.incidents()) == ([], [])


async def test_an_edit_does_not_ask_again_for_what_its_author_pledged_herself(
    world: World, two: tuple[Instance, Instance, App, App]
) -> None:
    a, _b, rosa, luis = two
    need = await rosa.post("/api/v1/statuses", status=NEED)
    there = await found(luis, need["uri"])
    plain = await luis.post("/api/v1/statuses", status="¿les sirven lentejas?", in_reply_to_id=there)
    await luis.post("/api/v1/statuses", status="#aportamos 25 kg", in_reply_to_id=there)
    await a.until(lambda: whispers(rosa, "ofrece 25 kg"))
    await luis("PUT", f"/api/v1/statuses/{plain['id']}", data={"status": "llevamos 25 kg de lentejas"})
    await world.quiet()
    assert "llevamos 25 kg" in to_text((await a.document(plain["uri"]))["content"])
    assert await whispers(rosa, "alguien promete") == []


async def test_an_older_message_confirms_nothing_but_the_amount_that_it_says(world: World) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    rosa, ana = await app(olla), peer.person("ana")
    need = await rosa.post("/api/v1/statuses", status=NEED)
    reply = ana.note("<p>yo llevo 4 kg</p>", inReplyTo=need["uri"])
    await ana.tell(olla, ana.activity("Create", reply))
    more = {**reply, "content": "<p>yo llevo 30 kg</p>", "updated": "2031-01-01T00:01:00Z"}
    await ana.tell(olla, ana.activity("Update", more))
    await olla.digested()
    home = await rosa.get("/api/v1/timelines/home")
    older = next(each["id"] for each in home if "promete 4 kg" in to_text(each["content"]))
    asked = await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=older)
    assert "No se confirmó nada, porque la respuesta cambió: ahora promete 30 kg" in to_text(asked["content"])
    assert (asked["visibility"], await board(olla, need["uri"])) == ("direct", "40")
    said = await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=asked["id"])
    assert "Confirmamos 30 kg" in to_text(said["content"])
    assert await board(olla, need["uri"]) == "10"


@pytest.mark.parametrize(
    ("words", "changed", "waited", "day"),
    [
        ("llevo 10 kg mañana", "", 0, 1),
        ("llevo 10 kg mañana", "", 1, 1),
        ("llevo 10 kg mañana", "", 2, None),
        ("llevo 10 kg hoy", "", 1, None),
        ("llevo 10 kg mañana", "llevo 10 kg mañana, sí o sí", 1, None),
    ],
)
async def test_what_is_confirmed_later_is_no_promise_for_another_day(
    world: World, words: str, changed: str, waited: int, day: int | None
) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    rosa, ana = await app(olla), peer.person("ana")
    need = await rosa.post("/api/v1/statuses", status=NEED)
    tongue = Tongue.of("es", ZoneInfo("America/Santiago"))
    today = tongue.today(world.clock())
    reply = ana.note(f"<p>{words}</p>", inReplyTo=need["uri"])
    await ana.tell(olla, ana.activity("Create", reply))
    await olla.digested()
    assert "Entrega hasta" in (await whispers(rosa, "alguien promete"))[0]
    world.ahead += timedelta(days=waited)
    if changed:
        edit = {**reply, "content": f"<p>{changed}</p>", "updated": world.clock().isoformat()}
        await ana.tell(olla, ana.activity("Update", edit))
        await olla.digested()
    there = await found(rosa, reply["id"])
    said = to_text(
        (await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=there))["content"]
    )
    assert "Confirmamos 10 kg" in said
    expected = "" if day is None else f"Entrega hasta el {tongue.day_month(today + timedelta(days=day))}"
    assert ("Entrega hasta" in said) is (day is not None)
    assert expected in said


@pytest.mark.parametrize(("words", "day"), [("llevo 10 kg mañana", 1), ("llevo 10 kg hoy", None)])
async def test_what_arrives_a_day_late_is_told_and_confirmed_with_the_day_that_its_author_meant(
    world: World, words: str, day: int | None
) -> None:
    olla, peer = await world.node("esperanza"), await world.peer()
    rosa, ana = await app(olla), peer.person("ana")
    need = await rosa.post("/api/v1/statuses", status=NEED)
    tongue = Tongue.of("es", ZoneInfo("America/Santiago"))
    written = world.clock()
    reply = ana.note(f"<p>{words}</p>", inReplyTo=need["uri"], published=written.isoformat())
    world.ahead += timedelta(days=1)
    await ana.tell(olla, ana.activity("Create", reply))
    await olla.digested()
    told = (await whispers(rosa, "alguien promete"))[0]
    there = await found(rosa, reply["id"])
    confirmed = await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=there)
    meant = "" if day is None else tongue.day_month(tongue.today(written) + timedelta(days=day))
    for text in (told, to_text(confirmed["content"])):
        assert "10 kg" in text
        assert ("Entrega hasta" in text) is (day is not None)
        assert meant in text
