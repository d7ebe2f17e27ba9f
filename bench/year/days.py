"""The calendar of the year: holidays, working days, and the times of a day at which people do something.

The year is 2026, with the Chinese public holidays and make-up working days of that year. Local time is UTC+8.
"""

import random
from datetime import UTC, date, datetime, timedelta

from microgov.contracts.rules import CalendarRules, WorkingYear

YEAR = 2026
BEGIN, END = datetime(YEAR, 1, 1, tzinfo=UTC), datetime(YEAR + 1, 1, 1, tzinfo=UTC)
STEP = timedelta(hours=8)
"""Commands of this span are folded together, then deadlines are reported: at 8, 16 and 24 o'clock, local time."""
SPANS = (
    (date(2026, 1, 1), date(2026, 1, 3)),
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 6, 19), date(2026, 6, 21)),
    (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
)
MAKE_UP = tuple(
    date(2026, month, day) for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))
)
FREE = frozenset(first + timedelta(days=n) for first, last in SPANS for n in range((last - first).days + 1))
WORKING, WEEKEND, HOLIDAY = 1.0, 0.4, 0.15
"""How much happens on a day, compared with a working day (assumption)."""


def calendar() -> CalendarRules:
    """The working calendar, with the next year for what falls due in it."""
    holidays = [day.isoformat() for day in sorted(FREE) if day.weekday() < 5]
    workdays = [day.isoformat() for day in MAKE_UP]
    return CalendarRules(
        years=[
            WorkingYear(year=YEAR, holidays=holidays, workdays=workdays),
            WorkingYear(year=YEAR + 1, holidays=[], workdays=[]),
        ]
    )


def weight(day: date) -> float:
    """How much happens on this day."""
    if day in MAKE_UP:
        return WORKING
    if day in FREE:
        return HOLIDAY
    return WEEKEND if day.weekday() >= 5 else WORKING


def daytime(day: datetime, chance: random.Random) -> datetime:
    """A time of this day (UTC) between 8 and 21 o'clock, local time."""
    return day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        seconds=chance.randrange(13 * 3600)
    )


def starts(count: int, chance: random.Random) -> list[datetime]:
    """When this many matters come up, in order: after the first week of January, more on working days."""
    days = [BEGIN + timedelta(days=n) for n in range(5, 360)]
    drawn = chance.choices(days, [weight(day.date()) for day in days], k=count)
    return sorted(daytime(day, chance) for day in drawn)
