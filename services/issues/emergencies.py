"""Emergencies 突发事: somebody acts at once, and the deliberation follows within its time (domain.md §2.1.1)."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from contracts.issues import DispatchEmergency, EmergencyDispatched
from contracts.log import DeadlineReached
from contracts.message import Envelope
from contracts.rules import EmergencyRules
from services.chassis.house import rules, within
from services.chassis.model import Said
from services.issues import clocks
from services.issues.course import Course
from services.issues.issues import DUE, Issue
from services.issues.life import LIFE
from services.issues.model import Deadline, Place, Rule


def dispatch(m: Envelope[DispatchEmergency], s: Session) -> Said:
    """The owner acts now; from here its deliberation is due."""
    issue = Issue.find(s, m.subject)
    within(s, Place, issue.place, m)
    due = m.recordedtime + timedelta(days=rules(s, Rule, EmergencyRules).deliberation_days)
    LIFE.move(issue, m, s)
    issue.urgency, Course.of(issue.id, s).owner = "emergency", m.data.owner
    Deadline.put(s, DUE, issue.id, due)
    clocks.stop(issue, s, "dispatch")
    return issue.say(EmergencyDispatched(owner=m.data.owner, action=m.data.action, deliberation_due=due))


def overdue(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    """It was acted upon and never deliberated: the sub-district asks why. A record that a reopening kept is one."""
    issue = Issue.find(s, m.data.entity)
    if issue.records == 0:
        LIFE.moved_by(issue, DUE, m, s)
        yield Course.of(issue.id, s).escalate(issue, "deliberation_overdue")
