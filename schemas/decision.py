"""What collectives decided together."""

from datetime import date
from typing import Annotated, ClassVar

from schemas.parts import Uri
from schemas.record import Field, Part, Record


class Position(Part, frozen=True, kw_only=True):
    """Where one member stood when it was decided, with the id and digest of what it signed; absent ones have none."""

    by: Annotated[
        Uri,
        Field(
            es="quién",
            en="by",
            said=False,
            actor=True,
            examples=("https://esperanza.example/c/esperanza", "https://maule.example/c/maule"),
        ),
    ]
    stance: Annotated[
        str,
        Field(
            es="postura",
            en="stance",
            said=False,
            choices=("consent", "objection", "abstain", "absent"),
            examples=("consent", "absent"),
        ),
    ]
    id: Annotated[
        Uri | None,
        Field(es="publicada en", en="said in", said=False, examples=("https://esperanza.example/o/10", None)),
    ] = None
    digest: Annotated[
        str | None,
        Field(
            es="resumen",
            en="digest",
            said=False,
            limit=100,
            examples=("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", None),
        ),
    ] = None


class Resolved(Part, frozen=True, kw_only=True):
    """An objection that stands and blocks no more, because it was resolved together with who made it; and how."""

    by: Annotated[
        Uri,
        Field(
            es="de quién",
            en="of whom",
            said=False,
            actor=True,
            examples=("https://maule.example/c/maule",) * 2,
        ),
    ]
    how: Annotated[
        str,
        Field(
            es="cómo se resolvió",
            en="how it was resolved",
            limit=500,
            aliases=("cómo",),
            examples=("Agregamos el gas al criterio.", "Se revisa en un mes."),
        ),
    ]


class Decision(Record, frozen=True, kw_only=True):
    """What was decided, how, by whom, and when it will be looked at again. It is never changed; another one follows."""

    aliases: ClassVar = ("decisión",)
    constants: ClassVar = {"record.type": "Decision", "record.id": "{uri}#record"}

    about: Annotated[
        Uri,
        Field(
            es="sobre qué",
            en="about",
            said=False,
            aliases=("sobre",),
            examples=("https://fondo.example/o/8", "https://fondo.example/o/5"),
        ),
    ]
    process: Annotated[
        str,
        Field(es="modo", en="process", choices=("consent", "majority"), examples=("consent", "majority")),
    ] = "consent"
    scope: Annotated[
        str,
        Field(es="alcance", en="scope", limit=100, examples=("fund", "campaña de invierno")),
    ] = "fund"
    quorum: Annotated[int, Field(es="quórum", en="quorum", positive=True, examples=(3, 2))]
    outcome: Annotated[
        str,
        Field(
            es="resultado",
            en="outcome",
            choices=("adopted", "blocked", "rejected", "no-quorum"),
            examples=("adopted", "no-quorum"),
        ),
    ]
    review_on: Annotated[
        date | None,
        Field(
            es="se revisa el",
            en="reviewed on",
            aliases=("revisión",),
            examples=(date(2020, 12, 1), date(2021, 6, 1)),
        ),
    ] = None
    reason: Annotated[
        str | None,
        Field(
            es="motivo",
            en="reason",
            limit=2000,
            examples=("Rige desde la ronda 1.", "Falta oír a dos ollas."),
        ),
    ] = None
    resolved: Annotated[
        tuple[Resolved, ...],
        Field(
            es="objeciones resueltas",
            en="objections resolved",
            limit=50,
            aliases=("resueltas",),
            examples=(
                (),
                (Resolved(by=Uri("https://maule.example/c/maule"), how="Agregamos el gas al criterio."),),
            ),
        ),
    ] = ()
    stances: Annotated[
        tuple[Position, ...],
        Field(
            es="posturas",
            en="stances",
            limit=10_000,
            made=True,
            said=False,
            examples=(
                (
                    Position(
                        by=Uri("https://esperanza.example/c/esperanza"),
                        stance="consent",
                        id=Uri("https://esperanza.example/o/10"),
                        digest="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                    ),
                    Position(by=Uri("https://maule.example/c/maule"), stance="absent"),
                ),
                (Position(by=Uri("https://maule.example/c/maule"), stance="absent"),),
            ),
        ),
    ] = ()
