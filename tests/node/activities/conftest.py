"""A village whose kitchen lacks lentils."""

from datetime import UTC, datetime

import pytest

from schemas.need import Need
from schemas.note import Note
from tests.node.activities.negotiating import kg
from tests.node.village import Village


@pytest.fixture
def village() -> Village:
    return Village("esperanza", "cooperativa", "lejana")


@pytest.fixture
def need(village: Village) -> str:
    return village.create(
        "esperanza",
        Need(
            what="lentejas", quantity=kg(40), minimum=kg(10), by=datetime(2020, 8, 29, 3, 59, 59, tzinfo=UTC)
        ),
    )


@pytest.fixture
def reply(village: Village, need: str) -> str:
    return village.create("lejana", Note(text="llevo 10 kg"), in_reply_to=need)
