"""Joint service 联合服务: several organisations deliver one order together (domain.md §3.2)."""

from datetime import timedelta

import pytest

from microgov.contracts import matching
from microgov.services.matching.orders.partners import Partner
from microgov.testing.service_driver import ServiceDriver, change_rules, names, refusal
from tests.matching import order_steps
from tests.matching.invariants import violated_by

REPS = {"org-1": "p-rep", "org-2": "p-rep-2", "org-3": "p-rep-3"}


def start_with_partners(partners: list[str] | None = None) -> ServiceDriver:
    """A service with an order that is assigned to org-1, which is responsible, and to its partners."""
    driver = order_steps.start(capacity=2)
    for id, rep in REPS.items():
        filing = matching.FileOrganisation(
            name=id, status="filed", domains=["repair"], places=["yuanbu"], representatives=[rep]
        )
        if id != "org-1":
            driver.say(filing, id, by="p-branch", role="branch")
    order_steps.place_and_screen(driver)
    order_steps.assign_order(driver, partners=partners or ["org-2", "org-3"])
    return driver


def accept_assignment(driver: ServiceDriver, organisation: str) -> list[str]:
    """The organisation accepts; returns the names of the events."""
    return names(driver.say(matching.AcceptAssignment(), "order-1", by=REPS[organisation]))


@pytest.mark.rule("3.2", "several organisations deliver an order together, and each accepts for itself")
def test_an_order_is_staffed_once_every_organisation_has_accepted() -> None:
    driver = start_with_partners()

    assert accept_assignment(driver, "org-2") == ["PartnerAccepted"]
    assert order_steps.show(driver).state == "assigned"
    assert refusal(driver, matching.AcceptAssignment(), "order-1", by="p-rep-2").code == "already_accepted"
    assert refusal(driver, matching.AcceptAssignment(), "order-1", by="p-8").code == "not_your_organisation"
    (said,) = driver.say(matching.AcceptAssignment(), "order-1", by="p-rep")
    assert isinstance(said.event, matching.PartnerAccepted)
    assert said.event.waiting == ["org-3"]
    assert accept_assignment(driver, "org-3") == ["AssignmentAccepted"]
    assert order_steps.show(driver).state == "staffing"


@pytest.mark.rule("3.2", "several organisations deliver an order together, and each accepts for itself")
@pytest.mark.parametrize("who", list(REPS))
def test_an_order_is_ready_again_if_one_organisation_declines_and_the_others_are_named(who: str) -> None:
    driver = start_with_partners()
    accept_assignment(driver, "org-2" if who != "org-2" else "org-3")

    event = driver.say(matching.DeclineAssignment(reason="没有人手"), "order-1", by=REPS[who])[0].event

    assert isinstance(event, matching.AssignmentDeclined)
    assert event.organisation == who
    assert event.partners == [one for one in REPS if one != who]
    assert order_steps.show(driver).state == "ready"
    assert driver.rows(Partner) == []
    order_steps.assign_order(driver)
    assert accept_assignment(driver, "org-1") == ["AssignmentAccepted"], (
        "assigned to one alone, one yes is enough"
    )


def test_an_order_is_ready_again_if_one_organisation_does_not_answer() -> None:
    driver = start_with_partners()
    accept_assignment(driver, "org-1")
    accept_assignment(driver, "org-2")

    driver.wait(hours=49)

    (expired,) = [m.data for m in driver.log if isinstance(m.data, matching.AssignmentExpired)]
    assert expired.partners == ["org-2", "org-3"]
    assert order_steps.show(driver).state == "ready"


@pytest.mark.rule("3.2", "several organisations deliver an order together, and each accepts for itself")
def test_each_organisation_asks_its_own_people_and_the_responsible_one_reports() -> None:
    driver = start_with_partners(["org-2"])
    accept_assignment(driver, "org-1")
    accept_assignment(driver, "org-2")

    asked = driver.say(matching.ProposePerson(order="order-1", person="p-5"), "prop-1", by="p-rep-2")[0].event

    assert isinstance(asked, matching.PersonProposed)
    assert asked.organisation == "org-2"
    asking = matching.ProposePerson(order="order-1", person="p-6")
    assert refusal(driver, asking, "prop-2", by="p-rep-3").code == "not_your_organisation"
    order_steps.accept_proposal(driver)
    driver.now = order_steps.STARTS + timedelta(minutes=1)
    driver.say(matching.CheckIn(channel="app"), "order-1", by="p-5")
    done = matching.ReportDone(minutes=40, note="修好了")
    assert refusal(driver, done, "order-1", by="p-rep-2").code == "not_your_organisation", (
        "org-1 is responsible"
    )
    assert "ServiceCompleted" in names(driver.say(done, "order-1", by="p-rep"))


@pytest.mark.parametrize(
    ("partners", "expected"),
    [(["org-1"], "partner_twice"), (["org-2", "org-2"], "partner_twice"), (["org-9"], "not_found")],
)
def test_partners_are_known_other_organisations_named_once(partners: list[str], expected: str) -> None:
    driver = start_with_partners(["org-2"])
    driver.say(matching.DeclineAssignment(reason="x"), "order-1", by="p-rep")

    assert (
        refusal(driver, order_steps.assigning(partners=partners), "order-1", by="p-branch").code == expected
    )


def test_a_representative_of_a_partner_does_not_assign() -> None:
    driver = start_with_partners(["org-2"])
    driver.say(matching.DeclineAssignment(reason="x"), "order-1", by="p-rep")

    assigning = order_steps.assigning(partners=["org-2"])
    assert refusal(driver, assigning, "order-1", by="p-rep-2", role="branch").code == "assigns_to_self"


def test_the_event_of_a_cancelled_order_names_its_partners() -> None:
    driver = start_with_partners()

    event = driver.say(matching.CancelOrder(reason="x", channel="app"), "order-1", by="p-1")[0].event

    assert isinstance(event, matching.OrderCancelled)
    assert event.partners == ["org-2", "org-3"]
    assert driver.rows(Partner) == []


def test_a_representative_of_a_partner_assigns_only_if_that_is_flagged() -> None:
    driver = start_with_partners()
    driver.say(matching.DeclineAssignment(reason="没有人手"), "order-1", by="p-rep-2")

    wrong = refusal(driver, order_steps.assigning(partners=["org-2"]), "order-1", by="p-rep-2", role="branch")
    said = driver.say(
        order_steps.assigning(partners=["org-2"], own_organisation=True),
        "order-1",
        by="p-rep-2",
        role="branch",
    )

    assert wrong.code == "assigns_to_self"
    assert names(said)[0] == "OrderAssigned"
    assert violated_by(driver.log, driver.s) == []


@pytest.mark.rule(
    "3.2",
    "all organisations of an order are notified that its slot is cancelled, all who were to serve that it is cancelled",
)
@pytest.mark.parametrize(("behaviour", "partners"), [(3, ["org-2", "org-3"]), (2, None)])
def test_all_partners_are_named_when_their_slot_is_cancelled(
    behaviour: int, partners: list[str] | None
) -> None:
    driver = start_with_partners()
    change_rules(driver, "house", behaviour=behaviour)

    said = driver.say(matching.CancelSlot(slot="am", reason="下雨"), "offer-1", by="p-rep")

    (released,) = [one.event for one in said if isinstance(one.event, matching.OrderReleased)]
    assert (released.organisation, released.partners) == ("org-1", partners)


def test_all_partners_are_named_when_the_order_is_staffed() -> None:
    driver = start_with_partners()
    for organisation in REPS:
        accept_assignment(driver, organisation)
    asking = matching.ProposePerson(order="order-1", person="p-5")
    driver.say(asking, "prop-1", by="p-rep-2")

    said = driver.say(matching.AcceptProposal(channel="app"), "prop-1", by="p-5")

    (staffed,) = [one.event for one in said if isinstance(one.event, matching.OrderStaffed)]
    assert (staffed.organisation, staffed.partners) == ("org-2", ["org-1", "org-3"])
