"""Every list is walked to its end and back by the links that come with it."""

import re
from typing import Any

import pytest

from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App, app


async def walked(rosa: App, path: str) -> list[list[Any]]:
    """The pages of two of a list, in the order of `next`; from each but the first `prev` must lead back."""
    pages: list[list[Any]] = []
    following: str | None = f"{path}?limit=2"
    while following is not None:
        answer = await rosa("GET", following)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        links = {
            name: url.removeprefix(rosa.instance.origin)
            for url, name in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("link", ""))
        }
        if page and pages:
            assert (await rosa("GET", links["prev"])).json() == pages[-1]
        if page:
            pages.append(page)
        following = links.get("next")
    return pages


@pytest.fixture
async def crowd(ana: Person) -> list[Person]:
    return [ana, *(ana.peer.person(f"a{number}") for number in range(4))]


async def test_relations_are_walked_both_ways(olla: Instance, rosa: App, crowd: list[Person]) -> None:
    for person in crowd:
        await person.tell(olla, person.activity("Follow", olla.uri()))
        await olla.hear(person)
    me = (await rosa.get("/api/v1/accounts/verify_credentials"))["id"]
    pages = await walked(rosa, f"/api/v1/accounts/{me}/followers")
    assert [len(page) for page in pages] == [2, 2, 1]
    everybody = [each["id"] for page in pages for each in page]
    assert [each["username"] for page in pages for each in page] == [p.name for p in reversed(crowd)]
    assert len(await walked(rosa, f"/api/v1/accounts/{me}/following")) == 3
    for number in everybody:
        await rosa.post(f"/api/v1/accounts/{number}/mute")
    mutes = await walked(rosa, "/api/v1/mutes")
    assert [each["id"] for page in mutes for each in page] == everybody[::-1]
    for number in everybody:
        await rosa.post(f"/api/v1/accounts/{number}/block")
    blocks = await walked(rosa, "/api/v1/blocks")
    assert [each["id"] for page in blocks for each in page] == everybody[::-1]
    for host in ("uno.example", "dos.example", "tres.example"):
        await rosa.post("/api/v1/domain_blocks", domain=host)
    assert await walked(rosa, "/api/v1/domain_blocks") == [["tres.example", "dos.example"], ["uno.example"]]


async def test_who_waits_to_follow_is_walked_both_ways(world: World) -> None:
    olla = await world.node("esperanza", approve=True)
    peer = await world.peer()
    crowd = [peer.person(f"a{number}") for number in range(3)]
    for person in crowd:
        await person.tell(olla, person.activity("Follow", olla.uri()))
    pages = await walked(await app(olla), "/api/v1/follow_requests")
    assert [[each["username"] for each in page] for page in pages] == [["a2", "a1"], ["a0"]]
