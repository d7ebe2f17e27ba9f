"""The gateway, run in the process of the test, so that test_controls.py can plant a bug in its door."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from microgov.contracts.directory import DefinePlace, GrantPublisher, GrantRole, RegisterPerson
from microgov.contracts.fields import Role
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.gateway.accounts import streams
from microgov.services.gateway.accounts.permissions import Publisher
from microgov.services.gateway.courier.courier import Courier
from microgov.services.gateway.door.door import Door
from microgov.services.gateway.handlers import service
from microgov.services.gateway.model import WRITER
from microgov.services.gateway.outbound.outbound import OutboundWriter
from microgov.services.gateway.tenants.setup import add_tenant
from tests.rig import ledger
from tests.rig.fault_actions import SimulatedCrash
from tests.rig.idle import IdleWatch
from tests.rig.ledger import Findings
from tests.rig.publisher import BRANCH, PEOPLE, PLACE, PUBLISHER, LoadPublisher
from tests.rig.streams import read_all


@dataclass
class InProcessGateway:
    """The gateway of one tenant; `alter_door` may change its door before it runs."""

    url: str
    folder: Path
    seed: int
    alter_door: Callable[[Door], None] = lambda door: None

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.tenant = TenantSettings(name=f"gateway-{self.seed}-{self.folder.name}"[:32])
        self.settings = Settings(
            nats_url=self.url,
            database=f"sqlite:///{self.folder}/{{service}}-{self.seed}.sqlite",
            tenants=self.folder / "tenants.toml",
        )
        self.loader = LoadPublisher(self.url, self.tenant.name, self.random)

    async def set_up(self) -> None:
        """Sets up the tenant, and sends the commands that register its people."""
        await add_tenant(self.tenant.name, self.settings)
        bus = await Bus.connect(BrokerAddress(self.url))
        await streams.ensure_publisher(bus.nc.jetstream(), Publisher(PUBLISHER, (self.tenant.name,), ""))
        await bus.close()
        office = LoadPublisher(self.url, self.tenant.name, Random(0), "cli")
        everything = GrantPublisher(types=["*"], follows=[], roles=list(Role), speaks_for="anyone")
        lines = [
            office.make(everything, PUBLISHER, role=Role.OPERATOR),
            office.make(DefinePlace(kind="compound", name="苑埠", parent=self.tenant.name), PLACE, "office"),
        ]
        for person in (*PEOPLE, BRANCH):
            role = Role.BRANCH if person == BRANCH else Role.RESIDENT
            lines += [
                office.make(RegisterPerson(household=person, place=PLACE), person, "office"),
                office.make(GrantRole(role=role, place=PLACE), person, "office"),
            ]
        await office.send(lines)

    async def run_until_crash(self, points: FaultPoints = NO_FAULTS) -> None:
        """Runs the gateway until it crashes or is cancelled."""
        try:
            await Tenancy(
                service, self.tenant, self.settings, points, writers=(WRITER,), extra=[self._loops]
            ).run()
        except SimulatedCrash:
            return

    def _loops(self, of: Tenancy) -> list[RetryLoop]:
        post = OutboundWriter(of)
        courier = Courier(of, post)
        door = Door(of, post, courier)
        self.alter_door(door)
        return [post, door, courier]

    async def settle(self, running: "asyncio.Task[None]") -> Findings:
        """Waits until nothing is in flight, cancels the running gateway, and returns the differences found by the ledger."""
        found = Findings()
        engine = Tenancy(service, self.tenant, self.settings).engine
        in_flight = await IdleWatch(self.url, self.tenant.name, [service], {"gateway": engine}).wait(10)
        found.stuck += [in_flight] if in_flight else []
        await cancel_and_wait(running)
        engine.dispose()
        log = ledger.bodies(one.stored for one in await read_all(self.url, f"LOG-{self.tenant.name}"))
        mine = [f"receipt.{PUBLISHER}.{self.tenant.name}"]
        receipts = ledger.bodies(one.stored for one in await read_all(self.url, "RECEIPT", 0, mine))
        ledger.check_numbers(log, found)
        ledger.check_receipts(self.tenant.name, PUBLISHER, self.loader.sent, log, receipts, found)
        ledger.check_receipt_numbers(receipts, found)
        return found
