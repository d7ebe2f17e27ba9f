"""One test for each reason why a step of an issue or an action item is refused."""

import pytest

from microgov.contracts import issues
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue.issue import Issue
from microgov.testing.service_driver import names
from tests.issues import issue_steps
from tests.issues.issue_steps import refusal_code


def test_an_unknown_issue_cannot_be_accepted() -> None:
    assert refusal_code(issue_steps.start(), issues.AcceptIssue()) == "not_found"


def test_an_id_is_used_once() -> None:
    driver = issue_steps.start()
    issue_steps.propose(driver)

    assert (
        refusal_code(driver, issues.SubmitIssue(title="x", text="x", place="yuanbu", channel="app"))
        == "already_exists"
    )
    assert (
        refusal_code(
            driver, issues.ProposeOption(option="opt-fence", text="x", channel="app"), "topic-1", by="p-2"
        )
        == "already_exists"
    )
    driver.say(issue_steps.convening(driver), "topic-1", by="p-branch")
    driver.row(Topic, "topic-1").state = "proposed"
    assert refusal_code(driver, issue_steps.convening(driver), "topic-1") == "already_exists"
    driver.row(Issue, "veg-1").state = "triaged"
    assert refusal_code(driver, issues.OpenDeliberation(topic="topic-1", title="x")) == "already_exists"


def test_the_branch_of_another_place_cannot_decide_about_an_issue() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)

    assert refusal_code(driver, issues.AcceptIssue(), scope="elsewhere") == "outside_scope"
    assert (
        refusal_code(driver, issues.SubmitIssue(title="x", text="x", place="moon", channel="app"), "veg-2")
        == "unknown_place"
    )


def test_a_resident_of_a_place_may_submit_an_issue_about_a_place_around_it() -> None:
    driver = issue_steps.start()

    said = driver.say(
        issues.SubmitIssue(title="x", text="x", place="yuanbu", channel="app"), "veg-2", scope="yuanbu-south"
    )

    assert names(said) == ["IssueSubmitted"]


def test_a_person_cosigns_once_if_registered_and_not_the_reporter() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)
    issue_steps.cosign(driver, "p-2")
    cosigning = issues.CosignIssue(channel="app")

    assert refusal_code(driver, cosigning, by="p-1") == "own_issue"
    assert refusal_code(driver, cosigning, by="p-2") == "already_cosigned"
    assert refusal_code(driver, cosigning, by="p-nobody") == "not_registered"
    assert refusal_code(driver, issues.WithdrawCosign(channel="app"), by="p-3") == "not_cosigned"


@pytest.mark.rule("2.1.8", "whoever did an action item does not verify it")
def test_whoever_claimed_an_item_reports_it_and_somebody_else_verifies_it() -> None:
    driver = issue_steps.start()
    item = issue_steps.adopt_resolution(driver)
    done = issues.ReportActionDone(done=1, at_least=False, evidence="x", channel="app")
    driver.say(issues.ClaimActionItem(channel="app"), item, by="p-5")

    assert refusal_code(driver, done, item, by="p-6") == "not_yours"
    driver.say(done, item, by="p-5")
    checking = issues.VerifyActionItem(note="x", channel="visit")
    assert refusal_code(driver, checking, item, by="p-5", role="delegate") == "same_person"


@pytest.mark.parametrize(
    ("undelivered", "expected"), [(True, "result_not_delivered"), (False, "review_date_missing")]
)
def test_closing_as_not_feasible_needs_delivered_results_and_a_review_date(
    undelivered: bool, expected: str
) -> None:
    driver = issue_steps.start()
    issue_steps.report_result(driver)
    issue_steps.deliver_result(driver, "p-1", "p-2", *(() if undelivered else ("p-3",)))

    assert refusal_code(driver, issues.CloseIssue(outcome="not_feasible")) == expected


def test_closing_waits_for_the_action_items() -> None:
    driver = issue_steps.start()
    issue_steps.do_action_item(driver)
    driver.say(issues.ReportResult(text="x"), "veg-1", by="p-branch")

    assert refusal_code(driver, issues.CloseIssue(outcome="resolved")) == "action_items_open"


def test_the_survey_is_for_those_concerned_once_and_in_time() -> None:
    driver = issue_steps.start()
    issue_steps.close_issue(driver)
    answer = issues.AnswerSurvey(contacted=True, solved=True, satisfied=True, channel="app")
    driver.say(answer, "veg-1", by="p-1")

    assert refusal_code(driver, answer, by="p-1") == "already_answered"
    assert refusal_code(driver, answer, by="p-8") == "not_concerned"
    driver.wait(days=14)
    assert refusal_code(driver, answer, by="p-2") == "survey_over"


def test_only_the_roles_of_a_command_may_send_it() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)

    assert refusal_code(driver, issues.AcceptIssue(), role="resident") == "role_not_allowed"
