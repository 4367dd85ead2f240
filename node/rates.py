"""How often an app may ask: a budget for each app or address and class of requests, renewed at the end of its window.

Kept in memory only, and bounded: addresses of readers are never stored.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    seconds: int


RATES: Mapping[str, Rate] = {
    "": Rate(300, 300),
    "apps": Rate(30, 300),
    "login": Rate(20, 300),
    "gift": Rate(20, 300),
    "media": Rate(30, 1800),
    "filters": Rate(30, 60),
    "search": Rate(100, 300),
}
"""By class of endpoint; "" is every other one, and every request counts there too."""


@dataclass(slots=True)
class Budget:
    """What is left of a rate until its window ends."""

    rate: Rate
    ends: datetime
    used: int = 0

    @property
    def over(self) -> bool:
        """Whether more was asked than allowed."""
        return self.used > self.rate.requests

    def headers(self) -> dict[str, str]:
        """As Mastodon tells it; apps that wait do so until `Reset`."""
        return {
            "x-ratelimit-limit": str(self.rate.requests),
            "x-ratelimit-remaining": str(max(0, self.rate.requests - self.used)),
            "x-ratelimit-reset": self.ends.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        }


class Rates:
    """The budgets of everybody. `factor` multiplies every rate."""

    def __init__(self, clock: Callable[[], datetime], *, factor: int = 1) -> None:
        self._clock = clock
        self._factor = factor
        self._budgets: OrderedDict[tuple[str, str], Budget] = OrderedDict()

    def spend(self, who: str, kind: str) -> Budget:
        """Count a request; the budget that is nearest to its end."""
        budgets = [self._spend(who, "")]
        if kind:
            budgets.append(self._spend(who, kind))
        return min(budgets, key=lambda budget: budget.rate.requests - budget.used)

    def _spend(self, who: str, kind: str) -> Budget:
        now = self._clock()
        budget = self._budgets.get((who, kind))
        if budget is None or budget.ends <= now:
            rate = Rate(RATES[kind].requests * self._factor, RATES[kind].seconds)
            budget = Budget(rate, now + timedelta(seconds=rate.seconds))
        self._budgets[who, kind] = budget
        self._budgets.move_to_end((who, kind))
        while len(self._budgets) > _REMEMBERED:
            self._budgets.popitem(last=False)
        budget.used += 1
        return budget
