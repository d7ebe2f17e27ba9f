"""Convening a session 召集议事, and calling it off (domain.md §2.3)."""

from datetime import timedelta

from sqlalchemy.orm import Session

from microgov.contracts.fields import Role
from microgov.contracts.issues import CallOffSession, ConveneSession, SessionCalledOff, SessionConvened
from microgov.contracts.message import Envelope
from microgov.contracts.rules.procedure import Procedure
from microgov.services.chassis.model import Refused, Said
from microgov.services.chassis.reference_data import check_within
from microgov.services.chassis.refusals import id_taken
from microgov.services.issues.deliberation.sessions.council import Council
from microgov.services.issues.deliberation.sessions.procedure import procedure
from microgov.services.issues.deliberation.sessions.role_holding import RoleHolding
from microgov.services.issues.deliberation.sessions.session import LIFE, DeliberationSession, window_invalid
from microgov.services.issues.deliberation.topics import life
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.model import Place, Rule


def convene(m: Envelope[ConveneSession], s: Session) -> Said:
    """Convenes a session on the topic that is the subject of the message."""
    topic, d = Topic.find(s, m.subject), m.data
    check_within(s, Place, topic.place(s), m)
    rules = procedure(s, d.kind)
    _check_convener(m, rules)
    _check_council(m, topic.place(s), s)
    _check_window_and_notice(m, rules.notice_hours)
    if s.get(DeliberationSession, d.session) is not None:
        raise _taken(d.session)
    life.LIFE.move(topic, m, s)
    meeting = _new(m, topic, s)
    return topic.say(
        SessionConvened(
            issue=topic.issue,
            session=d.session,
            kind=d.kind,
            opens_at=d.opens_at,
            closes_at=d.closes_at,
            room=d.room,
            council=d.council,
            invited=_invited(meeting, rules, topic.place(s), s),
            rules=_version(meeting, s),
        )
    )


def _new(m: Envelope[ConveneSession], topic: Topic, s: Session) -> DeliberationSession:
    d = m.data
    return DeliberationSession.new(
        s,
        d.session,
        topic=topic.id,
        issue=topic.issue,
        state="convened",
        kind=d.kind,
        opens_at=d.opens_at,
        closes_at=d.closes_at,
        council=d.council,
        ballot=None,
        present=0,
        voting=0,
        quorum=None,
        minutes=None,
        draft=0,
        confirmable_from=None,
        needed=0,
        signatures=0,
    )


def call_off(m: Envelope[CallOffSession], s: Session) -> Said:
    """Calls the session off; the topic waits for another session."""
    meeting = DeliberationSession.find(s, m.subject)
    topic = Topic.find(s, meeting.topic)
    check_within(s, Place, topic.place(s), m)
    life.LIFE.check(topic, CallOffSession, m, s)
    LIFE.move(meeting, m, s)
    life.LIFE.move(topic, m, s)
    return meeting.say(SessionCalledOff(issue=topic.issue, topic=topic.id, reason=m.data.reason))


def _invited(meeting: DeliberationSession, rules: Procedure, place: str, s: Session) -> list[str] | None:
    """Up to 500 persons invited by name: members of the council, and holders of the invited roles, except residents."""
    if not meeting.in_room:
        return None
    members = Council.members_of(meeting.council, s) if meeting.council else []
    roles = called_by_role(rules, meeting.council)
    called = RoleHolding.called(roles, s.get_one(Place, place).path, meeting.opens_at, s)
    return sorted({*members, *called})[:500]


def called_by_role(rules: Procedure, council: str | None) -> list[Role]:
    """The roles whose holders are all invited; in a council the voting members hold its seats instead."""
    return [one.role for one in rules.invited if one.role != Role.RESIDENT and not (council and one.votes)]


def _version(meeting: DeliberationSession, s: Session) -> int | None:
    """The version of the section `procedure` that applies to a session in a room; None for an online session."""
    row = s.get(Rule, "procedure")
    return row.version if meeting.in_room and row is not None else None


def _check_convener(m: Envelope[ConveneSession], rules: Procedure) -> None:
    if m.role not in rules.convened_by:
        roles = "、".join(rules.convened_by)
        raise Refused(
            "not_convener",
            f"按议事规则，“{rules.kind}”由 {roles} 召集。请由其召集。",
            f"By the rules of procedure a {rules.kind} is convened by: {', '.join(rules.convened_by)}. Ask them to.",
            "role",
        )


def _check_council(m: Envelope[ConveneSession], place: str, s: Session) -> None:
    """Checks that a consultative council, and no other session, names a council, and that its place fits."""
    wanted = m.data.kind == "consultative_council"
    if wanted != (m.data.council is not None):
        raise Refused(
            "council_missing" if wanted else "council_not_asked",
            "议事协商会须写明是哪一个协商会（council），其他会议不写。请修改。",
            "A consultative_council names its council, and no other session does. Change it.",
            "data.council",
        )
    if m.data.council is not None:
        Council.of_place(m.data.council, place, s)


def _check_window_and_notice(m: Envelope[ConveneSession], notice: int) -> None:
    """Checks the session's window and the hours of notice."""
    d = m.data
    if d.closes_at <= d.opens_at or d.closes_at <= m.recordedtime:
        raise window_invalid("data.closes_at")
    if notice and d.opens_at < m.recordedtime + timedelta(hours=notice):
        raise Refused(
            "notice_too_short",
            f"议事规则要求提前 {notice} 小时通知。请推迟会议开始时间。",
            f"The rules of procedure want {notice} hours of notice. Let the session open later.",
            "data.opens_at",
        )


def _taken(session: str) -> Refused:
    return id_taken(session, "会议", "session", "data.session")
