"""A collective asks for its share of a round."""

from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Money, Uri
from schemas.record import Field, Record


class Claim(Record, frozen=True, kw_only=True):
    """A member of a fund asks for its share of a round. Its nonce is made by its own node, and all nonces make the seed."""

    aliases: ClassVar = ("solicitud",)
    constants: ClassVar = {"record.type": "Claim", "record.id": "{uri}#record"}

    round: Annotated[
        Uri,
        Field(
            es="ronda",
            en="round",
            path="record.about",
            said=False,
            aliases=("ronda",),
            examples=("https://fondo.example/o/7", "https://fondo.example/o/17"),
        ),
    ]
    weight: Annotated[
        Decimal,
        Field(es="peso", en="weight", aliases=("peso",), examples=(Decimal(600), Decimal("2.5"))),
    ]
    need: Annotated[
        Money | None,
        Field(
            es="lo que necesitamos",
            en="need",
            aliases=("necesita", "lo que necesita"),
            examples=(Money(900000, "CLP"), Money(30000, "CLP")),
        ),
    ] = None
    cap: Annotated[int | None, Field(es="tope", en="cap", aliases=("tope",), examples=(None, 300))] = None
    nonce: Annotated[
        str | None,
        Field(
            es="número único",
            en="nonce",
            said=False,
            made=True,
            limit=24,
            examples=("AAECAwQFBgcICQoLDA0ODw==", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ),
    ] = None
