"""The working calendar: days of a real year, and properties of every calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgov.contracts.rules import CalendarRules
from microgov.services.issues.clocks.working_calendar import Calendar, UnknownYear
from tests.issues.issue_steps import YEAR

YEARS = Calendar.of(
    CalendarRules.model_validate({"years": [YEAR, {"year": 2027, "holidays": [], "workdays": []}]})
)
CHINA = timedelta(hours=8)
TIMES = st.integers(0, 334 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
DAYS = st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(date.isoformat), max_size=40)


def end_of(year: int, month: int, day: int) -> datetime:
    """The end of that day in China, in UTC."""
    return datetime(year, month, day, tzinfo=UTC) + timedelta(days=1) - CHINA


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-02T01:00Z", 1, end_of(2026, 3, 3)),
        ("2026-03-06T01:00Z", 1, end_of(2026, 3, 9)),  # a Friday: the weekend is free
        ("2026-03-06T17:00Z", 1, end_of(2026, 3, 9)),  # Saturday already in China
        ("2026-02-13T01:00Z", 1, end_of(2026, 2, 14)),  # a Saturday worked before the Spring Festival
        ("2026-02-14T01:00Z", 2, end_of(2026, 2, 25)),  # nine free days
        ("2026-09-30T01:00Z", 3, end_of(2026, 10, 10)),  # the Saturday after the National Day is worked
        ("2026-12-31T01:00Z", 1, end_of(2027, 1, 1)),  # the calendar of 2027 has no holidays
    ],
)
def test_deadlines_in_a_real_year(start: str, days: int, due: datetime) -> None:
    assert YEARS.after(datetime.fromisoformat(start), days) == due


def test_a_year_that_the_calendar_does_not_have_is_unknown() -> None:
    with pytest.raises(UnknownYear) as unknown:
        YEARS.after(datetime(2027, 12, 30, tzinfo=UTC), 2)
    assert unknown.value.year == 2028


@given(TIMES, st.integers(1, 15), DAYS, DAYS, st.integers(-840, 840))
def test_every_calendar_gives_the_same_deadline_as_a_list_of_its_working_days(
    at: datetime, days: int, holidays: list[str], workdays: list[str], offset: int
) -> None:
    year = {"year": 2026, "holidays": holidays, "workdays": workdays}
    rules = CalendarRules.model_validate(
        {"utc_offset_minutes": offset, "years": [year, {"year": 2027, "holidays": [], "workdays": []}]}
    )
    calendar, local = Calendar.of(rules), timedelta(minutes=offset)
    first = (at + local).date()
    listed = [
        day
        for day in (first + timedelta(days=n) for n in range(1, 120))
        if day.isoformat() in workdays or (day.weekday() < 5 and day.isoformat() not in holidays)
    ]

    due = calendar.after(at, days)

    assert (due + local - timedelta(microseconds=1)).date() == listed[days - 1]
    assert calendar.left(at, due) == days
    assert due > at
    assert calendar.left(due, due) == 0
