"""Issues and notify hear each other: whoever is to be told is told, and only then the issue can be closed."""

import pytest

from microgov.contracts import issues as i
from microgov.services.issues.issue.issue import Issue
from microgov.services.notify.handlers import service as notify
from microgov.services.notify.notices.notice import Notice
from tests.issues import calling, patch
from tests.talk import Talk, names, neighbourhood, refusal


def exchange(issues: Talk, post: Talk) -> int:
    """Notify folds all that issues said, and issues what notify says to it; says how many were told."""
    for m in issues.log:
        post.fold(m)
    for m in post.log:
        issues.fold(m)
    count = len(post.log)
    issues.log.clear()
    post.log.clear()
    return count


@pytest.mark.rule("2", "everybody concerned was told, or tried often enough")
def test_closing_waits_until_notify_has_told_everybody() -> None:
    issues, post = patch.start(), neighbourhood(notify)
    patch.report(issues)
    closing = i.CloseIssue(outcome="resolved")
    assert refusal(issues, closing, "veg-1", by="p-branch").code == "result_not_delivered"

    exchange(issues, post)

    assert names(issues.say(closing, "veg-1", by="p-branch")) == ["IssueClosed"]
    assert exchange(issues, post) == 4  # the reporter, two co-signers and who proposed an option


@pytest.mark.parametrize("reporter", ["p-1", "p-branch"])
def test_whoever_reports_the_result_of_their_own_issue_need_not_be_told(reporter: str) -> None:
    issues, post = patch.start(), neighbourhood(notify)
    patch.adopt(issues)
    issues.row(Issue, "veg-1").open_items = 0
    issues.say(i.ReportResult(text="x"), "veg-1", by=reporter, role="branch")

    exchange(issues, post)

    assert issues.row(Issue, "veg-1").untold == 0


def test_whoever_was_met_is_told_of_the_feedback_and_nobody_else() -> None:
    issues, post = calling.start(), neighbourhood(notify)
    calling.listed(issues, 0, 0)
    calling.tell(issues)

    exchange(issues, post)

    notices = [
        (one.notice_type, one.recipient, one.entity, one.parameters["title"]) for one in post.rows(Notice)
    ]
    assert notices == [("visit_feedback", "p-1", "round-1", "三月走亲")]
