"""Steps that ask the planner for suggestions, and assign an order as suggested."""

from typing import Any

from microgov.contracts import matching
from microgov.services.matching.questions.plan import plan_orders
from microgov.testing.service_driver import ServiceDriver
from tests.matching import order_steps


def plan(driver: ServiceDriver, community: str = "yuanbu", **values: Any) -> matching.OrdersPlanned:
    """The planner's answer for a community, now unless `at` is given."""
    driver.s.flush()
    asked = matching.PlanOrders.model_validate(
        {"community": community, "at": driver.now.isoformat(), **values}, strict=False
    )
    return plan_orders(asked, driver.s)


def following(suggestion: matching.Suggestion, **values: Any) -> matching.AssignOrder:
    """The branch's command that assigns the order as suggested."""
    said = {name: getattr(suggestion, name) for name in ("organisation", "offer", "slot", "suggested_from")}
    return order_steps.assigning(**said, followed_suggestion=True, **values)
