"""Commands of the reporter: appeal against a decline, and withdraw 撤回 (domain.md §2.2)."""

from sqlalchemy.orm import Session

from microgov.contracts.issues import (
    AppealDecline,
    DeclineAppealed,
    IssuePassedOn,
    IssueWithdrawn,
    WithdrawIssue,
)
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import AnyMessage, Refused, Said
from microgov.services.chassis.store.fold_session.children import rows_under
from microgov.services.issues.clocks import clock
from microgov.services.issues.issue.cosigning import Cosign, CosignHousehold
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.issue.life import LIFE
from microgov.services.issues.issue.rate_facts import RatePeriod
from microgov.services.issues.issue.suspension import drop_review


def appeal(m: Envelope[AppealDecline], s: Session) -> Said:
    """Appeals against a decline, once for each issue. The person who declined it may not decide again."""
    issue = Issue.find(s, m.subject)
    _check_is_reporter(issue, m)
    LIFE.move(issue, m, s)
    Handling.of(issue.id, s).appealed = True
    RatePeriod.of(issue.id, s).remove_ending()
    return issue.say(DeclineAppealed(person=m.beneficiary, reason=m.data.reason))


def withdraw(m: Envelope[WithdrawIssue], s: Session) -> Said:
    """Withdraws the issue. If somebody has co-signed it, it is not withdrawn: a co-signer becomes its reporter."""
    issue = Issue.find(s, m.subject)
    _check_is_reporter(issue, m)
    heir = next((row for row in rows_under(s, Cosign, issue.id) if row.in_force), None)
    if heir is not None:
        return _passed_on(issue, heir, m, s)
    LIFE.check(issue, type(m.data), m, s)
    drop_review(issue, s)
    issue.no_longer_due(s)
    clock.stop(issue, s)
    LIFE.move(issue, m, s)
    RatePeriod.of(issue.id, s).end("withdrawn", m.recordedtime)
    return issue.say(IssueWithdrawn(person=m.beneficiary))


def _passed_on(issue: Issue, heir: Cosign, m: AnyMessage, s: Session) -> Said:
    """Makes the co-signer `heir` the reporter, who then no longer counts as a co-signer."""
    LIFE.moved_by(issue, "passed_on", m, s)
    heir.in_force = False
    issue.reporter, issue.people = heir.person, issue.people - 1
    issue.households -= CosignHousehold.add(issue.id, heir.household, -1, s)
    return issue.say(
        IssuePassedOn(
            person=m.beneficiary, reporter=heir.person, people=issue.people, households=issue.households
        )
    )


def _check_is_reporter(issue: Issue, m: AnyMessage) -> None:
    """Raises the refusal `not_reporter` unless the message is sent by, or on behalf of, the reporter."""
    if m.beneficiary != issue.reporter:
        raise Refused(
            "not_reporter", "只有反映人本人可以这样做。", "Only its reporter may do this.", "authid"
        )
