"""A stranger's server names what a fund published, in records that no honest node would say: it changes nothing of the fund's."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from node.activities import REGISTRY, donation
from node.control.commands import perform
from node.control.table import COMMANDS
from node.domain.donations import next_receipt, taken_of
from node.domain.kind import Heard, Verb
from node.domain.payouts import is_corrected, transferred
from node.domain.rounds import allocations_of
from node.domain.subject import subject
from node.tongues import Tongue
from schemas import Money, Record, Uri, to_wire
from schemas.allocation import Allocation, Claim
from schemas.campaign import Campaign, Reward
from schemas.criteria import Criteria
from schemas.decision import Decision
from schemas.donation import Donation
from schemas.round import Round
from schemas.transfer import Transfer
from tests.fediverse import Instance, World
from tests.node.village import SANTIAGO, Village, actor

TODAY = date(2020, 8, 20)
FUND, STRANGER = "fondo", "ajena"
KITCHEN = Uri(actor("maule"))
NUMBERS = count(1000)


def clp(amount: int) -> Money:
    return Money(amount, "CLP")


@pytest.fixture
def village() -> Village:
    return Village("esperanza")


def heard(village: Village, by: str, record: Record) -> str:
    """What a server says, as a node hears it that can check little of what others say."""
    url = Uri(f"https://{by}.example/o/{next(NUMBERS)}")
    document: dict[str, Any] = {"id": url, "type": "Note", "attributedTo": actor(by), **to_wire(record, url)}
    said = Heard(f"{url}/s", Verb.CREATE, actor(by), url, village.now, record=record, document=document)
    for name in village.nodes:
        if name != actor(by):
            village.hear(name.rsplit("/", 1)[-1], REGISTRY[record.kind()], said)
    return url


def a_round(**given: Any) -> Round:
    later = datetime(2020, 9, 11, tzinfo=UTC)
    return Round(
        **{
            "number": 7,
            "criteria": Uri("https://fondo.example/o/1"),
            "claims_until": later,
            "appeal_until": later,
            **given,
        }
    )


def shares(**given: Any) -> Allocation:
    claims = (Claim(claimant=KITCHEN, weight=Decimal(1)),)
    return Allocation(
        **{"rule": "largest-remainder/1", "seed": "x", "available": clp(1000), "claims": claims, **given}
    )


def gift(**given: Any) -> Donation:
    return Donation(amount=clp(500), status="cleared", channel="bank", on=TODAY, **given)


def test_no_stranger_shares_out_a_round_or_corrects_its_shares(village: Village) -> None:
    scene = village["esperanza"].view(actor("esperanza"))
    round_ = heard(village, FUND, a_round())
    ours = heard(village, FUND, shares(round=Uri(round_)))
    theirs = heard(village, STRANGER, shares(round=Uri(round_), corrects=Uri(ours)))
    thing, allocation = scene.thing(round_), scene.thing(ours)
    assert thing is not None
    assert allocation is not None
    assert [each.id for each in allocations_of(thing, scene)] == [ours]
    assert not is_corrected(allocation, scene)
    spanish = Tongue.of("es", SANTIAGO)
    assert subject(ours, spanish, scene) == "el reparto de la ronda 7 de Fondo"
    assert subject(theirs, spanish, scene) == "el reparto de 1.000 CLP de Ajena"
    heard(village, FUND, shares(round=Uri(round_), corrects=Uri(ours)))
    assert is_corrected(allocation, scene)


def test_no_stranger_pays_the_shares_of_a_fund(village: Village) -> None:
    scene = village["esperanza"].view(actor("esperanza"))
    ours = Uri(heard(village, FUND, shares()))
    paid = Transfer(to=KITCHEN, amount=clp(1000), allocation=ours, on=TODAY)
    heard(village, STRANGER, paid)
    allocation = scene.thing(ours)
    assert allocation is not None
    assert transferred(allocation, scene) == {}
    heard(village, FUND, paid)
    assert transferred(allocation, scene) == {KITCHEN: 1000}


def test_no_stranger_fills_a_campaign_takes_its_rewards_or_uses_its_receipts(village: Village) -> None:
    scene = village["esperanza"].view(actor("esperanza"))
    reward = Reward(label="r1", title="Una ración", price=clp(500), stock=1)
    campaign = Uri(
        heard(
            village,
            FUND,
            Campaign(title="x", goal=clp(1000), opens=TODAY, closes=date(2020, 12, 1), rewards=(reward,)),
        )
    )
    given = gift(campaign=campaign, rewards=("r1",), receiver=Uri(actor(FUND)), receipt=1)
    for by, expected in ((STRANGER, ([], 0, 1)), (FUND, ([(TODAY.isoformat(), -500)], 1, 2))):
        heard(village, by, given)
        booked = list(scene.booked(campaign, "income:donations", "CLP"))
        assert (booked, taken_of(campaign, "r1", scene), next_receipt(actor(FUND), scene)) == expected


def test_no_stranger_ties_the_hands_of_a_fund() -> None:
    village = Village(FUND, "esperanza")
    village.create(FUND, gift())
    terms = Criteria(version=1, rule="largest-remainder/1", weight="people", valid_from=TODAY)
    criteria = Uri(village.create(FUND, terms))
    heard(village, STRANGER, a_round(criteria=criteria))
    heard(village, STRANGER, Decision(about=criteria, quorum=1, outcome="adopted"))
    village.revise(FUND, criteria, terms.changed(unit_price=clp(1500)))
    paid, withdrawn = (
        Uri(village.create(FUND, shares(available=clp(amount), rule="largest-remainder/1")))
        for amount in (200, 100)
    )
    for allocation in (paid, withdrawn):
        heard(village, STRANGER, shares(corrects=allocation))
    village.create(FUND, Transfer(to=KITCHEN, amount=clp(200), allocation=paid, on=TODAY))
    village.say(actor(FUND), Verb.DELETE, REGISTRY["allocation"], about=withdrawn)


async def run(at: Instance, command: str, **more: Any) -> Any:
    given = {"collective": at.handles[0], **more}
    return await perform(COMMANDS, at.node, command, given, lambda _progress: None)


async def test_a_gift_that_another_server_books_moves_no_campaign_of_ours(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fund, stranger = await world.node("fondo"), await world.node("ajena")
    await stranger.follow(fund.address())
    await fund.follow(stranger.address())
    fields = {
        "title": "Olla",
        "goal": "1000 CLP",
        "closes": (world.clock().date() + timedelta(9)).isoformat(),
    }
    campaign = (await run(fund, "publish", kind="campaign", fields=fields))["uri"]
    given = {"amount": "500 CLP", "status": "cleared", "channel": "bank", "campaign": campaign}
    await stranger.until(lambda: stranger.thing(campaign))
    monkeypatch.setattr(donation, "_check_ours", lambda *_given: None)
    said = (await run(stranger, "publish", kind="donation", fields=given))["uri"]
    await fund.until(lambda: fund.thing(said))
    assert (await run(fund, "fund.campaign", ref=campaign))["cleared"] == "0 CLP"
    await run(fund, "publish", kind="donation", fields=given)
    assert (await run(fund, "fund.campaign", ref=campaign))["cleared"] == "500 CLP"
