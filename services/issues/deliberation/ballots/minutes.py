"""Minutes 会议记录: drafted and amended by staff, signed by participants (domain.md §2.3)."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import (
    ConfirmMinutes,
    DraftMinutes,
    MinutesConfirmed,
    MinutesDrafted,
    MinutesSigned,
)
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.reference_data import check_within
from microgov.services.issues.deliberation.attendance.attendance import Attendance
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.hand_count import Witness
from microgov.services.issues.deliberation.ballots.vote import Voter
from microgov.services.issues.deliberation.sessions.procedure import procedure
from microgov.services.issues.deliberation.sessions.session import LIFE, DeliberationSession
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.model import Base, Place


class Signature(Base):
    """A participant's signature under one draft of the minutes."""

    __tablename__ = "signature"
    session: Mapped[str] = mapped_column(primary_key=True)
    draft: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)


def draft(m: Envelope[DraftMinutes], s: Session) -> Iterator[Said]:
    """Replaces the draft of the minutes; earlier signatures no longer count. If no signatures are needed (there were no
    participants), the minutes are confirmed at once.
    """
    meeting = DeliberationSession.find(s, m.subject)
    rules, topic = procedure(s, meeting.kind, "subject"), Topic.find(s, meeting.topic)
    check_within(s, Place, topic.place(s), m)
    LIFE.move(meeting, m, s)
    meeting.minutes, meeting.draft, meeting.signatures = m.data.text, meeting.draft + 1, 0
    meeting.confirmable_from = m.recordedtime + timedelta(hours=rules.amendment_hours)
    meeting.needed = min(rules.confirmations, meeting.present)
    yield meeting.say(
        MinutesDrafted(
            topic=topic.id, text=m.data.text, confirmable_from=meeting.confirmable_from, needed=meeting.needed
        )
    )
    if meeting.needed == 0:
        yield _publish(meeting, m, topic, s)


def sign(m: Envelope[ConfirmMinutes], s: Session) -> Iterator[Said]:
    """Records a participant's signature under the present draft; the last one needed confirms the minutes.

    The command is called ConfirmMinutes: its name is in the log and stays.
    """
    meeting, person = DeliberationSession.find(s, m.subject), m.beneficiary
    if not _was_there(meeting, person, s):
        raise Refused(
            "not_present",
            f"{person} 没有参加会议 {meeting.id}。会议记录由到会者确认。",
            f"{person} took no part in the session {meeting.id}. Its minutes are confirmed by those who were present.",
            "authid",
        )
    if s.get(Signature, (meeting.id, meeting.draft, person)) is not None:
        raise Refused(
            "already_confirmed",
            f"您已确认过会议 {meeting.id} 的记录。每人确认一次。",
            f"You have confirmed the minutes of {meeting.id}. Everybody confirms once.",
            "authid",
        )
    LIFE.move(meeting, m, s)
    s.add(Signature(session=meeting.id, draft=meeting.draft, person=person))
    meeting.signatures += 1
    yield meeting.say(MinutesSigned(person=person, signatures=meeting.signatures))
    if meeting.signatures >= meeting.needed:
        yield _publish(meeting, m, Topic.find(s, meeting.topic), s)


def _was_there(meeting: DeliberationSession, person: str, s: Session) -> bool:
    """Whether the person took part: in a room, by attendance; online, with a vote in force at the close or as a witness.

    Where households vote, any member of a household that voted counts as a participant online.
    """
    if meeting.in_room:
        return s.get(Attendance, (meeting.id, person)) is not None
    ballot = s.get(Ballot, meeting.ballot) if meeting.ballot is not None else None
    if ballot is None:
        return False
    return Voter.was_there(ballot.id, ballot.voter(person, s), s) or Witness.was_there(ballot.id, person, s)


def _publish(meeting: DeliberationSession, m: AnyMessage, topic: Topic, s: Session) -> Said:
    """Moves the session to its state with confirmed minutes, notes that in the topic, and returns MinutesConfirmed."""
    LIFE.moved_by(meeting, "confirmed", m, s)
    topic.confirm_minutes(meeting.id)
    return meeting.say(MinutesConfirmed(topic=meeting.topic, signatures=meeting.signatures))
