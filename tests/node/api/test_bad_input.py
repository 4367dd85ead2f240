"""What is wrong gets the documented error in the documented shape: nothing leaks, nothing hangs, nothing is half done."""

import asyncio
import json
import re
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlsplit

import pytest

from node.api.application import endpoints
from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App, app

STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    2**70,
    "x" * 300,
    [],
    {},
    [None, {}],
    {"a": {"b": []}},
    "\x00\ud800",
)
NAMES = (
    "status", "media_ids", "visibility", "in_reply_to_id", "spoiler_text", "sensitive", "poll", "scheduled_at", "title", "context",
    "keywords_attributes", "filter_action", "expires_in", "keyword", "status_id", "id", "q", "type", "limit", "max_id", "min_id",
    "since_id", "home", "notifications", "comment", "account_id", "status_ids", "category", "acct", "resolve", "offset", "domain",
    "duration", "reblogs", "source", "display_name", "note", "description", "focus", "client_name", "redirect_uris", "scopes",
    "website", "locked", "fields_attributes", "language", "grant_type", "client_id", "client_secret", "code", "code_verifier", "token", "choices", "types", "exclude_types",
)  # fmt: skip


async def test_a_token_reaches_no_further_than_its_scopes(olla: Instance) -> None:
    reader = await app(olla, "read")
    refusal = {"error": "This action is outside the authorized scopes"}
    assert await reader.refused(403, "POST", "/api/v1/statuses", json={"status": "hola"}) == refusal
    narrow = await app(olla, "read:statuses")
    assert await narrow.get("/api/v1/timelines/home") == []
    assert await narrow.refused(403, "GET", "/api/v1/notifications") == refusal


async def test_a_token_that_is_none_is_told_so(olla: Instance, rosa: App) -> None:
    for bad in ("x", "Bearer", "x y z", rosa.token[:-1]):
        stranger = App(rosa.client, olla, bad)
        refusal = await stranger.refused(401, "GET", "/api/v1/timelines/home")
        assert refusal == {"error": "The access token is invalid"}
    nobody = await App(rosa.client, olla)("GET", "/api/v1/timelines/home")
    assert (nobody.status_code, nobody.json()) == (
        401,
        {"error": "This method requires an authenticated user"},
    )
    assert "invalid_token" not in nobody.headers["www-authenticate"]
    await olla.node.access.revoke(rosa.token)
    assert await rosa.refused(401, "GET", "/api/v1/timelines/home") == {
        "error": "The access token is invalid"
    }


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        ("/api/v1/statuses", {"status": "hola", "language": "klingon-xx"}, "language"),
        ("/api/v1/markers", {"home": {"last_read_id": "ayer"}}, "home[last_read_id]"),
        ("/api/v1/markers", {"notifications": "5"}, "notifications[last_read_id]"),
    ],
)
async def test_what_cannot_be_meant_is_refused_by_the_name_of_its_field(
    rosa: App, path: str, sent: dict[str, Any], field: str
) -> None:
    refused = await rosa.refused(422, "POST", path, json=sent)
    assert list(refused["details"]) == [field]
    assert await rosa.get("/api/v1/markers") == {}
    assert await rosa.get("/api/v1/timelines/home") == []
    await rosa.post("/api/v1/statuses", status="hola", language="pt-BR")


async def test_no_endpoint_breaks_on_values_of_the_wrong_kind(world: World) -> None:
    """Every endpoint, with strange values under every name that any of them reads, as JSON and in the query."""
    rosa = await app(await world.node("esperanza", api_rate=100))
    said = await rosa.post("/api/v1/statuses", status="hola")
    for endpoint in endpoints():
        path = re.sub(r"\{id(:int)?\}", said["id"], endpoint.path)
        path = re.sub(r"\{tag\}", "olla", path)
        path = re.sub(r"\{\w+\}", "x", path)
        for turn in range(0, len(STRANGE), 4):
            strange = dict(zip(NAMES, islice(cycle(STRANGE), turn, None), strict=False))
            if endpoint.method == "GET":
                plain = {
                    name: str(value)[:50].encode("utf-8", "replace").decode()
                    for name, value in strange.items()
                }
                answer = await rosa("GET", path, params=plain)
            else:
                answer = await rosa(
                    endpoint.method,
                    path,
                    content=json.dumps(strange),
                    headers={"content-type": "application/json"},
                )
            told = (endpoint.method, path, strange, answer.text)
            assert answer.status_code < 500 or answer.status_code == 502, told
            assert answer.status_code != 429, told
            if answer.status_code >= 400 and not path.startswith("/media"):
                assert isinstance(answer.json()["error"], str), told


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b'{"a":' * 3000, "application/json"),
        (b"\xff\xfe=%ff&%=%", "application/x-www-form-urlencoded"),
        (b"a[" * 500 + b"=1", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(1500)), "application/x-www-form-urlencoded"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b"--x\r\nnonsense", "multipart/form-data"),
    ],
)
async def test_a_body_that_is_not_what_it_says_is_refused(body: bytes, kind: str, rosa: App) -> None:
    answer = await rosa("POST", "/api/v1/statuses", content=body, headers={"content-type": kind})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]


async def test_texts_too_long_and_too_short_are_refused(rosa: App) -> None:
    long = await rosa.refused(422, "POST", "/api/v1/statuses", json={"status": "ñ" * 10_000})
    assert "5.000" in long["error"]
    note = await rosa.post("/api/v1/statuses", status="hoy")
    for method, path in (("POST", "/api/v1/statuses"), ("PUT", f"/api/v1/statuses/{note['id']}")):
        await rosa.refused(422, method, path, json={"status": "[Aviso] " + "x" * 10_000})
    await rosa("DELETE", f"/api/v1/statuses/{note['id']}")
    empty = await rosa.refused(422, "POST", "/api/v1/statuses", json={"status": "  "})
    assert "no puede ir en blanco" in empty["error"]
    assert await rosa.get("/api/v1/timelines/home") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sensitive", "maybe"),
        ("sensitive", {"a": 1}),
        ("status", ["hoy"]),
        ("status", {"text": "hoy"}),
        ("spoiler_text", {"a": 1}),
        ("language", {"a": 1}),
    ],
)
async def test_what_would_be_published_otherwise_than_meant_is_refused_by_its_name(
    name: str, value: object, rosa: App
) -> None:
    note = await rosa.post("/api/v1/statuses", status="hoy", sensitive="0")
    assert note["sensitive"] is False
    body = {"status": "hoy", name: value}
    for method, path in (("POST", "/api/v1/statuses"), ("PUT", f"/api/v1/statuses/{note['id']}")):
        refused = await rosa.refused(422, method, path, json=body)
        assert name in refused["details"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("visibility", {"a": 1}),
        ("visibility", []),
        ("in_reply_to_id", {"a": 1}),
        ("in_reply_to_id", []),
        ("poll", "x"),
    ],
)
async def test_what_would_go_further_than_meant_is_refused_by_its_name(
    name: str, value: object, rosa: App
) -> None:
    refused = await rosa.refused(422, "POST", "/api/v1/statuses", json={"status": "hoy", name: value})
    assert name in refused["details"]
    assert await rosa.get("/api/v1/timelines/home") == []


async def test_a_boost_for_few_is_not_made_for_everybody(rosa: App) -> None:
    note = await rosa.post("/api/v1/statuses", status="hoy")
    path = f"/api/v1/statuses/{note['id']}/reblog"
    refused = await rosa.refused(422, "POST", path, json={"visibility": "private"})
    assert "visibility" in refused["details"]
    assert (await rosa("POST", path, json={"visibility": "public"})).json()["reblogged"] is True


async def test_what_belongs_to_another_collective_is_not_there(
    world: World, rosa: App, olla: Instance
) -> None:
    neighbour = await app(await world.node("villasol"))
    two = await world.node("uno", "dos")
    one, other = await app(two, handle="uno"), await app(two, handle="dos")
    said = await other.post("/api/v1/statuses", status="de dos")
    hidden = await other.post("/api/v1/statuses", status="solo dos", visibility="private")
    made = await other.post(
        "/api/v2/filters", title="x", context=["home"], keywords_attributes=[{"keyword": "x"}]
    )
    for method, path in (
        ("DELETE", f"/api/v1/statuses/{said['id']}"), ("PUT", f"/api/v1/statuses/{said['id']}"),
        ("GET", f"/api/v1/statuses/{said['id']}/source"), ("GET", f"/api/v1/statuses/{hidden['id']}"),
        ("GET", f"/api/v1/statuses/{hidden['id']}/context"), ("POST", f"/api/v1/statuses/{hidden['id']}/favourite"),
        ("POST", f"/api/v1/statuses/{hidden['id']}/reblog"), ("GET", f"/api/v2/filters/{made['id']}"),
        ("PUT", f"/api/v2/filters/{made['id']}"), ("DELETE", f"/api/v2/filters/{made['id']}"),
        ("GET", f"/api/v2/filters/keywords/{made['keywords'][0]['id']}"),
        ("GET", "/api/v1/statuses/abc"), ("GET", "/api/v1/statuses/99999999999999999999999"), ("GET", "/api/v1/accounts/7"),
    ):  # fmt: skip
        assert await one.refused(404, method, path, json={"status": "x"}) == {"error": "No se encontró"}, path
    assert (await other.get(f"/api/v1/statuses/{said['id']}"))["content"]
    answer = await rosa.refused(404, "GET", f"/api/v1/statuses/{hidden['id']}")
    assert answer == {"error": "No se encontró"}
    assert neighbour.token != rosa.token


async def test_a_stranger_reads_what_is_public_and_nothing_else(
    rosa: App, olla: Instance, ana: Person
) -> None:
    public = await rosa.post("/api/v1/statuses", status="público")
    private = await rosa.post("/api/v1/statuses", status="seguidores", visibility="private")
    stranger = App(rosa.client, olla)
    for path in ("", "/context", "/favourited_by", "/reblogged_by", "/history"):
        await stranger.get(f"/api/v1/statuses/{public['id']}{path}")
        await stranger.refused(404, "GET", f"/api/v1/statuses/{private['id']}{path}")
    assert [s["id"] for s in await stranger.get(f"/api/v1/accounts/{public['account']['id']}/statuses")] == [
        public["id"]
    ]
    await stranger.refused(401, "GET", "/api/v1/timelines/home")
    await stranger.refused(403, "GET", "/api/v1/instance/peers")
    assert await stranger.get(f"/api/v1/accounts/{public['account']['id']}/followers") == []


async def test_a_message_that_names_nobody_says_so_in_the_words_of_apps(rosa: App) -> None:
    refusal = await rosa.refused(
        422, "POST", "/api/v1/statuses", json={"status": "x", "visibility": "direct"}
    )
    assert "por su nombre" in refusal["error"]
    assert "--" not in refusal["error"]


async def test_what_is_not_at_a_well_known_place_is_told_in_json_to_pages_of_other_origins(
    rosa: App, olla: Instance
) -> None:
    stranger = App(rosa.client, olla)
    for path in (
        "/.well-known/nope",
        "/nodeinfo/9",
        "/nodeinfo",
        "/oauth/nope",
        "/oauth/nope/",
        "/api/nope",
        "/api",
    ):
        for method in ("GET", "POST"):
            refusal = await stranger.refused(404, method, path)
            assert refusal == {"error": "Record not found"}
    asked = await stranger("OPTIONS", "/oauth/authorize", headers={"origin": "https://app.example"})
    assert not [name for name in asked.headers if name.startswith("access-control-")]
    page = await rosa.client.get(f"{olla.origin}/nope", headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")


async def test_posts_are_read_by_their_numbers_boosts_too(world: World) -> None:
    node = await world.node("uno", "dos")
    one, two = await app(node, handle="uno"), await app(node, handle="dos")
    said = await one.post("/api/v1/statuses", status="hola")
    boost = await two.post(f"/api/v1/statuses/{said['id']}/reblog")
    hidden = await one.post("/api/v1/statuses", status="solo nosotras", visibility="private")
    wanted = [boost["id"], hidden["id"], "7", said["id"]]
    for reader, seen in ((App(two.client, node), 2), (two, 2), (one, 3)):
        found = await reader.get("/api/v1/statuses", **{"id[]": wanted})
        assert len(found) == seen
        assert (found[0]["id"], found[0]["reblog"]["id"], found[-1]["id"]) == (
            boost["id"],
            said["id"],
            said["id"],
        )


async def test_the_own_server_is_no_server_to_block(rosa: App, olla: Instance) -> None:
    own = {"domain": olla.origin.removeprefix("http://")}
    refused = await rosa.refused(422, "POST", "/api/v1/domain_blocks", json=own)
    assert list(refused["details"]) == ["domain"]


async def test_a_refusal_is_in_one_language_that_of_the_collective(
    rosa: App,
) -> None:
    for fields, words in (
        ({"status": ""}, "status: no puede ir en blanco"),
        ({"status": "hola", "visibility": "nobody"}, "visibility: una de estas"),
        (
            {"status": "llamar al 9 8765 4321"},
            'palabras sin datos personales: "9 8765 4321" parece un dato privado',
        ),
    ):
        refused = await rosa.refused(422, "POST", "/api/v1/statuses", json=fields)
        assert refused["error"].startswith("Hay algo que corregir: ")
        assert words in refused["error"]


@pytest.mark.parametrize(
    "path", ["/oauth/login", "/oauth/authorize", "/oauth/logout", "/c/esperanza/witness/add-checkpoint"]
)
async def test_a_form_of_which_the_end_does_not_come_is_not_waited_for(
    path: str, olla: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.bodies._GRACE", 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(olla.origin).port)
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nname="
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\n{form}".encode())
    assert (await asyncio.wait_for(reader.readline(), 10)).startswith(b"HTTP/1.1 ")
    writer.close()


@pytest.mark.parametrize("sent", ["json", "data"])
async def test_lines_that_end_as_browsers_send_them_are_lines(sent: str, rosa: App) -> None:
    note = await rosa("POST", "/api/v1/statuses", **{sent: {"status": "Hola\r\nvecinas"}})
    assert note.status_code == 200, note.text
    path = f"/api/v1/statuses/{note.json()['id']}"
    assert (await rosa.get(f"{path}/source"))["text"] == "Hola\nvecinas"
    edited = await rosa("PUT", path, **{sent: {"status": "Hola\r\nvecinos"}})
    assert edited.status_code == 200, edited.text
