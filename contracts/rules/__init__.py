"""The rules of the house, one section each; the defaults here are what `microgov tenant add` writes out."""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from microgov.contracts.fields import Count, Part, PerMille, Positive, Word
from microgov.contracts.rules.care_teams import TeamRules
from microgov.contracts.rules.planner import PlanningRules
from microgov.contracts.rules.procedure import ProcedureRules
from microgov.contracts.rules.routing import RoutingRules, ThemeRules
from microgov.contracts.rules.service_modules import ModulesRules
from microgov.contracts.rules.serving import TaskRules

Hours = Annotated[int, Field(ge=1, le=24 * 366, examples=[48])]
Days = Annotated[int, Field(ge=0, le=366, examples=[2])]


BEHAVIOUR = 3
"""The highest number that this code knows; the gateway raises a house to it once all services of it have said so."""
BEHAVIOUR_TELL_ALL = 3
"""The behaviour from which all are told whom an order concerns."""


class BehaviourRules(Part):
    """`behaviour` rises where code decides differently from a live log (architecture.md §4.9).

    2: what becomes of offers is told; 3: everybody who was to serve, and every partner, hears that an order is off, and
    whoever was asked in vain that they are asked no longer; an order without an offer says its wish, organisations
    hear of an assignment in words of their own, and an answer is due before the service starts.
    """

    section: Literal["house"] = "house"
    behaviour: Positive = 3
    """In a log that never says it, 3; that stays so, whatever the code knows."""

    @property
    def tells_all(self) -> bool:
        """Whether the house has that behaviour."""
        return self.behaviour >= BEHAVIOUR_TELL_ALL


class IssueRules(Part):
    """How issues are taken in (domain.md §2.1, 2.2)."""

    section: Literal["issues"] = "issues"
    staff_channels: Annotated[
        list[Word], Field(max_length=20, default_factory=lambda: ["counter", "visit", "phone"])
    ]
    """Channels by which an issue that a member of staff records is accepted at once."""
    contact_attempts: Positive = 3
    """So many logged attempts to tell somebody the result stand for having told them."""
    survey_hours: Hours = 336
    """How long after closing the survey is open."""


class CourseRules(Part):
    """What may happen to an issue on its way (domain.md §2.1.6, 2.1.7)."""

    section: Literal["course"] = "course"
    returns: Positive = 3
    """The return with this number escalates the issue."""
    suspension_days: Days = 90
    """An issue is suspended for so long at most."""


class EmergencyRules(Part):
    """Emergencies act first and are deliberated afterwards (domain.md §2.1.1)."""

    section: Literal["emergency"] = "emergency"
    deliberation_days: Annotated[int, Field(ge=1, le=366, examples=[7])] = 7
    """Without a deliberation record after so many days, an emergency is escalated."""


class AfterwardsRules(Part):
    """An emergency is deliberated within so many working days (domain.md §2.1.6); 0: within the days of `emergency`."""

    section: Literal["afterwards"] = "afterwards"
    working_days: Annotated[int, Field(ge=0, le=366, examples=[5])] = 0


def _day(value: str) -> str:
    date.fromisoformat(value)
    return value


Day = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", max_length=10, examples=["2026-10-01"]),
    AfterValidator(_day),
]
"""A day of the calendar, as the wall shows it."""


class WorkingYear(Part):
    """One year as the authorities published it: weekdays that are free, and Saturdays and Sundays that are worked."""

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
    """The working calendar 工作日历 (domain.md §2.1.6); a year that is not here is unknown, and nothing falls due in it."""

    section: Literal["calendar"] = "calendar"
    utc_offset_minutes: Annotated[int, Field(ge=-840, le=840, examples=[480])] = 480
    """The wall clock's distance from UTC."""
    years: Annotated[list[WorkingYear], Field(max_length=50, default_factory=list)]


class ClockRules(Part):
    """The clocks of an issue, in working days (domain.md §2.1.6); a clock of 0 days does not run."""

    section: Literal["clocks"] = "clocks"
    dispatch_days: Days = 0
    """From acceptance until somebody owns it: routed, deliberated or, in an emergency, acted upon."""
    first_contact_days: Days = 0
    """From routing until the reporter has been spoken to."""
    report_back_days: Days = 0
    """From acceptance until the result is reported; a referral does not stop it."""
    warning_days: Days = 1
    """Warned so many working days before; 0: no warning."""
    breach_escalates: bool = False
    """Whether a clock that has run out places the issue on the sub-district's agenda."""


class EscalationRules(Part):
    """When an issue goes onto the sub-district's agenda by itself (domain.md §2.2)."""

    section: Literal["escalation"] = "escalation"
    cosigning_households: Count = 0
    """Co-signed by so many households; 0: by no number of them."""
    no_consensus: bool = False
    """Where a deliberation ends without consensus."""


class MediationRules(Part):
    """Mediation 调解 (domain.md §2.3)."""

    section: Literal["mediation"] = "mediation"
    lapse_days: Annotated[int, Field(ge=1, le=366, examples=[30])] = 30
    """Without a settlement so many days after all have consented, a mediation lapses."""


class DeliberationRules(Part):
    """The rules of procedure 议事规则 (domain.md §2.3)."""

    section: Literal["deliberation"] = "deliberation"
    quorum: Positive = 3
    """So many people must have taken part in a ballot, else nothing is adopted from it."""
    majority_per_mille: PerMille = 500
    """An option is adopted with more than this share of the votes for and against it."""
    notice_hours: Annotated[int, Field(ge=0, le=24 * 366, examples=[24])] = 0
    """The least time between convening a session and its ballot."""
    amendment_hours: Annotated[int, Field(ge=0, le=24 * 366, examples=[24])] = 0
    """How long drafted minutes wait for amendments before they can be confirmed."""
    confirmations: Positive = 2
    """So many of those present must confirm the minutes."""


class MatchingRules(Part):
    """How orders are dispatched (domain.md §3)."""

    section: Literal["matching"] = "matching"
    acceptance_hours: Hours = 48
    """An assignment that the organisation has not answered by then expires."""
    proposal_hours: Hours = 24
    """A proposal that the person has not answered by then expires."""
    rating_hours: Hours = 168
    """An order that nobody has rated by then is closed."""


class NotifyRules(Part):
    """How people are told (domain.md §4)."""

    section: Literal["notify"] = "notify"
    retry_seconds: Annotated[
        list[Positive], Field(min_length=1, max_length=10, default_factory=lambda: [10, 60, 300, 1800, 7200])
    ]
    """The waits before another attempt; after the last one a delivery has failed."""
    ttl_hours: Hours = 72
    """No attempt is made later than this after the event."""


Rules = Annotated[
    BehaviourRules
    | IssueRules
    | ThemeRules
    | RoutingRules
    | CourseRules
    | EmergencyRules
    | AfterwardsRules
    | CalendarRules
    | ClockRules
    | EscalationRules
    | MediationRules
    | DeliberationRules
    | ProcedureRules
    | MatchingRules
    | PlanningRules
    | ModulesRules
    | TaskRules
    | TeamRules
    | NotifyRules,
    Field(discriminator="section"),
]
SECTIONS: tuple[type[Part], ...] = get_args(get_args(Rules)[0])
