"""What two members sign is what is published: neither one of them alone, nor who may sign no more, makes it another."""

from typing import Any

import pytest

from node.control.client import RefusedError
from node.control.commands import perform
from node.control.table import COMMANDS
from tests.fediverse import Instance, World

TREASURERS = (("ana", "treasurer"), ("beto", "steward"), ("carla", "treasurer"))
CASH = {"amount": "5000 CLP", "channel": "cash"}


@pytest.fixture
async def fund(world: World) -> Instance:
    made = await world.node("fondo")
    collective = await made.node.collective("fondo")
    for name, role in TREASURERS:
        await made.node.access.add(collective.id, name, role)
    return made


async def run(fund: Instance, command: str, *, member: str = "", **more: Any) -> Any:
    given = {"collective": "fondo", **({"as": member} if member else {}), **more}
    return await perform(COMMANDS, fund.node, command, given, lambda _progress: None)


async def test_what_one_signed_is_not_changed_by_the_other_alone(fund: Instance) -> None:
    gift = await run(fund, "publish", kind="donation", fields={**CASH, "status": "pledged"})
    cleared = {"about": gift["uri"], "fields": {"status": "cleared"}}
    proposal = await run(fund, "fund.propose", **cleared)
    await run(fund, "fund.sign", number=proposal["number"], member="ana")
    await run(fund, "revise", ref=gift["uri"], fields={"amount": "500000 CLP"}, member="beto")

    with pytest.raises(RefusedError, match="cambió después de que se propuso"):
        await run(fund, "fund.sign", number=proposal["number"], member="beto")

    assert (await run(fund, "show", ref=gift["uri"]))["state"] == "pledged"
    again = await run(fund, "fund.propose", **cleared)
    for name in ("ana", "beto"):
        signed = await run(fund, "fund.sign", number=again["number"], member=name)
    assert signed["published"]


async def test_a_signature_of_who_may_sign_no_more_does_not_count(fund: Instance) -> None:
    collective = await fund.node.collective("fondo")
    cash = {"kind": "donation", "fields": {**CASH, "status": "cleared"}}
    numbers = [(await run(fund, "fund.propose", **cash))["number"] for _ in range(2)]
    for number, name in zip(numbers, ("ana", "carla"), strict=True):
        await run(fund, "fund.sign", number=number, member=name)
    await fund.node.access.set_role(collective.id, "ana", "cook")

    signed = await run(fund, "fund.sign", number=numbers[0], member="beto")
    assert not signed["published"]
    assert (signed["proposal"]["approvals"], signed["proposal"]["lapsed"]) == (["beto"], ["ana"])
    assert (await run(fund, "fund.sign", number=numbers[0], member="carla"))["published"]

    await fund.node.access.remove(collective.id, "carla")
    assert not (await run(fund, "fund.sign", number=numbers[1], member="beto"))["published"]
    again = await fund.node.access.add(collective.id, "carla", "treasurer")
    assert again
    signed = await run(fund, "fund.sign", number=numbers[1], member="carla")
    assert signed["published"]


async def test_signatures_that_count_again_publish_once_one_who_gave_one_signs_again(fund: Instance) -> None:
    collective = await fund.node.collective("fondo")
    cash = {"kind": "donation", "fields": {**CASH, "status": "cleared"}}
    number = (await run(fund, "fund.propose", **cash))["number"]
    await run(fund, "fund.sign", number=number, member="ana")
    await fund.node.access.set_role(collective.id, "ana", "cook")
    assert not (await run(fund, "fund.sign", number=number, member="beto"))["published"]
    with pytest.raises(RefusedError, match="ya la aprobó"):
        await run(fund, "fund.sign", number=number, member="beto")
    await fund.node.access.set_role(collective.id, "ana", "treasurer")

    signed = await run(fund, "fund.sign", number=number, member="beto")

    assert signed["published"]
    assert signed["proposal"]["approvals"] == ["ana", "beto"]


async def test_who_signed_and_then_sees_a_stake_of_hers_leaves_it_to_others(fund: Instance) -> None:
    cash = {"kind": "donation", "fields": {**CASH, "status": "cleared"}}
    number = (await run(fund, "fund.propose", **cash))["number"]
    await run(fund, "fund.sign", number=number, member="ana")

    left = await run(fund, "fund.recuse", number=number, member="ana")

    assert (left["approvals"], left["recused"]) == ([], ["ana"])
    assert not (await run(fund, "fund.sign", number=number, member="beto"))["published"]
    with pytest.raises(RefusedError, match="en manos de otras"):
        await run(fund, "fund.sign", number=number, member="ana")
    with pytest.raises(RefusedError):
        await run(fund, "fund.recuse", number=number, member="ana")
    assert (await run(fund, "fund.sign", number=number, member="carla"))["published"]
