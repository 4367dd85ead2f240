"""What arrived of a pledge: a shortfall is lacking again, more may come, a mistake is corrected."""

from datetime import timedelta

from node.activities import REGISTRY
from node.domain.kind import Heard, Verb
from node.domain.markup import to_text
from schemas import Quantity, Unit, Uri
from schemas.receipt import Receipt
from tests.node.activities.negotiating import (
    TODAY,
    accepted,
    kg,
    lacking,
    offer,
    receive,
    refused,
    take_back,
    thing_of,
)
from tests.node.village import Village, actor


def test_a_shortfall_is_lacking_again_and_more_keeps_the_pledge_open(village: Village, need: str) -> None:
    pledge = accepted(village, need, 25)
    receive(village, pledge, 10, more=True)
    assert lacking(village, need) == 15
    last = receive(village, pledge, 13)
    assert lacking(village, need) == 17
    with refused(village, "more is to come", "of"):
        receive(village, pledge, 1)
    village.answer("esperanza", Verb.DELETE, last)
    assert lacking(village, need) == 15


def test_a_receipt_is_corrected(village: Village, need: str) -> None:
    pledge = accepted(village, need, 25)
    receipt = receive(village, pledge, 24)
    thing = thing_of(village, "esperanza", receipt)
    assert isinstance(thing.record, Receipt)
    village.revise("esperanza", receipt, thing.record.changed(quantity=kg(20)))
    assert lacking(village, need) == 20
    with refused(village, "at most what was promised", "quantity"):
        village.revise("esperanza", receipt, thing.record.changed(quantity=kg(26)))


def test_what_was_received_of_a_withdrawn_pledge_stays_received(village: Village, need: str) -> None:
    pledge = accepted(village, need, 25)
    receive(village, pledge, 10, more=True)
    take_back(village, "cooperativa", pledge)
    assert lacking(village, need) == 30


def test_a_received_pledge_is_not_taken_back_by_its_own_node(village: Village, need: str) -> None:
    pledge = accepted(village, need, 25)
    receive(village, pledge, 25)
    with refused(village, "not received yet", "pledge"):
        take_back(village, "cooperativa", pledge)
    with refused(village, "waits for an answer|nothing was received", "pledge"):
        village.answer("esperanza", Verb.REJECT, pledge)


def test_a_receipt_that_does_not_fit_is_refused(village: Village, need: str) -> None:
    pledge = offer(village, need, 25)
    with refused(village, "was accepted", "of"):
        receive(village, pledge, 25)
    village.answer("esperanza", Verb.ACCEPT, pledge)
    with refused(village, "at most what was promised", "quantity"):
        receive(village, pledge, 26)
    with refused(village, "as it was promised", "quantity"):
        village.create("esperanza", Receipt(of=Uri(pledge), quantity=Quantity.of(1, Unit.LITRE), on=TODAY))
    with refused(village, "today or an earlier day", "on"):
        village.create("esperanza", Receipt(of=Uri(pledge), quantity=kg(25), on=TODAY + timedelta(days=1)))
    with refused(village, "pledge or a transfer that this node knows", "of"):
        receive(village, "https://nadie.example/g/1#primary", 1)
    with refused(village, "said by who asked", "owner"):
        village.create("cooperativa", Receipt(of=Uri(pledge), quantity=kg(25), on=TODAY))
    assert lacking(village, need) == 15


def test_a_receipt_says_who_what_how_much_and_what_is_lacking_now(village: Village, need: str) -> None:
    pledge = accepted(village, need, 25)
    receipt = thing_of(village, "lejana", receive(village, pledge, 24))
    assert to_text(receipt.document["content"]) == (
        "El 20 de agosto de 2020 recibimos 24 kg de lentejas de Cooperativa (comprometidos: 25 kg). Gracias. Faltan 16 kg."
    )
    assert receipt.document["inReplyTo"] == need
    assert receipt.document["context"] == thing_of(village, "cooperativa", pledge).facts["agreement"]
    assert receipt.document["record"]["provider"] == actor("cooperativa")


def test_a_receipt_of_a_stranger_counts_nothing_even_where_it_came_before_the_agreement(
    village: Village, need: str
) -> None:
    pledge = offer(village, need, 25)
    known = accepted(village, need, 10, by="lejana")
    agreement, number = thing_of(village, "esperanza", known).facts["agreement"].rsplit("/", 1)
    guesses = [f"{agreement}/{int(number) + step}#primary" for step in range(1, 20)]
    for guess in guesses:
        record = Receipt(of=Uri(guess), quantity=kg(25), on=TODAY)
        uri = f"https://mallory.example/o/{guess.rsplit('/', 1)[-1]}"
        heard = Heard(
            id=f"{uri}/create",
            verb=Verb.CREATE,
            actor=actor("mallory"),
            object_id=uri,
            at=village.now,
            record=record,
            document={"id": uri, "type": "Note", "kind": "receipt"},
        )
        village.hear("esperanza", REGISTRY["receipt"], heard)
    village.answer("esperanza", Verb.ACCEPT, pledge)
    assert f"{thing_of(village, 'esperanza', pledge).facts['agreement']}#primary" in guesses
    assert lacking(village, need) == 5
    receive(village, pledge, 20)
    assert lacking(village, need) == 10
