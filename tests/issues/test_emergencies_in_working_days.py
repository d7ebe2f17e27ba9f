"""The time limit for deliberating an emergency, if the rules count it in working days (domain.md §2.1.6, 2.2)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.testing.service_driver import change_rules, names
from tests.issues import emergency_steps, issue_steps


def events(said: list[Any]) -> list[Any]:
    """The events alone, without their subjects."""
    return [one.event for one in said]


def end_of(day: int, month: int = 3, year: int = 2026) -> datetime:
    """The end of that local day, in UTC; local time is UTC+8."""
    return datetime(year, month, day, 16, tzinfo=UTC)


@pytest.mark.rule("2.1.1", "the time for deliberating an emergency counts working days if the rules say so")
def test_an_emergency_dispatched_on_a_thursday_is_warned_of_and_escalated_after_the_weekend() -> None:
    driver = emergency_steps.start_accepted(**emergency_steps.RULES_IN_WORKING_DAYS)
    driver.wait(days=3)  # a Thursday

    dispatched, started = events(emergency_steps.dispatch(driver))

    assert dispatched.deliberation_due == end_of(10)
    assert started == issues.ClockStarted(clock="deliberation_due", working_days=3, due_at=end_of(10))
    assert events(driver.wait(days=4, hours=9)) == [
        issues.DeadlineWarned(clock="deliberation_due", due_at=end_of(10))
    ]
    assert events(driver.wait(days=1)) == [
        issues.DeadlineBreached(clock="deliberation_due", due_at=end_of(10)),
        issues.IssueEscalated(level="sub_district", cause="deliberation_overdue"),
    ]
    assert [(one.kind, one.due_at) for one in issue_steps.due(driver)] == [("deliberation_due", end_of(10))]
    assert driver.wait(days=60) == []


def test_a_breach_that_escalates_does_so_once() -> None:
    driver = emergency_steps.start_accepted(
        **emergency_steps.RULES_IN_WORKING_DAYS, clocks={"breach_escalates": True}
    )
    emergency_steps.dispatch(driver)

    assert names(driver.wait(days=30)) == ["DeadlineWarned", "DeadlineBreached", "IssueEscalated"]


def test_deliberation_in_time_stops_the_clock() -> None:
    driver = emergency_steps.start_accepted(
        **{**emergency_steps.RULES_IN_WORKING_DAYS, "afterwards": {"working_days": 10}}
    )
    emergency_steps.dispatch(driver)
    emergency_steps.deliberate(driver)

    driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")

    assert issue_steps.due(driver) == []
    suspending = issues.SuspendIssue(reason="等材料", review_at=driver.now + timedelta(days=1))
    driver.say(suspending, "veg-1", by="p-branch")
    assert names(driver.wait(days=60)) == ["IssueResumed"], "no clock goes on after the hold"


def test_an_emergency_on_hold_keeps_the_working_days_that_are_left() -> None:
    driver = emergency_steps.start_accepted(**emergency_steps.RULES_IN_WORKING_DAYS)
    emergency_steps.dispatch(driver)
    driver.wait(days=1)
    driver.say(
        issues.SuspendIssue(reason="等材料", review_at=driver.now + timedelta(days=20)),
        "veg-1",
        by="p-branch",
    )
    assert [one.kind for one in issue_steps.due(driver)] == ["review"]

    _, started = events(driver.wait(days=20))

    assert started == issues.ClockStarted(clock="deliberation_due", working_days=2, due_at=end_of(25))


def test_in_a_year_without_a_calendar_the_deadline_is_unknown_until_the_year_is_added() -> None:
    driver = emergency_steps.start_accepted(**{**emergency_steps.RULES_IN_WORKING_DAYS, "calendar": {}})

    dispatched, unknown = events(emergency_steps.dispatch(driver))

    assert dispatched.deliberation_due is None
    assert unknown == issues.ClockUnknown(clock="deliberation_due", working_days=3, year=2026)
    assert issue_steps.due(driver) == []
    assert driver.wait(days=2) == []
    change_rules(driver, "calendar", years=[issue_steps.YEAR])
    assert driver.log[-1].data == issues.ClockStarted(
        clock="deliberation_due", working_days=3, due_at=end_of(9)
    )
