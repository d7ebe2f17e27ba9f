"""The list of what is due: deadlines of issues, ballots, mediations, clocks and action items."""

from datetime import datetime, timedelta

import pytest

from microgov.contracts import issues
from microgov.services.issues.questions.list import list_due, list_issues
from microgov.testing.service_driver import ServiceDriver, change_rules
from tests.issues import issue_steps


def test_what_is_due_is_listed_with_its_issue_the_earliest_first(driver: ServiceDriver) -> None:
    issue_steps.open_ballot(driver)
    closes = driver.now.replace(day=4)
    review = issue_steps.suspend(driver, "v-1", "elsewhere", days=1)

    found = list_due(issues.ListDue(until=closes), driver.s)
    here = list_due(issues.ListDue(until=closes, community="yuanbu"), driver.s)

    assert [(one.kind, one.entity, one.issue, one.due_at) for one in found.due] == [
        ("review", "v-1", "v-1", review),
        ("ballot", "b-1", "veg-1", closes),
    ]
    assert (found.total, found.next, found.due[0].state, found.due[0].title) == (
        2,
        None,
        "on_hold",
        "事项 v-1",
    )
    assert [one.entity for one in here.due] == ["b-1"]
    assert here.total == 1
    assert list_due(issues.ListDue(until=review - timedelta(microseconds=1)), driver.s).total == 0


def test_a_mediation_is_listed_as_due_with_its_issue(driver: ServiceDriver) -> None:
    issue_steps.triage(driver)
    driver.say(issues.RouteIssue(owner="o-1", rule="by_hand"), "veg-1", by="p-branch")
    asking = {
        "mediation": "m-1",
        "parties": ["p-1", "p-3"],
        "instrument": "informal",
        "reason": "x",
        "channel": "app",
    }
    driver.say(issues.RequestMediation.model_validate(asking), "veg-1", by="p-1")
    for party in ("p-1", "p-3"):
        driver.say(issues.ConsentToMediation(channel="app"), "m-1", by=party)

    found = list_due(issues.ListDue(until=driver.now + timedelta(days=99)), driver.s)

    assert [(one.kind, one.entity, one.issue) for one in found.due] == [("mediation", "m-1", "veg-1")]


def dispatch_due(driver: ServiceDriver) -> datetime:
    """When the first clock that was started will end, by its event."""
    return next(m.data.due_at for m in driver.log if isinstance(m.data, issues.ClockStarted))


def test_a_clock_is_due_when_it_ends_and_not_when_it_warns(driver: ServiceDriver) -> None:
    change_rules(driver, "calendar", years=[issue_steps.YEAR])
    change_rules(driver, "clocks", dispatch_days=2)
    issue_steps.triage(driver)
    due = dispatch_due(driver)

    before = list_due(issues.ListDue(until=due - timedelta(microseconds=1)), driver.s)
    found = list_due(issues.ListDue(until=due), driver.s)

    assert before.total == 0
    assert [(one.kind, one.entity, one.due_at) for one in found.due] == [("dispatch", "veg-1", due)]
    assert list_issues(issues.ListIssues(), driver.s).issues[0].due_at == due
    driver.wait(days=9)
    (warned,) = [m.recordedtime for m in driver.log if isinstance(m.data, issues.DeadlineWarned)]
    assert warned < due


@pytest.mark.rule("2.1.6", "what was missed is listed as due until it is done, action items too")
def test_a_missed_deadline_is_listed_as_due_until_the_step_is_done(driver: ServiceDriver) -> None:
    change_rules(driver, "calendar", years=[issue_steps.YEAR])
    change_rules(driver, "clocks", dispatch_days=2)
    issue_steps.triage(driver)
    due = dispatch_due(driver)
    driver.wait(days=30)

    missed = list_due(issues.ListDue(until=driver.now), driver.s).due
    listed = list_issues(issues.ListIssues(), driver.s).issues[0].due_at
    driver.say(issues.RouteIssue(owner="o-1", rule="by_hand"), "veg-1", by="p-branch")

    assert [(one.kind, one.issue, one.due_at) for one in missed] == [("dispatch", "veg-1", due)]
    assert listed == due
    assert list_due(issues.ListDue(until=driver.now), driver.s).due == []


@pytest.mark.rule("2.1.6", "what was missed is listed as due until it is done, action items too")
def test_an_action_item_is_due_until_it_is_reported_done(driver: ServiceDriver) -> None:
    issue_steps.adopt_resolution(driver)
    item = issue_steps.show(driver).actions[0]

    before = list_due(issues.ListDue(until=item.due - timedelta(microseconds=1)), driver.s).due
    found = list_due(issues.ListDue(until=item.due), driver.s).due
    driver.say(issues.ClaimActionItem(channel="app"), item.action, by="p-2")
    driver.say(
        issues.ReportActionDone(done=item.target, at_least=False, evidence="x", channel="app"),
        item.action,
        by="p-2",
    )

    assert "action_item" not in [one.kind for one in before]
    assert ("action_item", item.action, "veg-1", item.due) in [
        (one.kind, one.entity, one.issue, one.due_at) for one in found
    ]
    assert "action_item" not in [one.kind for one in list_due(issues.ListDue(until=item.due), driver.s).due]


def test_what_is_due_at_the_same_time_is_paged_without_a_gap(driver: ServiceDriver) -> None:
    until, *_ = [issue_steps.suspend(driver, f"v-{n}", "yuanbu", days=2) for n in (3, 1, 2)]

    first = list_due(issues.ListDue(until=until, most=2), driver.s)
    second = list_due(issues.ListDue(until=until, most=2, after_key=first.next), driver.s)

    assert ([one.entity for one in first.due], first.total) == (["v-1", "v-2"], 3)
    assert ([one.entity for one in second.due], second.total, second.next) == (["v-3"], 1, None)


def test_a_resumed_issue_has_no_review_due(driver: ServiceDriver) -> None:
    until = issue_steps.suspend(driver, "v-1", "yuanbu", days=2)

    driver.say(issues.ResumeIssue(reason="x"), "v-1", by="p-branch")

    assert list_due(issues.ListDue(until=until), driver.s).total == 0
    assert list_issues(issues.ListIssues(), driver.s).issues[0].due_at is None
