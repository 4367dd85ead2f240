"""Rounds of a fund: who claims under which criteria, what closing one fixes, and that anybody reckons it again."""

import asyncio
from pathlib import Path
from subprocess import CompletedProcess

import httpx
import pytest

from node.control.client import RefusedError
from node.storage.database import Transaction
from tests.fediverse import World
from tests.flows.funds import CRITERIA, Told, start
from tests.nodes import minga


@pytest.fixture
async def told(world: World) -> Told:
    made = Told(world, *(await start(world)))
    await made.joined()
    return made


async def test_a_round_needs_criteria_that_were_adopted_before_it(told: Told) -> None:
    await told.opened()
    opening = ("claims_until=2020-09-11", "appeal_until=2020-09-13")
    with pytest.raises(RefusedError, match="criteria"):
        await told.publish(told.fund, "round", f"criteria={told.criteria}", *opening)
    await told.decided()
    await told.publish(told.fund, "round", f"criteria={told.criteria}", *opening)


async def test_a_round_does_not_close_early_on_who_has_not_claimed(told: Told) -> None:
    await told.opened()
    await told.decided()
    await told.claimed()
    round = await told.run(told.fund, "fund.round", ref=told.round)
    maule = next(each["claim"] for each in round["claims"] if each["weight"] == "90")
    await told.run(told.kitchens, "withdraw", by="maule", ref=maule)
    await told.world.quiet()

    with pytest.raises(RefusedError, match="todavía no: Olla maule"):
        await told.run(told.fund, "fund.round.close", ref=told.round, fields={})
    sooner = {"claims_until": "2020-09-10"}
    with pytest.raises(RefusedError, match="claims_until"):
        await told.run(told.fund, "revise", ref=told.round, fields=sooner)
    with pytest.raises(RefusedError, match="claims_until"):
        await told.run(told.fund, "fund.round.close", ref=told.round, fields=sooner)

    told.at(9, 12)
    await told.run(told.fund, "fund.round.close", ref=told.round, fields={})


async def test_a_round_does_not_open_without_time_for_appeals(told: Told) -> None:
    await told.opened()
    await told.decided()
    with pytest.raises(RefusedError, match="appeal_until"):
        await told.publish(
            told.fund,
            "round",
            f"criteria={told.criteria}",
            "claims_until=2020-09-11",
            "appeal_until=2020-09-11",
        )


async def test_closing_a_round_early_does_not_shorten_its_published_time_for_appeals(told: Told) -> None:
    await told.opened()
    await told.decided()
    await told.claimed()
    told.at(9, 10)
    for field in ("appeal_until=2020-09-10T18:00:00Z", "appeal_until=2020-09-11T18:00:00Z"):
        name, _, value = field.partition("=")
        with pytest.raises(RefusedError, match="appeal_until"):
            await told.run(told.fund, "fund.round.close", ref=told.round, fields={name: value})
    await told.run(told.fund, "fund.round.close", ref=told.round, fields={})


async def test_who_is_no_member_or_came_after_the_opening_does_not_claim(told: Told) -> None:
    await told.opened()
    await told.decided()
    stranger = await told.world.node("extrana")
    await stranger.follow(told.fund.address())
    told.at(9, 9)
    round = await told.publish(
        told.fund, "round", f"criteria={told.criteria}", "claims_until=2020-09-11", "appeal_until=2020-09-13"
    )
    await told.world.quiet()
    claim = (f"round={round}", "weight=10", "need=1000 CLP")
    with pytest.raises(RefusedError, match="round"):
        await told.publish(stranger, "claim", *claim)
    said = await told.run(stranger, "fund.join", target=told.fund.address(), fields={})
    await told.world.quiet()
    await told.publish(told.fund, "admission", f"join={said['uri']}", "outcome=admitted")
    await told.world.quiet()
    await told.publish(stranger, "claim", *claim)
    await told.world.quiet()
    assert (await told.run(told.fund, "fund.round", ref=round))["claims"] == []
    assert await told.fund.incidents() == ["not-allowed-round"]


async def test_a_need_in_another_currency_than_the_campaigns_is_not_claimed(told: Told) -> None:
    await told.opened()
    plain = [each for each in CRITERIA if not each.startswith("unit_price")]
    told.criteria = await told.publish(told.fund, "criteria", *plain, "version=2", "rule=max-min/1")
    await told.world.quiet()
    await told.decided()
    told.at(9, 9)
    days = ("claims_until=2020-09-11", "appeal_until=2020-09-13")
    round = await told.publish(
        told.fund, "round", f"campaign={told.campaign}", f"criteria={told.criteria}", *days
    )
    await told.world.quiet()
    with pytest.raises(RefusedError, match="un monto en CLP"):
        await told.publish(told.kitchens, "claim", f"round={round}", "weight=10", "need=9000 USD", by="maule")


async def test_a_claim_that_is_withdrawn_after_the_closing_changes_no_share(told: Told) -> None:
    await told.opened()
    await told.decided()
    await told.claimed()
    told.at(9, 12)
    await told.run(told.fund, "fund.round.close", ref=told.round, fields={})
    before = await told.run(told.fund, "fund.round", ref=told.round)
    maule = next(each["claim"] for each in before["claims"] if each["weight"] == "90")
    await told.run(told.kitchens, "withdraw", by="maule", ref=maule)
    await told.world.quiet()
    assert await told.run(told.fund, "fund.round", ref=told.round) == before
    told.allocation = await told.publish(
        told.fund, "allocation", f"round={told.round}", "available=625000 CLP"
    )
    assert "35 raciones (52.500 CLP, peso 90)" in await told.text(told.allocation)
    assert await told.fund.check() == []


async def test_what_shares_rest_on_is_not_withdrawn_any_more(told: Told) -> None:
    await told.opened()
    early = await told.publish(told.fund, "criteria", *CRITERIA[1:], "version=2")
    await told.run(told.fund, "withdraw", ref=early)
    await told.decided()
    await told.claimed()
    await told.shared(appeal_until="2020-09-14T15:09:30Z")
    told.at(9, 14, 15)
    with pytest.raises(RefusedError, match="a las 12:10: hasta entonces"):
        await told.paid("esperanza", "346500")
    for uri, refusal in (
        (told.allocation, "lo que repartió una ronda no se retira"),
        (told.round, "round"),
        (told.criteria, "no se cambia ni se retira"),
        (told.campaign, "esta se cierra"),
        (told.admissions[0], "la última palabra"),
    ):
        with pytest.raises(RefusedError, match=refusal):
            await told.run(told.fund, "withdraw", ref=uri)
        with pytest.raises(RefusedError, match=refusal):
            await told.run(told.fund, "fund.propose", kind="", about=uri, fields={})
    assert (await told.run(told.fund, "show", ref=told.allocation))["state"] == "open"


@pytest.mark.parametrize(
    "typed",
    [
        "seed=x",
        "rule=webster/1",
        "unit_price=1 CLP",
        'claims=[{"claimant":"https://a.example/","weight":"1"}]',
    ],
)
async def test_what_a_round_gives_cannot_be_typed(told: Told, typed: str) -> None:
    await told.opened()
    await told.decided()
    await told.claimed()
    with pytest.raises(RefusedError, match=typed.partition("=")[0]):
        await told.publish(told.fund, "allocation", f"round={told.round}", "available=625000 CLP", typed)


async def test_what_if_shows_two_criteria_side_by_side(told: Told) -> None:
    await told.opened()
    await told.decided()
    await told.claimed()
    other = await told.publish(
        told.fund,
        "criteria",
        "version=2",
        "rule=max-min/1",
        "weight=people",
        "cap=need",
        "valid_from=2020-09-01",
    )
    table = await told.run(
        told.fund, "fund.what_if", one=told.criteria, other=other, round=told.round, available="250000 CLP"
    )
    rows = {row["name"]: (row["one"], row["other"]) for row in table["rows"]}
    assert rows["Olla esperanza"] == ("138.000 CLP", "62.500 CLP")
    assert rows["Olla maule"] == ("21.000 CLP", "62.500 CLP")
    assert len(rows) == 4


async def test_a_stranger_reckons_a_round_again_and_a_changed_share_is_named(
    told: Told, tmp_path: Path
) -> None:
    """With the command line of a machine that has no node and no data of its own."""
    await told.opened()
    await told.decided()
    await told.claimed()
    await told.shared()

    async def stranger(*words: str) -> CompletedProcess[str]:
        return await asyncio.to_thread(minga, "-d", str(tmp_path / "nothing"), *words)

    for url in (told.round, told.allocation):
        done = await stranger("recompute", url)
        assert done.returncode == 0, done.stderr
        for line in (
            "esperanza@127.0.0.1",
            "weight 600, quota 231.11 = 231, 346,500 CLP",
            "weight 150, quota 57.78, +1",
            "= 58, 87,000 CLP",
            "carried over: 1,000 CLP",
            "answers all 4 claims with which its round closed",
            "as published",
        ):
            assert line in done.stdout
    assert "a round or an allocation" in (await stranger("recompute", told.campaign)).stderr
    page = f"{told.fund.origin}/o/{told.round.rpartition('/')[2]}"
    async with httpx.AsyncClient() as client:
        text = (await client.get(page, headers={"accept": "text/html", "accept-language": "en"})).text
    for words in ("346,500 CLP", "600", f"minga recompute {told.allocation}"):
        assert words in text

    def tamper(transaction: Transaction) -> None:
        changed = transaction.execute(
            "UPDATE objects SET document = CAST(replace(CAST(document AS TEXT), '\"346500\"', '\"346501\"') AS BLOB)"
            " WHERE uri = ?",
            told.allocation,
        )
        assert changed == 1

    await told.fund.node.database.writer.run(tamper)
    done = await stranger("recompute", told.round)
    assert done.returncode == 1
    assert f"{told.allocation} carries no valid proof" in done.stderr
