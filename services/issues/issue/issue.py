"""The row of an issue 事项 and the main steps of its life (domain.md §2.2)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped, Session

from microgov.contracts.fields import STAFF
from microgov.contracts.issues import (
    AcceptIssue,
    CloseIssue,
    DeclineIssue,
    DeliberationOpened,
    IssueAccepted,
    IssueClosed,
    IssueDeclined,
    IssueSubmitted,
    IssueTriaged,
    OpenDeliberation,
    SubmitIssue,
    TriageIssue,
)
from microgov.contracts.message import Envelope
from microgov.contracts.rules import IssueRules
from microgov.services.chassis.model import AnyMessage, Entity, Refused, Said
from microgov.services.chassis.reference_data import check_touching, check_within, rules
from microgov.services.issues.clocks import clock
from microgov.services.issues.clocks.clock import DUE
from microgov.services.issues.issue.guards import DELIBERATION_RECORDED
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.life import LIFE, OPEN
from microgov.services.issues.issue.rate_facts import RatePeriod
from microgov.services.issues.model import Base, Deadline, Place, Rule

RE_REVIEW = "re_review"
"""Kind of the deadline for the re-review 复议 of an issue that was closed as `not_feasible`."""


class Issue(Entity, Base):
    """An issue. `people` and `households` count co-signers in force.

    Counters that closing checks: `records` (deliberation records), `open_items` (action items neither verified nor tracked),
    `untold` (recipients whom the result has not reached).
    """

    __tablename__ = "issue"
    CALLED = "Issue"
    state: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    place: Mapped[str]
    channel: Mapped[str]
    reporter: Mapped[str]
    recorded_by: Mapped[str | None]
    theme: Mapped[str | None]
    scale: Mapped[str | None]
    urgency: Mapped[str | None]
    reach: Mapped[str | None]
    form: Mapped[str | None]
    people: Mapped[int]
    households: Mapped[int]
    records: Mapped[int]
    open_items: Mapped[int]
    untold: Mapped[int]
    outcome: Mapped[str | None]
    survey_until: Mapped[datetime | None]

    @classmethod
    def submit(cls, m: Envelope[SubmitIssue], s: Session) -> list[Said]:
        """Creates an issue; it is accepted at once if staff recorded it by a channel in `issues.staff_channels`."""
        d, issue_rules = m.data, rules(s, Rule, IssueRules)
        check_touching(s, Place, d.place, m, "data.place")
        recorder = d.recorded_by or (m.authid if m.onbehalfof else None)
        brought = IssueSubmitted(
            title=d.title, place=d.place, channel=d.channel, reporter=m.beneficiary, recorded_by=recorder
        )
        return cls.begin(
            m.subject, brought, d.text, m.role in STAFF and d.channel in issue_rules.staff_channels, m, s
        )

    @classmethod
    def begin(
        cls, id: str, brought: IssueSubmitted, text: str, accepted: bool, m: AnyMessage, s: Session
    ) -> list[Said]:
        """Creates the row of an issue and returns its first events; `accepted` says whether it is accepted at once."""
        issue = cls.new(
            s,
            id,
            state="submitted",
            title=brought.title,
            text=text,
            place=brought.place,
            channel=brought.channel,
            reporter=brought.reporter,
            recorded_by=brought.recorded_by,
            people=0,
            households=0,
            records=0,
            open_items=0,
            untold=0,
            theme=None,
            scale=None,
            urgency=None,
            reach=None,
            form=None,
            outcome=None,
            survey_until=None,
        )
        said = [issue.say(brought)]
        if accepted:
            LIFE.moved_by(issue, "automatic", m, s)
            said += [issue.say(IssueAccepted(automatic=True)), *clock.start_first_clocks(issue, m, s)]
        return said

    def _move(self, m: AnyMessage, s: Session) -> None:
        """Checks the sender's scope, then makes the command's transition."""
        check_within(s, Place, self.place, m)
        LIFE.move(self, m, s)

    def accept(self, m: Envelope[AcceptIssue], s: Session) -> Iterator[Said]:
        self._move(m, s)
        yield self.say(IssueAccepted(automatic=False))
        yield from clock.start_first_clocks(self, m, s)

    def decline(self, m: Envelope[DeclineIssue], s: Session) -> Said:
        self._move(m, s)
        Handling.of(self.id, s).declined_by = m.authid
        RatePeriod.of(self.id, s).end("declined", m.recordedtime)
        return self.say(IssueDeclined(ground=m.data.ground, reason=m.data.reason))

    def triage(self, m: Envelope[TriageIssue], s: Session) -> Said:
        d = m.data
        self._move(m, s)
        self.theme, self.scale, self.urgency, self.reach, self.form = (
            d.theme,
            d.scale,
            d.urgency,
            d.reach,
            d.form,
        )
        return self.say(
            IssueTriaged(theme=d.theme, scale=d.scale, urgency=d.urgency, reach=d.reach, form=d.form)
        )

    def open_deliberation(self, m: Envelope[OpenDeliberation], s: Session) -> Said:
        self._move(m, s)
        clock.stop(self, s, "dispatch")
        return self.say(DeliberationOpened(topic=m.data.topic, title=m.data.title))

    def cosigned(self, m: AnyMessage, s: Session) -> Iterator[Said]:
        """Escalates the issue because enough households have co-signed it; does nothing if it is escalated already."""
        if Handling.peek(self.id, s).level == "community":
            LIFE.moved_by(self, "cosigned", m, s)
            yield Handling.of(self.id, s).escalate(self, "cosigned")

    def record(self, s: Session) -> None:
        """Counts one more deliberation record and ends the deadline of the deliberation."""
        self.records += 1
        self.no_longer_due(s)

    def no_longer_due(self, s: Session) -> None:
        """Drops the deadline `deliberation_due` of an emergency, which has been deliberated or no longer needs to be."""
        if self.urgency == "emergency":
            Deadline.drop(s, DUE, self.id)
            clock.stop(self, s, DUE)

    def close(self, m: Envelope[CloseIssue], s: Session) -> Said:
        """Closes the issue. For an open issue without a deliberation record, that is the refusal, and not `wrong_state`."""
        check_within(s, Place, self.place, m)
        if self.state in OPEN:
            DELIBERATION_RECORDED.check(self, m, s)
        LIFE.move(self, m, s)
        clock.stop(self, s)
        if m.data.outcome == "not_feasible" and m.data.review_at is not None:
            Deadline.put(s, RE_REVIEW, self.id, m.data.review_at)
        self.outcome = m.data.outcome
        self.survey_until = m.recordedtime + timedelta(hours=rules(s, Rule, IssueRules).survey_hours)
        RatePeriod.of(self.id, s).end("closed", m.recordedtime, self.records > 0)
        return self.say(
            IssueClosed(outcome=m.data.outcome, review_at=m.data.review_at, survey_until=self.survey_until)
        )


def not_concerned(person: str) -> Refused:
    """The refusal `not_concerned`: the person neither reported nor co-signed the issue."""
    return Refused(
        "not_concerned",
        f"{person} 不是这件事的反映人或附议人。请核对。",
        f"{person} neither reported nor co-signed this issue. Check the person.",
        "authid",
    )
