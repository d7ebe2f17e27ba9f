"""Messages about an issue itself, from submitting to the survey (domain.md §2.2)."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import (
    EVERYBODY,
    Count,
    EntityId,
    FreeText,
    PersonId,
    PlaceId,
    Text,
    Time,
    Word,
)
from microgov.contracts.issues.intake import ExternalRef
from microgov.contracts.issues.vocabulary import (
    BRANCH,
    CLERKS,
    PARTICIPANTS,
    RESIDENTS_AND_STAFF,
    VISITORS,
    Channel,
    Form,
    Outcome,
    Reach,
    Scale,
    Urgency,
)
from microgov.contracts.message import Command, Event


class SubmitIssue(Command, roles=EVERYBODY, creates=True):
    """提交: brings a matter forward, for oneself or for somebody else; `recorded_by` wrote it down for them."""

    title: Text
    text: FreeText
    place: PlaceId
    channel: Channel
    recorded_by: PersonId | None = None


class IssueSubmitted(Event):
    """An issue exists and waits to be accepted.

    `external`: it came from another system and has this number there.
    """

    title: Text
    place: PlaceId
    channel: Channel
    reporter: PersonId
    recorded_by: PersonId | None = None
    external: ExternalRef | None = None


class AcceptIssue(Command, roles=BRANCH):
    """受理: accepts the issue (the subject); `IssueAccepted` follows, and its time limits start."""


class IssueAccepted(Event):
    """The issue is accepted.

    `automatic`: a member of staff recorded it through a channel that the rules name.
    """

    automatic: bool


class DeclineIssue(Command, roles=BRANCH):
    """不予受理: declines the issue; only for abuse, lack of content, or a matter before a court."""

    ground: Annotated[Literal["abuse", "no_content", "before_court"], Field(examples=["no_content"])]
    reason: FreeText


class IssueDeclined(Event):
    """The issue is declined; its reporter can appeal once."""

    ground: Annotated[Literal["abuse", "no_content", "before_court"], Field(examples=["no_content"])]
    reason: FreeText


class TriageIssue(Command, roles=BRANCH):
    """研判: classifies the issue on three separate axes and by theme, and sets the form of deliberation."""

    theme: Word
    scale: Scale
    urgency: Urgency
    reach: Reach
    form: Form


class IssueTriaged(Event):
    """The issue is classified; it can be routed or deliberated."""

    theme: Word
    scale: Scale
    urgency: Urgency
    reach: Reach
    form: Form


class CosignIssue(Command, roles=RESIDENTS_AND_STAFF):
    """附议: co-signs the issue (the subject); once for each person."""

    channel: Channel


class IssueCosigned(Event):
    """A person has co-signed.

    `people` and `households` count all current co-signers, this one included.
    """

    person: PersonId
    household: EntityId
    people: Count
    households: Count


class WithdrawCosign(Command, roles=RESIDENTS_AND_STAFF):
    """Takes the sender's co-signature back."""

    channel: Channel


class CosignWithdrawn(Event):
    """A person no longer co-signs; `people` and `households` count the co-signers left."""

    person: PersonId
    people: Count
    households: Count


class ContactReporter(Command, roles=VISITORS):
    """响应: records that a person was visited or called about the issue; it counts as an attempt if not `reached`."""

    person: PersonId
    reached: bool
    note: FreeText
    channel: Channel


class ReporterContacted(Event):
    """A person whom the issue concerns was contacted, or was not reached."""

    person: PersonId
    reached: bool
    channel: Channel


class ReportResult(Command, roles=CLERKS):
    """反馈: reports the result, of which the reporter and every co-signer are notified."""

    text: FreeText


class ResultReported(Event):
    """The result is reported.

    `recipients` persons must be notified before the issue can be closed.
    """

    text: FreeText
    recipients: Count


class CloseIssue(Command, roles=BRANCH):
    """办结: closes the issue.

    The outcome is separate from the state; `not_feasible` sets the date of its re-review.
    """

    outcome: Outcome
    review_at: Time | None = None


class IssueClosed(Event):
    """The issue is closed; those concerned can answer the survey until `survey_until`."""

    outcome: Outcome
    review_at: Time | None = None
    survey_until: Time


class AnswerSurvey(Command, roles=PARTICIPANTS):
    """回访: answers three separate questions, once for each person concerned."""

    contacted: bool
    solved: bool
    satisfied: bool
    channel: Channel


class SurveyAnswered(Event):
    """A person has answered the survey."""

    person: PersonId
    contacted: bool
    solved: bool
    satisfied: bool
