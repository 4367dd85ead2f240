"""Public pages are drawn once for all who read them at the same moment, and anew after each commit."""

import asyncio
from typing import Any

import pytest
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from node.web.kept import Kept

PAGE: Any = {
    "type": "http",
    "method": "GET",
    "path": "/board",
    "query_string": b"",
    "headers": [(b"accept", b"text/html")],
}


class House:
    """Draws slowly, and counts; `answer` is what it draws."""

    def __init__(self) -> None:
        self.drawn = 0
        self.commits = 0
        self.answer: Response = HTMLResponse("el tablero", headers={"cache-control": "no-cache"})
        self.kept = Kept(self.draw, lambda: self.commits, room=5_000)

    async def draw(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.drawn += 1
        await asyncio.sleep(0.01)
        await self.answer(scope, receive, send)

    async def read(self, scope: Any = PAGE) -> bytes:
        body = b""

        async def send(message: Any) -> None:
            nonlocal body
            body += message.get("body", b"")

        async def receive() -> Any:
            raise AssertionError("nothing is sent with a GET")

        await self.kept(scope, receive, send)
        return body


@pytest.fixture
def house() -> House:
    return House()


async def test_a_page_that_many_ask_for_at_once_is_drawn_once(house: House) -> None:
    assert set(await asyncio.gather(*(house.read() for _ in range(20)))) == {b"el tablero"}
    assert house.drawn == 1
    await house.read()
    assert house.drawn == 1


async def test_who_asks_after_a_commit_does_not_get_what_was_begun_before_it(house: House) -> None:
    before = asyncio.create_task(house.read())
    await asyncio.sleep(0)
    house.commits += 1
    house.answer = HTMLResponse("lo nuevo", headers={"cache-control": "no-cache"})
    assert await house.read() == b"lo nuevo"
    await before
    assert await house.read() == b"lo nuevo"


async def test_what_is_not_for_everybody_is_drawn_for_each(house: House) -> None:
    house.answer = HTMLResponse("para ti", headers={"cache-control": "private, no-cache"})
    assert set(await asyncio.gather(*(house.read() for _ in range(3)))) == {b"para ti"}
    assert house.drawn == 3


async def test_whoever_leaves_while_a_page_is_drawn_leaves_the_others_their_page(house: House) -> None:
    leaving = asyncio.create_task(house.read())
    await asyncio.sleep(0)
    staying = asyncio.create_task(house.read())
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == b"el tablero"


async def test_a_member_gets_a_page_of_her_own(house: House) -> None:
    await house.read()
    cookie = PAGE | {"headers": [*PAGE["headers"], (b"cookie", b"session=x")]}
    await house.read(cookie)
    assert house.drawn == 2


async def test_questions_that_somebody_makes_up_take_no_more_room_than_there_is(house: House) -> None:
    await house.read()
    for number in range(3):
        await house.read({**PAGE, "query_string": b"x" * 3_000 + b"%d" % number})
    assert house.drawn == 4
    await house.read()
    assert house.drawn == 5
