"""The sender: each attempt is claimed, made and reported once; an attempt that was lost is reported as unknown."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from microgov.contracts.message import Event
from microgov.services.notify.channels import channels
from microgov.services.notify.channels.outcome import AttemptOutcome, ContactAddress, Letter
from microgov.services.notify.channels.webhook import Webhook, judge
from microgov.services.notify.edge import DeliverySender, event_of
from microgov.services.notify.model import Claim, ContactPoint, Kept
from microgov.testing.service_driver import START
from tests.notify import notify_steps

LETTER = Letter("d-1", "n-1", "result_reported", "veg-1", "en", "Result", "There is a result.")


class FakeReceiver:
    """An HTTP transport that gives one answer, or raises it, and records the requests in `requests`."""

    def __init__(self, answer: int | Exception = 200) -> None:
        self.answer, self.requests = answer, list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return httpx.Response(self.answer)

    def client(self) -> httpx.AsyncClient:
        """An HTTP client whose requests this receiver answers."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self))


class SenderDriver:
    """Notify with one delivery under way, its sender, and what the sender reported."""

    def __init__(self, receiver: FakeReceiver, contact: bool = True) -> None:
        self.driver, self.now, self.reports = notify_steps.start(), START, list[tuple[str, Event]]()
        engine = self.driver.s.get_bind()
        assert isinstance(engine, Engine)
        Kept.metadata.create_all(engine)
        notify_steps.register_webhook(self.driver)
        notify_steps.report_result(self.driver)
        if contact:
            self.driver.s.add(
                ContactPoint(person="p-2", channel="webhook", address="https://example.org/hook", secret="s")
            )
        self.driver.s.commit()
        self.sender = DeliverySender(engine, channels(receiver.client(), self.clock), self.report, self.clock)

    def clock(self) -> datetime:
        """The time that the sender sees."""
        return self.now

    async def report(self, events: list[tuple[str, Event]]) -> None:
        """Called by the sender with the id of the delivery and the event of each outcome."""
        self.reports += events

    def fold_reports(self) -> None:
        """Notify folds what the sender has reported."""
        for delivery, event in self.reports:
            self.driver.hear(event, delivery, by="notify-edge")
        self.reports.clear()
        self.driver.s.commit()


async def test_a_delivery_is_sent_and_reported_once() -> None:
    receiver = FakeReceiver()
    notify = SenderDriver(receiver)

    assert [await notify.sender.step() for _ in range(3)] == [1, 0, 0]

    assert len(receiver.requests) == 1
    assert [type(event).__name__ for _, event in notify.reports] == ["DeliverySucceeded"]
    body = json.loads(receiver.requests[0].content)
    assert (body["entity"], body["language"], body["title"]) == ("veg-1", "en", "Result: 菜地")


async def test_a_failed_attempt_is_repeated_when_its_wait_is_over() -> None:
    receiver = FakeReceiver(503)
    notify = SenderDriver(receiver)
    await notify.sender.step()
    notify.fold_reports()
    assert await notify.sender.step() == 0

    notify.driver.wait(seconds=10)
    notify.driver.s.commit()

    assert await notify.sender.step() == 1
    assert len(receiver.requests) == 2
    assert {request.headers["webhook-id"] for request in receiver.requests} == {
        notify_steps.delivery_id(notify.driver)
    }


async def test_a_claim_without_a_report_is_reported_unknown_and_not_sent_again() -> None:
    receiver = FakeReceiver()
    notify = SenderDriver(receiver)
    delivery = notify_steps.delivery_id(notify.driver)
    notify.driver.s.add(Claim(delivery=delivery, attempt=1, claimed_at=START, reported=False))
    notify.driver.s.commit()

    assert await notify.sender.step() == 0
    notify.now += timedelta(seconds=60)
    assert [await notify.sender.step(), await notify.sender.step()] == [1, 0]

    assert receiver.requests == []
    assert [type(e).__name__ for _, e in notify.reports] == ["DeliveryUnknown"]


async def test_a_delivery_to_a_contact_without_an_address_fails_temporarily() -> None:
    notify = SenderDriver(FakeReceiver(), contact=False)

    await notify.sender.step()

    event: Any = notify.reports[0][1]
    assert (type(event).__name__, event.code, event.permanent) == ("DeliveryFailed", "no_contact", False)


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (204, "ok"),
        (404, "permanent"),
        (410, "permanent"),
        (302, "temporary"),
        (429, "temporary"),
        (503, "temporary"),
        (httpx.ConnectError("refused"), "temporary"),
        (httpx.ReadTimeout("late"), "unknown"),
        (httpx.RemoteProtocolError("cut"), "unknown"),
        (httpx.UnsupportedProtocol("x"), "permanent"),
    ],
)
async def test_the_answer_decides_the_outcome_of_an_attempt(answer: int | Exception, fate: str) -> None:
    webhook = Webhook(FakeReceiver(answer).client(), lambda: START)

    assert (await webhook.send(ContactAddress("https://example.org/", "s"), LETTER)).fate == fate


async def test_the_receiver_can_check_the_signature() -> None:
    receiver, key = FakeReceiver(), b"0123456789abcdef"
    webhook = Webhook(receiver.client(), lambda: START)

    await webhook.send(
        ContactAddress("https://example.org/", "whsec_" + base64.b64encode(key).decode()), LETTER
    )

    request = receiver.requests[0]
    signed = f"d-1.{int(START.timestamp())}.".encode() + request.content
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"


def test_each_outcome_has_its_event() -> None:
    assert judge(200) == AttemptOutcome("ok", "http_200")
    assert [
        type(event_of(1, AttemptOutcome(fate, "x"))).__name__
        for fate in ("ok", "temporary", "permanent", "unknown")
    ] == ["DeliverySucceeded", "DeliveryFailed", "DeliveryFailed", "DeliveryUnknown"]
