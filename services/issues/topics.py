"""Topics 议题, the options proposed for them, and the resolutions on them (domain.md §2.3)."""

from collections.abc import Iterator

from sqlalchemy.orm import Mapped, Session

from contracts.issues import (
    AdjournSession,
    AdoptResolution,
    BallotClosed,
    CallOffSession,
    ConsensusNotReached,
    ConveneSession,
    DeclareNoConsensus,
    DeferTopic,
    DeliberationOpened,
    DeliberationRecorded,
    OpenDeliberation,
    OptionProposed,
    ProposeOption,
    RejectTopic,
    ResolutionAdopted,
    ResultReported,
    SessionAdjourned,
    SessionCalledOff,
    SessionConvened,
    SessionInquorate,
    TopicDeferred,
    TopicRejected,
)
from contracts.message import Envelope
from services.chassis.house import touching, within
from services.chassis.model import SAME, AnyMessage, Cause, Entity, Guard, Life, Refused, Said, Transition
from services.issues import clocks, life
from services.issues.actions import Action
from services.issues.cosigns import Recipient
from services.issues.issues import Issue
from services.issues.model import Base, Person, Place
from services.issues.options import Option

MOST_OPTIONS = 500

TOO_MANY_OPTIONS = Guard(
    "too_many_options",
    f"一个议题最多 {MOST_OPTIONS} 个方案。请合并相近的方案。",
    f"A topic has {MOST_OPTIONS} options at most. Join those that are alike.",
    lambda topic, m, s: topic.options < MOST_OPTIONS,
)
NO_OPTIONS = Guard(
    "no_options",
    "这个议题还没有任何方案，不能召集议事。请先提出至少一个方案。",
    "The topic has no option yet, so no session can be convened. Propose at least one option first.",
    lambda topic, m, s: topic.options > 0,
)
MINUTES_OPEN = Guard(
    "minutes_not_confirmed",
    "会议记录尚未经到会者确认，不能形成决议。请先确认会议记录。",
    "The minutes are not confirmed by those present, so nothing can be resolved. Have the minutes confirmed first.",
    lambda topic, m, s: topic.minutes_confirmed,
)
NO_QUORUM = Guard(
    "quorum_not_met",
    "参加表决的人数未达到议事规则的法定人数，不能通过决议。请重新召集议事。",
    "Fewer people took part in the ballot than the rules of procedure require. Convene another session.",
    lambda topic, m, s: topic.quorum_met,
)

LIFE = Life(
    "topic",
    "议题",
    {
        "proposed": ("征集方案", "proposed"),
        "scheduled": ("已排期", "scheduled"),
        "deliberated": ("已议", "deliberated"),
        "adopted": ("已通过", "adopted"),
        "rejected": ("未通过", "rejected"),
        "no_consensus": ("未达成共识", "without consensus"),
        "deferred": ("暂缓再议", "deferred"),
    },
    {
        (None, OpenDeliberation): Transition("proposed", DeliberationOpened),
        ("proposed", ProposeOption): Transition(SAME, OptionProposed, (TOO_MANY_OPTIONS,)),
        ("proposed", ConveneSession): Transition("scheduled", SessionConvened, (NO_OPTIONS,)),
        ("scheduled", "ballot"): Transition("deliberated", BallotClosed),
        ("scheduled", AdjournSession): Transition("deliberated", SessionAdjourned),
        ("scheduled", CallOffSession): Transition("proposed", SessionCalledOff),
        ("scheduled", "inquorate"): Transition("proposed", SessionInquorate),
        ("deliberated", ConveneSession): Transition("scheduled", SessionConvened),
        ("deliberated", AdoptResolution): Transition("adopted", ResolutionAdopted, (MINUTES_OPEN, NO_QUORUM)),
        ("deliberated", RejectTopic): Transition("rejected", TopicRejected, (MINUTES_OPEN,)),
        ("deliberated", DeclareNoConsensus): Transition("no_consensus", ConsensusNotReached, (MINUTES_OPEN,)),
        ("deliberated", DeferTopic): Transition("deferred", TopicDeferred),
        ("deferred", ConveneSession): Transition("scheduled", SessionConvened),
    },
    frozenset({"adopted", "rejected", "no_consensus"}),
)


class Topic(Entity, Base):
    """`session`, `ballot`, `quorum_met` and `minutes_confirmed` are of the last session that was held on it."""

    __tablename__ = "topic"
    issue: Mapped[str]
    state: Mapped[str]
    title: Mapped[str]
    options: Mapped[int]
    session: Mapped[str | None]
    ballot: Mapped[str | None]
    quorum_met: Mapped[bool]
    minutes_confirmed: Mapped[bool]

    @classmethod
    def open(cls, m: Envelope[OpenDeliberation], s: Session) -> Said:
        """The issue goes into deliberation as this topic."""
        issue, d = Issue.find(s, m.subject), m.data
        if s.get(cls, d.topic) is not None:
            raise Refused(
                "already_exists",
                f"议题编号 {d.topic} 已被使用。请换一个编号。",
                f"The id {d.topic} is taken. Choose another id for the topic.",
                "data.topic",
            )
        said = issue.open_deliberation(m, s)
        cls.new(
            s,
            d.topic,
            issue=issue.id,
            state="proposed",
            title=d.title,
            options=0,
            session=None,
            ballot=None,
            quorum_met=False,
            minutes_confirmed=False,
        )
        return said

    def place(self, s: Session) -> str:
        """Where the matter is."""
        return Issue.find(s, self.issue).place

    def propose(self, m: Envelope[ProposeOption], s: Session) -> Said:
        """Somebody's way to settle it."""
        person, d = Person.acting(m, s), m.data
        touching(s, Place, self.place(s), m)
        if s.get(Option, (self.id, d.option)) is not None:
            raise Refused(
                "already_exists",
                f"方案编号 {d.option} 已被使用。请换一个编号。",
                f"The topic has an option {d.option} already. Choose another id.",
                "data.option",
            )
        LIFE.move(self, m, s)
        s.add(Option(topic=self.id, option=d.option, n=self.options, text=d.text, person=person.id, carried=False))
        self.options += 1
        return self.say(OptionProposed(issue=self.issue, option=d.option, person=person.id))

    def deliberated(
        self, cause: Cause, session: str, ballot: str | None, quorum_met: bool, m: AnyMessage, s: Session
    ) -> None:
        """The session on it has ended, with its ballot or without one."""
        LIFE.moved_by(self, cause, m, s)
        self.session, self.ballot, self.quorum_met, self.minutes_confirmed = session, ballot, quorum_met, False

    def confirm_minutes(self, session: str) -> None:
        """The minutes of the session are confirmed; those of an earlier session settle nothing."""
        if self.state == "deliberated" and self.session == session:
            self.minutes_confirmed = True

    def adopt(self, m: Envelope[AdoptResolution], s: Session) -> Iterator[Said]:
        """The option that carried is resolved, with its action items; the issue has its record and goes into action."""
        issue, d = Issue.find(s, self.issue), m.data
        within(s, Place, issue.place, m)
        option = Option.of(self.id, d.option, s)
        if self.minutes_confirmed and self.quorum_met and not option.carried:
            raise no_majority(d.option)
        life.LIFE.check(issue, type(m.data), m, s)
        LIFE.move(self, m, s)
        ballot = self.ballot or ""
        life.LIFE.move(issue, m, s)
        issue.record(s)
        yield self.say(
            ResolutionAdopted(issue=issue.id, option=d.option, ballot=ballot, items=Action.names(m, len(d.items)))
        )
        yield issue.say(DeliberationRecorded(topic=self.id, ballot=ballot, result="adopted"))
        yield from Action.define(m, issue, self.id, d.items, s)

    def reject(self, m: Envelope[RejectTopic], s: Session) -> Iterator[Said]:
        """Nothing is to be done; where the issue waited for this topic, the reasons are the report to those concerned."""
        issue, d = Issue.find(s, self.issue), m.data
        within(s, Place, issue.place, m)
        life.LIFE.check(issue, type(m.data), m, s)
        LIFE.move(self, m, s)
        ballot, moved = self.ballot, life.LIFE.move(issue, m, s).to != SAME
        issue.record(s)
        yield self.say(TopicRejected(issue=issue.id, ballot=ballot, outcome=d.outcome, reasons=d.reasons))
        yield issue.say(DeliberationRecorded(topic=self.id, ballot=ballot, result="rejected"))
        if moved:
            clocks.stop(issue, s, "report_back")
            yield issue.say(ResultReported(text=d.reasons, recipients=Recipient.name(issue, m, s)))


def no_majority(option: str) -> Refused:
    """The refusal of a resolution on what was not carried."""
    return Refused(
        "no_majority",
        f"方案 {option} 未获得议事规则要求的多数，不能通过。请选择获得多数的方案，或不予通过。",
        f"The option {option} has not the majority that the rules of procedure require. "
        "Adopt one that carried, or reject the topic.",
        "data.option",
    )
