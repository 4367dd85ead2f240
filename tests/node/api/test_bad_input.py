"""What is wrong gets the documented error in the documented shape: nothing leaks, nothing hangs, nothing is half done."""

import asyncio
import json
import re
import struct
import zlib
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from node.api.application import endpoints
from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App, app, photograph

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
LANDING = "https://app.example/callback?x=1"
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
    "website", "grant_type", "client_id", "client_secret", "code", "code_verifier", "token", "choices", "types", "exclude_types",
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
    await olla.node.access.revoke(rosa.token)
    assert await rosa.refused(401, "GET", "/api/v1/timelines/home") == {
        "error": "The access token is invalid"
    }


class Grant:
    """An app and codes that a member gave it."""

    def __init__(self, instance: Instance, client: httpx.AsyncClient) -> None:
        self.instance = instance
        self.stranger = App(client, instance)

    async def register(self, uri: str = LANDING) -> dict[str, Any]:
        self.app: dict[str, Any] = await self.stranger.post(
            "/api/v1/apps", client_name="p", redirect_uris=uri, scopes="read"
        )
        return self.app

    async def code(self, *, challenge: str = "") -> str:
        clients = self.instance.node.clients
        registered = await clients.app(self.app["client_id"])
        assert registered is not None
        member = await self.instance.node.access.add(
            await self._number(), f"m{id(challenge)}", "cook", "una clave larga"
        )
        return await clients.authorize(
            registered,
            member.id,
            await self._number(),
            redirect_uri=LANDING,
            scopes=["read"],
            challenge=challenge,
        )

    async def _number(self) -> int:
        account = await self.stranger.get("/api/v1/accounts/lookup", acct="esperanza")
        return int(account["id"])

    def fields(self, code: str, /, **more: str) -> dict[str, str]:
        return {
            "grant_type": "authorization_code", "code": code, "redirect_uri": LANDING, "client_id": self.app["client_id"],
            "client_secret": self.app["client_secret"], **more,
        }  # fmt: skip


async def test_a_code_works_once_and_what_it_gave_ends_when_it_comes_again(
    olla: Instance, world: World
) -> None:
    grant = Grant(olla, world.client)
    await grant.register()
    code = await grant.code()
    token = await grant.stranger.post("/oauth/token", **grant.fields(code))
    assert (token["token_type"], token["scope"]) == ("Bearer", "read")
    assert isinstance(token["created_at"], int)
    holder = App(world.client, olla, token["access_token"])
    await holder.get("/api/v1/accounts/verify_credentials")
    refusal = await grant.stranger.refused(400, "POST", "/oauth/token", json=grant.fields(code))
    assert refusal["error"] == "invalid_grant"
    assert refusal["error_description"]
    await holder.refused(401, "GET", "/api/v1/accounts/verify_credentials")


async def test_a_code_is_of_one_app_one_address_and_one_verifier(olla: Instance, world: World) -> None:
    grant = Grant(olla, world.client)
    await grant.register()
    code = await grant.code(challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    for wrong in (
        {"redirect_uri": "https://app.example/callback"},
        {"code_verifier": "nope"},
        {"code_verifier": ""},
        {"code": code[:-1]},
    ):
        refusal = await grant.stranger.refused(400, "POST", "/oauth/token", data=grant.fields(code, **wrong))
        assert refusal["error"] == "invalid_grant"
    refusal = await grant.stranger.refused(
        401, "POST", "/oauth/token", data=grant.fields(code, client_secret="x")
    )
    assert refusal["error"] == "invalid_client"
    refusal = await grant.stranger.refused(
        400, "POST", "/oauth/token", data=grant.fields(code, grant_type="password")
    )
    assert refusal["error"] == "unsupported_grant_type"
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert await grant.stranger.post("/oauth/token", **grant.fields(code, code_verifier=verifier))


async def test_a_code_is_worth_nothing_after_ten_minutes(olla: Instance, world: World) -> None:
    grant = Grant(olla, world.client)
    await grant.register()
    code = await grant.code()
    world.ahead = timedelta(minutes=11)
    refusal = await grant.stranger.refused(400, "POST", "/oauth/token", data=grant.fields(code))
    assert refusal["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "JavaScript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://a.example/#x",
        "",
        "x",
        "vbscript:x",
    ],
)
async def test_nobody_is_ever_sent_to_what_runs_or_reads(uri: str, olla: Instance, world: World) -> None:
    stranger = App(world.client, olla)
    body = await stranger.refused(
        422, "POST", "/api/v1/apps", json={"client_name": "p", "redirect_uris": uri}
    )
    assert body["error"].startswith("Validation failed")


async def test_an_address_that_was_not_registered_gets_a_page_and_no_redirect(
    olla: Instance, world: World
) -> None:
    grant = Grant(olla, world.client)
    registered = await grant.register()
    for uri in (
        "https://app.example/callback",
        "https://app.example/callback?x=1&y=2",
        "https://evil.example/",
    ):
        query = httpx.QueryParams(client_id=registered["client_id"], redirect_uri=uri, response_type="code")
        answer = await world.client.get(f"{olla.origin}/oauth/authorize?{query}")
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert answer.headers["content-type"].startswith("text/html")
        assert "access-control-allow-origin" not in answer.headers


async def test_a_scope_that_was_not_registered_is_refused_at_the_apps_own_address(
    olla: Instance, world: World
) -> None:
    grant = Grant(olla, world.client)
    registered = await grant.register()
    query = httpx.QueryParams(
        client_id=registered["client_id"],
        redirect_uri=LANDING,
        response_type="code",
        scope="write",
        state="s",
    )
    answer = await world.client.get(f"{olla.origin}/oauth/authorize?{query}")
    sent = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.headers["location"].startswith(f"{LANDING}&")
    assert (sent["error"], sent["state"]) == (["invalid_scope"], ["s"])


async def test_the_pages_of_login_cannot_be_framed_and_do_not_break_popups(
    olla: Instance, world: World
) -> None:
    grant = Grant(olla, world.client)
    registered = await grant.register()
    query = httpx.QueryParams(client_id=registered["client_id"], redirect_uri=LANDING, response_type="code")
    headers = (await world.client.get(f"{olla.origin}/oauth/authorize/?{query}")).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert "form-action" not in headers["content-security-policy"]
    assert "cross-origin-opener-policy" not in headers
    assert "samesite=lax" in headers["set-cookie"].lower()


async def test_no_endpoint_breaks_on_values_of_the_wrong_kind(olla: Instance, rosa: App) -> None:
    """Every endpoint, with strange values under every name that any of them reads, as JSON and in the query."""
    said = await rosa.post("/api/v1/statuses", status="hola")
    for endpoint in endpoints():
        path = re.sub(r"\{id(:int)?\}", said["id"], endpoint.path)
        path = re.sub(r"\{tag\}", "olla", path)
        path = re.sub(r"\{\w+\}", "x", path)
        for strange in STRANGE[:: 1 if endpoint.method != "GET" else 4]:
            if endpoint.method == "GET":
                answer = await rosa(
                    "GET",
                    path,
                    params={name: str(strange)[:50].encode("utf-8", "replace").decode() for name in NAMES},
                )
            else:
                body = json.dumps(dict.fromkeys(NAMES, strange))
                answer = await rosa(
                    endpoint.method, path, content=body, headers={"content-type": "application/json"}
                )
            assert answer.status_code < 500 or answer.status_code == 502, (
                endpoint.method,
                path,
                strange,
                answer.text,
            )
            if answer.status_code >= 400 and not path.startswith("/media"):
                assert isinstance(answer.json()["error"], str), (path, answer.text)


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
    assert "5000" in long["error"]
    empty = await rosa.refused(422, "POST", "/api/v1/statuses", json={"status": "  "})
    assert "blank" in empty["error"]
    assert await rosa.get("/api/v1/timelines/home") == []


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
        assert await one.refused(404, method, path, json={"status": "x"}) == {"error": "Record not found"}, (
            path
        )
    assert (await other.get(f"/api/v1/statuses/{said['id']}"))["content"]
    answer = await rosa.refused(404, "GET", f"/api/v1/statuses/{hidden['id']}")
    assert answer == {"error": "Record not found"}
    assert neighbour.token != rosa.token


async def test_more_requests_than_allowed_are_told_when_to_come_again(rosa: App) -> None:
    for number in range(30):
        made = await rosa("POST", "/api/v2/filters", json={"title": f"{number}", "context": ["home"]})
        assert made.status_code == 200
    answer = await rosa("POST", "/api/v2/filters", json={"title": "31", "context": ["home"]})
    assert answer.status_code == 429
    assert answer.json() == {"error": "Too many requests"}
    assert answer.headers["x-ratelimit-limit"] == "30"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer.headers["x-ratelimit-reset"])
    assert int(answer.headers["retry-after"]) <= 60
    assert "X-RateLimit-Reset" in answer.headers["access-control-expose-headers"]
    assert len(await rosa.get("/api/v2/filters")) == 30


# Photographs.


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
        (bomb(), "pixels"),
        (
            b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "SVG",
        ),
        (b"\x00\x00\x00\x20ftypisom" + bytes(2000), "film"),
        (b"\x1aE\xdf\xa3" + bytes(2000), "film"),
        (photograph()[:900], "damaged"),
        (b"", "nothing came"),
        (b"GIF89a" + b"\xff" * 500, "photograph"),
        (b"%PDF-1.7 hola", "photograph"),
    ],
    ids=["bomb", "svg", "mp4", "webm", "cut", "empty", "noise", "pdf"],
)
async def test_what_is_no_photograph_is_refused_and_says_why(
    body: bytes, words: str, rosa: App, olla: Instance
) -> None:
    refusal = await rosa.refused(422, "POST", "/api/v1/media", files={"file": ("x.jpg", body, "image/jpeg")})
    assert refusal["error"].startswith("Validation failed")
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
        assert b"larger than this server takes" in said


async def test_a_photograph_that_fails_later_says_so_when_it_is_asked_for(rosa: App) -> None:
    answer = await rosa("POST", "/api/v2/media", files={"file": ("x.png", bomb(), "image/png")})
    assert answer.status_code == 202
    number = answer.json()["id"]
    assert answer.json()["url"] is None
    while (shown := await rosa("GET", f"/api/v1/media/{number}")).status_code == 206:
        pass
    assert shown.status_code == 422
    assert "pixels" in shown.json()["error"]
    await rosa.refused(422, "POST", "/api/v1/statuses", json={"status": "x", "media_ids": [number]})


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
