"""Cash that a fund carries to its bank."""

from datetime import date
from typing import Annotated, ClassVar

from schemas.parts import Money
from schemas.record import Field, Record


class Deposit(Record, frozen=True, kw_only=True):
    """Money that leaves the cash box for the bank account of the same fund: nothing comes in, and nothing is spent."""

    aliases: ClassVar = ("depósito", "deposito")
    constants: ClassVar = {
        "record.type": "EconomicEvent",
        "record.id": "{uri}#record",
        "record.action": "move",
    }

    amount: Annotated[
        Money,
        Field(
            es="monto",
            en="amount",
            path="record.resourceQuantity",
            positive=True,
            examples=(Money(80000, "CLP"), Money(5000, "CLP")),
        ),
    ]
    on: Annotated[
        date,
        Field(
            es="día",
            en="day",
            today=True,
            aliases=("dia", "fecha"),
            examples=(date(2020, 9, 16), date(2020, 9, 18)),
        ),
    ]
    evidence: Annotated[
        str | None,
        Field(
            es="comprobante",
            en="evidence",
            said=False,
            limit=100,
            examples=("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", None),
        ),
    ] = None
