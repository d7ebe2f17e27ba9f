"""Raises the tenant's number `behaviour` automatically, to the highest number that all services of the tenant support
(architecture.md §4.9).
"""

import asyncio

import orjson

from microgov.contracts.directory import ChangeRules
from microgov.contracts.fields import Role
from microgov.contracts.log import AskHealth, Health
from microgov.contracts.rules import BehaviourRules
from microgov.services.chassis.errors import Again
from microgov.services.chassis.fold import behaviour
from microgov.services.chassis.fold.edge import InputWriter
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.log import Outgoing
from microgov.services.chassis.messages.stamp import Input, Sender, reported_id, stamp_input
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.store import outbox
from microgov.services.chassis.store.engine import reading
from microgov.services.chassis.telemetry import logger, new_traceparent
from microgov.services.gateway.accounts.permissions import WRITERS
from microgov.services.gateway.door.admission import door_time
from microgov.services.gateway.door.sender_role import behaviour_of
from microgov.services.gateway.model import WRITER

PACE = 5.0
SECTION = BehaviourRules().section
log = logger("raising")


class BehaviourRaiser:
    """Asks the services of one tenant which `behaviour` they support. `agreed` is the number that all of them support, which
    the door is to write (0: there is nothing to write).
    """

    def __init__(self, tenancy: Tenancy, input_writer: InputWriter) -> None:
        self.tenancy, self.input_writer, self.tenant = tenancy, input_writer, tenancy.tenant.name
        self.agreed = 0

    async def run(self, bus: Bus) -> None:
        """Asks every 5 s as long as the tenant's number is below the highest one that this code supports."""
        while True:
            if await asyncio.to_thread(self._in_force) < behaviour.highest_known():
                self.agreed = await self._known_to_all(bus)
            await asyncio.sleep(PACE)

    def _in_force(self) -> int:
        with reading(self.tenancy.engine) as c:
            return behaviour_of(c)

    async def _known_to_all(self, bus: Bus) -> int:
        """The highest number that all services support; 0 if one does not answer, because it may be an older release."""
        others = [service for service in WRITERS if service != WRITER]
        try:
            answers = await asyncio.gather(*(self._ask(bus, service) for service in others))
        except (Again, ValueError):  # no answer, or one in a form that this code does not know
            return 0
        return min(behaviour.highest_known(), *answers)

    async def _ask(self, bus: Bus, service: str) -> int:
        """The highest number that the service supports; 0 if it does not serve the tenant now. Raises Again if it does not
        answer.
        """
        reply = orjson.loads(await bus.ask(f"ask.{WRITER}.{self.tenant}.{service}.{AskHealth.NAME}", b"{}"))
        if "answer" not in reply:
            return 0
        health = Health.model_validate_json(orjson.dumps(reply["answer"]))
        return health.behaviour if health.active else 0

    def write_rise(self) -> list[Outgoing]:
        """Writes a ChangeRules with the agreed number into the outbox, once for each number; returns the rows to hand to the
        input writer after the commit. The door calls it in a thread, between two batches.
        """
        to, self.agreed = self.agreed, 0
        id = reported_id(self.tenant, "behaviour", to)
        with self.tenancy.engine.begin() as c:
            if behaviour_of(c) >= to or outbox.said_already(c, WRITER, [id]):
                return []
            message, sender = (
                ChangeRules(content=BehaviourRules(behaviour=to)),
                Sender(WRITER, "system", Role.OPERATOR),
            )
            given = Input(
                message, SECTION, id, door_time(c, self.tenancy), sender, traceparent=new_traceparent()
            )
            rows = self.input_writer.write(c, [stamp_input(self.tenant, WRITER, given)])
        log.info("the behaviour of the tenant is raised", tenant=self.tenant, to=to)
        return rows
