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


async def share(fund: Instance, amount: int, *claimants: str) -> Any:
    claims = [{"claimant": each, "weight": "1"} for each in claimants] or CLAIMS
    fields = {
        "available": f"{amount} CLP",
        "rule": "largest-remainder/1",
        "seed": "x",
        "claims": json.dumps(claims),
    }
    return await run(fund, "publish", kind="allocation", fields=fields)


async def test_of_money_that_is_not_there_none_goes_out(world: World) -> None:
    fund, kitchen = await world.node("fondo"), await world.node("esperanza")
    await give(fund, 1000)
    shared = await share(fund, 1001, kitchen.uri())
    fields = {"to": kitchen.uri(), "amount": "1 CLP", "allocation": shared["uri"]}
    with pytest.raises(RefusedError) as refused:
        await run(fund, "fund.propose", kind="transfer", fields=fields)
    assert refused.value.refusal.field == "amount"
    (total,) = (await run(fund, "account.show"))["totals"]
    assert (total["unallocated"], total["over_committed"]) == ("-1", True)


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
