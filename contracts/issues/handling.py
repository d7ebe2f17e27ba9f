"""Messages about handling an issue: appeal, routing, emergency, hold, withdrawal, reopening (domain.md §2.2)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, FreeText, PersonId, Role, Text, Time, Word
from microgov.contracts.issues.vocabulary import (
    BRANCH,
    CLERKS,
    PARTICIPANTS,
    RESIDENTS_AND_STAFF,
    Channel,
    Outcome,
)
from microgov.contracts.message import Command, Event

RETURNERS = CLERKS | {Role.OFFICE, Role.PROPERTY_COMPANY, Role.ORGANISATION, Role.ENTERPRISE}
"""Roles that an owner of an issue can have, and return it in."""
ESCALATORS = BRANCH | {Role.LIAISON_STATION}


class AppealDecline(Command, roles=RESIDENTS_AND_STAFF):
    """Appeals against the declining of the issue (the subject), once, by its reporter; another person then decides."""

    reason: FreeText
    channel: Channel


class DeclineAppealed(Event):
    """The reporter has appealed against the declining of the issue."""

    person: PersonId
    reason: FreeText


class RouteIssue(Command, roles=CLERKS):
    """派单: makes `owner` responsible for the issue; `rule` names the routing rule that says so, or is `by_hand`."""

    owner: EntityId
    rule: Text


class IssueRouted(Event):
    """The issue has an owner, who is responsible for it."""

    owner: EntityId
    rule: Text


class ReturnIssue(Command, roles=RETURNERS):
    """退单: the owner returns an issue that is not theirs to handle; `IssueReturned` follows."""

    reason: FreeText


class IssueReturned(Event):
    """The owner has returned the issue; `number` is how often it has been returned."""

    owner: EntityId
    reason: FreeText
    number: Count


class DispatchEmergency(Command, roles=CLERKS | {Role.OFFICE}):
    """应急处置: has `owner` act at once; deliberation follows afterwards.

    An issue that is not triaged yet becomes an emergency.
    """

    owner: EntityId
    action: FreeText


class EmergencyDispatched(Event):
    """Somebody acts on an emergency.

    `deliberation_due`: without a deliberation record by then, the issue is placed on the sub-district's agenda. It is left
    out if the due date is in working days of a year that the calendar lacks.
    """

    owner: EntityId
    action: FreeText
    deliberation_due: Time | None = None


class EscalateIssue(Command, roles=ESCALATORS):
    """上提议程: places the issue on the sub-district's agenda."""

    reason: FreeText


class IssueEscalated(Event):
    """The issue is on the sub-district's agenda.

    `cause`: `third_return`, `by_hand`, `deliberation_overdue`, `breach`, `cosigned` or `no_consensus`.
    """

    level: Literal["sub_district"]
    cause: Word
    reason: FreeText | None = None


class ReferIssue(Command, roles=CLERKS):
    """转办: hands the issue to `to` (hotline, sub-district, property company); the result must still be reported."""

    to: EntityId
    reason: FreeText


class IssueReferred(Event):
    """The issue is handled by `to` from now on."""

    to: EntityId
    reason: FreeText


class SuspendIssue(Command, roles=BRANCH):
    """挂起: puts the issue on hold until `review_at`, when it resumes automatically.

    The section `course` of the rules says how long a hold may last.
    """

    reason: FreeText
    review_at: Time


class IssueSuspended(Event):
    """The issue is on hold until `review_at`; its time limits stop."""

    reason: FreeText
    review_at: Time


class ResumeIssue(Command, roles=BRANCH):
    """Resumes an issue on hold before its date of review."""

    reason: FreeText


class IssueResumed(Event):
    """The issue has resumed in `state`.

    `automatic`: the date of its review has come.
    """

    state: Annotated[Word, Field(examples=["triaged"])]
    automatic: bool


class OutcomeReviewDue(Event):
    """The date of re-review that was set at closing has come.

    The branch then reopens the issue, or records why not.
    """

    outcome: Outcome


class RequestReopen(Command, roles=PARTICIPANTS):
    """Asks to reopen an issue that is not settled; the sender is a person whom it concerns."""

    reason: FreeText
    channel: Channel


class ReopenRequested(Event):
    """Somebody has asked to reopen the issue; the branch decides.

    `survey`: the request is the answer "not solved" in the survey.
    """

    person: PersonId
    survey: bool
    reason: FreeText | None = None


class ReopenIssue(Command, roles=BRANCH):
    """重办: reopens the issue, which is deliberated anew unless `keeps_record` says why that is not needed."""

    reason: FreeText
    keeps_record: FreeText | None = None


class IssueReopened(Event):
    """The issue is open again.

    `new_record`: it needs a new deliberation record before it can be closed.
    """

    reason: FreeText
    new_record: bool


class RefuseReopen(Command, roles=BRANCH):
    """Refuses to reopen the issue although somebody asked for it."""

    reason: FreeText


class ReopenRefused(Event):
    """The issue stays closed."""

    reason: FreeText


class WithdrawIssue(Command, roles=RESIDENTS_AND_STAFF):
    """撤回: the reporter withdraws the issue.

    If others have co-signed, one of them becomes the reporter and the issue stays open.
    """

    channel: Channel


class IssueWithdrawn(Event):
    """The issue has ended because its reporter withdrew it."""

    person: PersonId


class IssuePassedOn(Event):
    """The reporter `person` has withdrawn; `reporter`, a co-signer, has taken the issue over.

    `people` and `households` count the co-signers left.
    """

    person: PersonId
    reporter: PersonId
    people: Count
    households: Count
