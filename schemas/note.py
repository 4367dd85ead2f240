"""A plain text: news, a question, an answer."""

from typing import Annotated, ClassVar

from schemas.record import Field, Record


class Note(Record, frozen=True, kw_only=True):
    """What somebody writes in their own words.

    `text` travels as the Note's `source`, so that its author can edit it; its `content` is made from it. Of a Note by a
    program that sends no source, `text` is the HTML as received.
    """

    aliases: ClassVar = ("publicación", "publicacion", "nota")
    constants: ClassVar = {"source.mediaType": "text/plain"}

    text: Annotated[
        str,
        Field(
            es="texto",
            en="text",
            path="source.content",
            also="content",
            limit=100_000,
            aliases=("texto",),
            examples=(
                "Hoy cocinamos a las 13:00. ¡Vengan!",
                "Gracias @cooperativa@cooperativa.example por el arroz. #olla",
            ),
        ),
    ]
    warning: Annotated[
        str | None,
        Field(
            es="advertencia de contenido",
            en="content warning",
            path="summary",
            said=False,
            aliases=("advertencia",),
            examples=("violencia policial", "duelo"),
        ),
    ] = None
    sensitive: Annotated[
        bool | None,
        Field(
            es="fotografías delicadas",
            en="sensitive pictures",
            path="sensitive",
            said=False,
            examples=(True, False),
        ),
    ] = None
