"""Given, when, then: a test of one service in messages, without a broker. The example is that of docs/writing-a-service.md.

    def test_a_tool_that_is_lent_cannot_be_lent() -> None:
        (
            given(service, about("ladder", OfferTool(name="梯子")), about("ladder", LendTool(), by="p-2"))
            .when(about("ladder", LendTool(), by="p-3"))
            .refused("wrong_state")
        )

The service begins with the places, rules and people p-1 … p-8 of `driver_of` (service_driver.py).
"""

from dataclasses import dataclass
from typing import Any, Self

from microgov.contracts.message import Command, Event
from microgov.services.chassis.model import Refused
from microgov.services.chassis.service import Service
from microgov.testing.service_driver import ServiceDriver, driver_of


@dataclass(frozen=True)
class About:
    """A message about an entity; `how` as for `ServiceDriver.say` or `hear`: by, role, scope, at, on_behalf_of."""

    subject: str
    message: Command | Event
    how: dict[str, Any]


def about(subject: str, message: Command | Event, **how: Any) -> About:
    """The message about the entity with this id, for `given` and `when`."""
    return About(subject, message, how)


def given(service: Service, *messages: About) -> "Scenario":
    """A scenario in which the service has handled these messages. None of them may be refused."""
    made = Scenario(driver_of(service))
    for one in messages:
        made.when(one)
        assert made.refusal is None, f"{one.message!r} was refused: {made.refusal}"
    return made


class Scenario:
    """One service after some messages. `events`: what the last `when` or `after` led to; `refusal`: or its refusal."""

    def __init__(self, driver: ServiceDriver) -> None:
        self.driver = driver
        self.events: list[Event] = []
        self.refusal: Refused | None = None

    def when(self, one: About) -> Self:
        """Lets the service handle a command, or an event of another service."""
        send = self.driver.say if isinstance(one.message, Command) else self.driver.hear
        self.events, self.refusal = [], None
        try:
            self.events = [said.event for said in send(one.message, one.subject, **one.how)]  # type: ignore[arg-type]  # as the class says
        except Refused as refused:
            self.refusal = refused
        return self

    def after(self, **time: int) -> Self:
        """Lets time pass (days=, hours=, minutes= …), with every deadline that falls due."""
        self.refusal = None
        self.events = [said.event for said in self.driver.wait(**time)]
        return self

    def then(self, *events: Event) -> Self:
        """Asserts that exactly these events followed, in this order."""
        assert self.refusal is None, f"refused: {self.refusal}"
        assert self.events == list(events), f"said {self.events}, not {list(events)}"
        return self

    def refused(self, code: str, field: str | None = None) -> Self:
        """Asserts that it was refused with this code and, if given, because of this field."""
        assert self.refusal is not None, f"not refused, but said {self.events}"
        assert self.refusal.code == code, f"refused with {self.refusal.code}: {self.refusal}"
        assert field in (None, self.refusal.field), f"refused because of {self.refusal.field}"
        return self
