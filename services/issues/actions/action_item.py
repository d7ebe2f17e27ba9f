"""Action items 落实事项: claimed or assigned, reported done, verified by somebody else (domain.md §2.3)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session

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
    AssignActionItem,
    ClaimActionItem,
    DefineActionItem,
    ReportActionDone,
    TrackActionItem,
    VerifyActionItem,
)
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import AnyMessage, Entity, Said
from microgov.services.chassis.reference_data import check_touching, check_within
from microgov.services.chassis.refusals import id_taken
from microgov.services.issues.actions import assignee
from microgov.services.issues.actions.assignee import ActionAssignment
from microgov.services.issues.actions.hazard import Replacement, check_hazards_known
from microgov.services.issues.actions.life import LIFE
from microgov.services.issues.actions.plan import ActionPlan
from microgov.services.issues.issue import life as issue_life
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.rate_facts import ActionItemFact
from microgov.services.issues.model import Base, Person, Place


class Action(Entity, Base):
    """An action item: `done` of `target` units (`unit`) are done; with `at_least`, `done` is a lower bound. `topic` is empty
    if the branch defined the item directly, without a resolution.
    """

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
        """Ids of the `count` items that this resolution defines."""
        return [message_id(m.id, f"action/{n}") for n in range(count)]

    @classmethod
    def direct(cls, m: Envelope[DefineActionItem], s: Session) -> Iterator[Said]:
        """Defines an action item for an issue in action, without a resolution."""
        issue, d = Issue.find(s, m.subject), m.data
        check_within(s, Place, issue.place, m)
        check_hazards_known([d.item], s, "data.item.replaces.issue")
        issue_life.LIFE.check(issue, type(d), m, s)
        if s.get(cls, d.action) is not None:
            raise id_taken(d.action, "落实事项", "action item", "data.action")
        yield from cls.define([d.action], m, issue, "", [d.item], s)

    @classmethod
    def define(
        cls, ids: list[str], m: AnyMessage, issue: Issue, topic: str, items: Sequence[ActionItem], s: Session
    ) -> Iterator[Said]:
        """Adds an action item for each of `items`, with these ids, and yields its event. `topic` is empty without a
        resolution.
        """
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
        """Whether every item of the topic's resolution is verified or tracked under a plan."""
        waiting = select(cls.id).where(cls.topic == topic, cls.state != "verified")
        return s.scalars(waiting.where(cls.id.not_in(select(ActionPlan.action)))).first() is None

    def claim(self, m: Envelope[ClaimActionItem], s: Session) -> Said:
        person = Person.acting(m, s)
        check_touching(s, Place, Issue.find(s, self.issue).place, m)
        LIFE.move(self, m, s)
        self.claimed_by = person.id
        ActionItemFact.claim(self.id, m, s)
        return self.say(ActionItemClaimed(issue=self.issue, person=person.id))

    def assign(self, m: Envelope[AssignActionItem], s: Session) -> Iterator[Said]:
        """Assigns the item, even if somebody has it already; an earlier claim ends and no longer counts as claimed."""
        d = m.data
        check_within(s, Place, Issue.find(s, self.issue).place, m)
        assignee.check_assignee(d, s)
        LIFE.move(self, m, s)
        person, organisation = ActionAssignment.give(self.id, self.claimed_by, d, s)
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
        check_within(s, Place, issue.place, m)
        LIFE.move(self, m, s)
        issue.open_items -= s.get(ActionPlan, self.id) is None
        return self.say(ActionItemVerified(issue=self.issue, person=m.authid, done=self.done))

    def track(self, m: Envelope[TrackActionItem], s: Session) -> Said:
        """Puts the item under a plan 转入计划: it no longer prevents the issue from being closed, and continues as
        before.
        """
        issue = Issue.find(s, self.issue)
        check_within(s, Place, issue.place, m)
        LIFE.move(self, m, s)
        s.add(ActionPlan(action=self.id, plan=m.data.plan))
        issue.open_items -= 1
        return self.say(ActionItemTracked(issue=issue.id, plan=m.data.plan, reason=m.data.reason))
