"""What one member may spend alone out of the bank: a limit that a fund agrees on in its criteria, else a usual one.

Transfers to kitchens are signed by two; so that nobody gets around that with an expense, a large one is signed by two as well, those
by which the small ones of a day come to more, and one that takes more than there still is. A charge of the bank stays a matter of one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from node.domain import booking
from node.domain.fund import decided
from node.domain.kind import NotAllowedError, Scene
from node.domain.ledger import BANK, held
from schemas import Money, SchemaError
from schemas.criteria import Criteria, Parameter
from schemas.donation import Donation
from schemas.expense import Expense
from schemas.parts import exact

ROLES = frozenset({"steward", "treasurer"})
"""Whose signatures count."""

NAMES = ("gasto con una firma", "expense by one")
"""The agreement of the criteria that sets the limit."""

USUAL: Mapping[str, int] = {
    "ARS": 50_000, "AUD": 75, "BOB": 350, "BRL": 250, "CAD": 70, "CHF": 40, "CLP": 50_000, "COP": 200_000, "CRC": 25_000,
    "CUP": 6_000, "DKK": 350, "DOP": 3_000, "EUR": 45, "GBP": 40, "GTQ": 400, "HNL": 1_200, "JPY": 7_500, "MXN": 1_000,
    "NIO": 1_800, "NOK": 500, "PAB": 50, "PEN": 200, "PYG": 350_000, "SEK": 500, "USD": 50, "UYU": 2_000, "VES": 10_000,
}  # fmt: skip
"""The limit where none is agreed on, in whole units: some fifty dollars as they stood when this was written."""

_DAYS = timedelta(days=2)
"""No day of a calendar is longer."""


def signers(record: Expense, scene: Scene) -> int:
    """How many members sign an expense that was just booked: two for cash, for more than the limit by itself or with the small ones of
    the same day, and where it takes more than a fund had."""
    left = held(scene.balances(scene.here), booking.OUT_OF[record.channel], record.amount.currency)
    this = scene.thing(scene.url)
    small = _small_of_day(this.published, record.amount.currency, scene) if this is not None else 0
    return _signers(record, left, small, scene)


def signers_in_turn(
    moves: Iterable[tuple[date, int]], currency: str, now: datetime, scene: Scene
) -> Iterator[int]:
    """How many members sign each of these moves of the bank, if each is booked now in its turn: what came in (above zero), and expenses
    (below). Those that two must sign are waited for: they count for none that follow. One answer for each."""
    left = held(scene.balances(scene.here), BANK, currency)
    small = _small_of_day(now, currency, scene)
    for on, minor in moves:
        needed = 0
        if minor < 0:
            record = Expense(amount=Money(-minor, currency), on=on, purpose="…", channel="bank")
            needed = _signers(record, left + minor, small - minor, scene)
        if not needed:
            left, small = left + minor, small - min(minor, 0)
        yield needed


def _signers(record: Expense, left: int, small: int, scene: Scene) -> int:
    """How many sign an expense after which so much is left, and the small ones of its day come to so much."""
    if left < 0 and _acts_as_fund(scene):
        return 2
    return unsigners(record, scene) or (2 if small > _alone(record, scene) else 0)


def _acts_as_fund(scene: Scene) -> bool:
    """Whether two answer for what is not there: at a fund always; elsewhere where gifts or criteria were ever said, also those that went
    back or were withdrawn, unless only one member may sign at all."""
    if scene.is_fund(scene.here):
        return True
    if scene.holders(scene.here, ROLES) < 2:
        return False
    return any(scene.ever_said(scene.here, kind.kind()) for kind in (Criteria, Donation))


def unsigners(record: Expense, scene: Scene) -> int:
    """How many members sign that an expense is withdrawn."""
    return 2 if record.channel == "cash" or record.amount.minor > _alone(record, scene) else 0


def _small_of_day(moment: datetime, currency: str, scene: Scene) -> int:
    """What the expenses come to, in minor units, that were booked on the day of a moment, each small enough for one member.

    By the day on which they were said: the one that they are of is typed by whoever spends. Of every member, since who it was is
    forgotten after a while; also those that two signed after all, since they were small.
    """
    said = scene.said(scene.here, Expense.kind(), moment - _DAYS)
    today = scene.day(moment)
    small = (
        each.record.amount.minor
        for each in said
        if isinstance(each.record, Expense)
        and each.record.amount.currency == currency
        and scene.day(each.published) == today
        and not unsigners(each.record, scene)
    )
    return sum(small)


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
    return Money.of(Decimal(USUAL[currency]), currency, "amount").minor


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
