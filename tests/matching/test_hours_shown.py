"""Questions about hours: those of a person, and who carries the workload."""

from datetime import timedelta

import pytest

from microgov.contracts import matching
from microgov.services.matching.questions.hours import show_hours, show_workload
from microgov.services.matching.serving.hours import HoursEntry
from microgov.testing.service_driver import ServiceDriver, names
from tests.matching import order_steps, serving_steps


def start_with_served_order() -> ServiceDriver:
    """A service with an order that p-7, a social worker, led for 90 minutes; p-5 assisted for 60, corrected to 45."""
    driver = order_steps.start(**serving_steps.RULES)
    serving_steps.make_social_worker(driver)
    order_steps.bring_to_staffing(driver, **serving_steps.DUAL_WORKERS)
    serving_steps.ask_and_agree(driver, "p-7", duty="lead")
    serving_steps.ask_and_agree(driver, "p-5")
    driver.now = order_steps.STARTS
    assert serving_steps.check_in(driver, "p-7") == ["ServiceStarted"]
    assert serving_steps.check_in(driver, "p-5") == ["PersonCheckedIn"]
    driver.now += timedelta(minutes=60)
    driver.say(matching.CheckOut(channel="app"), "order-1", by="p-5")
    driver.now += timedelta(minutes=30)
    driver.say(matching.CheckOut(channel="app"), "order-1", by="p-7")
    driver.say(matching.ReportDone(minutes=90, note="看完病了"), "order-1", by="p-rep")
    fixing = matching.CorrectHours(kind="service", minutes=45, reason="迟到")
    driver.say(fixing, "order-1-p-5", by="p-rep", role="organisation")
    return driver


def test_the_hours_of_a_person_add_up_the_lines_in_force_and_show_every_line() -> None:
    driver = start_with_served_order()
    driver.say(matching.EnterHours(kind="travel", minutes=20, note="x"), "order-1-p-5", by="p-rep")

    shown = show_hours(matching.ShowHours(person="p-5"), driver.s)

    assert (shown.minutes, shown.tasks, shown.strikes) == (65, 1, 0)
    assert [(one.kind, one.minutes, one.name) for one in shown.by_organisation] == [
        ("service", 45, "邻里互助社"),
        ("travel", 20, "邻里互助社"),
    ]
    assert sorted(line.minutes for line in shown.lines) == [-60, 20, 45, 60]
    before = matching.ShowHours(person="p-5", until=order_steps.STARTS)
    assert show_hours(before, driver.s).minutes == 0
    assert show_hours(matching.ShowHours(person="p-8"), driver.s).lines == []


def test_the_hours_of_a_whole_sub_district_are_added_up() -> None:
    driver = order_steps.start(**serving_steps.RULES)
    order_steps.bring_to_scheduled(driver)
    driver.s.add_all(
        HoursEntry(
            proposal=f"prop-{n}",
            number=1,
            person="p-5",
            order="order-1",
            organisation="org-1",
            duty="assist",
            kind="service",
            minutes=44_640,
            at=driver.now,
        )
        for n in range(30)
    )
    driver.s.flush()

    assert show_hours(matching.ShowHours(person="p-5"), driver.s).minutes == 30 * 44_640
    assert show_workload(matching.ShowWorkload(), driver.s).workload[-1].assist == 30 * 44_640


@pytest.mark.rule("3.2", "the workload shows the share that volunteers carry")
def test_the_workload_shows_the_share_of_volunteers_in_per_mille() -> None:
    driver = start_with_served_order()

    of_one, all_ = show_workload(matching.ShowWorkload(), driver.s).workload

    assert (of_one.organisation, of_one.people, of_one.lead, of_one.assist) == ("org-1", 2, 90, 45)
    assert (all_.organisation, all_.filled) == ("all", 333)
    elsewhere = show_workload(matching.ShowWorkload(community="elsewhere"), driver.s).workload
    assert [(one.organisation, one.lead, one.filled) for one in elsewhere] == [("all", 0, 0)]
    assert len(show_workload(matching.ShowWorkload(community="yuanbu"), driver.s).workload) == 2


def test_a_service_without_a_lead_is_served_by_volunteers_alone() -> None:
    driver = order_steps.start(**serving_steps.RULES)
    assert names(order_steps.bring_to_done(driver)) == ["ServiceCompleted", "HoursEntered"]

    assert show_workload(matching.ShowWorkload(), driver.s).workload[-1].filled == 1000
