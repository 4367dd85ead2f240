"""A stranger checks a fund that runs: what holds, and what each kind of tampering is called."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.account.leaf import SUCCESSION, Leaf
from node.tlog.cosignature import COSIGNATURE_V1
from node.tlog.note import VerifierKey
from node.verify.bookings import Bookings
from node.verify.memory import Memory, Seen
from node.verify.promises import Promises
from node.verify.source import DifferenceError
from node.verify.visit import _succession
from tests.node.account.funds import flip, fund, give, sequenced, share, tamper, verify
from tests.node.verify.pretended import taken_back


@pytest.fixture(scope="module")
def fondo(tmp_path_factory):
    """A fund after round 1 and W5's chargeback: identity, three gifts, one allocation, one reversal.

    It is in secure mode: a stranger has no server to sign with, and checks its account all the same.
    """
    node = fund(tmp_path_factory.mktemp("fund"))
    with node.start("--set", "federation.secure_mode=true"):
        give(node, "203000 CLP", "on=2026-09-03")
        second = give(node, "47000 CLP", "on=2026-09-05")
        give(node, "375000 CLP", "on=2026-09-09")
        share(node)
        node("revise", second["id"], "status=reversed")
        sequenced(node, 6)
        yield node


@pytest.fixture
def state(tmp_path):
    return tmp_path / "seen.json"


def told(findings, check):
    return next(each for each in findings["findings"] if each["check"] == check)


def test_an_honest_fund_passes_every_check(fondo, state):
    code, findings = verify(fondo, state)

    assert (code, findings["wrong"]) == (0, None)
    assert told(findings, "checkpoint")["figure"].startswith("6 leaves")
    assert told(findings, "entries")["figure"].startswith("5 entries, 13 postings")
    assert told(findings, "allocations")["figure"].startswith("1 reckoned again: 4 shares")
    assert "NOT WITNESSED" in told(findings, "witnesses")["figure"]


def test_w5_the_account_says_what_is_missing(fondo):
    account = fondo.json("account")

    assert account["totals"][0] == {
        "commodity": "CLP",
        "received": "578000",
        "spent": "0",
        "promised": "624000",
        "held": "0",
        "unallocated": "-46000",
        "over_committed": True,
        "warning": "Hay 46.000 CLP más prometidos de lo que hay: no sale ninguna transferencia en CLP hasta cubrirlo.",
    }


def test_a_second_visit_proves_that_nothing_was_rewritten(fondo, state):
    verify(fondo, state)

    code, findings = verify(fondo, state)

    assert code == 0
    assert told(findings, "history")["figure"].startswith("continues the 6 leaves")


def log_file(node, path):
    return node.directory / "log" / node.handle / "1" / path


@pytest.mark.parametrize(
    ("path", "before", "after", "check", "named"),
    [
        ("tile/entries/000.p/6", b'"47000"', b'"47001"', "entries", "leaf 2 was changed"),
        ("tile/entries/000.p/6", b"2026-09-05", b"2026-09-06", "entries", "leaf 2 was changed"),
        ("checkpoint", b"6\n", b"5\n", "checkpoint", "did not sign"),
    ],
)
def test_one_byte_of_the_log_is_named(fondo, state, path, before, after, check, named):
    path = log_file(fondo, path)
    whole = path.read_bytes()
    flip(path, before, after)
    try:
        code, findings = verify(fondo, state)
    finally:
        path.write_bytes(whole)

    assert code == 1
    assert findings["wrong"]["check"] == check
    assert named in findings["wrong"]["difference"]
    assert not state.exists()


def test_one_byte_of_a_tile_is_named(fondo, state):
    path = log_file(fondo, "tile/0/000.p/6")
    whole = path.read_bytes()
    path.write_bytes(whole[:70] + bytes([whole[70] ^ 1]) + whole[71:])
    try:
        code, findings = verify(fondo, state)
    finally:
        path.write_bytes(whole)

    assert (code, findings["wrong"]["check"]) == (1, "tiles")
    assert "tile/0/000.p/6 holds another hash for leaf 2" in findings["wrong"]["difference"]


def test_one_byte_of_an_activity_is_named(fondo, state):
    sql = "UPDATE activities SET body = CAST(replace(CAST(body AS TEXT), ?, ?) AS BLOB) WHERE uri = ?"
    uri = fondo.json("account")["entries"][-3]["activity"]
    tamper(fondo, sql, '"47000"', '"47001"', uri)
    try:
        code, findings = verify(fondo, state)
    finally:
        tamper(fondo, sql, '"47001"', '"47000"', uri)

    assert (code, findings["wrong"]["check"]) == (1, "activities")
    assert findings["wrong"]["difference"].startswith(f"{uri} was changed")


def test_one_byte_of_a_share_is_named(fondo, state):
    sql = "UPDATE activities SET body = CAST(replace(CAST(body AS TEXT), ?, ?) AS BLOB) WHERE uri = ?"
    uri = fondo.json("account")["entries"][1]["activity"]
    tamper(fondo, sql, '"346500"', '"346501"', uri)
    try:
        code, findings = verify(fondo, state)
    finally:
        tamper(fondo, sql, '"346501"', '"346500"', uri)

    assert (code, findings["wrong"]["check"]) == (1, "activities")
    assert uri in findings["wrong"]["difference"]
    assert "the share of https://esperanza.example/c/esperanza reads" in findings["wrong"]["difference"]


def test_a_balance_that_its_entries_do_not_make_is_named(fondo, state):
    sql = "UPDATE balances SET amount = amount + ? WHERE account = 'assets:bank'"
    tamper(fondo, sql, 1)
    try:
        code, findings = verify(fondo, state)
    finally:
        tamper(fondo, sql, -1)

    assert (code, findings["wrong"]["check"]) == (1, "balances")
    assert (
        "assets:bank is shown with 578001 CLP, its entries sum to 578000 CLP"
        in findings["wrong"]["difference"]
    )


def test_a_past_that_was_rewritten_is_named(fondo, state):
    verify(fondo, state)
    flip(state, b'"size": 6', b'"size": 4')

    code, findings = verify(fondo, state)

    assert (code, findings["wrong"]["check"]) == (1, "history")
    assert "the past was rewritten" in findings["wrong"]["difference"]


def test_a_log_that_was_rolled_back_is_named(fondo, state):
    verify(fondo, state)
    flip(state, b'"size": 6', b'"size": 7')

    code, findings = verify(fondo, state)

    assert (code, findings["wrong"]["check"]) == (1, "history")
    assert "rolled back" in findings["wrong"]["difference"]


def test_a_policy_of_ones_own_is_not_met_by_the_log_alone(fondo, state, tmp_path):
    log = next(line for line in fondo("log").splitlines() if line.startswith("key ")).split()[1]
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    witness = VerifierKey("olla.example/c/olla", COSIGNATURE_V1, key)
    policy = tmp_path / "policy"
    policy.write_text(f"log {log}\nwitness w {witness}\nquorum w\n")

    code, findings = verify(fondo, state, "--policy", str(policy))

    assert (code, findings["wrong"]["check"]) == (1, "witnesses")
    assert (
        findings["wrong"]["difference"]
        == "the quorum of your policy is not met: it asks for w, cosigned by nobody"
    )
    assert not state.exists()


def test_a_policy_that_cannot_be_read_is_refused(fondo, tmp_path):
    policy = tmp_path / "policy"
    policy.write_text("witness w nothing\n")

    assert "policy" in fondo.run("verify", f"{fondo.actor}/account", "--policy", str(policy)).stderr


OWED = [("expenses:allocations", 1500, "CLP"), ("liabilities:payable:olla@olla.example", -1500, "CLP")]
PAID = [("liabilities:payable:olla@olla.example", 1500, "CLP"), ("assets:bank", -1500, "CLP")]


@pytest.mark.parametrize("postings", [OWED, PAID])
def test_a_fund_cannot_hide_what_it_owes_or_paid_by_withdrawing_it(postings):
    bookings = Bookings(False, Promises())
    bookings.withdrawn("https://fondo.example/s/1", postings)

    with pytest.raises(DifferenceError, match=r"https://fondo.example/s/1 booked .*no entry takes it back"):
        bookings.finish()


@pytest.mark.parametrize("postings", [OWED, PAID])
def test_what_was_withdrawn_and_taken_back_is_not_called_wrong(postings):
    bookings = Bookings(False, Promises())
    bookings.withdrawn("https://fondo.example/s/1", postings)
    undone = [(account, -amount, commodity) for account, amount, commodity in postings]
    bookings.check(taken_back(), undone, None, 2)

    bookings.finish()


def former(size):
    document = {"origin": "fondo.example/c/fondo/log", "size": size, "root": "AAAA", "balances": []}
    return Leaf(0, SUCCESSION, (), document)


@pytest.mark.parametrize(
    ("size", "named"),
    [
        (11, "ended at 11 leaves; you had seen 13 on 2026-11-28"),
        (13, "ended with the root AAAA; you had seen"),
    ],
)
def test_a_fund_cannot_begin_anew_to_lose_what_was_seen(state, size, named):
    memory = Memory(state)
    memory.keep("fondo.example/c/fondo/log", Seen(13, b"root", "key", "2026-11-28T05:55:16+00:00"))

    with pytest.raises(DifferenceError, match=named):
        _succession(former(size), memory)


def test_a_log_that_goes_on_where_it_was_seen_to_end_is_believed(state):
    memory = Memory(state)
    memory.keep("fondo.example/c/fondo/log", Seen(13, b"\0\0\0", "key", "2026-11-28T05:55:16+00:00"))

    assert _succession(former(13), memory).figure.endswith("as you saw it")
