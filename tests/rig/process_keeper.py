"""Starts service processes and restarts those that die, by fork: everything is imported already, so it takes milliseconds.

    → run NAME SERVICE        starts a child and restarts it when it dies
    → end NAME                kills the child for good
    ← NAME PID                a child has started

When its standard input ends, it kills all its children and ends; when it is killed, the kernel kills them.
"""

import os
import select
import signal
import sys
import time
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from tests.rig.process import die_with_parent, serve

SERVICES = ("gateway", "issues", "matching", "notify")
TICK, SHORTEST_LIFE = 0.02, 0.5
"""Seconds: between two looks at the children; from the start of a child to its next start, at least."""


@dataclass
class Keeper:
    """The children of one rig in `folder`, by name; several names may run the same service."""

    tenant: str
    folder: Path
    wanted: dict[str, str] = field(default_factory=dict)
    running: dict[str, int] = field(default_factory=dict)
    born: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        """Executes orders until standard input ends."""
        rest = b""
        while True:
            ready, _, _ = select.select([0], [], [], TICK)
            if ready:
                got = os.read(0, 4096)
                if not got:
                    break
                *lines, rest = (rest + got).split(b"\n")
                for line in lines:
                    self._execute(*line.decode().split())
            self._restart_dead()
        for name in list(self.wanted):
            self._end(name)

    def _execute(self, verb: str, name: str, service: str = "") -> None:
        if verb == "run":
            self.wanted[name] = service
            self._start(name)
        else:
            self._end(name)

    def _restart_dead(self) -> None:
        for name, pid in list(self.running.items()):
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                del self.running[name]
        for name in set(self.wanted) - set(self.running):
            if time.monotonic() > self.born.get(name, 0) + SHORTEST_LIFE:
                self._start(name)

    def _start(self, name: str) -> None:
        pid = os.fork()
        if pid == 0:
            self._child(name)
        self.running[name], self.born[name] = pid, time.monotonic()
        print(name, pid, flush=True)

    def _child(self, name: str) -> None:
        die_with_parent()
        log = os.open(self.folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        try:
            serve(self.wanted[name], self.tenant, self.folder / f"{name}.points", self.folder / "mended")
        except BaseException:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
        finally:
            os._exit(1)

    def _end(self, name: str) -> None:
        self.wanted.pop(name, None)
        pid = self.running.pop(name, None)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def main(tenant: str, folder: str) -> None:
    """The command line: python -m tests.rig.process_keeper TENANT FOLDER."""
    die_with_parent()
    for service in SERVICES:
        import_module(f"microgov.services.{service}.app")
    Keeper(tenant, Path(folder)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
