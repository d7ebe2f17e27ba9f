"""Notices about orders: to those who ordered, those who serve, and the organisations."""

import pytest

from microgov.contracts import matching
from microgov.services.notify.audience.followers import SERVING, Follow, in_one_line
from microgov.testing.service_driver import START, ServiceDriver, names
from tests.notify import notify_steps

FILED = {"status": "filed", "domains": [], "places": ["yuanbu"]}
WISH = "想学用智能手机挂号。\n周末上午"


def start_with_wish(wish: str | None = WISH, **rules: dict[str, int]) -> ServiceDriver:
    """A service with an order without an offer, placed by p-2 for p-1."""
    driver = notify_steps.start_with_offer(**rules)
    placed = matching.OrderPlaced(
        beneficiary="p-1", placed_by="p-2", place="yuanbu", channel="app", wish=wish
    )
    driver.hear(placed, "order-1", by="p-2")
    return driver


def assign_to_two(driver: ServiceDriver) -> list[str]:
    """The order is assigned to two organisations; returns the names of notify's events."""
    driver.hear(
        matching.OrganisationFiled.model_validate({**FILED, "name": "物业", "representatives": ["p-8"]}),
        "org-2",
    )
    assigning = matching.OrderAssigned(
        organisation="org-1",
        reason="x",
        followed_suggestion=False,
        own_organisation=False,
        answer_until=START,
        partners=["org-2"],
    )
    return names(driver.hear(assigning, "order-1", by="p-branch"))


def test_an_order_without_an_offer_is_called_by_its_wish() -> None:
    driver = start_with_wish()

    driver.hear(matching.OrderRejected(reason="由社区卫生站办"), "order-1", by="p-branch")

    said = dict(notify_steps.notices(driver))
    assert said["p-1"].title == "点单未通过：想学用智能手机挂号。 周末上午"
    assert said["p-1"].body == "“想学用智能手机挂号。 周末上午”未通过：由社区卫生站办。"
    assert said["p-2"].title == "Order rejected: 想学用智能手机挂号。 周末上午"


def test_an_order_with_neither_offer_nor_wish_is_called_an_order() -> None:
    driver = start_with_wish(None)

    driver.hear(matching.OrderAccepted(reason="x"), "order-1", by="p-branch")

    titles = {person: notice.title for person, notice in notify_steps.notices(driver)}
    assert titles == {"p-1": "点单通过：点单", "p-2": "Order accepted: an order"}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("水管漏水", "水管漏水"),
        (" 水管\n\t漏水。 ", "水管 漏水"),
        (" \n", ""),
        ("好" * 40, "好" * 40),
        ("好" * 41, "好" * 39 + "…"),
        ("a" * 38 + " b c", "a" * 38 + "…"),
    ],
)
def test_free_text_becomes_a_title_of_one_short_line(text: str, title: str) -> None:
    assert in_one_line(text) == title
    assert len(title) <= 40


def test_both_who_ordered_are_notified_of_the_assignment_and_each_organisation_is_asked() -> None:
    driver = start_with_wish()

    assert assign_to_two(driver) == ["NoticeDelivered"] * 5

    assert notify_steps.recipients(driver, "order_assigned") == ["p-1", "p-2"]
    assert notify_steps.recipients(driver, "assignment_offered") == ["p-6", "p-7", "p-8"]
    assert "请在 2026-03-02 16:00 前答复是否接单" in notify_steps.bodies(driver, "assignment_offered")["p-7"]


def test_nobody_gets_two_notices_of_one_event() -> None:
    driver = notify_steps.start_with_offer()
    driver.hear(
        matching.OrderPlaced(beneficiary="p-7", placed_by="p-7", place="yuanbu", channel="app"),
        "order-1",
        by="p-7",
    )

    assign_to_two(driver)

    assert notify_steps.recipients(driver, "assignment_offered") == ["p-6", "p-7", "p-8"]
    assert notify_steps.recipients(driver, "order_assigned") == []


def test_before_behaviour_3_organisations_got_the_same_notice_as_everybody() -> None:
    driver = start_with_wish(None, house={"behaviour": 2})

    assign_to_two(driver)

    assert {notice.notice_type for _, notice in notify_steps.notices(driver)} == {"order_assigned"}
    assert notify_steps.recipients(driver, "order_assigned") == ["p-1", "p-2", "p-6", "p-7", "p-8"]


@pytest.mark.parametrize(
    "event",
    [
        matching.AssignmentDeclined(organisation="org-1", reason="没有人手", partners=["org-2"]),
        matching.AssignmentExpired(organisation="org-1", partners=["org-2"]),
    ],
    ids=["declined", "expired"],
)
def test_partners_are_notified_which_organisation_did_not_accept(
    event: matching.AssignmentDeclined | matching.AssignmentExpired,
) -> None:
    driver = start_with_wish()
    assign_to_two(driver)

    driver.hear(event, "order-1", by="p-6")

    (body,) = notify_steps.bodies(driver, "assignment_fell_through").values()
    assert "org-1" not in body
    assert "互助社" in body


def test_whoever_ordered_is_notified_that_people_are_confirmed() -> None:
    driver = start_with_wish()

    driver.hear(matching.OrderStaffed(organisation="org-1", person="p-5"), "order-1", by="p-5")

    assert (
        notify_steps.bodies(driver, "order_staffed")["p-1"]
        == "“想学用智能手机挂号。 周末上午”由“互助社”派人服务，人员已确认。"
    )


def test_those_who_ordered_and_those_who_serve_are_notified_of_a_cancelled_slot() -> None:
    driver = notify_steps.start_with_offer()
    placed = matching.OrderPlaced(
        beneficiary="p-1", placed_by="p-2", offer="offer-1", place="yuanbu", channel="app"
    )
    driver.hear(placed, "order-1", by="p-2")
    released = matching.OrderReleased(
        organisation="org-1", person="p-8", offer="offer-1", slot="am", reason="下雨"
    )
    driver.hear(released, "order-1", by="p-branch")

    assert notify_steps.recipients(driver, "order_released") == ["p-1", "p-2", "p-6", "p-7", "p-8"]


def propose_people(driver: ServiceDriver, *people: str) -> None:
    """An order is placed, and each of these people is asked to serve it."""
    placed = matching.OrderPlaced(
        beneficiary="p-1", placed_by="p-1", offer="offer-1", place="yuanbu", channel="app"
    )
    driver.hear(placed, "order-1", by="p-1")
    for person in people:
        asking = matching.PersonProposed(
            order="order-1", organisation="org-1", person=person, code="K7Q2MD", expires_at=START
        )
        driver.hear(asking, f"prop-{person}", by="p-6")


@pytest.mark.rule(
    "3.2",
    "all organisations of an order are notified that its slot is cancelled, all who were to serve that it is cancelled",
)
def test_everybody_who_agreed_is_notified_that_the_order_is_cancelled() -> None:
    driver = notify_steps.start_with_offer()
    propose_people(driver, "p-2", "p-3", "p-4", "p-5")
    for person in ("p-2", "p-3", "p-4"):
        driver.hear(matching.ProposalAccepted(order="order-1", person=person), f"prop-{person}", by=person)
    driver.hear(matching.ProposalReplaced(order="order-1", person="p-3", by="prop-8"), "prop-p-3", by="p-6")
    driver.hear(matching.PersonDidNotShow(order="order-1", person="p-4"), "prop-p-4", by="p-6")
    driver.hear(matching.ProposalWithdrawn(order="order-1", person="p-5"), "prop-p-5", by="p-6")

    driver.hear(matching.OrderCancelled(organisation="org-1", reason="不需要了"), "order-1", by="p-1")

    assert notify_steps.recipients(driver, "order_cancelled") == ["p-2", "p-6", "p-7"]
    assert notify_steps.recipients(driver, "proposal_withdrawn") == ["p-5"]
    assert notify_steps.recipients(driver, "proposal_replaced") == ["p-3"]


def test_before_behaviour_3_only_the_person_named_was_notified() -> None:
    driver = notify_steps.start_with_offer(house={"behaviour": 2})
    propose_people(driver, "p-2")
    driver.hear(matching.ProposalAccepted(order="order-1", person="p-2"), "prop-p-2", by="p-2")

    driver.hear(matching.ProposalWithdrawn(order="order-1", person="p-5"), "prop-p-5", by="p-6")
    driver.hear(matching.OrderCancelled(organisation="org-1", reason="不需要了"), "order-1", by="p-1")

    assert notify_steps.recipients(driver, "order_cancelled") == ["p-6", "p-7"]
    assert notify_steps.recipients(driver, "proposal_withdrawn") == []
    assert not [row for row in driver.rows(Follow) if row.kind == SERVING]
