"""Working days according to the operator's calendar. Years that it lacks are never guessed (domain.md §2.1.6)."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from microgov.contracts.rules import CalendarRules
from microgov.services.chassis.times import moved

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class UnknownYear(Exception):
    """The calendar has no entry for this year."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the calendar has no year {year}")
        self.year = year


class Calendar(NamedTuple):
    """A working calendar in local time.

    `offset` is local time minus UTC. `years` maps each known year to its exceptions, as ISO dates: weekdays that are not
    worked, and days of weekends that are.
    """

    offset: timedelta
    years: dict[int, frozenset[str]]

    @classmethod
    def of(cls, rules: CalendarRules) -> "Calendar":
        """The calendar of the section. A day listed both as holiday and as working day is worked."""
        return cls(
            timedelta(minutes=rules.utc_offset_minutes),
            {
                one.year: frozenset(
                    {day for day in one.holidays if _weekday(day) and day not in one.workdays}
                    | {day for day in one.workdays if not _weekday(day)}
                )
                for one in rules.years
            },
        )

    def works(self, day: date) -> bool:
        """Whether the day is a working day; raises UnknownYear."""
        unusual = self.years.get(day.year)
        if unusual is None:
            raise UnknownYear(day.year)
        return (day.weekday() < SATURDAY) != (day.isoformat() in unusual)

    def day(self, at: datetime) -> date:
        """The local date at that instant."""
        return moved(at.astimezone(UTC), self.offset).date()

    def after(self, at: datetime, days: int) -> datetime:
        """The end, in UTC, of the `days`th working day after the local day of `at` (1: the next). Raises UnknownYear."""
        day = self.day(at)
        while days:
            day += ONE_DAY
            days -= self.works(day)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + ONE_DAY - self.offset

    def left(self, at: datetime, due: datetime) -> int:
        """Working days after the local day of `at` until `due`. Inverse of `after`; raises UnknownYear."""
        day, last, count = self.day(at), self.day(moved(due, -timedelta(microseconds=1))), 0
        while day < last:
            day += ONE_DAY
            count += self.works(day)
        return count


def _weekday(day: str) -> bool:
    return date.fromisoformat(day).weekday() < SATURDAY
