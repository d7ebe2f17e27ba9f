"""Time limits in working days: started, warned of, breached, stopped by a hold, or unknown (domain.md §2.1.6).

Tests begin on a Monday.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.issues.clocks.clock import CLOCKS, Clock
from microgov.services.issues.issue.life import LIFE, MOVING
from microgov.services.issues.model import Deadline
from microgov.testing.service_driver import ServiceDriver, change_rules, names
from tests.issues import issue_steps

CLOCK_RULES = {"dispatch_days": 2, "first_contact_days": 3, "report_back_days": 15}
REASON = {"reason": "等材料"}


def start_with_clocks(calendar: Any = None, **clocks: Any) -> ServiceDriver:
    """A service with a submitted issue, these clocks (in working days) and this calendar."""
    years = {"years": [issue_steps.YEAR]} if calendar is None else calendar
    driver = issue_steps.start(calendar=years, clocks={**CLOCK_RULES, **clocks})
    issue_steps.submit(driver)
    return driver


def accept(driver: ServiceDriver) -> list[Any]:
    """The issue is accepted; returns the events."""
    return [said.event for said in driver.say(issues.AcceptIssue(), "veg-1", by="p-branch")]


def route(driver: ServiceDriver) -> list[Any]:
    """The issue is triaged and routed; returns the events of the routing."""
    driver.say(issue_steps.TRIAGE, "veg-1", by="p-branch")
    return [
        said.event
        for said in driver.say(issues.RouteIssue(owner="o-1", rule="by_hand"), "veg-1", by="p-branch")
    ]


def events(said: list[Any]) -> list[Any]:
    """The events alone, without their subjects."""
    return [one.event for one in said]


def end_of(day: int, month: int = 3) -> datetime:
    """The end of that local day of 2026, in UTC; local time is UTC+8."""
    return datetime(2026, month, day, 16, tzinfo=UTC)


def running(driver: ServiceDriver) -> set[str]:
    """The kinds of the clocks of `veg-1` that will be due."""
    return {one.kind for one in issue_steps.due(driver) if one.due_at > driver.now} & set(CLOCKS)


def missed(driver: ServiceDriver) -> list[tuple[str, datetime]]:
    """What is overdue: its kind, and when it was due."""
    return [(one.kind, one.due_at) for one in issue_steps.due(driver) if one.due_at <= driver.now]


def restarted(driver: ServiceDriver) -> set[str]:
    """The issue is on hold for a day; returns the kinds of the clocks that start again after it."""
    suspending = issues.SuspendIssue(**REASON, review_at=driver.now + timedelta(days=1))
    driver.say(suspending, "veg-1", by="p-branch")
    return {one.clock for one in events(driver.wait(days=1)) if isinstance(one, issues.ClockStarted)}


def test_acceptance_starts_two_clocks_and_reports_when_they_end() -> None:
    _, dispatch, report = accept(start_with_clocks())

    assert dispatch == issues.ClockStarted(clock="dispatch", working_days=2, due_at=end_of(4))
    assert report == issues.ClockStarted(clock="report_back", working_days=15, due_at=end_of(23))


def test_submission_through_a_staff_channel_starts_the_clocks_too() -> None:
    driver = issue_steps.start(calendar={"years": [issue_steps.YEAR]}, clocks=CLOCK_RULES)
    said = issue_steps.submit(driver, channel="counter", by="p-social", role="social_worker")
    assert names(said) == ["IssueSubmitted", "IssueAccepted", "ClockStarted", "ClockStarted"]


def test_a_warning_comes_one_working_day_before_and_a_breach_is_reported_once() -> None:
    driver = start_with_clocks()
    accept(driver)

    assert events(driver.wait(days=1, hours=8)) == [issues.DeadlineWarned(clock="dispatch", due_at=end_of(4))]
    assert events(driver.wait(days=1)) == [issues.DeadlineBreached(clock="dispatch", due_at=end_of(4))]
    assert names(driver.wait(days=17)) == ["DeadlineWarned"]
    assert running(driver) == {"report_back"}


def test_routing_ends_the_dispatch_clock_and_starts_the_first_contact_clock() -> None:
    driver = start_with_clocks()
    accept(driver)

    said = route(driver)

    assert said[1] == issues.ClockStarted(clock="first_contact", working_days=3, due_at=end_of(5))
    assert running(driver) == {"first_contact", "report_back"}
    assert restarted(driver) == {"first_contact", "report_back"}


def test_only_an_attempt_that_reaches_the_reporter_ends_the_first_contact_clock() -> None:
    driver = start_with_clocks()
    accept(driver)
    route(driver)

    for reached, left in ((False, {"first_contact", "report_back"}), (True, {"report_back"})):
        driver.say(
            issues.ContactReporter(person="p-1", reached=reached, note="x", channel="visit"),
            "veg-1",
            by="p-branch",
        )
        assert running(driver) == left
        assert restarted(driver) == left


def test_a_return_starts_the_dispatch_clock_anew() -> None:
    driver = start_with_clocks()
    accept(driver)
    route(driver)
    driver.wait(days=1)

    said = events(driver.say(issues.ReturnIssue(reason="不归我管"), "veg-1", by="p-branch"))

    assert said[1] == issues.ClockStarted(clock="dispatch", working_days=2, due_at=end_of(5))
    assert running(driver) == {"dispatch", "report_back"}
    assert restarted(driver) == {"dispatch", "report_back"}


def test_deliberation_ends_the_dispatch_clock_and_the_result_ends_the_report_back_clock() -> None:
    driver = issue_steps.start(calendar={"years": [issue_steps.YEAR]}, clocks=CLOCK_RULES)
    issue_steps.do_action_item(driver)
    assert running(driver) == {"report_back"}
    assert restarted(driver) == {"report_back"}

    driver.say(issues.ReportResult(text="好了"), "veg-1", by="p-branch")

    assert issue_steps.due(driver) == []
    assert driver.rows(Clock) == []


@pytest.mark.rule("2.1.6", "time limits count working days, are warned of, breached, and stopped by a hold")
def test_a_hold_keeps_the_working_days_that_are_left() -> None:
    driver = start_with_clocks()
    accept(driver)
    driver.wait(days=1)
    driver.say(
        issues.SuspendIssue(**REASON, review_at=driver.now + timedelta(days=14)), "veg-1", by="p-branch"
    )

    assert names(driver.wait(days=13)) == []
    said = events(driver.wait(days=1))

    assert said[0].automatic
    assert [(one.clock, one.working_days, one.due_at) for one in said[1:]] == [
        ("dispatch", 1, end_of(18)),
        ("report_back", 14, end_of(7, month=4)),  # the Qingming holiday is not counted
    ]


def test_a_breached_clock_stays_breached_over_a_hold_and_ends_with_the_routing() -> None:
    driver = start_with_clocks()
    accept(driver)
    driver.wait(days=3)
    driver.say(
        issues.SuspendIssue(**REASON, review_at=driver.now + timedelta(days=1)), "veg-1", by="p-branch"
    )

    resumed = events(driver.wait(days=1))
    assert [one.clock for one in resumed[1:]] == ["report_back"]
    assert missed(driver) == [("dispatch", end_of(4))]
    route(driver)

    assert missed(driver) == []
    assert running(driver) == {"first_contact", "report_back"}


@pytest.mark.rule("2.1.6", "reopening starts new clocks")
def test_reopening_starts_new_clocks() -> None:
    driver = issue_steps.start(calendar={"years": [issue_steps.YEAR]}, clocks=CLOCK_RULES)
    issue_steps.close_issue(driver)
    driver.say(issues.RequestReopen(reason="又坏了", channel="app"), "veg-1", by="p-1")

    said = driver.say(issues.ReopenIssue(reason="属实"), "veg-1", by="p-branch")

    assert names(said) == ["IssueReopened", "ClockStarted", "ClockStarted"]
    assert running(driver) == {"dispatch", "report_back"}


@pytest.mark.parametrize("end", ["withdrawn", "closed"])
def test_no_clock_runs_for_an_issue_that_has_ended(end: str) -> None:
    driver = issue_steps.start(calendar={"years": [issue_steps.YEAR]}, clocks=CLOCK_RULES)
    if end == "closed":
        issue_steps.report_result(driver)
        driver.s.add(
            Clock(issue="veg-1", kind="first_contact", days=3, due_at=end_of(9), held=False, breached=False)
        )
        Deadline.put(driver.s, "first_contact", "veg-1", end_of(9))
        issue_steps.deliver_result(driver, "p-1", "p-2", "p-3")
        driver.say(issues.CloseIssue(outcome="resolved"), "veg-1", by="p-branch")
    else:
        issue_steps.submit(driver)
        accept(driver)
        driver.say(issues.WithdrawIssue(channel="app"), "veg-1", by="p-1")
    assert issue_steps.due(driver) == []
    assert driver.rows(Clock) == []
    assert driver.wait(days=60) == []


def test_a_breached_clock_escalates_once_if_the_rules_say_so() -> None:
    driver = start_with_clocks(breach_escalates=True, warning_days=0)
    accept(driver)

    assert names(driver.wait(days=3)) == ["DeadlineBreached", "IssueEscalated"]
    assert names(driver.wait(days=30)) == ["DeadlineBreached"]


@pytest.mark.rule("2.1.6", "an unknown year is reported, never guessed")
def test_an_unknown_year_is_reported_and_nothing_falls_due_until_the_calendar_has_it() -> None:
    driver = start_with_clocks(calendar={"years": []})

    assert accept(driver)[1] == issues.ClockUnknown(clock="dispatch", working_days=2, year=2026)
    assert driver.wait(days=30) == []
    change_rules(driver, "calendar", years=[issue_steps.YEAR])

    started = [m.data for m in driver.log if isinstance(m.data, issues.ClockStarted)]
    assert [(one.clock, one.due_at) for one in started] == [
        ("dispatch", end_of(3, month=4)),
        ("report_back", end_of(23, month=4)),
    ]
    assert names(driver.wait(days=60)).count("DeadlineBreached") == 2


def test_without_time_limits_in_the_rules_no_clock_runs() -> None:
    driver = issue_steps.start()
    issue_steps.submit(driver)
    assert names(driver.say(issues.AcceptIssue(), "veg-1", by="p-branch")) == ["IssueAccepted"]


def test_the_table_has_a_row_for_every_state_in_which_a_clock_can_end() -> None:
    assert all(
        LIFE.allows(state, cause) for state in (*MOVING, "reported") for cause in ("warning", "breach")
    )
