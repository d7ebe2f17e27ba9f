"""Action items 落实事项: claimed or assigned, reported done, verified by somebody else (domain.md §2.3)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.ids import message_id
from microgov.contracts.issues import (
    ActionItem,
    ActionItemAssigned,
    ActionItemClaimed,
    ActionItemDefined,
    ActionItemDone,
    ActionItemReleased,
    ActionItemTracked,
    ActionItemVerified,
    AdoptResolution,
    AssignActionItem,
    ClaimActionItem,
    DefineActionItem,
    Hazard,
    ReportActionDone,
    TrackActionItem,
    VerifyActionItem,
)
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import (
    SAME,
    AnyMessage,
    Entity,
    Guard,
    Life,
    Refused,
    Said,
    Transition,
    each,
)
from microgov.services.chassis.reference_data import touching, within
from microgov.services.issues.actions import assignee
from microgov.services.issues.actions.assignee import Assignment
from microgov.services.issues.issue import life
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.rate_facts import ActionItemFact
from microgov.services.issues.model import Base, Person, Place

NOT_YOURS = Guard(
    "not_yours",
    "这一落实事项由别人认领或承办。请由认领人或承办人报告完成情况。",
    "This action item is for somebody else to do. Whoever claimed it, or has it assigned, reports it done.",
    lambda item, m, s: m.beneficiary in assignee.people(item.id, item.claimed_by, s),
    "authid",
)
SAME_PERSON = Guard(
    "same_person",
    "经办人不得自行核实：认领、承办或报告完成的人不能核实同一事项。请由他人核实。",
    "Who did it does not verify it: you have this action item to do, or reported it done. Have somebody else verify it.",
    lambda item, m, s: (
        not {m.authid, m.beneficiary} & {item.done_by, *assignee.people(item.id, item.claimed_by, s)}
    ),
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
        "assigned": ("已指派", "assigned"),
        "done": ("已完成", "done"),
        "verified": ("已核实", "verified"),
    },
    {
        (None, AdoptResolution): Transition("defined", ActionItemDefined),
        (None, DefineActionItem): Transition("defined", ActionItemDefined),
        ("defined", ClaimActionItem): Transition("claimed", ActionItemClaimed),
        **each(
            ("defined", "claimed", "assigned"), AssignActionItem, Transition("assigned", ActionItemAssigned)
        ),
        **each(
            ("claimed", "assigned", "done"),
            ReportActionDone,
            Transition("done", ActionItemDone, (NOT_YOURS,)),
        ),
        **each(
            ("defined", "claimed", "assigned", "done"),
            TrackActionItem,
            Transition(SAME, ActionItemTracked, (TRACKED,)),
        ),
        ("done", VerifyActionItem): Transition("verified", ActionItemVerified, (SAME_PERSON,)),
    },
    frozenset({"verified"}),
)


class Action(Entity, Base):
    """An action item. `done` of `target` in `unit`, with `at_least` a lower bound; `topic` is empty for a direct one."""

    __tablename__ = "action"
    CALLED = "Action"
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
        """Ids of the items that this resolution defines."""
        return [message_id(m.id, f"action/{n}") for n in range(count)]

    @classmethod
    def direct(cls, m: Envelope[DefineActionItem], s: Session) -> Iterator[Said]:
        """Defines an action item for an issue in action, without a resolution."""
        issue, d = Issue.find(s, m.subject), m.data
        within(s, Place, issue.place, m)
        hazards_known([d.item], s, "data.item.replaces.issue")
        life.LIFE.check(issue, type(d), m, s)
        if s.get(cls, d.action) is not None:
            raise Refused(
                "already_exists",
                f"落实事项编号 {d.action} 已被使用。请换一个编号。",
                f"The id {d.action} is taken. Choose another id for the action item.",
                "data.action",
            )
        yield from cls.define([d.action], m, issue, "", [d.item], s)

    @classmethod
    def define(
        cls, ids: list[str], m: AnyMessage, issue: Issue, topic: str, items: Sequence[ActionItem], s: Session
    ) -> Iterator[Said]:
        """Adds one entity for each item."""
        ActionItemFact.define(ids, issue.id, m.recordedtime, s)
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
            if item.replaces is not None:
                s.add(Replacement(action=id, hazard=item.replaces.hazard, issue=item.replaces.issue))
            yield action.say(
                ActionItemDefined(
                    issue=issue.id,
                    topic=topic or None,
                    text=item.text,
                    unit=item.unit,
                    target=item.target,
                    due=item.due,
                    replaces=item.replaces,
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
        ActionItemFact.claim(self.id, m, s)
        return self.say(ActionItemClaimed(issue=self.issue, person=person.id))

    def assign(self, m: Envelope[AssignActionItem], s: Session) -> Iterator[Said]:
        """Assigns the item, also if somebody has it; an earlier claim ends and no longer counts as claimed."""
        d = m.data
        within(s, Place, Issue.find(s, self.issue).place, m)
        assignee.check_assignee(d, s)
        LIFE.move(self, m, s)
        person, organisation = Assignment.give(self.id, self.claimed_by, d, s)
        self.claimed_by = None
        ActionItemFact.assign(self.id, s)
        if (person or organisation) and (person, organisation) != (d.person, d.organisation):
            yield self.say(
                ActionItemReleased(issue=self.issue, text=self.text, person=person, organisation=organisation)
            )
        yield self.say(
            ActionItemAssigned(
                issue=self.issue, text=self.text, due=self.due, person=d.person, organisation=d.organisation
            )
        )

    def report_done(self, m: Envelope[ReportActionDone], s: Session) -> Said:
        LIFE.move(self, m, s)
        self.done_by, self.done, self.at_least = m.authid, m.data.done, m.data.at_least
        return self.say(
            ActionItemDone(
                issue=self.issue,
                person=m.beneficiary,
                done=self.done,
                at_least=self.at_least,
                files=m.data.files,
            )
        )

    def verify(self, m: Envelope[VerifyActionItem], s: Session) -> Said:
        issue = Issue.find(s, self.issue)
        within(s, Place, issue.place, m)
        LIFE.move(self, m, s)
        issue.open_items -= s.get(Plan, self.id) is None
        return self.say(ActionItemVerified(issue=self.issue, person=m.authid, done=self.done))

    def track(self, m: Envelope[TrackActionItem], s: Session) -> Said:
        """Puts the item under a plan 转入计划: it no longer holds up closing the issue, and goes on as before."""
        issue = Issue.find(s, self.issue)
        within(s, Place, issue.place, m)
        LIFE.move(self, m, s)
        s.add(Plan(action=self.id, plan=m.data.plan))
        issue.open_items -= 1
        return self.say(ActionItemTracked(issue=issue.id, plan=m.data.plan, reason=m.data.reason))


class Plan(Base):
    """The plan under which an action item is tracked."""

    __tablename__ = "action_plan"
    action: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[str]


class Replacement(Base):
    """The hazard that an action item removes."""

    __tablename__ = "action_hazard"
    action: Mapped[str] = mapped_column(primary_key=True)
    hazard: Mapped[str]
    issue: Mapped[str | None]

    @classmethod
    def of(cls, action: str, s: Session) -> Hazard | None:
        """The hazard that the item names, or None."""
        row = s.get(cls, action)
        return None if row is None else Hazard(hazard=row.hazard, issue=row.issue)


def hazards_known(items: Sequence[ActionItem], s: Session, field: str) -> None:
    """Raises `not_found` if an item names the hazard of an issue that does not exist."""
    for item in items:
        if item.replaces is not None and item.replaces.issue is not None:
            Issue.find(s, item.replaces.issue, field)
