"""What a peer offered and takes back is told to the keepers who were told of it, once."""

import pytest

from tests.fediverse import Instance, World, world
from tests.node.api.conftest import App
from tests.node.receive.test_promises import NEED, board, found, two, whispers

__all__ = ["two", "world"]


async def test_keepers_who_were_told_of_an_offer_hear_that_it_was_taken_back(
    world: World, two: tuple[Instance, Instance, App, App]
) -> None:
    a, _b, rosa, luis = two
    need = await rosa.post("/api/v1/statuses", status=NEED)
    there = await found(luis, need["uri"])
    offered = await luis.post("/api/v1/statuses", status="#aportamos 25 kg", in_reply_to_id=there)
    await a.until(lambda: whispers(rosa, "ofrece 25 kg"))
    await luis.post("/api/v1/statuses", status="#deshacer", in_reply_to_id=offered["id"])
    await a.until(lambda: whispers(rosa, "retiró lo que ofrecía: 25 kg de lentejas"))


@pytest.mark.parametrize("arrived", ["", "#recibido 4 kg, vienen más"])
async def test_keepers_hear_that_an_accepted_offer_was_taken_back_once(
    world: World, two: tuple[Instance, Instance, App, App], arrived: str
) -> None:
    a, b, rosa, luis = two
    need = await rosa.post("/api/v1/statuses", status=NEED)
    there = await found(luis, need["uri"])
    offered = await luis.post("/api/v1/statuses", status="#aportamos 25 kg", in_reply_to_id=there)
    await a.until(lambda: whispers(rosa, "ofrece 25 kg"))
    asked = next(
        each for each in await rosa.get("/api/v1/timelines/home") if "ofrece 25 kg" in each["content"]
    )
    await rosa.post("/api/v1/statuses", status="#confirmar", in_reply_to_id=asked["id"])
    await b.until(lambda: whispers(luis, "cuenta con lo que ofrecimos"))
    if arrived:
        await rosa.post("/api/v1/statuses", status=arrived, in_reply_to_id=asked["id"])
        assert await board(a, need["uri"]) == "15"
    await luis.post("/api/v1/statuses", status="#deshacer", in_reply_to_id=offered["id"])
    await a.until(lambda: whispers(rosa, "retiró lo que ofrecía"))
    await world.quiet()
    assert len(await whispers(rosa, "retiró lo que ofrecía: 25 kg de lentejas")) == 1
