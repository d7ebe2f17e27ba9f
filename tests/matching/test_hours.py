"""Hours of service: from check-in to check-out, entered once, corrected by a line that reverses another."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import matching
from microgov.contracts.message import plain
from microgov.services.matching.serving.tasks import Task
from microgov.testing.service_driver import ServiceDriver, names
from tests.matching import order_steps, serving_steps


def test_hours_count_from_check_in_to_check_out_or_as_reported_and_not_without_check_in() -> None:
    driver = order_steps.start(**serving_steps.RULES)
    order_steps.bring_to_staffing(driver, staffing={"people": 3, "lead": False})
    serving_steps.ask_and_agree(driver, "p-5", "p-6", "p-8")
    driver.now = order_steps.STARTS
    assert [serving_steps.check_in(driver, "p-5"), serving_steps.check_in(driver, "p-6")] == [
        ["ServiceStarted"],
        ["PersonCheckedIn"],
    ]
    driver.now += timedelta(minutes=50)
    left = driver.say(matching.CheckOut(channel="app"), "order-1", by="p-5")[0].event
    assert isinstance(left, matching.PersonCheckedOut)
    assert left.minutes == 50

    said = driver.say(matching.ReportDone(minutes=40, note="好了"), "order-1", by="p-rep")

    assert names(said) == ["ServiceCompleted", "HoursEntered", "HoursEntered", "ProposalReleased"]
    assert {
        person: [line.minutes for line in serving_steps.hours(driver, person).lines]
        for person in ("p-5", "p-6", "p-8")
    } == {"p-5": [50], "p-6": [40], "p-8": []}
    assert driver.rows(Task) == []
    assert (
        order_steps.refusal_code(driver, matching.CheckOut(channel="app"), "order-1", "p-6") == "wrong_state"
    )


def serve_order(driver: ServiceDriver) -> ServiceDriver:
    """p-5 serves the order, and 40 minutes are reported; returns the driver."""
    order_steps.bring_to_done(driver)
    return driver


@pytest.mark.rule("3.1", "hours run from check-in to check-out; a correction reverses a line")
def test_a_wrong_line_is_reversed_and_entered_anew_and_nothing_is_erased() -> None:
    driver = serve_order(order_steps.start(**serving_steps.RULES))
    wrong = matching.CorrectHours(kind="service", minutes=60, reason="少记了")
    assert (
        order_steps.refusal_code(driver, wrong, "prop-1", "p-8", role="organisation")
        == "not_your_organisation"
    )

    assert names(driver.say(wrong, "prop-1", by="p-rep", role="organisation")) == [
        "HoursReversed",
        "HoursEntered",
    ]
    driver.say(
        matching.CorrectHours(kind="service", minutes=0, reason="重复"),
        "prop-1",
        by="p-branch",
        role="branch",
    )

    newest_first = [(line.number, line.minutes, line.reverses) for line in serving_steps.hours(driver).lines]
    assert newest_first == [(4, -60, 3), (3, 60, None), (2, -40, 1), (1, 40, None)]
    assert order_steps.refusal_code(driver, wrong, "prop-1", "p-branch", role="branch") == "hours_not_entered"


@pytest.mark.rule("3.3", "I8 one line stands for a task and a kind of hours")
def test_other_hours_are_entered_once_for_each_kind() -> None:
    driver = serve_order(order_steps.start(**serving_steps.RULES))
    way = matching.EnterHours(kind="travel", minutes=30, note="往返")

    assert names(driver.say(way, "prop-1", by="p-rep")) == ["HoursEntered"]
    assert order_steps.refusal_code(driver, way, "prop-1", "p-rep") == "hours_entered"
    assert (
        order_steps.refusal_code(driver, way.model_copy(update={"kind": "service"}), "prop-1", "p-rep")
        == "hours_entered"
    )


@pytest.mark.parametrize(
    "command",
    [
        matching.EnterHours(kind="travel", minutes=1, note="x"),
        matching.CorrectHours(kind="service", minutes=1, reason="x"),
    ],
)
def test_hours_are_entered_and_corrected_only_for_people_who_served(command: Any) -> None:
    driver = order_steps.start(**serving_steps.RULES)
    order_steps.bring_to_scheduled(driver)

    assert order_steps.refusal_code(driver, command, "prop-1", "p-rep", role="organisation") == "wrong_state"


def test_a_check_out_after_weeks_counts_31_days_at_most_and_can_be_corrected() -> None:
    driver = order_steps.start(**serving_steps.RULES)
    order_steps.bring_to_scheduled(driver)
    driver.say(matching.CheckIn(channel="app"), "order-1", by="p-5")
    driver.now += timedelta(days=32)
    driver.say(matching.CheckOut(channel="app"), "order-1", by="p-5")

    said = driver.say(matching.ReportDone(minutes=60, note="x"), "order-1", by="p-rep")

    assert names(said) == ["ServiceCompleted", "HoursEntered"]
    assert plain(said[1].event)["minutes"] == 44_640
    fixing = matching.CorrectHours(kind="service", minutes=60, reason="忘了签退")
    assert names(driver.say(fixing, "prop-1", by="p-rep", role="organisation")) == [
        "HoursReversed",
        "HoursEntered",
    ]


def test_minutes_beyond_the_bound_of_the_door_are_folded_as_31_days_at_most() -> None:
    driver = order_steps.start(**serving_steps.RULES)
    order_steps.bring_to_scheduled(driver)
    driver.say(matching.CheckIn(channel="app"), "order-1", by="p-5")

    said = driver.say(matching.ReportDone(minutes=1_000_000_000, note="x"), "order-1", by="p-rep")

    assert [plain(one.event)["minutes"] for one in said] == [1_000_000_000, 44_640]
