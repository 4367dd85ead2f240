"""A fund answers who asked to belong to it."""

from typing import Annotated, ClassVar

from schemas.parts import Uri
from schemas.record import Field, Record


class Admission(Record, frozen=True, kw_only=True):
    """A fund admits a collective, which counts from the next round on, or refuses it, or ends its belonging; with the reason."""

    aliases: ClassVar = ("admisión", "admision")
    constants: ClassVar = {"record.type": "Admission", "record.id": "{uri}#record"}

    join: Annotated[
        Uri,
        Field(
            es="solicitud",
            en="request",
            path="record.about",
            said=False,
            aliases=("about",),
            examples=("https://esperanza.example/o/11", "https://villasol.example/o/12"),
        ),
    ]
    outcome: Annotated[
        str,
        Field(
            es="resultado",
            en="outcome",
            choices=("admitted", "refused", "ended"),
            examples=("admitted", "refused"),
        ),
    ]
    reason: Annotated[
        str | None,
        Field(
            es="motivo",
            en="reason",
            examples=("La asamblea del 5 de agosto la conoce.", "Falta que cocine dos meses."),
        ),
    ] = None
