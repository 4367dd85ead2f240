"""Matching funds of a fund that runs: two gifts at once, a chargeback, and a stranger who reckons every addition again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from federation.integrity import add_proof
from node.domain.matched import label_of
from node.verify.act import read_act
from node.verify.matches import Matches
from node.verify.own import Own
from node.verify.signer import Signer
from node.verify.source import DifferenceError, Source
from schemas import Money, Uri, to_wire
from schemas.donation import Donation
from schemas.match import Match
from tests.node.account.funds import fund, sequenced, verify
from tests.node.verify.pretended import NOW, key_of

TODAY = datetime.now(ZoneInfo("America/Santiago")).date()
LAST = (TODAY + timedelta(days=20)).isoformat()


@pytest.fixture(scope="module")
def fondo(tmp_path_factory):
    """A fund, a campaign that is matched up to 500, and gifts: of two that come at once, the last of the match goes to one."""
    with fund(tmp_path_factory.mktemp("matched")) as node:
        node.campaign = node.json("publish", "campaign", "goal=10000 CLP", f"closes={LAST}")["id"]
        limits = ("factor=1", "per_gift=200 CLP", "total=500 CLP", f"opens={TODAY}", f"closes={LAST}")
        node.match = node.json("publish", "match", f"campaign={node.campaign}", *limits)["id"]
        node.uri = f"{node.origin}/o/{node.match}"
        node.first = give(node, "250 CLP")
        with ThreadPoolExecutor(2) as pool:
            node.two = list(pool.map(lambda amount: give(node, amount), ("180 CLP", "180 CLP")))
        node.json(
            "publish",
            "donation",
            "amount=300 CLP",
            "status=cleared",
            "channel=bank",
            f"payment_for={node.match}",
        )
        node("revise", node.first, "status=reversed")
        sequenced(node, 6)
        yield node


def give(node, amount):
    booked = ("status=cleared", "channel=bank", f"campaign={node.campaign}")
    return node.json("publish", "donation", f"amount={amount}", *booked)["id"]


def test_of_two_gifts_at_once_the_last_of_the_match_goes_to_one_and_none_is_lost(fondo):
    label = label_of(fondo.uri)
    entries = fondo.json("account")["entries"]
    owed = sorted(
        posting["amount"]
        for entry in entries
        for posting in entry["postings"]
        if posting["account"] == f"equity:matching:{label}"
    )

    # 200 for the first, 180 and the last 120 for the two; 300 paid in; the first reversed, so that the money covers the others.
    assert owed == sorted(["200", "180", "120", "-300", "-200"])


def test_what_was_added_and_paid_in_is_told_with_the_campaign(fondo):
    told = fondo.json("campaign", fondo.campaign)

    assert (told["cleared"], told["pledged"]) == ("660 CLP", "0 CLP")
    (match,) = told["matches"]
    assert (match["added"], match["paid"], match["left"]) == ("300 CLP", "300 CLP", "200 CLP")


def test_a_stranger_reckons_every_addition_again(fondo, tmp_path):
    code, findings = verify(fondo, tmp_path / "seen.json")

    assert (code, findings["wrong"]) == (0, None)
    assert {
        "check": "matches",
        "figure": "5 gifts and payments reckoned again within the limits of 1 matches",
    }.items() <= next(each for each in findings["findings"] if each["check"] == "matches").items()


FUND, CAMPAIGN, MATCH = (f"https://fondo.example/{path}" for path in ("c/fondo", "o/1", "o/2"))
DAY = date(2026, 9, 5)


def clp(amount):
    return Money(amount, "CLP")


def signed(record, id_, actor=FUND, at="2026-09-01T12:00:00Z"):
    return {"id": id_, "type": "Note", "attributedTo": actor, "published": at, **to_wire(record, id_)}


def stranger(limits, *, owner=FUND, unsigned=False):
    """A stranger's check of matches, of a fund that publishes one with these limits."""
    plain = {
        "campaign": Uri(CAMPAIGN),
        "opens": date(2026, 9, 1),
        "closes": date(2026, 9, 30),
        "total": clp(500),
    }
    document = signed(Match(**{**plain, **limits}), MATCH, owner)
    if not unsigned:
        document = add_proof(document, key_of(FUND), f"{FUND}#k", NOW)
    client = httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(200, json=document)))
    signer = Signer(FUND, {f"{FUND}#k": (key_of(FUND).public_key(), None)}, NOW)
    return Matches(Own(Source(client, FUND), signer), partial=False)


def said(number, at="2026-09-05T12:00:00Z", **given):
    plain = {"amount": clp(100), "status": "cleared", "channel": "bank", "on": DAY, "campaign": Uri(CAMPAIGN)}
    id_ = f"https://fondo.example/o/{number}"
    activity = f"https://fondo.example/s/{number}"
    thing = signed(Donation(**{**plain, **given}), id_)
    document = {"id": activity, "type": "Create", "actor": FUND, "published": at, "object": thing}
    return read_act(document, activity, FUND, NOW)


def by_match(added, **given):
    return {"match": Uri(MATCH), "matched": clp(added) if added else None, **given}


@pytest.mark.parametrize(
    ("limits", "activities", "named"),
    [
        ({}, [said(3, **by_match(99))], r"o/3 says that .* added 99 .* its limits give 100"),
        ({"per_gift": clp(50)}, [said(3, **by_match(100))], "its limits give 50"),
        (
            {"total": clp(150)},
            [said(3, **by_match(100)), said(4, **by_match(100))],
            "o/4 .* its limits give 50",
        ),
        ({}, [said(3, **by_match(100, earned=clp(1)))], "moved 1 of what was paid in"),
        ({}, [said(3, **by_match(100, matched=Money(100, "USD")))], "o/3 has USD as matched, .* adds CLP"),
        ({}, [said(3, **by_match(100, earned=Money(0, "USD")))], "o/3 has USD as earned"),
        ({}, [said(3, **by_match(100, amount=Money(100, "USD")))], "o/3 has USD as amount"),
        ({}, [said(3, **by_match(100, on=date(2026, 8, 31)))], "o/3 is no gift that"),
        ({}, [said(3, **by_match(100)), said(4)], "o/4 came when .* stood, which added nothing to it"),
        ({}, [said(3), said(4, **by_match(100))], "o/3 came when .* stood, which added nothing to it"),
        ({}, [said(3, **by_match(100)), said(3)], "o/3 named a match and does so no more"),
        (
            {},
            [said(3, **by_match(100)), said(3, status="reversed", **by_match(100))],
            "added 100 .* its limits give 0",
        ),
    ],
)
def test_a_fund_that_does_not_keep_to_its_limits_is_named(limits, activities, named):
    matches = stranger(limits)
    for activity in activities[:-1]:
        matches.gift(activity)
    with pytest.raises(DifferenceError, match=named):
        matches.gift(activities[-1])


def test_gifts_that_no_match_had_promised_anything_are_nothing_to_complain_of():
    matches = stranger({"total": clp(100)})
    for activity in (
        said(3, at="2026-08-31T12:00:00Z"),
        said(8, at="2026-09-01T12:00:00Z"),
        said(4, **by_match(100)),
        said(3, fee=clp(1)),
        said(5),
        said(6, on=date(2026, 10, 1)),
        said(7, campaign=None),
        said(9, status="pledged"),
    ):
        matches.gift(activity)
    assert (matches.compared, matches.uncompared) == (1, 0)


@pytest.mark.parametrize("how", [{"owner": "https://other.example/c/other"}, {"unsigned": True}])
def test_limits_that_the_fund_did_not_sign_are_named(how):
    with pytest.raises(DifferenceError, match="proof" if how.get("unsigned") else "is nothing that"):
        stranger({}, **how).gift(said(3, **by_match(100)))
