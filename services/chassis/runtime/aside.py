"""Runs many independent tasks of a loop one by one: a task that fails is set aside for a while, and the others continue."""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from microgov.services.chassis.infrastructure import is_infrastructure
from microgov.services.chassis.telemetry import Logger

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0


class SetAside:
    """The tasks that are set aside: retried after 1 s, doubled up to 300 s. Each failure is counted (counter `set_aside`);
    only a task's first is logged.
    """

    def __init__(
        self, log: Logger, counters: Counter[str] | None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._log, self._now = log, now
        self._counters = Counter[str]() if counters is None else counters
        self._waits: dict[Hashable, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._waits)

    def due(self, thing: Hashable) -> bool:
        """Whether the task is to be tried now."""
        return self._waits.get(thing, (0.0, 0.0))[0] <= self._now()

    @contextmanager
    def alone(self, thing: Hashable) -> Iterator[None]:
        """A context for the work on one task: an error in the block sets the task aside and is not raised, except for errors
        of the infrastructure.
        """
        try:
            yield
        except Exception as error:
            if is_infrastructure(error):
                raise
            self._counters["set_aside"] += 1
            if thing not in self._waits:
                self._log.error(
                    "one of many could not be done and is set aside for a while", thing=str(thing)
                )
            wait = min(2 * self._waits.get(thing, (0.0, FIRST_WAIT / 2))[1], LONGEST_WAIT)
            self._waits[thing] = self._now() + wait, wait
        else:
            self._waits.pop(thing, None)
