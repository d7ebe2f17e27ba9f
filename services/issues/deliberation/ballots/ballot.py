"""Ballots 表决: each voter has one vote, or one vote on each option; the last vote before the close counts (domain.md §2.3).

A secret ballot 无记名 takes sealed votes (sealed_vote.py) and closes once the edge has counted them (edge/teller.py).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, Session

from microgov.contracts.issues import (
    BallotClosed,
    BallotOpened,
    OpenBallot,
    SecretBallotCounted,
    SecretBallotEnded,
    Tally,
)
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.contracts.rules.procedure import Procedure
from microgov.services.chassis.model import AnyMessage, Cause, Entity, Refused, Said
from microgov.services.chassis.reference_data import check_touching, check_within
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.issues.deliberation.attendance.attendance import Attendance
from microgov.services.issues.deliberation.ballots.life import LIFE
from microgov.services.issues.deliberation.ballots.secret_ballot import SecretBallot
from microgov.services.issues.deliberation.ballots.tally import OptionTally
from microgov.services.issues.deliberation.sessions import session as sessions
from microgov.services.issues.deliberation.sessions.procedure import procedure
from microgov.services.issues.deliberation.sessions.session import DeliberationSession, window_invalid
from microgov.services.issues.deliberation.topics.option import Option
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.model import Base, Deadline, Person, Place


class Ballot(Entity, Base):
    """A ballot, with the rules of procedure that were in force when it opened (contracts/rules/procedure.py).

    `kind`: a vote on each option (`each`), or one vote for one of them (`one_of`). `people` counts the voters with a vote in
    force (households, if households vote). `in_room`: people who attend with a vote may vote; otherwise everybody who lives
    at the place.
    """

    __tablename__ = "ballot"
    CALLED = "Ballot"
    issue: Mapped[str]
    topic: Mapped[str]
    session: Mapped[str]
    place: Mapped[str]
    state: Mapped[str]
    kind: Mapped[str]
    closes_at: Mapped[datetime]
    quorum: Mapped[int]
    majority_per_mille: Mapped[int]
    majority_of: Mapped[str]
    electorate: Mapped[str]
    in_room: Mapped[bool]
    people: Mapped[int]

    @classmethod
    def open(cls, m: Envelope[OpenBallot], s: Session) -> Said:
        """Opens a ballot in a session, on the options of its topic."""
        d, meeting = m.data, DeliberationSession.find(s, m.data.session, "data.session")
        topic, rules = Topic.find(s, meeting.topic), procedure(s, meeting.kind, "data.session")
        check_within(s, Place, topic.place(s), m)
        if not m.recordedtime < d.closes_at <= meeting.closes_at:
            raise window_invalid("data.closes_at")
        _check_secrecy(d, rules)
        sessions.LIFE.check(meeting, OpenBallot, m, s)
        state = "sealed" if d.secret else "open"
        ballot = cls.put(
            m.subject, meeting, topic, rules, s, state=state, kind=d.kind, closes_at=d.closes_at, people=0
        )
        sessions.LIFE.move(meeting, m, s)
        meeting.ballot = ballot.id
        Deadline.put(s, "ballot", ballot.id, d.closes_at)
        return ballot._opened(d, s)

    @classmethod
    def put(
        cls, id: str, meeting: DeliberationSession, topic: Topic, rules: Procedure, s: Session, **values: Any
    ) -> "Ballot":
        """Adds a ballot of the session, under the rules of procedure in force."""
        return cls.new(
            s,
            id,
            issue=topic.issue,
            topic=topic.id,
            session=meeting.id,
            place=topic.place(s),
            quorum=meeting.quorum or rules.quorum,
            majority_per_mille=rules.majority_per_mille,
            majority_of=rules.majority_of,
            electorate=rules.electorate,
            in_room=meeting.in_room,
            **values,
        )

    def _opened(self, asked: OpenBallot, s: Session) -> Said:
        """Adds the tallies, or the row of a secret ballot, and returns the event."""
        options = Option.ids(self.topic, s)
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
                **self.unusual(),
            )
        )

    def unusual(self) -> dict[str, Any]:
        """Fields of an event that are set only when they differ from the defaults.

        So events of ballots with the usual rules stay byte-identical to those in old recordings.
        """
        return {
            "electorate": "household" if self.electorate == "household" else None,
            "majority_of": "taking_part" if self.majority_of == "taking_part" else None,
        }

    def voter(self, person: str, s: Session) -> str:
        """The id of the voter for whom the person votes: the person or, if households vote, the household."""
        row = s.get(Person, person) if self.electorate == "household" else None
        return row.household if row is not None else person

    def check_may_vote(self, person: Person, m: AnyMessage, s: Session) -> None:
        """Raises a refusal if the person has no vote in this ballot: does not attend with a vote, or (online) does not live
        at the place.
        """
        if not self.in_room:
            person.check_lives_in(self.place, s)
            check_touching(s, Place, self.place, m)
        elif not Attendance.votes(self.session, person.id, s):
            raise Refused(
                "no_vote_here",
                f"{person.id} 没有在会议 {self.session} 以有表决权的身份签到，不能表决。请先签到。",
                f"{person.id} is not in the session {self.session} with a vote. Have the attendance recorded first.",
                "authid",
            )

    def check_in_time(self, m: AnyMessage) -> None:
        """Raises `ballot_closed` if the message was recorded at or after `closes_at`, or follows the close in the log."""
        if self.state not in ("open", "sealed") or m.recordedtime >= self.closes_at:
            raise Refused(
                "ballot_closed",
                f"表决 {self.id} 已经截止，此票不计。截止前的最后一票有效。",
                f"The ballot {self.id} is closed, so this does not count. The last vote before the close does.",
            )

    def close(self, m: Envelope[DeadlineReached], s: Session) -> list[Said]:
        """Deadline: closes an open ballot with its tally; a secret one takes no more votes and waits for its count."""
        if self.state == "sealed":
            LIFE.moved_by(self, "ballot", m, s)
            return [self.say(SecretBallotEnded(people=self.people))]
        if self.state != "open":
            return []
        return [self.ended(rows_under(s, OptionTally, self.id), m, s)]

    def ended(self, rows: Sequence["OptionTally"], m: AnyMessage, s: Session) -> Said:
        """Closes the ballot with these tallies."""
        return self._end("ballot", self.tally(rows), m, s)

    def counted(self, m: Envelope[SecretBallotCounted], s: Session) -> list[Said]:
        """Closes a secret ballot with the teller's count of its sealed votes; a second count changes nothing."""
        if self.state != "counting":
            return []
        s.add_all(OptionTally.from_teller(self.id, line) for line in m.data.tally if line.agree is not None)
        return [self._end(SecretBallotCounted, m.data.tally, m, s, spoiled=m.data.spoiled)]

    def _end(
        self, cause: Cause, tally: list[Tally], m: AnyMessage, s: Session, spoiled: int | None = None
    ) -> Said:
        """Closes the ballot, adjourns its session, and stores which options carried."""
        topic = self.adjourned(cause, self.quorum_met, m, s)
        for line in tally:
            Option.of(topic.id, line.option, s).carried = line.carried
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

    def adjourned(self, cause: Cause, quorum_met: bool, m: AnyMessage, s: Session) -> Topic:
        """Ends the ballot and its session, and records that on the topic, which is returned."""
        meeting, topic = DeliberationSession.find(s, self.session), Topic.find(s, self.topic)
        LIFE.moved_by(self, cause, m, s)
        meeting.adjourn(m, self.people, s)
        topic.deliberated("ballot", meeting.id, self.id, quorum_met, m, s)
        return topic

    @property
    def quorum_met(self) -> bool:
        """Whether enough voters took part."""
        return self.people >= self.quorum

    def tally(self, rows: Sequence["OptionTally"]) -> list[Tally]:
        """The tally of each option, and whether it carried."""
        return [row.as_tally(carried=self.quorum_met and self._has_majority(row, rows)) for row in rows]

    def so_far(self, rows: Sequence["OptionTally"]) -> list[Tally]:
        """The tally of each option at any time: `carried` is only set once the ballot is closed."""
        decided = self.state == "closed" and self.quorum_met
        return [row.as_tally(carried=decided and self._has_majority(row, rows)) for row in rows]

    def _has_majority(self, row: "OptionTally", rows: Sequence["OptionTally"]) -> bool:
        """Whether the option has the required majority and, in a ballot of the kind `one_of`, more votes than every other
        option.
        """
        others = [] if self.kind == "each" else [other.agree for other in rows if other is not row]
        against = row.disagree if self.kind == "each" else sum(others)
        of = self.people if self.majority_of == "taking_part" else row.agree + against
        return row.agree * 1000 > self.majority_per_mille * of and all(row.agree > other for other in others)


def _check_secrecy(d: OpenBallot, rules: Procedure) -> None:
    """Raises `secrecy_by_rules` if the rules of procedure require a secret ballot and this one is open, or the reverse."""
    if rules.ballots not in ("either", "secret" if d.secret else "open"):
        zh, en = ("无记名", "secret") if rules.ballots == "secret" else ("公开", "open")
        raise Refused(
            "secrecy_by_rules",
            f"按议事规则，“{rules.kind}”的表决须{zh}。请修改 secret。",
            f"By the rules of procedure a ballot of a {rules.kind} is {en}. Change secret.",
            "data.secret",
        )
