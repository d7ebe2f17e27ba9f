"""Routing 派单, returning 退单 and escalating 上提议程 an issue (domain.md §2.1.7)."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts.issues import (
    EscalateIssue,
    IssueReferred,
    IssueReturned,
    IssueRouted,
    ReferIssue,
    ReturnIssue,
    RouteIssue,
    TriageIssue,
)
from microgov.contracts.message import Envelope
from microgov.contracts.rules import CourseRules
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.chassis.reference_data import check_within, rules
from microgov.services.issues.clocks import clock
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.life import LIFE
from microgov.services.issues.issue.rate_facts import Routing
from microgov.services.issues.issue.routing_rules import automatic, check_rule, check_theme
from microgov.services.issues.model import Place, Rule


def route(m: Envelope[RouteIssue], s: Session) -> Iterator[Said]:
    """Routes the issue to an owner. The event names the routing rule; the time limit `first_contact` starts."""
    issue = Issue.find(s, m.subject)
    check_within(s, Place, issue.place, m)
    LIFE.check(issue, RouteIssue, m, s)
    check_rule(m.data, issue, s)
    LIFE.move(issue, m, s)
    yield from _routed(issue, m.data.owner, m.data.rule, m, s)


def triage(m: Envelope[TriageIssue], s: Session) -> Iterator[Said]:
    """Triages the issue 研判. If an automatic routing rule fits, the issue is also routed in the same step."""
    issue = Issue.find(s, m.subject)
    check_within(s, Place, issue.place, m)
    check_theme(m.data, s)
    yield issue.triage(m, s)
    rule = automatic(issue, s)
    if rule is not None:
        LIFE.moved_by(issue, "routing_rule", m, s)
        yield from _routed(issue, rule.owner, rule.name, m, s)


def _routed(issue: Issue, owner: str, rule: str, m: AnyMessage, s: Session) -> Iterator[Said]:
    """Stores owner and routing, ends the time limit `dispatch` and starts `first_contact`."""
    Handling.of(issue.id, s).owner = owner
    Routing.add(issue.id, m.recordedtime, s)
    yield issue.say(IssueRouted(owner=owner, rule=rule))
    clock.stop(issue, s, "dispatch")
    yield from clock.start(issue, "first_contact", m, s)


def give_back(m: Envelope[ReturnIssue], s: Session) -> Iterator[Said]:
    """Returns the issue to the state `triaged`. If it is the n-th return, where n is `returns` of the section `course`, the
    issue is also escalated.
    """
    issue = Issue.find(s, m.subject)
    check_within(s, Place, issue.place, m)
    limit = rules(s, Rule, CourseRules).returns
    LIFE.move(issue, m, s)
    Routing.give_back(issue.id, s)
    course = Handling.of(issue.id, s)
    owner, course.owner, course.returns = course.owner, None, course.returns + 1
    yield issue.say(IssueReturned(owner=owner or "nobody", reason=m.data.reason, number=course.returns))
    if course.returns == limit:
        yield course.escalate(issue, "third_return", m.data.reason)
    clock.stop(issue, s, "first_contact")
    yield from clock.start(issue, "dispatch", m, s)


def refer(m: Envelope[ReferIssue], s: Session) -> Said:
    """Refers the issue to somebody else; the time limit `report_back` continues, because an answer is still due."""
    issue = Issue.find(s, m.subject)
    check_within(s, Place, issue.place, m)
    LIFE.move(issue, m, s)
    Handling.of(issue.id, s).owner = m.data.to
    return issue.say(IssueReferred(to=m.data.to, reason=m.data.reason))


def escalate(m: Envelope[EscalateIssue], s: Session) -> Said:
    """Escalates the issue by hand, onto the sub-district's agenda."""
    issue = Issue.find(s, m.subject)
    check_within(s, Place, issue.place, m)
    LIFE.move(issue, m, s)
    return Handling.of(issue.id, s).escalate(issue, "by_hand", m.data.reason)
