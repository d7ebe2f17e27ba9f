"""Checks the machine's clock: no message is stamped with the time of a clock that has leapt or differs from others.

The monotonic clock (CLOCK_BOOTTIME) continues while a machine is suspended, and cannot be set; a sudden change of the
machine's clock relative to it is a leap. The broker and PostgreSQL are asked for their time, too. A difference of more than
60 s stops the loops that stamp messages, until the difference is gone or an operator runs `microgov clock confirm`, which
accepts the difference as it is.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.contracts.log import ClockConfirmed, ClockDifference
from microgov.services.chassis.columns import instant, micros
from microgov.services.chassis.errors import Again
from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.engine import reading

LIMIT, SLEWED = 60_000_000, 5_000_000
"""Microseconds. LIMIT: by which clocks may differ. SLEWED: by which the reference may move before it is stored again."""
PACE, SOON = 2.0, 0.2
"""PACE: seconds between two comparisons with broker and database. SOON: seconds between two comparisons with the monotonic
clock.
"""
MONOTONIC = "steady"
DOUBT_TEXTS = {
    MONOTONIC: "it has leapt by {0} s {1}",
    "broker": "it is {0} s {1} the broker's",
    "database": "it is {0} s {1} the database's",
}
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class ClockInDoubt(Again):
    """The machine's clock may be wrong, so nothing is stamped."""


def monotonic_micros() -> int:
    """The monotonic clock, in microseconds from an arbitrary moment."""
    return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)) // 1000


class Timekeeper(RetryLoop):
    """The timekeeper of one service for one tenant with a real clock. `ahead`: by how much the machine is ahead of each
    witness (broker, database, monotonic clock), in microseconds.

    `allowed`: the differences that an operator has confirmed. `reference`: machine's clock minus monotonic clock
    when it was last right; leaps are measured from it. `noted`: the reference that the database holds.
    """

    def __init__(
        self, name: str, tenant: str, engine: Engine, lease: Lease, connect: Callable[[], Awaitable[Bus]]
    ) -> None:
        super().__init__(f"time-{name}/{tenant}", lease)
        self.service, self.tenant, self.engine, self.connect = name, tenant, engine, connect
        self.ahead: dict[str, int] = {}
        self.allowed: dict[str, int] = {}
        self.reference = micros(datetime.now(UTC)) - monotonic_micros()
        self.noted: int | None = None
        self.lock = threading.Lock()
        self.compared = False

    # --- for the loops that stamp ---

    def read(self) -> datetime:
        """The machine's time in UTC. Raises ClockInDoubt if it may be wrong."""
        at = datetime.now(UTC)
        why = self.doubt(at)
        if why:
            raise ClockInDoubt(why)
        return at

    async def wait_until_known(self) -> None:
        """Waits until the clock has been compared with the others and is in no doubt."""
        while not self.compared or self.doubt():  # noqa: ASYNC110  # no event tells when a clock is set
            await asyncio.sleep(SOON)

    def doubt(self, at: datetime | None = None) -> str:
        """Why the machine's clock may be wrong, and what to do; empty if it is in no doubt."""
        self._compare_with_monotonic(micros(at or datetime.now(UTC)))
        found = [
            _difference_text(witness, ahead)
            for witness, ahead in sorted(self.ahead.items())
            if abs(ahead) > LIMIT and abs(ahead - self.allowed.get(witness, 0)) > LIMIT
        ]
        if not found:
            return ""
        return (
            f"the clock of this machine is in doubt, and nothing is stamped: {'; '.join(found)}. Set the clock that is "
            f"wrong; or, where the machine's is right, run `microgov clock confirm --tenant {self.tenant}`"
        )

    def trouble(self) -> str:
        return self.doubt() or super().trouble()

    def _compare_with_monotonic(self, machine: int) -> None:
        """Compares the machine's clock (in microseconds) with the monotonic clock. A change within the limit is accepted and
        moves the reference. A larger step is a leap; it is reported until the clock is set back or confirmed.
        """
        with self.lock:
            now = machine - monotonic_micros()
            self.ahead[MONOTONIC] = now - self.reference
            if abs(self.ahead[MONOTONIC]) <= LIMIT:
                self.reference = now

    # --- the loop ---

    async def run_once(self) -> None:
        self.compared = False
        await asyncio.to_thread(self._load)
        bus = await self.connect()
        try:
            while True:
                await self._compare(bus)
                for _ in range(round(PACE / SOON)):
                    await self._judge()
                    await asyncio.sleep(SOON)
        finally:
            await bus.close()

    async def _judge(self) -> None:
        self.compared = True
        why = self.doubt()
        if why:
            self.waits(why)
        else:
            self.runs()
        over = [witness for witness in self.allowed if abs(self.ahead.get(witness, LIMIT + 1)) <= LIMIT]
        moved = self.noted is None or abs(self.reference - self.noted) > SLEWED
        if over or (moved and not why):
            await asyncio.to_thread(self._note, over)

    async def _compare(self, bus: Bus) -> None:
        """Asks broker and database for their time. If one of them differed before and now all agree, the clock has just been
        corrected, and a leap that this caused is accepted.
        """
        before = {
            witness for witness, ahead in self.ahead.items() if witness != MONOTONIC and abs(ahead) > LIMIT
        }
        before |= self.allowed.keys()
        broker_time = datetime.fromisoformat((await bus.api(f"STREAM.INFO.LOG-{self.tenant}"))["ts"])
        self.ahead["broker"] = micros(datetime.now(UTC)) - micros(broker_time)
        await asyncio.to_thread(self._ask_the_database)
        if before and all(
            abs(ahead) <= LIMIT for witness, ahead in self.ahead.items() if witness != MONOTONIC
        ):
            self._is_right()

    def _is_right(self) -> None:
        """Takes the machine's clock as right from now on: later leaps are measured from here."""
        with self.lock:
            self.reference, self.ahead[MONOTONIC] = micros(datetime.now(UTC)) - monotonic_micros(), 0

    def _ask_the_database(self) -> None:
        """Asks PostgreSQL for its time; SQLite has no clock of its own."""
        if self.engine.dialect.name == "postgresql":
            with reading(self.engine) as c:
                database_time: datetime = c.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
            self.ahead["database"] = micros(datetime.now(UTC)) - micros(database_time.astimezone(UTC))

    # --- what is kept ---

    def _load(self) -> None:
        """Loads the confirmed differences and, if this machine has not been rebooted since, the last reference, so that a
        leap is still seen after a restart of the process.
        """
        table = bookkeeping.CLOCK
        with reading(self.engine) as c:
            kept = {row.what: row.micros for row in c.execute(sa.select(table.c.what, table.c.micros))}
        self.allowed = {witness: kept[witness] for witness in DOUBT_TEXTS if witness in kept}
        self.noted = kept.get(_boot())
        if self.noted is not None:
            self.reference = self.noted

    def _note(self, over: list[str]) -> None:
        """Stores the reference and the confirmed differences, without those of the witnesses `over`: their clocks agree
        again.
        """
        self.allowed = {witness: ahead for witness, ahead in self.allowed.items() if witness not in over}
        self._keep()

    # --- for the operator ---

    async def confirm(self) -> None:
        """Accepts the machine's clock as it is now; a later leap puts it in doubt again. It may be called repeatedly."""
        bus = await self.connect()
        try:
            await self._compare(bus)
        finally:
            await bus.close()
        self._is_right()
        self.allowed = {witness: ahead for witness, ahead in self.ahead.items() if abs(ahead) > LIMIT}
        await asyncio.to_thread(self._keep)
        await self._judge()

    def _keep(self) -> None:
        with self.lock:
            rows = {**self.allowed, _boot(): self.reference}
        with self.engine.begin() as c:
            c.execute(bookkeeping.CLOCK.delete())
            c.execute(
                bookkeeping.CLOCK.insert(),
                [{"what": what, "micros": value} for what, value in sorted(rows.items())],
            )
        self.noted = rows[_boot()]

    def answer(self) -> ClockConfirmed:
        """The differences from broker and database in whole seconds, for the answer to ConfirmClock."""
        found = [
            ClockDifference(witness=witness, seconds=round(ahead / 1_000_000))
            for witness, ahead in sorted(self.ahead.items())
            if witness != MONOTONIC
        ]
        return ClockConfirmed(service=self.service, differences=found)


def stands_until(now: int) -> datetime | None:
    """Until when (UTC) the tenant's clock stands still, because the log holds a time in the future; None if it holds none.
    `now` is the fold's time in microseconds.
    """
    return instant(now) if now > micros(datetime.now(UTC)) + LIMIT else None


def _difference_text(witness: str, ahead: int) -> str:
    where = ("forward", "back") if witness == MONOTONIC else ("ahead of", "behind")
    return DOUBT_TEXTS[witness].format(f"{abs(ahead) / 1_000_000:.0f}", where[ahead < 0])


def _boot() -> str:
    """The row key for this boot of the machine: readings of the monotonic clock cannot be compared across a reboot."""
    return f"boot {_BOOT.read_text().strip()}" if _BOOT.exists() else "boot"
