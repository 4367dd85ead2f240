"""What people type of provisions, read: words in one line, amounts, days, rations. Every refusal is a NotAllowedError that names
the field; `misread_…` tells all of them at once, where reading stops at the first.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from node.domain.dates import read_day
from node.domain.kind import NotAllowedError
from node.domain.measure import read_quantity
from node.tongues import Tongue
from schemas import Quantity, Unit

NAME = 100
"""Characters of the name of a good or of a recipe."""
LINES = 40
"""Ingredients of one recipe."""
_MOST_RATIONS = 100_000


def words(text: str, field: str, limit: int) -> str:
    """Words in one line as they were typed. NotAllowedError where there are none, too many, or none that can be read."""
    typed = " ".join(text.split())
    if not typed:
        raise NotAllowedError(field, "some text")
    if len(typed) > limit:
        raise NotAllowedError(field, "at most {limit} characters", limit=limit)
    if not typed.isprintable():
        raise NotAllowedError(field, "text without control characters")
    return typed


def amount_of(typed: str, field: str, tongue: Tongue) -> Quantity:
    """An amount of something, more than zero."""
    amount = read_quantity(typed, field, tongue)
    if amount.value <= 0:
        raise NotAllowedError(field, "more than zero")
    return amount


def last_day(typed: str, tongue: Tongue, today: date) -> date | None:
    """Until when something is good; None where nothing was typed."""
    last = read_day(typed, "expires", tongue, today) if typed.strip() else None
    if last is not None and last < today:
        raise NotAllowedError("expires", "a day that is still to come")
    return last


def rations_of(typed: str, tongue: Tongue) -> int:
    """For how many rations a recipe is."""
    count = read_quantity(typed, "rations", tongue, (Unit.RATION,)).value
    if not 0 < count <= _MOST_RATIONS or count != count.to_integral_value():
        raise NotAllowedError("rations", "a whole number of rations")
    return int(count)


def misread_lot(
    tongue: Tongue, today: date, *, what: str, quantity: str, expires: str
) -> list[NotAllowedError]:
    """All that does not read of what somebody typed for a new lot, each field by itself."""
    return refusals(
        lambda: words(what, "what", NAME),
        lambda: amount_of(quantity, "quantity", tongue),
        lambda: last_day(expires, tongue, today),
    )


def misread_recipe(
    tongue: Tongue, *, name: str, rations: str, lines: Sequence[tuple[str, str]]
) -> list[NotAllowedError]:
    """All that does not read of what somebody typed for a recipe, each field by itself."""
    rows = [
        reading
        for index, (what, typed) in enumerate(lines[:LINES])
        for reading in (
            partial(words, what, f"lines[{index}].what", NAME),
            partial(amount_of, typed, f"lines[{index}].quantity", tongue),
        )
    ]
    return refusals(
        lambda: words(name, "name", NAME),
        lambda: rations_of(rations, tongue),
        *rows,
        lambda: refuse_none(lines),
    )


def refusals(*readings: Callable[[], object]) -> list[NotAllowedError]:
    """What several readings refuse, each by itself."""
    refused = []
    for read in readings:
        try:
            read()
        except NotAllowedError as error:
            refused.append(error)
    return refused


def refuse_none(lines: Sequence[tuple[str, str]]) -> None:
    """A recipe has something in it."""
    if not lines:
        raise NotAllowedError("lines[0].what", "at least one ingredient")
