"""Emergencies 突发事: action is taken first, and the deliberation follows by a deadline (domain.md §2.1.1)."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from microgov.contracts.issues import DispatchEmergency, EmergencyDispatched
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.contracts.rules import AfterwardsRules, EmergencyRules
from microgov.services.chassis.model import Said
from microgov.services.chassis.reference_data import check_within, rules
from microgov.services.issues.clocks import clock
from microgov.services.issues.clocks.clock import DUE, Clock
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.life import LIFE
from microgov.services.issues.issue.overdue import react_to_deadline
from microgov.services.issues.model import Deadline, Place, Rule, rules_in_force


def dispatch(m: Envelope[DispatchEmergency], s: Session) -> Iterator[Said]:
    """Dispatches an owner at once and sets the deadline of the deliberation."""
    issue, working = Issue.find(s, m.subject), rules_in_force(s, AfterwardsRules).working_days
    check_within(s, Place, issue.place, m)
    days = timedelta(days=rules(s, Rule, EmergencyRules).deliberation_days)
    due = clock.end_of_working_day(m, working, s) if working else m.recordedtime + days
    LIFE.move(issue, m, s)
    issue.urgency, Handling.of(issue.id, s).owner = "emergency", m.data.owner
    clock.stop(issue, s, "dispatch", DUE)
    yield issue.say(EmergencyDispatched(owner=m.data.owner, action=m.data.action, deliberation_due=due))
    if working:
        yield clock.run(issue, DUE, working, m, s)
    elif due is not None:
        Deadline.put(s, DUE, issue.id, due)


def overdue(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    """Deadline `deliberation_due`: escalates an emergency that has no deliberation record. A record that was kept when the
    issue was reopened counts.
    """
    issue = Issue.find(s, m.data.entity)
    in_days = s.get(Clock, (issue.id, DUE)) is None
    over = in_days or (yield from react_to_deadline(issue, m, s))
    if over and issue.records == 0:
        if in_days:
            Clock.add_missed(issue.id, DUE, m.data.due_at, s)
        LIFE.moved_by(issue, DUE, m, s)
        yield Handling.of(issue.id, s).escalate(issue, "deliberation_overdue")
