"""What a field declares holds for every record, however it is made."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

import pytest

from schemas import (
    Field,
    LimitError,
    Money,
    Part,
    Quantity,
    SchemaError,
    Unit,
    UnknownCurrencyError,
    UnknownKindError,
    Uri,
    ValueTypeError,
    fields,
    record_type,
    records,
)
from schemas.donation import Donation
from schemas.meal import Meal, Ration
from schemas.need import Need

NEED = Need(what="lentejas", quantity=Quantity.of(40, Unit.KILOGRAM))


@pytest.mark.parametrize(
    ("field", "value", "error", "expected"),
    [
        ("what", "", LimitError, "some text"),
        ("what", "   ", LimitError, "some text"),
        ("what", "x" * 101, LimitError, "at most 100 characters"),
        ("what", "len\x00tejas", LimitError, "without control characters"),
        ("what", "len\u202etejas", LimitError, "without control characters"),
        ("what", 40, ValueTypeError, "a value of type str"),
        ("quantity", Quantity.of(0, Unit.KILOGRAM), LimitError, "more than zero"),
        ("quantity", Quantity.of(-1, Unit.KILOGRAM), LimitError, "more than zero"),
        ("quantity", 40.0, ValueTypeError, "a value of type Quantity"),
        ("good", Uri("javascript:alert(1)"), ValueTypeError, "https://"),
        ("by", datetime(2020, 8, 28, 12), ValueTypeError, "UTC"),  # noqa: DTZ001
    ],
)
def test_a_value_beyond_its_limit_makes_no_record(
    field: str, value: object, error: type[SchemaError], expected: str
) -> None:
    with pytest.raises(error, match=expected) as caught:
        NEED.changed(**{field: value})
    assert caught.value.field == field


def test_a_limit_inside_a_part_and_in_a_row_is_named() -> None:
    with pytest.raises(LimitError, match="an amount in kilocalorie"):
        Ration(energy=Quantity.of(1, Unit.KILOGRAM))
    with pytest.raises(LimitError, match="an amount in one") as caught:
        Meal(menu="x", on=datetime(2020, 8, 1, tzinfo=UTC).date(), planned=Quantity.of(1, Unit.RATION))
    assert caught.value.field == "planned"


def test_a_choice_is_one_of_its_words() -> None:
    day = datetime(2020, 9, 9, tzinfo=UTC).date()
    with pytest.raises(ValueTypeError, match="pledged, cleared, reversed"):
        Donation(amount=Money(1, "CLP"), status="lost", channel="bank", on=day)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e15", "1e-7", "1e999999", "0.0000001"])
def test_a_quantity_beyond_its_digits_is_refused_without_writing_it_out(value: str) -> None:
    with pytest.raises(LimitError, match="15 digits"):
        Quantity(Decimal(value), Unit.KILOGRAM)


def test_equal_quantities_have_one_form() -> None:
    assert Quantity.of("40.00", Unit.KILOGRAM) == Quantity.of(40, Unit.KILOGRAM)
    assert str(Quantity.of("40.00", Unit.KILOGRAM).value) == "40"


def test_money_knows_only_its_currencies_and_their_smallest_unit() -> None:
    assert Money(1250, "PEN").amount == Decimal("12.50")
    assert Money(375000, "CLP").amount == Decimal(375000)
    assert Money.of(Decimal("12.5"), "PEN", "amount") == Money(1250, "PEN")
    with pytest.raises(LimitError, match="an amount without decimals, in CLP"):
        Money.of(Decimal("12.5"), "CLP", "amount")
    with pytest.raises(UnknownCurrencyError, match="CLP"):
        Money(1, "ZZZ")
    with pytest.raises(LimitError):
        Money(10**15, "CLP")


def test_a_field_is_described_for_forms_and_help() -> None:
    quantity = next(info for info in fields(Need) if info.name == "quantity")
    assert (quantity.path, quantity.required, quantity.many) == ("publishes.resourceQuantity", True, False)
    assert (quantity.label("es"), quantity.label("en")) == ("cantidad", "quantity")
    assert next(info for info in fields(Donation) if info.name == "label").path == "record.label"


def test_a_kind_is_found_by_its_tag() -> None:
    assert records()["need"] is Need
    assert record_type("need") is Need
    with pytest.raises(UnknownKindError, match="need"):
        record_type("unheard")


def test_a_struct_with_an_undeclared_field_is_a_mistake_of_ours() -> None:
    class Bare(Part, frozen=True, kw_only=True):
        what: str

    class Impossible(Part, frozen=True, kw_only=True):
        label: Annotated[str, Field(es="x", en="x", made=True)]

    with pytest.raises(TypeError, match="Annotated"):
        fields(Bare)
    with pytest.raises(TypeError, match="needs a default"):
        fields(Impossible)
