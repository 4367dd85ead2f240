"""What is remembered of hosts and blocks is what is stored, whoever asks at the same moment."""

import asyncio

import pytest

from node.errors import StorageError
from node.hosting import Arrivals
from node.storage import follows
from node.storage.collectives import Collective
from node.storage.database import Database
from tests.node.conftest import NOW

MALO = "https://peer.example/users/malo"


async def test_who_asks_first_and_who_asks_meanwhile_are_told_of_the_same_blocks(
    database: Database, esperanza: Collective
) -> None:
    arrivals = Arrivals(database, lambda: NOW)
    await database.writer.run(lambda t: follows.block(t, esperanza.uri, MALO))
    assert await asyncio.gather(*(arrivals.blocked(MALO) for _ in range(5))) == [True] * 5


async def test_who_goes_away_while_names_are_read_takes_them_from_nobody(
    database: Database, esperanza: Collective
) -> None:
    arrivals = Arrivals(database, lambda: NOW)
    await database.writer.run(lambda t: follows.block(t, esperanza.uri, MALO))
    first = asyncio.ensure_future(arrivals.blocked(MALO))
    second = asyncio.ensure_future(arrivals.blocked(MALO))
    await asyncio.sleep(0)
    first.cancel()
    assert await second


async def test_what_could_not_be_read_is_read_again(database: Database, esperanza: Collective) -> None:
    arrivals = Arrivals(database, lambda: NOW)
    await database.writer.run(lambda t: t.execute("ALTER TABLE blocks RENAME TO away"))
    with pytest.raises(StorageError):
        await arrivals.blocked(MALO)
    await database.writer.run(lambda t: t.execute("ALTER TABLE away RENAME TO blocks"))
    await database.writer.run(lambda t: follows.block(t, esperanza.uri, MALO))
    assert await arrivals.blocked(MALO)
