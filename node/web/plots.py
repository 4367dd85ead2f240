"""Plots as shapes for inline SVG: only numbers go in, so a page needs no script and no picture to show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

WIDTH, HEIGHT = 320, 110
_FOOT, _HEAD = 18, 14
WEEKS = 12


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a plot: where it stands, how high it is, how much of that is filled, what it means."""

    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal
    filled: Decimal
    day: date
    value: Decimal
    part: Decimal
    labelled: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of several that share a whole: its name, its value, how wide of a hundred, and how many percent of all."""

    name: str
    value: int
    width: Decimal
    percent: Decimal


def weekly(amounts: Iterable[tuple[date, Decimal, Decimal]], today: date, weeks: int = WEEKS) -> list[Column]:
    """Sums by week of an amount and of a part of it, the present week last; empty where there is nothing at all to show."""
    monday = today - timedelta(days=today.weekday())
    sums = {monday - timedelta(weeks=back): (Decimal(0), Decimal(0)) for back in reversed(range(weeks))}
    for day, amount, part in amounts:
        week = day - timedelta(days=day.weekday())
        if week in sums:
            sums[week] = (sums[week][0] + amount, sums[week][1] + part)
    return _columns([(day, *values) for day, values in sums.items()])


def _columns(sums: Sequence[tuple[date, Decimal, Decimal]]) -> list[Column]:
    most = max((value for _, value, _ in sums), default=Decimal(0))
    if most <= 0:
        return []
    room, step = Decimal(HEIGHT - _FOOT - _HEAD), Decimal(WIDTH) / len(sums)
    drawn = []
    for index, (day, value, part) in enumerate(sums):
        height = _round(room * value / most)
        drawn.append(
            Column(
                x=_round(step * index + step / 8),
                y=_HEAD + room - height,
                width=_round(step * 3 / 4),
                height=height,
                filled=_round(room * part / most),
                day=day,
                value=value,
                part=part,
                labelled=index in (0, len(sums) - 1, len(sums) // 2),
            )
        )
    return drawn


def bars(values: Iterable[tuple[str, int]]) -> list[Bar]:
    """Bars for these names and values, the largest first; the largest is as wide as there is room."""
    ordered = sorted(values, key=lambda pair: -pair[1])
    whole = Decimal(sum(value for _, value in ordered))
    return [
        Bar(
            name,
            value,
            _round(Decimal(value) * 100 / ordered[0][1]),
            (value * 100 / whole).quantize(Decimal(1)),
        )
        for name, value in ordered
    ]


def _round(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.1"))
