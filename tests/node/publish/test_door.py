"""What a member names on purpose must be found before anything is published that names it."""

from datetime import timedelta

import pytest

from node.errors import InvalidError, WithdrawnError
from node.storage import objects
from tests.fediverse import Instance, World


async def asked(olla: Instance) -> list[str]:
    """The funds that a kitchen asked to belong to."""
    rows = await olla.look(lambda snapshot: objects.said_by(snapshot, olla.uri(), "join"))
    found = [await olla.document(row.uri) for row in rows]
    return [each["record"]["about"] for each in found if "record" in each]


async def test_nothing_is_asked_of_somebody_whom_nobody_knows(world: World) -> None:
    olla, fund = await world.node("olla"), await world.node("fondo")
    for nobody in (
        f"{fund.origin}/c/nadie",
        "http://127.0.0.1:9/c/fondo",
        f"{olla.origin}/c/nadie",
        fund.address("nadie"),
        "nadie",
        "dos palabras",
        "https://a:b@fondo.example/c/fondo",
    ):
        for name in ("fund", "fondo"):
            with pytest.raises(InvalidError) as refused:
                await olla.node.publisher.publish(olla.who(), "join", {name: nobody})
            assert refused.value.field == "fund"
    assert await asked(olla) == []

    for named in (fund.address(), fund.uri()):
        said = await olla.node.publisher.publish(olla.who(), "join", {"fund": named})
        assert await asked(olla) == [fund.uri()]
        await olla.node.publisher.withdraw(olla.who(), said.uri)
        await world.quiet()


async def test_a_request_to_a_fund_whose_server_is_gone_for_good_can_still_be_changed(world: World) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    fund = peer.person("fondo").id
    said = await olla.node.publisher.publish(olla.who(), "join", {"fund": fund})
    peer.gone.add("/users/fondo")
    world.ahead = timedelta(days=60)
    assert await olla.node.publisher.revise(olla.who(), said.uri, {"fund": fund, "details": "Somos 12."})
    assert await olla.state_of(fund) == "dormant"


async def test_what_was_withdrawn_is_not_withdrawn_again_and_that_is_said_plainly(world: World) -> None:
    olla = await world.node("olla")
    said = await olla.say("hola")
    await olla.node.publisher.withdraw(olla.who(), said.uri)
    with pytest.raises(WithdrawnError) as refused:
        await olla.node.publisher.withdraw(olla.who(), said.uri)
    assert said.uri in str(refused.value)
