"""A collective asks to belong to a fund."""

from typing import Annotated, ClassVar

from schemas.parts import Uri
from schemas.record import Field, Record


class Join(Record, frozen=True, kw_only=True):
    """A collective asks, from its own node, to belong to a fund. Withdrawn, it has left."""

    aliases: ClassVar = ("ingreso",)
    constants: ClassVar = {"record.type": "JoinRequest", "record.id": "{uri}#record"}

    fund: Annotated[
        Uri,
        Field(
            es="fondo",
            en="fund",
            path="record.about",
            said=False,
            actor=True,
            aliases=("fondo",),
            examples=("https://fondo.example/c/fondo", "https://sur.example/c/sur"),
        ),
    ]
    details: Annotated[
        str | None,
        Field(
            es="quiénes somos",
            en="who we are",
            limit=2000,
            aliases=("detalles",),
            examples=("Cocinamos tres veces por semana.", "Somos 12 familias."),
        ),
    ] = None
