"""Offers from the draft on, their service modules, and fairs with slots that are added and cancelled."""

from datetime import timedelta

import pytest

from microgov.contracts import matching
from microgov.contracts.rules.service_modules import ModulesRules, ServiceModule
from microgov.services.matching.model import Rule
from microgov.services.matching.offers.offer import Offer
from microgov.services.matching.offers.slot import Slot
from microgov.services.matching.orders.assignments import Assignment
from microgov.services.matching.questions.list import list_offers, list_waiting
from microgov.testing.service_driver import ServiceDriver, change_rules, names, refusal
from tests.matching import order_steps, provider_steps


def drafting(*slots: matching.Slot, **values: object) -> matching.DraftOffer:
    """The command that drafts an offer with these slots."""
    return matching.DraftOffer.model_validate(dict(order_steps.offering(*slots, **values)))


def cancel_slot(driver: ServiceDriver, slot: str = "am") -> list[str]:
    """The branch cancels the slot; returns name and subject of each event."""
    said = driver.say(matching.CancelSlot(slot=slot, reason="下雨"), "offer-1", by="p-branch")
    return [f"{type(one.event).__name__} {one.subject}" for one in said]


def slot_count(driver: ServiceDriver, offer: str) -> int:
    """How many slots the offer has, as ListOffers counts them."""
    listed = list_offers(matching.ListOffers(), driver.s).offers
    return next(one.slots for one in listed if one.offer == offer)


@pytest.mark.rule("3.2", "an offer is a draft until it is submitted")
def test_a_draft_is_rewritten_until_an_offer_is_submitted_in_its_place() -> None:
    driver = order_steps.start()
    driver.say(
        drafting(order_steps.slot("a"), order_steps.slot("b"), requires=[provider_steps.HEALTH]),
        "offer-2",
        by="p-rep",
    )
    driver.say(drafting(order_steps.slot("b", 3), title="磨剪刀"), "offer-2", by="p-rep")
    drafted = order_steps.offer(driver, "offer-2")

    assert (drafted.state, drafted.title, drafted.requires) == ("draft", "磨剪刀", [])
    assert [(one.slot, one.capacity) for one in drafted.slots] == [("b", 3)]
    assert slot_count(driver, "offer-2") == 1
    assert refusal(driver, matching.PublishOffer(), "offer-2", by="p-branch").code == "wrong_state"
    assert names(
        driver.say(order_steps.offering(requires=[provider_steps.HEALTH]), "offer-2", by="p-rep")
    ) == ["OfferSubmitted"]
    submitted = order_steps.offer(driver, "offer-2")
    assert (submitted.state, submitted.slots, submitted.requires) == (
        "submitted",
        [],
        [provider_steps.HEALTH],
    )
    assert slot_count(driver, "offer-2") == 0
    assert refusal(driver, drafting(), "offer-2", by="p-rep").code == "already_exists"


def test_a_draft_is_withdrawn_and_nobody_else_takes_its_id() -> None:
    driver = order_steps.start()
    other = matching.FileOrganisation(
        name="x", status="filed", domains=[], places=["yuanbu"], representatives=["p-8"]
    )
    driver.say(other, "org-2", by="p-branch", role="branch")
    driver.say(drafting(), "offer-2", by="p-rep")

    assert refusal(driver, drafting(organisation="org-2"), "offer-2", by="p-8").code == "already_exists"
    assert names(driver.say(matching.WithdrawOffer(), "offer-2", by="p-rep")) == ["OfferWithdrawn"]


@pytest.mark.rule("3.1", "an offer names a module that is in force")
def test_an_offer_names_a_module_that_is_in_force() -> None:
    driver = order_steps.start()

    assert (
        refusal(driver, order_steps.offering(module="dancing"), "offer-2", by="p-rep").code
        == "unknown_module"
    )
    fourth = {"module": "dancing", "zh": "广场舞", "en": "dancing"}
    change_rules(driver, "modules", fourth=fourth, extensions=[])
    assert names(driver.say(order_steps.offering(module="dancing"), "offer-2", by="p-rep")) == [
        "OfferSubmitted"
    ]
    assert refusal(driver, order_steps.offering(), "offer-3", by="p-rep").code == "unknown_module"


def test_without_modules_in_force_an_offer_may_name_any_module() -> None:
    driver = order_steps.start()
    driver.s.delete(driver.row(Rule, "modules"))
    driver.s.flush()

    assert names(driver.say(order_steps.offering(module="dancing"), "offer-2", by="p-rep")) == [
        "OfferSubmitted"
    ]


def test_three_modules_are_fixed_and_the_operator_chooses_the_fourth() -> None:
    rules = ModulesRules.model_validate({})

    assert rules.fourth is None
    assert rules.names()[:3] == ["womens_rights", "parent_child", "reemployment"]
    with pytest.raises(ValueError, match="repair is there twice"):
        ModulesRules.model_validate({"fourth": ServiceModule(module="repair", zh="修", en="repair")})


def test_a_fair_has_twelve_slots_in_one_command_and_more_later() -> None:
    driver = order_steps.start()
    slots = [order_steps.slot(f"s{n}", starts=order_steps.STARTS + timedelta(hours=2 * n)) for n in range(12)]
    driver.say(order_steps.offering(*slots, module="convenience"), "fair", by="p-rep")

    more = [order_steps.slot("s12"), order_steps.slot("s13")]
    assert names(driver.say(matching.AddSlots(slots=more), "fair", by="p-rep", role="organisation")) == [
        "SlotsAdded"
    ]
    assert (slot_count(driver, "fair"), len(order_steps.offer(driver, "fair").slots)) == (14, 14)


def test_added_slots_are_checked_like_the_first() -> None:
    driver = order_steps.start()

    def code(*slots: matching.Slot, by: str = "p-rep") -> str:
        return refusal(
            driver, matching.AddSlots(slots=list(slots)), "offer-1", by=by, role="organisation"
        ).code

    backwards = order_steps.slot("x").model_copy(update={"ends": order_steps.STARTS})
    assert code(order_steps.slot("am")) == code(order_steps.slot("x"), order_steps.slot("x")) == "slot_twice"
    assert code(backwards) == "window_invalid"
    assert code(order_steps.slot("x"), by="p-8") == "not_your_organisation"
    driver.row(Offer, "offer-1").slots = 1000
    assert code(order_steps.slot("x")) == "too_many_slots"


@pytest.mark.rule("3.2", "a cancelled slot releases its orders, and everybody is notified")
def test_the_orders_of_a_cancelled_slot_are_released_and_ready_again() -> None:
    driver = order_steps.start(capacity=2)
    for n in (1, 2, 3, 4):
        order_steps.place_and_screen(driver, f"order-{n}", by=f"p-{n}")
        order_steps.assign_order(driver, f"order-{n}")
    driver.say(matching.AcceptAssignment(), "order-1", by="p-rep")
    order_steps.propose_person(driver)
    order_steps.accept_proposal(driver)

    assert cancel_slot(driver) == [
        "SlotCancelled offer-1",
        "OrderReleased order-1",
        "ProposalReleased prop-1",
        "OrderReleased order-2",
        "OrderReleased order-3",
        "OrderReleased order-4",
    ]
    assert {order_steps.show(driver, f"order-{n}").state for n in (1, 2, 3, 4)} == {"ready"}
    assert driver.rows(Assignment) == []
    assert list_waiting(matching.ListWaiting(offer="offer-1"), driver.s).waiting == []
    assert order_steps.proposal(driver).state == "released"
    slot = order_steps.shown_slot(driver)
    assert (slot.capacity, slot.taken, slot.waiting) == (0, 0, 0)
    assert driver.row(Slot, "offer-1", "am").promised == 0
    assert names(order_steps.assign_order(driver, slot="pm")) == ["OrderAssigned"]
    assert names(driver.wait(days=3)) == ["AssignmentExpired"]


def test_a_promoted_order_loses_its_promised_place_with_the_slot() -> None:
    driver = order_steps.start()
    for n in (1, 2):
        order_steps.place_and_screen(driver, f"order-{n}", by=f"p-{n}")
        order_steps.assign_order(driver, f"order-{n}")
    driver.say(matching.DeclineAssignment(reason="没人"), "order-1", by="p-rep")

    assert cancel_slot(driver) == ["SlotCancelled offer-1", "OrderReleased order-2"]
    assert driver.row(Slot, "offer-1", "am").promised == 0


def test_nothing_is_ordered_from_or_assigned_to_a_cancelled_slot_and_it_is_cancelled_once() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    cancel_slot(driver)
    placing = matching.PlaceOrder(offer="offer-1", slot="am", text="x", channel="app")

    assert refusal(driver, placing, "order-2", by="p-2").code == "slot_cancelled"
    assert refusal(driver, order_steps.assigning(), "order-1", by="p-branch").code == "slot_cancelled"
    assert (
        refusal(driver, matching.CancelSlot(slot="am", reason="x"), "offer-1", by="p-branch").code
        == "slot_cancelled"
    )
    assert (
        refusal(driver, matching.CancelSlot(slot="xx", reason="x"), "offer-1", by="p-branch").code
        == "unknown_slot"
    )


@pytest.mark.rule("3.2", "a slot whose service has begun is not cancelled")
def test_a_slot_whose_service_has_begun_is_not_cancelled() -> None:
    driver = order_steps.start()
    order_steps.bring_to_scheduled(driver)
    driver.say(matching.CheckIn(channel="app"), "order-1", by="p-5")

    assert (
        refusal(driver, matching.CancelSlot(slot="am", reason="x"), "offer-1", by="p-branch").code
        == "slot_begun"
    )
