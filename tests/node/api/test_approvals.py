"""What two members must approve is taken back by none of them alone, from whatever app."""

from typing import Any

import pytest

from node.domain.kind import Speaker
from node.publish import Proposals
from node.storage import collectives
from node.storage.collectives import Collective
from tests.fediverse import Instance
from tests.node.api.conftest import SCOPES, App
from tests.node.api.test_commands import said, whispers

GIVEN = {"status": "cleared", "amount": "9000 CLP"}


async def both(fund: Instance, kind: str, **given: Any) -> int:
    """Say what Elena proposed and Tere approved; its number."""
    elena, tere = await member(fund, "Elena"), await member(fund, "Tere")
    door = Proposals(fund.node.publisher)
    proposal = await door.propose(elena, kind, given, approving=True)
    signed = await door.sign(tere, proposal.id)
    assert signed.said is not None
    return signed.said.id


async def collective(fund: Instance) -> Collective:
    found: Collective = await fund.look(lambda snapshot: collectives.by_uri(snapshot, fund.uri()))
    return found


async def member(fund: Instance, name: str) -> Speaker:
    return await fund.node.access.speaker(await collective(fund), name)


@pytest.fixture
async def elena(olla: Instance) -> App:
    """The app of one of the two who keep the money."""
    own = await collective(olla)
    for name in ("Elena", "Tere"):
        await olla.node.access.add(own.id, name, "steward")
    token = await olla.node.access.make_token(own.id, "Elena", SCOPES)
    return App(olla.world.client, olla, token)


@pytest.fixture
async def spent(olla: Instance, elena: App) -> int:
    """An expense out of the cash box."""
    await both(olla, "donation", channel="cash", **GIVEN)
    return await both(olla, "expense", amount="4000 CLP", purpose="Flete", channel="cash")


@pytest.fixture
async def handed(olla: Instance, elena: App) -> int:
    """A transfer from the bank."""
    to = (await olla.world.peer()).person("villa").id
    publisher, speaker = olla.node.publisher, await member(olla, "Elena")
    await publisher.publish(speaker, "donation", {"channel": "bank", **GIVEN})
    claims = f'[{{"claimant": "{to}", "weight": "1"}}]'
    shares = {"rule": "largest-remainder/1", "seed": "x", "available": "9000 CLP", "claims": claims}
    allocation = await publisher.publish(speaker, "allocation", shares)
    return await both(olla, "transfer", to=to, amount="9000 CLP", allocation=allocation.uri)


async def test_no_member_alone_takes_back_from_an_app_what_two_must_approve(
    olla: Instance, elena: App, spent: int, handed: int
) -> None:
    for number in (spent, handed):
        await stays(olla, elena, number)
    assert await olla.check() == []


async def stays(olla: Instance, elena: App, number: int) -> None:
    """Nothing that Elena does in her app takes it back."""
    there = await elena.get(f"/api/v1/statuses/{number}")

    shown = await said(elena, "#deshacer", in_reply_to_id=str(number))

    assert shown["visibility"] == "direct"
    assert "2 integrantes lo tienen que aprobar" in shown["content"]
    assert f"{olla.origin}/withdraw/{number}" in shown["content"]
    again = await said(elena, "#deshacer", in_reply_to_id=shown["id"])
    assert "No se retiró nada" in again["content"]
    refused = await elena.refused(403, "DELETE", f"/api/v1/statuses/{number}")
    assert "2 integrantes" in refused["error"] or "2 members" in refused["error"]
    assert (await elena.get(f"/api/v1/statuses/{number}"))["content"] == there["content"]
    assert not [each for each in await whispers(elena) if "quedó deshecho" in each["content"]]
