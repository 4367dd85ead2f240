"""What was cooked and served."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Money, Quantity, Unit
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
    price: Annotated[
        Money | None,
        Field(es="costo", en="cost", positive=True, aliases=("precio",), examples=(Money(1500, "CLP"), None)),
    ] = None
    portion: Annotated[
        str | None,
        Field(es="porción", en="portion", limit=100, examples=("un almuerzo", "un plato y un pan")),
    ] = None


class Meal(Record, frozen=True, kw_only=True):
    """Rations planned and served in one service, which can be moved to another day or called off. How many cooked may be
    counted; who ate is nowhere: the door is open."""

    aliases: ClassVar = ("comida",)
    constants: ClassVar = {"record.type": "Process", "record.id": "{uri}#record", "location.type": "Place"}

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
    moved_from: Annotated[
        date | None,
        Field(
            es="estaba planeada para el",
            en="was planned for",
            made=True,
            examples=(None, date(2020, 8, 28)),
        ),
    ] = None
    status: Annotated[
        str | None,
        Field(
            es="estado",
            en="status",
            choices=("cancelled",),
            examples=(None, "cancelled"),
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
    people: Annotated[
        Quantity | None,
        Field(
            es="personas que cocinaron",
            en="people who cooked",
            positive=True,
            units=(Unit.ONE,),
            aliases=("personas", "manos"),
            examples=(Quantity(Decimal(6), Unit.ONE), Quantity(Decimal(4), Unit.ONE)),
        ),
    ] = None
    hours: Annotated[
        Quantity | None,
        Field(
            es="horas de trabajo en total",
            en="hours of work in all",
            positive=True,
            units=(Unit.HOUR,),
            aliases=("horas",),
            examples=(Quantity(Decimal("18.5"), Unit.HOUR), None),
        ),
    ] = None
    details: Annotated[
        str | None,
        Field(
            es="detalles",
            en="details",
            path="record.note",
            limit=2000,
            examples=("Gracias a la junta de vecinos por el pan.", None),
        ),
    ] = None
