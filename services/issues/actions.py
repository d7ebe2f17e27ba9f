"""Action items 落实事项: claimed, done with quantities, verified by somebody else (domain.md §2.3)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contracts.issues import (
    ActionItem,
    ActionItemClaimed,
    ActionItemDefined,
    ActionItemDone,
    ActionItemTracked,
    ActionItemVerified,
    AdoptResolution,
    ClaimActionItem,
    ReportActionDone,
    TrackActionItem,
    VerifyActionItem,
)
from contracts.message import Envelope, message_id
from services.chassis.house import touching, within
from services.chassis.model import SAME, AnyMessage, Entity, Guard, Life, Said, Transition, each
from services.issues.issues import Issue
from services.issues.model import Base, Person, Place
from services.issues.rates import Item

NOT_YOURS = Guard(
    "not_yours",
    "这一落实事项由别人认领。请由认领人报告完成情况。",
    "Somebody else has claimed this action item. Whoever claimed it reports it done.",
    lambda item, m, s: m.beneficiary == item.claimed_by,
    "authid",
)
SAME_PERSON = Guard(
    "same_person",
    "经办人不得自行核实：认领或报告完成的人不能核实同一事项。请由他人核实。",
    "Who did it does not verify it: you claimed this action item or reported it done. Have somebody else verify it.",
    lambda item, m, s: not {m.authid, m.beneficiary} & {item.claimed_by, item.done_by},
    "authid",
)

TRACKED = Guard(
    "already_tracked",
    "这一落实事项已转入计划跟踪。",
    "This action item goes on under a plan already.",
    lambda item, m, s: s.get(Plan, item.id) is None,
)

LIFE = Life(
    "action item",
    "落实事项",
    {
        "defined": ("待认领", "unclaimed"),
        "claimed": ("已认领", "claimed"),
        "done": ("已完成", "done"),
        "verified": ("已核实", "verified"),
    },
    {
        (None, AdoptResolution): Transition("defined", ActionItemDefined),
        ("defined", ClaimActionItem): Transition("claimed", ActionItemClaimed),
        ("claimed", ReportActionDone): Transition("done", ActionItemDone, (NOT_YOURS,)),
        ("done", ReportActionDone): Transition("done", ActionItemDone, (NOT_YOURS,)),
        **each(("defined", "claimed", "done"), TrackActionItem, Transition(SAME, ActionItemTracked, (TRACKED,))),
        ("done", VerifyActionItem): Transition("verified", ActionItemVerified, (SAME_PERSON,)),
    },
    frozenset({"verified"}),
)


class Action(Entity, Base):
    """`target` and `done` count `unit`; `done` may be a lower bound (`at_least`)."""

    __tablename__ = "action"
    issue: Mapped[str]
    topic: Mapped[str]
    state: Mapped[str]
    text: Mapped[str]
    unit: Mapped[str]
    target: Mapped[int]
    due: Mapped[datetime]
    claimed_by: Mapped[str | None]
    done_by: Mapped[str | None]
    done: Mapped[int]
    at_least: Mapped[bool]

    @classmethod
    def names(cls, m: AnyMessage, count: int) -> list[str]:
        """The ids of the items that this resolution defines."""
        return [message_id(m.id, f"action/{n}") for n in range(count)]

    @classmethod
    def define(cls, m: AnyMessage, issue: Issue, topic: str, items: Sequence[ActionItem], s: Session) -> Iterator[Said]:
        """One entity for each item of the resolution."""
        ids = cls.names(m, len(items))
        Item.define(ids, issue.id, m.recordedtime, s)
        for id, item in zip(ids, items, strict=True):
            action = cls.new(
                s,
                id,
                issue=issue.id,
                topic=topic,
                state="defined",
                text=item.text,
                unit=item.unit,
                target=item.target,
                due=item.due,
                claimed_by=None,
                done_by=None,
                done=0,
                at_least=False,
            )
            issue.open_items += 1
            yield action.say(
                ActionItemDefined(
                    issue=issue.id, topic=topic, text=item.text, unit=item.unit, target=item.target, due=item.due
                )
            )

    @classmethod
    def all_settled(cls, topic: str, s: Session) -> bool:
        """Whether every item of the topic's resolution is verified, or goes on under a plan."""
        waiting = select(cls.id).where(cls.topic == topic, cls.state != "verified")
        return s.scalars(waiting.where(cls.id.not_in(select(Plan.action)))).first() is None

    def claim(self, m: Envelope[ClaimActionItem], s: Session) -> Said:
        person = Person.acting(m, s)
        touching(s, Place, Issue.find(s, self.issue).place, m)
        LIFE.move(self, m, s)
        self.claimed_by = person.id
        Item.claim(self.id, m, s)
        return self.say(ActionItemClaimed(issue=self.issue, person=person.id))

    def report_done(self, m: Envelope[ReportActionDone], s: Session) -> Said:
        LIFE.move(self, m, s)
        self.done_by, self.done, self.at_least = m.authid, m.data.done, m.data.at_least
        return self.say(ActionItemDone(issue=self.issue, person=m.beneficiary, done=self.done, at_least=self.at_least))

    def verify(self, m: Envelope[VerifyActionItem], s: Session) -> Said:
        issue = Issue.find(s, self.issue)
        within(s, Place, issue.place, m)
        LIFE.move(self, m, s)
        issue.open_items -= s.get(Plan, self.id) is None
        return self.say(ActionItemVerified(issue=self.issue, person=m.authid, done=self.done))

    def track(self, m: Envelope[TrackActionItem], s: Session) -> Said:
        """The issue waits for it no longer; the item goes on as before."""
        issue = Issue.find(s, self.issue)
        within(s, Place, issue.place, m)
        LIFE.move(self, m, s)
        s.add(Plan(action=self.id, plan=m.data.plan))
        issue.open_items -= 1
        return self.say(ActionItemTracked(issue=issue.id, plan=m.data.plan, reason=m.data.reason))


class Plan(Base):
    """The plan under which an action item goes on."""

    __tablename__ = "action_plan"
    action: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[str]
