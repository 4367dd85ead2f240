"""What one member may spend alone out of the bank: a limit that a fund agrees on in its criteria, else a usual one.

Transfers to kitchens are signed by two; so that nobody gets around that with an expense, a large one is signed by two as well, and
one that takes more than there still is. A charge of the bank stays a matter of one.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from node.domain import booking
from node.domain.fund import decided
from node.domain.kind import NotAllowedError, Scene
from node.domain.ledger import held
from schemas import Money, SchemaError
from schemas.criteria import Criteria, Parameter
from schemas.expense import Expense
from schemas.parts import exact

NAMES = ("gasto con una firma", "expense by one")
"""The agreement of the criteria that sets the limit."""

USUAL: Mapping[str, int] = {
    "ARS": 50_000, "BOB": 350, "BRL": 250, "CLP": 50_000, "COP": 200_000, "CRC": 25_000, "DKK": 350, "DOP": 3_000,
    "GTQ": 400, "HNL": 1_200, "JPY": 7_500, "MXN": 1_000, "NIO": 1_800, "NOK": 500, "PEN": 200, "PYG": 350_000,
    "SEK": 500, "UYU": 2_000,
}  # fmt: skip
"""The limit where none is agreed on, in whole units: some fifty dollars."""
_FEWEST = 50
"""The same in every other currency."""


def signers(record: Expense, scene: Scene) -> int:
    """How many members sign an expense that was just booked: two for cash, for more than the limit, and where it takes more than
    was left. Where nothing was, as at a kitchen that books its expenses alone, the limit decides."""
    left = held(scene.balances(scene.here), booking.OUT_OF[record.channel], record.amount.currency)
    return 2 if left < 0 < left + record.amount.minor else unsigners(record, scene)


def unsigners(record: Expense, scene: Scene) -> int:
    """How many members sign that an expense is withdrawn."""
    return 2 if record.channel == "cash" or record.amount.minor > _alone(record, scene) else 0


def _alone(record: Expense, scene: Scene) -> int:
    """What one member may spend alone, in minor units: the lower of what was agreed for the day of the expense, which she types
    herself, and of what was agreed last; else what is usual."""
    criteria = [
        thing.record
        for thing in scene.said(scene.here, Criteria.kind())
        if isinstance(thing.record, Criteria) and decided(thing.id, scene.here, scene) is not None
    ]
    then = [each for each in criteria if each.valid_from <= record.on]
    return min(_agreed(each, record.amount.currency) for each in (then[-1:], criteria[-1:]))


def _agreed(criteria: Sequence[Criteria], currency: str) -> int:
    """The limit of the criteria that there are, else the usual one; an agreement that does not read agrees on nothing."""
    for parameter in (parameter for each in criteria for parameter in each.parameters):
        try:
            amount = agreed_in(parameter)
        except NotAllowedError:
            continue
        if amount is not None and amount.currency == currency:
            return amount.minor
    return _usual(currency)


def _usual(currency: str) -> int:
    return Money.of(Decimal(USUAL.get(currency, _FEWEST)), currency, "amount").minor


def agreed_in(parameter: Parameter) -> Money | None:
    """The limit that an agreement sets (`30000 CLP`); None for an agreement about something else. NotAllowedError where it does not
    read."""
    if parameter.name.strip().casefold() not in NAMES:
        return None
    amount, _, currency = parameter.value.strip().partition(" ")
    try:
        return Money.of(exact(amount, "parameters"), currency.strip(), "parameters")
    except SchemaError:
        raise NotAllowedError(
            "parameters", "an amount without dots and a currency, like {example}", example="30000 CLP"
        ) from None
