"""Sessions 议事会议, their minutes, and those who sign them (domain.md §2.3)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped, Session, mapped_column

from contracts.issues import (
    BallotClosed,
    BallotOpened,
    ConfirmMinutes,
    ConveneSession,
    DraftMinutes,
    HandCountRecorded,
    MinutesConfirmed,
    MinutesDrafted,
    MinutesSigned,
    OpenBallot,
    RecordHandCount,
    SessionConvened,
)
from contracts.message import Envelope
from contracts.rules import DeliberationRules
from services.chassis.house import rules, within
from services.chassis.model import SAME, AnyMessage, Entity, Guard, Life, Refused, Said, Transition
from services.issues import topics
from services.issues.life import FORMS
from services.issues.model import Base, Place, Rule
from services.issues.topics import Topic

NOT_IN_SESSION = Guard(
    "session_not_open",
    "不在议事会议的时间窗口之内，不能发起表决。请在会议开放期间发起。",
    "The session is not open at this time, so no ballot can be opened. Open it between opens_at and closes_at.",
    lambda meeting, m, s: meeting.opens_at <= m.recordedtime < meeting.closes_at,
)
NOT_BEGUN = Guard(
    "session_not_begun",
    "议事会议尚未开始，不能记录举手表决。请在会议开始之后记录。",
    "The session has not begun, so no hands can have been counted in it. Record them once it has.",
    lambda meeting, m, s: meeting.opens_at <= m.recordedtime,
)
TOO_EARLY = Guard(
    "amendment_window",
    "会议记录仍在征求修改意见，尚不能确认。请在修改期结束后确认。",
    "The minutes can still be amended and cannot be confirmed yet. Confirm them after the amendment window.",
    lambda meeting, m, s: m.recordedtime >= meeting.confirmable_from,
)

LIFE = Life(
    "session",
    "议事会议",
    {
        "convened": ("已召集", "convened"),
        "opened": ("进行中", "opened"),
        "adjourned": ("已休会", "adjourned"),
        "minutes_drafted": ("记录待确认", "waiting for its minutes to be confirmed"),
        "published": ("已公示", "published"),
    },
    {
        (None, ConveneSession): Transition("convened", SessionConvened),
        ("convened", OpenBallot): Transition("opened", BallotOpened, (NOT_IN_SESSION,)),
        ("convened", RecordHandCount): Transition("opened", HandCountRecorded, (NOT_BEGUN,)),
        ("opened", "ballot"): Transition("adjourned", BallotClosed),
        ("adjourned", DraftMinutes): Transition("minutes_drafted", MinutesDrafted),
        ("minutes_drafted", DraftMinutes): Transition(SAME, MinutesDrafted),
        ("minutes_drafted", ConfirmMinutes): Transition(SAME, MinutesSigned, (TOO_EARLY,)),
        ("minutes_drafted", "confirmed"): Transition("published", MinutesConfirmed),
    },
    frozenset({"published"}),
)


class Meeting(Entity, Base):
    """A session: `present` people voted in its ballot or saw the hands counted, `draft` counts drafts of the minutes."""

    __tablename__ = "meeting"
    topic: Mapped[str]
    issue: Mapped[str]
    state: Mapped[str]
    kind: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    ballot: Mapped[str | None]
    present: Mapped[int]
    minutes: Mapped[str | None]
    draft: Mapped[int]
    confirmable_from: Mapped[datetime | None]
    needed: Mapped[int]
    signatures: Mapped[int]

    @classmethod
    def convene(cls, m: Envelope[ConveneSession], s: Session) -> Said:
        """A session on the topic (the subject)."""
        topic, d = Topic.find(s, m.subject), m.data
        within(s, Place, topic.place(s), m)
        cls._can_be_convened(m, s)
        topics.LIFE.move(topic, m, s)
        cls.new(
            s,
            d.session,
            topic=topic.id,
            issue=topic.issue,
            state="convened",
            kind=d.kind,
            opens_at=d.opens_at,
            closes_at=d.closes_at,
            ballot=None,
            present=0,
            minutes=None,
            draft=0,
            confirmable_from=None,
            needed=0,
            signatures=0,
        )
        return topic.say(
            SessionConvened(
                issue=topic.issue, session=d.session, kind=d.kind, opens_at=d.opens_at, closes_at=d.closes_at
            )
        )

    @classmethod
    def _can_be_convened(cls, m: Envelope[ConveneSession], s: Session) -> None:
        d, notice = m.data, rules(s, Rule, DeliberationRules).notice_hours
        if d.kind not in FORMS:
            raise Refused(
                "unknown_form",
                f"没有“{d.kind}”这种议事会议。目前可用：micro_topic（微议题）。",
                f"There is no kind of session {d.kind}. It can be: micro_topic.",
                "data.kind",
            )
        if s.get(cls, d.session) is not None:
            raise Refused(
                "already_exists",
                f"会议编号 {d.session} 已被使用。请换一个编号。",
                f"The id {d.session} is taken. Choose another id for the session.",
                "data.session",
            )
        if d.closes_at <= d.opens_at or d.closes_at <= m.recordedtime:
            raise window_invalid("data.closes_at")
        if notice and d.opens_at < m.recordedtime + timedelta(hours=notice):
            raise Refused(
                "notice_too_short",
                f"议事规则要求提前 {notice} 小时通知。请推迟会议开始时间。",
                f"The rules of procedure want {notice} hours of notice. Let the session open later.",
                "data.opens_at",
            )

    def adjourn(self, m: AnyMessage, present: int, s: Session) -> None:
        """Its ballot has closed."""
        LIFE.moved_by(self, "ballot", m, s)
        self.present = present

    def draft_minutes(self, m: Envelope[DraftMinutes], s: Session) -> Iterator[Said]:
        """New minutes, unsigned; where nobody took part there is nobody to sign, and they stand as drafted."""
        procedure, topic = rules(s, Rule, DeliberationRules), Topic.find(s, self.topic)
        within(s, Place, topic.place(s), m)
        LIFE.move(self, m, s)
        self.minutes, self.draft, self.signatures = m.data.text, self.draft + 1, 0
        self.confirmable_from = m.recordedtime + timedelta(hours=procedure.amendment_hours)
        self.needed = min(procedure.confirmations, self.present)
        yield self.say(
            MinutesDrafted(
                topic=self.topic, text=m.data.text, confirmable_from=self.confirmable_from, needed=self.needed
            )
        )
        if self.needed == 0:
            yield self._confirmed(m, topic, s)

    def confirm_minutes(self, m: Envelope[ConfirmMinutes], s: Session, present: bool) -> Iterator[Said]:
        """One more signature; the last one needed confirms the minutes."""
        if not present:
            raise Refused(
                "not_present",
                f"{m.beneficiary} 没有参加会议 {self.id}。会议记录由到会者确认。",
                f"{m.beneficiary} took no part in the session {self.id}. Its minutes are confirmed by those "
                "who were present.",
                "authid",
            )
        if s.get(Signature, (self.id, self.draft, m.beneficiary)) is not None:
            raise Refused(
                "already_confirmed",
                f"您已确认过会议 {self.id} 的记录。每人确认一次。",
                f"You have confirmed the minutes of {self.id}. Everybody confirms once.",
                "authid",
            )
        LIFE.move(self, m, s)
        s.add(Signature(session=self.id, draft=self.draft, person=m.beneficiary))
        self.signatures += 1
        yield self.say(MinutesSigned(person=m.beneficiary, signatures=self.signatures))
        if self.signatures >= self.needed:
            yield self._confirmed(m, Topic.find(s, self.topic), s)

    def _confirmed(self, m: AnyMessage, topic: Topic, s: Session) -> Said:
        LIFE.moved_by(self, "confirmed", m, s)
        topic.confirm_minutes(self.ballot)
        return self.say(MinutesConfirmed(topic=self.topic, signatures=self.signatures))


class Signature(Base):
    """Somebody present has signed this draft of the minutes."""

    __tablename__ = "signature"
    session: Mapped[str] = mapped_column(primary_key=True)
    draft: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)


def window_invalid(field: str) -> Refused:
    """The refusal of a window that ends before it begins, or has ended."""
    return Refused(
        "window_invalid",
        "结束时间须晚于开始时间，且不能是过去。请修改时间。",
        "A window closes after it opens, and not in the past. Change the times.",
        field,
    )
