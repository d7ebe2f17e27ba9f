"""What is asked and said about an issue itself (domain.md §2.2)."""

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
from microgov.contracts.issues.external import ExternalRef
from microgov.contracts.issues.vocabulary import (
    BRANCH,
    CLERKS,
    HELPERS,
    PEOPLE,
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
    """提交: anyone brings a matter, for themself or for another; `recorded_by` wrote it down for them."""

    title: Text
    text: FreeText
    place: PlaceId
    channel: Channel
    recorded_by: PersonId | None = None


class IssueSubmitted(Event):
    """`external`: it came from another system, and has this number there."""

    title: Text
    place: PlaceId
    channel: Channel
    reporter: PersonId
    recorded_by: PersonId | None = None
    external: ExternalRef | None = None


class AcceptIssue(Command, roles=BRANCH):
    """受理"""


class IssueAccepted(Event):
    """`automatic`: a member of staff recorded it by a channel that the rules name."""

    automatic: bool


class DeclineIssue(Command, roles=BRANCH):
    """不予受理: only for abuse, no content, or a matter before a court."""

    ground: Annotated[Literal["abuse", "no_content", "before_court"], Field(examples=["no_content"])]
    reason: FreeText


class IssueDeclined(Event):
    ground: Annotated[Literal["abuse", "no_content", "before_court"], Field(examples=["no_content"])]
    reason: FreeText


class TriageIssue(Command, roles=BRANCH):
    """研判: three separate axes and the form of deliberation, which is proportional and never none."""

    theme: Word
    scale: Scale
    urgency: Urgency
    reach: Reach
    form: Form


class IssueTriaged(Event):
    theme: Word
    scale: Scale
    urgency: Urgency
    reach: Reach
    form: Form


class CosignIssue(Command, roles=PEOPLE):
    """附议"""

    channel: Channel


class IssueCosigned(Event):
    """`people` and `households` count the co-signers in force, this one included."""

    person: PersonId
    household: EntityId
    people: Count
    households: Count


class WithdrawCosign(Command, roles=PEOPLE):
    channel: Channel


class CosignWithdrawn(Event):
    person: PersonId
    people: Count
    households: Count


class ContactReporter(Command, roles=VISITORS):
    """响应: somebody was visited or called about the issue; `reached` or not, the attempt counts."""

    person: PersonId
    reached: bool
    note: FreeText
    channel: Channel


class ReporterContacted(Event):
    person: PersonId
    reached: bool
    channel: Channel


class ReportResult(Command, roles=CLERKS):
    """反馈: what came of it, to be told to the reporter and to every co-signer."""

    text: FreeText


class ResultReported(Event):
    """`recipients` people are to be told before the issue can be closed."""

    text: FreeText
    recipients: Count


class CloseIssue(Command, roles=BRANCH):
    """办结: the outcome is not the state; `not_feasible` names the day of its re-review."""

    outcome: Outcome
    review_at: Time | None = None


class IssueClosed(Event):
    outcome: Outcome
    review_at: Time | None = None
    survey_until: Time


class AnswerSurvey(Command, roles=HELPERS):
    """回访: three separate questions, once for each person concerned."""

    contacted: bool
    solved: bool
    satisfied: bool
    channel: Channel


class SurveyAnswered(Event):
    person: PersonId
    contacted: bool
    solved: bool
    satisfied: bool
