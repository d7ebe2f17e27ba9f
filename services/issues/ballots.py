"""Ballots 表决: one vote each, or one on each option; the last before the close counts (domain.md §2.3).

A secret one 无记名 takes sealed votes (sealed.py), and closes when the edge has counted them (edge.py).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contracts.issues import (
    BallotClosed,
    BallotOpened,
    CastVote,
    HandCountRecorded,
    OpenBallot,
    RecordHandCount,
    RetractVote,
    SealedVoteCast,
    SealedVoteRetracted,
    SecretBallotCounted,
    SecretBallotEnded,
    Tally,
    VoteCast,
    VoteRetracted,
)
from contracts.log import DeadlineReached
from contracts.message import Envelope
from contracts.rules import DeliberationRules
from services.chassis.house import rules, within
from services.chassis.model import SAME, AnyMessage, Cause, Entity, Life, Refused, Said, Transition
from services.issues import sessions
from services.issues.model import Base, Deadline, Place, Rule
from services.issues.secret import SecretBallot
from services.issues.sessions import Meeting, window_invalid
from services.issues.topics import Option, Topic, unknown_option

LIFE = Life(
    "ballot",
    "表决",
    {
        "open": ("进行中", "open"),
        "sealed": ("无记名投票中", "open for sealed votes"),
        "counting": ("计票中", "being counted"),
        "closed": ("已截止", "closed"),
    },
    {
        (None, OpenBallot): Transition("open", BallotOpened),
        ("open", CastVote): Transition(SAME, VoteCast),
        ("open", RetractVote): Transition(SAME, VoteRetracted),
        ("open", "ballot"): Transition("closed", BallotClosed),
        (None, RecordHandCount): Transition("open", HandCountRecorded),
        (None, "secret"): Transition("sealed", BallotOpened),
        ("sealed", CastVote): Transition(SAME, SealedVoteCast),
        ("sealed", RetractVote): Transition(SAME, SealedVoteRetracted),
        ("sealed", "ballot"): Transition("counting", SecretBallotEnded),
        ("counting", SecretBallotCounted): Transition("closed", BallotClosed),
    },
    frozenset({"closed"}),
)


class Ballot(Entity, Base):
    """`people` have a vote in force; quorum and majority are those that were in force when it opened."""

    __tablename__ = "ballot"
    issue: Mapped[str]
    topic: Mapped[str]
    session: Mapped[str]
    place: Mapped[str]
    state: Mapped[str]
    kind: Mapped[str]
    closes_at: Mapped[datetime]
    quorum: Mapped[int]
    majority_per_mille: Mapped[int]
    people: Mapped[int]

    @classmethod
    def open(cls, m: Envelope[OpenBallot], s: Session) -> Said:
        """The session puts the options of its topic to the vote."""
        d, procedure = m.data, rules(s, Rule, DeliberationRules)
        meeting = Meeting.find(s, d.session, "data.session")
        topic = Topic.find(s, meeting.topic)
        place = topic.place(s)
        within(s, Place, place, m)
        if not m.recordedtime < d.closes_at <= meeting.closes_at:
            raise window_invalid("data.closes_at")
        sessions.LIFE.check(meeting, OpenBallot, m, s)
        ballot = cls.new(
            s,
            m.subject,
            issue=topic.issue,
            topic=topic.id,
            session=meeting.id,
            place=place,
            state="sealed" if d.secret else "open",
            kind=d.kind,
            closes_at=d.closes_at,
            quorum=procedure.quorum,
            majority_per_mille=procedure.majority_per_mille,
            people=0,
        )
        sessions.LIFE.move(meeting, m, s)
        meeting.ballot = ballot.id
        Deadline.put(s, "ballot", ballot.id, d.closes_at)
        return ballot._opened(d, s)

    def _opened(self, asked: OpenBallot, s: Session) -> Said:
        options = Option.names(self.topic, s)
        if asked.secret:
            s.add(SecretBallot(ballot=self.id, key=None, public=None, length=None))
        else:
            s.add_all(OptionTally.zero(self.id, option) for option in options)
        return self.say(
            BallotOpened(
                issue=self.issue,
                topic=self.topic,
                session=self.session,
                kind=asked.kind,
                options=options,
                closes_at=self.closes_at,
                quorum=self.quorum,
                majority_per_mille=self.majority_per_mille,
                secret=asked.secret or None,
            )
        )

    def in_time(self, m: AnyMessage) -> None:
        """Refuses with `ballot_closed` what was recorded after the window, or stands behind its end in the log."""
        if self.state not in ("open", "sealed") or m.recordedtime >= self.closes_at:
            raise Refused(
                "ballot_closed",
                f"表决 {self.id} 已经截止，此票不计。截止前的最后一票有效。",
                f"The ballot {self.id} is closed, so this does not count. The last vote before the close does.",
            )

    def close(self, m: Envelope[DeadlineReached], s: Session) -> list[Said]:
        """The window is over: the tally stands, topic and session go on; sealed votes are to be counted first."""
        if self.state == "sealed":
            LIFE.moved_by(self, "ballot", m, s)
            return [self.say(SecretBallotEnded(people=self.people))]
        if self.state != "open":
            return []
        rows = list(s.scalars(select(OptionTally).where(OptionTally.ballot == self.id).order_by(OptionTally.option)))
        return [self.ended(rows, m, s)]

    def ended(self, rows: Sequence["OptionTally"], m: AnyMessage, s: Session) -> Said:
        """The votes in force are these."""
        return self._end("ballot", self.tally(rows), m, s)

    def counted(self, m: Envelope[SecretBallotCounted], s: Session) -> list[Said]:
        """The sealed votes are counted: the ballot closes as an open one does."""
        if self.state != "counting":
            return []
        s.add_all(OptionTally.told(self.id, line) for line in m.data.tally if line.agree is not None)
        return [self._end(SecretBallotCounted, m.data.tally, m, s, spoiled=m.data.spoiled)]

    def _end(self, cause: Cause, tally: list[Tally], m: AnyMessage, s: Session, spoiled: int | None = None) -> Said:
        meeting, topic = Meeting.find(s, self.session), Topic.find(s, self.topic)
        LIFE.moved_by(self, cause, m, s)
        meeting.adjourn(m, self.people, s)
        topic.deliberated(m, self.id, self.quorum_met, s)
        for line in tally:
            Option.of(self.topic, line.option, s).carried = line.carried
        return self.say(
            BallotClosed(
                issue=self.issue,
                topic=self.topic,
                session=self.session,
                people=self.people,
                quorum_met=self.quorum_met,
                tally=tally,
                spoiled=spoiled,
            )
        )

    @property
    def quorum_met(self) -> bool:
        """Whether enough people take part."""
        return self.people >= self.quorum

    def tally(self, rows: Sequence["OptionTally"]) -> list[Tally]:
        """What these votes come to, option by option."""
        return [row.count(carried=self.quorum_met and self._has_majority(row, rows)) for row in rows]

    def so_far(self, rows: Sequence["OptionTally"]) -> list[Tally]:
        """The votes in force; what carried is known once it has closed."""
        decided = self.state == "closed" and self.quorum_met
        return [row.count(carried=decided and self._has_majority(row, rows)) for row in rows]

    def _has_majority(self, row: "OptionTally", rows: Sequence["OptionTally"]) -> bool:
        against = row.disagree if self.kind == "each" else sum(other.agree for other in rows) - row.agree
        return row.agree * 1000 > self.majority_per_mille * (row.agree + against)


class OptionTally(Base):
    """The votes in force on one option of a ballot; of a secret one once it is counted, and from five boxes up."""

    __tablename__ = "option_tally"
    ballot: Mapped[str] = mapped_column(primary_key=True)
    option: Mapped[str] = mapped_column(primary_key=True)
    agree: Mapped[int]
    disagree: Mapped[int]
    passed: Mapped[int]

    @classmethod
    def zero(cls, ballot: str, option: str) -> "OptionTally":
        """No votes yet."""
        return cls(ballot=ballot, option=option, agree=0, disagree=0, passed=0)

    @classmethod
    def told(cls, ballot: str, line: Tally) -> "OptionTally":
        """The votes that somebody else has counted."""
        counts = {name: getattr(line, name) or 0 for name in ("agree", "disagree", "passed")}
        return cls(ballot=ballot, option=line.option, **counts)

    @classmethod
    def of(cls, ballot: str, option: str, s: Session) -> "OptionTally":
        """The tally of the option, or the refusal `unknown_option`."""
        row = s.get(cls, (ballot, option))
        if row is None:
            raise unknown_option(option, "data.choice.option")
        return row

    def add(self, stance: str, step: int) -> None:
        """One vote more (step 1) or less (-1)."""
        if stance == "agree":
            self.agree += step
        elif stance == "disagree":
            self.disagree += step
        else:
            self.passed += step

    def count(self, carried: bool) -> Tally:
        """As the event says it."""
        return Tally(option=self.option, agree=self.agree, disagree=self.disagree, passed=self.passed, carried=carried)
