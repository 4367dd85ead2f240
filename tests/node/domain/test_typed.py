"""Fields as people type them become a record, or an error that names the field."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.kind import NotAllowedError
from node.domain.typed import example_rows, misread, read_fields
from node.tongues import Tongue
from schemas import Money, Quantity, Record, Unit, fields
from schemas.allocation import Allocation
from schemas.campaign import Campaign
from schemas.criteria import Criteria
from schemas.decision import Decision
from schemas.donation import Donation
from schemas.meal import Meal, Ration
from schemas.need import Need
from schemas.note import Note
from schemas.pledge import Pledge
from schemas.receipt import Receipt

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
TODAY = date(2020, 8, 20)
R = TypeVar("R", bound=Record)
KG = Unit.KILOGRAM


def resolve(field: str, text: str) -> str:
    if text == "0":
        raise NotAllowedError(field, "text")
    return f"https://esperanza.example/o/{text}" if text.isdecimal() else text


def read(struct: type[R], before: R | None = None, /, **given: Any) -> R:
    return read_fields(struct, given, ES, TODAY, resolve, before=before)


def refused(struct: type[Record], /, **given: Any) -> tuple[str, str]:
    with pytest.raises(NotAllowedError) as caught:
        read(struct, **given)
    return caught.value.field, ES.say(caught.value.expected, **caught.value.values)


def test_the_line_of_a_need() -> None:
    need = read(Need, what="lentejas", quantity="40 kg", minimum="10 kg", by="2020-08-28", place="La Pintana")
    assert need == Need(
        what="lentejas",
        quantity=Quantity.of(40, KG),
        minimum=Quantity.of(10, KG),
        by=datetime(2020, 8, 29, 3, 59, 59, tzinfo=UTC),
        place="La Pintana",
    )


def test_fields_have_their_names_in_spanish_too() -> None:
    assert read(
        Need, **{"qué": "lentejas", "Cantidad": "40 kg", "hasta": "28/8", "mínimo": "10 kg", "lugar": "Lima"}
    ) == read(Need, what="lentejas", quantity="40 kg", by="28/8", minimum="10 kg", place="Lima")


def test_a_field_is_not_taken_twice_under_two_names() -> None:
    field, expected = refused(Need, what="arroz", quantity="1.5 kg", cantidad="2 kg")
    assert (field, expected) == ("quantity", "un solo valor; viene dos veces, también como cantidad")


def test_the_line_of_a_pledge_names_its_need_by_number_or_address() -> None:
    assert read(Pledge, need="7", quantity="25 kg").need == "https://esperanza.example/o/7"
    assert read(Pledge, need="https://a.example/o/1", quantity="25 kg").need == "https://a.example/o/1"
    assert refused(Pledge, need="0", quantity="25 kg")[0] == "need"


def test_a_receipt_is_of_today_unless_it_says_another_day() -> None:
    receipt = read(Receipt, of="7", quantity="24 kg", more="true")
    assert (receipt.on, receipt.more) == (TODAY, True)
    assert read(Receipt, of="7", quantity="24 kg", on="ayer").on == date(2020, 8, 19)
    assert read(Receipt, of="7", quantity="24 kg").more is False
    assert refused(Receipt, of="7", quantity="24 kg", more="quizás") == ("more", "sí o no")


def test_the_line_of_a_meal() -> None:
    meal = read(
        Meal,
        menu="porotos con riendas",
        on="2020-08-19",
        planned="120",
        served=118,
        ration="700 kcal, un almuerzo",
    )
    assert meal.planned == Quantity.of(120, Unit.ONE)
    for typed in ("1.200", "1,200", "1200"):
        assert read(Meal, menu="x", planned=typed).planned == Quantity.of(1200, Unit.ONE)
    assert meal.served == Quantity.of(118, Unit.ONE)
    assert meal.ration == Ration(energy=Quantity.of(700, Unit.KILOCALORIE), portion="un almuerzo")
    for typed, ration in (
        ("un almuerzo", Ration(portion="un almuerzo")),
        ("1500 CLP, un plato, con pan", Ration(price=Money(1500, "CLP"), portion="un plato, con pan")),
        ("700 kcal, 1500 CLP", Ration(energy=Quantity.of(700, Unit.KILOCALORIE), price=Money(1500, "CLP"))),
    ):
        assert read(Meal, menu="x", planned="1", ration=typed).ration == ration
    assert read(Meal, menu="x", planned="1", ration='{"porción": "un plato"}').ration == Ration(
        portion="un plato"
    )


def test_the_line_of_a_donation_takes_its_words_in_either_language() -> None:
    donation = read(Donation, amount="375000 CLP", status="cleared", channel="bank")
    assert donation == Donation(amount=Money(375000, "CLP"), status="cleared", channel="bank", on=TODAY)
    assert read(Donation, amount="375.000 CLP", status="acreditado", channel="Banco") == donation
    stated = read(
        Donation,
        amount="203000 CLP",
        status="cleared",
        channel="bank",
        stated='{"amount": "200 EUR", "rate": "1015"}',
    )
    assert stated.stated is not None
    assert (stated.stated.amount, stated.stated.rate) == (Money(20000, "EUR"), Decimal(1015))


CLAIMS = '[{"claimant":"https://esperanza.example/c/esperanza","weight":"600"},{"claimant":"https://villasol.example/c/villasol","weight":240}]'


def test_the_line_of_an_allocation() -> None:
    record = read(
        Allocation,
        available="625000 CLP",
        unit_price="1500 CLP",
        rule="largest-remainder/1",
        seed="https://fondo.example/rounds/1",
        claims=CLAIMS,
    )
    assert [(row.claimant, row.weight) for row in record.claims] == [
        ("https://esperanza.example/c/esperanza", 600),
        ("https://villasol.example/c/villasol", 240),
    ]
    assert record.unit_price == Money(1500, "CLP")
    assert (
        read(Allocation, available="1 CLP", rule="r", seed="s", claims=json.loads(CLAIMS)).claims
        == record.claims
    )


def test_a_change_keeps_the_rest_and_nothing_empties_a_field() -> None:
    before = Need(what="lentejas", quantity=Quantity.of(40, KG), available=Quantity.of(15, KG), place="Lima")
    after = read(Need, before, quantity="50 kg", place="")
    assert (after.quantity, after.place, after.available, after.what) == (
        Quantity.of(50, KG),
        None,
        Quantity.of(15, KG),
        "lentejas",
    )


@pytest.mark.parametrize(
    ("struct", "given", "field", "hint"),
    [
        (Need, {"what": "arroz"}, "quantity", "es obligatorio (cantidad)"),
        (Need, {"what": "", "quantity": "1 kg"}, "what", "es obligatorio"),
        (Need, {"what": "arroz", "quantity": "1 kg", "colour": "rojo"}, "colour", "what, quantity, minimum"),
        (
            Need,
            {"what": "arroz", "quantity": "1 kg", "available": "1 kg"},
            "available",
            "uno de estos campos",
        ),
        (Need, {"what": "arroz", "quantity": "1.500 kg"}, "quantity", '"1,5 kg" o "1500 kg"'),
        (Need, {"what": "arroz", "quantity": "0 kg"}, "quantity", "un número mayor que cero"),
        (Need, {"what": "arroz", "quantity": "-1 kg"}, "quantity", "un número mayor que cero"),
        (Need, {"what": "arroz", "quantity": 1.5}, "quantity", "un número decimal como texto"),
        (Need, {"what": "arroz", "quantity": {"x": 1}}, "quantity", "texto"),
        (Need, {"what": "x" * 200, "quantity": "1 kg"}, "what", "a lo más 100 caracteres"),
        (Need, {"what": "arroz", "quantity": "1 kg", "by": "nunca"}, "by", "un día, como"),
        (Meal, {"menu": "x", "planned": "12 kg"}, "planned", "una de estas unidades: u"),
        (
            Meal,
            {"menu": "x", "planned": "1", "ration": "9 sacos"},
            "ration.energy",
            "una de estas unidades: kcal",
        ),
        (Meal, {"menu": "x", "planned": "1", "ration": "[1"}, "ration.energy", "como 40 kcal"),
        (Meal, {"menu": "x", "planned": "1", "ration": "{1"}, "ration", "JSON"),
        (Donation, {"amount": "375000", "status": "cleared", "channel": "bank"}, "amount", "con su moneda"),
        (
            Donation,
            {"amount": "1 CLP", "status": "lost", "channel": "bank"},
            "status",
            "prometido, acreditado, devuelto",
        ),
        (
            Donation,
            {"amount": "1 CLP", "status": "cleared", "channel": "bank", "label": "D-1"},
            "label",
            "uno de estos campos",
        ),
        (
            Allocation,
            {"claims": '[{"claimant":"https://a.example/c/a","weight":0.5}]'},
            "claims",
            "un número decimal como texto",
        ),
        (
            Allocation,
            {"claims": [{"claimant": "https://a.example/c/a", "weight": 0.5}]},
            "claims[0].weight",
            "un número decimal",
        ),
        (
            Allocation,
            {"claims": '[{"claimant":"https://a.example/c/a"}]'},
            "claims[0].weight",
            "es obligatorio (peso)",
        ),
        (Allocation, {"claims": '[{"weight":"1"}]'}, "claims[0].claimant", "es obligatorio"),
        (Allocation, {"claims": "[NaN]"}, "claims", "un número decimal como texto"),
        (Allocation, {"claims": "[" * 100_000}, "claims", "una lista JSON"),
        (Allocation, {"claims": "esperanza 600"}, "claims", "una lista JSON"),
        (Allocation, {"claims": '["x"]'}, "claims[0].weight", "es obligatorio"),
        (
            Donation,
            {"amount": "1 CLP", "status": "cleared", "channel": "bank", "rewards": '[{"label": "r1"}]'},
            "rewards[0]",
            "texto y no un objeto, como r1",
        ),
        (
            Campaign,
            {"rewards": '[{"label": "r1", "title": "Una", "cost": "1 CLP"}]'},
            "rewards[0].cost",
            "uno de estos campos: label, title, price, stock",
        ),
        (Campaign, {"milestones": "170"}, "milestones", '{"percent": "10", "rations": "170", "price": '),
        (Note, {"text": "x" * 100_001}, "text", "a lo más 100.000 caracteres"),
    ],
)
def test_what_does_not_read_is_refused_with_its_field(
    struct: type[Record], given: dict[str, Any], field: str, hint: str
) -> None:
    named, expected = refused(struct, **given)
    assert named == field
    assert hint in expected


@pytest.mark.parametrize("struct", [Campaign, Criteria, Decision, Donation, Allocation])
def test_the_example_of_many_rows_can_be_typed_as_it_is(struct: type[Record]) -> None:
    for info in fields(struct):
        if info.many and not info.declared.made:
            wrong = misread(struct, {info.name: example_rows(info)}, ES, TODAY)
            assert not [each for each in wrong if each.field.startswith(info.name)], example_rows(info)


@given(st.sampled_from([Need, Meal, Donation, Allocation, Pledge, Receipt, Note]), st.data())
def test_whatever_is_typed_makes_a_record_or_a_named_refusal(
    struct: type[Record], data: st.DataObject
) -> None:
    values = (
        st.text(max_size=20)
        | st.integers()
        | st.floats()
        | st.none()
        | st.lists(st.text(max_size=5), max_size=2)
    )
    fields = data.draw(st.dictionaries(st.sampled_from([*struct.__struct_fields__, "x"]), values, max_size=4))
    with suppress(NotAllowedError):
        assert isinstance(read_fields(struct, fields, ES, TODAY, resolve), struct)
