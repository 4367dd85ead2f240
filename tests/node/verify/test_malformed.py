"""Whatever a fund, or anybody it names, serves in place of what it should: a stranger gets a verdict, never a breakdown."""

import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import FederationError
from federation.integrity import add_proof
from federation.jcs import canonical
from node.account.leaf import digest
from node.domain import ledger
from node.domain.donations import postings_of
from node.errors import NodeError
from schemas import Uri
from schemas.match import Match
from schemas.period import Balance, Period
from schemas.receipt import Receipt
from tests.node.verify.pretended import (
    BANK,
    ESPERANZA,
    FUND,
    SALT,
    Pretended,
    at,
    clp,
    donation,
    key_of,
    visited,
)
from tests.node.verify.sharing import Shared

GONE = object()
STRANGE = [
    GONE,
    *(None, True, 0, -1, 1.5, 10**20, [], {}, [[]], ["x"], [1, 2], {"@value": "x"}, {"id": "x"}),
    *("", "x", "-7", "999999999999999", "٣", "\ud800", "http://[", "https://fondo.example/o/1#x"),
    *("0001-01-01", "9999-12-31", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
]
WRAPPED = [lambda v: [v], lambda v: {"@value": v}, lambda v: [v, v], lambda v: {"id": v}, str]
FILES = ("log/1/checkpoint", "log/1/policy", "log/1/tile/0/", "log/1/tile/entries/")
BYTES = [b"", b"\xff\xfe", b"\n", b"x" * 64, b"[" * 3000, b"null", b"[]", b'"x"']


def told():
    """A fund that did a little of everything."""
    fund = Pretended()
    fund.gift(5000)
    campaign, days = (
        Uri("https://fondo.example/o/77"),
        {"opens": date(2026, 9, 1), "closes": date(2026, 9, 30)},
    )
    match = fund.note(Match(campaign=campaign, total=clp(500), **days), 1)
    given = donation(100, 4, campaign=campaign, match=Uri(match["id"]), matched=clp(100))
    fund.say("Create", fund.note(given, 4), 4, list(postings_of(given)))
    shared = Shared(fund, price=clp(10)).decided().closes().shared()
    fund.pays(600, ESPERANZA, shared.allocation)
    receipt = Receipt(of=Uri(f"{fund.transfer}#record"), amount=clp(600), on=date(2026, 9, 16))
    answer = fund.note(receipt, 16, by=ESPERANZA)
    fund.serve(f"{fund.transfer}/replies", {"orderedItems": [answer["id"]]})
    held = {name: amount for name, amount, _ in postings_of(given) if amount}
    rows = {**held, BANK: 5100, ledger.DONATIONS: -5100}
    balances = tuple(Balance(account=name, opening=clp(0), closing=clp(n)) for name, n in rows.items())
    closed = Period(opens=date(2026, 9, 1), closes=date(2026, 9, 10), balances=balances)
    fund.periods = [fund.note(closed, 11)["id"]]
    taken = fund.gift(70, 5)
    thing = fund.evidence[-1][1]["activity"]["object"]["id"]
    fund.forget(taken)
    back = [(BANK, -70, "CLP"), (ledger.DONATIONS, 70, "CLP")]
    fund.say("Delete", {"id": thing, "type": "Tombstone"}, 5, back)
    return fund


def documents(fund):
    """All that can be served otherwise."""
    return [
        *(("leaf", seq) for seq in range(len(fund.leaves))),
        *(("activity", place) for place, (_, line) in enumerate(fund.evidence) if "activity" in line),
        *(("line", place) for place in range(len(fund.evidence))),
        *(("served", url) for url in fund.served if fund.served[url][1] and "/s/" not in url),
        *(("answer", path) for path in (FUND, "account/balances", "account/periods")),
    ]


def respell(fund, how, which, change):
    """Serve one document otherwise; what is signed is signed again, as far as it can be."""
    if how == "leaf":
        shown = fund._balances(len(fund.leaves))
        fund._balances = lambda _size: shown
        fund.leaves[which] = written(change(json.loads(fund.leaves[which])))
    elif how == "activity":
        _, line = fund.evidence[which]
        line["activity"] = document = signed(change(line["activity"]), FUND)
        fund.serve(line["id"], document)
        for seq, leaf in enumerate(map(json.loads, fund.leaves)):
            if leaf.get("activity") == line["id"]:
                fund.leaves[seq] = canonical({**leaf, "digest": kept(document) or leaf["digest"]})
    elif how == "line":
        seq, line = fund.evidence[which]
        fund.evidence[which] = seq, change(line)
    elif how == "served":
        document = json.loads(fund.served[which][1])
        fund.serve(which, signed(change(document), document.get("attributedTo")))
    else:
        answers(fund, which, lambda body: written(signed(change(json.loads(body)), FUND)))


def answers(fund, part, change):
    """What answers at an address with this part, or at exactly this one, is changed."""
    real = fund.answer

    def answer(request):
        answered, url = real(request), str(request.url)
        there = url == part or (part != FUND and part in url)
        return httpx.Response(200, content=change(answered.content)) if there else answered

    fund.answer = answer


def written(value):
    try:
        return canonical(value)
    except FederationError:
        return json.dumps(value).encode()


def signed(document, by):
    if not by or not isinstance(document, dict) or "proof" not in document:
        return document
    try:
        return add_proof(document, key_of(by), f"{by}#k", at(2))
    except FederationError:
        return document


def kept(document):
    try:
        return digest(SALT, document if isinstance(document, dict) else {})
    except FederationError:
        return ""


def places(value, here=()):
    """Every place in a JSON value."""
    yield here
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in items:
        yield from places(part, (*here, name))


def put(value, place, new):
    """The same JSON value with something else at a place."""
    if not place:
        made = new(value) if callable(new) else new
        return value if made is GONE else made
    name, *rest = place
    if not rest and new is GONE:
        return (
            [*value[:name], *value[name + 1 :]]
            if isinstance(value, list)
            else {each: part for each, part in value.items() if each != name}
        )
    part = put(value[name], rest, new)
    return [*value[:name], part, *value[name + 1 :]] if isinstance(value, list) else {**value, name: part}


def ends_in_a_verdict(fund):
    with TemporaryDirectory() as directory, suppress(NodeError):
        visited(fund, Path(directory))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9999), st.integers(0, 9999), st.sampled_from([*STRANGE, *WRAPPED]))
def test_no_document_breaks_a_stranger_down(number, place, new):
    fund = told()
    known = documents(fund)
    how, which = known[number % len(known)]

    def change(document):
        there = list(places(document))
        return put(document, there[place % len(there)], new)

    respell(fund, how, which, change)

    ends_in_a_verdict(fund)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([*FILES, "account/evidence", "account/balances", "/claims"]), st.sampled_from(BYTES))
def test_no_file_breaks_a_stranger_down(part, content):
    fund = told()
    answers(fund, part, lambda _body: content)

    ends_in_a_verdict(fund)


def test_an_honest_fund_that_did_all_this_is_believed(tmp_path):
    assert "WRONG" not in visited(told(), tmp_path)
