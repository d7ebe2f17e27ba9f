"""The recipients of an issue's result: reporting it 反馈, contacting people 响应, and counting deliveries."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import ContactReporter, ReporterContacted, ReportResult, ResultReported
from microgov.contracts.message import Envelope
from microgov.contracts.notify import NoticeDelivered, NoticeUndeliverable
from microgov.contracts.rules import IssueRules
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.chassis.reference_data import check_within, rules
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.issues.clocks import clock
from microgov.services.issues.issue.cosigning import Cosign, check_concerned
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.life import LIFE
from microgov.services.issues.issue.rate_facts import RatePeriod, SurveyFact
from microgov.services.issues.model import Base, Place, Rule


class Recipient(Base):
    """A recipient of the result. `settled`: reached, or enough attempts were logged (`issues.contact_attempts`)."""

    __tablename__ = "recipient"
    issue: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    settled: Mapped[bool]

    @classmethod
    def add_all(cls, issue: Issue, m: AnyMessage, s: Session) -> int:
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
    check_within(s, Place, issue.place, m)
    LIFE.move(issue, m, s)
    clock.stop(issue, s, "report_back")
    return issue.say(ResultReported(text=m.data.text, recipients=Recipient.add_all(issue, m, s)))


def contact(m: Envelope[ContactReporter], s: Session) -> Said:
    """Records a personal attempt to contact somebody 响应; after the report it counts as an attempt to report the result."""
    issue, d = Issue.find(s, m.subject), m.data
    check_within(s, Place, issue.place, m)
    check_concerned(issue, d.person, s)
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
