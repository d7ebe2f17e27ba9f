"""Events about the time limits (clocks) of an issue, which are counted in working days (domain.md §2.1.6)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Positive, Time
from microgov.contracts.message import Event

ABOUT = "issue"

ClockName = Annotated[
    Literal["dispatch", "first_contact", "report_back", "deliberation_due"], Field(examples=["first_contact"])
]


class ClockStarted(Event):
    """A time limit of the issue (`subject`) has started, or goes on after a hold.

    It ends after `working_days` from now, at `due_at`, the end of the last of them. After a hold these are the days
    that were left.
    """

    clock: ClockName
    working_days: Positive
    due_at: Time


class ClockUnknown(Event):
    """A time limit has started whose end is not known, because the calendar lacks the year.

    `ClockStarted` follows once the calendar has it.
    """

    clock: ClockName
    working_days: Positive
    year: Annotated[int, Field(ge=1, le=9999, examples=[2027])]


class DeadlineWarned(Event):
    """A time limit ends soon; the section `clocks` of the rules says how many days before."""

    clock: ClockName
    due_at: Time


class DeadlineBreached(Event):
    """A time limit has passed before the step was done."""

    clock: ClockName
    due_at: Time
