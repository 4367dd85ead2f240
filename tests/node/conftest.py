"""What tests of the node start from: a database and a collective in it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.storage import collectives
from node.storage.collectives import Collective
from node.storage.database import Database

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "minga.db", lambda: NOW)
    yield opened
    await opened.close()


def a_collective(handle: str) -> Collective:
    uri = f"https://olla.example/c/{handle}"
    return Collective(
        id=0,
        handle=handle,
        uri=uri,
        name=handle.title(),
        kind="kitchen",
        summary="",
        locale="es",
        currency="CLP",
        timezone="America/Santiago",
        created=NOW,
        seal="age1none",
        identity=b"{}",
        document=b"{}",
        updated=NOW,
    )


@pytest.fixture
async def esperanza(database: Database) -> Collective:
    return await database.writer.run(lambda tx: _added(tx, "esperanza"))


@pytest.fixture
async def villasol(database: Database) -> Collective:
    return await database.writer.run(lambda tx: _added(tx, "villasol"))


def _added(transaction, handle):
    collective = replace(a_collective(handle), id=transaction.next_id())
    collectives.add(transaction, collective)
    return collective
