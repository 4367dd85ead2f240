"""What is no photograph, or too much of one, is refused with a reason; nothing of it is kept."""

import asyncio
import struct
import zlib
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.fediverse import Instance
from tests.node.api.conftest import App, photograph

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def bomb(pixels: int = 60_000) -> bytes:
    """A PNG of a few kilobytes that unfolds to gigabytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compressobj(9)
    data = b"".join(rows.compress(bytes(1 + pixels // 8)) for _ in range(200)) + rows.flush()
    head = struct.pack(">IIBBBBB", pixels, pixels, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (bomb(), "menos píxeles"),
        (
            b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "SVG",
        ),
        (b"\x00\x00\x00\x20ftypisom" + bytes(2000), "videos y sonido no"),
        (b"\x1aE\xdf\xa3" + bytes(2000), "videos y sonido no"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(2000), "una foto en JPEG y no en HEIC"),
        (photograph()[:900], "que no esté dañada"),
        (b"", "no llegó nada"),
        (b"GIF89a" + b"\xff" * 500, "una foto"),
        (b"%PDF-1.7 hola", "una foto"),
    ],
    ids=["bomb", "svg", "mp4", "webm", "heic", "cut", "empty", "noise", "pdf"],
)
async def test_what_is_no_photograph_is_refused_and_says_why(
    body: bytes, words: str, rosa: App, olla: Instance
) -> None:
    refusal = await rosa.refused(422, "POST", "/api/v1/media", files={"file": ("x.jpg", body, "image/jpeg")})
    assert refusal["error"].startswith("Hay algo que corregir: file: ")
    assert words in refusal["error"]
    assert not [path for path in (olla.directory / "media").rglob("*") if path.is_file()]


async def test_fifty_megabytes_are_refused_before_they_are_sent(rosa: App, olla: Instance) -> None:
    for path, size in (("/api/v2/media", 50_000_000), ("/api/v1/statuses", 3_000_000)):
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(olla.origin).port)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {rosa.token}\r\nContent-Length: {size}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        )
        writer.write(head.encode())
        status = await asyncio.wait_for(reader.readline(), 20)
        said = await asyncio.wait_for(reader.readuntil(b"}"), 20)
        writer.close()
        assert b" 413 " in status
        assert "más grande de lo que este servidor recibe" in said.decode()


async def test_a_photograph_that_fails_later_says_so_when_it_is_asked_for(rosa: App) -> None:
    answer = await rosa("POST", "/api/v2/media", files={"file": ("x.png", bomb(), "image/png")})
    assert answer.status_code == 202
    number = answer.json()["id"]
    assert answer.json()["url"] is None
    preview = await rosa.client.get(answer.json()["preview_url"])  # apps need one already
    assert preview.headers["content-type"] == "image/png"
    while (shown := await rosa("GET", f"/api/v1/media/{number}")).status_code == 206:
        pass
    assert shown.status_code == 422
    assert "menos píxeles" in shown.json()["error"]
    await rosa.refused(422, "POST", "/api/v1/statuses", json={"status": "x", "media_ids": [number]})


@pytest.mark.parametrize(
    "private",
    ["llamar a Ana al 9 8765 4321", "ana@correo.cl", "RUT 12.345.678-5"],
    ids=["phone", "mail", "rut"],
)
async def test_what_never_leaves_does_not_leave_in_the_words_of_a_photograph_either(
    private: str, rosa: App
) -> None:
    file = {"file": ("olla.jpg", photograph(), "image/jpeg")}
    for path in ("/api/v1/media", "/api/v2/media"):
        refused = await rosa.refused(422, "POST", path, files=file, data={"description": private})
        assert "description: palabras sin datos personales" in refused["error"]
    media = (await rosa("POST", "/api/v1/media", files=file, data={"description": "La olla"})).json()
    path = f"/api/v1/media/{media['id']}"
    await rosa.refused(422, "PUT", path, json={"description": private})
    assert (await rosa.get(path))["description"] == "La olla"
    note = await rosa.post("/api/v1/statuses", status="foto", media_ids=[media["id"]])
    change = {"status": "foto", "media_attributes": [{"id": media["id"], "description": private}]}
    await rosa.refused(422, "PUT", f"/api/v1/statuses/{note['id']}", json=change)
    assert (await rosa.get(path))["description"] == "La olla"


@pytest.mark.parametrize("named", ["x", ["x"], [["x"]], [None], [{}], "1.5", {"0": "x"}, ["9" * 30]])
async def test_photographs_that_are_none_are_not_left_out_in_silence(named: object, rosa: App) -> None:
    refused = await rosa.refused(422, "POST", "/api/v1/statuses", json={"status": "hoy", "media_ids": named})
    assert "media_ids" in refused["error"]
    note = await rosa.post("/api/v1/statuses", status="hoy", media_ids=[])
    change = {"status": "hoy sí", "media_ids": named}
    await rosa.refused(422, "PUT", f"/api/v1/statuses/{note['id']}", json=change)
    form = await rosa("POST", "/api/v1/statuses", data={"status": "mañana", "media_ids[]": ""})
    assert form.json()["media_attachments"] == []


async def test_an_edit_that_names_photographs_wrongly_takes_none_away(rosa: App) -> None:
    file = {"file": ("olla.jpg", photograph(), "image/jpeg")}
    media = (await rosa("POST", "/api/v1/media", files=file)).json()
    note = await rosa.post("/api/v1/statuses", status="hoy", media_ids=[media["id"]])
    path = f"/api/v1/statuses/{note['id']}"
    for status, named in ((422, "abc"), (422, ["x"]), (422, [{"description": "olla"}]), (404, [{"id": "x"}])):
        await rosa.refused(status, "PUT", path, json={"status": "hoy", "media_attributes": named})
    assert len((await rosa.get(path))["media_attachments"]) == 1
    change = [{"id": media["id"], "description": "La olla"}]
    edited = (await rosa("PUT", path, json={"status": "hoy", "media_attributes": change})).json()
    assert [each["description"] for each in edited["media_attachments"]] == ["La olla"]


async def test_an_edit_of_a_meal_takes_its_photographs_out_describes_and_covers_them(rosa: App) -> None:
    async def sent(description: str) -> str:
        file = {"file": ("olla.jpg", photograph(), "image/jpeg")}
        media = await rosa("POST", "/api/v1/media", files=file, data={"description": description})
        return str(media.json()["id"])

    first = await sent("caras")
    meal = await rosa.post("/api/v1/statuses", status="#servimos 31 raciones de pan", media_ids=[first])
    path = f"/api/v1/statuses/{meal['id']}"
    text = (await rosa.get(f"{path}/source"))["text"]

    async def edited(**change: Any) -> tuple[list[str], bool]:
        answer = await rosa("PUT", path, json={"status": text, **change})
        assert answer.status_code == 200, answer.text
        assert "31 raciones" in answer.json()["content"]
        return [each["description"] for each in answer.json()["media_attachments"]], answer.json()[
            "sensitive"
        ]

    assert await edited(media_attributes=[{"id": first, "description": "una olla"}]) == (["una olla"], False)
    assert await edited(sensitive=True) == (["una olla"], True)
    assert await edited(media_ids=[first, await sent("pan")]) == (["una olla", "pan"], True)
    assert await edited(media_ids=[], sensitive=False) == ([], False)


async def test_an_edit_that_was_refused_describes_no_photograph(rosa: App) -> None:
    file = {"file": ("olla.jpg", photograph(), "image/jpeg")}
    first, other = [
        (await rosa("POST", "/api/v1/media", files=file, data={"description": "La olla"})).json()["id"]
        for _ in range(2)
    ]
    note = await rosa.post("/api/v1/statuses", status="hoy", media_ids=[first])
    await rosa.post("/api/v1/statuses", status="ayer", media_ids=[other])
    path, words = f"/api/v1/statuses/{note['id']}", [{"id": first, "description": "Otra"}]
    long = {"status": "x" * 10_000, "media_attributes": words}
    await rosa.refused(422, "PUT", path, json=long)
    of_another = {"status": "hoy", "media_attributes": [*words, {"id": other, "description": "Otra"}]}
    await rosa.refused(422, "PUT", path, json=of_another)
    for number in (first, other):
        assert (await rosa.get(f"/api/v1/media/{number}"))["description"] == "La olla"
    without_text = {"status": "", "media_ids": [first], "media_attributes": words}
    edited = (await rosa("PUT", path, json=without_text)).json()
    assert [each["description"] for each in edited["media_attachments"]] == ["Otra"]
    assert "Otra" in edited["content"]


BIG = {"file": ("x.jpg", photograph() + bytes(5_000_000), "image/jpeg")}


async def begun(olla: Instance, path: str, size: int, token: str = "") -> Stream:
    """A form with a photograph of which only the head was sent; it says that it is so long."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(olla.origin).port)
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {size}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        'Content-Disposition: form-data; name="file"; filename="x.jpg"\r\n\r\n'.encode()
    )
    return reader, writer


async def filled(olla: Instance, token: str) -> list[Stream]:
    """Photographs that fill the room and of which the end does not come."""
    waiting = [await begun(olla, "/api/v2/media", 17_000_000, token) for _ in range(4)]
    for _, writer in waiting:
        writer.write(bytes(16_900_000))
        await writer.drain()
    await asyncio.sleep(0.5)
    return waiting


async def test_no_more_waits_in_memory_than_an_old_machine_has_room_for(
    rosa: App, olla: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.attachments.room._PATIENCE", 1)
    waiting = await filled(olla, rosa.token)

    refused = await rosa("POST", "/api/v2/media", files=BIG)
    assert refused.status_code == 429
    assert refused.headers["retry-after"]
    assert "Demasiadas fotos a la vez" in refused.json()["error"]
    for _, writer in waiting:
        writer.close()
    assert (await rosa("POST", "/api/v2/media", files=BIG)).status_code == 202


async def test_who_finds_no_room_waits_for_it_a_while(rosa: App, olla: Instance) -> None:
    waiting = await filled(olla, rosa.token)
    sent = asyncio.create_task(rosa("POST", "/api/v2/media", files=BIG))
    await asyncio.sleep(0.5)
    assert not sent.done()
    for _, writer in waiting:
        writer.close()
    assert (await sent).status_code == 202


@pytest.mark.parametrize("path", ["/oauth/token", "/api/v2/media"])
async def test_no_stranger_takes_the_room_of_the_photographs(path: str, rosa: App, olla: Instance) -> None:
    strangers = [await begun(olla, path, 1 << 20) for _ in range(70)]
    for _, writer in strangers:
        writer.write(bytes(1_000_000))
    await asyncio.sleep(0.5)
    sent = await asyncio.wait_for(rosa("POST", "/api/v2/media", files=BIG), 10)
    assert sent.status_code == 202
    for _, writer in strangers:
        writer.close()


async def test_a_length_that_is_only_told_takes_no_room(rosa: App, olla: Instance) -> None:
    slow = [await begun(olla, "/api/v2/media", 16_000_000, rosa.token) for _ in range(8)]
    for _, writer in slow:
        writer.write(bytes(400_000))
    await asyncio.sleep(0.5)
    sent = await asyncio.wait_for(rosa("POST", "/api/v2/media", files=BIG), 10)
    assert sent.status_code == 202
    for _, writer in slow:
        writer.close()


@pytest.mark.parametrize("bound", ["_SILENCE", "_GRACE", "_LONGEST"])
@pytest.mark.parametrize("drips", [False, True])
async def test_who_sends_a_photograph_too_slowly_or_not_at_all_is_gone(
    drips: bool, bound: str, rosa: App, olla: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"node.bodies.{bound}", 1)
    reader, writer = await begun(olla, "/api/v2/media", 16_000_000, rosa.token)
    answer = asyncio.create_task(reader.readline())
    for _ in range(30):
        if drips and not answer.done():
            writer.write(b"x")
        await asyncio.sleep(0.1)
    assert answer.done() == (not drips or bound != "_SILENCE")
    assert answer.cancel() or b" 400 " in answer.result()
    writer.close()
