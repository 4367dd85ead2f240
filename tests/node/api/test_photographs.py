"""Photographs: what is kept of them, what leaves the node, and that no reader's address reaches a stranger's server."""

import io
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from node.storage import collectives
from tests.fediverse import Instance, Listening, Person, World
from tests.node.api.conftest import App, app, photograph

SECRET = b"Calle Los Aromos 123"


def telling() -> bytes:
    """A photograph that says where it was taken, in every way in which one can."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[2] = (33.0, 27.0, 0.0)
    exif.get_ifd(0x8825)[1] = "S"
    picture = Image.effect_noise((1600, 1200), 90).convert("RGB")
    thumbnail = io.BytesIO()
    picture.resize((160, 120)).save(thumbnail, "JPEG", comment=SECRET)
    file = io.BytesIO()
    picture.save(
        file, "JPEG", exif=exif, comment=SECRET, icc_profile=SECRET * 20, quality=95,
        xmp=b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>",
    )  # fmt: skip
    return file.getvalue() + thumbnail.getvalue()


async def sent(rosa: App, body: bytes, **more: str) -> dict:  # type: ignore[type-arg]
    answer = await rosa("POST", "/api/v1/media", files={"file": ("x.jpg", body, "image/jpeg")}, data=more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_nothing_but_pixels_is_kept_and_it_is_small(rosa: App, olla: Instance) -> None:
    media = await sent(rosa, telling())
    for url, most in ((media["url"], 150_000), (media["preview_url"], 25_000)):
        answer = await rosa.client.get(url)
        assert len(answer.content) <= most
        picture = Image.open(io.BytesIO(answer.content))
        assert picture.format == "JPEG"
        assert not picture.getexif()
        assert not {"exif", "xmp", "comment", "icc_profile", "mp"} & set(picture.info)
    kept = [path for path in olla.directory.rglob("*") if path.is_file()]
    assert not [
        path
        for path in kept
        if SECRET in path.read_bytes() or (b"GPS" in path.read_bytes() and path.suffix == ".jpg")
    ]
    assert media["meta"]["original"]["width"] >= 640


async def test_letters_on_a_receipt_can_still_be_read(rosa: App) -> None:
    """A sheet of small print stays in high resolution: the quality goes first, not the pixels."""
    sheet = Image.new("RGB", (2400, 3200), "white")
    draw = ImageDraw.Draw(sheet)
    for row in range(70):
        draw.text(
            (80, 40 + row * 44),
            f"{row:02d} lentejas 25 kg  12.500  arroz 10 kg  9.990  total {row * 137}" * 2,
            "black",
        )
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=92)
    media = await sent(rosa, file.getvalue())
    assert max(media["meta"]["original"]["width"], media["meta"]["original"]["height"]) >= 1280


async def test_a_photograph_lies_as_it_was_held(rosa: App) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    media = await sent(rosa, photograph((320, 240), exif=exif))
    assert (media["meta"]["original"]["width"], media["meta"]["original"]["height"]) == (240, 320)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "AVIF"])
async def test_other_formats_are_taken_too(kind: str, rosa: App) -> None:
    assert (await sent(rosa, photograph(kind=kind)))["url"].endswith(".jpg")


async def test_a_photograph_is_served_so_that_it_can_do_nothing(rosa: App) -> None:
    media = await sent(rosa, photograph())
    headers = (await rosa.client.get(media["url"])).headers
    assert "sandbox" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-type"] == "image/jpeg"
    assert "immutable" in headers["cache-control"]


async def test_alternative_text_and_focus_are_kept_and_changed(rosa: App) -> None:
    media = await sent(rosa, photograph(), description="Una olla", focus="0.5,-0.25")
    assert (media["description"], media["meta"]["focus"]) == ("Una olla", {"x": 0.5, "y": -0.25})
    changed = await rosa(
        "PUT", f"/api/v1/media/{media['id']}", json={"description": "Dos ollas", "focus": "0,0"}
    )
    assert changed.json()["description"] == "Dos ollas"
    await rosa.refused(422, "PUT", f"/api/v1/media/{media['id']}", json={"focus": "5,5"})
    await rosa.refused(422, "PUT", f"/api/v1/media/{media['id']}", json={"description": "x" * 2000})


class Album:
    """A stranger's server with one picture. Remembers who asked."""

    def __init__(self) -> None:
        self.place = Listening()
        self.asked: list[Request] = []
        self.body, self.kind = photograph(), "image/jpeg"

    async def answer(self, request: Request) -> Response:
        self.asked.append(request)
        return Response(self.body, media_type=self.kind)


async def attached(rosa: App, olla: Instance, ana: Person, url: str, kind: str) -> dict[str, Any]:
    """What our app is told of what a stranger shows."""
    await olla.hear(ana)
    attachment = [{"type": "Document", "mediaType": kind, "url": url}]
    await ana.tell(olla, ana.activity("Create", ana.note("foto", attachment=attachment)))
    told: dict[str, Any] = (await rosa.get("/api/v1/timelines/home"))[0]["media_attachments"][0]
    return told


async def shown(rosa: App, olla: Instance, ana: Person, url: str, name: str = "url") -> str:
    """The address at which our app is shown a stranger's picture."""
    return str((await attached(rosa, olla, ana, url, "image/jpeg"))[name])


async def test_no_app_is_told_a_strangers_address_that_it_would_ask_by_itself(
    rosa: App, olla: Instance, ana: Person
) -> None:
    picture = await attached(rosa, olla, ana, "https://elsewhere.example/p.jpg", "image/jpeg")
    assert "elsewhere.example" not in str(picture)
    film = await attached(rosa, olla, ana, "https://elsewhere.example/p.mp4", "video/mp4")
    assert film["type"] == "unknown"
    assert film["url"] == "https://elsewhere.example/p.mp4"
    assert "elsewhere.example" not in film["preview_url"]


async def test_pictures_of_strangers_come_from_our_node_once(
    world: World, rosa: App, olla: Instance, ana: Person
) -> None:
    album = Album()
    await album.place.up(Starlette(routes=[Route("/{path:path}", album.answer)]))
    try:
        url = await shown(rosa, olla, ana, f"{album.place.origin}/p.jpg")
        assert url.startswith(f"{olla.origin}/media/remote/")
        answers = [
            await world.client.get(url, headers={"user-agent": "Rosa", "x-forwarded-for": "9.9.9.9"})
            for _ in range(3)
        ]
        assert [answer.content == album.body for answer in answers] == [True] * 3
        assert "sandbox" in answers[0].headers["content-security-policy"]
        assert len(album.asked) == 1
        told = str(album.asked[0].headers)
        assert "Rosa" not in told
        assert "9.9.9.9" not in told
        # Only what this node named is fetched: it is no open proxy.
        forged = re.sub(r"/remote/[^/]+/", "/remote/AAAAAAAAAAAAAAAAAAAA/", url)
        assert (await world.client.get(forged)).status_code == 404
    finally:
        await album.place.down()


async def test_the_preview_of_a_strangers_picture_is_small_and_tells_no_place_either(
    world: World, rosa: App, olla: Instance, ana: Person
) -> None:
    album = Album()
    album.body = telling()
    await album.place.up(Starlette(routes=[Route("/{path:path}", album.answer)]))
    try:
        url = await shown(rosa, olla, ana, f"{album.place.origin}/p.jpg", "preview_url")
        small = [(await world.client.get(url)).content for _ in range(2)]
        assert small[0] == small[1]
        assert len(small[0]) <= 25_000 < len(album.body)
        assert max(Image.open(io.BytesIO(small[0])).size) <= 480
        assert SECRET not in small[0]
        assert len(album.asked) == 1
    finally:
        await album.place.down()


async def test_what_is_no_picture_is_not_passed_on_nor_lamented_in_our_log(
    world: World, rosa: App, olla: Instance, ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    album = Album()
    album.body = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    await album.place.up(Starlette(routes=[Route("/{path:path}", album.answer)]))
    try:
        answer: httpx.Response = await world.client.get(
            await shown(rosa, olla, ana, f"{album.place.origin}/p.svg")
        )
        assert answer.status_code == 502
        assert b"svg" not in answer.content
        assert not caplog.records
        assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    finally:
        await album.place.down()


@pytest.mark.parametrize("name", ["url", "preview_url"])
async def test_a_strangers_zip_bomb_is_not_passed_on_in_any_size(
    name: str, world: World, rosa: App, olla: Instance, ana: Person
) -> None:
    album = Album()
    file = io.BytesIO()
    Image.new("1", (12000, 12000)).save(file, "PNG")
    album.body, album.kind = file.getvalue(), "image/png"
    await album.place.up(Starlette(routes=[Route("/{path:path}", album.answer)]))
    try:
        url = await shown(rosa, olla, ana, f"{album.place.origin}/p.png", name)
        assert [(await world.client.get(url)).status_code for _ in range(2)] == [502, 502]
        assert len(album.asked) == 1
    finally:
        await album.place.down()


async def test_the_measures_of_a_photograph_are_those_of_its_files(rosa: App) -> None:
    media = await sent(rosa, photograph((900, 600)))
    said = await rosa.post("/api/v1/statuses", status="hoy", media_ids=[media["id"]])
    (edit,) = await rosa.get(f"/api/v1/statuses/{said['id']}/history")
    for shown in (media, *said["media_attachments"], *edit["media_attachments"]):
        for name, url in (("original", shown["url"]), ("small", shown["preview_url"])):
            picture = Image.open(io.BytesIO((await rosa.client.get(url)).content))
            assert shown["meta"][name]["size"] == f"{picture.width}x{picture.height}", name
    assert media["meta"]["small"] != media["meta"]["original"]


async def test_the_same_picture_twice_in_a_post_is_two_of_them(rosa: App) -> None:
    body = photograph()
    ids = [(await sent(rosa, body))["id"] for _ in range(2)]
    said = await rosa.post("/api/v1/statuses", status="hoy", media_ids=ids)
    assert [each["id"] for each in said["media_attachments"]] == ids


async def test_the_picture_of_the_collective_is_changed_by_its_app(rosa: App, olla: Instance) -> None:
    form = {"display_name": "Olla Nueva", "fields_attributes[0][name]": "", "fields_attributes[0][value]": ""}
    answer = await rosa(
        "PATCH",
        "/api/v1/accounts/update_credentials",
        data=form,
        files={"avatar": ("a.jpg", telling(), "image/jpeg")},
    )
    me = answer.json()
    assert (answer.status_code, me["display_name"]) == (200, "Olla Nueva")
    picture = await rosa.client.get(me["avatar"])
    assert picture.headers["content-type"] == "image/jpeg"
    assert SECRET not in picture.content
    assert (await olla.look(lambda s: collectives.by_uri(s, olla.uri()))).picture in me["avatar"]


async def test_the_wide_picture_is_changed_and_taken_away_by_an_app_and_told_to_other_servers(
    world: World, rosa: App, olla: Instance
) -> None:
    wide = {"header": ("a.jpg", telling(), "image/jpeg")}
    me = (await rosa("PATCH", "/api/v1/accounts/update_credentials", files=wide)).json()
    picture = await rosa.client.get(me["header"])
    assert picture.headers["content-type"] == "image/jpeg"
    assert SECRET not in picture.content
    assert me["header"] != me["avatar"]
    world.ahead += timedelta(days=2)
    await olla.node.attachments.expire()
    assert (await world.client.get(me["header"])).status_code == 200
    actor = await world.client.get(olla.uri(), headers={"accept": "application/activity+json"})
    assert (actor.json()["image"]["url"], "icon" in actor.json()) == (me["header"], False)
    await rosa.refused(404, "DELETE", "/api/v1/profile/nothing")
    assert (await rosa("DELETE", "/api/v1/profile/header")).json()["header"].endswith("/assets/header.png")


async def test_a_photograph_that_is_damaged_or_gone_is_found_by_fsck(rosa: App, olla: Instance) -> None:
    await rosa.post("/api/v1/statuses", status="hoy", media_ids=[(await sent(rosa, photograph()))["id"]])
    assert await olla.check() == []
    large = next(path for path in (olla.directory / "media").rglob("*.jpg") if "small" not in path.name)
    for spoil in (lambda: large.write_bytes(b"nothing"), large.unlink):
        spoil()
        (finding,) = await olla.check()
        assert (finding.check, large.stem in finding.what) == ("media", True)


async def test_pictures_can_be_given_a_domain_of_their_own(world: World) -> None:
    apart = "http://127.0.0.1:9"
    olla = await world.node("esperanza", media_origin=apart)
    rosa = await app(olla)
    media = await sent(rosa, photograph())
    said = await rosa.post("/api/v1/statuses", status="hoy", media_ids=[media["id"]])
    (shown,) = said["media_attachments"]
    assert shown["url"].startswith(f"{apart}/media/")
    assert shown["preview_url"].startswith(f"{apart}/media/")
    served = await world.client.get(shown["url"].replace(apart, olla.origin))
    assert served.headers["content-type"] == "image/jpeg"
    page = await world.client.get(said["uri"], headers={"accept": "text/html"})
    assert f"img-src 'self' {apart}" in page.headers["content-security-policy"]
    assert shown["url"] in page.text
