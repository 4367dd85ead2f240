"""What a collective thinks of something that is to be decided."""

from typing import Annotated, ClassVar

from schemas.parts import Uri
from schemas.record import Field, Record


class Stance(Record, frozen=True, kw_only=True):
    """A collective consents to something, objects with its reason, or abstains; said by itself, from its own node.

    Its digest is that of the document as its node knew it when this was said: it counts for nothing else that may stand there
    later.
    """

    aliases: ClassVar = ("postura",)
    constants: ClassVar = {"record.type": "Stance", "record.id": "{uri}#record"}

    about: Annotated[
        Uri,
        Field(
            es="sobre qué",
            en="about",
            said=False,
            aliases=("sobre",),
            examples=("https://fondo.example/o/8", "https://fondo.example/o/9"),
        ),
    ]
    stance: Annotated[
        str,
        Field(
            es="postura",
            en="stance",
            choices=("consent", "objection", "abstain"),
            examples=("consent", "objection"),
        ),
    ]
    reason: Annotated[
        str | None,
        Field(
            es="motivo",
            en="reason",
            limit=2000,
            aliases=("motivo",),
            examples=("Nos parece justo.", "El piso es muy bajo para las ollas chicas."),
        ),
    ] = None
    digest: Annotated[
        str | None,
        Field(
            es="resumen de lo propuesto",
            en="digest of what was proposed",
            said=False,
            made=True,
            limit=100,
            examples=("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", None),
        ),
    ] = None
