"""Plots and maps as shapes for inline SVG: only numbers go in, so a page needs no script and no picture to show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

WIDTH, HEIGHT = 320, 110
_FOOT, _HEAD = 18, 14
WEEKS = 12


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a plot: where it stands, how high it is, what it means."""

    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal
    day: date
    value: Decimal
    labelled: bool


def weekly(amounts: Iterable[tuple[date, Decimal]], today: date, weeks: int = WEEKS) -> list[Column]:
    """Sums by week, the present one last; empty where there is nothing at all to show."""
    monday = today - timedelta(days=today.weekday())
    sums = {monday - timedelta(weeks=back): Decimal(0) for back in reversed(range(weeks))}
    for day, amount in amounts:
        week = day - timedelta(days=day.weekday())
        if week in sums:
            sums[week] += amount
    return columns(list(sums.items()))


def columns(sums: Sequence[tuple[date, Decimal]]) -> list[Column]:
    """The columns for these days and values; empty where all values are zero."""
    most = max((value for _, value in sums), default=Decimal(0))
    if most <= 0:
        return []
    room, step = Decimal(HEIGHT - _FOOT - _HEAD), Decimal(WIDTH) / len(sums)
    drawn = []
    for index, (day, value) in enumerate(sums):
        height = _round(room * value / most)
        drawn.append(
            Column(
                x=_round(step * index + step / 8),
                y=_HEAD + room - height,
                width=_round(step * 3 / 4),
                height=height,
                day=day,
                value=value,
                labelled=index in (0, len(sums) - 1, len(sums) // 2),
            )
        )
    return drawn


def _round(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.1"))
