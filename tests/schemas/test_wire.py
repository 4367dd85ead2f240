"""The wire form, to the letter as it was agreed, and tolerant of how others write it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import (
    MissingFieldError,
    Money,
    Quantity,
    SchemaError,
    Unit,
    UnknownCurrencyError,
    UnknownKindError,
    UnknownUnitError,
    Uri,
    ValueTypeError,
    from_wire,
    to_wire,
)
from schemas.allocation import Allocation, Claim
from schemas.donation import Donation
from schemas.meal import Meal
from schemas.need import Need
from schemas.note import Note
from schemas.offer import Offer
from schemas.pledge import Pledge
from schemas.receipt import Receipt

KG = Unit.KILOGRAM
URL = "https://esperanza.example/o/117530012876800"
NEED = Need(
    what="lentejas",
    good=Uri("https://w3id.org/minga/ns#Lentils"),
    quantity=Quantity.of(40, KG),
    available=Quantity.of(40, KG),
    minimum=Quantity.of(10, KG),
    by=datetime(2020, 8, 29, 3, 59, 59, tzinfo=UTC),
    place="La Pintana, Santiago",
)
NEED_DOCUMENT = {
    "kind": "need",
    "location": {"type": "Place", "name": "La Pintana, Santiago"},
    "endTime": "2020-08-29T03:59:59Z",
    "proposal": f"{URL}/proposal",
    "purpose": "request",
    "publishes": {
        "type": "Intent",
        "id": f"{URL}/proposal#primary",
        "name": "lentejas",
        "action": "transfer",
        "resourceConformsTo": "https://w3id.org/minga/ns#Lentils",
        "resourceQuantity": {"hasUnit": "kilogram", "hasNumericalValue": "40"},
        "availableQuantity": {"hasUnit": "kilogram", "hasNumericalValue": "40"},
        "minimumQuantity": {"hasUnit": "kilogram", "hasNumericalValue": "10"},
    },
}
PLEDGE_DOCUMENT = {
    "kind": "pledge",
    "record": {
        "type": "Commitment",
        "id": "https://cooperativa.example/o/117536260000000#record",
        "satisfies": f"{URL}/proposal#primary",
        "action": "transfer",
        "resourceQuantity": {"hasUnit": "kilogram", "hasNumericalValue": "25"},
        "due": "2020-08-27T16:00:00Z",
    },
}
RECEIPT_DOCUMENT = {
    "kind": "receipt",
    "record": {
        "type": "EconomicEvent",
        "id": "https://esperanza.example/o/117571000000000#record",
        "action": "transfer",
        "provider": "https://cooperativa.example/c/cooperativa",
        "receiver": "https://esperanza.example/c/esperanza",
        "fulfills": "https://esperanza.example/g/117536240435201#primary",
        "resourceQuantity": {"hasUnit": "kilogram", "hasNumericalValue": "24"},
        "more": False,
        "on": "2020-08-27",
    },
}
MEAL_DOCUMENT = {
    "kind": "meal",
    "record": {
        "type": "Process",
        "id": "https://esperanza.example/o/117580000000000#record",
        "name": "porotos con riendas",
        "on": "2020-08-29",
        "planned": {"hasUnit": "one", "hasNumericalValue": "120"},
        "served": {"hasUnit": "one", "hasNumericalValue": "118"},
        "ration": {
            "energy": {"hasUnit": "kilocalorie", "hasNumericalValue": "700"},
            "portion": "un almuerzo",
        },
    },
}
DONATION_DOCUMENT = {
    "kind": "donation",
    "record": {
        "type": "EconomicEvent",
        "id": "https://fondo.example/o/117652000000000#record",
        "action": "transfer",
        "receiver": "https://fondo.example/c/fondo",
        "resourceConformsTo": "urn:iso:std:iso:4217:CLP",
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "375000"},
        "status": "cleared",
        "channel": "bank",
        "label": "D-7F3A",
        "on": "2020-09-09",
        "campaign": "https://fondo.example/o/117500000000000",
    },
}


@pytest.mark.parametrize(
    "document",
    [NEED_DOCUMENT, PLEDGE_DOCUMENT, RECEIPT_DOCUMENT, MEAL_DOCUMENT, DONATION_DOCUMENT],
    ids=lambda d: d["kind"],
)
def test_a_record_is_said_as_agreed(document: dict[str, Any]) -> None:
    record = from_wire(document)
    note = (
        document.get("proposal", document.get("record", {}).get("id", ""))
        .split("#")[0]
        .removesuffix("/proposal")
    )
    assert to_wire(record, note) == document


def test_a_need_is_read_whole() -> None:
    assert from_wire(NEED_DOCUMENT) == NEED


def test_an_offer_for_a_price_asks_for_money_in_return() -> None:
    offer = Offer(what="arroz", quantity=Quantity.of(20, KG), price=Money(18000, "CLP"))
    document = to_wire(offer, URL)
    assert document["reciprocal"] == {
        "type": "Intent",
        "id": f"{URL}/proposal#reciprocal",
        "action": "transfer",
        "resourceConformsTo": "urn:iso:std:iso:4217:CLP",
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "18000"},
    }
    assert from_wire(document) == offer
    assert "reciprocal" not in to_wire(Offer(what="arroz"), URL)
    assert "location" not in to_wire(Offer(what="arroz"), URL)


def test_rows_and_numbers_of_an_allocation_are_decimal_strings() -> None:
    record = Allocation(
        rule="largest-remainder/1",
        seed="s",
        log_size=4,
        available=Money(625000, "CLP"),
        claims=(Claim(claimant=Uri("https://a.example/c/a"), weight=Decimal("2.50"), cap=3),),
    )
    document = to_wire(record, URL)["record"]
    assert document["claims"] == [{"claimant": "https://a.example/c/a", "weight": "2.5", "cap": "3"}]
    assert document["logSize"] == "4"
    assert from_wire(to_wire(record, URL)) == record


def test_a_plain_note_of_another_program_is_a_note_with_its_html() -> None:
    assert from_wire({"type": "Note", "content": "<p>llevo 10 kg</p>"}) == Note(text="<p>llevo 10 kg</p>")
    assert from_wire(
        {"content": "<p>x</p>", "source": {"content": "x", "mediaType": "text/markdown"}}
    ) == Note(text="x")


@pytest.mark.parametrize(
    "prefix",
    [
        "vf:",
        "https://w3id.org/valueflows/ont/vf#",
        "https://w3id.org/valueflows#",
        "https://w3id.org/valueflows/",
    ],
)
@pytest.mark.parametrize(
    "measures", ["om2:", "vf:", "http://www.ontology-of-units-of-measure.org/resource/om-2/"]
)
def test_prefixed_and_wrapped_terms_of_others_are_understood(prefix: str, measures: str) -> None:
    document = {
        "kind": {"@value": "pledge"},
        "record": [
            {
                f"{prefix}satisfies": {"@id": f"{URL}/proposal#primary"},
                f"{prefix}resourceQuantity": [
                    {
                        f"{measures}hasUnit": f"{measures}kilogram",
                        f"{measures}hasNumericalValue": {"@value": "25"},
                    }
                ],
            }
        ],
    }
    assert from_wire(document) == Pledge(need=Uri(f"{URL}/proposal#primary"), quantity=Quantity.of(25, KG))


@pytest.mark.parametrize(
    ("number", "value"), [(25, "25"), (25.0, "25"), ("25.50", "25.5"), ("0.000001", "0.000001")]
)
def test_a_number_is_exact(number: object, value: str) -> None:
    record = from_wire(with_quantity(number, "kilogram"))
    assert isinstance(record, Pledge)
    assert str(record.quantity.value) == str(Decimal(value))


@pytest.mark.parametrize(
    ("number", "unit", "error"),
    [
        (25.5, "kilogram", ValueTypeError),
        ("25,5", "kilogram", ValueTypeError),
        ("1e3", "kilogram", ValueTypeError),
        ("٢٥", "kilogram", ValueTypeError),
        ("9" * 400, "kilogram", ValueTypeError),
        (10**400, "kilogram", ValueTypeError),
        (True, "kilogram", ValueTypeError),
        (None, "kilogram", MissingFieldError),
        ([1, 2], "kilogram", ValueTypeError),
        ("25", "pound", UnknownUnitError),
        ("25", None, ValueTypeError),
        ("25", ["kilogram", "litre"], ValueTypeError),
    ],
)
def test_a_quantity_that_does_not_hold_is_a_named_error(
    number: object, unit: object, error: type[SchemaError]
) -> None:
    with pytest.raises(error) as caught:
        from_wire(with_quantity(number, unit))
    assert caught.value.field == "quantity"


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"resourceConformsTo": None}, "amount", UnknownCurrencyError),
        ({"resourceConformsTo": "CLP"}, "amount", UnknownCurrencyError),
        ({"resourceConformsTo": "urn:iso:std:iso:4217:ZZZ"}, "amount", UnknownCurrencyError),
        ({"resourceQuantity": {"hasUnit": "kilogram", "hasNumericalValue": "1"}}, "amount", ValueTypeError),
        ({"resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "1.5"}}, "amount", SchemaError),
        ({"resourceQuantity": "375000"}, "amount", ValueTypeError),
        ({"status": None}, "status", MissingFieldError),
        ({"on": "2020-9-9"}, "on", ValueTypeError),
        ({"on": "2020-02-30"}, "on", ValueTypeError),
        ({"on": "20200909"}, "on", ValueTypeError),
        ({"campaign": "not a url"}, "campaign", ValueTypeError),
        (
            {"stated": {"amount": {"hasNumericalValue": "1"}, "rate": "1"}},
            "stated.amount",
            UnknownCurrencyError,
        ),
        ({"stated": "200 EUR"}, "stated", ValueTypeError),
    ],
)
def test_what_is_wrong_in_a_donation_is_named(
    changes: dict[str, Any], field: str, error: type[SchemaError]
) -> None:
    document = {"kind": "donation", "record": {**DONATION_DOCUMENT["record"], **changes}}
    with pytest.raises(error) as caught:
        from_wire(document)
    assert caught.value.field == field


def test_a_wrong_row_is_named_with_its_place() -> None:
    document = to_wire(
        Allocation(
            rule="r",
            seed="s",
            available=Money(1, "CLP"),
            claims=(Claim(claimant=Uri("https://a.example/c/a"), weight=Decimal(1)),),
        ),
        URL,
    )
    document["record"]["claims"].append({"claimant": "https://b.example/c/b", "weight": 0.5})
    with pytest.raises(ValueTypeError) as caught:
        from_wire(document)
    assert caught.value.field == "claims[1].weight"


@pytest.mark.parametrize(
    "moment", ["2020-08-27T16:00:00", "2020-08-27", "9999-12-31T23:59:59-23:00", "soon", 5]
)
def test_a_moment_without_its_zone_is_refused(moment: object) -> None:
    document = {"kind": "pledge", "record": {**PLEDGE_DOCUMENT["record"], "due": moment}}
    with pytest.raises(ValueTypeError, match="zone"):
        from_wire(document)


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    document = {
        "kind": "pledge",
        "record": {**PLEDGE_DOCUMENT["record"], "due": "2020-08-27T12:00:00.123456-04:00"},
    }
    record = from_wire(document)
    assert isinstance(record, Pledge)
    assert record.by == datetime(2020, 8, 27, 16, 0, 0, 123456, tzinfo=UTC)


def test_an_unknown_kind_is_said_so() -> None:
    for kind in ("unheard", 5, None, ["need", "pledge"], {"id": "need"}):
        with pytest.raises(UnknownKindError):
            from_wire({"kind": kind, "content": "x"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "@value", "hasUnit", "hasNumericalValue", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(
    st.sampled_from([NEED_DOCUMENT, PLEDGE_DOCUMENT, RECEIPT_DOCUMENT, MEAL_DOCUMENT, DONATION_DOCUMENT]),
    st.data(),
)
def test_whatever_stands_at_a_path_is_read_or_refused_by_name(
    document: dict[str, Any], data: st.DataObject
) -> None:
    changed = json.loads(json.dumps(document))
    place = changed
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if isinstance(place[key], dict) and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(JSON)
        break
    try:
        record = from_wire(changed)
    except SchemaError:
        return
    assert from_wire(to_wire(record, URL)) == record


@given(st.decimals(min_value=0, max_value=10**14, places=6, allow_nan=False, allow_infinity=False))
def test_a_number_comes_back_as_it_went(number: Decimal) -> None:
    receipt = Receipt(
        of=Uri(URL), quantity=Quantity.of(number or 1, KG), on=datetime(2020, 1, 1, tzinfo=UTC).date()
    )
    wire = json.loads(json.dumps(to_wire(receipt, URL)))
    assert from_wire(wire) == receipt
    assert "E" not in wire["record"]["resourceQuantity"]["hasNumericalValue"]


def test_a_meal_without_its_definition_has_none() -> None:
    meal = from_wire(
        {
            "kind": "meal",
            "record": {"name": "x", "on": "2020-08-29", "served": {"hasUnit": "one", "hasNumericalValue": 1}},
        }
    )
    assert isinstance(meal, Meal)
    assert meal.ration is None


def test_of_a_donor_nothing_can_be_said() -> None:
    assert not {"donor", "provider", "name"} & set(Donation.__struct_fields__)


def with_quantity(number: object, unit: object) -> dict[str, Any]:
    measure = {"hasUnit": unit, "hasNumericalValue": number}
    return {"kind": "pledge", "record": {**PLEDGE_DOCUMENT["record"], "resourceQuantity": measure}}
