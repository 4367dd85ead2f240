"""What comes back every week: on which days, from its first until its last."""

from dataclasses import dataclass
from datetime import date, timedelta

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Weekly:
    """One weekday (0 is Monday) in every week, not before `begins`, and not after `ends` where there is an end."""

    weekday: int
    begins: date
    ends: date | None = None

    def falls_on(self, day: date) -> bool:
        """Whether it is on this day."""
        return (
            day.weekday() == self.weekday and day >= self.begins and (self.ends is None or day <= self.ends)
        )

    def coming(self, today: date, count: int) -> tuple[date, ...]:
        """The next days, today among them; fewer where it ends before."""
        since = max(today, self.begins)
        ahead = timedelta(days=(self.weekday - since.weekday()) % 7)
        if since > date.max - ahead - count * _WEEK:
            return ()
        days = (since + ahead + step * _WEEK for step in range(count))
        return tuple(day for day in days if self.falls_on(day))

    def gone(self, today: date, count: int) -> tuple[date, ...]:
        """The last days before today, the latest first."""
        back = timedelta(days=(today.weekday() - self.weekday - 1) % 7 + 1)
        if today < date.min + back + count * _WEEK:
            return ()
        last = today - back
        if self.ends is not None and self.ends < last:
            last = self.ends - timedelta(days=(self.ends.weekday() - self.weekday) % 7)
        return tuple(day for step in range(count) if self.falls_on(day := last - step * _WEEK))
