"""The answer to an assignment or a proposal is never due after the service begins."""

from datetime import timedelta

import pytest

from microgov.contracts import matching
from microgov.testing.service_driver import change_rules
from tests.matching import order_steps


@pytest.mark.parametrize(
    ("behaviour", "before", "due"),
    [
        (3, timedelta(hours=5), order_steps.STARTS),
        (3, timedelta(days=9), None),
        (2, timedelta(hours=5), None),
        (3, timedelta(hours=-1), None),
    ],
    ids=["soon", "in good time", "older behaviour", "service has begun"],
)
def test_an_answer_is_due_before_the_service_starts(behaviour: int, before: timedelta, due: object) -> None:
    driver = order_steps.start(matching={"acceptance_hours": 24, "proposal_hours": 24})
    change_rules(driver, "house", behaviour=behaviour)
    order_steps.place_and_screen(driver)
    driver.now = order_steps.STARTS - before
    usual = driver.now + timedelta(hours=24)

    assigned = order_steps.assign_order(driver)[0].event
    driver.say(matching.AcceptAssignment(), "order-1", by="p-rep")
    asked = order_steps.propose_person(driver)[0].event

    assert isinstance(assigned, matching.OrderAssigned)
    assert assigned.answer_until == (due or usual)
    assert isinstance(asked, matching.PersonProposed)
    assert asked.expires_at == (due or usual)
