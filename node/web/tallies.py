"""What a collective's own things add up to: rations served, needs whose day has come, the ways by which gifts arrived.

Each from the newest things alone, so that a page costs the same after ten years.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from node.domain.kind import Thing
from node.domain.matching import ZERO
from node.speak import LiveScene, may_read
from node.speak.scene import thing_of
from node.storage import objects
from node.storage.database import Snapshot
from node.storage.objects import Object
from node.web.plots import WEEKS, Bar, Column, bars, weekly
from schemas import Money
from schemas.donation import Donation
from schemas.meal import Meal, Ration
from schemas.need import Need
from schemas.receipt import Receipt

MEALS = 200
"""Meals that are counted for what a collective served."""
GIFTS = 200
"""Gifts that are counted for where they came from."""
_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Served:
    """What a collective cooked: rations of the last thirty days and of all meals counted, and what one ration is."""

    month: Decimal
    total: Decimal
    meals: int
    ration: Ration | None
    weeks: list[Column]


@dataclass(frozen=True, slots=True)
class Answered:
    """Needs whose day has come within the last weeks: of how many all had arrived by then, and by week."""

    in_time: int
    all: int
    weeks: list[Column]


@dataclass(frozen=True, slots=True)
class Ways:
    """By which channels the newest gifts came: one bar a channel, in one currency."""

    bars: list[Bar]
    gifts: int
    currency: str

    def worth(self, bar: Bar) -> Money:
        """What one bar stands for."""
        return Money(bar.value, self.currency)


def served(snapshot: Snapshot, actor: str, reader: str, today: date) -> Served:
    """What an actor's meals add up to. The door is open: only rations are counted, never people."""
    meals = [
        record
        for row in objects.of_owner(snapshot, actor, "meal", limit=MEALS)
        if may_read(snapshot, row, reader)
        and isinstance(record := thing_of(row).record, Meal)
        and record.served is not None
    ]
    amounts = [(meal.on, meal.served.value) for meal in meals if meal.served is not None]
    return Served(
        month=sum((amount for day, amount in amounts if today - _MONTH < day <= today), Decimal(0)),
        total=sum((amount for _, amount in amounts), Decimal(0)),
        meals=len(amounts),
        ration=next((meal.ration for meal in meals if meal.ration is not None), None),
        weeks=weekly(((day, amount, amount) for day, amount in amounts), today),
    )


def answered(needs: Iterable[Object], scene: LiveScene, today: date) -> Answered:
    """Of these needs those whose day has come, and which of them had everything by then: what came late is no help."""
    over = {
        each.uri: (day, thing_of(each))
        for each in needs
        if each.due is not None
        and scene.over(each.due)
        and (day := scene.day(each.due)) > today - timedelta(weeks=WEEKS)
    }
    arrived = _arrived_in_time(over, scene)
    came = [
        (day, isinstance(need.record, Need) and arrived.get(uri, ZERO) >= need.record.quantity.value)
        for uri, (day, need) in over.items()
    ]
    return Answered(
        in_time=sum(whole for _, whole in came),
        all=len(came),
        weeks=weekly(((day, Decimal(1), Decimal(whole)) for day, whole in came), today),
    )


def _arrived_in_time(needs: Mapping[str, tuple[date, Thing]], scene: LiveScene) -> dict[str, Decimal]:
    """What arrived of each need until its day, as its owner says it."""
    arrived: dict[str, Decimal] = {}
    for about, receipt in scene.replying(needs, Receipt.kind()):
        due, need = needs[about]
        record = receipt.record
        if (
            receipt.owner == need.owner
            and isinstance(record, Receipt)
            and record.quantity
            and record.on <= due
        ):
            arrived[about] = arrived.get(about, ZERO) + record.quantity.value
    return arrived


def ways(snapshot: Snapshot, actor: str) -> Ways | None:
    """Where a fund's newest gifts came from; None where it has none."""
    gifts = [
        record
        for row in objects.of_owner(snapshot, actor, "donation", limit=GIFTS)
        if row.audience in ("public", "unlisted")
        and isinstance(record := thing_of(row).record, Donation)
        and record.status == "cleared"
    ]
    currency = next((gift.amount.currency for gift in gifts), "")
    sums: dict[str, int] = {}
    for gift in gifts:
        if gift.amount.currency == currency:
            sums[gift.channel] = sums.get(gift.channel, 0) + gift.amount.minor
    drawn = bars([(channel, minor) for channel, minor in sums.items() if minor > 0])
    return Ways(drawn, len(gifts), currency) if drawn else None
