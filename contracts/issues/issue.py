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

ABOUT = "issue"


class SubmitIssue(Command, roles=EVERYBODY, creates=True):
    """提交: brings a matter forward, for oneself or for somebody else.

    `recorded_by` wrote it down for them; if it is left out, that is the sender who acts for somebody else.
    """

    title: Text
    text: FreeText
    place: PlaceId
    channel: Channel
    recorded_by: PersonId | None = None


class IssueSubmitted(Event):
    """An issue exists; it waits to be accepted, unless `IssueAccepted` follows at once.

    `external`: it came from another system and has this number there.
    """

    title: Text
    place: PlaceId
    channel: Channel
    reporter: PersonId
    recorded_by: PersonId | None = None
    external: ExternalRef | None = None


class AcceptIssue(Command, roles=BRANCH):
    """受理: accepts the issue (`subject`); `IssueAccepted` follows, and its time limits start."""


class IssueAccepted(Event):
    """The issue is accepted.

    `automatic`: nobody has decided it, because the issue came through a channel that the rules name
    (`issues.staff_channels`), from a member of staff or from another system.
    """

    automatic: bool


class DeclineIssue(Command, roles=BRANCH):
    """不予受理: declines the issue; only for abuse, lack of content, or a matter before a court."""

    ground: Annotated[Literal["abuse", "no_content", "before_court"], Field(examples=["no_content"])]
    reason: FreeText


class IssueDeclined(Event):
    """The issue is declined; its reporter can appeal, once for each issue."""

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
    """The issue is classified; it can be routed or deliberated, and an automatic routing rule may route it at once."""

    theme: Word
    scale: Scale
    urgency: Urgency
    reach: Reach
    form: Form


class CosignIssue(Command, roles=RESIDENTS_AND_STAFF, version=2, since=4):
    """附议: co-signs the issue (`subject`); once for each person. Nothing depends on `channel`, which may be left out."""

    channel: Channel | None = None


class CosignIssueV1(Command, newer=CosignIssue):
    """附议: the first version, in which the `channel` must be named."""

    channel: Channel

    def upgrade(self) -> CosignIssue:
        return CosignIssue(channel=self.channel)


class IssueCosigned(Event):
    """A person has co-signed.

    `people` and `households` count all current co-signers, this one included.
    """

    person: PersonId
    household: EntityId
    people: Count
    households: Count


class WithdrawCosign(Command, roles=RESIDENTS_AND_STAFF):
    """Takes a co-signature back; it can be given again."""

    channel: Channel


class CosignWithdrawn(Event):
    """A person no longer co-signs; `people` and `households` count the co-signers left."""

    person: PersonId
    people: Count
    households: Count


class ContactReporter(Command, roles=VISITORS):
    """响应: records that somebody visited or called the reporter or a co-signer (`person`) about the issue.

    If the person was `reached`, the time limit `first_contact` ends. Once the result is reported, it also counts as an
    attempt to tell the person the result, whether it succeeded or not.
    """

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
    """反馈: reports the result of an issue in action, referred, or mediated with a settlement.

    It has to reach the reporter and every co-signer, except the sender of this command.
    """

    text: FreeText


class ResultReported(Event):
    """The result is reported; of a topic that was rejected, the reasons are the result.

    The issue can be closed once each of the `recipients` persons was reached, or was not reached in as many attempts as the
    rules ask for (`issues.contact_attempts`).
    """

    text: FreeText
    recipients: Count


class CloseIssue(Command, roles=BRANCH):
    """办结: closes a reported issue that has a deliberation record and no open action items, once everybody was told.

    The outcome is separate from the state. `not_feasible` needs `review_at`, the day of its re-review; with any other
    outcome `review_at` has no effect.
    """

    outcome: Outcome
    review_at: Time | None = None


class IssueClosed(Event):
    """The issue is closed; those concerned can answer the survey until `survey_until`."""

    outcome: Outcome
    review_at: Time | None = None
    survey_until: Time


class AnswerSurvey(Command, roles=PARTICIPANTS):
    """回访: answers three separate questions, once for each person concerned.

    The answer that the matter is not solved also counts as a request to reopen the issue.
    """

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
