"""How often somebody may ask."""

import re

import httpx
import pytest

from node.rates import Rates, household
from tests import apps
from tests.fediverse import Instance, World
from tests.node.api.conftest import App
from tests.node.conftest import NOW


async def test_more_requests_than_allowed_are_told_when_to_come_again(rosa: App) -> None:
    for number in range(30):
        made = await rosa("POST", "/api/v2/filters", json={"title": f"{number}", "context": ["home"]})
        assert made.status_code == 200
    answer = await rosa("POST", "/api/v2/filters", json={"title": "31", "context": ["home"]})
    assert answer.status_code == 429
    assert answer.json() == {"error": "Demasiadas peticiones; espera un momento"}
    assert answer.headers["x-ratelimit-limit"] == "30"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer.headers["x-ratelimit-reset"])
    assert int(answer.headers["retry-after"]) <= 60
    assert "X-RateLimit-Reset" in answer.headers["access-control-expose-headers"]
    assert len(await rosa.get("/api/v2/filters")) == 30


def left(answer: httpx.Response) -> int:
    """How many requests are left, as the answer says."""
    return int(answer.headers["x-ratelimit-remaining"])


async def test_tokens_that_nobody_gave_share_the_budget_of_their_address(olla: Instance, rosa: App) -> None:
    for number in range(5):
        answer = await App(rosa.client, olla, f"made-up-{number}")(
            "GET", "/api/v1/accounts/verify_credentials"
        )
        assert answer.status_code == 401
        assert left(answer) == 299 - number
    assert left(await App(rosa.client, olla)("GET", "/api/v1/instance")) == 294
    assert left(await rosa("GET", "/api/v1/timelines/home")) == 299
    assert left(await rosa("GET", "/api/v1/nothing")) == 298


async def test_an_app_for_itself_has_the_budget_of_its_address(olla: Instance, world: World) -> None:
    stranger = App(world.client, olla)
    fields = {"client_name": "p", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}
    made = await stranger.post("/api/v1/apps", **fields)
    token = await stranger.post(
        "/oauth/token",
        grant_type="client_credentials",
        client_id=made["client_id"],
        client_secret=made["client_secret"],
    )
    before = left(await stranger("GET", "/api/v1/instance"))
    itself = App(world.client, olla, token["access_token"])
    assert left(await itself("GET", "/api/v1/instance")) == before - 1


async def test_whoever_asks_for_tokens_takes_nobody_elses_tries(olla: Instance, world: World) -> None:
    stranger = App(world.client, olla)
    asked = {"grant_type": "authorization_code", "code": "x", "client_id": "one"}
    for _ in range(30):
        await stranger.refused(401, "POST", "/oauth/token", data=asked)
    await stranger.refused(429, "POST", "/oauth/token", data=asked)
    await stranger.refused(401, "POST", "/oauth/token", data=asked | {"client_id": "another"})
    page = await world.client.get(f"{olla.origin}/login")
    fields = apps.forms(page.text)[-1].fields | {"name": "rosa", "password": "no es esta"}
    come = await world.client.post(f"{olla.origin}/login", data=fields)
    assert come.status_code == 401


def test_no_flood_of_readers_makes_tries_of_passwords_forgotten() -> None:
    rates = Rates(lambda: NOW)
    for _ in range(21):
        tried = rates.spend("192.0.2.1", "login")
    assert tried.over
    for number in range(20_000):
        rates.spend(f"token {number}")
    assert rates.spend("192.0.2.1", "login").over


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("unix", "unix", True),
    ],
)
def test_a_line_has_one_budget_however_many_addresses_it_is_given(one: str, other: str, same: bool) -> None:
    assert (household((one, 1)) == household((other, 2))) is same


async def test_readers_behind_a_proxy_have_budgets_of_their_own(world: World) -> None:
    behind = await world.node("esperanza", trusted_proxies=("127.0.0.1/32",))

    async def asks(forwarded: str) -> int:
        headers = {"x-forwarded-for": forwarded}
        return left(await App(world.client, behind)("GET", "/api/v1/instance", headers=headers))

    assert [await asks("203.0.113.7"), await asks("203.0.113.7"), await asks("203.0.113.8")] == [
        299,
        298,
        299,
    ]
    assert await asks("198.51.100.1, 203.0.113.7") == 297, (
        "what a reader wrote before the proxy did counts for nothing"
    )
    assert await asks("2001:db8::1") == 299
    assert await asks("[2001:db8::2]:443") == 298
    assert await asks("nonsense") == 299
    bare = left(await App(world.client, behind)("GET", "/api/v1/instance"))
    assert bare == 299


async def test_nobody_but_a_trusted_proxy_says_who_asks(olla: Instance, world: World) -> None:
    seen = [
        left(
            await App(world.client, olla)(
                "GET", "/api/v1/instance", headers={"x-forwarded-for": f"203.0.113.{n}"}
            )
        )
        for n in range(3)
    ]
    assert seen == [299, 298, 297]


async def test_no_address_is_kept_or_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    behind = await world.node("esperanza", trusted_proxies=("127.0.0.1/32",))
    caplog.set_level("DEBUG")
    headers = {"x-forwarded-for": "203.0.113.77"}
    stranger = App(world.client, behind)
    await stranger("POST", "/api/v1/apps", json={"client_name": "p", "redirect_uris": "a:b"}, headers=headers)
    await stranger("GET", "/api/v1/timelines/home", headers=headers | {"authorization": "Bearer x"})
    await world.client.post(f"{behind.origin}/login", data={"name": "rosa", "password": "x"}, headers=headers)
    await world.client.get(behind.uri(), headers=headers)
    assert "203.0.113.77" not in "".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("node", "federation", "uvicorn"))
    )
    assert not [
        path
        for path in behind.directory.rglob("*")
        if path.is_file() and b"203.0.113.77" in path.read_bytes()
    ]
