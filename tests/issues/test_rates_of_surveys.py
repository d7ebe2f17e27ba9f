"""Rates of surveys: response, solved, satisfied; people who could not be reached are counted separately."""

import pytest

from microgov.contracts import issues
from microgov.contracts.ids import MESSAGE_NAMESPACE
from microgov.contracts.notify import NoticeDelivered, NoticeUndeliverable
from microgov.services.issues.issue.rate_facts import SurveyFact
from microgov.services.issues.questions import rates_from_log
from microgov.testing.service_driver import ServiceDriver
from tests.issues import issue_steps
from tests.issues.rate_steps import WHOLE_TIME, answer_survey, ask_rates, figures


@pytest.mark.rule("2.1.10", "contacted, solved, satisfied: three questions")
def test_three_questions_make_three_rates_of_those_who_answered() -> None:
    driver = issue_steps.start()
    issue_steps.close_issue(driver)
    answer_survey(driver, "p-2", satisfied=False)
    answer_survey(driver, "p-3", contacted=False, satisfied=False)

    rates = ask_rates(driver)

    assert figures(rates["response"]) == (1, 2, {"no_answer": 1}, 0)
    assert figures(rates["solved"]) == (2, 2, {"no_answer": 1}, 0)
    assert figures(rates["satisfied"]) == (0, 2, {"no_answer": 1}, 0)


def report_undeliverable(driver: ServiceDriver, person: str, attempts: int = 3) -> None:
    """The service folds the event of notify that the result could not be delivered to the person."""
    notice = NoticeUndeliverable.model_validate(
        {
            "source_id": MESSAGE_NAMESPACE,
            "notice_type": "result_reported",
            "recipient": person,
            "entity": "veg-1",
            "channel": "webhook",
            "attempts": attempts,
            "code": "gone",
        }
    )
    driver.hear(notice, "n-1")


def test_a_person_who_was_not_reached_is_unreachable_until_one_attempt_succeeds() -> None:
    driver = issue_steps.start()
    issue_steps.report_result(driver)
    report_undeliverable(driver, "p-1")
    report_undeliverable(driver, "p-2", attempts=2)

    lost = figures(ask_rates(driver)["response"])
    issue_steps.deliver_result(driver, "p-1")
    found = figures(ask_rates(driver)["response"])

    assert (lost, found) == ((0, 0, {"no_answer": 2}, 1), (0, 0, {"no_answer": 3}, 0))


def test_three_visits_that_find_nobody_make_a_person_unreachable_but_an_answer_still_counts() -> None:
    driver = issue_steps.start()
    issue_steps.report_result(driver)
    for person in ("p-1", "p-1", "p-1", "p-2", "p-2", "p-2"):
        driver.say(
            issues.ContactReporter(person=person, reached=False, note="x", channel="visit"),
            "veg-1",
            by="p-branch",
        )
    answer_survey(driver, "p-2")

    assert figures(ask_rates(driver)["solved"]) == (1, 1, {"no_answer": 1}, 1)


def test_a_person_surveyed_again_after_a_reopening_counts_twice() -> None:
    driver = issue_steps.start()
    issue_steps.close_issue(driver)
    answer_survey(driver, "p-2", solved=False)
    again = (
        issues.ReopenIssue(reason="x"),
        issues.RouteIssue(owner="crew", rule="by_hand"),
        issues.ReferIssue(to="crew", reason="x"),
        issues.ReportResult(text="x"),
    )
    for step in again:
        driver.say(step, "veg-1", by="p-branch")
    answer_survey(driver, "p-2")
    answer_survey(driver, "p-3")

    assert figures(ask_rates(driver)["solved"]) == (2, 3, {"no_answer": 3}, 0)


def test_a_person_whose_notice_was_delivered_takes_no_row() -> None:
    driver = issue_steps.start()
    issue_steps.report_result(driver)
    issue_steps.deliver_result(driver, "p-1", "p-1", "p-2")

    assert driver.rows(SurveyFact) == []


def test_the_person_who_reports_the_result_is_not_notified_but_may_answer() -> None:
    driver = issue_steps.start()
    issue_steps.do_action_item(driver)
    driver.say(issues.ReportResult(text="x"), "veg-1", by="p-2", role="branch")
    answer_survey(driver, "p-2")

    assert figures(ask_rates(driver)["solved"]) == (1, 1, {"no_answer": 2}, 0)


def test_answers_from_before_a_reopening_still_count() -> None:
    driver = issue_steps.start()
    issue_steps.close_issue(driver)
    answer_survey(driver, "p-2", solved=False)
    driver.say(issues.ReopenIssue(reason="x", keeps_record="x"), "veg-1", by="p-branch")
    driver.say(issues.RouteIssue(owner="crew", rule="by_hand"), "veg-1", by="p-branch")
    driver.say(issues.OpenDeliberation(topic="topic-2", title="x"), "veg-1", by="p-branch")

    rates = ask_rates(driver)

    assert figures(rates["solved"]) == (0, 1, {"no_answer": 2}, 0)
    assert figures(rates["returned"]) == (0, 1, {}, 0)
    assert figures(rates["reopened"]) == (1, 1, {}, 0)


def test_a_message_logged_between_a_command_and_its_event_counts_as_later_than_both() -> None:
    driver = issue_steps.start()
    issue_steps.report_result(driver)
    report_undeliverable(driver, "p-1")
    driver.say(issues.RequestReopen(reason="x", channel="app"), "veg-1", by="p-2")
    driver.say(issues.ReopenIssue(reason="x"), "veg-1", by="p-branch")
    issue_steps.deliver_result(driver, "p-1")
    counted = ask_rates(driver)

    *before, command, event, notice = driver.everything
    as_stored = [
        *before,
        command,
        notice,
        event.model_copy(update={"writer": "issues", "causationid": command.id}),
    ]

    assert figures(counted["response"]) == (0, 0, {"no_answer": 2}, 1)
    assert rates_from_log.rates(as_stored, issues.ShowRates.model_validate(WHOLE_TIME)) == list(
        counted.values()
    )


def test_the_delivery_of_another_notice_does_not_make_a_person_reachable() -> None:
    driver = issue_steps.start()
    issue_steps.report_result(driver)
    report_undeliverable(driver, "p-1")

    driver.hear(
        NoticeDelivered(
            source_id=MESSAGE_NAMESPACE,
            notice_type="issue_closed",
            recipient="p-1",
            entity="veg-1",
            channel="inbox",
        ),
        "n-1",
    )

    assert figures(ask_rates(driver)["response"]) == (0, 0, {"no_answer": 2}, 1)
