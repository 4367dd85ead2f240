"""What stands before a post stands before what it is understood as: the warning of a command is not lost."""

from typing import Any

import pytest

from node.domain.markup import to_text
from node.storage import objects
from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App, photograph

NEED = "#necesitamos 40 kg de lentejas antes del 28/12/2031"


async def said(rosa: App, status: str, **fields: Any) -> dict[str, Any]:
    posted: dict[str, Any] = await rosa.post("/api/v1/statuses", status=status, **fields)
    return posted


async def test_a_need_bears_the_warning_with_which_it_was_typed(
    olla: Instance, rosa: App, ana: Person
) -> None:
    await ana.tell(olla, ana.activity("Follow", olla.uri()))
    need = await said(rosa, NEED, spoiler_text="hambre")
    assert "Necesitamos 40 kg de lentejas" in need["content"]
    assert (need["spoiler_text"], need["sensitive"]) == ("hambre", True)
    (activity,) = await ana.peer.hears("Create")
    assert activity["object"]["summary"] == "hambre"
    assert activity["object"]["kind"] == "need"
    source = await rosa.get(f"/api/v1/statuses/{need['id']}/source")
    assert source["spoiler_text"] == "hambre"

    given = await said(rosa, "#recibido 5 kg", in_reply_to_id=need["id"])
    assert given["spoiler_text"] == ""
    changed = await rosa("PUT", f"/api/v1/statuses/{need['id']}", json={"status": NEED.replace("40", "50")})
    assert changed.json()["spoiler_text"] == "hambre"
    bare = await rosa("PUT", f"/api/v1/statuses/{need['id']}", json={"status": NEED, "spoiler_text": ""})
    assert (bare.json()["spoiler_text"], bare.json()["sensitive"]) == ("", False)
    assert await olla.check() == []


async def test_delicate_pictures_of_a_meal_stay_delicate(rosa: App) -> None:
    file = {"file": ("olla.jpg", photograph(), "image/jpeg")}
    media = (await rosa("POST", "/api/v1/media", files=file)).json()
    meal = await said(rosa, "#servimos 118 raciones de porotos", sensitive=True, media_ids=[media["id"]])
    assert "118 raciones" in meal["content"]
    assert (meal["sensitive"], meal["spoiler_text"]) == (True, "")
    assert len(meal["media_attachments"]) == 1


async def test_rations_are_counted_for_today_without_a_dish_being_named(olla: Instance, rosa: App) -> None:
    alone = await said(rosa, "#servimos 118 raciones")
    reply = await said(rosa, "#served 90 meals", in_reply_to_id=(await said(rosa, "Hoy cocinamos"))["id"])
    for meal, served in ((alone, "118"), (reply, "90")):
        assert f"servimos {served} raciones de comida" in meal["content"]
        thing = await olla.look(lambda s, uri=meal["uri"]: objects.by_uri(s, uri))
        assert (thing.kind, thing.state) == ("meal", "served")
    assert await olla.check() == []


async def test_a_warning_may_hold_no_telephone_either(rosa: App) -> None:
    refused = await rosa.refused(
        422, "POST", "/api/v1/statuses", json={"status": NEED, "spoiler_text": "llamar al 9 8765 4321"}
    )
    assert "9 8765 4321" in refused["error"]


async def test_a_note_loses_its_warning_when_that_is_taken_back(rosa: App) -> None:
    note = await said(rosa, "hoy no hay", spoiler_text="duelo")
    changed = await rosa(
        "PUT", f"/api/v1/statuses/{note['id']}", json={"status": "hoy no hay", "spoiler_text": ""}
    )
    assert changed.json()["spoiler_text"] == ""


async def answered(
    olla: Instance, rosa: App, ana: Person, need: dict[str, Any], content: str, **more: Any
) -> dict[str, Any]:
    """What somebody on another server answers to a need, as it stands in the app of the kitchen."""
    reply = ana.note(content, inReplyTo=need["uri"], **more)
    await ana.tell(olla, ana.activity("Create", reply))
    await olla.digested()
    thread = (await rosa.get(f"/api/v1/statuses/{need['id']}/context"))["descendants"]
    return next(each for each in thread if each["uri"] == reply["id"])


async def whispers(rosa: App) -> list[dict[str, Any]]:
    return [each for each in await rosa.get("/api/v1/timelines/home") if each["visibility"] == "direct"]


async def test_whoever_promised_in_a_plain_answer_is_told_in_her_language_that_it_is_counted_on(
    olla: Instance, rosa: App, ana: Person
) -> None:
    await ana.tell(olla, ana.activity("Follow", olla.uri()))
    need = await said(rosa, NEED)
    there = await answered(
        olla, rosa, ana, need, "<p>we can bring 10 kg</p>", contentMap={"en": "<p>we can bring 10 kg</p>"}
    )
    confirmed = await said(rosa, "#confirmar 8 kg", in_reply_to_id=there["id"])
    assert "Confirmamos 8 kg" in confirmed["content"]
    told = [
        each["object"]
        for each in await ana.peer.hears("Create", number=4)
        if each["object"]["to"] == [ana.id]
    ]
    assert "We understood: 10 kg" in told[0]["content"]
    assert "counts on what you promised: 8 kg of lentils" in told[1]["content"]
    assert told[1]["inReplyTo"] == there["uri"]


@pytest.mark.parametrize("taken_back", ["#deshacer", "#rechazar ya llegaron de otra parte"])
async def test_whoever_was_told_that_her_promise_is_counted_on_is_told_when_it_is_not_any_more(
    olla: Instance, rosa: App, ana: Person, taken_back: str
) -> None:
    await ana.tell(olla, ana.activity("Follow", olla.uri()))
    need = await said(rosa, NEED)
    there = await answered(olla, rosa, ana, need, "<p>llevo 10 kg</p>")
    confirmed = await said(rosa, "#confirmar", in_reply_to_id=there["id"])
    await said(rosa, taken_back, in_reply_to_id=confirmed["id"])
    heard = [
        to_text(each["object"]["content"])
        for each in await ana.peer.hears("Create", number=5)
        if each["object"]["to"] == [ana.id]
    ]
    assert "cuenta con lo que ofreciste" in heard[1]
    assert "ya no cuenta con lo que ofreciste: 10 kg de lentejas." in heard[2]
    assert ("ya llegaron de otra parte" in heard[2]) is taken_back.startswith("#rechazar")


async def test_whoever_promised_hears_how_much_of_it_is_counted_on_and_that_the_need_is_gone(
    olla: Instance, rosa: App, ana: Person
) -> None:
    await ana.tell(olla, ana.activity("Follow", olla.uri()))
    need = await said(rosa, NEED)
    there = await answered(olla, rosa, ana, need, "<p>llevo 10 kg</p>")
    confirmed = await said(rosa, "#confirmar", in_reply_to_id=there["id"])
    await olla.node.publisher.revise(olla.who(), confirmed["uri"], {"quantity": "8 kg"})
    assert (await rosa("DELETE", f"/api/v1/statuses/{need['id']}")).status_code == 200
    assert (await rosa("DELETE", f"/api/v1/statuses/{confirmed['id']}")).status_code == 200
    await olla.digested()
    heard = [
        to_text(each["object"]["content"])
        for each in await ana.peer.hears("Create", number=6)
        if each["object"]["to"] == [ana.id]
    ]
    assert "cuenta con lo que ofreciste: 8 kg de lentejas" in heard[2]
    assert "ya no cuenta con lo que ofreciste: 8 kg de lentejas" in heard[3]
    assert len(heard) == 4


@pytest.mark.parametrize("meant", ["message", "answer"])
async def test_a_promise_in_plain_words_that_cannot_be_taken_is_declined_to_whoever_made_it_alone(
    olla: Instance, rosa: App, ana: Person, world: World, meant: str
) -> None:
    await ana.tell(olla, ana.activity("Follow", olla.uri()))
    coop = await world.node("coop")
    await coop.follow(olla.address())
    need = await said(rosa, NEED)
    await coop.until(lambda: coop.thing(need["uri"]))
    fields = {"need": need["uri"], "quantity": "5 kg"}
    offer = await coop.node.publisher.publish(coop.who(), "pledge", fields)
    await olla.until(lambda: olla.thing(offer.uri))
    there = await answered(
        olla, rosa, ana, need, "<p>we can bring 4 kg</p>", contentMap={"en": "<p>we can bring 4 kg</p>"}
    )
    (message,) = [each for each in await whispers(rosa) if "alguien promete" in each["content"]]

    meant_one, handle = (there, f"@{there['account']['acct']} ") if meant == "answer" else (message, "")
    called = await said(rosa, f"{handle}#rechazar llama al 9 8765 4321", in_reply_to_id=meant_one["id"])
    assert "dato privado" in to_text(called["content"])
    shown = await said(rosa, f"{handle}#rechazar ya llegaron de otra parte", in_reply_to_id=meant_one["id"])

    assert (shown["visibility"], shown["mentions"]) == ("direct", [])
    assert "le avisamos a Ana que no pueden recibir 4 kg de lentejas" in to_text(shown["content"])
    told = [
        each["object"]
        for each in await ana.peer.hears("Create", number=3)
        if each["object"]["to"] == [ana.id]
    ]
    assert to_text(told[-1]["content"]).endswith(
        "cannot take what you promised: 4 kg of lentils. ya llegaron de otra parte"
    )
    assert told[-1]["cc"] == []
    again = await said(rosa, f"{handle}#rechazar", in_reply_to_id=meant_one["id"])
    assert "No se hizo" in to_text(again["content"])
    assert len(told) == 2

    nothing = await answered(olla, rosa, ana, need, "<p>¡qué linda olla!</p>")
    assert "No se hizo" in (await said(rosa, "#rechazar", in_reply_to_id=nothing["id"]))["content"]
    waiting = await olla.thing(offer.uri)
    assert waiting is not None
    assert waiting.state == "offered"  # what somebody else offers is not refused in its place
    assert await olla.check() == []


async def test_an_answer_that_is_only_a_command_is_not_public_where_it_fails(
    olla: Instance, rosa: App
) -> None:
    need = await said(rosa, NEED)
    for word in ("#confirmar", "#rechazar", "#deshacr"):
        shown = await said(rosa, f"@esperanza {word}", in_reply_to_id=need["id"])
        if word != "#deshacr":
            assert shown["visibility"] == "direct"
            assert "No se hizo ni se publicó nada" in shown["content"]
    kept = await said(
        rosa, "#confirmado: mañana hay almuerzo para todas en la sede", in_reply_to_id=need["id"]
    )
    assert kept["visibility"] == "public"
    assert "mañana hay almuerzo" in kept["content"]


async def test_no_sentence_of_an_answer_ends_twice(rosa: App) -> None:
    gone = await said(rosa, NEED)
    (told, *_) = await whispers(rosa)
    await said(rosa, "#deshacer", in_reply_to_id=told["id"])
    again = to_text((await said(rosa, "#deshacer", in_reply_to_id=told["id"]))["content"])
    assert again.endswith("fue retirado.")
    assert ".." not in again
    assert gone["uri"] in again


async def test_a_hashtag_in_passing_is_answered_with_how_it_would_be_counted(rosa: App) -> None:
    plain = await said(rosa, "Vecinas, hoy #necesitamos lentejas y arroz")
    assert plain["visibility"] == "public"
    (told,) = await whispers(rosa)
    assert "#necesitamos 40 kg" in to_text(told["content"])
    assert told["in_reply_to_id"] == plain["id"]
    await said(rosa, "Gracias #vecinas por todo")
    assert len(await whispers(rosa)) == 1
    await said(rosa, "Vecinas, hoy #servimos porotos")
    assert "#servimos 118" in to_text((await whispers(rosa))[0]["content"])


async def test_words_beside_what_is_counted_stand_below_it(olla: Instance, rosa: App, ana: Person) -> None:
    handle = f"@ana@{ana.id.split('/')[2]}"
    need = await said(rosa, f"{NEED}, gracias {handle} #gracias")
    assert "Necesitamos 40 kg de lentejas" in need["content"]
    assert "gracias @ana #gracias" in to_text(need["content"])
    (activity,) = await ana.peer.hears("Create")
    assert ana.id in activity["object"]["cc"] + activity["object"]["to"]
    (told,) = await whispers(rosa)
    assert "gracias ana" in to_text(told["content"])
    assert told["mentions"] == []  # what is quoted to Rosa alone goes to nobody else
    meal = await said(rosa, "#servimos 118 raciones de porotos, gracias a la junta por el pan")
    assert "gracias a la junta por el pan" in meal["content"]
    assert "118 raciones de porotos" in meal["content"]


async def test_a_second_need_in_one_post_is_named_as_not_counted(rosa: App) -> None:
    await said(rosa, "#necesitamos 10 kg de arroz\n#necesitamos 5 kg de sal")
    (told,) = await whispers(rosa)
    assert "Esto no se contó" in told["content"]
    assert "5 kg de sal" in to_text(told["content"])


async def test_a_number_that_is_left_over_is_published_as_no_fact(rosa: App) -> None:
    plain = await said(rosa, "#servimos 60 almuerzos en la sede y 58 a domicilio")
    assert to_text(plain["content"]) == "#servimos 60 almuerzos en la sede y 58 a domicilio"
    (told,) = await whispers(rosa)
    assert "una sola cantidad" in told["content"]


async def test_what_somebody_else_said_cannot_be_undone(olla: Instance, rosa: App, ana: Person) -> None:
    await ana.tell(olla, ana.activity("Follow", olla.uri()))
    need = await said(rosa, NEED)
    there = await answered(olla, rosa, ana, need, "<p>¡qué linda olla!</p>")
    shown = await said(rosa, "#deshacer", in_reply_to_id=there["id"])
    assert "que respondas a lo que quieres deshacer" in to_text(shown["content"])


async def test_a_meal_is_edited_as_the_command_that_says_it(olla: Instance, rosa: App) -> None:
    meal = await said(rosa, "#servimos 100 raciones de porotos")
    source = (await rosa.get(f"/api/v1/statuses/{meal['id']}/source"))["text"]
    assert source.startswith("#servimos 100 raciones de porotos")
    for text in (source.replace("100", "110"), "#servimos 110 raciones de porotos"):
        changed = await rosa("PUT", f"/api/v1/statuses/{meal['id']}", json={"status": text})
        assert changed.status_code == 200, changed.text
        assert "servimos 110 raciones de porotos" in changed.json()["content"]
    assert await olla.check() == []


async def test_a_plain_post_that_is_changed_into_a_command_stays_plain_and_its_author_is_told(
    olla: Instance, rosa: App
) -> None:
    plain = await said(rosa, "Hoy cocinamos")
    for text, told in (("Hoy cocinamos porotos", False), ("#necesitamos 9 kg de ají", True)):
        changed = await rosa("PUT", f"/api/v1/statuses/{plain['id']}", json={"status": text})
        assert changed.status_code == 200, changed.text
        home = await rosa.get("/api/v1/timelines/home")
        assert any("sigue siendo un texto" in each["content"] for each in home) is told
    thing = await olla.look(lambda s: objects.by_uri(s, plain["uri"]))
    assert thing.kind == "note"


async def test_a_meal_that_no_command_can_say_keeps_its_numbers_when_only_its_warning_is_changed(
    olla: Instance, rosa: App
) -> None:
    given = {"menu": "10 cazuelas de la abuela", "served": "100"}
    meal = (await olla.node.publisher.publish(olla.who(), "meal", given)).uri
    status = (await rosa.get("/api/v2/search", q=meal, resolve="true"))["statuses"][0]["id"]
    text = (await rosa.get(f"/api/v1/statuses/{status}/source"))["text"]
    changed = await rosa("PUT", f"/api/v1/statuses/{status}", json={"status": text, "spoiler_text": "comida"})
    assert (changed.status_code, changed.json()["spoiler_text"]) == (200, "comida")
    assert "100 raciones de 10 cazuelas de la abuela" in changed.json()["content"]
    other = {"status": text.replace("100", "90")}
    assert (await rosa("PUT", f"/api/v1/statuses/{status}", json=other)).status_code == 422


@pytest.mark.parametrize(
    "words", ["#servimos 78 raciones de mote", "#servimos porotos", "#servimos 78 raciones ayer y hoy"]
)
async def test_what_the_node_answers_to_a_direct_post_is_not_told_to_whom_the_post_is_for(
    olla: Instance, rosa: App, ana: Person, words: str
) -> None:
    handle = f"@ana@{ana.id.split('/')[2]}"
    posted = await said(rosa, f"{handle} {words}", visibility="direct")
    assert len(await whispers(rosa)) == 2
    await olla.digested()
    sent = await ana.peer.hears("Create")
    assert [each["object"]["id"] for each in sent] == [posted["uri"]]
