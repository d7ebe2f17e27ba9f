"""Clocks in working days: started, warned, breached, held, and said to be unknown (domain.md §2.1.6). It starts a Monday."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.services.issues.clocks.clock import CLOCKS, Clock
from microgov.services.issues.issue.life import LIFE, MOVING
from microgov.services.issues.model import Deadline
from tests.issues import issue_steps
from tests.support.service_driver import Talk, change_rules, names

CLOCKED = {"dispatch_days": 2, "first_contact_days": 3, "report_back_days": 15}
SUSPEND = {"reason": "等材料"}


def clocked(calendar: Any = None, **clocks: Any) -> Talk:
    years = {"years": [issue_steps.YEAR]} if calendar is None else calendar
    talk = issue_steps.start(calendar=years, clocks={**CLOCKED, **clocks})
    issue_steps.submit(talk)
    return talk


def accept(talk: Talk) -> list[Any]:
    return [said.event for said in talk.say(issues.AcceptIssue(), "veg-1", by="p-branch")]


def route(talk: Talk) -> list[Any]:
    talk.say(issue_steps.TRIAGE, "veg-1", by="p-branch")
    return [
        said.event
        for said in talk.say(issues.RouteIssue(owner="o-1", rule="by_hand"), "veg-1", by="p-branch")
    ]


def events(said: list[Any]) -> list[Any]:
    return [one.event for one in said]


def end_of(day: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, 16, tzinfo=UTC)


def running(talk: Talk) -> set[str]:
    clocks = {kind: talk.s.get(Clock, ("veg-1", kind)) for kind in CLOCKS}
    return {kind for kind, row in clocks.items() if row is not None and not row.breached}


def test_acceptance_starts_two_clocks_and_tells_when_they_end() -> None:
    _, dispatch, report = accept(clocked())

    assert dispatch == issues.ClockStarted(clock="dispatch", working_days=2, due_at=end_of(4))
    assert report == issues.ClockStarted(clock="report_back", working_days=15, due_at=end_of(23))


def test_a_staff_channel_starts_them_too() -> None:
    talk = issue_steps.start(calendar={"years": [issue_steps.YEAR]}, clocks=CLOCKED)
    said = issue_steps.submit(talk, channel="counter", by="p-social", role="social_worker")
    assert names(said) == ["IssueSubmitted", "IssueAccepted", "ClockStarted", "ClockStarted"]


def test_it_warns_one_working_day_before_and_says_once_that_it_was_missed() -> None:
    talk = clocked()
    accept(talk)

    assert events(talk.wait(days=1, hours=8)) == [issues.DeadlineWarned(clock="dispatch", due_at=end_of(4))]
    assert events(talk.wait(days=1)) == [issues.DeadlineBreached(clock="dispatch", due_at=end_of(4))]
    assert names(talk.wait(days=17)) == ["DeadlineWarned"] and running(talk) == {"report_back"}


def test_routing_ends_the_dispatch_and_starts_the_contact() -> None:
    talk = clocked()
    accept(talk)

    said = route(talk)

    assert said[1] == issues.ClockStarted(clock="first_contact", working_days=3, due_at=end_of(5))
    assert (
        running(talk) == {"first_contact", "report_back"}
        and talk.s.get(Deadline, ("dispatch", "veg-1")) is None
    )


def test_only_who_was_reached_has_been_contacted() -> None:
    talk = clocked()
    accept(talk)
    route(talk)

    for reached, left in ((False, {"first_contact", "report_back"}), (True, {"report_back"})):
        talk.say(
            issues.ContactReporter(person="p-1", reached=reached, note="x", channel="visit"),
            "veg-1",
            by="p-branch",
        )
        assert running(talk) == left


def test_a_return_starts_the_dispatch_anew() -> None:
    talk = clocked()
    accept(talk)
    route(talk)
    talk.wait(days=1)

    said = events(talk.say(issues.ReturnIssue(reason="不归我管"), "veg-1", by="p-branch"))

    assert said[1] == issues.ClockStarted(clock="dispatch", working_days=2, due_at=end_of(5))
    assert running(talk) == {"dispatch", "report_back"}


def test_deliberation_ends_the_dispatch_and_the_result_the_report() -> None:
    talk = issue_steps.start(calendar={"years": [issue_steps.YEAR]}, clocks=CLOCKED)
    issue_steps.act(talk)
    assert running(talk) == {"report_back"}

    talk.say(issues.ReportResult(text="好了"), "veg-1", by="p-branch")

    assert running(talk) == set() and talk.s.get(Deadline, ("report_back", "veg-1")) is None


@pytest.mark.rule("2", "clocks in working days, warned, breached, held")
def test_a_hold_keeps_the_working_days_that_are_left() -> None:
    talk = clocked()
    accept(talk)
    talk.wait(days=1)
    talk.say(issues.SuspendIssue(**SUSPEND, review_at=talk.now + timedelta(days=14)), "veg-1", by="p-branch")

    assert names(talk.wait(days=13)) == []
    said = events(talk.wait(days=1))

    assert said[0].automatic and [(one.clock, one.working_days, one.due_at) for one in said[1:]] == [
        ("dispatch", 1, end_of(18)),
        ("report_back", 14, end_of(7, month=4)),  # the Qingming holiday lies between
    ]


def test_what_was_missed_stays_missed_over_a_hold_and_ends_with_what_it_ran_for() -> None:
    talk = clocked()
    accept(talk)
    talk.wait(days=3)
    talk.say(issues.SuspendIssue(**SUSPEND, review_at=talk.now + timedelta(days=1)), "veg-1", by="p-branch")

    resumed = events(talk.wait(days=1))
    missed = talk.row(Clock, "veg-1", "dispatch")
    assert [one.clock for one in resumed[1:]] == ["report_back"] and (missed.breached, missed.due_at) == (
        True,
        end_of(4),
    )
    route(talk)

    assert talk.s.get(Clock, ("veg-1", "dispatch")) is None and running(talk) == {
        "first_contact",
        "report_back",
    }


@pytest.mark.rule("2", "reopening starts new clocks")
def test_reopening_starts_new_clocks() -> None:
    talk = issue_steps.start(calendar={"years": [issue_steps.YEAR]}, clocks=CLOCKED)
    issue_steps.close(talk)
    talk.say(issues.RequestReopen(reason="又坏了", channel="app"), "veg-1", by="p-1")

    said = talk.say(issues.ReopenIssue(reason="属实"), "veg-1", by="p-branch")

    assert names(said) == ["IssueReopened", "ClockStarted", "ClockStarted"] and running(talk) == {
        "dispatch",
        "report_back",
    }


@pytest.mark.parametrize("end", ["withdrawn", "closed"])
def test_nothing_runs_on_for_an_issue_that_has_ended(end: str) -> None:
    talk = issue_steps.start(calendar={"years": [issue_steps.YEAR]}, clocks=CLOCKED)
    if end == "closed":
        issue_steps.report(talk)
        talk.s.add(
            Clock(issue="veg-1", kind="first_contact", days=3, due_at=end_of(9), held=False, breached=False)
        )
        Deadline.put(talk.s, "first_contact", "veg-1", end_of(9))
        issue_steps.deliver(talk, "p-1", "p-2", "p-3")
        talk.say(issues.CloseIssue(outcome="resolved"), "veg-1", by="p-branch")
    else:
        issue_steps.submit(talk)
        accept(talk)
        talk.say(issues.WithdrawIssue(channel="app"), "veg-1", by="p-1")
    assert running(talk) == set() and talk.wait(days=60) == []


def test_a_missed_clock_escalates_once_where_the_rules_say_so() -> None:
    talk = clocked(breach_escalates=True, warning_days=0)
    accept(talk)

    assert names(talk.wait(days=3)) == ["DeadlineBreached", "IssueEscalated"]
    assert names(talk.wait(days=30)) == ["DeadlineBreached"]


@pytest.mark.rule("2", "an unknown year is said, never guessed")
def test_an_unknown_year_is_said_and_nothing_falls_due_until_the_calendar_has_it() -> None:
    talk = clocked(calendar={"years": []})

    assert accept(talk)[1] == issues.ClockUnknown(clock="dispatch", working_days=2, year=2026)
    assert talk.wait(days=30) == []
    change_rules(talk, "calendar", years=[issue_steps.YEAR])

    started = [m.data for m in talk.log if isinstance(m.data, issues.ClockStarted)]
    assert [(one.clock, one.due_at) for one in started] == [
        ("dispatch", end_of(3, month=4)),
        ("report_back", end_of(23, month=4)),
    ]
    assert names(talk.wait(days=60)).count("DeadlineBreached") == 2


def test_without_days_no_clock_runs() -> None:
    talk = issue_steps.start()
    issue_steps.submit(talk)
    assert names(talk.say(issues.AcceptIssue(), "veg-1", by="p-branch")) == ["IssueAccepted"]


def test_the_table_has_a_row_for_every_state_in_which_a_clock_can_end() -> None:
    assert all(
        LIFE.allows(state, cause) for state in (*MOVING, "reported") for cause in ("warning", "breach")
    )
