"""The course of an order, from the filing of an organisation to the rating."""

from microgov.contracts import matching
from microgov.testing.service_driver import names
from tests.matching import order_steps


def test_an_order_is_placed_assigned_staffed_served_and_rated() -> None:
    driver = order_steps.start()

    completed = order_steps.bring_to_done(driver)
    rated = driver.say(matching.RateOrder(stars=5, text="很好", channel="app"), "order-1", by="p-1")

    assert names(completed) == ["ServiceCompleted", "HoursEntered"]
    assert names(rated) == ["OrderRated"]
    order = order_steps.show(driver)
    assert (order.state, order.closing, order.stars) == ("closed", "fulfilled", 5)
    assert order_steps.proposal(driver).state == "completed"


def test_a_social_worker_places_an_order_for_a_resident() -> None:
    driver = order_steps.start()

    said = order_steps.place_order(driver, by="p-social", role="social_worker", on_behalf_of="p-7")

    event = said[0].event
    assert isinstance(event, matching.OrderPlaced)
    assert (event.beneficiary, event.placed_by) == ("p-7", "p-social")


def test_beyond_capacity_an_order_waits_and_moves_up_when_a_place_is_free() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    order_steps.place_and_screen(driver, "order-2", by="p-2")
    order_steps.assign_order(driver)

    assert names(order_steps.assign_order(driver, "order-2")) == ["OrderWaitlisted"]
    said = driver.say(matching.CancelOrder(reason="不用了", channel="app"), "order-1", by="p-1")

    assert names(said) == ["OrderCancelled", "OrderPromoted"]
    assert names(order_steps.assign_order(driver, "order-2")) == ["OrderAssigned"]


def test_a_promoted_order_that_is_cancelled_lets_the_next_one_move_up() -> None:
    driver = order_steps.start()
    for n in (1, 2, 3):
        order_steps.place_and_screen(driver, f"order-{n}", by=f"p-{n}")
        order_steps.assign_order(driver, f"order-{n}")
    driver.say(matching.DeclineAssignment(reason="没人"), "order-1", by="p-rep")
    assert order_steps.show(driver, "order-2").state == "ready"

    said = driver.say(matching.CancelOrder(reason="x", channel="app"), "order-2", by="p-2")

    assert [s.subject for s in said] == ["order-2", "order-3"]


def test_a_promoted_order_whose_place_was_taken_keeps_its_number() -> None:
    driver = order_steps.start()
    for n in (1, 2, 3):
        order_steps.place_and_screen(driver, f"order-{n}", by=f"p-{n}")
        order_steps.assign_order(driver, f"order-{n}")
    order_steps.place_and_screen(driver, "order-4", by="p-4")
    driver.say(matching.DeclineAssignment(reason="没人"), "order-1", by="p-rep")
    order_steps.assign_order(driver, "order-4")

    event = order_steps.assign_order(driver, "order-2")[0].event

    assert isinstance(event, matching.OrderWaitlisted)
    assert event.number == 1


def test_a_promoted_order_assigned_to_another_slot_gives_up_its_promised_place() -> None:
    driver = order_steps.start()
    for n in (1, 2, 3):
        order_steps.place_and_screen(driver, f"order-{n}", by=f"p-{n}")
        order_steps.assign_order(driver, f"order-{n}")
    driver.say(matching.DeclineAssignment(reason="没人"), "order-1", by="p-rep")

    said = order_steps.assign_order(driver, "order-2", slot="pm")

    assert names(said) == ["OrderAssigned", "OrderPromoted"]
    assert said[1].subject == "order-3"
    assert names(order_steps.assign_order(driver, "order-1", slot="pm")) == ["OrderWaitlisted"]


def test_an_assignment_that_is_not_answered_expires() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    order_steps.assign_order(driver)

    assert names(driver.wait(hours=48)) == ["AssignmentExpired"]
    assert (order_steps.show(driver).state, order_steps.shown_slot(driver).taken) == ("ready", 0)


def test_a_proposal_that_is_not_answered_expires_and_somebody_else_is_asked() -> None:
    driver = order_steps.start()
    order_steps.bring_to_staffing(driver)
    order_steps.propose_person(driver)

    assert names(driver.wait(hours=24)) == ["ProposalExpired"]
    order_steps.propose_person(driver, "p-6", proposal="prop-2")
    assert names(order_steps.accept_proposal(driver, "p-6", "prop-2")) == ["ProposalAccepted", "OrderStaffed"]


def test_the_first_person_who_agrees_serves_and_other_proposals_are_withdrawn() -> None:
    driver = order_steps.start()
    order_steps.bring_to_staffing(driver)
    order_steps.propose_person(driver)
    order_steps.propose_person(driver, "p-6", proposal="prop-2")

    assert names(order_steps.accept_proposal(driver)) == [
        "ProposalAccepted",
        "OrderStaffed",
        "ProposalWithdrawn",
    ]


def test_a_proposal_is_declined() -> None:
    driver = order_steps.start()
    order_steps.bring_to_staffing(driver)
    order_steps.propose_person(driver)

    assert names(driver.say(matching.DeclineProposal(channel="app"), "prop-1", by="p-5")) == [
        "ProposalDeclined"
    ]
    assert driver.wait(hours=30) == []


def test_cancelling_an_order_releases_the_person_and_the_place() -> None:
    driver = order_steps.start()
    order_steps.bring_to_scheduled(driver)

    said = driver.say(
        matching.CancelOrder(reason="x", channel="counter"), "order-1", by="p-branch", role="branch"
    )

    assert names(said) == ["OrderCancelled", "ProposalReleased"]
    assert order_steps.shown_slot(driver).taken == 0
    assert driver.wait(days=30) == []


def test_a_failed_order_is_closed_as_failed() -> None:
    driver = order_steps.start()
    order_steps.bring_to_scheduled(driver)

    said = driver.say(matching.FailOrder(reason="生病"), "order-1", by="p-rep", role="organisation")

    assert names(said) == ["OrderFailed", "ProposalReleased"]
    assert order_steps.show(driver).closing == "failed"


def test_an_order_that_nobody_rates_is_closed() -> None:
    driver = order_steps.start()
    order_steps.bring_to_done(driver)

    assert names(driver.wait(days=7)) == ["OrderClosed"]


def test_the_code_of_a_proposal_has_six_characters_that_are_not_easily_confused() -> None:
    driver = order_steps.start()
    order_steps.bring_to_staffing(driver)

    event = order_steps.propose_person(driver)[0].event

    assert isinstance(event, matching.PersonProposed)
    assert len(event.code) == 6
    assert not set(event.code) & set("01OIL")
