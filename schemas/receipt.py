"""What arrived."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Money, Quantity, Unit, Uri
from schemas.record import Field, Record


class Receipt(Record, frozen=True, kw_only=True):
    """What a collective received of a pledge, or of a transfer of money. What is short of a pledge is lacking again, unless
    more is to come."""

    aliases: ClassVar = ("recepción", "recepcion")
    constants: ClassVar = {
        "record.type": "EconomicEvent",
        "record.id": "{uri}#record",
        "record.action": "transfer",
    }

    of: Annotated[
        Uri,
        Field(
            es="compromiso o transferencia",
            en="pledge or transfer",
            path="record.fulfills",
            said=False,
            aliases=("pledge", "transfer", "de"),
            examples=("https://esperanza.example/g/3#primary", "https://esperanza.example/o/4#record"),
        ),
    ]
    quantity: Annotated[
        Quantity | None,
        Field(
            es="cantidad",
            en="quantity",
            path="record.resourceQuantity",
            positive=True,
            examples=(Quantity(Decimal(24), Unit.KILOGRAM), Quantity(Decimal("7.5"), Unit.HOUR)),
        ),
    ] = None
    amount: Annotated[
        Money | None,
        Field(
            es="monto",
            en="amount of money",
            positive=True,
            aliases=("monto",),
            examples=(None, Money(346500, "CLP")),
        ),
    ] = None
    more: Annotated[
        bool,
        Field(es="viene más", en="more is to come", aliases=("viene_más", "falta"), examples=(False, True)),
    ] = False
    on: Annotated[
        date,
        Field(
            es="día",
            en="day",
            today=True,
            aliases=("dia", "fecha"),
            examples=(date(2020, 8, 27), date(2020, 9, 5)),
        ),
    ]
    details: Annotated[
        str | None,
        Field(
            es="detalles",
            en="details",
            path="record.note",
            limit=2000,
            examples=("Un saco venía roto y lo devolvimos.", None),
        ),
    ] = None
    provider: Annotated[
        Uri | None,
        Field(
            es="de quién",
            en="from",
            said=False,
            made=True,
            examples=("https://cooperativa.example/c/cooperativa", None),
        ),
    ] = None
    receiver: Annotated[
        Uri | None,
        Field(
            es="para quién",
            en="to",
            said=False,
            made=True,
            examples=("https://esperanza.example/c/esperanza", "https://esperanza.example/c/esperanza"),
        ),
    ] = None
