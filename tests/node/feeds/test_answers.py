"""What feeds, calendars, the badge and oEmbed answer to whoever asks, in what language, and for how long it holds."""

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as Xml

import feedparser
import httpx
import pytest

from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App, photograph


async def ask(rosa: App, path: str, **headers: str) -> httpx.Response:
    return await rosa.client.get(f"{rosa.instance.origin}{path}", headers=headers)


@pytest.mark.parametrize("ending", ["atom", "rss"])
async def test_a_reader_that_follows_its_feed_does_not_change_the_language(rosa: App, ending: str) -> None:
    found = feedparser.parse((await ask(rosa, f"/c/esperanza/account.{ending}?lang=en")).content)
    (itself,) = [link.href for link in found.feed.links if link.rel == "self"]
    assert itself.endswith(f"/c/esperanza/account.{ending}?lang=en")


async def test_a_json_feed_names_itself_in_its_language(rosa: App) -> None:
    address = (await ask(rosa, "/board.json?lang=en")).json()["feed_url"]
    assert address.endswith("/board.json?lang=en")
    assert (await ask(rosa, "/board.json?lang=zz")).json()["feed_url"].endswith("/board.json")


async def test_the_name_of_a_channel_is_not_taken_for_markup(rosa: App) -> None:
    sent = {"display_name": "Olla <b>Hijos</b>"}
    assert (await rosa("PATCH", "/api/v1/accounts/update_credentials", json=sent)).status_code == 200
    channel = Xml.fromstring((await ask(rosa, "/c/esperanza/feed.rss")).content).find("channel")
    assert channel is not None
    for name in ("title", "description"):
        assert "<" not in (channel.findtext(name) or "<")


@pytest.mark.parametrize("path", ["/c/esperanza/feed.atom", "/board.ics", "/c/esperanza/badge.svg"])
async def test_who_has_any_is_not_sent_it_again(rosa: App, path: str) -> None:
    answer = await ask(rosa, path, **{"if-none-match": "*"})
    assert (answer.status_code, answer.content) == (304, b"")


async def test_what_is_not_there_is_not_kept_nor_said_in_another_language(rosa: App) -> None:
    absent = await ask(rosa, "/c/nadie/feed.atom")
    assert absent.json()["error"] == "Aquí no hay nada."
    assert absent.headers["cache-control"] == "no-cache"
    assert (await ask(rosa, "/c/nadie/badge.svg?lang=en")).json()["error"] == "There is nothing here."


@pytest.mark.parametrize("path", ["/c/esperanza/feed.atom", "/c/esperanza/account.atom", "/board.atom"])
async def test_an_empty_feed_is_not_of_1970(rosa: App, path: str) -> None:
    found = feedparser.parse((await ask(rosa, path)).content)
    assert not found.entries
    assert datetime.fromisoformat(found.feed.updated) > datetime.now(UTC) - timedelta(days=1)


async def test_a_need_that_was_covered_is_not_forgotten_until_it_is_edited(
    world: World, olla: Instance, rosa: App, ana: Person
) -> None:
    need = await rosa.post("/api/v1/statuses", status="#necesitamos 2 kg de arroz")
    await olla.hear(ana)
    await ana.tell(olla, ana.activity("Create", ana.note("llevo 2 kg", inReplyTo=need["uri"])))
    await olla.digested()
    thread = await rosa.get(f"/api/v1/statuses/{need['id']}/context")
    reply = next(each for each in thread["descendants"] if "llevo" in each["content"])
    assert "0 needs covered, 1 need open" in (await ask(rosa, "/c/esperanza/badge.svg?lang=en")).text
    await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=reply["id"])
    world.ahead += timedelta(days=40)
    assert "1 need covered, 0 needs open" in (await ask(rosa, "/c/esperanza/badge.svg?lang=en")).text


async def embedded(rosa: App, url: str, **more: object) -> Any:
    parameters = {"url": url, **{name: str(value) for name, value in more.items()}}
    answer = await rosa.client.get(f"{rosa.instance.origin}/oembed", params=parameters)
    assert answer.status_code == 200, answer.text
    assert f"max-age={answer.json()['cache_age']}" in answer.headers["cache-control"]
    return answer.json()


async def test_the_short_address_of_a_collective_is_not_strange_to_its_node(
    olla: Instance, rosa: App
) -> None:
    assert (await embedded(rosa, f"{olla.origin}/@Esperanza"))["author_url"] == olla.uri()


async def test_what_is_shown_elsewhere_does_not_lack_its_photograph(rosa: App) -> None:
    sent = {"file": ("x.jpg", photograph((200, 400)), "image/jpeg")}
    media = (await rosa("POST", "/api/v1/media", files=sent, data={"description": "<Una> olla"})).json()
    said = await rosa.post("/api/v1/statuses", status="hoy", media_ids=[media["id"]])
    found = await embedded(rosa, said["uri"])
    assert f'<img src="{media["url"]}" alt="&lt;Una&gt; olla" width="200" height="400">' in found["html"]
    assert (found["thumbnail_url"], found["height"]) == (media["preview_url"], None)
    small = media["meta"]["small"]
    assert (found["thumbnail_width"], found["thumbnail_height"]) == (small["width"], small["height"])
    tight = await embedded(rosa, said["uri"], maxwidth=150, maxheight=100)
    assert 'width="50" height="100"' in tight["html"]
    assert (tight["width"], tight["height"]) == (150, 100)
    assert "thumbnail_url" not in tight


async def test_a_photograph_behind_a_warning_is_not_shown_elsewhere(rosa: App) -> None:
    media = (
        await rosa("POST", "/api/v1/media", files={"file": ("x.jpg", photograph(), "image/jpeg")})
    ).json()
    said = await rosa.post("/api/v1/statuses", status="hoy", spoiler_text="sangre", media_ids=[media["id"]])
    found = await embedded(rosa, said["uri"])
    assert "thumbnail_url" not in found
    assert "<img" not in found["html"]
