"""Requests to reopen an issue, and reopening 重办 it with a new deliberation (domain.md §2.2)."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from microgov.contracts.issues import (
    AnswerSurvey,
    IssueReopened,
    OutcomeReviewDue,
    RefuseReopen,
    ReopenIssue,
    ReopenRefused,
    ReopenRequested,
    RequestReopen,
)
from microgov.contracts.log import DeadlineReached
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.chassis.reference_data import check_within
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.issues.clocks import clock
from microgov.services.issues.issue.cosigning import check_concerned
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import RE_REVIEW, Issue
from microgov.services.issues.issue.life import LIFE
from microgov.services.issues.issue.rate_facts import RatePeriod
from microgov.services.issues.issue.recipients import Recipient
from microgov.services.issues.issue.survey import SurveyAnswer
from microgov.services.issues.model import Deadline, Place


def answer(m: Envelope[AnswerSurvey], s: Session) -> Iterator[Said]:
    """Records the answers to the survey. The answer "not solved" also counts as a request to reopen."""
    yield SurveyAnswer.give(m, s)
    if not m.data.solved:
        issue = Issue.find(s, m.subject)
        Handling.of(issue.id, s).reopen_asked = True
        yield issue.say(ReopenRequested(person=m.beneficiary, survey=True))


def request(m: Envelope[RequestReopen], s: Session) -> Said:
    """Records the request of somebody concerned to reopen the issue."""
    issue = Issue.find(s, m.subject)
    check_concerned(issue, m.beneficiary, s)
    LIFE.move(issue, m, s)
    Handling.of(issue.id, s).reopen_asked = True
    return issue.say(ReopenRequested(person=m.beneficiary, survey=False, reason=m.data.reason))


def reopen(m: Envelope[ReopenIssue], s: Session) -> Iterator[Said]:
    """Reopens the issue: it returns to the state `triaged`, and its recipients and survey answers are deleted.

    The issue needs a new deliberation record, unless the command gives a reason to keep the old one (`keeps_record`).
    """
    issue = Issue.find(s, m.subject)
    check_within(s, Place, issue.place, m)
    LIFE.move(issue, m, s)
    Handling.of(issue.id, s).reopen_asked = False
    Deadline.drop(s, RE_REVIEW, issue.id)
    RatePeriod.of(issue.id, s).reopen(s)
    for table in (Recipient, SurveyAnswer):
        for row in rows_under(s, table, issue.id):
            s.delete(row)
    anew = m.data.keeps_record is None
    issue.records, issue.untold = 0 if anew else issue.records, 0
    issue.outcome, issue.survey_until = None, None
    yield issue.say(IssueReopened(reason=m.data.reason, new_record=anew))
    yield from clock.start_first_clocks(issue, m, s)


def review(m: Envelope[DeadlineReached], s: Session) -> Iterator[Said]:
    """Deadline: the day of the re-review 复议 of an issue that was closed as `not_feasible`. The branch then reopens
    the issue or refuses to, with reasons.
    """
    issue = Issue.find(s, m.data.entity)
    if issue.state == "closed" and issue.outcome == "not_feasible":
        LIFE.moved_by(issue, RE_REVIEW, m, s)
        Handling.of(issue.id, s).reopen_asked = True
        yield issue.say(OutcomeReviewDue(outcome="not_feasible"))


def refuse(m: Envelope[RefuseReopen], s: Session) -> Said:
    """Refuses to reopen; the reason is in the event."""
    issue = Issue.find(s, m.subject)
    check_within(s, Place, issue.place, m)
    LIFE.move(issue, m, s)
    Handling.of(issue.id, s).reopen_asked = False
    return issue.say(ReopenRefused(reason=m.data.reason))
