"""Issues with the real notify service: an issue can be closed only once everybody concerned is notified."""

import pytest

from microgov.contracts import issues
from microgov.services.issues.issue.issue import Issue
from microgov.services.notify.handlers import service as notify
from microgov.testing.service_driver import ServiceDriver, driver_of, names, refusal
from tests.issues import issue_steps, visit_steps
from tests.notify import notify_steps


def exchange_events(issue_side: ServiceDriver, notify_side: ServiceDriver) -> int:
    """Notify folds what issues emitted, and issues what notify answers; returns the number of notify's events."""
    for m in issue_side.log:
        notify_side.fold(m)
    for m in notify_side.log:
        issue_side.fold(m)
    count = len(notify_side.log)
    issue_side.log.clear()
    notify_side.log.clear()
    return count


@pytest.mark.rule("2.2", "everybody concerned was notified, or notifying was tried often enough")
def test_closing_waits_until_notify_has_notified_everybody() -> None:
    issue_side, notify_side = issue_steps.start(), driver_of(notify)
    issue_steps.report_result(issue_side)
    closing = issues.CloseIssue(outcome="resolved")
    assert refusal(issue_side, closing, "veg-1", by="p-branch").code == "result_not_delivered"

    exchange_events(issue_side, notify_side)

    assert names(issue_side.say(closing, "veg-1", by="p-branch")) == ["IssueClosed"]
    assert (
        exchange_events(issue_side, notify_side) == 4
    )  # the reporter, two co-signers and who proposed an option


@pytest.mark.parametrize("reporter", ["p-1", "p-branch"])
def test_nobody_is_left_to_notify_whoever_reports_the_result(reporter: str) -> None:
    issue_side, notify_side = issue_steps.start(), driver_of(notify)
    issue_steps.adopt_resolution(issue_side)
    issue_side.row(Issue, "veg-1").open_items = 0
    issue_side.say(issues.ReportResult(text="x"), "veg-1", by=reporter, role="branch")

    exchange_events(issue_side, notify_side)

    closing = issues.CloseIssue(outcome="resolved")
    assert names(issue_side.say(closing, "veg-1", by="p-branch")) == ["IssueClosed"]


def test_only_the_person_met_is_notified_of_the_feedback() -> None:
    issue_side, notify_side = visit_steps.start(), driver_of(notify)
    visit_steps.make_and_record(issue_side, 0, 0)
    visit_steps.give_feedback(issue_side)

    exchange_events(issue_side, notify_side)

    notices = [
        (person, one.notice_type, one.entity, one.title) for person, one in notify_steps.notices(notify_side)
    ]
    assert notices == [("p-1", "visit_feedback", "round-1", "走访反馈：三月走亲")]
