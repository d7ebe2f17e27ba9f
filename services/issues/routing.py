"""Routing 派单, returning 退单 and escalating 上提议程 an issue (domain.md §2.1.7)."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from contracts.directory import CourseRules
from contracts.issues import EscalateIssue, IssueEscalated, IssueReturned, IssueRouted, ReturnIssue, RouteIssue
from contracts.message import Envelope
from services.chassis.house import rules, within
from services.chassis.model import Said
from services.issues.course import Course
from services.issues.issues import Issue
from services.issues.life import LIFE
from services.issues.model import Place, Rule


def route(m: Envelope[RouteIssue], s: Session) -> Said:
    """The owner sees to it; the rule that made the decision is told."""
    issue = Issue.find(s, m.subject)
    within(s, Place, issue.place, m)
    LIFE.move(issue, m, s)
    Course.of(issue.id, s).owner = m.data.owner
    return issue.say(IssueRouted(owner=m.data.owner, rule=m.data.rule))


def give_back(m: Envelope[ReturnIssue], s: Session) -> Iterator[Said]:
    """Back to triage; the return with the number that the rules name escalates it."""
    issue = Issue.find(s, m.subject)
    within(s, Place, issue.place, m)
    limit = rules(s, Rule, CourseRules).returns
    LIFE.move(issue, m, s)
    course = Course.of(issue.id, s)
    owner, course.owner, course.returns = course.owner, None, course.returns + 1
    yield issue.say(IssueReturned(owner=owner or "nobody", reason=m.data.reason, number=course.returns))
    if course.returns == limit:
        yield escalated(issue, course, "third_return", m.data.reason)


def escalate(m: Envelope[EscalateIssue], s: Session) -> Said:
    """On the sub-district's agenda."""
    issue = Issue.find(s, m.subject)
    within(s, Place, issue.place, m)
    LIFE.move(issue, m, s)
    return escalated(issue, Course.of(issue.id, s), "by_hand", m.data.reason)


def escalated(issue: Issue, course: Course, cause: str, reason: str | None) -> Said:
    """It is the sub-district's from here on."""
    course.level = "sub_district"
    return issue.say(IssueEscalated(level="sub_district", cause=cause, reason=reason))
