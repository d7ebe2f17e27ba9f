"""Deliveries by webhook: reported, retried, given up, and never repeated when the outcome is unknown."""

from microgov.contracts import issues
from microgov.contracts.notify import (
    DeliveryFailed,
    DeliverySucceeded,
    DeliveryUnknown,
    NoticeUndeliverable,
    RegisterContact,
)
from microgov.testing.service_driver import ServiceDriver, names, refusal
from tests.notify import notify_steps


def start_sending(**rules: dict[str, object]) -> ServiceDriver:
    """A service with one delivery by webhook, to p-2."""
    driver = notify_steps.start(**rules)
    notify_steps.register_webhook(driver)
    notify_steps.report_result(driver)
    return driver


def newest_deliveries(driver: ServiceDriver) -> list[tuple[str, str]]:
    """Channel and state of each delivery of p-2's newest notice."""
    return [(one.channel, one.state) for one in notify_steps.inbox(driver, "p-2")[0].deliveries]


def test_people_with_a_webhook_are_notified_there_too() -> None:
    driver = start_sending()

    said = notify_steps.report_outcome(driver, DeliverySucceeded, code="http_204")

    assert names(said) == ["NoticeDelivered"]
    assert notify_steps.webhook_delivery(driver).state == "delivered"


def test_a_temporary_failure_is_tried_again_after_the_waits_of_the_rules() -> None:
    driver = start_sending(notify={"retry_seconds": [10, 60]})
    for seconds in (10, 60):
        assert notify_steps.report_outcome(driver, DeliveryFailed, permanent=False) == []
        assert notify_steps.webhook_delivery(driver).state == "waiting"
        driver.wait(seconds=seconds)
        assert notify_steps.webhook_delivery(driver).state == "pending"

    event = notify_steps.report_outcome(driver, DeliveryFailed, permanent=False)[0].event

    assert isinstance(event, NoticeUndeliverable)
    assert (event.attempts, event.code) == (3, "http_503")


def test_no_attempt_is_made_after_the_time_to_live() -> None:
    driver = start_sending(notify={"retry_seconds": [3600, 3600], "ttl_hours": 1})
    notify_steps.report_outcome(driver, DeliveryFailed, permanent=False)
    driver.wait(hours=1)

    assert names(notify_steps.report_outcome(driver, DeliveryFailed, permanent=False)) == [
        "NoticeUndeliverable"
    ]


def test_a_permanent_failure_suppresses_the_contact_until_it_is_registered_again() -> None:
    driver = start_sending()

    assert names(notify_steps.report_outcome(driver, DeliveryFailed, permanent=True)) == [
        "NoticeUndeliverable"
    ]
    driver.hear(issues.IssueAccepted(automatic=False), "veg-1", by="p-branch")
    assert notify_steps.webhook_delivery(driver).state == "failed"
    assert newest_deliveries(driver) == [("inbox", "delivered")]
    notify_steps.register_webhook(driver)
    driver.hear(issues.IssueAccepted(automatic=False), "veg-1", by="p-branch")
    assert newest_deliveries(driver) == [("inbox", "delivered"), ("webhook", "pending")]


def test_an_attempt_with_an_unknown_outcome_is_not_repeated() -> None:
    driver = start_sending()

    assert names(notify_steps.report_outcome(driver, DeliveryUnknown)) == ["NoticeUndeliverable"]
    assert driver.wait(days=3) == []
    assert notify_steps.webhook_delivery(driver).state == "unknown"


def test_a_report_about_a_settled_or_another_attempt_changes_nothing() -> None:
    driver = start_sending()

    assert notify_steps.report_outcome(driver, DeliverySucceeded, attempt=2) == []
    notify_steps.report_outcome(driver, DeliverySucceeded)
    assert notify_steps.report_outcome(driver, DeliveryUnknown) == []
    assert driver.hear(DeliverySucceeded(attempt=1, code="x"), "no-such-delivery") == []
    assert {one.state for _, notice in notify_steps.notices(driver) for one in notice.deliveries} == {
        "delivered"
    }


def test_an_unknown_notification_channel_is_refused() -> None:
    assert (
        refusal(notify_steps.start(), RegisterContact(channel="pigeon"), by="p-1").code == "unknown_channel"
    )
