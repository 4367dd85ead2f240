"""What a collective can give."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Money, Quantity, Unit, Uri
from schemas.record import Field, Record


class Offer(Record, frozen=True, kw_only=True):
    """Something a collective gives or sells. Without a price it is a gift; without a quantity it does not run out.

    The Note is at the same time an FEP-0837 proposal to give.
    """

    aliases: ClassVar = ("oferta",)
    constants: ClassVar = {
        "purpose": "offer",
        "proposal": "{uri}/proposal",
        "publishes.type": "Intent",
        "publishes.id": "{uri}/proposal#primary",
        "publishes.action": "transfer",
        "reciprocal.type": "Intent",
        "reciprocal.id": "{uri}/proposal#reciprocal",
        "reciprocal.action": "transfer",
        "location.type": "Place",
    }

    what: Annotated[
        str,
        Field(
            es="qué se ofrece",
            en="what is offered",
            path="publishes.name",
            limit=100,
            aliases=("qué", "que"),
            examples=("arroz", "taller de panadería"),
        ),
    ]
    good: Annotated[
        Uri | None,
        Field(
            es="producto",
            en="good",
            path="publishes.resourceConformsTo",
            said=False,
            made=True,
            examples=("https://w3id.org/minga/ns#Rice", None),
        ),
    ] = None
    quantity: Annotated[
        Quantity | None,
        Field(
            es="cantidad",
            en="quantity",
            path="publishes.resourceQuantity",
            positive=True,
            examples=(Quantity(Decimal(20), Unit.KILOGRAM), None),
        ),
    ] = None
    available: Annotated[
        Quantity | None,
        Field(
            es="disponible",
            en="available",
            path="publishes.availableQuantity",
            made=True,
            examples=(Quantity(Decimal(20), Unit.KILOGRAM), None),
        ),
    ] = None
    minimum: Annotated[
        Quantity | None,
        Field(
            es="mínimo por entrega",
            en="at least",
            path="publishes.minimumQuantity",
            positive=True,
            aliases=("mínimo", "minimo"),
            examples=(Quantity(Decimal(5), Unit.KILOGRAM), None),
        ),
    ] = None
    price: Annotated[
        Money | None,
        Field(
            es="precio de todo",
            en="price of all of it",
            path="reciprocal.resourceQuantity",
            positive=True,
            aliases=("precio",),
            examples=(Money(18000, "CLP"), None),
        ),
    ] = None
    by: Annotated[
        datetime | None,
        Field(
            es="hasta",
            en="by",
            path="endTime",
            ends_day=True,
            aliases=("plazo",),
            examples=(datetime(2020, 8, 31, 3, 59, 59, tzinfo=UTC), datetime(2020, 10, 1, 21, 0, tzinfo=UTC)),
        ),
    ] = None
    place: Annotated[
        str | None,
        Field(
            es="lugar",
            en="place",
            path="location.name",
            limit=100,
            examples=("Peñalolén, Santiago", "Comas, Lima"),
        ),
    ] = None
    details: Annotated[
        str | None,
        Field(
            es="detalles",
            en="details",
            path="publishes.note",
            limit=2000,
            examples=("Se retira en horario de almuerzo.", "Para grupos de hasta 8 personas."),
        ),
    ] = None
