"""What a collective lacks."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Quantity, Unit, Uri
from schemas.record import Field, Record


class Need(Record, frozen=True, kw_only=True):
    """Something a collective asks for: how much, by when, roughly where.

    The Note is at the same time an FEP-0837 proposal to receive. `available` is what is still lacking.
    """

    aliases: ClassVar = ("necesidad",)
    constants: ClassVar = {
        "purpose": "request",
        "proposal": "{uri}/proposal",
        "publishes.type": "Intent",
        "publishes.id": "{uri}/proposal#primary",
        "publishes.action": "transfer",
        "location.type": "Place",
    }

    what: Annotated[
        str,
        Field(
            es="qué falta",
            en="what is needed",
            path="publishes.name",
            limit=100,
            aliases=("qué", "que"),
            examples=("lentejas", "manos para cocinar"),
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
            examples=("https://w3id.org/minga/ns#Lentils", None),
        ),
    ] = None
    quantity: Annotated[
        Quantity,
        Field(
            es="cantidad",
            en="quantity",
            path="publishes.resourceQuantity",
            positive=True,
            examples=(Quantity(Decimal(40), Unit.KILOGRAM), Quantity(Decimal(12), Unit.HOUR)),
        ),
    ]
    available: Annotated[
        Quantity | None,
        Field(
            es="lo que falta",
            en="still lacking",
            path="publishes.availableQuantity",
            made=True,
            examples=(Quantity(Decimal(40), Unit.KILOGRAM), Quantity(Decimal("4.5"), Unit.HOUR)),
        ),
    ] = None
    minimum: Annotated[
        Quantity | None,
        Field(
            es="mínimo útil",
            en="useful from",
            path="publishes.minimumQuantity",
            positive=True,
            aliases=("mínimo", "minimo"),
            examples=(Quantity(Decimal(10), Unit.KILOGRAM), None),
        ),
    ] = None
    by: Annotated[
        datetime | None,
        Field(
            es="hasta",
            en="by",
            path="endTime",
            ends_day=True,
            aliases=("plazo", "para"),
            examples=(datetime(2020, 8, 29, 3, 59, 59, tzinfo=UTC), datetime(2020, 9, 5, 16, 30, tzinfo=UTC)),
        ),
    ] = None
    urgent: Annotated[
        bool | None,
        Field(
            es="urgente: no alcanza para hoy o mañana",
            en="urgent: not enough for today or tomorrow",
            path="urgent",
            aliases=("urgente",),
            examples=(True, None),
        ),
    ] = None
    place: Annotated[
        str | None,
        Field(
            es="lugar",
            en="place",
            path="location.name",
            limit=100,
            examples=("La Pintana, Santiago", "Villa El Salvador, Lima"),
        ),
    ] = None
    details: Annotated[
        str | None,
        Field(
            es="detalles",
            en="details",
            path="publishes.note",
            limit=2000,
            examples=("De preferencia en bolsas de 1 kg.", "Turno de mañana o de tarde."),
        ),
    ] = None
