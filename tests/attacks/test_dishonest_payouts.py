"""A fund whose node was changed to pay out, or to book, what no signed record says; a stranger with `minga verify` sees it."""

import json
from pathlib import Path

import httpx
import pytest

import node.activities.donation as donations
import node.activities.note as notes
import node.activities.transfer as transfers
from node.control.client import RefusedError
from node.domain.kind import Entry
from tests.attacks.test_dishonest_fund import told as told  # noqa: PLC0414
from tests.attacks.test_dishonest_fund import verify, wrong
from tests.flows.funds import KITCHENS, Told

STOLEN = (("assets:bank", -100000, "CLP"), ("expenses:running", 100000, "CLP"))


@pytest.fixture
def a_note_that_books(monkeypatch: pytest.MonkeyPatch):
    """Plain words that take 100.000 from the bank, from the moment of the call on."""
    was = notes.KIND.entry
    yield lambda: object.__setattr__(notes.KIND, "entry", lambda *_given: Entry("2020-09-09", STOLEN))
    object.__setattr__(notes.KIND, "entry", was)


@pytest.fixture
def one_signer():
    """Neither transfers nor gifts in cash need two signers."""
    kinds = [transfers.KIND, donations.KIND]
    was = [kind.approvals for kind in kinds]
    for kind in kinds:
        object.__setattr__(kind, "approvals", lambda *_given: 0)
    yield
    for kind, approvals in zip(kinds, was, strict=True):
        object.__setattr__(kind, "approvals", approvals)


async def test_plain_words_do_not_take_money(told: Told, tmp_path: Path, a_note_that_books) -> None:
    a_note_that_books()
    await told.publish(told.fund, "note", "text=Gracias a todas")

    found = wrong(await verify(told, tmp_path))

    assert found["check"] == "bookings"
    assert "assets:bank -100000 CLP" in found["difference"]


async def test_withdrawing_plain_words_does_not_take_money(
    told: Told, tmp_path: Path, a_note_that_books
) -> None:
    uri = await told.publish(told.fund, "note", "text=Gracias a todas")
    a_note_that_books()
    await told.run(told.fund, "withdraw", ref=uri)

    found = wrong(await verify(told, tmp_path))

    assert found["check"] == "bookings"
    assert "for what was never booked" in found["difference"]
    assert "assets:bank -100000 CLP" in found["difference"]


@pytest.mark.parametrize(
    ("to", "amount", "day", "difference"),
    [
        ("fondo", "600000", 14, "has no share in"),
        ("esperanza", "346501", 14, "more than its share of 346500 CLP"),
        ("esperanza", "346500", 12, "before the appeals of"),
    ],
)
async def test_nobody_gets_more_than_a_share_or_gets_it_early(
    told: Told,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    one_signer,
    to: str,
    amount: str,
    day: int,
    difference: str,
) -> None:
    await told.shared()
    told.at(9, day, 13)
    monkeypatch.setattr(transfers, "_check_amount", lambda *_given: None)
    monkeypatch.setattr(transfers, "_check_window", lambda *_given: None)
    given = (
        f"to={told.fund.uri() if to == 'fondo' else told.kitchens.uri(to)}",
        f"amount={amount} CLP",
        f"allocation={told.allocation}",
    )
    await told.publish(told.fund, "transfer", *given)

    found = wrong(await verify(told, tmp_path))

    assert found["check"] == "transfers"
    assert difference in found["difference"]


async def test_no_number_of_a_receipt_for_cash_is_missing_or_comes_twice(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_signer
) -> None:
    monkeypatch.setattr(donations, "_check_receipt", lambda *_given: None)
    for number in (1, 2, 9, 9):
        cash = ("amount=5000 CLP", "status=cleared", "channel=cash", f"receipt={number}", "on=2020-09-09")
        await told.publish(told.fund, "donation", *cash)

    found = wrong(await verify(told, tmp_path))

    assert found["check"] == "receipts"
    assert "has the receipt number 9 for cash, where 3 is due" in found["difference"]


async def test_a_correction_that_names_no_round_is_not_paid_before_the_appeals_of_what_it_corrects(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await told.shared()
    claims = json.dumps([{"claimant": told.kitchens.uri("maule"), "weight": "1"}])
    for available in ("625000", "624000"):  # the second corrects the first correction
        about = f"about={told.allocation}"
        for kitchen in KITCHENS:
            await told.publish(told.kitchens, "stance", about, "stance=consent", by=kitchen)
        await told.world.quiet()
        await told.publish(told.fund, "decision", about, "quorum=3", "outcome=adopted")
        given = {
            "rule": "largest-remainder/1",
            "seed": "x",
            "available": f"{available} CLP",
            "claims": claims,
        }
        given["corrects"] = told.allocation
        proposal = await told.run(told.fund, "fund.propose", kind="allocation", fields=given)
        for member in ("ana", "beto"):
            signed = await told.run(told.fund, "fund.sign", number=proposal["number"], member=member)
        told.allocation = str(signed["uri"])
        await told.world.quiet()
    async with httpx.AsyncClient() as client:
        shown = await client.get(f"{told.round}/allocation")
    assert shown.headers["location"] == told.allocation
    reckoned = await told.run(told.fund, "recompute", ref=told.round)
    assert [row["claimant"] for row in reckoned["shares"]] == [told.kitchens.uri("maule")]
    with pytest.raises(RefusedError) as refused:
        await told.paid("maule", "624000")
    assert refused.value.refusal.field == "on"
    with monkeypatch.context() as changed:
        changed.setattr(transfers, "_check_window", lambda *_given: None)
        await told.paid("maule", "1000")

    found = wrong(await verify(told, tmp_path))

    assert found["check"] == "transfers"
    assert f"before the appeals of {told.round}" in found["difference"]
    told.at(9, 14, 13)
    await told.paid("maule", "623000")
