"""A period of the public account that is closed."""

from datetime import date
from typing import Annotated, ClassVar

from schemas.parts import Money
from schemas.record import Field, Part, Record


class Balance(Part, frozen=True, kw_only=True):
    """What an account held when the period began and when it ended; what is owed or was given is below zero."""

    account: Annotated[
        str, Field(es="cuenta", en="account", limit=300, examples=("assets:bank", "liabilities:holding"))
    ]
    opening: Annotated[
        Money,
        Field(es="al abrir", en="opening", signed=True, examples=(Money(0, "CLP"), Money(-5000, "CLP"))),
    ]
    closing: Annotated[
        Money,
        Field(
            es="al cerrar", en="closing", signed=True, examples=(Money(625000, "CLP"), Money(-2000, "CLP"))
        ),
    ]


class Period(Record, frozen=True, kw_only=True):
    """The account from one day to another, closed: nothing is booked into it any more, and the next begins where it ended."""

    aliases: ClassVar = ("período", "periodo")
    constants: ClassVar = {"record.type": "Period", "record.id": "{uri}#record"}

    opens: Annotated[date, Field(es="desde", en="opens", examples=(date(2020, 8, 1), date(2020, 9, 1)))]
    closes: Annotated[date, Field(es="hasta", en="closes", examples=(date(2020, 8, 31), date(2020, 9, 30)))]
    bank: Annotated[
        Money | None,
        Field(
            es="saldo del banco",
            en="bank's balance",
            signed=True,
            aliases=("banco",),
            examples=(Money(625000, "CLP"), Money(-1200, "CLP")),
        ),
    ] = None
    """What the bank's statement says at the end; a period whose entries say otherwise is not published."""
    cash: Annotated[
        Money | None,
        Field(
            es="caja contada",
            en="cash counted",
            aliases=("caja",),
            examples=(Money(5000, "CLP"), Money(0, "CLP")),
        ),
    ] = None
    """What was counted in the cash box at the end."""
    balances: Annotated[
        tuple[Balance, ...],
        Field(
            es="saldos",
            en="balances",
            limit=10_000,
            made=True,
            examples=(
                (Balance(account="assets:bank", opening=Money(0, "CLP"), closing=Money(625000, "CLP")),),
                (
                    Balance(
                        account="liabilities:holding",
                        opening=Money(-5000, "CLP"),
                        closing=Money(-2000, "CLP"),
                    ),
                ),
            ),
        ),
    ] = ()
