"""What a fund collects for, and what each part of the goal buys."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Money
from schemas.record import Field, Part, Record


class Milestone(Part, frozen=True, kw_only=True):
    """A part of the goal and the rations that it pays for; `price` where it states one of its own."""

    percent: Annotated[
        Decimal,
        Field(es="porcentaje", en="percent", positive=True, examples=(Decimal(10), Decimal(25))),
    ]
    rations: Annotated[int, Field(es="raciones", en="rations", positive=True, examples=(170, 420))]
    price: Annotated[
        Money | None,
        Field(es="precio propio", en="price of its own", positive=True, examples=(None, Money(1490, "CLP"))),
    ] = None


class Reward(Part, frozen=True, kw_only=True):
    """A token of thanks; without `stock` there is no end of it."""

    label: Annotated[str, Field(es="etiqueta", en="label", limit=20, examples=("r1", "r2"))]
    title: Annotated[
        str, Field(es="título", en="title", limit=100, examples=("Una ración", "Una olla (50 raciones)"))
    ]
    price: Annotated[
        Money,
        Field(es="precio", en="price", positive=True, examples=(Money(1500, "CLP"), Money(75000, "CLP"))),
    ]
    stock: Annotated[int | None, Field(es="cuántas hay", en="stock", examples=(None, 20))] = None


class Cost(Part, frozen=True, kw_only=True):
    """What the goal is made of: at least so much, better so much."""

    name: Annotated[str, Field(es="qué", en="what", limit=100, examples=("Alimentos", "Transporte"))]
    kind: Annotated[
        str,
        Field(
            es="clase",
            en="sort",
            choices=("task", "material", "infrastructure"),
            examples=("material", "task"),
        ),
    ]
    minimum: Annotated[
        Money, Field(es="mínimo", en="minimum", examples=(Money(1200000, "CLP"), Money(100000, "CLP")))
    ]
    optimum: Annotated[
        Money, Field(es="óptimo", en="optimum", examples=(Money(2500000, "CLP"), Money(300000, "CLP")))
    ]


class Campaign(Record, frozen=True, kw_only=True):
    """A goal, until when, and what a part of it buys. Only money that has arrived counts."""

    aliases: ClassVar = ("campaña", "campana")
    constants: ClassVar = {"record.type": "Campaign", "record.id": "{uri}#record"}

    title: Annotated[
        str | None,
        Field(
            es="título",
            en="title",
            path="record.name",
            limit=100,
            aliases=("nombre",),
            examples=("Campaña Apoyo Mutuo", "Campaña de Invierno"),
        ),
    ] = None
    goal: Annotated[
        Money,
        Field(es="meta", en="goal", positive=True, examples=(Money(2500000, "CLP"), Money(300000, "CLP"))),
    ]
    ration_price: Annotated[
        Money | None,
        Field(
            es="precio de la ración",
            en="price of a ration",
            positive=True,
            aliases=("precio",),
            examples=(Money(1500, "CLP"), Money(1490, "CLP")),
        ),
    ] = None
    rounding: Annotated[
        int | None,
        Field(es="redondeo", en="rounding", said=False, positive=True, examples=(10, 5)),
    ] = None
    opens: Annotated[
        date,
        Field(es="abre", en="opens", today=True, examples=(date(2020, 8, 15), date(2021, 6, 1))),
    ]
    closes: Annotated[date, Field(es="cierra", en="closes", examples=(date(2020, 12, 15), date(2021, 8, 31)))]
    status: Annotated[
        str,
        Field(es="estado", en="status", choices=("open", "closed", "reported"), examples=("open", "closed")),
    ] = "open"
    milestones: Annotated[
        tuple[Milestone, ...],
        Field(
            es="hitos",
            en="milestones",
            limit=50,
            examples=(
                (
                    Milestone(percent=Decimal(10), rations=170),
                    Milestone(percent=Decimal(25), rations=420),
                ),
                (Milestone(percent=Decimal(50), rations=100, price=Money(1490, "CLP")),),
            ),
        ),
    ] = ()
    override: Annotated[
        str | None,
        Field(
            es="por qué un hito no calza",
            en="why a milestone does not fit",
            aliases=("motivo",),
            examples=(None, "A granel cada ración cuesta menos."),
        ),
    ] = None
    rewards: Annotated[
        tuple[Reward, ...],
        Field(
            es="recompensas",
            en="rewards",
            limit=50,
            examples=(
                (
                    Reward(label="r1", title="Una ración", price=Money(1500, "CLP")),
                    Reward(label="r2", title="Una olla (50 raciones)", price=Money(75000, "CLP"), stock=20),
                ),
                (Reward(label="r1", title="Un pan", price=Money(500, "CLP"), stock=40),),
            ),
        ),
    ] = ()
    costs: Annotated[
        tuple[Cost, ...],
        Field(
            es="costos",
            en="costs",
            limit=50,
            examples=(
                (
                    Cost(
                        name="Alimentos",
                        kind="material",
                        minimum=Money(1200000, "CLP"),
                        optimum=Money(2500000, "CLP"),
                    ),
                ),
                (
                    Cost(
                        name="Transporte",
                        kind="task",
                        minimum=Money(100000, "CLP"),
                        optimum=Money(300000, "CLP"),
                    ),
                ),
            ),
        ),
    ] = ()
    if_missed: Annotated[
        str | None,
        Field(
            es="si no se llega a la meta",
            en="if the goal is missed",
            examples=(
                "Si no llegamos a la meta, repartimos igual lo que se junte.",
                "Lo que llegue se devuelve.",
            ),
        ),
    ] = None
