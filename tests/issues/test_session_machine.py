"""Whatever is done in any order in a session in a room: attendance is counted right, and only voters present decide."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from microgov.contracts import issues
from microgov.contracts.message import Command
from microgov.services.chassis.model import Refused
from microgov.services.issues.deliberation.attendance.attendance import Attendance, SeatedVote
from microgov.services.issues.deliberation.ballots.ballot import Ballot
from microgov.services.issues.deliberation.ballots.minutes import Signature
from microgov.services.issues.deliberation.ballots.tally import OptionTally
from microgov.services.issues.deliberation.ballots.vote import Voter
from microgov.services.issues.deliberation.sessions.session import DeliberationSession
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.testing.service_driver import ServiceDriver
from tests.issues import issue_steps, session_steps
from tests.support.property_budget import tries

PEOPLE = st.integers(1, 8)
ATTENDANCE_AT_FIRST = (0, 4, 5, 6, 7)
"""How many residents attend the first session before the machine begins; with any of them it is opened, too."""
OPTIONS = st.sampled_from(["opt-fence", "opt-flowers"])


class SessionMachine(RuleBasedStateMachine):
    """Sessions on one topic, one after the other; `n` is the number of the latest one.

    Only a refusal is allowed, no other exception.
    """

    @initialize(
        electorate=st.sampled_from(["person", "household"]),
        quorum=st.integers(1, 4),
        come=st.sampled_from(ATTENDANCE_AT_FIRST),
    )
    def begin(self, electorate: str, quorum: int, come: int) -> None:
        held = session_steps.procedure("residents_council", electorate=electorate, quorum=quorum)
        self.driver: ServiceDriver = issue_steps.start(procedure={"kinds": [held]})
        self.quorum, self.n = quorum, 0
        issue_steps.propose(self.driver)
        session_steps.grant_role(self.driver, "p-8", "property_company")
        self.convene()
        for person in range(1, come + 1):
            self.come(person, "resident")
        if come:
            self.open()

    def send(self, command: Command, subject: str | None = None, by: str = "p-branch") -> list[Any]:
        """Sends the command, to the latest session by default; returns its events, or none if it is refused."""
        try:
            return self.driver.say(command, subject or f"s-{self.n}", by=by)
        except Refused:
            return []

    @rule()
    def convene(self) -> None:
        said = self.send(session_steps.convening(self.driver, session=f"s-{self.n + 1}"), "topic-1")
        self.n += bool(said)

    @rule(person=PEOPLE, role=st.sampled_from(["resident", "property_company"]))
    def come(self, person: int, role: str) -> None:
        self.send(session_steps.attendance(**{f"p_{person}": role}))

    @rule()
    def open(self) -> None:
        for said in self.send(issues.OpenSession()):
            enough = isinstance(said.event, issues.SessionOpened)
            assert enough == (said.event.voting >= self.quorum)
            assert said.event.quorum == self.quorum

    @rule(
        command=st.sampled_from(
            [issues.CallOffSession(reason="x"), issues.AdjournSession(), issues.DraftMinutes(text="x")]
        )
    )
    def conduct(self, command: Command) -> None:
        self.send(command)

    @rule(kind=st.sampled_from(["one_of", "each"]))
    def ballot(self, kind: str) -> None:
        values = {
            "session": f"s-{self.n}",
            "kind": kind,
            "closes_at": self.driver.now + timedelta(minutes=30),
        }
        self.send(issues.OpenBallot.model_validate(values), f"b-{self.n}")

    @rule(person=PEOPLE, option=OPTIONS, stance=st.sampled_from(["agree", "disagree"]))
    def vote(self, person: int, option: str, stance: str) -> None:
        self.send(issue_steps.voting(option, stance, option), f"b-{self.n}", by=f"p-{person}")

    @rule(person=PEOPLE, about=st.none() | OPTIONS)
    def retract(self, person: int, about: str | None) -> None:
        self.send(issues.RetractVote(channel="app", option=about), f"b-{self.n}", by=f"p-{person}")

    @rule(people=PEOPLE)
    def count(self, people: int) -> None:
        tally = [session_steps.tally_line("opt-fence", people)]
        counting = session_steps.hand_count(
            session=f"s-{self.n}", people=people, witnesses=["p-1", "p-2"], tally=tally
        )
        self.send(counting, f"b-{self.n}")

    @rule(person=PEOPLE)
    def sign(self, person: int) -> None:
        self.send(issues.ConfirmMinutes(channel="app"), by=f"p-{person}")

    @rule(
        command=st.sampled_from(
            [issues.AdoptResolution(option="opt-fence", items=[]), issues.DeferTopic(reasons="x")]
        )
    )
    @precondition(lambda self: self.n > 0)
    def decide(self, command: Command) -> None:
        self.send(command, "topic-1")

    @rule(minutes=st.integers(1, 120))
    def wait(self, minutes: int) -> None:
        self.driver.wait(minutes=minutes)

    @invariant()
    def attendance_is_counted_right(self) -> None:
        there, voices = self.driver.rows(Attendance), self.driver.rows(SeatedVote)
        for meeting in self.driver.rows(DeliberationSession):
            assert meeting.present == sum(row.session == meeting.id for row in there)
            assert meeting.voting == sum(row.session == meeting.id for row in voices)
            assert meeting.quorum is None or meeting.voting >= meeting.quorum

    @invariant()
    def only_votes_in_the_room_count(self) -> None:
        voices = {(row.session, row.voter) for row in self.driver.rows(SeatedVote)}
        voters = [row for row in self.driver.rows(Voter) if row.votes]
        for ballot in self.driver.rows(Ballot):
            assert ballot.people <= self.driver.row(DeliberationSession, ballot.session).voting
            assert all((ballot.session, row.person) in voices for row in voters if row.ballot == ballot.id)
            if ballot.kind == "one_of":
                rows = [row for row in self.driver.rows(OptionTally) if row.ballot == ballot.id]
                assert sum(row.agree for row in rows) == ballot.people

    @invariant()
    def a_topic_has_one_session_under_way_and_is_adopted_from_one_with_a_quorum(self) -> None:
        topic, meetings = self.driver.row(Topic, "topic-1"), self.driver.rows(DeliberationSession)
        assert sum(row.state in ("convened", "opened") for row in meetings) == (topic.state == "scheduled")
        if topic.state == "adopted":
            held = self.driver.row(DeliberationSession, topic.session)
            assert held.state == "published"
            assert held.voting >= self.quorum
            assert topic.ballot == held.ballot
        there = {(row.session, row.person) for row in self.driver.rows(Attendance)}
        assert all((row.session, row.person) in there for row in self.driver.rows(Signature))


TestSessionMachine = SessionMachine.TestCase
TestSessionMachine.settings = tries(5, 30)
