"""Photographs in feeds, in pages and in what other sites show of them: each can be read, and none is lost."""

import json
import re

import feedparser
import pytest

from tests.fediverse import Instance, JsonObject, Person
from tests.node.api.conftest import App, photograph

PAGE = {"accept": "text/html"}


async def posted(rosa: App, **fields: str) -> tuple[JsonObject, str]:
    """A post with a photograph of a receipt, and where the photograph is."""
    sent = {"file": ("x.jpg", photograph((300, 400)), "image/jpeg")}
    media = (await rosa("POST", "/api/v1/media", files=sent, data={"description": "La boleta"})).json()
    said = await rosa.post("/api/v1/statuses", status="hoy", media_ids=[media["id"]], **fields)
    return said, media["url"]


async def remote_need(olla: Instance, rosa: App, ana: Person, attachment: object) -> str:
    """A need as Ana's server says it, with this attachment: its id."""
    await olla.hear(ana)
    text = "#necesitamos 3 kg de arroz antes del 28/08/2031"
    ours = (await rosa.post("/api/v1/statuses", status=text))["uri"]
    document = (await rosa.client.get(ours, headers={"accept": "application/activity+json"})).json()
    del document["proof"]
    uri = f"{ana.peer.origin}/notes/need"
    told = json.loads(json.dumps(document).replace(ours, uri).replace(olla.uri(), ana.id))
    told["attachment"] = attachment
    ana.peer.serve(told)
    await ana.tell(olla, ana.proven(ana.activity("Create", told)))
    return uri


async def test_a_photographed_receipt_is_not_only_there_as_a_stamp(olla: Instance, rosa: App) -> None:
    said, large = await posted(rosa)
    small = large.replace(".jpg", ".small.jpg")
    post = (await rosa.client.get(said["uri"], headers=PAGE)).text
    assert re.search(f'<img src="{large}" alt="La boleta" loading="lazy" width="300" height="400"', post)
    face = (await rosa.client.get(olla.uri(), headers=PAGE)).text
    (link,) = re.findall(f'<a href="{large}">(.*?)</a>', face)
    assert f'<img src="{small}" alt="La boleta"' in link
    assert "Ver la fotografía completa" in link


async def test_a_preview_elsewhere_is_not_without_its_photograph(olla: Instance, rosa: App) -> None:
    said, large = await posted(rosa)
    page = (await rosa.client.get(said["uri"], headers=PAGE)).text
    about = dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)"', page))
    assert about["image"] == large
    assert (about["image:alt"], about["image:width"], about["image:height"]) == ("La boleta", "300", "400")
    board = (await rosa.client.get(f"{olla.origin}/board", headers=PAGE)).text
    about = dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)"', board))
    assert about["url"] == f"{olla.origin}/board"
    assert (await rosa.client.get(about["image"])).headers["content-type"] == "image/png"


@pytest.mark.parametrize("one_alone", [False, True])
async def test_a_feed_does_not_lack_a_picture_that_pages_show(
    olla: Instance, rosa: App, ana: Person, one_alone: bool
) -> None:
    picture = {"type": "Image", "url": "http://album.example/a.jpg", "name": "Un saco"}
    need = await remote_need(olla, rosa, ana, picture if one_alone else [picture])

    async def listed() -> JsonObject | None:
        items = (await rosa.client.get(f"{olla.origin}/board.json")).json()["items"]
        return next((item for item in items if item["id"] == need), None)

    item = await olla.until(listed)
    (attached,) = item["attachments"]
    assert attached["url"].startswith(f"{olla.origin}/media/remote/")
    assert attached["title"] == "Un saco"


@pytest.mark.parametrize(
    "said",
    [
        {"type": "Document", "mediaType": "image/jpeg\u0001"},
        {"type": "Image", "mediaType": ["image/jpeg"]},
        {"type": "Image", "mediaType": {}},
    ],
    ids=["control", "list", "object"],
)
async def test_a_strange_media_type_does_not_break_the_feed(
    said: JsonObject, olla: Instance, rosa: App, ana: Person
) -> None:
    picture = {**said, "url": "http://album.example/a.jpg"}
    need = await remote_need(olla, rosa, ana, [picture])

    async def listed() -> bool:
        answer = await rosa.client.get(f"{olla.origin}/board.atom")
        found = feedparser.parse(answer.content)
        assert not found.bozo
        return need in [entry.id for entry in found.entries]

    await olla.until(listed)


async def test_no_photograph_of_ours_stays_at_a_domain_that_was_taken_away(olla: Instance, rosa: App) -> None:
    said, large = await posted(rosa)
    sent = {"avatar": ("x.jpg", photograph(), "image/jpeg")}
    assert (await rosa("PATCH", "/api/v1/accounts/update_credentials", files=sent)).status_code == 200

    async def shown() -> tuple[str, ...]:
        """Where apps, pages and feeds find the picture; and where the collective's own is."""
        status = await rosa.get(f"/api/v1/statuses/{said['id']}")
        feed = (await rosa.client.get(f"{olla.uri()}/feed.json")).json()
        face = (await rosa.client.get(olla.uri(), headers=PAGE)).text
        (link,) = re.findall(r'<a href="([^"]*/media/[^"]*)"><img', face)
        (portrait,) = re.findall(r'<img src="([^"]*)" alt="" width="96"', face)
        media = status["media_attachments"][0]
        return (
            media["url"], media["preview_url"].replace(".small", ""), link, feed["items"][0]["image"],
            status["account"]["avatar"], portrait.replace(".small", ""),
        )  # fmt: skip

    here = await shown()
    assert set(here[:4]) == {large}
    assert here[4] == here[5]
    for origin in ("http://127.0.0.2:9", ""):
        await olla.stop()
        await olla.start(media_origin=origin)
        assert await shown() == tuple(url.replace(olla.origin, origin or olla.origin) for url in here)
