"""How often somebody may ask: a budget for each address, token or name and class of requests, renewed at the end of its window.

Kept in memory only, and bounded, each class for itself: no flood of readers makes the node forget who tried passwords.
Addresses of readers are never stored.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address

_REMEMBERED = 10_000
"""Budgets of one class that are kept."""
_KEY_CHARS = 128
_HOUSEHOLD = 64
"""The bits of an IPv6 address that a line is given; whoever has one has all the addresses below it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    seconds: int


RATES: Mapping[str, Rate] = {
    "": Rate(300, 300),
    "apps": Rate(30, 300),
    "token": Rate(30, 300),
    "login": Rate(20, 300),
    "gift": Rate(20, 300),
    "media": Rate(30, 1800),
    "filters": Rate(30, 60),
    "search": Rate(100, 300),
}
"""By class of endpoint; every request of an app counts in "" too."""


@dataclass(slots=True)
class Budget:
    """What is left of a rate until its window ends."""

    rate: Rate
    ends: datetime
    used: int = 0

    @property
    def left(self) -> int:
        """How many requests are left; below nothing where more was asked than allowed."""
        return self.rate.requests - self.used

    @property
    def over(self) -> bool:
        """Whether more was asked than allowed."""
        return self.left < 0

    def headers(self) -> dict[str, str]:
        """As Mastodon tells it; apps that wait do so until `Reset`."""
        return {
            "x-ratelimit-limit": str(self.rate.requests),
            "x-ratelimit-remaining": str(max(0, self.left)),
            "x-ratelimit-reset": self.ends.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        }


def household(client: tuple[str, int] | None) -> str:
    """Whose address a request comes from, as budgets know it: the address, of IPv6 its network; "" where there is none."""
    if client is None:
        return ""
    try:
        address = ip_address(client[0])
    except ValueError:
        return client[0]
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> _HOUSEHOLD << _HOUSEHOLD)}/{_HOUSEHOLD}"


class Rates:
    """The budgets of everybody. `factor` multiplies every rate."""

    def __init__(self, clock: Callable[[], datetime], *, factor: int = 1) -> None:
        self._clock = clock
        self._factor = factor
        self._budgets: dict[str, OrderedDict[str, Budget]] = {kind: OrderedDict() for kind in RATES}

    def spend(self, who: str, kind: str = "") -> Budget:
        """Count a request in the budget that somebody has for this class."""
        now, held, who = self._clock(), self._budgets[kind], who[:_KEY_CHARS]
        budget = held.get(who)
        if budget is None or budget.ends <= now:
            rate = Rate(RATES[kind].requests * self._factor, RATES[kind].seconds)
            budget = Budget(rate, now + timedelta(seconds=rate.seconds))
        held[who] = budget
        held.move_to_end(who)
        if len(held) > _REMEMBERED:
            held.popitem(last=False)
        budget.used += 1
        return budget
