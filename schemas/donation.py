"""Money that was given."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Money, Quantity, Unit, Uri
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
    """One gift: promised, arrived, or taken back. Of who gave it there is nothing but a label of the gift.

    A gift in kind says what was given and what it is worth; it stands beside the money, never in it.
    """

    aliases: ClassVar = ("donación", "donacion", "aporte")
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
            choices=("bank", "cash", "card", "platform", "kind"),
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
    what: Annotated[
        str | None,
        Field(
            es="qué se dio",
            en="what was given",
            path="record.name",
            limit=120,
            aliases=("qué",),
            examples=(None, "harina"),
        ),
    ] = None
    quantity: Annotated[
        Quantity | None,
        Field(
            es="cuánto se dio",
            en="how much was given",
            path="record.givenQuantity",
            positive=True,
            aliases=("cantidad",),
            examples=(None, Quantity(Decimal(25), Unit.KILOGRAM)),
        ),
    ] = None
    rewards: Annotated[
        tuple[str, ...],
        Field(
            es="recompensas",
            en="rewards",
            limit=50,
            examples=((), ("r1", "r2")),
        ),
    ] = ()
    receipt: Annotated[
        int | None,
        Field(es="número de recibo", en="number of the receipt", positive=True, examples=(None, 7)),
    ] = None
    held: Annotated[
        bool | None,
        Field(es="apartado", en="held", made=True, examples=(None, True)),
    ] = None
    match: Annotated[
        Uri | None,
        Field(
            es="quién lo iguala",
            en="match",
            said=False,
            made=True,
            examples=(None, "https://fondo.example/o/7"),
        ),
    ] = None
    matched: Annotated[
        Money | None,
        Field(
            es="lo que agrega la contrapartida",
            en="added by the match",
            made=True,
            examples=(None, Money(100, "CLP")),
        ),
    ] = None
    earned: Annotated[
        Money | None,
        Field(
            es="lo que pasa de la contrapartida a la campaña",
            en="moved from the match to the campaign",
            made=True,
            said=False,
            signed=True,
            examples=(None, Money(100, "CLP")),
        ),
    ] = None
    payment_for: Annotated[
        Uri | None,
        Field(
            es="pago de la contrapartida",
            en="payment for the match",
            said=False,
            aliases=("contrapartida",),
            examples=(None, "https://fondo.example/o/7"),
        ),
    ] = None
    decision: Annotated[
        Uri | None,
        Field(
            es="decisión",
            en="decision",
            said=False,
            examples=(None, "https://fondo.example/o/9"),
        ),
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
