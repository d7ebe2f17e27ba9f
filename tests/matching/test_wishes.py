"""Wishes 微心愿: orders without an offer, described in the resident's words."""

from typing import Any

import pytest

from microgov.contracts import issues, matching
from microgov.services.chassis.model import Said
from microgov.testing.service_driver import ServiceDriver, change_rules
from tests.matching import order_steps

WISH = "想学用智能手机挂号"


def wish_of(said: list[Said]) -> str | None:
    """The wish in the event OrderPlaced."""
    event: Any = said[0].event
    assert isinstance(event, matching.OrderPlaced)
    return event.wish


def place_wish(driver: ServiceDriver, **values: str) -> str | None:
    """p-1 places an order without an offer; returns the wish in its event."""
    return wish_of(
        driver.say(
            matching.PlaceOrder.model_validate({"text": WISH, "channel": "app", **values}),
            "order-1",
            by="p-1",
        )
    )


def request_wish(driver: ServiceDriver, **values: str) -> str | None:
    """A visit requests a service; returns the wish in the event of the order."""
    line = {"visit": "visit-1", "person": "p-1", "text": WISH, "channel": "visit", **values}
    return wish_of(driver.hear(issues.VisitServiceRequested.model_validate(line), "order-1", by="p-2"))


@pytest.mark.parametrize("order", [place_wish, request_wish])
def test_the_event_of_an_order_has_its_wish_only_without_an_offer(order: Any) -> None:
    assert order(order_steps.start()) == WISH
    assert order(order_steps.start(), offer="offer-1") is None


@pytest.mark.parametrize("order", [place_wish, request_wish])
def test_before_behaviour_3_the_event_of_an_order_has_no_wish(order: Any) -> None:
    driver = order_steps.start()
    change_rules(driver, "house", behaviour=2)

    assert order(driver) is None
