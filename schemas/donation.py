"""Money that was given."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Money, Uri
from schemas.record import Field, Part, Record


class Stated(Part, frozen=True, kw_only=True):
    """A gift in the currency in which it was given, and the rate at which it came in."""

    amount: Annotated[
        Money,
        Field(es="monto", en="amount", positive=True, examples=(Money(20000, "EUR"), Money(5000, "USD"))),
    ]
    rate: Annotated[
        Decimal, Field(es="cambio", en="rate", positive=True, examples=(Decimal(1015), Decimal(940)))
    ]


class Donation(Record, frozen=True, kw_only=True):
    """One gift of money: promised, arrived, or taken back. Of who gave it there is nothing but a label of the gift."""

    constants: ClassVar = {
        "record.type": "EconomicEvent",
        "record.id": "{uri}#record",
        "record.action": "transfer",
    }

    amount: Annotated[
        Money,
        Field(
            es="monto",
            en="amount",
            path="record.resourceQuantity",
            positive=True,
            examples=(Money(375000, "CLP"), Money(203000, "CLP")),
        ),
    ]
    status: Annotated[
        str,
        Field(
            es="estado",
            en="status",
            choices=("pledged", "cleared", "reversed"),
            examples=("cleared", "reversed"),
        ),
    ]
    channel: Annotated[
        str,
        Field(
            es="por dónde",
            en="channel",
            choices=("bank", "cash", "card", "platform"),
            aliases=("canal", "vía"),
            examples=("bank", "card"),
        ),
    ]
    label: Annotated[
        str | None,
        Field(es="etiqueta", en="label", limit=40, made=True, examples=("D-7F3A", "D-01BC")),
    ] = None
    on: Annotated[
        date,
        Field(
            es="día",
            en="day",
            today=True,
            aliases=("dia", "fecha"),
            examples=(date(2020, 9, 9), date(2020, 9, 3)),
        ),
    ]
    campaign: Annotated[
        Uri | None,
        Field(es="campaña", en="campaign", said=False, examples=("https://fondo.example/o/5", None)),
    ] = None
    stated: Annotated[
        Stated | None,
        Field(
            es="monto de origen",
            en="amount as given",
            examples=(None, Stated(amount=Money(20000, "EUR"), rate=Decimal(1015))),
        ),
    ] = None
    fee: Annotated[
        Money | None,
        Field(es="comisión", en="fee", examples=(None, Money(1200, "CLP"))),
    ] = None
    receiver: Annotated[
        Uri | None,
        Field(
            es="para quién",
            en="to",
            said=False,
            made=True,
            examples=("https://fondo.example/c/fondo", "https://fondo.example/c/fondo"),
        ),
    ] = None
