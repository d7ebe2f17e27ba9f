"""The issue 议题事项 and its life (domain.md §2.2)."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped, Session

from contracts.directory import IssueRules
from contracts.fields import STAFF
from contracts.issues import (
    AcceptIssue,
    AdoptResolution,
    AnswerSurvey,
    CloseIssue,
    ContactReporter,
    CosignIssue,
    CosignWithdrawn,
    DeclineIssue,
    DeliberationOpened,
    DeliberationRecorded,
    IssueAccepted,
    IssueClosed,
    IssueCosigned,
    IssueDeclined,
    IssueSubmitted,
    IssueTriaged,
    OpenDeliberation,
    RejectTopic,
    ReporterContacted,
    ReportResult,
    ResultReported,
    SubmitIssue,
    SurveyAnswered,
    TriageIssue,
    WithdrawCosign,
)
from contracts.message import Envelope
from services.chassis.house import rules, touching, within
from services.chassis.model import SAME, AnyMessage, Entity, Guard, Life, Refused, Said, Transition, each
from services.issues.model import Base, Place, Rule

FORMS = frozenset({"micro_topic"})
"""The forms of deliberation that can be held."""

NO_RECORD = Guard(
    "no_deliberation_record",
    "大事小事突发事，事事都议：这件事还没有议事记录，不能办结。请先开启议事，确认会议记录，形成决议。",
    "Every matter is deliberated, great, small or sudden: this issue has no deliberation record and cannot be closed. "
    "Open a deliberation and bring it to a resolution first.",
    lambda issue, m, s: issue.records > 0,
)
ITEMS_OPEN = Guard(
    "action_items_open",
    "决议的落实事项尚未全部核实，不能办结。请先完成并由他人核实每一项。",
    "Action items of the resolution are not verified, so the issue cannot be closed. Have each verified first.",
    lambda issue, m, s: issue.open_items == 0,
)
NOT_DELIVERED = Guard(
    "result_not_delivered",
    "结果尚未反馈到每一位反映人和附议人，不能办结。请等待送达，或登记上门联系。",
    "The result has not reached the reporter and every co-signer, so the issue cannot be closed. "
    "Wait for the delivery, or log a personal visit.",
    lambda issue, m, s: issue.untold == 0,
)
REVIEW_MISSING = Guard(
    "review_date_missing",
    "结果为“暂不可行”时须写明复议日期。请补充 review_at。",
    "An issue that is not feasible is looked at again: name the day of its re-review.",
    lambda issue, m, s: m.data.outcome != "not_feasible" or m.data.review_at is not None,
    "data.review_at",
)
UNKNOWN_FORM = Guard(
    "unknown_form",
    "没有这种议事形式。目前可用：micro_topic（微议题）。",
    "There is no such form of deliberation. It can be: micro_topic.",
    lambda issue, m, s: m.data.form in FORMS,
    "data.form",
)
SURVEY_OVER = Guard(
    "survey_over",
    "回访期已过，不能再回答。如问题仍在，请重新反映。",
    "The survey on this issue is over. If the matter goes on, submit it again.",
    lambda issue, m, s: issue.survey_until is None or m.recordedtime < issue.survey_until,
)

STATES = {
    "submitted": ("已提交", "submitted"),
    "accepted": ("已受理", "accepted"),
    "declined": ("不予受理", "declined"),
    "triaged": ("已研判", "triaged"),
    "deliberating": ("议事中", "being deliberated"),
    "in_action": ("落实中", "in action"),
    "reported": ("已反馈", "reported"),
    "closed": ("已办结", "closed"),
}
OPEN = ("submitted", "accepted", "triaged", "deliberating", "in_action")
"""States in which others may still join; once the result is reported, who is to be told is settled."""

LIFE = Life(
    "issue",
    "事项",
    STATES,
    {
        (None, SubmitIssue): Transition("submitted", IssueSubmitted),
        ("submitted", "automatic"): Transition("accepted", IssueAccepted),
        ("submitted", AcceptIssue): Transition("accepted", IssueAccepted),
        ("submitted", DeclineIssue): Transition("declined", IssueDeclined),
        ("accepted", TriageIssue): Transition("triaged", IssueTriaged, (UNKNOWN_FORM,)),
        **each(OPEN, CosignIssue, Transition(SAME, IssueCosigned)),
        **each(OPEN, WithdrawCosign, Transition(SAME, CosignWithdrawn)),
        **each((*OPEN, "reported"), ContactReporter, Transition(SAME, ReporterContacted)),
        ("triaged", OpenDeliberation): Transition("deliberating", DeliberationOpened),
        ("deliberating", AdoptResolution): Transition("in_action", DeliberationRecorded),
        ("deliberating", RejectTopic): Transition("reported", ResultReported),
        ("in_action", ReportResult): Transition("reported", ResultReported),
        ("reported", CloseIssue): Transition(
            "closed", IssueClosed, (NO_RECORD, ITEMS_OPEN, NOT_DELIVERED, REVIEW_MISSING)
        ),
        **each(("reported", "closed"), AnswerSurvey, Transition(SAME, SurveyAnswered, (SURVEY_OVER,))),
    },
    frozenset({"declined", "closed"}),
)


class Issue(Entity, Base):
    """`people` and `households` count co-signers in force; closing asks `records`, `open_items` and `untold`."""

    __tablename__ = "issue"
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
        """A new issue; accepted at once where staff recorded it by one of their channels."""
        d, house = m.data, rules(s, Rule, IssueRules)
        touching(s, Place, d.place, m, "data.place")
        recorder = d.recorded_by or (m.authid if m.onbehalfof else None)
        issue = cls.new(
            s,
            m.subject,
            state="submitted",
            title=d.title,
            text=d.text,
            place=d.place,
            channel=d.channel,
            reporter=m.beneficiary,
            recorded_by=recorder,
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
        said = [
            issue.say(
                IssueSubmitted(
                    title=d.title, place=d.place, channel=d.channel, reporter=m.beneficiary, recorded_by=recorder
                )
            )
        ]
        if m.role in STAFF and d.channel in house.staff_channels:
            LIFE.moved_by(issue, "automatic", m, s)
            said.append(issue.say(IssueAccepted(automatic=True)))
        return said

    def _move(self, m: AnyMessage, s: Session) -> None:
        within(s, Place, self.place, m)
        LIFE.move(self, m, s)

    def accept(self, m: Envelope[AcceptIssue], s: Session) -> Said:
        self._move(m, s)
        return self.say(IssueAccepted(automatic=False))

    def decline(self, m: Envelope[DeclineIssue], s: Session) -> Said:
        self._move(m, s)
        return self.say(IssueDeclined(ground=m.data.ground, reason=m.data.reason))

    def triage(self, m: Envelope[TriageIssue], s: Session) -> Said:
        d = m.data
        self._move(m, s)
        self.theme, self.scale, self.urgency, self.reach, self.form = d.theme, d.scale, d.urgency, d.reach, d.form
        return self.say(IssueTriaged(theme=d.theme, scale=d.scale, urgency=d.urgency, reach=d.reach, form=d.form))

    def open_deliberation(self, m: Envelope[OpenDeliberation], s: Session) -> Said:
        self._move(m, s)
        return self.say(DeliberationOpened(topic=m.data.topic, title=m.data.title))

    def close(self, m: Envelope[CloseIssue], s: Session) -> Said:
        """An issue that was never deliberated is refused for that, whatever its state."""
        within(s, Place, self.place, m)
        if self.state in OPEN:
            NO_RECORD.check(self, m, s)
        LIFE.move(self, m, s)
        self.outcome = m.data.outcome
        self.survey_until = m.recordedtime + timedelta(hours=rules(s, Rule, IssueRules).survey_hours)
        return self.say(IssueClosed(outcome=m.data.outcome, review_at=m.data.review_at, survey_until=self.survey_until))


def not_concerned(person: str) -> Refused:
    """The refusal of somebody who neither reported nor co-signed."""
    return Refused(
        "not_concerned",
        f"{person} 不是这件事的反映人或附议人。请核对。",
        f"{person} neither reported nor co-signed this issue. Check the person.",
        "authid",
    )
