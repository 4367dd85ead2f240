"""Money that a fund hands over."""

from datetime import date
from typing import Annotated, ClassVar

from schemas.parts import Money, Uri
from schemas.record import Field, Record


class Transfer(Record, frozen=True, kw_only=True):
    """A fund hands over what it allocated. Two members approve it first; whoever receives it confirms it."""

    aliases: ClassVar = ("transferencia",)
    constants: ClassVar = {
        "record.type": "EconomicEvent",
        "record.id": "{uri}#record",
        "record.action": "transfer",
    }

    provider: Annotated[
        Uri | None,
        Field(
            es="de quién",
            en="from",
            said=False,
            made=True,
            examples=("https://fondo.example/c/fondo", "https://fondo.example/c/fondo"),
        ),
    ] = None
    to: Annotated[
        Uri,
        Field(
            es="para quién",
            en="to",
            path="record.receiver",
            said=False,
            actor=True,
            aliases=("para", "receiver"),
            examples=("https://esperanza.example/c/esperanza", "https://villasol.example/c/villasol"),
        ),
    ]
    amount: Annotated[
        Money,
        Field(
            es="monto",
            en="amount",
            path="record.resourceQuantity",
            positive=True,
            examples=(Money(346500, "CLP"), Money(138000, "CLP")),
        ),
    ]
    on: Annotated[
        date,
        Field(
            es="día",
            en="day",
            today=True,
            aliases=("dia", "fecha"),
            examples=(date(2020, 9, 14), date(2020, 9, 15)),
        ),
    ]
    allocation: Annotated[
        Uri,
        Field(
            es="reparto",
            en="allocation",
            aliases=("asignación", "asignacion"),
            said=False,
            examples=("https://fondo.example/o/14", "https://fondo.example/o/24"),
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
