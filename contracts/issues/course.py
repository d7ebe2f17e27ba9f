"""What happens to an issue beside the straight way: appeal, routing, hold, withdrawal, reopening (domain.md §2.2)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, FreeText, PersonId, Role, Text, Time, Word
from microgov.contracts.issues.vocabulary import BRANCH, CLERKS, HELPERS, PEOPLE, Channel, Outcome
from microgov.contracts.message import Command, Event

RETURNERS = CLERKS | {Role.OFFICE, Role.PROPERTY_COMPANY, Role.ORGANISATION, Role.ENTERPRISE}
ESCALATORS = BRANCH | {Role.LIAISON_STATION}


class AppealDecline(Command, roles=PEOPLE):
    """The reporter asks that somebody else decides, once."""

    reason: FreeText
    channel: Channel


class DeclineAppealed(Event):
    person: PersonId
    reason: FreeText


class RouteIssue(Command, roles=CLERKS):
    """派单: `owner` is to see to it; `rule` names the routing rule that says so, or `by_hand`."""

    owner: EntityId
    rule: Text


class IssueRouted(Event):
    owner: EntityId
    rule: Text


class ReturnIssue(Command, roles=RETURNERS):
    """退单: it is not for the owner that it was routed to."""

    reason: FreeText


class IssueReturned(Event):
    """`number`: so many times it has been returned."""

    owner: EntityId
    reason: FreeText
    number: Count


class DispatchEmergency(Command, roles=CLERKS | {Role.OFFICE}):
    """应急处置: `owner` acts at once; it is deliberated afterwards. An issue not triaged yet becomes an emergency by it."""

    owner: EntityId
    action: FreeText


class EmergencyDispatched(Event):
    """`deliberation_due`: without a deliberation record by then, it is placed on the sub-district's agenda.

    Counted in working days, it is left out where the calendar does not know the year.
    """

    owner: EntityId
    action: FreeText
    deliberation_due: Time | None = None


class EscalateIssue(Command, roles=ESCALATORS):
    """上提议程: the liaison station or the branch places it on the sub-district's agenda."""

    reason: FreeText


class IssueEscalated(Event):
    """`cause`: `third_return`, `by_hand`, `deliberation_overdue`, `breach`, `cosigned` or `no_consensus`."""

    level: Literal["sub_district"]
    cause: Word
    reason: FreeText | None = None


class ReferIssue(Command, roles=CLERKS):
    """转办: `to` (hotline, sub-district, property company) deals with it; the report to its people stays owed."""

    to: EntityId
    reason: FreeText


class IssueReferred(Event):
    to: EntityId
    reason: FreeText


class SuspendIssue(Command, roles=BRANCH):
    """挂起: for a reason, until a day on which it goes on by itself; the rules say how long at most."""

    reason: FreeText
    review_at: Time


class IssueSuspended(Event):
    reason: FreeText
    review_at: Time


class ResumeIssue(Command, roles=BRANCH):
    """Before its day."""

    reason: FreeText


class IssueResumed(Event):
    """`state` is where it goes on; `automatic`: the day of its review has come."""

    state: Annotated[Word, Field(examples=["triaged"])]
    automatic: bool


class OutcomeReviewDue(Event):
    """The day of re-review that was named at closing has come: the branch reopens the issue, or says why not."""

    outcome: Outcome


class RequestReopen(Command, roles=HELPERS):
    """Somebody concerned says that it is not settled."""

    reason: FreeText
    channel: Channel


class ReopenRequested(Event):
    """`survey`: it is the answer "not solved" of a survey."""

    person: PersonId
    survey: bool
    reason: FreeText | None = None


class ReopenIssue(Command, roles=BRANCH):
    """重办: it is deliberated anew, unless `keeps_record` says why that is not needed."""

    reason: FreeText
    keeps_record: FreeText | None = None


class IssueReopened(Event):
    reason: FreeText
    new_record: bool


class RefuseReopen(Command, roles=BRANCH):
    reason: FreeText


class ReopenRefused(Event):
    reason: FreeText


class WithdrawIssue(Command, roles=PEOPLE):
    """撤回: by the reporter; where others have co-signed, the issue is theirs and goes on."""

    channel: Channel


class IssueWithdrawn(Event):
    person: PersonId


class IssuePassedOn(Event):
    """The reporter has withdrawn; `reporter`, who co-signed it, is so now."""

    person: PersonId
    reporter: PersonId
    people: Count
    households: Count
