"""A need: what it says, and what it answers when it is covered, changed or withdrawn."""

from datetime import UTC, datetime
from typing import Any

import pytest

from node.activities import REGISTRY
from node.domain.kind import Verb
from node.domain.markup import to_text
from node.domain.proposal import twin
from node.tongues import Tongue
from schemas import Quantity, Unit
from schemas.need import Need
from tests.node.activities.negotiating import (
    ES,
    OVER,
    accepted,
    heard,
    kg,
    lacking,
    offer,
    receive,
    refused,
    thing_of,
)
from tests.node.village import SANTIAGO, Village, actor


def test_a_need_says_what_is_lacking_when_it_is_partly_and_wholly_covered(
    village: Village, need: str
) -> None:
    def said() -> str:
        return to_text(thing_of(village, "lejana", need).document["content"])

    assert said() == (
        "Necesitamos 40 kg de lentejas hasta el 28 de agosto de 2020. Mínimo útil: 10 kg. Esperanza. "
        f"Responde a esta publicación: {need}"
    )
    accepted(village, need, 25)
    assert "Faltan 15 kg." in said()
    accepted(village, need, 15)
    assert said().startswith(
        "Cubierta, ya no falta nada (0 kg): pedíamos 40 kg de lentejas hasta el 28 de agosto de 2020. ¡Gracias!"
    )
    assert "Mínimo útil" not in said()


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"minimum": kg(41)}, "minimum", "at most"),
        ({"minimum": Quantity.of(1, Unit.LITRE)}, "minimum", "like the quantity"),
        ({"by": datetime(2020, 8, 20, 12, tzinfo=UTC)}, "by", "still to come"),
    ],
)
def test_a_need_that_does_not_hold_is_refused(
    village: Village, changes: dict[str, Any], field: str, expected: str
) -> None:
    with refused(village, expected, field):
        village.create("esperanza", Need(what="arroz", quantity=kg(40)).changed(**changes))


def test_a_need_is_changed_without_forgetting_its_pledges(village: Village, need: str) -> None:
    accepted(village, need, 25)
    record = thing_of(village, "esperanza", need).record
    assert isinstance(record, Need)
    village.revise("esperanza", need, record.changed(quantity=kg(60)))
    assert lacking(village, need) == 35
    with refused(village, "as it was asked for", "quantity"):
        village.revise("esperanza", need, record.changed(quantity=Quantity.of(60, Unit.LITRE), minimum=None))
    village.wait(days=30)
    village.revise("esperanza", need, record.changed(quantity=kg(50)))
    assert lacking(village, need) == 25


def test_a_need_stays_the_good_that_was_promised_and_no_less_than_what_was_received(
    village: Village, need: str
) -> None:
    def record() -> Need:
        found = thing_of(village, "esperanza", need).record
        assert isinstance(found, Need)
        return found

    village.revise("esperanza", need, record().changed(what="arroz"))
    village.revise("esperanza", need, record().changed(what="lentejas"))
    agreed = accepted(village, need, 25)
    with refused(village, "as before", "what"):
        village.revise("esperanza", need, record().changed(what="arroz"))
    with refused(village, "as it was asked for", "quantity"):
        village.revise("esperanza", need, record().changed(quantity=Quantity.of(40, Unit.LITRE)))
    village.revise("esperanza", need, record().changed(what="Lentejas", quantity=kg(20)))
    receive(village, agreed, 18)
    with refused(village, "as before", "what"):
        village.revise("esperanza", need, record().changed(what="arroz"))
    with refused(village, "received already", "quantity"):
        village.revise("esperanza", need, record().changed(quantity=kg(17)))
    village.revise("esperanza", need, record().changed(quantity=kg(18)))
    assert lacking(village, need) == 0


def test_more_than_was_asked_for_may_arrive_and_the_need_still_says_so(village: Village, need: str) -> None:
    offered = [offer(village, need, amount, by) for amount, by in ((40, "cooperativa"), (10, "lejana"))]
    for pledge in reversed(offered):
        village.answer("esperanza", Verb.ACCEPT, pledge, options=OVER)
        receive(village, pledge, 40 if pledge == offered[0] else 10)
    assert lacking(village, need) == 0


def test_a_good_is_said_in_the_readers_language(village: Village, need: str) -> None:
    record = thing_of(village, "esperanza", need).record
    assert isinstance(record, Need)
    assert record.good == "https://w3id.org/minga/ns#Lentils"
    english = REGISTRY["need"].text(
        record, Tongue.of("en", SANTIAGO), village["esperanza"].view(actor("esperanza"), need)
    )
    assert "We need 40 kg of lentils by 28 August 2020. Useful from: 10 kg." in english


def test_the_twin_of_a_need_is_a_proposal_with_the_same_data(village: Village, need: str) -> None:
    thing = thing_of(village, "esperanza", need)
    assert isinstance(thing.record, Need)
    proposal = twin(thing.document, thing.record, ES)
    assert proposal["id"] == f"{need}/proposal"
    assert proposal["type"] == "Proposal"
    assert proposal["name"] == "40 kg de lentejas"
    assert proposal["publishes"] == thing.document["publishes"]
    assert proposal["purpose"] == "request"
    assert proposal["@context"][2]["Proposal"] == "vf:Proposal"


def test_when_the_need_is_covered_those_who_still_wait_are_answered(village: Village, need: str) -> None:
    late = offer(village, need, 40, by="lejana")
    accepted(village, need, 40)
    for name in ("esperanza", "lejana"):
        assert thing_of(village, name, late).state == "rejected"
    with refused(village, "waits for an answer", "pledge"):
        village.answer("esperanza", Verb.ACCEPT, late, options=OVER)


def test_a_withdrawn_need_answers_all_its_pledges(village: Village, need: str) -> None:
    waiting, agreed = offer(village, need, 10, by="lejana"), accepted(village, need, 25)
    village.answer("esperanza", Verb.DELETE, need)
    assert thing_of(village, "lejana", waiting).state == "rejected"
    for name in ("esperanza", "cooperativa"):
        refused_after_all = thing_of(village, name, agreed)
        assert refused_after_all.state == "rejected"
        assert refused_after_all.facts["reason"]
    with refused(village, "not withdrawn", "need"):
        offer(village, need, 5)


def test_a_need_or_receipt_that_does_not_read_takes_nothing_back(village: Village, need: str) -> None:
    receipt = receive(village, accepted(village, need, 25), 20)
    for kind, about in (("need", need), ("receipt", receipt)):
        with refused(village, f"the whole {kind}", "record"):
            village.hear("cooperativa", REGISTRY[kind], heard(village, Verb.UPDATE, about, by="esperanza"))
