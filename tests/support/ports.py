"""Free ports of 127.0.0.1 for servers of tests, rig and bench."""

import fcntl
import os
import socket
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

FIRST, EACH, RANGES = 20_000, 480, 25
"""Ports 20000 to 31999, in ranges: below those from which the kernel takes ports for outgoing connections."""
DEPLOYMENT = 8
"""How many ports `microgov up` may take from MICROGOV_HEALTH_PORT on: one for each service, and room for foreign ones."""


@dataclass
class Range:
    """EACH ports from `first` on, which belong to the process that holds the lock; they are given out in turn."""

    first: int
    lock: IO[bytes]
    given: int = 0

    def take(self, consecutive: int) -> int:
        """The first of so many ports that were not given out for the longest time."""
        if self.given + consecutive > EACH:
            self.given = 0
        self.given += consecutive
        return self.first + self.given - consecutive


@cache
def _range_of(pid: int) -> Range:
    """The range of this process; two that test at the same time have no port in common."""
    folder = Path(tempfile.gettempdir()) / f"microgov-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for n in range(RANGES):
        lock = (folder / str(n)).open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return Range(FIRST + n * EACH, lock)
    raise RuntimeError(
        f"process {pid} gets no ports: {RANGES} other test processes hold them all, end some of them"
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port(consecutive: int = 1) -> int:
    """The first of so many consecutive ports on which nothing listens."""
    for _ in range(EACH // consecutive):
        port = _range_of(os.getpid()).take(consecutive)
        if all(_is_free(port + n) for n in range(consecutive)):
            return port
    raise RuntimeError(f"no {consecutive} free ports among {EACH}: end some of the servers that hold them")


def deployment_ports() -> dict[str, str]:
    """The ports of `microgov up`, as variables of its environment."""
    port = free_port(1 + DEPLOYMENT)
    return {"MICROGOV_NATS_PORT": str(port), "MICROGOV_HEALTH_PORT": str(port + 1)}
