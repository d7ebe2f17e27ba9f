"""Runs one service for one tenant in this process: waits for the lease, then runs the fold, the edge and further loops until
the lease is lost.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.contracts.log import Health, LoopHealth
from microgov.services.chassis.cancellation import run_together
from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.fold import behaviour
from microgov.services.chassis.fold.clock import FoldedClock, RealClock, TenantClock
from microgov.services.chassis.fold.edge import Edge
from microgov.services.chassis.fold.lease import Lease, LeaseLost
from microgov.services.chassis.fold.loop import LOG_READER, FoldLoop
from microgov.services.chassis.fold.quarantine import clean
from microgov.services.chassis.fold.retry_loop import STEADY, RetryLoop
from microgov.services.chassis.infrastructure import words_of
from microgov.services.chassis.installed import home_of
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import FIRST_GENERATION, Log
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.runtime.timekeeping import Timekeeper, stands_until
from microgov.services.chassis.service import Service
from microgov.services.chassis.store import hold, migrate
from microgov.services.chassis.store.durability import must_be_durable
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.chassis.telemetry import logger

log = logger("host")
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds until a tenant that failed unexpectedly is restarted; they double from the first to the longest."""


@dataclass
class Tenancy:
    """Everything that one service has for one tenant. `writers`: writer names beside the service and its edge.

    `extra`: functions that make further loops (the gateway's door, courier and outbound writer). `edges`: functions that
    make the edge's tasks outside the log; `senders`: likewise, of those that send something to people. `unreported` counts
    what the edge still has to report (for example ballots that wait for their count); a simulated clock is not moved until
    it is 0.
    """

    service: Service
    tenant: TenantSettings
    settings: Settings
    points: FaultPoints = NO_FAULTS
    writers: tuple[str, ...] = ()
    extra: list[Callable[["Tenancy"], list[RetryLoop]]] = field(default_factory=list)
    edges: list[Callable[["Tenancy"], Callable[[], Awaitable[int]]]] = field(default_factory=list)
    senders: list[Callable[["Tenancy"], Callable[[], Awaitable[int]]]] = field(default_factory=list)
    unreported: Callable[[sa.Connection], int] = lambda c: 0

    def __post_init__(self) -> None:
        url = self.settings.database_url(self.home, self.tenant.name)
        self.engine: Engine = make_engine(url, self.settings.database_password)
        mine = (self.service.name, f"{self.service.name}-edge", *self.writers)
        self.lease = Lease(self.engine, (LOG_READER,), mine)
        self.active = False
        self.generation = FIRST_GENERATION
        self.failure, self.serving = "", math.inf
        self.counters: Counter[str] = Counter()
        self.timekeeper = (
            None
            if self.tenant.simulated_clock
            else Timekeeper(self.service.name, self.tenant.name, self.engine, self.lease, self.bus)
        )
        self.loops: list[RetryLoop] = []
        self.begin()

    @property
    def home(self) -> str:
        """The installed service that runs the fold; the tables are in its database."""
        return home_of(self.service.name)

    def begin(self) -> None:
        """Makes new loops; called each time that the lease is taken."""
        name = self.tenant.name
        self.fold = FoldLoop(self.service, name, self.engine, self.log, self.lease, self.points)
        self.clock: TenantClock = (
            RealClock(self.timekeeper, self.folded_time) if self.timekeeper else FoldedClock(self.folded_time)
        )
        deadline = self.fold.folding.deadline
        self.edge = Edge(
            self.service.name,
            name,
            self.engine,
            self.log,
            self.lease,
            self.clock,
            deadline,
            self.fold.reached.wait,
            self.points,
        )
        self.edge.further_tasks = [make(self) for make in self.edges]
        self.edge.senders, self.edge.latest = [make(self) for make in self.senders], self.folded_time
        if self.senders:
            self.fold.appender.on_older_database = hold.begin_unless_rebuilding
            self.edge.input_writer.appender.on_older_database = hold.begin
        kept = [self.timekeeper] if self.timekeeper else []
        self.loops = [self.fold, *kept, self.edge, *(loop for make in self.extra for loop in make(self))]

    def folded_time(self) -> int:
        """The greatest recordedtime that the fold has folded, in microseconds."""
        return self.fold.position.now

    async def log(self) -> Log:
        """The tenant's log on a new connection."""
        return JetStreamLog(await self.bus(), self.tenant.name, points=self.points)

    async def bus(self) -> Bus:
        """A new connection to the broker."""
        return await Bus.connect(self.settings.address(), f"{self.service.name}/{self.tenant.name}")

    async def run(self) -> None:
        """Runs for ever. After an unexpected error the tenant is restarted, with a wait of 0.5 s that doubles up to 30 s;
        other tenants continue meanwhile.
        """
        wait = FIRST_WAIT
        while True:
            began = time.monotonic()
            try:
                await self._serve()
            except Exception as error:
                self.failure, self.serving = words_of(error), math.inf
                log.error(
                    "has come to grief and is started again",
                    service=self.service.name,
                    tenant=self.tenant.name,
                    seconds=wait,
                )
            if time.monotonic() - began > 2 * LONGEST_WAIT:
                wait = FIRST_WAIT
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    async def _serve(self) -> None:
        """Waits for the lease and runs the loops; when the lease is lost, waits for it again. Ends with an unexpected
        error.
        """
        try:
            await self._migrated()
            self.serving = time.monotonic()
            while True:
                await self.lease.take()
                self.active = True
                log.info(
                    "holds the lease",
                    service=self.service.name,
                    tenant=self.tenant.name,
                    epoch=self.lease.epoch,
                )
                try:
                    self.begin()
                    await run_together(self.lease.keep(), *(loop.run() for loop in self.loops))
                except LeaseLost:
                    log.warning(
                        "lost the lease; stands by", service=self.service.name, tenant=self.tenant.name
                    )
                finally:
                    self.active = False
        finally:
            if self.lease.epoch:
                await asyncio.shield(asyncio.to_thread(self.lease.give_back))
            await asyncio.shield(self._dispose())

    async def _migrated(self) -> None:
        """Migrates the database to its newest revision and checks that it is durable; waits for a database that cannot be
        reached.
        """
        wait = FIRST_WAIT
        while True:
            try:
                await asyncio.to_thread(migrate.upgrade, self.engine, self.home)
                return await asyncio.to_thread(must_be_durable, self.engine)
            except (sa.exc.SQLAlchemyError, OSError) as error:
                self.lease.pulse.missed(error)
            await asyncio.sleep(wait)
            wait = min(2 * wait, 2.0)

    async def _dispose(self) -> None:
        """Closes the pool of database connections; before that, waits up to one second for threads to return theirs."""
        pool = self.engine.pool
        for _ in range(100):
            if not isinstance(pool, sa.QueuePool) or not pool.checkedout():
                break
            await asyncio.sleep(0.01)
        self.engine.dispose()

    @property
    def begun(self) -> bool:
        """Whether this instance holds the lease and every loop has begun its work once, even if a loop has failed since."""
        return self.active and all(loop.begun for loop in self.loops)

    def troubles(self) -> list[str]:
        """Why this tenant is not served; empty if it is, or if this instance stands by and the database answers."""
        self.lease.pulse.check_silence()
        found = [self.lease.pulse.trouble()]
        if self.failure and time.monotonic() - self.serving < STEADY:
            found.append(f"came to grief and is started again: {self.failure}")
        if self.active:
            found += [loop.trouble() for loop in self.loops]
        return [one for one in found if one]

    def health(self) -> Health:
        """`ok`: no troubles. `ready`: it holds the lease, all loops run, the fold has reached the head of the log, and
        there are no notes (for example a stopped handler).
        """
        why = [clean(one) for one in self.troubles()]
        stopped = sorted(self.fold.breaker.stopped) if self.active else []
        notes = [
            f"{self.fold.name} does not try {kind} any more: it failed too often. See `microgov quarantine list`"
            for kind in stopped
        ]
        notes += [note for loop in self.loops for note in loop.notes()] if self.active else []
        works = (
            self.active and self.fold.reached.is_set() and all(loop.state == "running" for loop in self.loops)
        )
        loops = [LoopHealth(name=one.name, state=one.state, reason=clean(one.reason)) for one in self.loops]
        ready = works and not why and not notes
        return Health(
            service=self.service.name,
            active=self.active,
            ok=not why,
            ready=ready,
            why=why,
            notes=notes[:50],
            loops=loops if self.active else [],
            behaviour=behaviour.highest_known(),
            stands_until=stands_until(self.folded_time()) if self.timekeeper and self.active else None,
        )
