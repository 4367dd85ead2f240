"""Money that somebody adds to each gift of a campaign, within limits that stand before the first gift."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Money, Uri
from schemas.record import Field, Record


class Match(Record, frozen=True, kw_only=True):
    """To every gift that arrives between two days, `factor` times as much: at most `per_gift` each, and `total` in all.

    What is added to a gift is promised by that; it counts as money when it was paid in. `who` is named only where they ask for it.
    """

    aliases: ClassVar = ("contrapartida", "igualación", "igualacion")
    constants: ClassVar = {"record.type": "Match", "record.id": "{uri}#record"}

    campaign: Annotated[
        Uri,
        Field(
            es="campaña",
            en="campaign",
            said=False,
            aliases=("campana",),
            examples=("https://fondo.example/o/5", "https://fondo.example/o/6"),
        ),
    ]
    who: Annotated[
        str | None,
        Field(
            es="quién la pone",
            en="who adds it",
            limit=100,
            aliases=("quién", "quien"),
            examples=("Cooperativa La Minga", "Sindicato 4"),
        ),
    ] = None
    factor: Annotated[
        Decimal,
        Field(es="factor", en="factor", positive=True, examples=(Decimal(1), Decimal("0.5"))),
    ] = Decimal(1)
    per_gift: Annotated[
        Money | None,
        Field(
            es="tope por aporte",
            en="most for a gift",
            positive=True,
            examples=(Money(100, "CLP"), Money(20000, "CLP")),
        ),
    ] = None
    total: Annotated[
        Money,
        Field(
            es="tope en total",
            en="most in all",
            positive=True,
            examples=(Money(500, "CLP"), Money(300000, "CLP")),
        ),
    ]
    opens: Annotated[
        date,
        Field(es="desde", en="from", today=True, examples=(date(2020, 9, 1), date(2021, 6, 1))),
    ]
    closes: Annotated[date, Field(es="hasta", en="until", examples=(date(2020, 9, 30), date(2021, 6, 30)))]
