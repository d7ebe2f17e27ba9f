"""People concerned by an issue: co-signers 附议, recipients of the result, and answers to the survey 回访."""

from collections.abc import Iterator

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import (
    AnswerSurvey,
    ContactReporter,
    CosignIssue,
    CosignWithdrawn,
    IssueCosigned,
    ReporterContacted,
    ReportResult,
    ResultReported,
    SurveyAnswered,
    WithdrawCosign,
)
from microgov.contracts.message import Envelope
from microgov.contracts.notify import NoticeDelivered, NoticeUndeliverable
from microgov.contracts.rules import EscalationRules, IssueRules
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.reference_data import rules, touching, within
from microgov.services.chassis.store.children import rows_under
from microgov.services.issues.clocks import clock
from microgov.services.issues.issue.issue import Issue, not_concerned
from microgov.services.issues.issue.life import LIFE
from microgov.services.issues.issue.rate_facts import RatePeriod, SurveyFact
from microgov.services.issues.model import Base, Person, Place, Rule, in_force


class Cosign(Base):
    """A person's co-signature. A withdrawn one keeps its row (`in_force` false) and can be given again."""

    __tablename__ = "cosign"
    issue: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    household: Mapped[str]
    in_force: Mapped[bool]

    @classmethod
    def give(cls, m: Envelope[CosignIssue], s: Session) -> Iterator[Said]:
        """Co-signs the issue; it is escalated once its households reach `escalation.cosigning_households`."""
        issue, person = Issue.find(s, m.subject), Person.acting(m, s)
        touching(s, Place, issue.place, m)
        row = s.get(cls, (issue.id, person.id))
        if person.id == issue.reporter:
            raise Refused(
                "own_issue",
                f"事项 {issue.id} 是您自己反映的，无需附议。",
                f"You reported the issue {issue.id} yourself; others co-sign it.",
                "authid",
            )
        if row is not None and row.in_force:
            raise Refused(
                "already_cosigned",
                f"您已附议过事项 {issue.id}。每人附议一次。",
                f"You have co-signed the issue {issue.id}. Everybody co-signs once.",
                "authid",
            )
        LIFE.move(issue, m, s)
        if row is None:
            row = cls(issue=issue.id, person=person.id, household=person.household, in_force=True)
            s.add(row)
        row.in_force, row.household = True, person.household
        grown = CosignHousehold.count(issue.id, row.household, 1, s)
        issue.people, issue.households = issue.people + 1, issue.households + grown
        yield issue.say(
            IssueCosigned(
                person=person.id, household=row.household, people=issue.people, households=issue.households
            )
        )
        if grown and issue.households == in_force(s, EscalationRules).cosigning_households:
            yield from issue.cosigned(m, s)

    @classmethod
    def withdraw(cls, m: Envelope[WithdrawCosign], s: Session) -> Said:
        issue = Issue.find(s, m.subject)
        row = s.get(cls, (issue.id, m.beneficiary))
        if row is None or not row.in_force:
            raise Refused(
                "not_cosigned",
                f"您没有附议事项 {issue.id}，无可撤回。",
                f"You have not co-signed the issue {issue.id}; there is nothing to withdraw.",
                "authid",
            )
        LIFE.move(issue, m, s)
        row.in_force = False
        issue.people -= 1
        issue.households -= CosignHousehold.count(issue.id, row.household, -1, s)
        return issue.say(CosignWithdrawn(person=row.person, people=issue.people, households=issue.households))


class CosignHousehold(Base):
    """Number of people of one household who have co-signed an issue."""

    __tablename__ = "cosign_household"
    issue: Mapped[str] = mapped_column(primary_key=True)
    household: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int]

    @classmethod
    def count(cls, issue: str, household: str, step: int, s: Session) -> int:
        """Adds `step` (1 or -1). Returns 1 if the household's count left or reached 0 by that, else 0."""
        row = s.get(cls, (issue, household))
        if row is None:
            row = cls(issue=issue, household=household, people=0)
            s.add(row)
        before, row.people = row.people, row.people + step
        return int((before == 0) != (row.people == 0))


class Recipient(Base):
    """A recipient of the result. `settled`: reached, or enough attempts were logged (`issues.contact_attempts`)."""

    __tablename__ = "recipient"
    issue: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    settled: Mapped[bool]

    @classmethod
    def name(cls, issue: Issue, m: AnyMessage, s: Session) -> int:
        """Adds rows for the reporter and all co-signers in force, except for the sender; returns how many."""
        signers = (
            {row.person for row in rows_under(s, Cosign, issue.id) if row.in_force} if issue.people else set()
        )
        people = sorted((signers | {issue.reporter}) - {m.authid})
        for person in people:
            s.add(cls(issue=issue.id, person=person, attempts=0, settled=False))
        issue.untold = len(people)
        RatePeriod.of(issue.id, s).reported(m.recordedtime, len(people))
        return len(people)

    def attempted(self, issue: Issue, reached: bool, attempts: int, s: Session) -> None:
        """Records attempts to reach the person; `reached` says whether they succeeded."""
        needed = rules(s, Rule, IssueRules).contact_attempts
        self.attempts += attempts
        if (reached or self.attempts >= needed) and not self.settled:
            self.settled = True
            issue.untold -= 1
            if not reached:
                SurveyFact.unreached(issue.id, self.person, s)
        elif reached:
            SurveyFact.reached(issue.id, self.person, s)


def report_result(m: Envelope[ReportResult], s: Session) -> Said:
    """Reports the result 反馈 and determines its recipients."""
    issue = Issue.find(s, m.subject)
    within(s, Place, issue.place, m)
    LIFE.move(issue, m, s)
    clock.stop(issue, s, "report_back")
    return issue.say(ResultReported(text=m.data.text, recipients=Recipient.name(issue, m, s)))


def contact(m: Envelope[ContactReporter], s: Session) -> Said:
    """Records a personal attempt to contact somebody 响应; after the report it counts as an attempt to report the result."""
    issue, d = Issue.find(s, m.subject), m.data
    within(s, Place, issue.place, m)
    concerned(issue, d.person, s)
    LIFE.move(issue, m, s)
    row = s.get(Recipient, (issue.id, d.person))
    if row is not None:
        row.attempted(issue, d.reached, 1, s)
    if d.reached:
        clock.stop(issue, s, "first_contact")
    return issue.say(ReporterContacted(person=d.person, reached=d.reached, channel=d.channel))


def record_delivery(m: Envelope[NoticeDelivered] | Envelope[NoticeUndeliverable], s: Session) -> None:
    """Counts a delivery, or a failed delivery, of a result that the service notify has reported."""
    if m.data.notice_type != "result_reported":
        return
    row, issue = s.get(Recipient, (m.data.entity, m.data.recipient)), s.get(Issue, m.data.entity)
    if row is None or issue is None:
        return
    if isinstance(m.data, NoticeDelivered):
        row.attempted(issue, True, 1, s)
    else:
        row.attempted(issue, False, m.data.attempts, s)


def concerned(issue: Issue, person: str, s: Session) -> None:
    """Raises the refusal `not_concerned` for a person who is neither the reporter nor a co-signer in force."""
    row = s.get(Cosign, (issue.id, person))
    if person != issue.reporter and (row is None or not row.in_force):
        raise not_concerned(person)


class SurveyAnswer(Base):
    """One person's answers to the three questions of the survey."""

    __tablename__ = "survey_answer"
    issue: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    contacted: Mapped[bool]
    solved: Mapped[bool]
    satisfied: Mapped[bool]

    @classmethod
    def give(cls, m: Envelope[AnswerSurvey], s: Session) -> Said:
        issue, d, person = Issue.find(s, m.subject), m.data, m.beneficiary
        concerned(issue, person, s)
        if s.get(cls, (issue.id, person)) is not None:
            raise Refused(
                "already_answered",
                f"您已回答过事项 {issue.id} 的回访。每人一次。",
                f"You have answered the survey on the issue {issue.id}. Everybody answers once.",
                "authid",
            )
        LIFE.move(issue, m, s)
        s.add(
            cls(issue=issue.id, person=person, contacted=d.contacted, solved=d.solved, satisfied=d.satisfied)
        )
        SurveyFact.answer(issue.id, person, s.get(Recipient, (issue.id, person)) is not None, d, s)
        return issue.say(
            SurveyAnswered(person=person, contacted=d.contacted, solved=d.solved, satisfied=d.satisfied)
        )
