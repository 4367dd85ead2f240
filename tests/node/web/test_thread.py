"""The page of one thing: its answers by pages, and of a need all that arrived, whatever became of its pledges."""

import re

import pytest

from node.domain.kind import Audience
from node.web.public import POSTS
from tests.fediverse import Instance, World

MORE = "Más respuestas"


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


async def page(olla: Instance, url: str) -> str:
    return (await olla.world.client.get(url, headers={"accept": "text/html"})).text


async def test_there_are_more_answers_only_where_a_reader_would_see_more(olla: Instance) -> None:
    said = await olla.say("¿quién trae pan?")
    for number in range(POSTS):
        await olla.say(f"respuesta {number}.", in_reply_to=said.uri)
        await olla.say("solo entre nosotras", in_reply_to=said.uri, audience="peers")
    first = await page(olla, said.uri)
    assert f"respuesta {POSTS - 1}." in first
    assert MORE not in first
    await olla.say("la última", in_reply_to=said.uri)
    first = await page(olla, said.uri)
    assert "la última" not in first
    older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = await page(olla, f"{olla.origin}{older}" if older.startswith("/") else older)
    assert "la última" in second
    assert "respuesta" not in second.partition("<h2>Respuestas")[2]
    assert MORE not in second


async def test_what_arrived_of_a_pledge_that_was_taken_back_still_stands_on_the_page(
    olla: Instance, world: World
) -> None:
    coop = await world.node("coop")
    await coop.follow(olla.address())
    publisher = olla.node.publisher
    need = await publisher.publish(olla.who(), "need", {"what": "lentejas", "quantity": "40 kg"})
    await coop.until(lambda: coop.reads(need.uri))
    given = {"need": need.uri, "quantity": "25 kg"}
    pledge = await coop.node.publisher.publish(coop.who(), "pledge", given, audience=Audience.PUBLIC)
    await world.quiet()
    await publisher.accept(olla.who(), pledge.uri)
    received = {"of": pledge.uri, "quantity": "10 kg", "more": "sí"}
    receipt = await publisher.publish(olla.who(), "receipt", received)
    await world.quiet()
    await coop.node.publisher.withdraw(coop.who(), pledge.uri)
    await world.quiet()
    shown = await page(olla, need.uri)
    assert "Lo comprometido" not in shown
    assert "Lo que llegó" in shown
    assert f"/o/{receipt.id}" in shown
    assert "<dd>10 kg</dd>" in shown
    assert "Cada una cuenta cómo estaba todo ese día" in shown


async def test_what_a_thing_said_before_is_read_in_the_language_of_the_reader(olla: Instance) -> None:
    publisher = olla.node.publisher
    need = await publisher.publish(olla.who(), "need", {"what": "lentejas", "quantity": "40 kg"})
    await publisher.revise(olla.who(), str(need.id), {"quantity": "35 kg"})
    for language, said in (("es", "Necesitamos 40 kg"), ("en", "We need 40 kg")):
        history = (await page(olla, f"{need.uri}?lang={language}")).partition('<ol class="plain">')[2]
        assert said in history.partition("</ol>")[0]


async def test_of_many_receipts_none_is_missing_from_the_pages(olla: Instance, world: World) -> None:
    publisher = olla.node.publisher
    need = await publisher.publish(olla.who(), "need", {"what": "lentejas", "quantity": "40 kg"})
    reply = await olla.say("llevo 30 kg", in_reply_to=need.uri)
    pledge = await publisher.confirm(olla.who(), reply.uri, {"quantity": "30 kg"})
    given = {"of": pledge.uri, "quantity": "1 kg", "more": "sí"}
    said = [await publisher.publish(olla.who(), "receipt", given) for _ in range(POSTS + 2)]
    seen = set(re.findall(r"/o/(\d+)", await page(olla, need.uri)))
    assert {str(each.id) for each in said} <= seen
