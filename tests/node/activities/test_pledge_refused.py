"""What is refused of a pledge: what does not fit, what somebody else says, what was not agreed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from node.activities import REGISTRY
from node.domain.kind import Verb
from schemas import Quantity, Unit, Uri
from schemas.need import Need
from schemas.pledge import Pledge
from tests.node.activities.negotiating import accepted, heard, kg, lacking, offer, refused, thing_of
from tests.node.village import Village


def test_a_peer_cannot_raise_a_pledge_after_its_acceptance(village: Village, need: str) -> None:
    pledge = accepted(village, need, 25)
    thing = thing_of(village, "esperanza", pledge)
    assert isinstance(thing.record, Pledge)
    larger = thing.record.changed(quantity=kg(26))
    with refused(village, "only becomes smaller", "quantity"):
        village.hear(
            "esperanza", REGISTRY["pledge"], heard(village, Verb.UPDATE, thing.facts["echo"], larger)
        )


@pytest.mark.parametrize("verb", [Verb.UPDATE, Verb.CREATE])
def test_an_echo_that_does_not_read_takes_nothing_from_the_agreed_pledge(
    village: Village, need: str, verb: Verb
) -> None:
    pledge = accepted(village, need, 25)
    echo = thing_of(village, "esperanza", pledge).facts["echo"]
    with refused(village, "the whole pledge", "record"):
        village.hear("esperanza", REGISTRY["pledge"], heard(village, verb, echo))
    assert lacking(village, need) == 15


@pytest.mark.parametrize(
    ("amount", "unit", "field", "expected"),
    [
        (41, Unit.KILOGRAM, "quantity", "only .* is lacking"),
        (9, Unit.KILOGRAM, "quantity", "at least"),
        (20, Unit.LITRE, "quantity", "as it was asked for"),
    ],
)
def test_an_offer_that_does_not_fit_is_refused(
    village: Village, need: str, amount: int, unit: Unit, field: str, expected: str
) -> None:
    with refused(village, expected, field):
        village.create("cooperativa", Pledge(need=Uri(need), quantity=Quantity.of(amount, unit)))


def test_nothing_is_promised_for_a_day_that_is_over(village: Village, need: str) -> None:
    with refused(village, "still to come", "by"):
        late = village.now - timedelta(seconds=1)
        village.create("cooperativa", Pledge(need=Uri(need), quantity=kg(25), by=late))


def test_the_least_that_helps_is_never_more_than_what_is_lacking(village: Village, need: str) -> None:
    accepted(village, need, 34)
    with refused(village, r"at least .*Decimal\(.6.\)", "quantity"):
        offer(village, need, 3)
    offer(village, need, 6)


def test_nobody_pledges_to_itself_nor_twice_at_once_nor_for_what_is_covered_or_over(
    village: Village, need: str
) -> None:
    with refused(village, "somebody else", "need"):
        offer(village, need, 10, by="esperanza")
    first = offer(village, need, 10)
    with refused(village, "waits for its answer", "need"):
        offer(village, need, 10)
    village.answer("esperanza", Verb.ACCEPT, first)
    accepted(village, need, 30)
    with refused(village, "not covered yet", "need"):
        offer(village, need, 10)
    other = village.create(
        "esperanza", Need(what="arroz", quantity=kg(5), by=village.now + timedelta(days=1))
    )
    village.wait(days=2)
    with refused(village, "deadline is not over", "need"):
        offer(village, other, 5)


def test_an_offer_for_what_never_was_or_is_somebody_elses_is_refused(village: Village, need: str) -> None:
    unknown = Pledge(need=Uri("https://nadie.example/o/1/proposal#primary"), quantity=kg(10))
    with refused(village, "need that this node knows", "need"):
        village.create("cooperativa", unknown)
    kind = REGISTRY["pledge"]
    with refused(village, "need that this node knows", "need"):
        village.hear(
            "esperanza", kind, heard(village, Verb.OFFER, "https://cooperativa.example/s/99", unknown)
        )
    of_another = Pledge(need=Uri(f"{need}/proposal#primary"), quantity=kg(10))
    with refused(village, "need that this node knows", "need"):
        village.hear(
            "lejana", kind, heard(village, Verb.OFFER, "https://cooperativa.example/s/98", of_another)
        )


def test_only_who_asked_answers_and_only_who_promised_takes_back(village: Village, need: str) -> None:
    pledge = offer(village, need, 25)
    for verb in (Verb.ACCEPT, Verb.REJECT):
        with refused(village, "answered by who asked", "owner"):
            village.answer("cooperativa", verb, pledge)
        with refused(village, "answered by who asked", "owner"):
            village.hear("esperanza", REGISTRY["pledge"], heard(village, verb, pledge, by="lejana"))
    for verb in (Verb.UNDO, Verb.DELETE):
        with refused(village, "said by its owner", "owner"):
            village.hear("esperanza", REGISTRY["pledge"], heard(village, verb, pledge, by="lejana"))


@pytest.mark.parametrize(
    "result", [None, {}, {"id": "https://lejana.example/g/1"}, {"id": ["https://esperanza.example/g/1"]}]
)
def test_an_acceptance_must_return_an_agreement_of_who_accepts(
    village: Village, need: str, result: Any
) -> None:
    pledge = offer(village, need, 25)
    forged = replace(heard(village, Verb.ACCEPT, pledge, by="esperanza"), result=result)
    with refused(village, "agreement with an id of its own", "result"):
        village.hear("cooperativa", REGISTRY["pledge"], forged)


@pytest.mark.parametrize(
    ("amount", "intent"),
    [("24", "{need}/proposal#primary"), ("25", "{need}0/proposal#primary"), ("x", "{need}")],
)
def test_an_acceptance_of_other_terms_than_those_offered_is_refused(
    village: Village, need: str, amount: str, intent: str
) -> None:
    pledge = offer(village, need, 25)
    quantity = {"hasUnit": "kilogram", "hasNumericalValue": amount}
    terms = {"type": "Commitment", "satisfies": intent.format(need=need), "resourceQuantity": quantity}
    result = {"type": "Agreement", "id": "https://esperanza.example/g/1", "stipulates": terms}
    forged = replace(heard(village, Verb.ACCEPT, pledge, by="esperanza"), result=result)
    with refused(village, "as it was offered", "result"):
        village.hear("cooperativa", REGISTRY["pledge"], forged)


def test_an_echo_of_somebody_elses_agreement_is_no_pledge_of_theirs(village: Village, need: str) -> None:
    pledge = accepted(village, need, 25)
    thing = thing_of(village, "esperanza", pledge)
    forged = replace(
        heard(village, Verb.CREATE, "https://lejana.example/o/99", thing.record, by="lejana"),
        document={"id": "https://lejana.example/o/99", "context": thing.facts["agreement"]},
    )
    village.hear("esperanza", REGISTRY["pledge"], forged)
    assert thing_of(village, "esperanza", pledge) == thing
    assert thing_of(village, "esperanza", "https://lejana.example/o/99").state == "echoed"
    assert lacking(village, need) == 15


def test_an_agreed_pledge_that_cannot_be_read_any_more_never_grows(village: Village, need: str) -> None:
    pledge = accepted(village, need, 25)
    thing = thing_of(village, "esperanza", pledge)
    node = village["esperanza"]
    node.things[thing.id] = replace(thing, record=None)
    later = heard(village, Verb.UPDATE, thing.facts["echo"], thing.record)
    with refused(village, "can still be read", "pledge"):
        village.hear("esperanza", REGISTRY["pledge"], later)
