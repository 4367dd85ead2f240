"""A fund that is written to while a stranger reads it: what came after the checkpoint is no difference, and hides none."""

from collections.abc import Callable
from datetime import date

import httpx
import pytest

from node.domain import ledger
from schemas.period import Balance, Period
from tests.node.verify.pretended import BANK, ESPERANZA, FUND, Pretended, clp, owed, visited
from tests.node.verify.sharing import Shared


@pytest.fixture
def fund():
    made = Pretended()
    made.gift(5000)
    return made


def after(monkeypatch, fund: Pretended, part: str, *then: Callable[[], None]) -> None:
    """What happens at the fund each time when it has answered for addresses with this part, one after the other."""
    real, due = fund.answer, list(then)

    def answer(request: httpx.Request) -> httpx.Response:
        answered = real(request)
        if part in str(request.url) and due:
            due.pop(0)()
        return answered

    monkeypatch.setattr(fund, "answer", answer)


def withdraws(fund: Pretended, gift: str, amount: int) -> Callable[[], None]:
    """A gift is withdrawn: its words are gone, another entry takes it back."""

    def happens() -> None:
        thing = next(line for _, line in fund.evidence if line["id"] == gift)["activity"]["object"]["id"]
        fund.forget(gift)
        back = [(BANK, -amount, "CLP"), (ledger.DONATIONS, amount, "CLP")]
        fund.say("Delete", {"id": thing, "type": "Tombstone"}, 16, back)

    return happens


@pytest.mark.parametrize("moment", ["/checkpoint", "/account/evidence"])
def test_what_is_withdrawn_while_a_fund_is_read_is_not_called_wrong(fund, tmp_path, monkeypatch, moment):
    gifts = [(fund.gift(amount), amount) for amount in (700, 800, 900)]
    after(monkeypatch, fund, moment, *(withdraws(fund, gift, amount) for gift, amount in gifts))

    for _ in gifts:
        assert "WRONG" not in visited(fund, tmp_path)


def test_an_allocation_that_is_corrected_while_a_fund_is_read_is_not_called_wrong(
    fund, tmp_path, monkeypatch
):
    shared = Shared(fund).decided().closes().shared()

    def withdrawn() -> None:
        fund.forget(fund.activity)
        fund.serve(shared.allocation, None, 410)
        fund.say("Delete", {"id": shared.allocation, "type": "Tombstone"}, 16, owed(shared.record, -1))

    after(monkeypatch, fund, "/checkpoint", withdrawn)

    assert "WRONG" not in visited(fund, tmp_path)


def test_a_period_that_is_closed_while_a_fund_is_read_is_not_called_wrong(fund, tmp_path, monkeypatch):
    def closes() -> None:
        fund.gift(200)
        rows = ((BANK, 5200), (ledger.DONATIONS, -5200))
        balances = tuple(Balance(account=name, opening=clp(0), closing=clp(n)) for name, n in rows)
        record = Period(opens=date(2026, 9, 1), closes=date(2026, 9, 10), balances=balances)
        fund.periods.append(fund.note(record, 11)["id"])

    after(monkeypatch, fund, "/checkpoint", closes)

    assert "WRONG" not in visited(fund, tmp_path)

    told = visited(fund, tmp_path)

    assert told["periods"] == "1 closed as their entries sum, the last with 2026-09-10"


def test_what_was_closed_before_its_entries_are_shown_is_read_on(fund, tmp_path, monkeypatch):
    """The sequencer is a moment behind: the period stands, its last entry is not in the checkpoint yet."""
    rows = ((BANK, 5200), (ledger.DONATIONS, -5200))
    balances = tuple(Balance(account=name, opening=clp(0), closing=clp(n)) for name, n in rows)
    record = Period(opens=date(2026, 9, 1), closes=date(2026, 9, 10), balances=balances)
    fund.periods.append(fund.note(record, 11)["id"])
    after(monkeypatch, fund, "/checkpoint", lambda: None, lambda: fund.gift(200))

    told = visited(fund, tmp_path)

    assert told["periods"] == "1 closed as their entries sum, the last with 2026-09-10"


def test_a_fund_hides_nothing_by_growing_while_it_is_read(fund, tmp_path, monkeypatch):
    fund.pays(600, ESPERANZA, f"{FUND.partition('/c/')[0]}/o/none")
    after(monkeypatch, fund, "/checkpoint", *(lambda: fund.gift(1) for _ in range(100)))

    told = visited(fund, tmp_path)

    assert told["WRONG"].startswith("transfers:")
    assert len(fund.asked) < 400


def test_a_past_that_is_rewritten_while_it_is_read_is_named(fund, tmp_path, monkeypatch):
    gift = fund.gift(700)

    def rewrites() -> None:
        withdraws(fund, gift, 700)()
        fund.leaves[1], fund.leaves[2] = (
            fund.leaves[2].replace(b'"seq":2', b'"seq":1'),
            fund.leaves[1].replace(b'"seq":1', b'"seq":2'),
        )

    after(monkeypatch, fund, "/account/evidence", rewrites)

    assert "the past was rewritten" in visited(fund, tmp_path)["WRONG"]
