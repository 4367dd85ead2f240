"""Leaves that no honest fund writes: nothing moves by them, and each ends in a verdict that names it."""

import json

import pytest

from federation.identity import check_identity, make_keys, make_next_identity
from federation.interfaces import ActorKey
from federation.keys import multikey
from node.account.leaf import CLOSED, IDENTITY, KEYS, SUCCESSION, entry, listed, other
from node.domain import ledger
from tests.node.verify.pretended import BANK, FUND, NOW, Pretended, at, key_of, visited
from tests.node.verify.sharing import Shared

STOLEN = [("expenses:running", 1000, "CLP"), (BANK, -1000, "CLP")]
SOME = {"date": "2026-09-14", "activity": f"{FUND}/s/1", "digest": "x"}


@pytest.fixture
def fund():
    made = Pretended()
    made.gift(5000)
    return made


def adds(fund, type, **fields):
    """A leaf of whatever fields at the end of the log."""
    fund.leaves.append(other(len(fund.leaves), type, fields))


@pytest.mark.parametrize("empty", [{"activity": ""}, {"date": ""}, {"digest": ""}, {"date": "2026-9-1"}])
def test_no_entry_stands_without_the_activity_that_it_was_booked_for(fund, tmp_path, empty):
    fund.leaves.append(entry(2, **{**SOME, **empty}, postings=STOLEN, stated=None))

    assert visited(fund, tmp_path)["WRONG"].startswith("entries: leaf 2 ")


def test_a_log_goes_on_from_another_only_at_its_beginning(fund, tmp_path):
    cited = {"origin": "fondo.example/c/fondo/log", "size": 2, "root": "AAAA", "balances": listed(STOLEN)}
    adds(fund, SUCCESSION, **cited)

    assert visited(fund, tmp_path)["WRONG"].startswith("entries: leaf 2 ")


def test_an_identity_is_stated_only_at_the_beginning(fund, tmp_path):
    adds(fund, IDENTITY, statement=fund.identity)

    assert visited(fund, tmp_path)["WRONG"].startswith("entries: leaf 2 ")


def keys_of(root="root 1", *, actor=FUND):
    """The statement of a rotation by a root."""
    new = key_of("rotated")
    listed = [ActorKey(f"{actor}#k2", actor, "ed25519", multikey(new.public_key()))]
    return make_keys(
        actor,
        listed,
        sequence=0,
        move=key_of(root),
        new=new,
        new_key_id=f"{actor}#k2",
        now=at(2),
    )


def test_a_rotation_that_the_identity_signed_holds(fund, tmp_path):
    adds(fund, KEYS, statement=keys_of())

    assert "WRONG" not in visited(fund, tmp_path)


@pytest.mark.parametrize(
    "statement", [{"anything": 1}, "x", [], keys_of("somebody"), keys_of(actor=f"{FUND}2")]
)
def test_a_rotation_that_the_identity_did_not_sign_is_named(fund, tmp_path, statement):
    adds(fund, KEYS, statement=statement)

    assert "leaf 2" in visited(fund, tmp_path)["WRONG"]


def test_a_rotation_by_a_root_that_the_identity_promised_holds_once_the_actor_shows_it(fund, tmp_path):
    adds(fund, KEYS, statement=keys_of("root 2"))

    assert "leaf 2" in visited(fund, tmp_path)["WRONG"]

    held = check_identity(fund.identity, FUND, NOW)
    fund.identity = make_next_identity(held, key_of("root 2"), FUND, [], at(2))

    assert "WRONG" not in visited(fund, tmp_path)


@pytest.mark.parametrize("gap", [[CLOSED], [KEYS]])
def test_entries_of_one_activity_stand_together(fund, tmp_path, gap):
    """Booked on after another leaf, they would be sums that nobody compares with what it says."""
    activity = fund.evidence[0][1]["id"]
    if gap == [CLOSED]:
        adds(fund, CLOSED, round=f"{FUND}/r", seed="x", claims=[])
    else:
        adds(fund, KEYS, statement=keys_of())
    fund.leaves.append(entry(3, **{**SOME, "activity": activity}, postings=STOLEN, stated=None))

    assert visited(fund, tmp_path)["WRONG"].startswith(f"activities: leaf 3 goes on with {activity}")


def test_nothing_is_booked_once_more_for_an_activity(fund, tmp_path):
    first = fund.evidence[0][1]["id"]
    fund.forget(first)
    fund.gift(7)
    fund.leaves.append(entry(3, **{**SOME, "activity": first}, postings=STOLEN, stated=None))

    assert visited(fund, tmp_path)["WRONG"].startswith(f"activities: leaf 3 goes on with {first}")


def test_nothing_is_booked_for_an_activity_while_somebody_reads(fund, tmp_path, monkeypatch):
    """What comes after the checkpoint is read on with: also where it goes on with the last activity before it."""
    activity = fund.evidence[0][1]["id"]
    kept = json.loads(fund.leaves[1])["digest"]
    more = entry(2, **{**SOME, "activity": activity, "digest": kept}, postings=STOLEN, stated=None)
    real, due = fund.answer, [1]

    def answer(request):
        if str(request.url) == activity and due:
            due.pop()
            fund.leaves.append(more)
            return fund.nothing()
        return real(request)

    monkeypatch.setattr(fund, "answer", answer)

    assert visited(fund, tmp_path)["WRONG"].startswith("bookings: ")


@pytest.mark.parametrize("claims", [[1, 2], 5, [["a", "b"]], [["a", "b", 1]], {"a": 1}, "abc", None])
def test_claims_that_are_none_are_named(fund, tmp_path, claims):
    shared = Shared(fund).decided().closes()
    fund.leaves[-1] = other(
        len(fund.leaves) - 1, CLOSED, {"round": shared.round["id"], "seed": shared.seed, "claims": claims}
    )
    shared.shared()

    assert visited(fund, tmp_path)["WRONG"].startswith("entries: leaf 2 ")


@pytest.mark.parametrize("stated", [5, "x", ["a"], {"rate": 1}, {"rate": "1"}, {}])
def test_a_rate_that_is_none_is_named(fund, tmp_path, stated):
    adds(fund, "LedgerEntry", **SOME, postings=listed(STOLEN), stated=stated)

    assert visited(fund, tmp_path)["WRONG"].startswith("entries: leaf 2 ")


@pytest.mark.parametrize("statement", [5, "x", None, [1]])
def test_a_first_statement_that_is_none_is_named(fund, tmp_path, statement):
    fund.leaves[0] = other(0, IDENTITY, {"statement": statement})

    assert visited(fund, tmp_path)["WRONG"].startswith("entries: leaf 0 ")


@pytest.mark.parametrize("size", ["5", -1, True, None, 1.5])
def test_a_former_log_whose_size_is_none_is_named(fund, tmp_path, size):
    cited = {"origin": "fondo.example/c/fondo/log", "size": size, "root": "AAAA", "balances": []}
    fund.succeeds(first=other(0, SUCCESSION, cited))

    assert visited(fund, tmp_path)["WRONG"].startswith("entries: leaf 0 ")


def test_what_is_carried_over_is_the_sum_of_its_rows(fund, tmp_path):
    """Rows of one account twice: the last of them alone is what the former log held, all of them are not."""
    taken = [(BANK, -3000, "CLP"), (ledger.DONATIONS, 3000, "CLP")]
    fund.succeeds([*taken, (BANK, 5000, "CLP"), (ledger.DONATIONS, -5000, "CLP")])

    assert visited(fund, tmp_path)["WRONG"].startswith("former log: of fondo.example/c/fondo/log assets:bank")


def test_no_balance_is_shown_twice(fund, tmp_path, monkeypatch):
    rows = fund._balances
    monkeypatch.setattr(
        fund,
        "_balances",
        lambda size: [{"account": BANK, "amount": "9000", "commodity": "CLP"}, *rows(size)],
    )

    assert visited(fund, tmp_path)["WRONG"] == "balances: assets:bank is shown twice in CLP"
