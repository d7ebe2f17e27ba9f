"""What time it is for the loops that write inputs. Folds know no clock: their time comes with the messages."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from microgov.services.chassis.columns import EPOCH, instant
from microgov.services.chassis.log import Log, recorded_in


class Clock(Protocol):
    """A tenant's clock."""

    def now(self) -> datetime:
        """UTC; never decreasing as far as the writer that uses it sees it. Raises Again where it is not known."""

    async def settled(self) -> None:
        """Waits until it is known what time it is."""

    def begin(self, at: datetime) -> None:
        """A writer has stamped this already: it is never earlier again."""


class Machine(Protocol):
    """The machine's clock; timekeeping.py says whether it can be believed."""

    def read(self) -> datetime:
        """UTC. Raises Again where it is in doubt."""

    async def settled(self) -> None:
        """Waits until it is in no doubt."""


class Believed:
    """The machine's clock as it is."""

    def read(self) -> datetime:
        return datetime.now(UTC)

    async def settled(self) -> None:
        return None


class RealClock:
    """The machine's time, held back from going backwards: `floor` tells the greatest recordedtime folded (µs).

    What stands in the log was stamped by a clock that may have been ahead, before a restart: until the machine has caught
    up with it, time stands still here.
    """

    def __init__(self, machine: Machine | None = None, floor: Callable[[], int] = lambda: 0) -> None:
        self.machine, self.floor = machine or Believed(), floor
        self.last, self.lock = EPOCH, threading.Lock()

    def now(self) -> datetime:
        read = self.machine.read()
        with self.lock:
            self.last = max(self.last, read, instant(self.floor()))
            return self.last

    async def settled(self) -> None:
        await self.machine.settled()

    def begin(self, at: datetime) -> None:
        with self.lock:
            self.last = max(self.last, at)


class FoldedClock:
    """A simulated tenant's: the greatest recordedtime that the fold has folded (`micros` tells it)."""

    def __init__(self, micros: Callable[[], int]) -> None:
        self.micros = micros

    def now(self) -> datetime:
        return instant(self.micros())

    async def settled(self) -> None:
        return None

    def begin(self, at: datetime) -> None:
        """It moves with the log alone."""


async def begun(clock: Clock, log: Log, writer: str) -> None:
    """The clock begins where the writer's last message has left it."""
    last = await log.last(writer)
    if last is not None:
        clock.begin(recorded_in(last))
