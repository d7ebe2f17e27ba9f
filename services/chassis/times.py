"""Times at the ends of the calendar: a log may hold the years 1 and 9999, and no handler fails at them."""

from datetime import UTC, datetime, timedelta

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def moved(at: datetime, by: timedelta) -> datetime:
    """The time so much later, or earlier; the first or the last that there is where the calendar ends before."""
    try:
        return at + by
    except OverflowError:
        return LAST if by > timedelta(0) else FIRST
