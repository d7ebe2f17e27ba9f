"""What is said about the clocks of an issue; they are counted in working days (domain.md §2.1.6)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Positive, Time
from microgov.contracts.message import Event

ClockName = Annotated[
    Literal["dispatch", "first_contact", "report_back", "deliberation_due"], Field(examples=["first_contact"])
]


class ClockStarted(Event):
    """So many working days from here; after a hold those that were left. `due_at` is the end of the last one."""

    clock: ClockName
    working_days: Positive
    due_at: Time


class ClockUnknown(Event):
    """The calendar has no such year, so it is not known when it is due; it is told once the calendar has it."""

    clock: ClockName
    working_days: Positive
    year: Annotated[int, Field(ge=1, le=9999, examples=[2027])]


class DeadlineWarned(Event):
    """It is near: the rules say how near."""

    clock: ClockName
    due_at: Time


class DeadlineBreached(Event):
    """It was not done in time."""

    clock: ClockName
    due_at: Time
