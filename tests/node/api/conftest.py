"""Apps against a small world in one process: a kitchen, a neighbour on another node, and Ana of a server of others."""

import io
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from PIL import Image

from node.access import Entrant
from node.storage import collectives
from tests.fediverse import Instance, Person, World, world

__all__ = ["world"]

SCOPES = "read write follow push"


@dataclass
class App:
    """A program with a token of a collective, or of nobody."""

    client: httpx.AsyncClient
    instance: Instance
    token: str = ""

    async def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= more.pop("headers", {})
        return await self.client.request(method, f"{self.instance.origin}{path}", headers=headers, **more)

    async def get(self, path: str, **parameters: Any) -> Any:
        """What a GET answers; it must be 200."""
        answer = await self("GET", path, params=parameters)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    async def post(self, path: str, **fields: Any) -> Any:
        """What a POST of JSON answers; it must be 200 or 202."""
        answer = await self("POST", path, json=fields)
        assert answer.status_code in (200, 202), (path, answer.status_code, answer.text)
        return answer.json()

    async def refused(self, status: int, method: str, path: str, **more: Any) -> dict[str, Any]:
        """The body of a refusal with this status: JSON, with an `error` in words."""
        answer = await self(method, path, **more)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["access-control-allow-origin"] == "*"
        body: dict[str, Any] = answer.json()
        assert isinstance(body["error"], str)
        assert body["error"]
        return body


async def app(instance: Instance, scopes: str = SCOPES, *, handle: str = "") -> App:
    """A program of a member of a collective, let in already."""
    speaker = instance.who(handle)

    def look(snapshot: Any) -> int:

        found = collectives.by_uri(snapshot, speaker.actor)
        assert found is not None
        return found.id

    number = await instance.look(look)
    token = await instance.node.access.make_token(number, None, scopes)
    entrant: Entrant = await instance.node.access.resolve(token)
    assert entrant.collective.id == number
    return App(instance.world.client, instance, token)


def photograph(size: tuple[int, int] = (320, 240), kind: str = "JPEG", **more: Any) -> bytes:
    """A photograph with grain, as a telephone makes it."""
    file = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(file, kind, **more)
    return file.getvalue()


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("esperanza")


@pytest.fixture
async def rosa(olla: Instance) -> App:
    return await app(olla)


@pytest.fixture
async def ana(world: World) -> Person:
    return (await world.peer()).person("ana")
