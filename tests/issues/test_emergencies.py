"""Emergencies: acted upon at once, deliberated afterwards within a time (domain.md §2.1.1, 2.2)."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.questions.list import list_due, list_issues
from microgov.testing.service_driver import names, refusal
from tests.issues import emergency_steps, issue_steps


def test_an_emergency_is_acted_upon_at_once_and_its_deliberation_gets_a_deadline() -> None:
    driver = emergency_steps.start_accepted(emergency={"deliberation_days": 5})

    (said,) = emergency_steps.dispatch(driver)

    (listed,) = list_issues(issues.ListIssues(), driver.s).issues
    assert (said.event.owner, said.event.deliberation_due.day - driver.now.day) == ("water-crew", 5)
    assert (listed.state, listed.urgency, issue_steps.show(driver).owner) == (
        "in_action",
        "emergency",
        "water-crew",
    )


@pytest.mark.rule("2.1.3", "scale, urgency and reach are three things: only an emergency acts first")
def test_only_an_emergency_acts_first() -> None:
    driver = issue_steps.start()
    issue_steps.triage(driver)

    assert refusal(driver, emergency_steps.DISPATCH, "veg-1", by="p-branch").code == "not_an_emergency"
    driver.row(Issue, "veg-1").urgency = "emergency"
    assert names(emergency_steps.dispatch(driver)) == ["EmergencyDispatched"]


def test_an_emergency_cannot_be_closed_without_a_record() -> None:
    driver = emergency_steps.start_accepted()
    emergency_steps.dispatch(driver)
    driver.say(issues.ReportResult(text="修好了"), "veg-1", by="p-branch")

    assert (
        refusal(driver, issues.CloseIssue(outcome="resolved"), "veg-1", by="p-branch").code
        == "no_deliberation_record"
    )


@pytest.mark.rule("2.1.1", "emergencies act first and are deliberated in time")
def test_an_emergency_without_a_record_in_time_is_escalated_once() -> None:
    driver = emergency_steps.start_accepted()
    emergency_steps.dispatch(driver)

    assert driver.wait(days=6) == []
    (said,) = driver.wait(days=1)

    assert said.event == issues.IssueEscalated(level="sub_district", cause="deliberation_overdue")
    assert issue_steps.show(driver).level == "sub_district"
    assert driver.wait(days=60) == []


def test_an_emergency_deliberated_in_time_is_not_overdue_and_keeps_its_state() -> None:
    driver = emergency_steps.start_accepted()
    emergency_steps.dispatch(driver)
    emergency_steps.deliberate(driver)

    said = driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")

    assert names(said) == ["ResolutionAdopted", "DeliberationRecorded"]
    assert (issue_steps.show(driver).state, issue_steps.show(driver).records) == ("in_action", 1)
    assert issue_steps.due(driver) == []
    assert driver.wait(days=60) == []


@pytest.mark.parametrize("state", ["in_action", "on_hold", "reported"])
def test_the_topic_of_an_emergency_is_rejected_without_changing_the_state_of_the_issue(state: str) -> None:
    driver = emergency_steps.start_accepted()
    emergency_steps.dispatch(driver)
    emergency_steps.deliberate(driver)
    driver.row(Issue, "veg-1").state = state

    said = driver.say(
        issues.RejectTopic(outcome="agreed_no_action", reasons="已经修好"), "topic-1", by="p-branch"
    )

    assert names(said) == ["TopicRejected", "DeliberationRecorded"]
    assert (issue_steps.topic(driver).state, issue_steps.show(driver).state) == ("rejected", state)


def test_a_withdrawn_emergency_has_nothing_due() -> None:
    driver = emergency_steps.start_accepted()
    emergency_steps.dispatch(driver)

    assert names(driver.say(issues.WithdrawIssue(channel="app"), "veg-1", by="p-1")) == ["IssueWithdrawn"]
    assert issue_steps.due(driver) == []


def test_a_record_from_before_the_dispatch_counts() -> None:
    driver = emergency_steps.start_accepted()
    issue: Issue = driver.row(Issue, "veg-1")
    issue.state, issue.urgency, issue.records = "triaged", "emergency", 1
    emergency_steps.dispatch(driver)
    issue.state = "closed"

    assert driver.wait(days=30) == []


def test_an_issue_suspended_during_its_deliberation_is_resumed_before_it_is_resolved() -> None:
    driver = issue_steps.start()
    issue_steps.confirm_minutes(driver)
    driver.say(
        issues.SuspendIssue(reason="等图纸", review_at=driver.now + timedelta(days=9)), "veg-1", by="p-branch"
    )
    adopting = issues.AdoptResolution(option="opt-fence", items=[])

    for command, subject in (
        (adopting, "topic-1"),
        (issues.RejectTopic(outcome="not_feasible", reasons="x"), "topic-1"),
        (issues.OpenDeliberation(topic="topic-2", title="x"), "veg-1"),
    ):
        assert refusal(driver, command, subject, by="p-branch").code == "deliberation_on_hold"
    driver.say(issues.ResumeIssue(reason="图纸已到"), "veg-1", by="p-branch")
    driver.say(adopting, "topic-1", by="p-branch")
    assert issue_steps.show(driver).state == "in_action"


@pytest.mark.parametrize("rules", [{}, emergency_steps.RULES_IN_WORKING_DAYS], ids=["days", "working days"])
def test_the_deliberation_of_an_emergency_stays_due_until_there_is_a_record(rules: dict[str, Any]) -> None:
    driver = emergency_steps.start_accepted(**rules)
    emergency_steps.dispatch(driver)
    until = next(
        m.data.deliberation_due for m in driver.log if isinstance(m.data, issues.EmergencyDispatched)
    )
    driver.wait(days=30)

    missed = list_due(issues.ListDue(until=driver.now), driver.s).due
    emergency_steps.deliberate(driver)
    driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")

    assert [(one.kind, one.issue, one.due_at) for one in missed] == [("deliberation_due", "veg-1", until)]
    assert list_due(issues.ListDue(until=driver.now), driver.s).due == []
