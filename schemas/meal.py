"""What was cooked and served."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Quantity, Unit
from schemas.record import Field, Part, Record


class Ration(Part, frozen=True, kw_only=True):
    """What one ration is, so that counts can be compared."""

    energy: Annotated[
        Quantity | None,
        Field(
            es="energía",
            en="energy",
            positive=True,
            units=(Unit.KILOCALORIE,),
            examples=(Quantity(Decimal(700), Unit.KILOCALORIE), None),
        ),
    ] = None
    portion: Annotated[
        str | None,
        Field(es="porción", en="portion", limit=100, examples=("un almuerzo", "un plato y un pan")),
    ] = None


class Meal(Record, frozen=True, kw_only=True):
    """Rations planned and served in one service. Who ate is nowhere: the door is open."""

    constants: ClassVar = {"record.type": "Process", "record.id": "{uri}#record"}

    menu: Annotated[
        str,
        Field(
            es="menú",
            en="menu",
            path="record.name",
            limit=200,
            examples=("porotos con riendas", "carbonada de verduras"),
        ),
    ]
    on: Annotated[
        date,
        Field(
            es="día",
            en="day",
            today=True,
            aliases=("dia", "fecha"),
            examples=(date(2020, 8, 29), date(2020, 8, 30)),
        ),
    ]
    planned: Annotated[
        Quantity | None,
        Field(
            es="raciones planeadas",
            en="rations planned",
            units=(Unit.ONE,),
            aliases=("planeadas",),
            examples=(Quantity(Decimal(120), Unit.ONE), Quantity(Decimal(80), Unit.ONE)),
        ),
    ] = None
    served: Annotated[
        Quantity | None,
        Field(
            es="raciones servidas",
            en="rations served",
            units=(Unit.ONE,),
            aliases=("servidas",),
            examples=(Quantity(Decimal(118), Unit.ONE), None),
        ),
    ] = None
    ration: Annotated[
        Ration | None,
        Field(
            es="una ración es",
            en="one ration is",
            aliases=("ración",),
            examples=(
                Ration(energy=Quantity(Decimal(700), Unit.KILOCALORIE), portion="un almuerzo"),
                Ration(portion="un plato y un pan"),
            ),
        ),
    ] = None
