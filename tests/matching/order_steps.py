"""The order, step by step; each function takes the story one step further."""

from datetime import datetime, timedelta
from typing import Any

from microgov.contracts import matching
from microgov.services.chassis.model import Said
from microgov.services.matching.handlers import service
from tests.support.service_driver import START, ServiceDriver, driver_of, refusal

STARTS = START + timedelta(days=10)


def slot(name: str = "am", capacity: int = 1, starts: datetime = STARTS) -> matching.Slot:
    return matching.Slot(
        slot=name, starts=starts, ends=starts + timedelta(hours=2), place="yuanbu-south", capacity=capacity
    )


def offering(*slots: matching.Slot, **values: Any) -> matching.SubmitOffer:
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
    driver = driver_of(service, **rules)
    filing = matching.FileOrganisation(
        name="邻里互助社", status="filed", domains=["repair"], places=["yuanbu"], representatives=["p-rep"]
    )
    driver.say(filing, "org-1", by="p-branch", role="branch")
    driver.say(offering(slot(capacity=capacity), slot("pm"), requires=requires), "offer-1", by="p-rep")
    driver.say(matching.PublishOffer(), "offer-1", by="p-branch")
    return driver


def place_order(driver: ServiceDriver, order: str = "order-1", **how: Any) -> list[Said]:
    placing = matching.PlaceOrder(offer="offer-1", slot="am", text="水管漏水", channel="app")
    return driver.say(placing, order, **{"by": "p-1", **how})


def place_and_screen(driver: ServiceDriver, order: str = "order-1", **how: Any) -> None:
    place_order(driver, order, **how)
    driver.say(matching.ScreenOrder(accepted=True, reason="属实"), order, by="p-branch")


def assigning(**values: Any) -> matching.AssignOrder:
    chosen = {
        "organisation": "org-1",
        "offer": "offer-1",
        "slot": "am",
        "reason": "就近",
        "followed_suggestion": False,
    }
    return matching.AssignOrder.model_validate({**chosen, **values})


def assign_order(driver: ServiceDriver, order: str = "order-1", **values: Any) -> list[Said]:
    return driver.say(assigning(**values), order, by="p-branch")


def bring_to_staffing(driver: ServiceDriver, order: str = "order-1", **values: Any) -> None:
    place_and_screen(driver, order)
    assign_order(driver, order, **values)
    driver.say(matching.AcceptAssignment(), order, by="p-rep")


def propose_person(
    driver: ServiceDriver, person: str = "p-5", order: str = "order-1", proposal: str = "prop-1"
) -> list[Said]:
    return driver.say(matching.ProposePerson(order=order, person=person), proposal, by="p-rep")


def accept_proposal(driver: ServiceDriver, person: str = "p-5", proposal: str = "prop-1") -> list[Said]:
    return driver.say(matching.AcceptProposal(channel="app"), proposal, by=person)


def bring_to_scheduled(driver: ServiceDriver) -> None:
    bring_to_staffing(driver)
    propose_person(driver)
    accept_proposal(driver)


def bring_to_done(driver: ServiceDriver) -> list[Said]:
    bring_to_scheduled(driver)
    driver.say(matching.CheckIn(channel="app"), "order-1", by="p-5")
    return driver.say(matching.ReportDone(minutes=40, note="修好了"), "order-1", by="p-rep")


def refusal_code(driver: ServiceDriver, command: Any, subject: str, by: str, **how: Any) -> str:
    return refusal(driver, command, subject, by=by, **how).code
