"""By what a fund shares out."""

from datetime import date
from typing import Annotated, ClassVar

from schemas.parts import Money
from schemas.record import Field, Part, Record


class Parameter(Part, frozen=True, kw_only=True):
    """A further agreement, in words."""

    name: Annotated[str, Field(es="nombre", en="name", limit=60, examples=("frecuencia", "veeduría"))]
    value: Annotated[
        str, Field(es="valor", en="value", limit=200, examples=("cada dos semanas", "dos ollas"))
    ]


class Criteria(Record, frozen=True, kw_only=True):
    """By what a fund shares out, as data: anybody can apply it again. A version is never changed once it was decided upon."""

    aliases: ClassVar = ("criterio", "criterios")
    constants: ClassVar = {"record.type": "Criteria", "record.id": "{uri}#record"}

    version: Annotated[int, Field(es="versión", en="version", positive=True, examples=(1, 2))]
    rule: Annotated[
        str,
        Field(
            es="regla",
            en="rule",
            limit=60,
            examples=("largest-remainder/1", "floor-proportional/1"),
        ),
    ]
    weight: Annotated[
        str,
        Field(
            es="peso",
            en="weight",
            limit=60,
            aliases=("peso",),
            examples=("weeklyRations", "people"),
        ),
    ]
    unit_price: Annotated[
        Money | None,
        Field(
            es="precio de la ración",
            en="price of a ration",
            positive=True,
            aliases=("precio",),
            examples=(Money(1500, "CLP"), Money(1600, "CLP")),
        ),
    ] = None
    floor: Annotated[
        Money | None,
        Field(es="piso", en="floor", examples=(Money(0, "CLP"), Money(100000, "CLP"))),
    ] = None
    cap: Annotated[
        str | None,
        Field(es="tope", en="cap", choices=("need", "none"), examples=("need", "none")),
    ] = None
    valid_from: Annotated[
        date,
        Field(
            es="vigente desde",
            en="valid from",
            today=True,
            examples=(date(2020, 9, 1), date(2021, 1, 15)),
        ),
    ]
    parameters: Annotated[
        tuple[Parameter, ...],
        Field(
            es="otros acuerdos",
            en="further agreements",
            limit=20,
            examples=((), (Parameter(name="frecuencia", value="cada dos semanas"),)),
        ),
    ] = ()
