"""People who serve an order: asked by the organisation, agreeing, and coming."""

from typing import Any

from microgov.contracts import matching
from microgov.contracts.directory import RoleGranted
from microgov.contracts.fields import Role
from microgov.services.matching.questions.hours import show_hours
from microgov.testing.service_driver import ServiceDriver, names
from tests.matching import order_steps

RULES: dict[str, Any] = {"tasks": {"late_hours": 2, "strikes": 2, "travel_minutes": 30}}


DUAL_WORKERS: dict[str, Any] = {"staffing": {"people": 2, "lead": True}}


def ask(driver: ServiceDriver, *people: str, order: str = "order-1", duty: Any = None) -> None:
    """The organisation asks each person; the id of a proposal is `ORDER-PERSON`."""
    for person in people:
        asking = matching.ProposePerson(order=order, person=person, duty=duty)
        driver.say(asking, f"{order}-{person}", by="p-rep")


def ask_and_agree(driver: ServiceDriver, *people: str, order: str = "order-1", **how: Any) -> None:
    """Each person is asked and agrees to serve."""
    for person in people:
        ask(driver, person, order=order, **how)
        order_steps.accept_proposal(driver, person, f"{order}-{person}")


def make_social_worker(driver: ServiceDriver) -> None:
    """The service folds the event of the directory by which p-7 becomes a social worker."""
    driver.hear(RoleGranted(person="p-7", role=Role.SOCIAL_WORKER, place="yuanbu"), "p-7")


def hours(driver: ServiceDriver, person: str = "p-5") -> matching.HoursShown:
    """The answer to ShowHours."""
    return show_hours(matching.ShowHours(person=person), driver.s)


def check_in(driver: ServiceDriver, person: str, order: str = "order-1") -> list[str]:
    """The person comes; returns the names of the events."""
    return names(driver.say(matching.CheckIn(channel="app"), order, by=person))
