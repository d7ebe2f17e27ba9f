"""The order `order-1` for a slot of the offer `offer-1`, step by step.

`start` begins with the organisation and the published offer; `bring_to_…` takes every step up to that state;
other functions with an imperative name send one command and return its events; those with a gerund as their name only
build a command. `show`, `orders`, `proposal`, `offer` and `shown_slot` ask a question.
"""

from datetime import datetime, timedelta
from typing import Any

from microgov.contracts import matching
from microgov.services.chassis.model import Said
from microgov.services.matching.handlers import service
from microgov.services.matching.questions.list import list_orders
from microgov.services.matching.questions.order import show_order
from microgov.services.matching.questions.show import show_offer
from microgov.testing.service_driver import START, ServiceDriver, driver_of, refusal

STARTS = START + timedelta(days=10)
"""When the slots begin, in UTC."""


def slot(name: str = "am", capacity: int = 1, starts: datetime = STARTS) -> matching.Slot:
    """A window of two hours, ten days after the tests begin."""
    return matching.Slot(
        slot=name, starts=starts, ends=starts + timedelta(hours=2), place="yuanbu-south", capacity=capacity
    )


def offering(*slots: matching.Slot, **values: Any) -> matching.SubmitOffer:
    """The command that submits an offer with these slots, with these fields changed."""
    offered = {
        "organisation": "org-1",
        "title": "修水管",
        "module": "repair",
        "place": "yuanbu",
        "slots": list(slots),
    }
    return matching.SubmitOffer.model_validate({**offered, **values})


def start(
    capacity: int = 1, requires: list[matching.Qualification] | None = None, **rules: dict[str, Any]
) -> ServiceDriver:
    """A service with the organisation `org-1`, represented by p-rep, and its published offer (slots `am`, `pm`)."""
    driver = driver_of(service, **rules)
    filing = matching.FileOrganisation(
        name="邻里互助社", status="filed", domains=["repair"], places=["yuanbu"], representatives=["p-rep"]
    )
    driver.say(filing, "org-1", by="p-branch", role="branch")
    driver.say(offering(slot(capacity=capacity), slot("pm"), requires=requires), "offer-1", by="p-rep")
    driver.say(matching.PublishOffer(), "offer-1", by="p-branch")
    return driver


def place_order(driver: ServiceDriver, order: str = "order-1", **how: Any) -> list[Said]:
    """p-1 places the order; `how` changes who sends it."""
    placing = matching.PlaceOrder(offer="offer-1", slot="am", text="水管漏水", channel="app")
    return driver.say(placing, order, **{"by": "p-1", **how})


def place_and_screen(driver: ServiceDriver, order: str = "order-1", **how: Any) -> None:
    """The order is placed and accepted by the branch."""
    place_order(driver, order, **how)
    driver.say(matching.ScreenOrder(accepted=True, reason="属实"), order, by="p-branch")


def assigning(**values: Any) -> matching.AssignOrder:
    """The command that assigns an order to the organisation, with these fields changed."""
    chosen = {
        "organisation": "org-1",
        "offer": "offer-1",
        "slot": "am",
        "reason": "就近",
        "followed_suggestion": False,
    }
    return matching.AssignOrder.model_validate({**chosen, **values})


def assign_order(driver: ServiceDriver, order: str = "order-1", **values: Any) -> list[Said]:
    """The branch assigns the order."""
    return driver.say(assigning(**values), order, by="p-branch")


def bring_to_staffing(driver: ServiceDriver, order: str = "order-1", **values: Any) -> None:
    """The order is placed, screened, assigned, and accepted by the organisation, which now asks people."""
    place_and_screen(driver, order)
    assign_order(driver, order, **values)
    driver.say(matching.AcceptAssignment(), order, by="p-rep")


def propose_person(
    driver: ServiceDriver, person: str = "p-5", order: str = "order-1", proposal: str = "prop-1"
) -> list[Said]:
    """The organisation asks the person whether they would serve."""
    return driver.say(matching.ProposePerson(order=order, person=person), proposal, by="p-rep")


def accept_proposal(driver: ServiceDriver, person: str = "p-5", proposal: str = "prop-1") -> list[Said]:
    """The person agrees to serve."""
    return driver.say(matching.AcceptProposal(channel="app"), proposal, by=person)


def bring_to_scheduled(driver: ServiceDriver) -> None:
    """p-5 is asked and agrees to serve."""
    bring_to_staffing(driver)
    propose_person(driver)
    accept_proposal(driver)


def bring_to_done(driver: ServiceDriver) -> list[Said]:
    """p-5 has come, and the organisation reports 40 minutes of service; returns the events of the report."""
    bring_to_scheduled(driver)
    driver.say(matching.CheckIn(channel="app"), "order-1", by="p-5")
    return driver.say(matching.ReportDone(minutes=40, note="修好了"), "order-1", by="p-rep")


def show(driver: ServiceDriver, order: str = "order-1") -> matching.OrderShown:
    """The answer to ShowOrder."""
    return show_order(matching.ShowOrder(order=order), driver.s)


def orders(driver: ServiceDriver) -> list[matching.OrderListed]:
    """All orders, as ListOrders lists them."""
    return list_orders(matching.ListOrders(most=200), driver.s).orders


def proposal(driver: ServiceDriver, id: str = "prop-1", order: str = "order-1") -> matching.ProposalShown:
    """The proposal about the order, as ShowOrder shows it."""
    return next(one for one in show(driver, order).proposals if one.proposal == id)


def offer(driver: ServiceDriver, id: str = "offer-1") -> matching.OfferShown:
    """The answer to ShowOffer."""
    return show_offer(matching.ShowOffer(offer=id), driver.s)


def shown_slot(driver: ServiceDriver, id: str = "am") -> matching.SlotShown:
    """The slot of `offer-1`, as ShowOffer shows it."""
    return next(one for one in offer(driver).slots if one.slot == id)


def refusal_code(driver: ServiceDriver, command: Any, subject: str, by: str, **how: Any) -> str:
    """The error code with which the command is refused."""
    return refusal(driver, command, subject, by=by, **how).code
