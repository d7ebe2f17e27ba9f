"""The sections on issues: intake, handling, emergencies, escalation, mediation and deliberation."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, Part, PerMille, Positive, Word
from microgov.contracts.rules.durations import Days, Hours


class IssueRules(Part):
    """How issues are accepted, reported and followed up (domain.md §2.1, 2.2)."""

    section: Literal["issues"] = "issues"
    staff_channels: Annotated[
        list[Word], Field(max_length=20, default_factory=lambda: ["counter", "visit", "phone"])
    ]
    """An issue that a member of staff records through one of these channels is accepted at once."""
    contact_attempts: Positive = 3
    """The number of logged attempts to inform a person of the result after which the person counts as informed."""
    survey_hours: Hours = 336
    """How long the survey is open after closing, in hours."""


class CourseRules(Part):
    """Limits on what may happen to an issue while it is handled (domain.md §2.1.6, 2.1.7)."""

    section: Literal["course"] = "course"
    returns: Positive = 3
    """The number of returns at which the issue is escalated."""
    suspension_days: Days = 90
    """The longest hold, in days."""


class EmergencyRules(Part):
    """When an emergency must have been deliberated (domain.md §2.1.1)."""

    section: Literal["emergency"] = "emergency"
    deliberation_days: Annotated[int, Field(ge=1, le=366, examples=[7])] = 7
    """The number of days without a deliberation record after which an emergency is escalated."""


class AfterwardsRules(Part):
    """When an emergency must have been deliberated, in working days (domain.md §2.1.6).

    With 0 working days, the days of the section `emergency` count.
    """

    section: Literal["afterwards"] = "afterwards"
    working_days: Annotated[int, Field(ge=0, le=366, examples=[5])] = 0


class EscalationRules(Part):
    """When an issue is placed on the sub-district's agenda automatically (domain.md §2.2)."""

    section: Literal["escalation"] = "escalation"
    cosigning_households: Count = 0
    """The number of co-signing households at which an issue is escalated; 0: never."""
    no_consensus: bool = False
    """Whether an issue is escalated when its deliberation ends without consensus."""


class MediationRules(Part):
    """How long a mediation 调解 may take (domain.md §2.3)."""

    section: Literal["mediation"] = "mediation"
    lapse_days: Annotated[int, Field(ge=1, le=366, examples=[30])] = 30
    """A mediation lapses if there is no settlement this number of days after all parties have consented."""


class DeliberationRules(Part):
    """The rules of procedure 议事规则 of sessions online (domain.md §2.3)."""

    section: Literal["deliberation"] = "deliberation"
    quorum: Positive = 3
    """The number of people who must take part in a ballot for an option to be adopted."""
    majority_per_mille: PerMille = 500
    """An option is adopted with more than this share of the votes for and against it."""
    notice_hours: Annotated[int, Field(ge=0, le=24 * 366, examples=[24])] = 0
    """The least time between convening a session and its ballot, in hours."""
    amendment_hours: Annotated[int, Field(ge=0, le=24 * 366, examples=[24])] = 0
    """How long drafted minutes wait for amendments before they can be confirmed, in hours."""
    confirmations: Positive = 2
    """How many of those present must confirm the minutes."""
