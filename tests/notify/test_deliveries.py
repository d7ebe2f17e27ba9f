"""A delivery by webhook: reported, retried, given up, and never blindly sent again."""

from microgov.contracts import issues
from microgov.contracts.notify import (
    DeliveryFailed,
    DeliverySucceeded,
    DeliveryUnknown,
    NoticeUndeliverable,
    RegisterContact,
)
from microgov.services.notify.model import ContactChannel
from microgov.services.notify.notices.delivery import Delivery
from tests.notify import notify_steps
from tests.support.service_driver import Talk, names, refusal


def sending(**rules: dict[str, object]) -> Talk:
    talk = notify_steps.start(**rules)
    notify_steps.with_webhook(talk)
    notify_steps.report(talk)
    return talk


def test_who_has_a_webhook_is_told_there_too() -> None:
    talk = sending()

    said = notify_steps.outcome(talk, DeliverySucceeded, code="http_204")

    assert names(said) == ["NoticeDelivered"] and notify_steps.under_way(talk).state == "delivered"


def test_a_temporary_failure_is_tried_again_after_the_waits_of_the_rules() -> None:
    talk = sending(notify={"retry_seconds": [10, 60]})
    for seconds in (10, 60):
        assert notify_steps.outcome(talk, DeliveryFailed, permanent=False) == []
        assert notify_steps.under_way(talk).state == "waiting"
        talk.wait(seconds=seconds)
        assert notify_steps.under_way(talk).state == "pending"

    event = notify_steps.outcome(talk, DeliveryFailed, permanent=False)[0].event

    assert isinstance(event, NoticeUndeliverable) and (event.attempts, event.code) == (3, "http_503")


def test_nothing_is_tried_after_its_time() -> None:
    talk = sending(notify={"retry_seconds": [3600, 3600], "ttl_hours": 1})
    notify_steps.outcome(talk, DeliveryFailed, permanent=False)
    talk.wait(hours=1)

    assert names(notify_steps.outcome(talk, DeliveryFailed, permanent=False)) == ["NoticeUndeliverable"]


def test_a_permanent_failure_suppresses_the_contact_until_it_is_registered_again() -> None:
    talk = sending()

    assert names(notify_steps.outcome(talk, DeliveryFailed, permanent=True)) == ["NoticeUndeliverable"]
    assert talk.row(ContactChannel, "p-2", "webhook").suppressed
    talk.hear(issues.IssueAccepted(automatic=False), "veg-1", by="p-branch")
    assert notify_steps.under_way(talk).state == "failed"
    notify_steps.with_webhook(talk)
    assert not talk.row(ContactChannel, "p-2", "webhook").suppressed


def test_an_attempt_of_unknown_fate_is_not_made_again() -> None:
    talk = sending()

    assert names(notify_steps.outcome(talk, DeliveryUnknown)) == ["NoticeUndeliverable"]
    assert talk.wait(days=3) == [] and notify_steps.under_way(talk).state == "unknown"


def test_a_report_about_a_settled_or_another_attempt_changes_nothing() -> None:
    talk = sending()

    assert notify_steps.outcome(talk, DeliverySucceeded, attempt=2) == []
    notify_steps.outcome(talk, DeliverySucceeded)
    assert notify_steps.outcome(talk, DeliveryUnknown) == []
    assert talk.hear(DeliverySucceeded(attempt=1, code="x"), "no-such-delivery") == []
    assert {row.state for row in talk.rows(Delivery)} == {"delivered"}


def test_only_channels_that_there_are_can_be_registered() -> None:
    assert (
        refusal(notify_steps.start(), RegisterContact(channel="pigeon"), by="p-1").code == "unknown_channel"
    )
