"""Money of a fund that somebody shares out past its members, or twice."""

import json
from typing import Any

import pytest

from node.control.client import RefusedError
from node.control.commands import perform
from node.control.table import COMMANDS
from tests.fediverse import Instance, World

CLAIMS = [{"claimant": "https://friend.example/c/friend", "weight": "1"}]


async def run(at: Instance, command: str, **more: Any) -> Any:
    given = {"collective": at.handles[0], **more}
    return await perform(COMMANDS, at.node, command, given, lambda _progress: None)


async def give(fund: Instance, amount: int) -> None:
    fields = {"amount": f"{amount} CLP", "status": "cleared", "channel": "bank"}
    await run(fund, "publish", kind="donation", fields=fields)


async def share(fund: Instance, amount: int) -> Any:
    fields = {
        "available": f"{amount} CLP",
        "rule": "largest-remainder/1",
        "seed": "x",
        "claims": json.dumps(CLAIMS),
    }
    return await run(fund, "publish", kind="allocation", fields=fields)


async def test_no_more_is_shared_out_than_is_promised_to_nobody(world: World) -> None:
    fund = await world.node("fondo")
    await give(fund, 1000)
    with pytest.raises(RefusedError) as refused:
        await share(fund, 1001)
    assert refused.value.refusal.field == "available"
    await share(fund, 700)
    with pytest.raises(RefusedError):
        await share(fund, 301)
    await share(fund, 300)


async def test_a_fund_with_members_does_not_share_out_past_their_claims(world: World) -> None:
    fund, kitchen = await world.node("fondo"), await world.node("esperanza")
    await give(fund, 1000)
    joined = await run(kitchen, "fund.join", target=fund.address(), fields={})

    async def admitted() -> Any:
        fields = {"join": joined["uri"], "outcome": "admitted"}
        try:
            return await run(fund, "publish", kind="admission", fields=fields)
        except RefusedError:
            return None

    await fund.until(admitted)
    with pytest.raises(RefusedError) as refused:
        await share(fund, 500)
    assert refused.value.refusal.field == "round"
