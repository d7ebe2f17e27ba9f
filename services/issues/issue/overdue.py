"""Warnings and breaches of time limits, and time limits that wait for a calendar (domain.md §2.1.6)."""

from collections.abc import Generator, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from microgov.contracts.directory import RulesChanged
from microgov.contracts.issues import DeadlineBreached, DeadlineWarned
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.contracts.rules import ClockRules
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.issues.clocks.clock import Clock
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.life import OPEN
from microgov.services.issues.model import Deadline, Rule, rules_in_force


def reached(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    """Deadline of a time limit: emits the warning, or the breach; a breach escalates the issue if `clocks.breach_escalates`
    is set.
    """
    issue = Issue.find(s, m.data.entity)
    over = yield from react_to_deadline(issue, m, s)
    course = Handling.peek(issue.id, s)
    if (
        over
        and rules_in_force(s, ClockRules).breach_escalates
        and course.level == "community"
        and issue.state in OPEN
    ):
        yield Handling.of(issue.id, s).escalate(issue, "breach")


def react_to_deadline(issue: Issue, m: Envelope[DeadlineReached], s: Session) -> Generator[Said, None, bool]:
    """Yields the warning or the breach of the time limit; returns True if it was breached now."""
    row = s.get(Clock, (issue.id, m.data.kind))
    if row is None or row.due_at is None or row.breached:
        return False
    if m.data.due_at < row.due_at:
        Deadline.put(s, row.kind, issue.id, row.due_at)
        yield issue.say(DeadlineWarned(clock=row.name, due_at=row.due_at))
        return False
    row.breached = True
    yield issue.say(DeadlineBreached(clock=row.name, due_at=row.due_at))
    return True


def rules_changed(m: Envelope[RulesChanged], s: Session) -> Iterator[Said]:
    """Stores changed rules. After a change of the calendar, time limits without a due date are started again."""
    Rule.learn(m, s)
    if m.data.section == "calendar":
        yield from calendar_changed(m, s)


def calendar_changed(m: AnyMessage, s: Session) -> Iterator[Said]:
    """Starts the time limits whose due date was not known. They count from now, since nobody could meet a day in the
    past.
    """
    waiting = (
        select(Clock).where(Clock.due_at.is_(None), Clock.held.is_(False)).order_by(Clock.issue, Clock.kind)
    )
    for row in list(s.scalars(waiting)):
        yield row.run(Issue.find(s, row.issue), m.recordedtime, s)
