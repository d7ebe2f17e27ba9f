"""Hands counted in a session 举手表决: recorded by the branch, seen by two others (domain.md §2.3)."""

from collections.abc import Iterator

from sqlalchemy.orm import Mapped, Session, mapped_column

from contracts.issues import HandCountRecorded, RecordHandCount
from contracts.message import Envelope
from contracts.rules import DeliberationRules
from services.chassis.house import rules, within
from services.chassis.model import Refused, Said
from services.issues import sessions
from services.issues.ballots import Ballot, OptionTally
from services.issues.model import Base, Person, Place, Rule
from services.issues.sessions import Meeting
from services.issues.topics import Option, Topic, unknown_option

FEWEST = 2


class Witness(Base):
    """Somebody who has seen the hands counted, and can therefore confirm the minutes."""

    __tablename__ = "witness"
    ballot: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)

    @classmethod
    def was_there(cls, ballot: str | None, person: str, s: Session) -> bool:
        """Whether the person has seen the count that ended the session."""
        return ballot is not None and s.get(cls, (ballot, person)) is not None


def record(m: Envelope[RecordHandCount], s: Session) -> Iterator[Said]:
    """A ballot that opens and closes at once; its witnesses are those who can sign."""
    d, meeting = m.data, Meeting.find(s, m.data.session, "data.session")
    topic = Topic.find(s, meeting.topic)
    within(s, Place, topic.place(s), m)
    options = Option.names(topic.id, s)
    _witnessed(m, s)
    _adds_up(d, options)
    sessions.LIFE.check(meeting, RecordHandCount, m, s)
    ballot = _ballot(m, meeting, topic, s)
    sessions.LIFE.move(meeting, m, s)
    meeting.ballot = ballot.id
    rows = _rows(d, ballot.id, options)
    s.add_all(rows)
    s.add_all(Witness(ballot=ballot.id, person=person) for person in d.witnesses)
    yield ballot.say(_recorded(d, ballot, options))
    yield ballot.ended(rows, m, s)
    meeting.present = len(d.witnesses)


def _ballot(m: Envelope[RecordHandCount], meeting: Meeting, topic: Topic, s: Session) -> Ballot:
    procedure = rules(s, Rule, DeliberationRules)
    return Ballot.new(
        s,
        m.subject,
        issue=topic.issue,
        topic=topic.id,
        session=meeting.id,
        place=topic.place(s),
        state="open",
        kind=m.data.kind,
        closes_at=m.recordedtime,
        quorum=procedure.quorum,
        majority_per_mille=procedure.majority_per_mille,
        people=m.data.people,
    )


def _rows(d: RecordHandCount, ballot: str, options: list[str]) -> list[OptionTally]:
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
    )


def _witnessed(m: Envelope[RecordHandCount], s: Session) -> None:
    others = set(m.data.witnesses) - {m.authid, m.beneficiary}
    if len(others) < max(FEWEST, len(m.data.witnesses)):
        raise Refused(
            "witnesses_missing",
            f"举手计票须由至少 {FEWEST} 名不同的、非记录人的人见证。请改正见证人。",
            f"A count of hands is seen by {FEWEST} different people at least, and not by who records it. "
            "Correct the witnesses.",
            "data.witnesses",
        )
    for person in m.data.witnesses:
        if s.get(Person, person) is None:
            raise Refused(
                "not_registered",
                f"{person} 尚未登记。请先由街道办登记此人。",
                f"{person} is not registered. Have the office register the person first.",
                "data.witnesses",
            )


def _adds_up(d: RecordHandCount, options: list[str]) -> None:
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


def _possible(d: RecordHandCount) -> bool:
    if d.kind == "each":
        return all(line.agree + line.disagree + line.passed <= d.people for line in d.tally)
    return sum(line.agree for line in d.tally) <= d.people and not any(line.disagree + line.passed for line in d.tally)
