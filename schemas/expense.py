"""What a fund spends on its own work."""

from datetime import date
from typing import Annotated, ClassVar

from schemas.parts import Money
from schemas.record import Field, Record


class Expense(Record, frozen=True, kw_only=True):
    """Money that was spent on something, not given to anybody: transport, printing, rewards."""

    aliases: ClassVar = ("gasto",)
    constants: ClassVar = {"record.type": "Expense", "record.id": "{uri}#record"}

    amount: Annotated[
        Money,
        Field(
            es="monto",
            en="amount",
            path="record.resourceQuantity",
            positive=True,
            examples=(Money(12000, "CLP"), Money(4500, "CLP")),
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
    purpose: Annotated[
        str,
        Field(
            es="para qué",
            en="purpose",
            limit=200,
            aliases=("para",),
            examples=("Flete de la feria", "Impresión de volantes"),
        ),
    ]
    channel: Annotated[
        str,
        Field(es="de dónde", en="out of", choices=("bank", "cash"), examples=("bank", "cash")),
    ] = "bank"
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
