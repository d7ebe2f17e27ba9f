"""Answers to the survey 回访 on an issue."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import AnswerSurvey, SurveyAnswered
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Refused, Said
from microgov.services.issues.issue.cosigning import check_concerned
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.life import LIFE
from microgov.services.issues.issue.rate_facts import SurveyFact
from microgov.services.issues.issue.recipients import Recipient
from microgov.services.issues.model import Base


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
        check_concerned(issue, person, s)
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
