"""What is remembered of hosts and blocks is what is stored, whoever asks at the same moment."""

import asyncio
from datetime import timedelta

import pytest

from federation.interfaces import HostState
from node.errors import StorageError
from node.hosting import Arrivals
from node.storage import deliveries, follows
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


@pytest.mark.parametrize("failures", [0, 8])
async def test_a_sign_of_life_wakes_a_dead_host_and_not_one_that_said_when_to_come_again(
    database: Database, failures: int
) -> None:
    until = NOW + timedelta(minutes=10)
    state = HostState("peer.example", failures=failures, open_until=until)
    await database.writer.run(lambda t: deliveries.learn(t, state))
    await Arrivals(database, lambda: NOW).heard_from(
        "peer.example", scheme="cavage", ed25519=False, date=None
    )
    known = await database.reader.run(lambda s: deliveries.state(s, "peer.example"))
    assert known.open_until == (None if failures else until)


async def test_what_could_not_be_read_is_read_again(database: Database, esperanza: Collective) -> None:
    arrivals = Arrivals(database, lambda: NOW)
    await database.writer.run(lambda t: t.execute("ALTER TABLE blocks RENAME TO away"))
    with pytest.raises(StorageError):
        await arrivals.blocked(MALO)
    await database.writer.run(lambda t: t.execute("ALTER TABLE away RENAME TO blocks"))
    await database.writer.run(lambda t: follows.block(t, esperanza.uri, MALO))
    assert await arrivals.blocked(MALO)
