"""Places in the loops where the rig lets a process die, or stand still."""

import os
import signal
import threading
from pathlib import Path

from microgov.services.chassis.fault_points import FaultPoints

SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


class FaultsFromFile(FaultPoints):
    """Reads its order from a file that the test writes at any time: `after_commit:3:kill` – at the third time."""

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
    """Gives the order, whole or not at all."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(order)
    beside.replace(file)


class SimulatedCrash(Exception):
    """The end of a process, as far as a loop in this process can have one."""


class CrashAt(FaultPoints):
    """Raises Crash at the n-th time that a place is reached; once it has, nothing gets past any place any more."""

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
