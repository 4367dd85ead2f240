"""A fund whose node was changed: what it signs and what it books differ, and a stranger with `minga verify` sees it."""

import asyncio
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

import node.activities.allocation as allocations
import node.activities.criteria as criteria
import node.activities.donation as donations
from node.domain.donations import postings_of
from node.domain.posting import Posting
from node.domain.rounds import rows
from schemas import Uri
from schemas.allocation import Allocation, Claim
from tests.fediverse import World
from tests.flows.funds import CRITERIA, KITCHENS, Told, start
from tests.nodes import minga


@pytest.fixture
async def told(world: World) -> Told:
    made = Told(world, *(await start(world)))
    await made.joined()
    await made.opened()
    await made.decided()
    await made.claimed()
    return made


async def verify(told: Told, directory: Path) -> CompletedProcess[str]:
    """What a stranger finds once everything that was booked stands in the log."""

    async def sequenced() -> bool:
        return bool((await told.run(told.fund, "log.show"))["waiting"] == 0)

    await told.fund.until(sequenced)
    account, state = f"{told.fund.uri()}/account", directory / "seen.json"
    return await asyncio.to_thread(
        minga, "-d", str(directory / "nothing"), "verify", account, "--state", str(state), "--json"
    )


def wrong(result: CompletedProcess[str]) -> dict[str, str]:
    found: dict[str, str] | None = json.loads(result.stdout)["wrong"]
    return found or {"check": "", "difference": "nothing"}


async def after_sharing(told: Told, directory: Path) -> dict[str, str]:
    """What is wrong with a fund once it has shared out."""
    await told.shared()
    return wrong(await verify(told, directory))


async def test_an_honest_fund_that_corrects_an_allocation_is_not_called_wrong(
    told: Told, tmp_path: Path
) -> None:
    await told.shared()
    told.at(9, 12, 13)
    for kitchen in KITCHENS:
        await told.publish(told.kitchens, "stance", f"about={told.allocation}", "stance=consent", by=kitchen)
    await told.world.quiet()
    about = f"about={told.allocation}"
    await told.publish(told.fund, "decision", about, "quorum=3", "outcome=adopted")
    corrects = f"corrects={told.allocation}"
    await told.publish(told.fund, "allocation", f"round={told.round}", "available=600000 CLP", corrects)

    result = await verify(told, tmp_path)

    assert wrong(result)["difference"] == "nothing"
    assert result.returncode == 0


async def test_an_honest_fund_that_paid_and_closed_a_period_is_believed(told: Told, tmp_path: Path) -> None:
    await told.shared()
    told.at(9, 14, 13)
    paid = await told.paid("esperanza", "346500")
    await told.world.quiet()
    await told.publish(
        told.kitchens, "receipt", f"of={paid}", "amount=346500 CLP", "on=2020-09-14", by="esperanza"
    )
    await told.world.quiet()
    told.at(9, 20)
    days = ("opens=2020-08-01", "closes=2020-09-19", "bank=278500 CLP")
    await told.publish(told.fund, "period", *days)

    result = await verify(told, tmp_path)

    assert wrong(result)["difference"] == "nothing"
    figures = {each["check"]: each["figure"] for each in json.loads(result.stdout)["findings"]}
    assert "rounds" not in figures, "the log keeps what the round said when it closed"
    assert figures["receipts"] == "1 transfers are confirmed by who was to receive them"
    assert figures["periods"] == "1 closed as their entries sum, the last with 2020-09-19"
    assert "5 of them, taken by chance, are served so to everybody" in figures["activities"]


async def test_a_fund_cannot_swap_payees(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = allocations._postings

    def swapped(record: Allocation, sign: int) -> list[Posting]:
        first, *owed = real(record, sign)
        names = [account for account, _, _ in reversed(owed)]
        return [first, *[(name, n, c) for name, (_, n, c) in zip(names, owed, strict=True)]]

    monkeypatch.setattr(allocations, "_postings", swapped)

    found = await after_sharing(told, tmp_path)

    assert found["check"] == "bookings"
    assert "liabilities:payable:esperanza@" in found["difference"]


async def test_a_fund_cannot_leave_a_claim_out(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = rows
    monkeypatch.setattr(allocations, "rows", lambda *given: real(*given)[:-1])

    found = await after_sharing(told, tmp_path)

    assert found["check"] == "rounds"
    assert "answers 3 of the 4 claims" in found["difference"]
    for url in (told.round, told.allocation):
        reckoned = await asyncio.to_thread(minga, "-d", str(tmp_path / "nothing"), "recompute", url)
        assert reckoned.returncode == 1
        assert "answers 3 of the 4 claims" in reckoned.stderr


async def test_a_fund_cannot_change_the_weight_of_a_claim(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = rows

    def heavier(*given: Any) -> tuple[Claim, ...]:
        first, *others = real(*given)
        return (first.changed(weight=Decimal(9000)), *others)

    monkeypatch.setattr(allocations, "rows", heavier)

    found = await after_sharing(told, tmp_path)

    assert found["check"] == "claims"
    assert "9000" in found["difference"]


async def test_a_fund_cannot_book_less_than_it_was_given(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = postings_of
    monkeypatch.setattr(
        donations, "postings_of", lambda record: [(a, amount // 10, c) for a, amount, c in real(record)]
    )
    await told.gift("375000", "2020-09-09")

    found = wrong(await verify(told, tmp_path))

    assert found["check"] == "bookings"
    assert "income:donations -375000 CLP" in found["difference"]
    assert "income:donations -37500 CLP" in found["difference"]


async def test_a_fund_cannot_book_on_another_day_than_it_signs(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(donations, "_day", lambda *_given: date(2020, 8, 1))
    await told.gift("375000", "2020-09-09")

    found = wrong(await verify(told, tmp_path))

    assert found["check"] == "bookings"
    assert "stands on 2020-08-01" in found["difference"]
    assert "says 2020-09-09" in found["difference"]


async def test_a_fund_cannot_share_out_by_criteria_that_its_members_did_not_adopt(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await told.publish(told.fund, "criteria", "version=2", *CRITERIA[1:])
    real = allocations._of_round

    def swapped(record: Allocation, *given: Any) -> Allocation:
        return real(record, *given).changed(criteria=Uri(other))

    monkeypatch.setattr(allocations, "_of_round", swapped)

    found = await after_sharing(told, tmp_path)

    assert found["check"] == "criteria"
    assert f"does not adopt {other}" in found["difference"]


async def test_a_fund_cannot_share_out_by_criteria_that_it_rewrote_after_its_members_consented(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(criteria, "is_relied_on", lambda *_given: False)
    await told.revise(told.criteria, "floor=1000 CLP")

    found = await after_sharing(told, tmp_path)

    assert found["check"] == "criteria"
    assert "is about something else than what stands now" in found["difference"]
