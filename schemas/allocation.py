"""How a pot was shared out, with everything that is needed to reckon it again."""

from decimal import Decimal
from typing import Annotated, ClassVar

from schemas.parts import Money, Uri
from schemas.record import Field, Part, Record

_ESPERANZA = "https://esperanza.example/c/esperanza"
_VILLASOL = "https://villasol.example/c/villasol"


class Claim(Part, frozen=True, kw_only=True):
    """One claim on the pot. Cap and floor are in the units that are shared: rations, or the smallest unit of money."""

    claimant: Annotated[
        Uri, Field(es="quién pide", en="claimant", said=False, actor=True, examples=(_ESPERANZA, _VILLASOL))
    ]
    claim: Annotated[
        Uri | None,
        Field(es="solicitud", en="claim", said=False, examples=("https://esperanza.example/o/6", None)),
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
    weight: Annotated[Decimal, Field(es="peso", en="weight", examples=(Decimal(600), Decimal(240)))]
    cap: Annotated[int | None, Field(es="tope", en="cap", said=False, examples=(900, None))] = None
    floor: Annotated[int | None, Field(es="piso", en="floor", said=False, examples=(0, None))] = None


class Allotment(Part, frozen=True, kw_only=True):
    """What one claimant gets: so many units where there is a unit price, and the money."""

    claimant: Annotated[
        Uri, Field(es="quién recibe", en="claimant", said=False, actor=True, examples=(_ESPERANZA, _VILLASOL))
    ]
    count: Annotated[int | None, Field(es="raciones", en="rations", examples=(297, 119))] = None
    amount: Annotated[
        Money, Field(es="monto", en="amount", examples=(Money(445500, "CLP"), Money(178500, "CLP")))
    ]


class Allocation(Record, frozen=True, kw_only=True):
    """The shares of a pot among those who claimed, by a rule that anybody can apply again.

    A round gives the criteria, the decision, the claims and the seed. Without a round the fund gives the claims and the seed
    itself, and says so.
    """

    aliases: ClassVar = ("asignación", "asignacion", "reparto")
    constants: ClassVar = {"record.type": "Allocation", "record.id": "{uri}#record"}

    round: Annotated[
        Uri | None,
        Field(es="ronda", en="round", said=False, examples=(None, "https://fondo.example/o/7")),
    ] = None
    criteria: Annotated[
        Uri | None,
        Field(es="criterio", en="criteria", said=False, examples=(None, "https://fondo.example/o/8")),
    ] = None
    decision: Annotated[
        Uri | None,
        Field(es="decisión", en="decision", said=False, examples=(None, "https://fondo.example/o/9")),
    ] = None
    corrects: Annotated[
        Uri | None,
        Field(es="corrige", en="corrects", said=False, examples=(None, "https://fondo.example/o/14")),
    ] = None
    rule: Annotated[
        str | None,
        Field(
            es="regla",
            en="rule",
            said=False,
            limit=60,
            examples=("largest-remainder/1", "largest-remainder/1"),
        ),
    ] = None
    seed: Annotated[
        str | None,
        Field(
            es="semilla",
            en="seed",
            said=False,
            examples=("https://fondo.example/rounds/1", "https://fondo.example/rounds/2"),
        ),
    ] = None
    log_size: Annotated[
        int | None,
        Field(es="tamaño del registro", en="size of the log", said=False, made=True, examples=(4, None)),
    ] = None
    available: Annotated[
        Money,
        Field(
            es="disponible",
            en="available",
            positive=True,
            examples=(Money(625000, "CLP"), Money(1000, "CLP")),
        ),
    ]
    unit_price: Annotated[
        Money | None,
        Field(
            es="precio de la ración",
            en="price of a ration",
            positive=True,
            aliases=("precio",),
            examples=(Money(1500, "CLP"), None),
        ),
    ] = None
    claims: Annotated[
        tuple[Claim, ...],
        Field(
            es="solicitudes",
            en="claims",
            limit=10_000,
            examples=(
                (
                    Claim(claimant=Uri(_ESPERANZA), weight=Decimal(600)),
                    Claim(claimant=Uri(_VILLASOL), weight=Decimal(240)),
                ),
                (
                    Claim(claimant=Uri(_ESPERANZA), weight=Decimal("2.5")),
                    Claim(claimant=Uri(_VILLASOL), weight=Decimal("1.5"), cap=300),
                ),
            ),
        ),
    ] = ()
    allotments: Annotated[
        tuple[Allotment, ...],
        Field(
            es="asignaciones",
            en="allotments",
            limit=10_000,
            made=True,
            examples=(
                (
                    Allotment(claimant=Uri(_ESPERANZA), count=297, amount=Money(445500, "CLP")),
                    Allotment(claimant=Uri(_VILLASOL), count=119, amount=Money(178500, "CLP")),
                ),
                (
                    Allotment(claimant=Uri(_ESPERANZA), amount=Money(700, "CLP")),
                    Allotment(claimant=Uri(_VILLASOL), amount=Money(300, "CLP")),
                ),
            ),
        ),
    ] = ()
    carry_over: Annotated[
        Money | None,
        Field(
            es="queda en caja", en="carried over", made=True, examples=(Money(1000, "CLP"), Money(0, "CLP"))
        ),
    ] = None
