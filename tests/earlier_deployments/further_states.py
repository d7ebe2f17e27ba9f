"""States in which no story leaves an entity at its end or before a step: one more command leads to each of them."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from microgov.contracts import issues, matching
from microgov.contracts.message import Message
from microgov.stories.story import Step, Story
from microgov.text.sentences import Sentence
from tests.earlier_deployments.open_matters import OpenMatter


class Further(NamedTuple):
    """A further state, and how to get there.

    `matter`: the noted state to start from. `to` is sent by `by` and leads to the further state. `next_` is the command
    that comes next, sent by `next_by`, and `effect` the type of the event that it must lead to.
    """

    matter: OpenMatter
    subject: str
    by: str
    to: Message
    next_by: str
    next_: Message
    effect: str

    def steps(self, story: Story, end: datetime) -> tuple[Step, Step]:
        """The step that leads there, and the next one."""
        subject = story.id(self.subject)
        ids = (story.id("further-1"), story.id("further-2"))
        later = {"review_at": end + timedelta(days=10)} if isinstance(self.to, issues.SuspendIssue) else {}
        to = self.to.model_copy(update=later)
        return (
            Step(Sentence("", ""), to, subject, story.id(self.by), id=ids[0]),
            Step(Sentence("", ""), self.next_, subject, story.id(self.next_by), id=ids[1]),
        )


LATER = datetime(2030, 1, 1, tzinfo=UTC)


FURTHER = (
    Further(
        OpenMatter("issue", "triaged", False),
        "sheds1",
        "branch1",
        issues.SuspendIssue(reason="等待雨季结束", review_at=LATER),
        "branch1",
        issues.ResumeIssue(reason="雨停了"),
        issues.IssueResumed.TYPE,
    ),
    Further(
        OpenMatter("issue", "routed", False),
        "parking",
        "branch",
        issues.ReferIssue(to="hotline", reason="归热线办理"),
        "branch",
        issues.ReportResult(text="热线已办理。"),
        issues.ResultReported.TYPE,
    ),
    Further(
        OpenMatter("offer", "published", False),
        "offer",
        "branch",
        matching.PauseOffer(),
        "branch",
        matching.ResumeOffer(),
        matching.OfferResumed.TYPE,
    ),
)
