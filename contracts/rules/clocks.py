"""The sections `calendar` and `clocks`: which days are working days, and how many of them an issue may take."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from microgov.contracts.fields import Format, Part
from microgov.contracts.rules.durations import Days


def _day(value: str) -> str:
    date.fromisoformat(value)
    return value


Day = Annotated[
    str,
    Format(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    Field(max_length=10, examples=["2026-10-01"]),
    AfterValidator(_day),
]
"""A date in local time."""


class WorkingYear(Part):
    """The working days of one year as published: weekdays that are free, and Saturdays and Sundays that are working days."""

    year: Annotated[int, Field(ge=2000, le=2200, examples=[2026])]
    holidays: Annotated[list[Day], Field(max_length=200, examples=[["2026-10-01", "2026-10-02"]])]
    workdays: Annotated[list[Day], Field(max_length=100, examples=[["2026-10-10"]])]

    @model_validator(mode="after")
    def _in_the_year(self) -> "WorkingYear":
        other = [day for day in (*self.holidays, *self.workdays) if not day.startswith(f"{self.year}-")]
        if other:
            raise ValueError(f"{other[0]} is not in the year {self.year}")
        return self


class CalendarRules(Part):
    """The working calendar 工作日历 (domain.md §2.1.6).

    A year that is not listed is unknown: no due date is set in it.
    """

    section: Literal["calendar"] = "calendar"
    utc_offset_minutes: Annotated[int, Field(ge=-840, le=840, examples=[480])] = 480
    """Local time minus UTC, in minutes."""
    years: Annotated[list[WorkingYear], Field(max_length=50, default_factory=list)]


class ClockRules(Part):
    """How many working days an issue may take for each step (domain.md §2.1.6); 0: no limit."""

    section: Literal["clocks"] = "clocks"
    dispatch_days: Days = 0
    """From acceptance until the issue is routed or deliberated or, in an emergency, acted upon."""
    first_contact_days: Days = 0
    """From routing until the reporter was contacted."""
    report_back_days: Days = 0
    """From acceptance until the result is reported; a referral does not stop it."""
    warning_days: Days = 1
    """How many working days before the end a warning is given; 0: no warning."""
    breach_escalates: bool = False
    """Whether an issue is placed on the sub-district's agenda when a time limit has passed."""
