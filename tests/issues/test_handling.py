"""Steps of an issue off its main course: appeal, routing and return, hold, withdrawal, reopening (domain.md §2.1, 2.2)."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.issues.issue.issue import Issue
from microgov.testing.service_driver import ServiceDriver, names, refusal
from tests.issues import issue_steps


def submit_and_decline(driver: ServiceDriver) -> None:
    """The issue is submitted and declined by p-branch."""
    issue_steps.submit(driver)
    driver.say(issues.DeclineIssue(ground="no_content", reason="没有内容"), "veg-1", by="p-branch")


def say_as_branch(driver: ServiceDriver, command: Any, by: str = "p-branch") -> list[Any]:
    """Sends a command about the issue, as p-branch if `by` is not given; returns the events."""
    return driver.say(command, "veg-1", by=by)


def code_and_field(driver: ServiceDriver, command: Any, **how: Any) -> tuple[str, str]:
    """The error code and the field with which the command about the issue is refused."""
    refused = refusal(driver, command, "veg-1", **{"by": "p-branch", **how})
    return refused.code, refused.field


APPEAL = issues.AppealDecline(reason="有照片", channel="app")


@pytest.mark.rule("2.1.2", "declining has a reason; one appeal is allowed, which another person decides")
def test_the_reporter_appeals_once_and_another_person_decides() -> None:
    driver = issue_steps.start()
    submit_and_decline(driver)

    assert code_and_field(driver, APPEAL, by="p-2") == ("not_reporter", "authid")
    assert names(driver.say(APPEAL, "veg-1", by="p-1")) == ["DeclineAppealed"]
    assert code_and_field(driver, issues.AcceptIssue()) == ("decided_before", "authid")
    assert code_and_field(driver, issues.DeclineIssue(ground="abuse", reason="x")) == (
        "decided_before",
        "authid",
    )
    assert names(
        say_as_branch(driver, issues.DeclineIssue(ground="abuse", reason="还是不予受理"), by="p-secretary")
    ) == ["IssueDeclined"]
    assert code_and_field(driver, APPEAL, by="p-1") == ("already_appealed", "subject")


def test_an_appeal_can_lead_to_acceptance() -> None:
    driver = issue_steps.start()
    submit_and_decline(driver)
    driver.say(APPEAL, "veg-1", by="p-1")

    assert names(say_as_branch(driver, issues.AcceptIssue(), by="p-secretary")) == ["IssueAccepted"]
    assert issue_steps.show(driver).state == "accepted"


def route_and_return(driver: ServiceDriver) -> list[Any]:
    """The branch routes the issue to an owner and then records its return; returns the events of the return."""
    say_as_branch(driver, issues.RouteIssue(owner="water-office", rule="theme greening"))
    return say_as_branch(driver, issues.ReturnIssue(reason="不归我们管"))


@pytest.mark.rule("2.1.7", "the third return escalates")
def test_the_third_return_escalates_and_no_other() -> None:
    driver = issue_steps.start()
    issue_steps.triage(driver)

    first, second, third, fourth = (route_and_return(driver) for _ in range(4))

    assert [names(one) for one in (first, second, fourth)] == [["IssueReturned"]] * 3
    assert names(third) == ["IssueReturned", "IssueEscalated"]
    assert third[0].event.number == 3
    assert third[0].event.owner == "water-office"
    assert third[1].event.cause == "third_return"
    assert issue_steps.show(driver).level == "sub_district"


def test_the_rules_say_which_return_escalates() -> None:
    driver = issue_steps.start(course={"returns": 1})
    issue_steps.triage(driver)

    assert names(route_and_return(driver)) == ["IssueReturned", "IssueEscalated"]


def test_the_liaison_station_places_an_issue_on_the_agenda() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)

    said = driver.say(
        issues.EscalateIssue(reason="涉及三个小区"), "veg-1", by="p-liaison", role="liaison_station"
    )

    assert names(said) == ["IssueEscalated"]
    assert said[0].event == issues.IssueEscalated(
        level="sub_district", cause="by_hand", reason="涉及三个小区"
    )
    assert issue_steps.show(driver).state == "submitted"


def test_a_routed_issue_can_be_deliberated() -> None:
    driver = issue_steps.start()
    issue_steps.triage(driver)
    say_as_branch(driver, issues.RouteIssue(owner="water-office", rule="by_hand"))

    assert names(say_as_branch(driver, issues.OpenDeliberation(topic="topic-1", title="x"))) == [
        "DeliberationOpened"
    ]


def suspending(driver: ServiceDriver, days: int) -> issues.SuspendIssue:
    """The command that suspends the issue for so many days."""
    return issues.SuspendIssue(reason="等施工许可", review_at=driver.now + timedelta(days=days))


def test_a_suspended_issue_resumes_by_itself_on_the_day_of_review() -> None:
    driver = issue_steps.start()
    issue_steps.triage(driver)
    say_as_branch(driver, suspending(driver, 10))

    assert names(issue_steps.cosign(driver, "p-3")) == ["IssueCosigned"]
    assert driver.wait(days=9) == []
    (said,) = driver.wait(days=1)

    assert said.event == issues.IssueResumed(state="triaged", automatic=True)
    assert issue_steps.show(driver).state == "triaged"


def test_a_suspended_issue_resumes_earlier_by_command_of_the_branch() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)
    say_as_branch(driver, suspending(driver, 10))

    (said,) = say_as_branch(driver, issues.ResumeIssue(reason="许可已下"))

    assert said.event == issues.IssueResumed(state="submitted", automatic=False)
    assert driver.wait(days=30) == []
    assert issue_steps.due(driver) == []


@pytest.mark.rule("2.1.6", "a hold has a reason, a day and a cap")
def test_a_hold_ends_in_the_future_and_within_the_cap() -> None:
    driver = issue_steps.start(course={"suspension_days": 20})
    issue_steps.submit(driver)

    assert code_and_field(driver, suspending(driver, 0)) == ("review_in_the_past", "data.review_at")
    assert code_and_field(driver, suspending(driver, 21)) == ("suspended_too_long", "data.review_at")
    assert names(say_as_branch(driver, suspending(driver, 20))) == ["IssueSuspended"]
    assert code_and_field(driver, suspending(driver, 20)) == ("wrong_state", "subject")


WITHDRAWING = issues.WithdrawIssue(channel="app")


def test_an_issue_without_cosigners_ends_when_its_reporter_withdraws() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)
    issue_steps.cosign(driver, "p-2")
    driver.say(issues.WithdrawCosign(channel="app"), "veg-1", by="p-2")
    say_as_branch(driver, suspending(driver, 10))

    assert code_and_field(driver, WITHDRAWING, by="p-2") == ("not_reporter", "authid")
    assert names(driver.say(WITHDRAWING, "veg-1", by="p-1")) == ["IssueWithdrawn"]
    assert issue_steps.show(driver).state == "withdrawn"
    assert driver.wait(days=30) == []


@pytest.mark.rule("2.1.4", "an issue with cosigners passes on to one of them when its reporter withdraws")
def test_an_issue_with_cosigners_passes_on_to_one_of_them_when_its_reporter_withdraws() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)
    for person in ("p-4", "p-3", "p-5"):
        issue_steps.cosign(driver, person)

    (said,) = driver.say(WITHDRAWING, "veg-1", by="p-1")

    assert said.event == issues.IssuePassedOn(person="p-1", reporter="p-3", people=2, households=2)
    assert issue_steps.show(driver).state == "submitted"
    assert code_and_field(driver, issues.CosignIssue(channel="app"), by="p-3") == ("own_issue", "authid")
    assert names(issue_steps.cosign(driver, "p-1")) == ["IssueCosigned"]


def close_despite_open_counts(driver: ServiceDriver) -> Issue:
    """The issue is closed although people are not notified and action items are open: both counts are set to zero.

    Returns the row of the issue.
    """
    issue_steps.report_result(driver)
    issue: Issue = driver.row(Issue, "veg-1")
    issue.untold = issue.open_items = 0
    say_as_branch(driver, issues.CloseIssue(outcome="resolved"))
    return issue


def answer_survey(driver: ServiceDriver, solved: bool, by: str = "p-2") -> list[Any]:
    """The person answers the survey; returns the events."""
    return driver.say(
        issues.AnswerSurvey(contacted=True, solved=solved, satisfied=False, channel="app"), "veg-1", by=by
    )


def test_the_answer_not_solved_requests_reopening() -> None:
    driver = issue_steps.start()
    close_despite_open_counts(driver)

    assert names(answer_survey(driver, solved=True, by="p-1")) == ["SurveyAnswered"]
    assert code_and_field(driver, issues.ReopenIssue(reason="x")) == ("reopen_not_requested", "subject")
    assert names(answer_survey(driver, solved=False)) == ["SurveyAnswered", "ReopenRequested"]


@pytest.mark.rule("2.2", 'the answer "not solved" requests reopening; a reopened issue is deliberated anew')
def test_a_reopened_issue_is_deliberated_closed_and_surveyed_anew() -> None:
    driver = issue_steps.start()
    issue = close_despite_open_counts(driver)
    answer_survey(driver, solved=False)

    (said,) = say_as_branch(driver, issues.ReopenIssue(reason="围栏又倒了"))

    assert said.event == issues.IssueReopened(reason="围栏又倒了", new_record=True)
    shown = issue_steps.show(driver)
    assert (shown.state, shown.records, shown.outcome, shown.survey_until) == ("triaged", 0, None, None)
    assert code_and_field(driver, issues.CloseIssue(outcome="resolved")) == (
        "no_deliberation_record",
        "subject",
    )
    issue.state, issue.records = "reported", 1
    say_as_branch(driver, issues.CloseIssue(outcome="resolved"))
    assert names(answer_survey(driver, solved=True)) == ["SurveyAnswered"]


def test_the_branch_may_keep_the_record_with_a_reason_or_refuse() -> None:
    driver = issue_steps.start()
    close_despite_open_counts(driver)
    asking = issues.RequestReopen(reason="没解决", channel="app")

    assert code_and_field(driver, asking, by="p-8") == ("not_concerned", "authid")
    assert names(driver.say(asking, "veg-1", by="p-2")) == ["ReopenRequested"]
    assert names(say_as_branch(driver, issues.RefuseReopen(reason="已修好"))) == ["ReopenRefused"]
    assert code_and_field(driver, issues.ReopenIssue(reason="x")) == ("reopen_not_requested", "subject")
    driver.say(asking, "veg-1", by="p-2")
    say_as_branch(driver, issues.ReopenIssue(reason="返工", keeps_record="决议仍有效"))

    assert (issue_steps.show(driver).state, issue_steps.show(driver).records) == ("triaged", 1)
