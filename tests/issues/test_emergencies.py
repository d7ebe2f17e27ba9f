"""What cannot wait: acted upon at once, deliberated afterwards (domain.md §2.1.1, 2.2)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.issues.clocks.clock import Clock
from microgov.services.issues.deliberation.topics.topic import Topic
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Deadline
from microgov.services.issues.questions.list import list_due
from tests.issues import issue_steps
from tests.support.service_driver import ServiceDriver, change_rules, names, refusal

DISPATCH = issues.DispatchEmergency(owner="water-crew", action="先关总阀，再抢修。")


def accepted(**rules: dict[str, Any]) -> ServiceDriver:
    driver = issue_steps.start(**rules)
    issue_steps.submit(driver)
    driver.say(issues.AcceptIssue(), "veg-1", by="p-branch")
    return driver


def dispatch(driver: ServiceDriver) -> list[Any]:
    return driver.say(DISPATCH, "veg-1", by="p-branch")


def deliberated(driver: ServiceDriver) -> None:
    """A topic about it, up to the confirmed minutes."""
    driver.say(issues.OpenDeliberation(topic="topic-1", title="怎么避免再发生"), "veg-1", by="p-branch")
    driver.say(issues.ProposeOption(option="opt-fence", text="换管", channel="app"), "topic-1", by="p-1")
    driver.say(issue_steps.convening(driver), "topic-1", by="p-branch")
    opening = issues.OpenBallot.model_validate(
        {"session": "s-1", "kind": "one_of", "closes_at": driver.now.replace(day=4)}
    )
    driver.say(opening, "b-1", by="p-branch")
    for person in ("p-1", "p-2", "p-3"):
        driver.say(issue_steps.vote(), "b-1", by=person)
    driver.wait(days=3)
    driver.say(issues.DraftMinutes(text="记录"), "s-1", by="p-branch")
    for person in ("p-1", "p-2"):
        driver.say(issues.ConfirmMinutes(channel="app"), "s-1", by=person)


def test_it_is_acted_upon_at_once_and_its_deliberation_falls_due() -> None:
    driver = accepted(emergency={"deliberation_days": 5})

    (said,) = dispatch(driver)

    issue: Issue = driver.row(Issue, "veg-1")
    assert (said.event.owner, said.event.deliberation_due.day - driver.now.day) == ("water-crew", 5)
    assert (issue.state, issue.urgency, driver.row(Handling, "veg-1").owner) == (
        "in_action",
        "emergency",
        "water-crew",
    )


@pytest.mark.rule("2", "scale, urgency and reach are three things: only an emergency acts first")
def test_only_an_emergency_acts_first() -> None:
    driver = issue_steps.start()
    issue_steps.triage(driver)

    assert refusal(driver, DISPATCH, "veg-1", by="p-branch").code == "not_an_emergency"
    driver.row(Issue, "veg-1").urgency = "emergency"
    assert names(dispatch(driver)) == ["EmergencyDispatched"]


def test_it_cannot_be_closed_without_its_record() -> None:
    driver = accepted()
    dispatch(driver)
    driver.say(issues.ReportResult(text="修好了"), "veg-1", by="p-branch")

    assert (
        refusal(driver, issues.CloseIssue(outcome="resolved"), "veg-1", by="p-branch").code
        == "no_deliberation_record"
    )


@pytest.mark.rule("2", "emergencies act first and are deliberated in time")
def test_without_a_record_in_time_it_is_escalated_once() -> None:
    driver = accepted()
    dispatch(driver)

    assert driver.wait(days=6) == []
    (said,) = driver.wait(days=1)

    assert said.event == issues.IssueEscalated(level="sub_district", cause="deliberation_overdue")
    assert driver.row(Handling, "veg-1").level == "sub_district"
    assert driver.wait(days=60) == []


def test_deliberated_in_time_nothing_is_overdue_and_nothing_moves() -> None:
    driver = accepted()
    dispatch(driver)
    deliberated(driver)

    said = driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")

    assert names(said) == ["ResolutionAdopted", "DeliberationRecorded"]
    assert (driver.row(Issue, "veg-1").state, driver.row(Issue, "veg-1").records) == ("in_action", 1)
    assert driver.rows(Deadline) == []
    assert driver.wait(days=60) == []


@pytest.mark.parametrize("state", ["in_action", "on_hold", "reported"])
def test_a_topic_alongside_is_rejected_without_reporting_anything(state: str) -> None:
    driver = accepted()
    dispatch(driver)
    deliberated(driver)
    driver.row(Issue, "veg-1").state = state

    said = driver.say(
        issues.RejectTopic(outcome="agreed_no_action", reasons="已经修好"), "topic-1", by="p-branch"
    )

    assert names(said) == ["TopicRejected", "DeliberationRecorded"]
    assert (driver.row(Topic, "topic-1").state, driver.row(Issue, "veg-1").state) == ("rejected", state)


def test_withdrawn_it_is_not_due_any_more() -> None:
    driver = accepted()
    dispatch(driver)

    assert names(driver.say(issues.WithdrawIssue(channel="app"), "veg-1", by="p-1")) == ["IssueWithdrawn"]
    assert driver.rows(Deadline) == []


def test_a_record_that_was_kept_is_a_record() -> None:
    driver = accepted()
    issue: Issue = driver.row(Issue, "veg-1")
    issue.state, issue.urgency, issue.records = "triaged", "emergency", 1
    dispatch(driver)
    issue.state = "closed"

    assert driver.wait(days=30) == []


def test_what_was_suspended_while_it_was_deliberated_goes_on_before_it_is_resolved() -> None:
    driver = issue_steps.start()
    issue_steps.confirm(driver)
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
    assert driver.row(Issue, "veg-1").state == "in_action"


WORKING: dict[str, Any] = {"calendar": {"years": [issue_steps.YEAR]}, "afterwards": {"working_days": 3}}


def events(said: list[Any]) -> list[Any]:
    return [one.event for one in said]


def end_of(day: int, month: int = 3, year: int = 2026) -> datetime:
    """As the wall shows it, eight hours east of UTC."""
    return datetime(year, month, day, 16, tzinfo=UTC)


@pytest.mark.rule("2", "… in working days, where the rules say so")
def test_in_working_days_it_is_warned_of_and_escalated_after_the_weekend() -> None:
    driver = accepted(**WORKING)
    driver.wait(days=3)  # a Thursday

    dispatched, started = events(dispatch(driver))

    assert dispatched.deliberation_due == end_of(10)
    assert started == issues.ClockStarted(clock="deliberation_due", working_days=3, due_at=end_of(10))
    assert events(driver.wait(days=4, hours=9)) == [
        issues.DeadlineWarned(clock="deliberation_due", due_at=end_of(10))
    ]
    assert events(driver.wait(days=1)) == [
        issues.DeadlineBreached(clock="deliberation_due", due_at=end_of(10)),
        issues.IssueEscalated(level="sub_district", cause="deliberation_overdue"),
    ]
    assert driver.rows(Deadline) == []
    assert driver.wait(days=60) == []


def test_a_breach_that_escalates_does_so_once() -> None:
    driver = accepted(**WORKING, clocks={"breach_escalates": True})
    dispatch(driver)

    assert names(driver.wait(days=30)) == ["DeadlineWarned", "DeadlineBreached", "IssueEscalated"]


@pytest.mark.parametrize("rules", [{}, WORKING], ids=["days", "working days"])
def test_without_a_record_it_stays_due_until_it_has_one(rules: dict[str, Any]) -> None:
    driver = accepted(**rules)
    dispatch(driver)
    until = next(
        m.data.deliberation_due for m in driver.log if isinstance(m.data, issues.EmergencyDispatched)
    )
    driver.wait(days=30)

    missed = list_due(issues.ListDue(until=driver.now), driver.s).due
    deliberated(driver)
    driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")

    assert [(one.kind, one.issue, one.due_at) for one in missed] == [("deliberation_due", "veg-1", until)]
    assert list_due(issues.ListDue(until=driver.now), driver.s).due == []


def test_deliberated_in_time_its_clock_stops() -> None:
    driver = accepted(**{**WORKING, "afterwards": {"working_days": 10}})
    dispatch(driver)
    deliberated(driver)

    driver.say(issues.AdoptResolution(option="opt-fence", items=[]), "topic-1", by="p-branch")

    assert driver.rows(Deadline) == []
    assert driver.rows(Clock) == []
    assert driver.wait(days=60) == []


def test_on_hold_it_keeps_the_working_days_that_are_left() -> None:
    driver = accepted(**WORKING)
    dispatch(driver)
    driver.wait(days=1)
    driver.say(
        issues.SuspendIssue(reason="等材料", review_at=driver.now + timedelta(days=20)),
        "veg-1",
        by="p-branch",
    )
    assert [row.kind for row in driver.rows(Deadline)] == ["review"]

    _, started = events(driver.wait(days=20))

    assert started == issues.ClockStarted(clock="deliberation_due", working_days=2, due_at=end_of(25))


def test_in_a_year_that_the_calendar_does_not_know_it_is_not_known_when() -> None:
    driver = accepted(**{**WORKING, "calendar": {}})

    dispatched, unknown = events(dispatch(driver))

    assert dispatched.deliberation_due is None
    assert unknown == issues.ClockUnknown(clock="deliberation_due", working_days=3, year=2026)
    assert driver.rows(Deadline) == []
    assert driver.wait(days=2) == []
    change_rules(driver, "calendar", years=[issue_steps.YEAR])
    assert driver.log[-1].data == issues.ClockStarted(
        clock="deliberation_due", working_days=3, due_at=end_of(9)
    )
