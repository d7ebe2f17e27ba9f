"""Issues and notify hear each other: whoever is to be told is told, and only then the issue can be closed."""

import pytest

from microgov.contracts import issues
from microgov.services.issues.issue.issue import Issue
from microgov.services.notify.handlers import service as notify
from microgov.services.notify.notices.notice import Notice
from tests.issues import issue_steps, visit_steps
from tests.support.service_driver import ServiceDriver, driver_of, names, refusal


def exchange_events(issue_side: ServiceDriver, post: ServiceDriver) -> int:
    """Notify folds all that issues said, and issues what notify says to it; says how many were told."""
    for m in issue_side.log:
        post.fold(m)
    for m in post.log:
        issue_side.fold(m)
    count = len(post.log)
    issue_side.log.clear()
    post.log.clear()
    return count


@pytest.mark.rule("2", "everybody concerned was told, or tried often enough")
def test_closing_waits_until_notify_has_told_everybody() -> None:
    issue_side, post = issue_steps.start(), driver_of(notify)
    issue_steps.report_result(issue_side)
    closing = issues.CloseIssue(outcome="resolved")
    assert refusal(issue_side, closing, "veg-1", by="p-branch").code == "result_not_delivered"

    exchange_events(issue_side, post)

    assert names(issue_side.say(closing, "veg-1", by="p-branch")) == ["IssueClosed"]
    assert exchange_events(issue_side, post) == 4  # the reporter, two co-signers and who proposed an option


@pytest.mark.parametrize("reporter", ["p-1", "p-branch"])
def test_whoever_reports_the_result_of_their_own_issue_need_not_be_told(reporter: str) -> None:
    issue_side, post = issue_steps.start(), driver_of(notify)
    issue_steps.adopt_resolution(issue_side)
    issue_side.row(Issue, "veg-1").open_items = 0
    issue_side.say(issues.ReportResult(text="x"), "veg-1", by=reporter, role="branch")

    exchange_events(issue_side, post)

    assert issue_side.row(Issue, "veg-1").untold == 0


def test_whoever_was_met_is_told_of_the_feedback_and_nobody_else() -> None:
    issue_side, post = visit_steps.start(), driver_of(notify)
    visit_steps.make_and_record(issue_side, 0, 0)
    visit_steps.give_feedback(issue_side)

    exchange_events(issue_side, post)

    notices = [
        (one.notice_type, one.recipient, one.entity, one.parameters["title"]) for one in post.rows(Notice)
    ]
    assert notices == [("visit_feedback", "p-1", "round-1", "三月走亲")]
