"""Keeps child processes running: restarts those that ended, stops them in order of rank, and leaves none behind."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import BinaryIO

from microgov.local.fork import fork
from microgov.services.chassis.runtime.parent import die_with

TICK = 0.05
"""Seconds between two looks at the children."""
STEADY_SECONDS = 10.0
"""A child that ran for so many seconds is restarted as quickly as after its first death."""
LONGEST_WAIT = 5.0
"""The most seconds until a child is restarted."""


def _always_ready() -> bool:
    """The default of `Child.ready`, and of callbacks that need not do anything."""
    return True


@dataclass(frozen=True)
class Child:
    """A child process that is kept running: a command, or a function `main` that is run by fork.

    `env` is added to its environment. Children of a higher `rank` are stopped first. `ready` returns whether the child can
    do its work already.
    """

    name: str
    command: Sequence[str] = ()
    env: dict[str, str] = field(default_factory=dict)
    rank: int = 0
    ready: Callable[[], bool] = _always_ready
    main: Callable[[], object] | None = None


@dataclass
class _Running:
    """The state of a child: `since` and `not_before` are `time.monotonic` times, `deaths` counts recent deaths."""

    child: Child
    log: BinaryIO
    process: ForkProcess | None = None
    since: float = 0.0
    deaths: int = 0
    not_before: float = 0.0


class ChildFailed(Exception):
    """A child that ended again and again while it was started; `log` is the file of its output."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(name)
        self.name, self.log = name, log


class Children:
    """All children of a supervisor. `report` is called with lines for the user; each child writes to a file in `logs`."""

    def __init__(self, logs: Path, report: Callable[[str], None]) -> None:
        self.logs, self.report = logs, report
        self.running: dict[str, _Running] = {}
        self.ending = False

    def start(
        self,
        *children: Child,
        within: float = 60.0,
        most_deaths: int = 3,
        meanwhile: Callable[[], object] = _always_ready,
    ) -> list[Child]:
        """Starts children, and waits at most `within` seconds until all are ready. Returns those that are not.

        `meanwhile` is called once after they were started. Raises ChildFailed for a child that dies `most_deaths` times.
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
                    raise ChildFailed(name, self.logs / f"{name}.log")
            if waiting:
                time.sleep(TICK)
        return list(waiting.values())

    def tick(self) -> None:
        """Restarts children that have ended. The wait before a restart doubles with each death, up to LONGEST_WAIT."""
        now = time.monotonic()
        for one in self.running.values():
            if one.process is not None and one.process.exitcode is not None:
                code, one.process = one.process.exitcode, None
                one.deaths = one.deaths + 1 if now - one.since < STEADY_SECONDS else 1
                wait = min(LONGEST_WAIT, 0.2 * 2 ** (one.deaths - 1))
                one.not_before = now + wait
                self.report(
                    f"{one.child.name}: 意外退出（{code}），{wait:.1f} 秒后重启 · "
                    f"ended unexpectedly ({code}), starts again in {wait:.1f} s"
                )
            if one.process is None and now >= one.not_before:
                self._launch(one)

    def watch(self, meanwhile: Callable[[], object] = _always_ready) -> None:
        """Keeps the children running until `end` is called, and calls `meanwhile` at each tick."""
        while not self.ending:
            self.tick()
            meanwhile()
            time.sleep(TICK)

    def end(self) -> None:
        """Makes `watch` and `start` return."""
        self.ending = True

    def stop(self, patience: float = 10.0) -> None:
        """Stops all children, those of the highest rank first: by SIGTERM, and after `patience` seconds by SIGKILL."""
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
        """Waits until the child has ended, and kills it at the time `until`."""
        if one.process is None:
            return
        while one.process.exitcode is None and time.monotonic() < until:
            time.sleep(0.01)
        if one.process.exitcode is None:
            one.process.kill()
            one.process.join()
        self.report(f"{one.child.name}: 已停止 · stopped")

    def _alive(self, name: str) -> bool:
        process = self.running[name].process
        return process is not None and process.exitcode is None

    def _launch(self, one: _Running) -> None:
        """Starts the child in a session of its own, so that ctrl-C in the terminal reaches only the supervisor."""
        one.since = time.monotonic()
        command = list(one.child.command)
        main = one.child.main or partial(os.execvp, command[0], command)
        one.process = fork(main, one.child.env, one.log, die_with(os.getpid()))
        file = self._pid(one)
        whole = file.with_suffix(".new")  # whoever reads the file meets a number, never an empty file
        whole.write_text(f"{one.process.pid}\n")
        whole.replace(file)

    def _pid(self, one: _Running) -> Path:
        """The file that holds the id of the child's process while it runs."""
        return self.logs / f"{one.child.name}.pid"
