"""Attendance 签到 of a session in a room, with or without a vote, and its quorum (domain.md §2.3)."""

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.fields import Role
from microgov.contracts.issues import (
    AdjournSession,
    AttendanceRecorded,
    Attendee,
    Attending,
    OpenSession,
    RecordAttendance,
    SessionAdjourned,
    SessionInquorate,
    SessionOpened,
)
from microgov.contracts.message import Envelope
from microgov.contracts.rules.procedure import Procedure
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.reference_data import check_within
from microgov.services.issues.deliberation.sessions.council import Council, Seat
from microgov.services.issues.deliberation.sessions.procedure import procedure
from microgov.services.issues.deliberation.sessions.role_holding import RoleHolding
from microgov.services.issues.deliberation.sessions.session import LIFE, DeliberationSession
from microgov.services.issues.deliberation.topics import life
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.model import Base, Person, Place


class Attendance(Base):
    """A person in the room. `voter` is the id of the person or household whose vote the person casts; None without a
    vote.
    """

    __tablename__ = "attendance"
    session: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    voter: Mapped[str | None]

    @classmethod
    def votes(cls, session: str, person: str, s: Session) -> bool:
        """Whether the person attends with a vote."""
        row = s.get(cls, (session, person))
        return row is not None and row.voter is not None


class SeatedVote(Base):
    """A vote that is present in the room: that of a person, or that of a household, which has one vote however many of its
    members have come.
    """

    __tablename__ = "voice"
    session: Mapped[str] = mapped_column(primary_key=True)
    voter: Mapped[str] = mapped_column(primary_key=True)


def record(m: Envelope[RecordAttendance], s: Session) -> Said:
    """Records who came, and in which class; the rules of procedure define which classes may attend and which of them
    vote.
    """
    meeting, topic = _session_and_topic(m, s)
    rules, path = procedure(s, meeting.kind, "subject"), s.get_one(Place, topic.place(s)).path
    LIFE.check(meeting, RecordAttendance, m, s)
    rows = [_row(one, meeting, rules, path, m, s) for one in m.data.attendees]
    _check_no_person_twice(m.data.attendees)
    LIFE.move(meeting, m, s)
    s.add_all(rows)
    voices = sorted(
        {row.voter for row in rows if row.voter and s.get(SeatedVote, (meeting.id, row.voter)) is None}
    )
    s.add_all(SeatedVote(session=meeting.id, voter=voter) for voter in voices)
    meeting.present, meeting.voting = meeting.present + len(rows), meeting.voting + len(voices)
    came = [Attending(person=row.person, role=Role(row.role), votes=row.voter is not None) for row in rows]
    return meeting.say(
        AttendanceRecorded(topic=topic.id, attendees=came, present=meeting.present, voting=meeting.voting)
    )


def open_session(m: Envelope[OpenSession], s: Session) -> Iterator[Said]:
    """Opens the session if enough votes are in the room. Otherwise the session ends 流会, and the topic waits for another
    session.
    """
    meeting, topic = _session_and_topic(m, s)
    LIFE.check(meeting, OpenSession, m, s)
    quorum = _quorum(meeting, procedure(s, meeting.kind, "subject"), s)
    life.LIFE.check(topic, "inquorate", m, s)
    counted = {"present": meeting.present, "voting": meeting.voting, "quorum": quorum}
    said = {"issue": topic.issue, "topic": topic.id, **counted}
    if meeting.voting >= quorum:
        LIFE.move(meeting, m, s)
        meeting.quorum = quorum
        yield meeting.say(SessionOpened.model_validate(said))
    else:
        LIFE.moved_by(meeting, "inquorate", m, s)
        life.LIFE.moved_by(topic, "inquorate", m, s)
        yield meeting.say(SessionInquorate.model_validate(said))


def adjourn(m: Envelope[AdjournSession], s: Session) -> Said:
    """Ends the session without a ballot."""
    meeting, topic = _session_and_topic(m, s)
    life.LIFE.check(topic, AdjournSession, m, s)
    LIFE.move(meeting, m, s)
    topic.deliberated(AdjournSession, meeting.id, None, True, m, s)
    return meeting.say(SessionAdjourned(issue=topic.issue, topic=topic.id))


def _session_and_topic(m: AnyMessage, s: Session) -> tuple[DeliberationSession, Topic]:
    """The session of the message and its topic, after a check of the sender's scope."""
    meeting = DeliberationSession.find(s, m.subject)
    topic = Topic.find(s, meeting.topic)
    check_within(s, Place, topic.place(s), m)
    return meeting, topic


def _quorum(meeting: DeliberationSession, rules: Procedure, s: Session) -> int:
    """The required number of votes: `quorum`, or `quorum_per_mille` of a council's members, rounded up, if that is more."""
    members = Council.find(s, meeting.council).members if meeting.council else 0
    return max(rules.quorum, -(-members * rules.quorum_per_mille // 1000))


def _row(
    one: Attendee,
    meeting: DeliberationSession,
    rules: Procedure,
    path: Sequence[str],
    m: AnyMessage,
    s: Session,
) -> Attendance:
    """The attendance of one person; raises `not_invited`, `already_recorded`, `not_of_the_class` or `not_registered`."""
    called = {known.role: known.votes for known in rules.invited}
    if one.role not in called:
        raise _refused(
            "not_invited",
            f"按议事规则，{one.role} 不参加“{rules.kind}”。请更正身份。",
            f"By the rules of procedure nobody comes to a {rules.kind} as {one.role}. Correct the role.",
        )
    if s.get(Attendance, (meeting.id, one.person)) is not None:
        raise _already_recorded(one.person)
    if not _of_the_class(one, called[one.role], meeting, path, m, s):
        raise _refused(
            "not_of_the_class",
            f"{one.person} 在此处不是（或不再是）{one.role}。请核对身份，或先由街道办授予、由党支部聘任。",
            f"{one.person} is not {one.role} here, or no longer. Correct it, or have the role granted, or the seat given.",
        )
    voter = _voter(one.person, rules, s) if called[one.role] else None
    return Attendance(session=meeting.id, person=one.person, role=one.role, voter=voter)


def _of_the_class(
    one: Attendee, votes: bool, meeting: DeliberationSession, path: Sequence[str], m: AnyMessage, s: Session
) -> bool:
    """Whether the person belongs to the class: by a seat in the council, a role in the directory or, for residents, a home
    inside the topic's place (`path[0]`).
    """
    if meeting.council and votes:
        return Seat.sits(meeting.council, one.person, one.role, s)
    if one.role != Role.RESIDENT:
        return RoleHolding.holds(one.person, one.role, path, m.recordedtime, s)
    person = s.get(Person, one.person)
    home = s.get(Place, person.place) if person is not None else None
    return home is not None and path[0] in home.path


def _voter(person: str, rules: Procedure, s: Session) -> str:
    """The id of the person or of the household whose vote the person casts, by the electorate of the rules."""
    if rules.electorate == "person":
        return person
    row = s.get(Person, person)
    if row is None:
        raise _refused(
            "not_registered",
            f"本会按户表决，而 {person} 尚未登记到户。请先由街道办登记。",
            f"Households vote here, and {person} is not registered with one. Have the office register the person first.",
        )
    return row.household


def _check_no_person_twice(attendees: Sequence[Attendee]) -> None:
    people = [one.person for one in attendees]
    again = next((person for n, person in enumerate(people) if person in people[:n]), None)
    if again is not None:
        raise _already_recorded(again)


def _already_recorded(person: str) -> Refused:
    return _refused(
        "already_recorded",
        f"{person} 已签到。每人登记一次。",
        f"{person} is in the room already. Record everybody once.",
    )


def _refused(code: str, zh: str, en: str) -> Refused:
    return Refused(code, zh, en, "data.attendees")
