"""What answers something is listed whole, however much it is."""

import asyncio
from dataclasses import replace

import httpx

from node.storage import posts
from node.storage.database import Transaction
from node.verify import Source
from tests.fediverse import Instance, World


async def answered(instance: Instance, times: int) -> tuple[str, list[str]]:
    """A note with so many answers, one of them for followers only; its URI, and theirs that everybody may read."""
    said = await instance.say("hola")
    note = await instance.look(lambda s: posts.by_uri(s, said.uri))
    audiences = ["followers", *["public"] * (times - 1)]
    made = [
        replace(note, id=note.id + n, uri=f"{said.uri}{n}", reply_to=said.uri, audience=audience)
        for n, audience in enumerate(audiences, 1)
    ]

    def write(transaction: Transaction) -> None:
        for each in made:
            posts.add(transaction, each)

    await instance.node.database.writer.run(write)
    return said.uri, [each.uri for each in made if each.audience == "public"]


async def listed(instance: Instance, uri: str) -> list[str]:
    """What a stranger reads as its answers."""
    source = Source(httpx.Client(), instance.uri())
    try:
        return await asyncio.to_thread(source.replies, uri)
    finally:
        source.close()


async def test_answers_beyond_one_page_are_listed(world: World) -> None:
    a = await world.node("a")
    few, of_few = await answered(a, 3)
    many, of_many = await answered(a, 250)

    assert await listed(a, few) == of_few
    assert await listed(a, many) == of_many

    told = (await world.client.get(f"{many}/replies", headers={"accept": "application/activity+json"})).json()
    assert (told["totalItems"], "orderedItems" in told) == (249, False)
