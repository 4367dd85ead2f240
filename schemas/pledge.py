"""What a collective promises for a need."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Quantity, Unit, Uri
from schemas.record import Field, Record


class Pledge(Record, frozen=True, kw_only=True):
    """A promise to bring all or part of what a need asks for.

    It is offered to the one who asks as an FEP-0837 `Offer` of an `Agreement`; once accepted, a public Note echoes it.
    """

    aliases: ClassVar = ("compromiso",)
    constants: ClassVar = {
        "record.type": "Commitment",
        "record.id": "{uri}#record",
        "record.action": "transfer",
    }

    need: Annotated[
        Uri,
        Field(
            es="necesidad",
            en="need",
            path="record.satisfies",
            said=False,
            examples=(
                "https://esperanza.example/o/1/proposal#primary",
                "https://villasol.example/o/2/proposal#primary",
            ),
        ),
    ]
    quantity: Annotated[
        Quantity,
        Field(
            es="cantidad",
            en="quantity",
            path="record.resourceQuantity",
            positive=True,
            examples=(Quantity(Decimal(25), Unit.KILOGRAM), Quantity(Decimal("7.5"), Unit.HOUR)),
        ),
    ]
    by: Annotated[
        datetime | None,
        Field(
            es="entrega hasta",
            en="delivered by",
            path="record.due",
            ends_day=True,
            aliases=("entrega", "hasta", "plazo"),
            examples=(datetime(2020, 8, 27, 16, 0, tzinfo=UTC), None),
        ),
    ] = None
    details: Annotated[
        str | None,
        Field(
            es="detalles",
            en="details",
            path="record.note",
            limit=2000,
            examples=("Los pasamos a dejar a la sede, preguntar por la bodega.", None),
        ),
    ] = None
