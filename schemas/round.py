"""A round in which a fund shares out."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar

from schemas.parts import Uri
from schemas.record import Field, Record


class Round(Record, frozen=True, kw_only=True):
    """A fund opens a round: claims answer it until they close; then its seed is made of all their nonces."""

    aliases: ClassVar = ("ronda",)
    constants: ClassVar = {"record.type": "Round", "record.id": "{uri}#record"}

    number: Annotated[
        int | None, Field(es="número", en="number", positive=True, made=True, examples=(1, 2))
    ] = None
    campaign: Annotated[
        Uri | None,
        Field(
            es="campaña",
            en="campaign",
            said=False,
            aliases=("campaña",),
            examples=("https://fondo.example/o/5", None),
        ),
    ] = None
    criteria: Annotated[
        Uri,
        Field(
            es="criterio",
            en="criteria",
            said=False,
            aliases=("criterio",),
            examples=("https://fondo.example/o/8", "https://fondo.example/o/18"),
        ),
    ]
    claims_until: Annotated[
        datetime,
        Field(
            es="solicitudes hasta",
            en="claims until",
            ends_day=True,
            aliases=("solicitudes",),
            examples=(datetime(2020, 9, 11, 2, 59, 59, tzinfo=UTC), datetime(2020, 10, 9, 15, 0, tzinfo=UTC)),
        ),
    ]
    appeal_until: Annotated[
        datetime,
        Field(
            es="apelaciones hasta",
            en="appeals until",
            ends_day=True,
            aliases=("apelación",),
            examples=(
                datetime(2020, 9, 14, 2, 59, 59, tzinfo=UTC),
                datetime(2020, 10, 12, 15, 0, tzinfo=UTC),
            ),
        ),
    ]
    pay_from: Annotated[
        datetime | None,
        Field(
            es="pagos desde",
            en="paid from",
            aliases=("pago",),
            examples=(
                datetime(2020, 9, 14, 15, 0, tzinfo=UTC),
                datetime(2020, 10, 13, 15, 0, tzinfo=UTC),
            ),
        ),
    ] = None
    status: Annotated[
        str, Field(es="estado", en="status", choices=("open", "closed"), examples=("open", "closed"))
    ] = "open"
    seed: Annotated[
        str | None,
        Field(
            es="semilla",
            en="seed",
            said=False,
            made=True,
            limit=100,
            examples=(None, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ),
    ] = None
