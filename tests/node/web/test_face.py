"""What a collective's own page says of its needs: the most pressing first, the rest behind a link, what came late as late."""

import re
from datetime import timedelta

import httpx
import pytest

from node.domain.kind import Audience
from tests.fediverse import Instance, World


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


async def page(olla: Instance, path: str = "", language: str = "es") -> str:
    headers = {"accept": "text/html", "accept-language": language}
    async with httpx.AsyncClient(headers=headers) as reader:
        answer = await reader.get(f"{olla.uri()}{path}")
    assert answer.status_code == 200
    return answer.text


async def ask(olla: Instance, what: str, **fields: str) -> str:
    said = await olla.node.publisher.publish(
        olla.who(), "need", {"what": what, "quantity": "10 kg", **fields}
    )
    return str(said.uri)


async def arrives(olla: Instance, need: str, amount: str) -> None:
    """Somebody brings it without a word to anybody else."""
    reply = await olla.say(f"traigo {amount}", in_reply_to=need)
    promise = await olla.node.publisher.confirm(olla.who(), reply.uri, {"quantity": amount})
    fields = {"of": promise.uri, "quantity": amount}
    await olla.node.publisher.publish(olla.who(), "receipt", fields)


async def test_what_came_late_or_in_part_did_not_come_in_time(olla: Instance, world: World) -> None:
    due = (world.clock() + timedelta(days=2)).date().isoformat()
    early, late, part = [await ask(olla, what, by=due) for what in ("arroz", "gas", "sal")]
    await arrives(olla, early, "10 kg")
    await arrives(olla, part, "4 kg")
    reply = await olla.say("traigo 10 kg", in_reply_to=late)
    promise = await olla.node.publisher.confirm(olla.who(), reply.uri, {"quantity": "10 kg"})
    assert "Lo que llegó a tiempo" not in await page(olla)

    world.ahead += timedelta(days=4)
    fields = {"of": promise.uri, "quantity": "10 kg"}
    await olla.node.publisher.publish(olla.who(), "receipt", fields)

    assert "Completas y a tiempo: 1 de 3," in await page(olla)


async def test_the_most_pressing_needs_stand_first_and_all_of_them_behind_a_link(
    olla: Instance, world: World
) -> None:
    soon = (world.clock() + timedelta(days=2)).date().isoformat()
    await arrives(olla, await ask(olla, "pan"), "10 kg")
    over = await ask(olla, "hielo", by=soon)
    world.ahead += timedelta(days=4)
    soon = (world.clock() + timedelta(days=2)).date().isoformat()
    pressing = [await ask(olla, "gas", urgent="sí"), await ask(olla, "agua", by=soon)]
    meal = {"menu": "porotos", "planned": "10", "served": "10"}
    await olla.node.publisher.publish(olla.who(), "meal", meal)
    for number in range(45):
        await ask(olla, f"cosa {number}")

    face = await page(olla)
    shown = re.findall(r'<article class="line">.*?href="([^"]+)"', face, re.DOTALL)
    assert shown[:2] == pressing
    assert len(shown) == 12
    assert over not in shown
    assert "necesidad cubierta</dt><dd>1<" in face

    first = await page(olla, "/needs")
    older = re.search(r'href="(\?before=\d+)" rel="next"', first)
    assert older
    listed = re.findall(
        r'<article class="line">.*?href="([^"]+)"', first + await page(olla, f"/needs{older[1]}"), re.DOTALL
    )
    assert len(listed) == len(set(listed)) == 47
    assert over not in listed


async def test_a_known_good_is_named_in_the_language_of_who_reads(olla: Instance) -> None:
    await ask(olla, "arroz")
    await ask(olla, "manos para la olla")

    for path in ("", "/needs", "/poster"):
        english, spanish = await page(olla, path, "en"), await page(olla, path)
        assert "rice" in english
        assert "arroz" not in english
        assert "arroz" in spanish
        assert "manos para la olla" in english


async def test_a_line_that_was_shown_before_is_shown_to_each_in_her_language_and_as_it_stands_now(
    olla: Instance,
) -> None:
    need = await ask(olla, "lentejas")
    assert "6 kg" not in await page(olla)

    english, named = await page(olla, language="en"), await page(olla, "?lang=en")
    assert f'<a href="{need}">lentils</a>' in english
    assert f'<a href="{need}?lang=en">lentils</a>' in named
    await arrives(olla, need, "4 kg")

    ours, theirs = await page(olla), await page(olla, language="en")
    assert f'<a href="{need}">lentejas</a>' in ours
    assert "<dt>llegado</dt><dd>4 kg</dd>" in ours
    assert "<dd>6 kg</dd>" in ours
    assert "<dt>arrived</dt><dd>4 kg</dd>" in theirs


async def test_what_is_not_announced_stands_among_what_a_collective_says_and_in_no_list(
    olla: Instance,
) -> None:
    for kind, fields in (
        ("need", {"what": "quínoa", "quantity": "10 kg", "by": "2099-01-05"}),
        ("meal", {"menu": "quínoa graneada", "planned": "10", "on": "2099-01-05"}),
    ):
        await olla.node.publisher.publish(olla.who(), kind, fields, audience=Audience.UNLISTED)

    face = await page(olla)
    assert "quínoa" not in face.partition("Lo que publica")[0].partition("<main")[2]
    assert "quínoa" in face.partition("Lo que publica")[2]
    for path in ("/needs", "/poster", "/calendar.ics", "/feed.atom"):
        assert "quínoa" not in await page(olla, path), path


async def test_what_is_covered_is_no_deadline_of_the_calendar_any_more(olla: Instance) -> None:
    need = await ask(olla, "papas", by="2099-01-05")
    assert "papas" in await page(olla, "/calendar.ics")
    await arrives(olla, need, "10 kg")
    assert "papas" not in await page(olla, "/calendar.ics")


async def test_a_kitchen_that_booked_something_leads_to_its_account(olla: Instance) -> None:
    account = f'href="{olla.uri().removeprefix(olla.origin)}/account"'
    assert account not in await page(olla)
    await olla.node.publisher.publish(olla.who(), "expense", {"amount": "12000 CLP", "purpose": "Gas"})
    assert account in await page(olla)


async def test_a_full_board_of_long_words_is_a_small_page(olla: Instance) -> None:
    words, place = "papas, " * 14 + "pa", "La Pintana, " * 8
    for number in range(41):
        need = await ask(olla, f"{number:02}{words}"[:100], place=place[:100])
        await arrives(olla, need, "3 kg")
    for path in ("/board", "/c/olla", "/c/olla/needs"):
        drawn = await olla.world.client.get(f"{olla.origin}{path}", headers={"accept": "text/html"})
        assert drawn.text.count('class="line"') >= 12
        assert len(drawn.content) < 30_000
