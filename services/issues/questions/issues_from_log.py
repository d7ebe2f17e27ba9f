"""Collects, from a log alone, what rates need to know about each issue; rates_from_log.py counts it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from microgov.contracts import issues
from microgov.contracts.fields import RESIDENTS
from microgov.contracts.message import Envelope
from microgov.contracts.notify import NoticeDelivered, NoticeUndeliverable


@dataclass
class ResultRecipient:
    """A person whom the result must reach. `lost`: enough attempts have failed, and none has succeeded."""

    attempts: int = 0
    reached: bool = False
    lost: bool = False

    def attempt(self, reached: bool, attempts: int, needed: int) -> None:
        """Records one attempt, or several failed ones; after `needed` failed attempts the person is lost."""
        self.attempts += attempts
        self.reached = self.reached or reached
        self.lost = not self.reached and (self.lost or self.attempts >= needed)


@dataclass
class CountedPart:
    """A routing or an action item; `yes`: the routing was returned, or the item is claimed by a resident."""

    at: datetime
    yes: bool = False


@dataclass
class IssuePeriod:
    """The part of an issue's life until it is reopened. `recipients` and `answers` are by person."""

    reported: datetime | None = None
    recipients: dict[str, ResultRecipient] = field(default_factory=dict)
    answers: dict[str, issues.SurveyAnswered] = field(default_factory=dict)
    ending: str = ""
    ended: datetime | None = None
    deliberated: bool = False
    reopened: bool = False
    routings: list[CountedPart] = field(default_factory=list)
    items: dict[str, CountedPart] = field(default_factory=dict)


@dataclass
class History:
    """An issue: place, reporter, co-signers, number of records, and its periods."""

    place: str
    reporter: str
    cosigners: set[str] = field(default_factory=set)
    records: int = 0
    periods: list[IssuePeriod] = field(default_factory=lambda: [IssuePeriod()])

    @property
    def now(self) -> IssuePeriod:
        """The current period."""
        return self.periods[-1]


def apply(m: Envelope[Any], histories: dict[str, History], needed: int) -> None:
    """Applies one message to the histories (by issue); `needed` failed attempts make a recipient lost."""
    d = m.data
    if isinstance(d, issues.IssueSubmitted):
        histories[m.subject] = History(d.place, d.reporter)
    elif isinstance(d, NoticeDelivered | NoticeUndeliverable):
        if d.notice_type == "result_reported" and d.entity in histories:
            attempts = 1 if isinstance(d, NoticeDelivered) else d.attempts
            _attempted(histories[d.entity], d.recipient, isinstance(d, NoticeDelivered), attempts, needed)
    elif isinstance(d, issues.ReporterContacted):
        _attempted(histories[m.subject], d.person, d.reached, 1, needed)
    elif type(d) in _STEPS:
        _STEPS[type(d)](histories[getattr(d, "issue", m.subject)], m)


def _attempted(issue: History, person: str, reached: bool, attempts: int, needed: int) -> None:
    if person in issue.now.recipients:
        issue.now.recipients[person].attempt(reached, attempts, needed)


def _cosigned(issue: History, m: Envelope[issues.IssueCosigned]) -> None:
    issue.cosigners.add(m.data.person)


def _unsigned(issue: History, m: Envelope[issues.CosignWithdrawn]) -> None:
    issue.cosigners.discard(m.data.person)


def _passed_on(issue: History, m: Envelope[issues.IssuePassedOn]) -> None:
    issue.reporter = m.data.reporter
    issue.cosigners.discard(m.data.reporter)


def _routed(issue: History, m: Envelope[issues.IssueRouted]) -> None:
    issue.now.routings.append(CountedPart(m.recordedtime))


def _returned(issue: History, m: Envelope[issues.IssueReturned]) -> None:
    issue.now.routings[-1].yes = True


def _recorded(issue: History, m: Envelope[issues.DeliberationRecorded]) -> None:
    issue.records += 1


def _reported(issue: History, m: Envelope[issues.ResultReported]) -> None:
    issue.now.reported = m.recordedtime
    issue.now.recipients = {
        person: ResultRecipient() for person in (issue.cosigners | {issue.reporter}) - {m.authid}
    }


def _answered(issue: History, m: Envelope[issues.SurveyAnswered]) -> None:
    issue.now.answers[m.data.person] = m.data


def _closed(issue: History, m: Envelope[issues.IssueClosed]) -> None:
    issue.now.ending, issue.now.ended, issue.now.deliberated = "closed", m.recordedtime, issue.records > 0


def _declined(issue: History, m: Envelope[issues.IssueDeclined]) -> None:
    issue.now.ending, issue.now.ended = "declined", m.recordedtime


def _withdrawn(issue: History, m: Envelope[issues.IssueWithdrawn]) -> None:
    issue.now.ending, issue.now.ended = "withdrawn", m.recordedtime


def _appealed(issue: History, m: Envelope[issues.DeclineAppealed]) -> None:
    issue.now.ending, issue.now.ended = "", None


def _reopened(issue: History, m: Envelope[issues.IssueReopened]) -> None:
    issue.now.reopened = True
    issue.records = 0 if m.data.new_record else issue.records
    issue.periods.append(IssuePeriod())


def _defined(issue: History, m: Envelope[issues.ActionItemDefined]) -> None:
    issue.now.items[m.subject] = CountedPart(m.recordedtime)


def _claimed(issue: History, m: Envelope[issues.ActionItemClaimed]) -> None:
    for period in issue.periods:
        if m.subject in period.items:
            period.items[m.subject].yes = m.role in RESIDENTS or m.onbehalfof is not None


def _assigned(issue: History, m: Envelope[issues.ActionItemAssigned]) -> None:
    for period in issue.periods:
        if m.subject in period.items:
            period.items[m.subject].yes = False


_STEPS: dict[type[Any], Callable[[History, Any], None]] = {
    issues.IssueCosigned: _cosigned,
    issues.CosignWithdrawn: _unsigned,
    issues.IssuePassedOn: _passed_on,
    issues.IssueRouted: _routed,
    issues.IssueReturned: _returned,
    issues.DeliberationRecorded: _recorded,
    issues.ResultReported: _reported,
    issues.SurveyAnswered: _answered,
    issues.IssueClosed: _closed,
    issues.IssueDeclined: _declined,
    issues.IssueWithdrawn: _withdrawn,
    issues.DeclineAppealed: _appealed,
    issues.IssueReopened: _reopened,
    issues.ActionItemDefined: _defined,
    issues.ActionItemClaimed: _claimed,
    issues.ActionItemAssigned: _assigned,
}
