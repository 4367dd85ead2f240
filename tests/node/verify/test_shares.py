"""One allocation from outside: whatever is served at its address, its round's or its collective's ends in a verdict."""

import httpx
import pytest

from node.errors import ElsewhereError, InvalidError
from node.verify import DifferenceError, Source, published
from tests.node.verify.pretended import FRIEND, FUND, MAULE, NOW, Pretended
from tests.node.verify.sharing import Shared


@pytest.fixture
def fund():
    made = Pretended()
    made.gift(5000)
    return made


@pytest.fixture
def shared(fund):
    return Shared(fund).decided().closes().shared()


def asked(fund, url):
    client = httpx.Client(transport=httpx.MockTransport(fund.answer))
    return published(Source(client, ""), url, NOW)


def test_an_allocation_is_read_as_its_collective_signed_it(fund, shared):
    found = asked(fund, shared.allocation)

    assert (found.uri, found.actor, found.claims) == (shared.allocation, FUND, 2)
    assert found.record == shared.record


def test_the_address_of_something_else_is_answered_with_what_to_give(fund, shared):
    for url in (FUND, shared.decision["id"]):
        with pytest.raises(InvalidError) as refused:
            asked(fund, url)
        assert refused.value.expected == "the address of a round or an allocation"


@pytest.mark.parametrize("lacking", ["id", "attributedTo", "kind", "proof"])
@pytest.mark.parametrize("value", [None, ["x"], {"id": "x"}, 5])
def test_an_allocation_that_does_not_say_what_it_is_ends_in_a_verdict(fund, shared, lacking, value):
    thing = fund.note(shared.record, 12, uri=shared.allocation)
    for served in ({**thing, lacking: value}, {name: thing[name] for name in thing if name != lacking}):
        fund.serve(shared.allocation, served)
        with pytest.raises((DifferenceError, InvalidError)):
            asked(fund, shared.allocation)


@pytest.mark.parametrize("lacking", ["id", "attributedTo", "kind", "record", "proof"])
def test_a_round_that_does_not_say_what_it_is_ends_in_a_verdict(fund, shared, lacking):
    round = {name: shared.round[name] for name in shared.round if name != lacking}
    fund.serve(shared.round["id"], round)

    for url in (shared.round["id"], shared.allocation):
        with pytest.raises((DifferenceError, InvalidError)):
            asked(fund, url)


@pytest.mark.parametrize(
    "served", [{}, {"id": FRIEND}, {"id": 5}, {"id": FUND}, {"id": FUND, "assertionMethod": [5]}]
)
def test_an_actor_that_is_none_ends_in_a_verdict(fund, shared, monkeypatch, served):
    real = fund.answer
    monkeypatch.setattr(
        fund,
        "answer",
        lambda request: httpx.Response(200, json=served) if str(request.url) == FUND else real(request),
    )

    with pytest.raises((DifferenceError, ElsewhereError)):
        asked(fund, shared.allocation)


def test_a_round_of_another_collective_lends_no_seed(fund, shared):
    fund.note(shared.round_record, 5, uri=shared.round["id"], by=MAULE)

    with pytest.raises(DifferenceError):
        asked(fund, shared.allocation)
