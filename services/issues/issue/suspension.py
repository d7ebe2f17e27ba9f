"""Putting an issue on hold 挂起 until a day of review, and resuming it (domain.md §2.1.6)."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from microgov.contracts.issues import IssueResumed, IssueSuspended, ResumeIssue, SuspendIssue
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.contracts.rules import CourseRules
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.reference_data import check_within, rules
from microgov.services.issues.clocks import clock
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.life import LIFE
from microgov.services.issues.model import Deadline, Place, Rule


def suspend(m: Envelope[SuspendIssue], s: Session) -> Said:
    """Puts the issue on hold until its day of review; its time limits stop."""
    issue = Issue.find(s, m.subject)
    check_within(s, Place, issue.place, m)
    _check_review_day(m, s)
    before = issue.state
    LIFE.move(issue, m, s)
    Handling.of(issue.id, s).held_from = before
    Deadline.put(s, "review", issue.id, m.data.review_at)
    clock.hold(issue, m, s)
    return issue.say(IssueSuspended(reason=m.data.reason, review_at=m.data.review_at))


def resume(m: Envelope[ResumeIssue], s: Session) -> Iterator[Said]:
    """Resumes the issue before its day of review."""
    issue = Issue.find(s, m.subject)
    check_within(s, Place, issue.place, m)
    LIFE.move(issue, m, s)
    Deadline.drop(s, "review", issue.id)
    yield from _resumed(issue, False, m, s)


def review(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    """Deadline: the day of review has come, and the issue is resumed automatically."""
    issue = Issue.find(s, m.data.entity)
    LIFE.moved_by(issue, "review", m, s)
    yield from _resumed(issue, True, m, s)


def drop_review(issue: Issue, s: Session) -> None:
    """Drops the review deadline of an issue that ends while it is on hold."""
    if issue.state == "on_hold":
        Deadline.drop(s, "review", issue.id)


def _resumed(issue: Issue, automatic: bool, m: AnyMessage, s: Session) -> Iterator[Said]:
    """Returns the issue to the state that it had before and starts its time limits again."""
    course = Handling.of(issue.id, s)
    issue.state, course.held_from = course.held_from or "triaged", None
    yield issue.say(IssueResumed(state=issue.state, automatic=automatic))
    yield from clock.resume(issue, m, s)


def _check_review_day(m: AnyMessage, s: Session) -> None:
    """Raises a refusal if the day of review is in the past or more than `course.suspension_days` ahead."""
    days, at = rules(s, Rule, CourseRules).suspension_days, m.data.review_at
    if at <= m.recordedtime:
        raise Refused(
            "review_in_the_past",
            "复核日期已过。请填写将来的日期。",
            "The day of review is over. Name one to come.",
            "data.review_at",
        )
    if at > m.recordedtime + timedelta(days=days):
        raise Refused(
            "suspended_too_long",
            f"最多挂起 {days} 天。请提前复核日期。",
            f"An issue is suspended for {days} days at most. Name an earlier day of review.",
            "data.review_at",
        )
