"""Codes, tokens and the pages of consent: what is not proven, not registered, too late or used before gets nothing."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.fediverse import Instance, World
from tests.node.api.conftest import App

LANDING = "https://app.example/callback?x=1"


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
    told = await holder("GET", "/api/v1/accounts/verify_credentials")
    assert told.headers["cache-control"] == "private, no-store"
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


async def test_an_app_without_an_address_of_its_own_is_refused_on_a_page(
    olla: Instance, world: World
) -> None:
    grant = Grant(olla, world.client)
    await grant.register("urn:ietf:wg:oauth:2.0:oob")
    asked = {"client_id": grant.app["client_id"], "response_type": "token"}
    answer = await world.client.get(f"{olla.origin}/oauth/authorize", params=asked)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert "Pide algo que aquí no se da." in answer.text


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


async def in_english(world: World, page: httpx.Response) -> httpx.Response:
    """The page to which the link to the other language leads."""
    found = re.search(r'<a href="([^"]+)" lang="en"', page.text)
    assert found is not None
    return await world.client.get(str(page.url.join(unescape(found[1]))))


async def test_the_other_language_is_one_touch_away_after_a_wrong_password_and_on_a_page_that_stops(
    olla: Instance, world: World
) -> None:
    grant = Grant(olla, world.client)
    registered = await grant.register()
    asked = {"client_id": registered["client_id"], "redirect_uri": LANDING, "response_type": "code"}
    login = await world.client.get(f"{olla.origin}/oauth/authorize", params=asked)
    hidden = dict(re.findall(r'name="(request|form)" value="([^"]+)"', login.text))
    typed = {name: unescape(value) for name, value in hidden.items()} | {"name": "rosa", "password": "no"}
    wrong = await world.client.post(
        f"{olla.origin}/oauth/login",
        content=urlencode(typed),
        headers={"cookie": f"minga_form={typed['form']}"},
    )
    assert wrong.status_code == 401
    again = await in_english(world, wrong)
    assert (again.status_code, 'name="password"' in again.text) == (200, True)
    stopped = await world.client.get(
        f"{olla.origin}/oauth/authorize", params=asked | {"redirect_uri": "https://evil.example/"}
    )
    assert "did not register" in (await in_english(world, stopped)).text
    restored = await world.client.get(f"{olla.origin}/oauth/login")
    assert "too old" in (await in_english(world, restored)).text
