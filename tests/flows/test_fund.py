"""Scenario 1 between two nodes: a fund, and four kitchens that join, consent, are paid, and confirm it."""

import json

import httpx
import pytest

from node.control.client import RefusedError
from tests.fediverse import World
from tests.flows.funds import KITCHENS, Told, start


@pytest.fixture
async def told(world: World) -> Told:
    made = Told(world, *(await start(world)))
    await made.joined()
    return made


async def test_the_scenario_comes_out_to_the_peso(told: Told) -> None:
    await told.opened()
    decision = await told.decided()
    assert "4 consienten, 0 objetan, 0 se abstienen, 0 ausentes; quórum 3." in await told.text(decision)
    await told.claimed()
    second, third = [await told.text(uri) for uri in told.gifts[1:]]
    assert "250.000 CLP, 10,00 % de la meta. Hito alcanzado: 170 raciones." in second
    assert "625.000 CLP, 25,00 % de la meta. Hito alcanzado: 420 raciones." in third

    await told.shared()
    said = await told.text(told.allocation)
    assert "Ronda 1: 625.000 CLP, ración a 1.500 CLP: 416 raciones y 1.000 CLP que quedan en caja." in said
    for words in ("231 raciones (346.500 CLP, peso 600)", "92 raciones (138.000 CLP, peso 240)"):
        assert words in said
    for words in ("58 raciones (87.000 CLP, peso 150)", "35 raciones (52.500 CLP, peso 90)"):
        assert words in said
    there = await told.run(told.kitchens, "recompute", by="maule", ref=told.allocation)
    assert there["differences"] == []
    assert sorted(share["units"] for share in there["shares"]) == [35, 58, 92, 231]

    stance = await told.publish(
        told.kitchens, "stance", f"about={told.allocation}", "stance=consent", by="maule"
    )
    assert "Consentimos el reparto de la ronda 1 de Olla fondo." in await told.text(stance)
    with pytest.raises(RefusedError, match="se puede apelar"):
        await told.paid("esperanza", "346500")
    told.at(9, 14)
    transfer = await told.paid("esperanza", "346500")
    assert "346.500 CLP a Olla esperanza (231 raciones, ronda 1)" in await told.text(transfer)
    await told.world.quiet()
    receipt = await told.run(
        told.kitchens, "receive", by="esperanza", ref=transfer, fields={"amount": "346500 CLP"}
    )
    await told.world.quiet()
    assert "2020 recibimos 346.500 CLP de Olla fondo. Gracias." in await told.text(receipt["uri"])

    told.at(9, 20)
    await told.revise(told.gifts[1], "status=reversed", "on=2020-09-20")
    gone = await told.text(told.gifts[1])
    assert "578.000 CLP, 23,12 % de la meta" in gone
    assert "Hito perdido: 420 raciones (alcanzado el 9 de septiembre, perdido el 20 de septiembre)." in gone
    assert "Hay 46.000 CLP más prometidos de lo que hay" in gone
    progress = await told.run(told.fund, "fund.campaign", ref=told.campaign)
    assert (progress["percent"], progress["unallocated"]) == ("23.12", "-46.000 CLP")
    assert progress["milestones"][1]["history"] == [
        "alcanzado el 9 de septiembre",
        "perdido el 20 de septiembre",
    ]
    with pytest.raises(RefusedError, match=r"46\.000 CLP más prometidos"):
        await told.paid("villasol", "138000")
    await told.gift("46000", "2020-09-20")
    await told.paid("villasol", "138000")

    await told.world.quiet()
    assert await told.fund.check() == []
    assert await told.kitchens.check() == []
    assert await told.fund.incidents() == []


async def test_an_objection_blocks_until_it_is_withdrawn(told: Told) -> None:
    await told.opened()
    stances = {}
    for kitchen in KITCHENS:
        stance = "objection" if kitchen == "maule" else "consent"
        stances[kitchen] = await told.publish(
            told.kitchens,
            "stance",
            f"about={told.criteria}",
            f"stance={stance}",
            "reason=Falta el gas",
            by=kitchen,
        )
    await told.world.quiet()
    decision = (f"about={told.criteria}", "quorum=3", "outcome=adopted", "review_on=2020-12-01")
    with pytest.raises(RefusedError, match="outcome"):
        await told.publish(told.fund, "decision", *decision)
    await told.run(told.kitchens, "withdraw", by="maule", ref=stances["maule"])
    await told.world.quiet()
    uri = await told.publish(told.fund, "decision", *decision)
    assert (
        "3 consienten, 0 objetan, 0 se abstienen, 1 ausentes; quórum 3. Ausentes: Olla maule."
        in await told.text(uri)
    )


async def test_without_quorum_nothing_is_adopted_and_a_quorum_is_one_of_members(told: Told) -> None:
    await told.opened()
    for kitchen in ("esperanza", "villasol"):
        await told.publish(told.kitchens, "stance", f"about={told.criteria}", "stance=consent", by=kitchen)
    await told.world.quiet()
    decision = (f"about={told.criteria}", "outcome=adopted")
    with pytest.raises(RefusedError, match="outcome"):
        await told.publish(told.fund, "decision", *decision, "quorum=3")
    with pytest.raises(RefusedError, match="quorum"):
        await told.publish(told.fund, "decision", *decision, "quorum=5")


async def test_a_transfer_takes_two_different_members(told: Told) -> None:
    await told.opened()
    await told.decided()
    await told.claimed()
    await told.shared()
    told.at(9, 14)
    transfer = {"to": told.kitchens.uri("maule"), "amount": "52500 CLP", "allocation": told.allocation}
    with pytest.raises(RefusedError, match="2 integrantes"):
        await told.run(told.fund, "publish", kind="transfer", fields=transfer)
    proposal = (await told.run(told.fund, "fund.propose", kind="transfer", fields=transfer))["number"]
    with pytest.raises(RefusedError, match="quien opera la máquina no cuenta"):
        await told.run(told.fund, "fund.sign", number=proposal)
    assert (await told.run(told.fund, "fund.sign", number=proposal, member="ana"))["published"] is False
    with pytest.raises(RefusedError, match="ya la aprobó"):
        await told.run(told.fund, "fund.sign", number=proposal, member="ana")
    assert (await told.run(told.fund, "fund.sign", number=proposal, member="beto"))["published"] is True
    with pytest.raises(RefusedError, match="ya se aprobó"):
        await told.run(told.fund, "fund.sign", number=proposal, member="beto")
    with pytest.raises(RefusedError, match="amount"):
        await told.run(told.fund, "fund.propose", kind="transfer", fields=transfer)


async def test_nobody_outside_changes_a_decision(told: Told) -> None:
    await told.opened()
    decision = await told.decided()
    before = await told.fund.document(decision)
    peer = await told.world.peer()
    person = peer.person("mallory")
    for attempt in (
        person.activity("Accept", decision),
        person.activity("Delete", decision),
        person.activity("Update", {**before, "content": "<p>No.</p>"}),
    ):
        await person.tell(told.fund, attempt)
    assert await told.fund.document(decision) == before
    assert len(await told.fund.incidents()) >= 2
    with pytest.raises(RefusedError, match="decision"):
        await told.revise(decision, "outcome=rejected")


async def test_a_gift_after_the_closing_waits_for_a_decision(told: Told) -> None:
    await told.opened()
    told.at(9, 9)
    await told.revise(told.campaign, "status=closed")
    late = await told.gift("10000", "2020-09-09")
    assert "queda apartado hasta que se decida" in await told.text(late)
    progress = await told.run(told.fund, "fund.campaign", ref=told.campaign)
    assert (progress["cleared"], progress["unallocated"]) == ("0 CLP", "0 CLP")
    for kitchen in KITCHENS:
        await told.publish(told.kitchens, "stance", f"about={late}", "stance=consent", by=kitchen)
    await told.world.quiet()
    decision = await told.publish(told.fund, "decision", f"about={late}", "quorum=3", "outcome=adopted")
    await told.revise(late, f"decision={decision}")
    progress = await told.run(told.fund, "fund.campaign", ref=told.campaign)
    assert (progress["cleared"], progress["unallocated"]) == ("10.000 CLP", "10.000 CLP")


async def test_a_gift_that_waits_for_a_decision_does_not_make_the_public_total_wrong(told: Told) -> None:
    await told.opened()
    told.at(9, 9)
    await told.gift("50000", "2020-09-09", "fee=500 CLP")
    await told.revise(told.campaign, "status=closed")
    await told.gift("30000", "2020-09-09")

    (shown,) = (await told.run(told.fund, "account.show"))["totals"]

    figures = {name: int(shown[name]) for name in ("received", "spent", "promised", "held", "unallocated")}
    assert figures == {"received": 80000, "spent": 500, "promised": 0, "held": 30000, "unallocated": 49500}


async def test_an_objection_that_was_resolved_blocks_no_more_when_two_sign_how(told: Told) -> None:
    await told.opened()
    for kitchen in KITCHENS:
        await told.publish(
            told.kitchens,
            "stance",
            f"about={told.criteria}",
            f"stance={'objection' if kitchen == 'maule' else 'consent'}",
            "reason=Falta el gas",
            by=kitchen,
        )
    await told.world.quiet()
    decision = {
        "about": told.criteria,
        "quorum": "3",
        "outcome": "adopted",
        "resolved": json.dumps([{"by": told.kitchens.uri("maule"), "how": "El gas lo paga el fondo."}]),
    }
    with pytest.raises(RefusedError, match="2 integrantes"):
        await told.run(told.fund, "publish", kind="decision", fields=decision)
    wrong = {**decision, "resolved": decision["resolved"].replace("/c/maule", "/c/villasol")}
    with pytest.raises(RefusedError, match="resolved"):
        await told.run(told.fund, "fund.propose", kind="decision", fields=wrong)
    number = (await told.run(told.fund, "fund.propose", kind="decision", fields=decision))["number"]
    await told.run(told.fund, "member.add", name="carla", role="steward")
    for member in ("carla", "beto"):
        signed = await told.run(told.fund, "fund.sign", number=number, member=member)
    text = await told.text(signed["uri"])
    assert "3 consienten, 1 objetan" in text
    assert "La objeción de Olla maule se resolvió: El gas lo paga el fondo." in text
    told.at(9, 1)
    await told.publish(
        told.fund, "round", f"criteria={told.criteria}", "claims_until=2020-09-11", "appeal_until=2020-09-13"
    )


async def test_a_decision_whose_day_of_review_has_come_is_shown_until_it_is_decided_again(told: Told) -> None:
    await told.opened()
    decision = await told.decided()

    async def page() -> str:
        async with httpx.AsyncClient() as client:
            return (await client.get(decision, headers={"accept": "text/html", "accept-language": "es"})).text

    told.at(11, 30)
    assert "Llegó el día de revisarla" not in await page()
    told.at(12, 2)
    await told.gift("1000", "2020-12-02")  # pages are kept until something is said
    assert "Llegó el día de revisarla (1 de diciembre de 2020)" in await page()
    (due,) = await told.run(told.fund, "fund.decisions")
    assert (due["outcome"], due["review_on"], due["review_due"]) == ("adopted", "2020-12-01", True)
    await told.publish(told.fund, "decision", f"about={told.criteria}", "quorum=3", "outcome=adopted")
    assert "Llegó el día de revisarla" not in await page()
    assert not any(each["review_due"] for each in await told.run(told.fund, "fund.decisions"))
