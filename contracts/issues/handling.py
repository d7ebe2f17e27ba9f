"""Messages about handling an issue: appeal, routing, emergency, escalation, referral, hold, reopening, withdrawal (domain.md
§2.1.1, 2.1.2, 2.1.5 to 2.1.7, 2.2).
"""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import Count, EntityId, FreeText, PersonId, Role, Time, Word
from microgov.contracts.issues.vocabulary import (
    BRANCH,
    CLERKS,
    PARTICIPANTS,
    RESIDENTS_AND_STAFF,
    Channel,
    Outcome,
    RuleName,
)
from microgov.contracts.message import Command, Event

ABOUT = "issue"
RETURNERS = CLERKS | {Role.OFFICE, Role.PROPERTY_COMPANY, Role.ORGANISATION, Role.ENTERPRISE}
"""The roles in which an issue may be returned."""
ESCALATORS = BRANCH | {Role.LIAISON_STATION}


class AppealDecline(Command, roles=RESIDENTS_AND_STAFF):
    """Appeals against the declining of the issue (`subject`), once, by its reporter; another person then decides."""

    reason: FreeText
    channel: Channel


class DeclineAppealed(Event):
    """The reporter has appealed against the declining of the issue, which is `submitted` again."""

    person: PersonId
    reason: FreeText


class RouteIssue(Command, roles=CLERKS):
    """派单: makes `owner` responsible for the issue; `rule` names the routing rule that says so, or is `by_hand`."""

    owner: EntityId
    rule: RuleName


class IssueRouted(Event):
    """The issue has an owner, who is responsible for it."""

    owner: EntityId
    rule: RuleName


class ReturnIssue(Command, roles=RETURNERS):
    """退单: returns a routed issue that is not its owner's to handle; the sender need not be the owner."""

    reason: FreeText


class IssueReturned(Event):
    """The issue was returned and can be routed again; `number` is how often it has been returned.

    `owner` is the owner whom it had; `nobody`: it was `routed` without one, after no consensus or a mediation.
    """

    owner: EntityId
    reason: FreeText
    number: Count


class DispatchEmergency(Command, roles=CLERKS | {Role.OFFICE}):
    """应急处置: sends `owner` to act at once, before the issue is deliberated; `action` says what is to be done.

    The issue was triaged as an emergency, or is not triaged yet and so becomes one.
    """

    owner: EntityId
    action: FreeText


class EmergencyDispatched(Event):
    """`owner` acts on an emergency.

    `deliberation_due`: without a deliberation record by then, the issue is placed on the sub-district's agenda. It is left
    out if the due date is counted in working days and lies in a year that the calendar lacks.
    """

    owner: EntityId
    action: FreeText
    deliberation_due: Time | None = None


class EscalateIssue(Command, roles=ESCALATORS):
    """上提议程: places the issue on the sub-district's agenda; its state stays as it is."""

    reason: FreeText


class IssueEscalated(Event):
    """The issue is on the sub-district's agenda.

    `level` says whose agenda; there is no other yet. `cause`: `by_hand` (EscalateIssue), `third_return` (returned as often
    as the rules allow), `deliberation_overdue` (an emergency without a record in time), `breach` (of a time limit),
    `cosigned` (by enough households), `no_consensus`, `disagreement` (EscalateDisagreement) or `agenda` (PlaceOnAgenda).
    """

    level: Literal["sub_district"]
    cause: Word
    reason: FreeText | None = None


class ReferIssue(Command, roles=CLERKS):
    """转办: gives the issue to `to`, such as a hotline or a property company, which becomes its owner.

    Unlike a routed issue it cannot be returned. The result must still be reported, and the time limit for that goes on.
    """

    to: EntityId
    reason: FreeText


class IssueReferred(Event):
    """The issue is referred: `to` is its owner from now on."""

    to: EntityId
    reason: FreeText


class SuspendIssue(Command, roles=BRANCH):
    """挂起: puts the issue on hold until `review_at`, when it resumes automatically.

    The section `course` of the rules says how long a hold may last.
    """

    reason: FreeText
    review_at: Time


class IssueSuspended(Event):
    """The issue is on hold until `review_at`.

    Its time limits in working days stop, except those that are breached already. The deadline of the deliberation of an
    emergency goes on if it is counted in days of any kind (`emergency.deliberation_days`).
    """

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
    """The date of re-review of an issue that was closed as `not_feasible` has come.

    The branch then reopens the issue, or says why not (RefuseReopen).
    """

    outcome: Outcome


class RequestReopen(Command, roles=PARTICIPANTS):
    """The reporter or a co-signer asks to reopen a reported or closed issue whose matter is not solved."""

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
    """重办: reopens a reported or closed issue, after a request or when the day of its re-review has come.

    It is triaged again, and deliberated anew unless `keeps_record` says why that is not needed.
    """

    reason: FreeText
    keeps_record: FreeText | None = None


class IssueReopened(Event):
    """The issue is open again.

    `new_record`: it needs a new deliberation record before it can be closed.
    """

    reason: FreeText
    new_record: bool


class RefuseReopen(Command, roles=BRANCH):
    """Refuses to reopen the issue, after a request or when the day of its re-review has come."""

    reason: FreeText


class ReopenRefused(Event):
    """The issue is not reopened; it stays reported or closed."""

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
