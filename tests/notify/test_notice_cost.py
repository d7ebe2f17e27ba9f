"""A batch of events takes as few database statements as one event: followers and contacts are loaded together."""

from typing import Any

import pytest
import sqlalchemy as sa

from microgov.contracts import issues, matching
from microgov.contracts.generated.example import example
from microgov.contracts.message import Event
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.parsed import Parsed
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.notify.handlers import service
from microgov.testing.driver_session import DriverSession
from microgov.testing.service_driver import START, ServiceDriver, driver_of
from tests.notify import notify_steps

EVENTS: list[Event] = [
    issues.IssueAccepted(automatic=False),
    issues.ResultReported(text="x", recipients=2),
    matching.OrderAccepted(reason="x"),
    matching.OrderPromoted(offer="offer-1", slot="am"),
    matching.OrderStaffed(organisation="org-1", person="p-1"),
    matching.OrderAssigned.model_validate(
        {**example(matching.OrderAssigned), "organisation": "org-1", "answer_until": START}
    ),
]


def statement_count(event: Event, count: int) -> int:
    """How many statements it takes to fold a batch: this event about each of `count` entities."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    prepare(engine, service)
    with DriverSession(engine) as s:
        driver = driver_of(service, s)
        filed = {
            "name": "x",
            "status": "filed",
            "domains": ["x"],
            "places": ["yuanbu"],
            "representatives": ["p-3"],
        }
        driver.hear(matching.OrganisationFiled.model_validate(filed), "org-1", by="p-branch")
        for n in range(count):
            _submit_and_place(driver, n)
        notify_steps.register_webhook(driver)
        s.commit()
        batch = [_parsed(driver, event, n) for n in range(count)]
    counted: list[str] = []
    with engine.begin() as conn:
        sa.event.listen(engine, "before_cursor_execute", lambda *one: counted.append(one[2]))
        drafts, folded = Fold(service, "donghu").fold(conn, batch)
    assert folded == count
    assert len(drafts) >= count
    return len(counted)


def _submit_and_place(driver: ServiceDriver, n: int) -> None:
    """The n-th issue is submitted and the n-th order placed, both with the id `one-n`."""
    person = f"p-{n % 3 + 1}"
    driver.hear(
        issues.IssueSubmitted(title="x", place="yuanbu", channel="app", reporter=person), f"one-{n}", by="p-9"
    )
    driver.hear(
        matching.OrderPlaced(beneficiary=person, placed_by=person, place="yuanbu", channel="app"),
        f"one-{n}",
        by="p-9",
    )


def _parsed(driver: ServiceDriver, event: Event, n: int) -> Parsed:
    """The event about the n-th entity, as the n-th message read from the log."""
    m: Any = driver.envelope(event, f"one-{n}", by="p-branch", role=None, scope=None, at=driver.now)
    return Parsed(Stored(n + 1, f"log.donghu.{event.OWNER}.{m.type}", b"{}"), m)


@pytest.mark.parametrize("event", EVENTS, ids=lambda one: type(one).__name__)
def test_a_batch_of_thirty_takes_as_many_statements_as_a_batch_of_three(event: Event) -> None:
    assert statement_count(event, 30) == statement_count(event, 3)
