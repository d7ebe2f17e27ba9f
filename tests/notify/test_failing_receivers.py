"""A receiver, address or row that fails does not delay others: it fails alone, is reported by itself, and is logged."""

import asyncio
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from microgov.contracts.message import Event
from microgov.services.notify.channels import channels
from microgov.services.notify.channels.outcome import AttemptOutcome, Channel, ContactAddress, Letter
from microgov.services.notify.channels.webhook import Webhook
from microgov.services.notify.edge import DeliverySender
from microgov.services.notify.model import ContactPoint, Kept
from microgov.services.notify.notices.delivery import Delivery
from microgov.services.notify.notices.notice import Notice
from microgov.testing.service_driver import START
from tests.notify import notify_steps
from tests.notify.receiver import Receiver, receiver

LETTER = Letter("d-1", "n-1", "result_reported", "veg-1", "en", "Result", "There is a result.")
PEOPLE = ("p-1", "p-2", "p-3")


async def send_to(address: str, secret: str = "s", total: float = 10.0) -> AttemptOutcome:
    """The outcome of one webhook to this address, within `total` seconds."""
    async with httpx.AsyncClient(timeout=10.0) as client:
        return await Webhook(client, lambda: START, total).send(ContactAddress(address, secret), LETTER)


class SenderDriver:
    """Notify with a webhook for each of three people, at these paths of a receiver.

    `reports` are recipient, name of the event and code of each reported outcome.
    """

    def __init__(self, at: Receiver, *paths: str, by_channel: dict[str, Channel] | None = None) -> None:
        self.driver, self.now, self.counters = notify_steps.start(), START, Counter[str]()
        engine = self.driver.s.get_bind()
        assert isinstance(engine, Engine)
        Kept.metadata.create_all(engine)
        for person, path in zip(PEOPLE, paths, strict=False):
            notify_steps.register_webhook(self.driver, person)
            self.driver.s.add(
                ContactPoint(person=person, channel="webhook", address=at.url + path, secret="s")
            )
        notify_steps.report_result(self.driver)
        self.driver.s.commit()
        self.client = httpx.AsyncClient(timeout=10.0)
        self.reports = list[tuple[str, str, str]]()
        self.sender = DeliverySender(
            engine,
            by_channel or channels(self.client, lambda: self.now, 1.5),
            self.report,
            lambda: self.now,
            counters=self.counters,
        )

    async def report(self, events: list[tuple[str, Event]]) -> None:
        """Called by the sender with the id of the delivery and the event of each outcome."""
        known = {row.id: row for row in self.driver.rows(Delivery)}
        for id, event in events:
            fact: Any = event
            self.reports.append((known[id].recipient, type(event).__name__, fact.code))

    async def steps(self, seconds: float, until: int = 3) -> None:
        """Runs the sender like the edge until so many outcomes are reported, or for so many seconds."""
        ends = time.monotonic() + seconds
        while len(self.reports) < until and time.monotonic() < ends:
            if not await self.sender.step():
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        """Ends the sender and closes its HTTP client."""
        await self.sender.end()
        await self.client.aclose()


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("/garbage", AttemptOutcome("ok", "http_200")),
        ("/endless", AttemptOutcome("ok", "http_200")),
        ("/nonsense", AttemptOutcome("unknown", "no_answer")),
        ("/elsewhere", AttemptOutcome("temporary", "http_302")),
        ("/dripping", AttemptOutcome("unknown", "no_answer")),
    ],
)
async def test_every_answer_of_a_receiver_gives_an_outcome_in_time(
    path: str, outcome: AttemptOutcome
) -> None:
    async with receiver() as at:
        began = time.monotonic()

        assert await send_to(at.url + path, total=0.5) == outcome

        assert time.monotonic() - began < 2
        assert at.paths == [path]
        assert at.sent < 50_000_000


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nowhere",
        "http://",
        "http://[::1",
        "http://a b/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "ftp://x/",
        "http://xn--/",
        "http://" + "a" * 64 + ".example/",
        "http://a..example/",
        "http://\u3002\u3002/",
        "http://ex\x00ample/",
        "http://\ud800/",
        "http://127.0.0.1/" + "x" * 70_000,
    ],
)
async def test_an_invalid_address_is_a_permanent_or_temporary_failure_and_never_raises(address: str) -> None:
    assert (await send_to(address, total=2.0)).fate in ("permanent", "temporary")


async def test_an_invalid_secret_is_a_permanent_failure() -> None:
    assert await send_to("http://127.0.0.1:9/", "whsec_a") == AttemptOutcome("permanent", "bad_secret")


async def test_each_outcome_is_reported_as_soon_as_it_is_known() -> None:
    async with receiver() as at:
        notify = SenderDriver(at, "/dripping", "/well", "/garbage")

        await notify.steps(1.0, until=2)
        assert sorted(notify.reports) == [
            ("p-2", "DeliverySucceeded", "http_200"),
            ("p-3", "DeliverySucceeded", "http_200"),
        ]

        await notify.steps(5.0)
        assert notify.reports[2:] == [("p-1", "DeliveryUnknown", "no_answer")]
        assert sorted(set(at.paths)) == sorted(at.paths)
        await notify.close()


async def test_a_row_without_a_template_fails_alone_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with receiver() as at:
        notify = SenderDriver(at, "/well", "/well", "/well")
        odd = next(
            row
            for row in notify.driver.rows(Notice)
            if row.recipient == "p-2" and row.notice_type == "result_reported"
        )
        odd.notice_type = "of_no_known_type"
        notify.driver.s.commit()

        await notify.steps(3.0)

        assert sorted(notify.reports) == [
            ("p-1", "DeliverySucceeded", "http_200"),
            ("p-2", "DeliveryFailed", "not_tellable"),
            ("p-3", "DeliverySucceeded", "http_200"),
        ]
        assert notify.counters["untold"] == 1
        assert len([one for one in caplog.records if "could not be told" in one.getMessage()]) == 1
        await notify.close()


class HangingChannel:
    """A channel that never returns for one address, raises for another, and delivers elsewhere."""

    async def send(self, contact: ContactAddress, letter: Letter) -> AttemptOutcome:
        if contact.address.endswith("/hang"):
            await asyncio.Event().wait()
        if contact.address.endswith("/raise"):
            raise RuntimeError("nobody foresaw it")
        return AttemptOutcome("ok", "sent")


async def test_the_claim_of_a_hanging_attempt_expires_and_an_attempt_that_raises_fails_alone() -> None:
    async with receiver() as at:
        notify = SenderDriver(at, "/hang", "/raise", "/well", by_channel={"webhook": HangingChannel()})
        await notify.steps(2.0, until=2)
        assert sorted(notify.reports) == [
            ("p-2", "DeliveryUnknown", "not_foreseen"),
            ("p-3", "DeliverySucceeded", "sent"),
        ]

        notify.now += timedelta(seconds=61)
        await notify.steps(2.0)

        assert notify.reports[2:] == [("p-1", "DeliveryUnknown", "no_report")]
        assert await notify.sender.step() == 0
        await notify.close()
