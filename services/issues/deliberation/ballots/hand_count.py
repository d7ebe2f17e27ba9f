"""A count of hands 举手表决 in a session: recorded by the branch, with at least two witnesses (domain.md §2.3)."""

from collections.abc import Iterator

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import HandCountRecorded, RecordHandCount
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Refused, Said
from microgov.services.chassis.reference_data import check_within
from microgov.services.chassis.refusals import not_registered
from microgov.services.issues.deliberation.attendance.attendance import Attendance
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.tally import OptionTally
from microgov.services.issues.deliberation.sessions import session
from microgov.services.issues.deliberation.sessions.procedure import procedure
from microgov.services.issues.deliberation.sessions.session import DeliberationSession
from microgov.services.issues.deliberation.topics.option import Option, unknown_option
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.model import Base, Person, Place

MIN_WITNESSES = 2
"""domain.md §2.1.8, rule 5."""


class Witness(Base):
    """A person who witnessed the count and can therefore sign the minutes."""

    __tablename__ = "witness"
    ballot: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)

    @classmethod
    def was_there(cls, ballot: str, person: str, s: Session) -> bool:
        """Whether the person witnessed the count."""
        return s.get(cls, (ballot, person)) is not None


def record(m: Envelope[RecordHandCount], s: Session) -> Iterator[Said]:
    """Records the count as a ballot that opens and closes at once; its witnesses can sign the minutes.

    Nobody's single vote is known, so online only the witnesses can sign, and `present` becomes their number.
    """
    d, meeting = m.data, DeliberationSession.find(s, m.data.session, "data.session")
    topic, rules = Topic.find(s, meeting.topic), procedure(s, meeting.kind, "data.session")
    check_within(s, Place, topic.place(s), m)
    options = Option.ids(topic.id, s)
    _check_witnesses(m, meeting, s)
    _check_counts(d, options)
    _check_votes_present(d, meeting)
    session.LIFE.check(meeting, RecordHandCount, m, s)
    ballot = Ballot.put(
        m.subject,
        meeting,
        topic,
        rules,
        s,
        state="open",
        kind=d.kind,
        closes_at=m.recordedtime,
        people=d.people,
    )
    session.LIFE.move(meeting, m, s)
    meeting.ballot = ballot.id
    rows = _rows(d, ballot.id, options)
    s.add_all(rows)
    s.add_all(Witness(ballot=ballot.id, person=person) for person in d.witnesses)
    yield ballot.say(_recorded(d, ballot, options))
    yield ballot.ended(rows, m, s)
    if not meeting.in_room:
        meeting.present = len(d.witnesses)


def _rows(d: RecordHandCount, ballot: str, options: list[str]) -> list[OptionTally]:
    """The tallies of all options, by id; an option that is not in the count has no votes."""
    rows = {option: OptionTally.zero(ballot, option) for option in sorted(options)}
    for line in d.tally:
        row = rows[line.option]
        row.agree, row.disagree, row.passed = line.agree, line.disagree, line.passed
    return list(rows.values())


def _recorded(d: RecordHandCount, ballot: Ballot, options: list[str]) -> HandCountRecorded:
    return HandCountRecorded(
        issue=ballot.issue,
        topic=ballot.topic,
        session=ballot.session,
        kind=d.kind,
        options=options,
        people=d.people,
        quorum=ballot.quorum,
        majority_per_mille=ballot.majority_per_mille,
        witnesses=d.witnesses,
        **ballot.unusual(),
    )


def _check_witnesses(m: Envelope[RecordHandCount], meeting: DeliberationSession, s: Session) -> None:
    """Checks the witnesses: enough different people, not the sender, and present (online: registered)."""
    others = set(m.data.witnesses) - {m.authid, m.beneficiary}
    if len(others) < max(MIN_WITNESSES, len(m.data.witnesses)):
        raise Refused(
            "witnesses_missing",
            f"举手计票须由至少 {MIN_WITNESSES} 名不同的、非记录人的人见证。请改正见证人。",
            f"A count of hands is seen by {MIN_WITNESSES} different people at least, and not by who records it. "
            "Correct the witnesses.",
            "data.witnesses",
        )
    for person in m.data.witnesses:
        if meeting.in_room and s.get(Attendance, (meeting.id, person)) is None:
            raise Refused(
                "witness_not_present",
                f"{person} 没有到会，不能见证。请由到会者见证。",
                f"{person} is not in the room and cannot have seen it. Name witnesses who are.",
                "data.witnesses",
            )
        if not meeting.in_room and s.get(Person, person) is None:
            raise not_registered(person, "data.witnesses")


def _check_counts(d: RecordHandCount, options: list[str]) -> None:
    """Raises a refusal for unknown or repeated options, or counts that are impossible for that many people."""
    named = [line.option for line in d.tally]
    strange = next((option for option in named if option not in options), None)
    if strange is not None:
        raise unknown_option(strange, "data.tally")
    if len(set(named)) < len(named):
        raise Refused(
            "option_twice",
            "同一方案在计票中出现了两次。请合并。",
            "An option stands in the count twice. Give each once.",
            "data.tally",
        )
    if not _possible(d):
        raise Refused(
            "counts_do_not_add_up",
            f"票数与参加的 {d.people} 人不符。请重新核对计票。",
            f"The counts are not those of {d.people} people. Check them again.",
            "data.tally",
        )


def _check_votes_present(d: RecordHandCount, meeting: DeliberationSession) -> None:
    """Raises `more_than_present` if more hands were counted than votes are in the room."""
    if meeting.in_room and d.people > meeting.voting:
        raise Refused(
            "more_than_present",
            f"到会的只有 {meeting.voting} 票，不能计 {d.people} 人。请重新核对。",
            f"There are {meeting.voting} votes in the room, so {d.people} cannot have raised their hands. Check it again.",
            "data.people",
        )


def _possible(d: RecordHandCount) -> bool:
    """Whether `people` can have given these votes: one each on every option (`each`), or one each in all, which is always
    `agree` (`one_of`).
    """
    if d.kind == "each":
        return all(line.agree + line.disagree + line.passed <= d.people for line in d.tally)
    return sum(line.agree for line in d.tally) <= d.people and not any(
        line.disagree + line.passed for line in d.tally
    )
