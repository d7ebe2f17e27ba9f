"""Keeps child processes running: restarts those that died, ends them in reverse order, leaves no orphan."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import BinaryIO

from microgov.local.fork import fork

PR_SET_PDEATHSIG = 1
TICK = 0.05
CALM = 10.0
"""Seconds of life after which earlier deaths of a child no longer lengthen its wait for a restart."""
LONGEST = 5.0


def _no_wait() -> bool:
    return True


@dataclass(frozen=True)
class Child:
    """A command that is to run for ever, or with `main` a forked function.

    Children of a higher `rank` are stopped first. `ready` says whether the child does its work.
    """

    name: str
    command: Sequence[str] = ()
    env: dict[str, str] = field(default_factory=dict)
    rank: int = 0
    ready: Callable[[], bool] = _no_wait
    main: Callable[[], object] | None = None


@dataclass
class _Running:
    child: Child
    log: BinaryIO
    process: ForkProcess | None = None
    since: float = 0.0
    deaths: int = 0
    not_before: float = 0.0


class Failed(Exception):
    """A child that did not start."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(name)
        self.name, self.log = name, log


class Children:
    """All children of a supervisor; `say` gets lines for the user."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self.logs, self.say = logs, say
        self.running: dict[str, _Running] = {}
        self.ending = False

    def start(
        self,
        *children: Child,
        within: float = 60.0,
        most_deaths: int = 3,
        meanwhile: Callable[[], object] = _no_wait,
    ) -> list[Child]:
        """Starts children and returns when all are ready, or those not ready after `within` seconds.

        `meanwhile` is called once after the start. Raises Failed for a child that dies `most_deaths` times.
        """
        for child in children:
            self.running[child.name] = _Running(child, (self.logs / f"{child.name}.log").open("ab"))
            self._launch(self.running[child.name])
        meanwhile()
        until = time.monotonic() + within
        waiting = {child.name: child for child in children}
        while waiting and not self.ending and time.monotonic() < until:
            self.tick()
            waiting = {
                name: child for name, child in waiting.items() if not (self._alive(name) and child.ready())
            }
            for name in waiting:
                if self.running[name].deaths >= most_deaths:
                    raise Failed(name, self.logs / f"{name}.log")
            if waiting:
                time.sleep(TICK)
        return list(waiting.values())

    def tick(self) -> None:
        """Restarts children that have died, after a wait that doubles with each death."""
        now = time.monotonic()
        for one in self.running.values():
            if one.process is not None and one.process.exitcode is not None:
                code, one.process = one.process.exitcode, None
                one.deaths = one.deaths + 1 if now - one.since < CALM else 1
                wait = min(LONGEST, 0.2 * 2 ** (one.deaths - 1))
                one.not_before = now + wait
                self.say(
                    f"{one.child.name}: 意外退出（{code}），{wait:.1f} 秒后重启 · "
                    f"ended unexpectedly ({code}), starts again in {wait:.1f} s"
                )
            if one.process is None and now >= one.not_before:
                self._launch(one)

    def watch(self, meanwhile: Callable[[], object] = _no_wait) -> None:
        """Keeps the children running until `end` is called, for example from a signal handler."""
        while not self.ending:
            self.tick()
            meanwhile()
            time.sleep(TICK)

    def end(self) -> None:
        """Makes `watch` and `start` return."""
        self.ending = True

    def stop(self, patience: float = 10.0) -> None:
        """Sends SIGTERM, after `patience` seconds SIGKILL; first to the highest rank, to the next once those are gone."""
        self.ending = True
        for rank in sorted({one.child.rank for one in self.running.values()}, reverse=True):
            group = [one for one in self.running.values() if one.child.rank == rank]
            for one in group:
                if one.process is not None and one.process.exitcode is None:
                    one.process.terminate()
            until = time.monotonic() + patience
            for one in group:
                self._wait(one, until)
                one.log.close()
                self._pid(one).unlink(missing_ok=True)
        self.running.clear()

    def _wait(self, one: _Running, until: float) -> None:
        if one.process is None:
            return
        while one.process.exitcode is None and time.monotonic() < until:
            time.sleep(0.01)
        if one.process.exitcode is None:
            one.process.kill()
            one.process.join()
        self.say(f"{one.child.name}: 已停止 · stopped")

    def _alive(self, name: str) -> bool:
        process = self.running[name].process
        return process is not None and process.exitcode is None

    def _launch(self, one: _Running) -> None:
        """Starts the child in a session of its own, so that ctrl-C in the terminal reaches only the supervisor."""
        one.since = time.monotonic()
        command = list(one.child.command)
        main = one.child.main or partial(os.execvp, command[0], command)
        one.process = fork(main, one.child.env, one.log, _die_with(os.getpid()))
        self._pid(one).write_text(f"{one.process.pid}\n")

    def _pid(self, one: _Running) -> Path:
        """The file with its process id while it runs."""
        return self.logs / f"{one.child.name}.pid"


def _die_with(parent: int) -> Callable[[], None]:
    """A function for the child which has the kernel kill it when its parent ends, for whatever reason (Linux only)."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None)

    def ask_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel
