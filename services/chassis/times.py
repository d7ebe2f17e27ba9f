"""Arithmetic with times at both ends of the calendar: a log may hold times in the years 1 and 9999, and no handler may fail
because of them.
"""

from datetime import UTC, datetime, timedelta

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def moved(at: datetime, by: timedelta) -> datetime:
    """The time `by` later (or earlier, if negative); limited to the first and the last time that datetime can hold."""
    try:
        return at + by
    except OverflowError:
        return LAST if by > timedelta(0) else FIRST
