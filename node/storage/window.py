"""Which part of a list is asked for, and how its rows are walked through."""

from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

_LAST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: below `max_id`, the newest above `since_id`, or those directly above `min_id`."""

    limit: int = 20
    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None

    @property
    def low(self) -> int:
        """Only ids above it."""
        return max(self.since_id or 0, self.min_id or 0)

    @property
    def high(self) -> int:
        """Only ids below it."""
        return _LAST if self.max_id is None else self.max_id

    @property
    def order(self) -> str:
        """How to walk through the ids so that the wanted ones come first."""
        return "ASC" if self.min_id is not None else "DESC"

    def newest_first(self, rows: list[T]) -> list[T]:
        """The rows as they are shown."""
        return rows[::-1] if self.min_id is not None else rows
