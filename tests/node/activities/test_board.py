"""Offers, meals and notes: what may be said and how it reads."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from node.activities import REGISTRY
from node.domain.kind import NotAllowedError
from node.domain.markup import to_text
from schemas import Money, Quantity, Unit
from schemas.meal import Meal, Ration
from schemas.need import Need
from schemas.note import Note
from schemas.offer import Offer
from tests.node.village import Village, actor

TODAY = date(2020, 8, 20)


@pytest.fixture
def village() -> Village:
    return Village("esperanza", "cooperativa")


def said(village: Village, uri: str) -> str:
    thing = village["cooperativa"].thing(uri)
    assert thing is not None
    return to_text(thing.document["content"])


def kg(amount: int) -> Quantity:
    return Quantity.of(amount, Unit.KILOGRAM)


def rations(amount: int | str) -> Quantity:
    return Quantity.of(amount, Unit.ONE)


def test_an_offer_without_price_is_a_gift_and_without_quantity_does_not_run_out(village: Village) -> None:
    assert said(village, village.create("esperanza", Offer(what="arroz", quantity=kg(20)))).startswith(
        "Ofrecemos 20 kg de arroz. Es un regalo. Esperanza."
    )
    endless = village.create(
        "esperanza", Offer(what="taller de panadería", by=datetime(2020, 9, 1, tzinfo=UTC))
    )
    assert said(village, endless).startswith(
        "Ofrecemos taller de panadería hasta el 31 de agosto de 2020 a las 20:00."
    )
    sold = village.create(
        "esperanza", Offer(what="arroz", quantity=kg(20), price=Money(18000, "CLP"), minimum=kg(5))
    )
    assert "Precio de todo: 18.000 CLP. Al menos 5 kg por entrega." in said(village, sold)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minimum": kg(21)}, "minimum"),
        ({"minimum": Quantity.of(1, Unit.LITRE)}, "minimum"),
        ({"by": datetime(2020, 8, 1, tzinfo=UTC)}, "by"),
    ],
)
def test_an_offer_that_does_not_hold_is_refused(
    village: Village, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(NotAllowedError) as caught:
        village.create("esperanza", Offer(what="arroz", quantity=kg(20)).changed(**changes))
    assert caught.value.field == field


def test_a_meal_says_what_a_ration_is(village: Village) -> None:
    ration = Ration(energy=Quantity.of(700, Unit.KILOCALORIE), portion="un almuerzo")
    full = Meal(
        menu="porotos con riendas", on=TODAY, planned=rations(120), served=rations(118), ration=ration
    )
    assert said(village, village.create("esperanza", full)) == (
        "El 20 de agosto de 2020 servimos 118 raciones de porotos con riendas (planeadas: 120). Una ración: 700 kcal, un almuerzo."
    )
    assert "Una ración: un plato de comida, sin contar calorías." in said(
        village, village.create("esperanza", full.changed(ration=None))
    )


def test_a_meal_to_come_is_planned_and_cannot_have_been_served(village: Village) -> None:
    later = Meal(menu="cazuela", on=date(2020, 8, 25), planned=rations(1))
    assert said(village, village.create("esperanza", later)).startswith(
        "Para el 25 de agosto de 2020 planeamos 1 ración de cazuela."
    )
    for wrong, field in (
        (later.changed(served=rations(1)), "on"),
        (later.changed(planned=None), "planned"),
        (later.changed(planned=rations("1.5")), "planned"),
        (later.changed(planned=rations(0)), "planned"),
    ):
        with pytest.raises(NotAllowedError) as caught:
            village.create("esperanza", wrong)
        assert caught.value.field == field


def test_a_meal_is_moved_and_called_off_in_words_that_everybody_reads(village: Village) -> None:
    meal = Meal(menu="cazuela", on=date(2020, 8, 25), planned=rations(80), place="La Pintana")
    uri = village.create("esperanza", meal)
    village.revise("esperanza", uri, meal.changed(on=date(2020, 8, 26)))
    assert said(village, uri).startswith(
        "Para el 26 de agosto de 2020 planeamos 80 raciones de cazuela. Cambió el día: iba a ser el 25 de agosto de 2020. "
        "Dónde: La Pintana."
    )
    village.revise("esperanza", uri, meal.changed(on=date(2020, 8, 26), status="cancelled"))
    assert said(village, uri).startswith(
        "El 26 de agosto de 2020 no habrá comida: suspendemos 80 raciones de cazuela."
    )
    seen = village["cooperativa"].thing(uri)
    assert seen is not None
    assert seen.state == "cancelled"
    assert seen.document["record"]["movedFrom"] == "2020-08-25"
    village.revise("esperanza", uri, meal)
    assert "Cambió" not in said(village, uri)


def test_nothing_is_planned_for_a_day_that_is_over_nor_served_where_it_was_called_off(
    village: Village,
) -> None:
    meal = Meal(menu="cazuela", on=TODAY, planned=rations(80))
    for wrong, field in (
        (meal.changed(on=date(2020, 8, 19)), "on"),
        (meal.changed(served=rations(80), status="cancelled"), "served"),
        (meal.changed(people=rations("1.5")), "people"),
    ):
        with pytest.raises(NotAllowedError) as caught:
            village.create("esperanza", wrong)
        assert caught.value.field == field
    uri = village.create("esperanza", meal)
    village.wait(days=2)
    village.revise("esperanza", uri, meal.changed(planned=rations(90)))  # its day is over, and stays
    village.revise("esperanza", uri, meal.changed(served=rations(70)))


def test_a_meal_counts_who_cooked_and_how_long_but_names_nobody(village: Village) -> None:
    meal = Meal(
        menu="cazuela",
        on=TODAY,
        served=rations(80),
        people=rations(6),
        hours=Quantity.of("18.5", Unit.HOUR),
        ration=Ration(portion="un plato", price=Money(1500, "CLP")),
    )
    assert said(village, village.create("esperanza", meal)).endswith(
        "Una ración: un plato, 1.500 CLP. Cocinaron 6 personas. Trabajo en total: 18,5 horas."
    )


def test_an_urgent_need_says_so_first_and_stays_urgent_when_part_of_it_came(village: Village) -> None:
    need = Need(what="gas", quantity=Quantity.of(2, Unit.ONE), urgent=True)
    uri = village.create("esperanza", need)
    assert said(village, uri).startswith("¡Urgente! Necesitamos 2 gas")
    village.revise("esperanza", uri, need.changed(urgent=False))
    seen = village["cooperativa"].thing(uri)
    assert seen is not None
    assert (seen.facts, "urgent" in seen.document) == ({}, False)


def test_today_is_the_day_of_the_kitchen_and_of_a_peer_wherever_it_is(village: Village) -> None:
    village.now = datetime(2020, 8, 21, 2, tzinfo=UTC)  # still the 20th in Santiago
    meal = Meal(menu="x", on=date(2020, 8, 21), served=rations(1))
    with pytest.raises(NotAllowedError):
        village.create("esperanza", meal)
    from_sydney = village.create("esperanza", meal.changed(on=TODAY))
    assert village["cooperativa"].thing(from_sydney) is not None


def test_a_note_names_whom_it_mentions_and_its_tags() -> None:
    kind = REGISTRY["note"]
    village = Village("esperanza")
    note = Note(text="gracias @cooperativa@cooperativa.example y @nadie@lejos.invalid #OllaComún #ollacomún")
    view = village["esperanza"].view(actor("esperanza"))
    assert kind.addressees(note, view) == (actor("cooperativa"),)
    assert len(kind.hashtags(note, None)) == 1  # type: ignore[arg-type]
    assert 'class="u-url mention"' in kind.text(note, None, view)  # type: ignore[arg-type]
