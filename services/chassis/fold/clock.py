"""Clocks for the loops that write inputs. Folds use no clock: their time comes with the messages."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from microgov.services.chassis.columns import UNIX_EPOCH, instant
from microgov.services.chassis.log import Log, recorded_in


class TenantClock(Protocol):
    """A tenant's clock, real (RealClock) or simulated (FoldedClock)."""

    def now(self) -> datetime:
        """The time in UTC; it never decreases for the writer that uses it. Raises Again if the time is not known."""

    async def wait_until_known(self) -> None:
        """Waits until the time is known."""

    def begin(self, at: datetime) -> None:
        """Sets the earliest time that the clock may show from now on, because a message with this time exists."""


class MachineClock(Protocol):
    """The machine's clock; runtime/timekeeping.py implements one that checks whether it can be right."""

    def read(self) -> datetime:
        """The time in UTC. Raises Again if the clock is in doubt."""

    async def wait_until_known(self) -> None:
        """Waits until the clock has been checked and is not in doubt."""


class UncheckedClock:
    """The machine's clock without any check."""

    def read(self) -> datetime:
        return datetime.now(UTC)

    async def wait_until_known(self) -> None:
        return None


class RealClock:
    """The clock of a tenant with real time: the machine's time, but it never goes backwards. `floor` returns the greatest
    recordedtime that the fold has folded, in microseconds.

    A message in the log may carry a time ahead of the machine's, for example if the machine's clock was fast before a
    restart. This clock then stays at that time until the machine has caught up.
    """

    def __init__(self, machine: MachineClock | None = None, floor: Callable[[], int] = lambda: 0) -> None:
        self.machine, self.floor = machine or UncheckedClock(), floor
        self.last, self.lock = UNIX_EPOCH, threading.Lock()

    def now(self) -> datetime:
        read = self.machine.read()
        with self.lock:
            self.last = max(self.last, read, instant(self.floor()))
            return self.last

    async def wait_until_known(self) -> None:
        await self.machine.wait_until_known()

    def begin(self, at: datetime) -> None:
        with self.lock:
            self.last = max(self.last, at)


class FoldedClock:
    """The clock of a tenant with a simulated clock: the greatest recordedtime that the fold has folded (`micros` returns
    it, in microseconds).
    """

    def __init__(self, micros: Callable[[], int]) -> None:
        self.micros = micros

    def now(self) -> datetime:
        return instant(self.micros())

    async def wait_until_known(self) -> None:
        return None

    def begin(self, at: datetime) -> None:
        """Does nothing, because only the log moves this clock."""


async def start_after_log(clock: TenantClock, log: Log, writer: str) -> None:
    """Sets the clock to at least the time of the writer's last message in the log."""
    last = await log.last(writer)
    if last is not None:
        clock.begin(recorded_in(last))
