"""One test for each reason why matching refuses a command."""

from datetime import timedelta
from typing import Any

import pytest

from microgov.contracts import matching
from microgov.testing.service_driver import ServiceDriver, names, refusal
from tests.matching import order_steps, provider_steps


def code(driver: ServiceDriver, command: Any, subject: str = "order-1", **how: Any) -> str:
    """The error code with which the command is refused."""
    return refusal(driver, command, subject, **{"by": "p-branch", **how}).code


@pytest.mark.rule("3.3", "I10 only the branch assigns")
def test_nobody_but_the_branch_assigns() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)

    for role in ("organisation", "office", "social_worker", "resident"):
        assert code(driver, order_steps.assigning(), by="p-rep", role=role) == "role_not_allowed"
    assert code(driver, order_steps.assigning(), scope="elsewhere") == "outside_scope"


def test_only_its_representatives_act_for_an_organisation() -> None:
    driver = order_steps.start()
    order_steps.bring_to_staffing(driver)
    offering = matching.SubmitOffer(organisation="org-1", title="x", module="x", place="yuanbu", slots=[])

    assert code(driver, offering, "offer-2", by="p-8") == "not_your_organisation"
    assert (
        code(driver, matching.PauseOffer(), "offer-1", by="p-8", role="organisation")
        == "not_your_organisation"
    )
    assert code(driver, matching.AcceptAssignment(), by="p-8") == "not_your_organisation"
    assert (
        code(driver, matching.ProposePerson(order="order-1", person="p-5"), "prop-1", by="p-8")
        == "not_your_organisation"
    )


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ([order_steps.slot().model_copy(update={"ends": order_steps.STARTS})], "window_invalid"),
        ([order_steps.slot(), order_steps.slot()], "slot_twice"),
        ([order_steps.slot().model_copy(update={"place": "elsewhere"})], "outside_place"),
    ],
)
def test_slots_have_a_window_an_id_and_a_place_inside_the_offer(
    slots: list[matching.Slot], expected: str
) -> None:
    offering = matching.SubmitOffer(organisation="org-1", title="x", module="x", place="yuanbu", slots=slots)

    assert code(order_steps.start(), offering, "offer-2", by="p-rep") == expected


def test_a_registered_person_orders_a_slot_of_a_published_offer() -> None:
    driver = order_steps.start()
    good = matching.PlaceOrder(offer="offer-1", slot="am", text="x", channel="app")

    assert code(driver, good, by="p-nobody") == "not_registered"
    assert code(driver, good.model_copy(update={"slot": "midnight"}), by="p-1") == "unknown_slot"
    assert code(driver, good.model_copy(update={"offer": None}), by="p-1") == "unknown_slot"
    assert code(driver, good.model_copy(update={"offer": "offer-9"}), by="p-1") == "not_found"
    driver.say(matching.PauseOffer(), "offer-1", by="p-branch", role="branch")
    assert code(driver, good, by="p-1") == "offer_not_open"
    driver.say(matching.ResumeOffer(), "offer-1", by="p-rep", role="organisation")
    assert names(driver.say(good, "order-1", by="p-1")) == ["OrderPlaced"]


def test_an_order_is_assigned_to_an_organisation_of_its_place_and_to_one_of_its_offers() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)
    for id, places in (("org-2", ["yuanbu"]), ("org-far", ["elsewhere"])):
        filing = matching.FileOrganisation(
            name=id, status="filed", domains=[], places=places, representatives=["p-rep"]
        )
        driver.say(filing, id, by="p-office", role="office")

    assert code(driver, order_steps.assigning(organisation="org-far")) == "organisation_not_there"
    assert code(driver, order_steps.assigning(organisation="org-2")) == "not_their_offer"
    assert code(driver, order_steps.assigning(slot=None)) == "slot_missing"
    assert code(driver, order_steps.assigning(slot="midnight")) == "unknown_slot"
    assert code(driver, order_steps.assigning(offer=None)) == "unknown_slot"
    assert names(order_steps.assign_order(driver, organisation="org-2", offer=None, slot=None)) == [
        "OrderAssigned"
    ]


@pytest.mark.rule("3.3", "I9 whoever assigns is not the assignee unless it is flagged")
def test_whoever_assigns_is_not_the_assignee_unless_that_is_flagged() -> None:
    driver = order_steps.start()
    order_steps.place_and_screen(driver)

    assert code(driver, order_steps.assigning(), by="p-rep", role="branch") == "assigns_to_self"
    said = driver.say(order_steps.assigning(own_organisation=True), "order-1", by="p-rep", role="branch")
    assert names(said) == ["OrderAssigned"]


def test_a_person_is_asked_once_and_answers_for_themself() -> None:
    driver = order_steps.start()
    order_steps.bring_to_staffing(driver)
    order_steps.propose_person(driver)

    assert (
        code(driver, matching.ProposePerson(order="order-1", person="p-5"), "prop-2", by="p-rep")
        == "already_asked"
    )
    assert (
        code(driver, matching.ProposePerson(order="order-1", person="p-no"), "prop-2", by="p-rep")
        == "not_registered"
    )
    assert code(driver, matching.AcceptProposal(channel="app"), "prop-1", by="p-6") == "not_yours"
    assert code(driver, matching.DeclineProposal(channel="app"), "prop-1", by="p-6") == "not_yours"


@pytest.mark.rule("3.2", "nobody serves themself, or a person with whom they have a conflict")
def test_nobody_serves_themself_or_a_person_with_whom_they_have_a_conflict() -> None:
    driver = order_steps.start()
    order_steps.bring_to_staffing(driver)
    provider_steps.register(driver, "p-5", conflicts=["p-1"])
    beneficiary = order_steps.show(driver).beneficiary

    for person in ("p-5", beneficiary):
        asking = matching.ProposePerson(order="order-1", person=person)
        refused = refusal(driver, asking, "prop-9", by="p-rep", role="organisation")
        assert beneficiary == "p-1"
        assert (refused.code, refused.field) == ("conflict", "data.person")
    provider_steps.register(driver, "p-5")
    assert names(order_steps.propose_person(driver)) == ["PersonProposed"]


def test_nobody_has_two_tasks_at_the_same_time() -> None:
    driver = order_steps.start(capacity=2)
    order_steps.bring_to_scheduled(driver)
    order_steps.bring_to_staffing(driver, "order-2")
    order_steps.propose_person(driver, "p-5", "order-2", "prop-2")

    assert code(driver, matching.AcceptProposal(channel="app"), "prop-2", by="p-5") == "overlapping_task"


def test_tasks_that_touch_do_not_overlap() -> None:
    driver = order_steps.start()
    later = order_steps.slot("later", starts=order_steps.STARTS + timedelta(hours=2))
    offering = matching.SubmitOffer(
        organisation="org-1", title="x", module="repair", place="yuanbu", slots=[later]
    )
    driver.say(offering, "offer-2", by="p-rep")
    driver.say(matching.PublishOffer(), "offer-2", by="p-branch")
    order_steps.bring_to_scheduled(driver)
    order_steps.bring_to_staffing(driver, "order-2", offer="offer-2", slot="later")
    order_steps.propose_person(driver, "p-5", "order-2", "prop-2")

    assert names(order_steps.accept_proposal(driver, "p-5", "prop-2")) == ["ProposalAccepted", "OrderStaffed"]


def test_only_the_person_serving_checks_in_and_only_the_beneficiary_cancels_and_rates() -> None:
    driver = order_steps.start()
    order_steps.bring_to_scheduled(driver)

    assert code(driver, matching.CheckIn(channel="app"), by="p-6") == "not_yours"
    assert (
        code(driver, matching.CancelOrder(reason="x", channel="app"), by="p-2", role="resident")
        == "not_your_order"
    )
    driver.say(matching.CheckIn(channel="app"), "order-1", by="p-5")
    driver.say(matching.ReportDone(minutes=1, note="x"), "order-1", by="p-rep")
    assert code(driver, matching.RateOrder(stars=1, channel="app"), by="p-2") == "not_your_order"


def test_an_id_is_used_once() -> None:
    driver = order_steps.start()
    order_steps.place_order(driver)

    assert code(driver, matching.PlaceOrder(text="x", channel="app"), by="p-1") == "already_exists"
