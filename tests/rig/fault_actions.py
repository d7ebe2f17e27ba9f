"""Fault points in the loops at which the rig kills or stops a process."""

import os
import signal
import threading
from pathlib import Path

from microgov.services.chassis.fault_points import FaultPoints

SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


class FaultsFromFile(FaultPoints):
    """Reads a fault from a file that the test may write at any time.

    `after_commit:3:kill` kills the process when it reaches `after_commit` for the third time.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.order: tuple[str, str] | None = None
        self.left = 0
        self.lock = threading.Lock()

    def hit(self, name: str) -> None:
        with self.lock:
            if self.order is None and not self._read():
                return
            assert self.order is not None
            place, how = self.order
            if name != place:
                return
            self.left -= 1
            if self.left > 0:
                return
            self.order = None
            self.file.unlink()
        os.kill(os.getpid(), SIGNALS[how])

    def _read(self) -> bool:
        if not self.file.exists():
            return False
        place, times, how = self.file.read_text().split(":")
        self.order, self.left = (place, how), int(times)
        return True


def order_fault(file: Path, order: str) -> None:
    """Writes the file of `FaultsFromFile` atomically."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(order)
    beside.replace(file)


class SimulatedCrash(Exception):
    """Simulates the death of a process, for loops that run in the process of the test."""


class CrashAt(FaultPoints):
    """Raises SimulatedCrash when a fault point is reached for the n-th time, and from then on at every fault point."""

    def __init__(self, place: str = "", times: int = 1) -> None:
        self.place, self.left, self.dead = place, times, False
        self.lock = threading.Lock()

    def hit(self, name: str) -> None:
        with self.lock:
            if self.dead:
                raise SimulatedCrash(name)
            if name != self.place:
                return
            self.left -= 1
            self.dead = self.left <= 0
            if self.dead:
                raise SimulatedCrash(name)
