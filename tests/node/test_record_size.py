"""What peers would refuse as too large is refused here first, with how much of it fits."""

import re
from typing import Any

import pytest

from node.errors import InvalidError
from tests.fediverse import World


def allocation(claimants: int) -> dict[str, Any]:
    claims = [{"claimant": f"https://olla{n}.example/c/olla{n}", "weight": "100"} for n in range(claimants)]
    return {
        "available": "62500000 CLP",
        "unit_price": "1500 CLP",
        "rule": "largest-remainder/1",
        "seed": "https://fondo.example/rounds/1",
        "claims": claims,
    }


async def test_an_allocation_too_large_for_peers_says_how_many_claimants_fit(world: World) -> None:
    fund = await world.node("fondo")
    with pytest.raises(InvalidError) as refused:
        await fund.node.publisher.publish(fund.who(), "allocation", allocation(6000))
    assert refused.value.field in ("claims", "allotments")
    fit = re.search(r"caben unas ([\d.]+) filas", refused.value.expected)
    assert fit is not None, refused.value.expected
    assert 881 < int(fit[1].replace(".", "")) < 6000
    said = await fund.node.publisher.publish(fund.who(), "allocation", allocation(881))
    assert said.id
