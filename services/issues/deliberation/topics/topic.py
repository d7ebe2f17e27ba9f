"""Topics 议题, their options, and resolutions on them (domain.md §2.3)."""

from collections.abc import Iterator

from sqlalchemy.orm import Mapped, Session

from microgov.contracts.issues import (
    AdoptResolution,
    DeliberationRecorded,
    OpenDeliberation,
    OptionProposed,
    ProposeOption,
    RejectTopic,
    ResolutionAdopted,
    ResultReported,
    TopicRejected,
)
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import SAME, AnyMessage, Cause, Entity, Refused, Said
from microgov.services.chassis.reference_data import check_touching, check_within
from microgov.services.chassis.refusals import id_taken
from microgov.services.issues.actions.action_item import Action
from microgov.services.issues.actions.hazard import check_hazards_known
from microgov.services.issues.clocks import clock
from microgov.services.issues.deliberation.sessions.session import DeliberationSession
from microgov.services.issues.deliberation.topics.life import LIFE
from microgov.services.issues.deliberation.topics.option import Option
from microgov.services.issues.issue import life
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.recipients import Recipient
from microgov.services.issues.model import Base, Person, Place


class Topic(Entity, Base):
    """A topic. `session`, `ballot`, `quorum_met` and `minutes_confirmed` belong to its last session."""

    __tablename__ = "topic"
    CALLED = "Topic"
    issue: Mapped[str]
    state: Mapped[str]
    title: Mapped[str]
    proposer: Mapped[str | None]
    on_agenda: Mapped[bool]
    options: Mapped[int]
    session: Mapped[str | None]
    ballot: Mapped[str | None]
    quorum_met: Mapped[bool]
    minutes_confirmed: Mapped[bool]

    @classmethod
    def open(cls, m: Envelope[OpenDeliberation], s: Session) -> Said:
        """Opens a topic on the issue, which goes into deliberation."""
        issue, d = Issue.find(s, m.subject), m.data
        cls.check_is_new(d.topic, s)
        said = issue.open_deliberation(m, s)
        cls.begin(d.topic, issue.id, "proposed", d.title, None, s)
        return said

    @classmethod
    def check_is_new(cls, id: str, s: Session) -> None:
        """Raises `already_exists` if the id is taken."""
        if s.get(cls, id) is not None:
            raise id_taken(id, "议题", "topic", "data.topic")

    @classmethod
    def begin(cls, id: str, issue: str, state: str, title: str, proposer: str | None, s: Session) -> "Topic":
        """Adds a topic without options; `proposer` is None if the branch opened it."""
        return cls.new(
            s,
            id,
            issue=issue,
            state=state,
            title=title,
            proposer=proposer,
            on_agenda=False,
            options=0,
            session=None,
            ballot=None,
            quorum_met=False,
            minutes_confirmed=False,
        )

    def place(self, s: Session) -> str:
        """The place of the topic's issue."""
        return Issue.find(s, self.issue).place

    def propose(self, m: Envelope[ProposeOption], s: Session) -> Said:
        """Proposes an option."""
        person, d = Person.acting(m, s), m.data
        check_touching(s, Place, self.place(s), m)
        if s.get(Option, (self.id, d.option)) is not None:
            raise Refused(
                "already_exists",
                f"方案编号 {d.option} 已被使用。请换一个编号。",
                f"The topic has an option {d.option} already. Choose another id.",
                "data.option",
            )
        LIFE.move(self, m, s)
        s.add(
            Option(
                topic=self.id, option=d.option, n=self.options, text=d.text, person=person.id, carried=False
            )
        )
        self.options += 1
        return self.say(OptionProposed(issue=self.issue, option=d.option, person=person.id))

    def deliberated(
        self, cause: Cause, session: str, ballot: str | None, quorum_met: bool, m: AnyMessage, s: Session
    ) -> None:
        """Records the end of a session on the topic, with its ballot or without one."""
        LIFE.moved_by(self, cause, m, s)
        self.session, self.ballot, self.quorum_met, self.minutes_confirmed = (
            session,
            ballot,
            quorum_met,
            False,
        )

    def confirm_minutes(self, session: str) -> None:
        """Marks the minutes as confirmed; those of an earlier session are ignored."""
        if self.state == "deliberated" and self.session == session:
            self.minutes_confirmed = True

    def adopt(self, m: Envelope[AdoptResolution], s: Session) -> Iterator[Said]:
        """Adopts a resolution on an option that carried, with its action items; the issue gets a deliberation record."""
        issue, d = Issue.find(s, self.issue), m.data
        check_within(s, Place, issue.place, m)
        option = Option.of(self.id, d.option, s)
        if self.minutes_confirmed and self.quorum_met and not option.carried:
            raise no_majority(d.option)
        check_hazards_known(d.items, s, "data.items")
        life.LIFE.check(issue, type(m.data), m, s)
        LIFE.move(self, m, s)
        ballot, ids = (
            self.ballot or DeliberationSession.last_ballot(self.id, s),
            Action.names(m, len(d.items)),
        )
        life.LIFE.move(issue, m, s)
        issue.record(s)
        yield self.say(ResolutionAdopted(issue=issue.id, option=d.option, ballot=ballot, items=ids))
        yield issue.say(DeliberationRecorded(topic=self.id, ballot=ballot, result="adopted"))
        yield from Action.define(ids, m, issue, self.id, d.items, s)

    def reject(self, m: Envelope[RejectTopic], s: Session) -> Iterator[Said]:
        """Rejects the topic. If the issue was in deliberation, the reasons become the result that is reported to the people
        concerned.
        """
        issue, d = Issue.find(s, self.issue), m.data
        check_within(s, Place, issue.place, m)
        life.LIFE.check(issue, type(m.data), m, s)
        LIFE.move(self, m, s)
        ballot, moved = self.ballot, life.LIFE.move(issue, m, s).to != SAME
        issue.record(s)
        yield self.say(TopicRejected(issue=issue.id, ballot=ballot, outcome=d.outcome, reasons=d.reasons))
        yield issue.say(DeliberationRecorded(topic=self.id, ballot=ballot, result="rejected"))
        if moved:
            clock.stop(issue, s, "report_back")
            yield issue.say(ResultReported(text=d.reasons, recipients=Recipient.add_all(issue, m, s)))


def no_majority(option: str) -> Refused:
    """The refusal `no_majority`: the option has not carried."""
    return Refused(
        "no_majority",
        f"方案 {option} 未获得议事规则要求的多数，不能通过。请选择获得多数的方案，或不予通过。",
        f"The option {option} has not the majority that the rules of procedure require. "
        "Adopt one that carried, or reject the topic.",
        "data.option",
    )
