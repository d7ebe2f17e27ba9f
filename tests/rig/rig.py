"""Broker, database and service processes of one tenant, on 127.0.0.1; all processes end with the test."""

import asyncio
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

import psutil
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.contracts.directory import DefinePlace, GrantPublisher, GrantRole, RegisterPerson
from microgov.contracts.fields import Role
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.chassis.store.engine import reading
from microgov.services.gateway.accounts import streams
from microgov.services.gateway.accounts.permissions import Publisher
from microgov.services.gateway.tenants.setup import add_tenant
from tests.rig.failing_handlers import ODD
from tests.rig.fault_actions import order_fault
from tests.rig.proxy import Proxy
from tests.rig.publisher import BRANCH, PEOPLE, PLACE, PUBLISHER, LoadPublisher
from tests.support.ports import free_port
from tests.support.servers import NatsServer, PostgresServer

TENANT = "rig"
ROOT = Path(__file__).parents[2]
T = TypeVar("T")


def in_own_loop(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine in a new event loop in another thread, so that it also works inside of a running loop."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(asyncio.run, work).result()


class Rig:
    """`pids` holds all process ids by name, the current one last; services reach the broker through `proxy`."""

    def __init__(
        self,
        folder: Path,
        postgres: PostgresServer | None = None,
        services: Sequence[str] = ("gateway", "issues"),
        seed: int = 1,
        simulated: bool = False,
        proxied: bool = True,
    ) -> None:
        self.folder, self.services, self.tenant, self.simulated = folder, tuple(services), TENANT, simulated
        self.nats = NatsServer(folder / "nats")
        self.proxy = Proxy(free_port(), self.nats.port, seed)
        self.database = (
            postgres.url(f"{folder.name}_{{service}}")
            if postgres
            else f"sqlite:///{folder}/{{service}}.sqlite"
        )
        self.settings = Settings(
            nats_url=self.nats.url, database=self.database, tenants=folder / "tenants.toml"
        )
        self.port = self.proxy.port if proxied else self.nats.port
        self.loader = LoadPublisher(self.nats.url, TENANT, random.Random(seed))
        self.office = LoadPublisher(self.nats.url, TENANT, random.Random(0), "cli")
        self.pids: dict[str, list[int]] = {}
        self.keeper: subprocess.Popen[str] | None = None
        self.engines: dict[str, Engine] = {}

    def start(self) -> Self:
        """Starts everything; returns when the people of the tenant are registered and the services run."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.nats.start()
        self.proxy.start()
        in_own_loop(self._set_up())
        for home in self.services:
            self.engines[home] = make_engine(self.settings.database_url(home, self.tenant))
        self._keep()
        for service in self.services:
            self.run(service, service)
        return self

    async def _set_up(self) -> None:
        await add_tenant(self.tenant, self.settings, self.simulated)
        await self.admit(PUBLISHER)
        await self._people()

    async def admit(self, publisher: str) -> None:
        """Sends the grant that lets a program outside send everything in anybody's name."""
        bus = await Bus.connect(BrokerAddress(self.nats.url), "rig")
        await streams.ensure_publisher(bus.nc.jetstream(), Publisher(publisher, (self.tenant,), ""))
        await bus.close()
        everything = GrantPublisher(types=["*"], follows=[], roles=list(Role), speaks_for="anyone")
        await self.office.send([self.office.make(everything, publisher, role=Role.OPERATOR)])

    async def _people(self) -> None:
        """Sends the commands that register people, before the services run."""
        lines = [
            self.office.make(DefinePlace(kind="compound", name="苑埠", parent=self.tenant), PLACE, "office")
        ]
        for n, person in enumerate((*PEOPLE, BRANCH, ODD)):
            role = Role.BRANCH if person == BRANCH else Role.RESIDENT
            lines.append(
                self.office.make(RegisterPerson(household=f"h-{n // 2}", place=PLACE), person, "office")
            )
            lines.append(self.office.make(GrantRole(role=role, place=PLACE), person, "office"))
        await self.office.send(lines)

    # --- processes ---

    def _keep(self) -> None:
        env = {
            **os.environ,
            "MICROGOV_NATS_URL": f"nats://127.0.0.1:{self.port}",
            "MICROGOV_DATABASE": self.database,
            "MICROGOV_TENANTS": str(self.settings.tenants),
            "PYTHONUNBUFFERED": "1",
        }
        with (self.folder / "keeper.log").open("ab") as log:
            self.keeper = subprocess.Popen(
                [sys.executable, "-m", "tests.rig.process_keeper", self.tenant, str(self.folder)],
                env=env,
                cwd=ROOT,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.listener = threading.Thread(target=self._note_pids, name="keeper", daemon=True)
        self.listener.start()

    def _note_pids(self) -> None:
        assert self.keeper is not None
        assert self.keeper.stdout is not None
        for line in self.keeper.stdout:
            name, pid = line.split()
            self.pids.setdefault(name, []).append(int(pid))
        self.keeper.stdout.close()

    def _order(self, order: str) -> None:
        assert self.keeper is not None
        assert self.keeper.stdin is not None
        self.keeper.stdin.write(order + "\n")
        self.keeper.stdin.flush()

    def run(self, name: str, service: str) -> None:
        """Starts a process under this name; it is restarted when it dies."""
        self._order(f"run {name} {service}")

    def end(self, name: str) -> None:
        """Kills the process for good."""
        self._order(f"end {name}")

    def pid(self, name: str) -> int:
        """The id of the process that has this name now."""
        return self.pids[name][-1]

    def epoch(self, service: str) -> int:
        """How often the lease of a service has been taken."""
        with reading(self.engines[service]) as c:
            return int(c.execute(sa.select(bookkeeping.LEASE.c.epoch)).scalar() or 0)

    def arm(self, name: str, order: str) -> None:
        """Orders a fault in a process, such as `after_commit:3:kill`: at the third time from now on."""
        order_fault(self.folder / f"{name}.points", order)

    async def kill(self, name: str) -> int:
        """Kills a process with SIGKILL at any place, once it runs; returns its id."""
        struck: list[int] = []
        await self.until(lambda: self._killed(name, struck), f"{name} does not live")
        return struck[-1]

    def _killed(self, name: str, struck: list[int]) -> bool:
        struck.append(self.pid(name))
        try:
            process = psutil.Process(struck[-1])
            alive = process.status() != psutil.STATUS_ZOMBIE
            process.kill()
        except psutil.NoSuchProcess:
            return False
        return alive

    def mend(self, mended: bool = True) -> None:
        """The handlers of failing_handlers.py work from now on, or fail again."""
        if mended:
            (self.folder / "mended").touch()
        else:
            (self.folder / "mended").unlink(missing_ok=True)

    async def until(self, holds: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
        """Waits until `holds` returns true; raises AssertionError with `what` after `seconds`."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"{what}: not within {seconds} s; see {self.folder}"
            await asyncio.sleep(0.02)

    async def replaced(self, name: str, pid: int, seconds: float = 30.0) -> None:
        """Waits until another process has the name of this one."""
        await self.until(lambda: self.pid(name) != pid, f"{name} {pid} has not died", seconds)

    def stop(self) -> None:
        """Ends all processes of the rig."""
        if self.keeper is not None and self.keeper.stdin is not None:
            self.keeper.stdin.close()
            self.keeper.wait(20)
            self.listener.join(20)
        for engine in self.engines.values():
            engine.dispose()
        self.proxy.stop()
        self.nats.__exit__()
