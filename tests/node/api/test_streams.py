"""What open streams are told, and what does not close them."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from node.storage import collectives
from tests.fediverse import Instance
from tests.node.api.conftest import App, app


async def test_apps_are_told_that_filters_have_changed(rosa: App, olla: Instance) -> None:
    number = (await olla.look(lambda s: collectives.by_uri(s, olla.uri()))).id
    streams = olla.node.streams
    own, others = streams.open(number, "own"), streams.open(number + 1, "others")
    assert own
    assert others
    streams.watch(own, ("user", str(number)))
    streams.watch(others, ("user", str(number + 1)))

    async def told(method: str, path: str, **fields: object) -> str:
        answer = await rosa(method, path, json=fields)
        assert answer.status_code == 200, answer.text
        (message,) = await asyncio.wait_for(own.next(10), 10)
        assert json.loads(message.socket) == {"stream": ["user"], "event": "filters_changed"}
        assert message.server_sent == b"event: filters_changed\ndata: undefined\n\n"
        return str(answer.json().get("id"))

    note = await rosa.post("/api/v1/statuses", status="hoy")
    await own.next(10)
    made = f"/api/v2/filters/{await told('POST', '/api/v2/filters', title='carne', context=['home'])}"
    await told("PUT", made, title="carnes")
    word = await told("POST", f"{made}/keywords", keyword="asado")
    await told("PUT", f"/api/v2/filters/keywords/{word}", keyword="asados")
    await told("DELETE", f"/api/v2/filters/keywords/{word}")
    entry = await told("POST", f"{made}/statuses", status_id=note["id"])
    await told("DELETE", f"/api/v2/filters/statuses/{entry}")
    await told("DELETE", made)
    await rosa.refused(422, "POST", "/api/v2/filters", json={"title": ""})
    assert not own.waiting
    assert not [each for each in others.waiting if each.event == "filters_changed"]


async def test_a_frame_that_says_nothing_does_not_close_the_socket(rosa: App, olla: Instance) -> None:
    url = f"{olla.origin.replace('http', 'ws')}/api/v1/streaming?access_token={rosa.token}"
    async with connect(url, proxy=None) as socket:
        await socket.send(b"\x00\xff")
        await socket.send("nada")
        await socket.send(json.dumps({"type": "subscribe", "stream": "nowhere"}))
        assert json.loads(await asyncio.wait_for(socket.recv(), 10))["status"] == 400


async def test_nobody_keeps_a_stream_open_without_a_token_not_even_a_public_one(
    rosa: App, olla: Instance
) -> None:
    for name in ("public", "public/local", "hashtag?tag=olla", "user"):
        stranger = await App(rosa.client, olla).refused(401, "GET", f"/api/v1/streaming/{name}")
        assert stranger == {"error": "Missing access token"}


async def test_a_stream_is_open_to_the_tokens_that_cover_it(olla: Instance) -> None:
    outside = {"error": "This action is outside the authorized scopes"}

    async def told(scopes: str, name: str) -> int | dict[str, str]:
        reader = await app(olla, scopes)
        headers = {"authorization": f"Bearer {reader.token}"}
        url = f"{olla.origin}/api/v1/streaming/{name}"
        async with reader.client.stream("GET", url, headers=headers) as answer:
            if answer.status_code == 200:
                return 200
            return json.loads(await answer.aread())

    assert await told("write", "user") == await told("read:notifications", "user") == outside
    assert await told("read:statuses", "user:notification") == outside
    assert await told("read:statuses", "user") == await told("read:notifications", "user:notification") == 200
    assert await told("write", "public") == await told("write", "hashtag?tag=olla") == 200


async def test_a_stream_ends_with_its_token_before_another_post_is_told(rosa: App, olla: Instance) -> None:
    reader, other = await app(olla), await app(olla)
    urls = [
        f"{olla.origin.replace('http', 'ws')}/api/v1/streaming?stream=user&access_token={each.token}"
        for each in (reader, other)
    ]
    async with connect(urls[0], proxy=None) as socket, connect(urls[1], proxy=None) as open_still:
        await rosa.post("/api/v1/statuses", status="uno")
        assert "uno" in str(await asyncio.wait_for(socket.recv(), 10))
        await olla.node.access.revoke(reader.token)
        await rosa.post("/api/v1/statuses", status="dos")
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 10)
        told = [str(await asyncio.wait_for(open_still.recv(), 10)) for _ in range(2)]
        assert ["uno" in told[0], "dos" in told[1]] == [True, True]
