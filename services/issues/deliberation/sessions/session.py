"""State machine and row of a session 议事会议 (domain.md §2.3)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session

from microgov.contracts.issues import (
    AdjournSession,
    AttendanceRecorded,
    BallotClosed,
    BallotOpened,
    CallOffSession,
    ConfirmMinutes,
    ConveneSession,
    DraftMinutes,
    HandCountRecorded,
    MinutesConfirmed,
    MinutesDrafted,
    MinutesSigned,
    OpenBallot,
    OpenSession,
    RecordAttendance,
    RecordHandCount,
    SessionAdjourned,
    SessionCalledOff,
    SessionConvened,
    SessionInquorate,
    SessionOpened,
)
from microgov.services.chassis.model import SAME, AnyMessage, Entity, Guard, Life, Refused, Transition, each
from microgov.services.issues.deliberation.sessions.procedure import ONLINE
from microgov.services.issues.model import Base

WITHIN_WINDOW = Guard(
    "session_not_open",
    "不在议事会议的时间窗口之内，不能发起表决。请在会议开放期间发起。",
    "The session is not open at this time, so no ballot can be opened. Open it between opens_at and closes_at.",
    lambda meeting, m, s: meeting.opens_at <= m.recordedtime < meeting.closes_at,
)
HAS_BEGUN = Guard(
    "session_not_begun",
    "议事会议尚未到开始时间。请在会议开始之后再办。",
    "The time of the session has not come. Do it once the session has begun.",
    lambda meeting, m, s: meeting.opens_at <= m.recordedtime,
)
NOT_OVER = Guard(
    "session_over",
    "议事会议的时间已过。请另行召集。",
    "The time of the session is over. Convene another.",
    lambda meeting, m, s: m.recordedtime < meeting.closes_at,
)
IS_ONLINE = Guard(
    "session_not_opened",
    "现场议事须先签到开会，再表决。请先登记到会人员并开会（OpenSession）。",
    "In a room the session is opened first. Record who came, and open it (OpenSession).",
    lambda meeting, m, s: not meeting.in_room,
)
IS_IN_ROOM = Guard(
    "session_is_online",
    "线上议事没有签到和开会，时间窗口就是会场。请直接发起表决。",
    "Nobody comes to a session online: its window is its room. Open the ballot in it.",
    lambda meeting, m, s: meeting.in_room,
)
NO_BALLOT_YET = Guard(
    "ballot_held",
    "一次议事会议只有一次表决，本次已经发起。",
    "A session has one ballot, and this one's is there already.",
    lambda meeting, m, s: meeting.ballot is None,
)
AMENDMENTS_OVER = Guard(
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
        "inquorate": ("流会", "ended for want of a quorum"),
        "called_off": ("已取消", "called off"),
    },
    {
        (None, ConveneSession): Transition("convened", SessionConvened),
        ("convened", OpenBallot): Transition("opened", BallotOpened, (IS_ONLINE, WITHIN_WINDOW)),
        ("convened", RecordHandCount): Transition("opened", HandCountRecorded, (IS_ONLINE, HAS_BEGUN)),
        ("convened", CallOffSession): Transition("called_off", SessionCalledOff),
        **each(
            ("convened", "opened"),
            RecordAttendance,
            Transition(SAME, AttendanceRecorded, (IS_IN_ROOM, NOT_OVER)),
        ),
        ("convened", OpenSession): Transition("opened", SessionOpened, (IS_IN_ROOM, HAS_BEGUN, NOT_OVER)),
        ("convened", "inquorate"): Transition("inquorate", SessionInquorate),
        ("opened", OpenBallot): Transition(SAME, BallotOpened, (NO_BALLOT_YET, WITHIN_WINDOW)),
        ("opened", RecordHandCount): Transition(SAME, HandCountRecorded, (NO_BALLOT_YET,)),
        ("opened", AdjournSession): Transition("adjourned", SessionAdjourned, (NO_BALLOT_YET,)),
        ("opened", "ballot"): Transition("adjourned", BallotClosed),
        ("adjourned", DraftMinutes): Transition("minutes_drafted", MinutesDrafted),
        ("minutes_drafted", DraftMinutes): Transition(SAME, MinutesDrafted),
        ("minutes_drafted", ConfirmMinutes): Transition(SAME, MinutesSigned, (AMENDMENTS_OVER,)),
        ("minutes_drafted", "confirmed"): Transition("published", MinutesConfirmed),
    },
    frozenset({"published", "inquorate", "called_off"}),
)


class DeliberationSession(Entity, Base):
    """A session on a topic.

    In a room, `present` counts attendees and `voting` their votes; online, `present` counts voters, or witnesses of a count
    of hands. `quorum` is set when a session in a room opens. `draft` counts drafts of the minutes, `needed` the signatures
    that the current one needs.
    """

    __tablename__ = "meeting"
    CALLED = "Meeting"
    topic: Mapped[str]
    issue: Mapped[str]
    state: Mapped[str]
    kind: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    council: Mapped[str | None]
    ballot: Mapped[str | None]
    present: Mapped[int]
    voting: Mapped[int]
    quorum: Mapped[int | None]
    minutes: Mapped[str | None]
    draft: Mapped[int]
    confirmable_from: Mapped[datetime | None]
    needed: Mapped[int]
    signatures: Mapped[int]

    @property
    def in_room(self) -> bool:
        """Whether it is held in a room, and not online."""
        return self.kind != ONLINE

    @classmethod
    def last_ballot(cls, topic: str, s: Session) -> str:
        """The ballot of the topic's latest session that had one; an empty string if none had. It is used if the topic's last
        session had no ballot.
        """
        held = select(cls.ballot).where(cls.topic == topic, cls.ballot.is_not(None))
        return (
            s.scalars(held.order_by(cls.opens_at.desc(), cls.closes_at.desc(), cls.id.desc())).first() or ""
        )

    def adjourn(self, m: AnyMessage, present: int, s: Session) -> None:
        """Ends the session when its ballot closes; online, `present` becomes the number of voters."""
        LIFE.moved_by(self, "ballot", m, s)
        if not self.in_room:
            self.present = present


def window_invalid(field: str) -> Refused:
    """The refusal `window_invalid`: the window ends before it begins, or in the past."""
    return Refused(
        "window_invalid",
        "结束时间须晚于开始时间，且不能是过去。请修改时间。",
        "A window closes after it opens, and not in the past. Change the times.",
        field,
    )
