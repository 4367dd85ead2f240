"""A stranger makes this server look for a key, an actor or a name: it never looks inside."""

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from federation.actors import Actors
from federation.errors import FederationError
from federation.fetch import Fetcher
from federation.netguard import GuardedTransport, networks
from federation.signing import sign_request
from tests.federation import memory
from tests.federation.memory import MemoryHost
from tests.federation.server import free_socket, serving
from tests.federation.world import Node, node


class Inside:
    """What must never be asked: it listens on all of loopback."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        self.asked.append(str(request.url))
        return Response("secret")


@pytest.fixture
def inside() -> Iterator[tuple[Inside, str]]:
    made = Inside()
    with serving(made.app, free_socket(address="0.0.0.0")) as origin:
        yield made, origin.rpartition(":")[2]


async def knock(us: Node, actor: str) -> httpx.Response:
    """Post an activity by `actor`, signed with a key that is found only by asking its server."""
    sender = memory.make_sender(actor)
    body = json.dumps({"id": f"{actor}#1", "type": "Like", "actor": actor, "object": us.origin}).encode()
    url = f"{us.origin}/inbox"
    headers = sign_request("POST", url, body, sender, scheme="cavage", ed25519=False, now=memory.now())
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(url, content=body, headers=headers)


ADDRESSES = [
    "127.0.0.1",
    "localhost",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "user@127.0.0.1",
    "127.0.0.1.",
]


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_key_on_a_private_address_is_not_fetched(
    inside: tuple[Inside, str], scheme: str, address: str
) -> None:
    us = Node("https://we.example", "olla")
    us.fetcher = Fetcher(transport=GuardedTransport(), keys=us.host.keys, agent="x")
    actors = Actors(us.host.actors, us.fetcher)
    with pytest.raises(FederationError):
        await actors.key(f"{scheme}://{address}:{inside[1]}/users/x#main-key")
    with pytest.raises(FederationError):
        await actors.find(f"x@{address.rpartition('@')[2]}:{inside[1]}")
    await us.fetcher.aclose()
    assert inside[0].asked == []


@pytest.mark.parametrize(
    "target",
    ["http://127.9.9.9:PORT/secret", "http://[::ffff:127.9.9.9]:PORT/secret", "https://127.9.9.9:PORT/"],
)
async def test_a_redirect_to_a_private_address_is_not_followed(
    inside: tuple[Inside, str], target: str
) -> None:
    async def lead_inside(_request: Request) -> Response:
        return RedirectResponse(target.replace("PORT", inside[1]))

    lure = Starlette(routes=[Route("/{path:path}", lead_inside)])
    host = MemoryHost("https://we.example", "olla")
    with serving(lure) as origin:
        # Only the lure itself may be reached: the rest of loopback stands for an internal network.
        fetcher = Fetcher(
            transport=GuardedTransport(allow_networks=networks(["127.0.0.1/32"])), keys=host.keys, agent="x"
        )
        with pytest.raises(FederationError):
            await fetcher.document(f"{origin}/o/1")
        await fetcher.aclose()
    assert inside[0].asked == []


async def test_the_refusal_of_a_key_tells_nothing_of_what_is_inside(inside: tuple[Inside, str]) -> None:
    with node("olla") as us:
        us.fetcher._transport = GuardedTransport()
        closed = await knock(us, "https://127.0.0.1:1/users/x")
        opened = await knock(us, f"https://127.0.0.1:{inside[1]}/users/x")
        await asyncio.sleep(0)
    assert (closed.status_code, closed.content) == (opened.status_code, opened.content)
    assert closed.status_code == 401
    assert inside[0].asked == []
