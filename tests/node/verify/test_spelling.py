"""A fund that spells what it signs so that one check reads it and another does not: all read the same, or say that they cannot."""

import json
from datetime import date
from decimal import Decimal

import httpx
import pytest
from click.testing import CliRunner

from federation.integrity import add_proof
from federation.jcs import canonical
from node.account.leaf import CLOSED, listed, other
from node.cli.main import minga
from node.domain import ledger
from node.domain.ties import seed_of
from node.errors import ElsewhereError
from node.verify import Source, published
from node.verify.source import joined
from schemas import Uri
from schemas.allocation import Allocation, Claim
from schemas.match import Match
from schemas.transfer import Transfer
from tests.node.verify.pretended import (
    BANK,
    ESPERANZA,
    FRIEND,
    FUND,
    NOW,
    Pretended,
    at,
    clp,
    donation,
    key_of,
    owed,
    visited,
)
from tests.node.verify.sharing import Shared, reckoned

SPELLINGS = [lambda kind: [kind], lambda kind: {"@value": kind}, lambda kind: {"@value": [kind]}]

RATE = {"amount": "5", "currency": "USD", "rate": "1000"}


@pytest.fixture
def fund():
    made = Pretended()
    made.gift(5000)
    return made


def respelled(fund, record, day, spell, postings):
    """A record whose kind is spelled otherwise, booked as it says; its id."""
    thing = fund.note(record, day, kind=spell(record.kind()))
    fund.say("Create", thing, day, postings)
    return thing["id"]


@pytest.mark.parametrize("spell", SPELLINGS)
def test_no_spelling_hides_shares_that_the_rule_does_not_give(fund, tmp_path, spell):
    shared = Shared(fund).decided().closes().shared()
    first, second = shared.record.allotments
    wrong = shared.record.changed(allotments=(first.changed(amount=clp(1)), second.changed(amount=clp(999))))
    fund.leaves.pop()
    fund.evidence.pop()
    respelled(fund, wrong, 12, spell, owed(wrong))

    assert "WRONG" in visited(fund, tmp_path)


@pytest.mark.parametrize("spell", SPELLINGS)
def test_no_spelling_hides_an_allocation_without_a_round(fund, tmp_path, spell):
    claims = (Claim(claimant=Uri(FRIEND), weight=Decimal(1)),)
    record = reckoned(Allocation(rule="largest-remainder/1", seed="x", available=clp(600), claims=claims))
    paid = respelled(fund, record, 12, spell, owed(record))
    postings = [(ledger.payable(FRIEND), 600, "CLP"), (BANK, -600, "CLP")]
    respelled(fund, transfer(600, FRIEND, paid), 13, spell, postings)

    told = visited(fund, tmp_path)

    assert "WRONG" in told or "without a round" in told["allocations"]


def transfer(amount, to, allocation, day=13):
    return Transfer(
        provider=Uri(FUND),
        to=Uri(to),
        amount=clp(amount),
        on=date(2026, 9, day),
        allocation=Uri(allocation),
    )


@pytest.mark.parametrize("spell", SPELLINGS)
def test_no_spelling_hides_a_transfer_before_the_appeals_were_over(fund, tmp_path, spell):
    shared = Shared(fund).decided().closes().shared()
    postings = [(ledger.payable(ESPERANZA), 600, "CLP"), (BANK, -600, "CLP")]
    respelled(fund, transfer(600, ESPERANZA, shared.allocation), 13, spell, postings)

    assert "WRONG" in visited(fund, tmp_path)


def test_no_list_of_types_hides_what_an_activity_does(fund, tmp_path):
    thing = fund.note(donation(7), 3)
    fund.say(["Create"], thing, 3, [(BANK, 7, "CLP"), (ledger.DONATIONS, -7, "CLP")])

    assert visited(fund, tmp_path)["WRONG"].startswith("activities: ")


@pytest.mark.parametrize(
    "respell",
    [
        lambda id_: f"{id_}#again",
        lambda id_: f"{id_}?again",
        lambda id_: id_.replace("fondo.example", "FONDO.example"),
        lambda id_: id_.replace("fondo.example", "fondo.example:443"),
        lambda id_: id_.replace("/o/", "/o//"),
        lambda id_: id_.replace("/o/", "/o/./"),
        lambda id_: id_.replace("/o/", "/%6F/"),
    ],
)
def test_one_thing_has_not_two_names(fund, tmp_path, respell):
    thing = fund.note(donation(7), 3)
    cleared = [(BANK, 7, "CLP"), (ledger.DONATIONS, -7, "CLP")]
    fund.say("Create", thing, 3, cleared)
    again = fund.note(donation(7), 3, uri=respell(thing["id"]))
    fund.say("Create", again, 3, cleared)

    assert visited(fund, tmp_path)["WRONG"].endswith(f"is nothing that {FUND} says")


@pytest.mark.parametrize("said", ["2026-09-04T12:00:00", 20260904, ["2026-09-04T12:00:00Z"], None, "soon"])
def test_a_gift_passes_by_no_match_without_its_moment(fund, tmp_path, said):
    """What is published at no moment that can be read would have come before every match."""
    campaign = Uri("https://fondo.example/o/77")
    days = {"opens": date(2026, 9, 1), "closes": date(2026, 9, 30)}
    match = fund.note(Match(campaign=campaign, total=clp(500), **days), 1)
    passed = fund.note(donation(100, 4, campaign=campaign), 4)
    activity = fund.say("Create", passed, 4, [(BANK, 100, "CLP"), (ledger.DONATIONS, -100, "CLP")])
    fund.rebook(activity, published=said)
    named = donation(1, 5, campaign=campaign, match=Uri(match["id"]), matched=clp(1))
    fund.say("Create", fund.note(named, 5), 5, [(BANK, 1, "CLP"), (ledger.DONATIONS, -1, "CLP")])

    assert "does not say when it was published" in visited(fund, tmp_path)["WRONG"]


@pytest.mark.parametrize("said", ["7", "70"])
def test_records_are_read_through_every_spelling_alike(fund, tmp_path, said):
    """Wrapped values are values: what holds still holds, and what does not hold is named."""
    thing = fund.note(donation(7), 3)
    inner = thing["record"]
    inner["resourceQuantity"] = [{"om2:hasUnit": "one", "om2:hasNumericalValue": {"@value": said}}]
    fund.say("Create", {**thing, "record": [inner]}, 3, [(BANK, 7, "CLP"), (ledger.DONATIONS, -7, "CLP")])

    assert ("WRONG" in visited(fund, tmp_path)) == (said != "7")


def test_claims_of_a_closing_are_listed_once_each(fund, tmp_path):
    """Repeated with other nonces they would let the fund choose its seed."""
    shared = Shared(fund).decided().closes()
    triples = [[each.claim, each.digest, each.nonce] for each in shared.closed]
    triples.insert(0, [shared.closed[0].claim, "x", "chosen"])
    shared.seed = seed_of([(a, b, c) for a, b, c in triples])
    uri = shared.round["id"]
    fund.leaves[-1] = other(2, CLOSED, {"round": uri, "seed": shared.seed, "claims": triples})
    fund.serve(f"{uri}/claims", {"claims": triples})
    fund.note(shared.round_record.changed(seed=shared.seed), 5, uri=uri)
    shared.shared()

    assert visited(fund, tmp_path)["WRONG"].endswith(f"closed with the claim {triples[0][0]} more than once")


def test_a_round_closes_once(fund, tmp_path):
    """All its leaves stand together, with one seed, before its shares."""
    shared = Shared(fund).decided().closes()
    leaf = json.loads(fund.leaves[-1])
    fund.leaves[-1] = other(2, CLOSED, {**bare(leaf), "claims": leaf["claims"][:1]})
    fund.gift(1)
    fund.leaves.append(other(4, CLOSED, {**bare(leaf), "claims": leaf["claims"][1:]}))
    shared.shared()

    assert "closed more than once" in visited(fund, tmp_path)["WRONG"]


def bare(leaf):
    """What a leaf says besides its type and its place."""
    return {name: value for name, value in leaf.items() if name not in ("type", "seq")}


@pytest.mark.parametrize("changed", [{"digest": "x"}, {"stated": RATE}])
def test_every_leaf_of_an_activity_keeps_the_same_of_it(fund, tmp_path, changed):
    first = json.loads(fund.leaves[1])
    for seq, amount, more in ((1, 2000, {}), (2, 3000, changed)):
        parts = listed([(BANK, amount, "CLP"), (ledger.DONATIONS, -amount, "CLP")])
        fund.leaves[seq:] = [canonical({**first, "seq": seq, "postings": parts, **more})]

    assert "leaf 2 keeps another digest" in visited(fund, tmp_path)["WRONG"]


def test_no_name_stands_twice_in_what_is_served(fund, tmp_path, monkeypatch):
    """Of two amounts a stranger's tool would check the one, and other programs read the other."""
    real = fund.answer

    def twice(request):
        answered = real(request)
        if "/account/evidence" in str(request.url):
            return httpx.Response(
                200, content=answered.content.replace(b'"object": {', b'"object": {"kind": "note", ')
            )
        return answered

    monkeypatch.setattr(fund, "answer", twice)

    assert visited(fund, tmp_path)["WRONG"].startswith(
        "activities: line 1 of the activities from leaf 0 on cannot"
    )


@pytest.mark.parametrize("revoked", ["yesterday", None, 5, "2026-09-01T12:00:00"])
def test_no_key_is_revoked_at_a_moment_that_cannot_be_read(fund, tmp_path, monkeypatch, revoked):
    plain = fund._actor()
    document = {**plain, "assertionMethod": [{**plain["assertionMethod"][0], "revoked": revoked}]}
    monkeypatch.setattr(fund, "_actor", lambda: add_proof(document, key_of(FUND), f"{FUND}#k", at(1)))

    assert visited(fund, tmp_path)["WRONG"].startswith("actor: a key that can be read in two ways")


@pytest.mark.parametrize("periods", ["x", 5, None, {}, [5], [["x"]]])
def test_a_list_of_periods_that_is_none_hides_none(fund, tmp_path, periods):
    fund.periods = periods

    assert visited(fund, tmp_path)["WRONG"].startswith("periods: ")


def test_an_answer_that_sends_nowhere_ends_in_a_verdict():
    nowhere = httpx.MockTransport(lambda _request: httpx.Response(302, headers={"location": "http://["}))

    with pytest.raises(ElsewhereError):
        joined("https://fondo.example/", "http://[")
    with pytest.raises(ElsewhereError):
        published(Source(httpx.Client(transport=nowhere), ""), "https://fondo.example/o/1", NOW)


def test_half_a_character_of_a_stranger_is_told_as_json_escapes_it(fund, tmp_path, monkeypatch):
    def answer(request):
        if str(request.url).endswith("account/periods"):
            return httpx.Response(200, content=rb'{"periods": ["\ud800"]}')
        return fund.answer(request)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(Source, "open", lambda _url, _agent: Source(client, FUND))

    asked = ["-d", str(tmp_path), "verify", FUND, "--state", str(tmp_path / "seen"), "--json"]
    result = CliRunner().invoke(minga, asked)

    wrong = json.loads(result.stdout)["wrong"]
    assert (result.exit_code, wrong["check"]) == (1, "periods")
    assert "\ud800" in wrong["difference"]
