"""The base class of all loops of a service: a loop runs under the lease and restarts with back-off after a failure of the
infrastructure (broker or database).
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from typing import Any

import nats.errors
import sqlalchemy as sa

from microgov.services.chassis.cancellation import raise_if_cancelled
from microgov.services.chassis.errors import Again, LogDiffers
from microgov.services.chassis.fold.lease import Lease, LeaseLost
from microgov.services.chassis.infrastructure import is_away, words_of
from microgov.services.chassis.telemetry import logger

log = logger("loop")
FIRST_WAIT, LONGEST_WAIT, REFUSED_WAIT = 0.05, 2.0, 5.0
GRACE, STEADY, OFTEN = 5.0, 10.0, 3
"""GRACE: seconds that an interruption may last before health reports it. STEADY: seconds without a failure after which a
loop counts as well again. OFTEN: number of failures from which on health reports a loop that keeps failing.

One interruption counts as one failure, however often the loop restarts before it is over.
"""


class RetryLoop(ABC):
    """A loop that restarts after a failure. `state` is shown by health: connecting, waiting, running, again (`reason` says
    why) or refused (`reason` says what to do).

    A subclass calls `runs` when it has begun its work, and `waits` when it waits for something else, such as another loop.
    """

    def __init__(self, name: str, lease: Lease) -> None:
        self.name, self.lease = name, lease
        self.state, self.reason, self.since = "connecting", "", time.monotonic()
        self.begun, self.failures, self.failure, self.logged_kind = False, 0, "", ""

    @abstractmethod
    async def run_once(self) -> None:
        """Works from the state that the database holds until an error occurs; `run` decides whether it is called again."""

    def outgoing(self) -> int:
        """How many of this loop's messages are committed but not yet in their stream."""
        return 0

    def notes(self) -> list[str]:
        """Notes for the operator: things to be done although the loop works."""
        return []

    def runs(self) -> None:
        """Sets the state to running: broker and database are reached, and the loop does its work."""
        if self.logged_kind:
            log.info("runs again", loop=self.name, failures=self.failures)
            self.logged_kind = ""
        self.begun = True
        self._become("running")

    def waits(self, what: str) -> None:
        """Sets the state to waiting, for the reason `what`."""
        self.begun = True
        self._become("waiting", what)

    async def until(self, ready: Awaitable[Any], what: str) -> None:
        """Awaits `ready`; sets the state to waiting, for the reason `what`, if it is not done at once."""
        waiting = asyncio.ensure_future(ready)
        try:
            await asyncio.sleep(0)
            if not waiting.done():
                self.waits(what)
            await waiting
        finally:
            waiting.cancel()

    def _become(self, state: str, reason: str = "") -> None:
        if state != self.state:
            self.since = time.monotonic()
        self.state, self.reason = state, reason

    def trouble(self) -> str:
        """Why the loop does not do its work; an empty string if it does, or if it has been interrupted for less than five
        seconds.
        """
        so_far = time.monotonic() - self.since
        if self.state == "refused":
            return f"{self.name} refuses to run: {self.reason}"
        if self.state == "running" and self.failures >= OFTEN and so_far < STEADY:
            return f"{self.name} fails again and again: {self.failure}"
        if self.state in ("running", "waiting") or (self.begun and so_far < GRACE and self.failures < OFTEN):
            return ""
        return f"{self.name} does not get on: {self.failure or 'it has not begun yet'}"

    async def run(self) -> None:
        """Calls `run_once` again and again. Raises LeaseLost when the lease is lost.

        After a failure of the infrastructure it waits 0.05 s, doubled up to 2 s. After LogDiffers it is `refused` and
        tries again every 5 s. Any other error ends the loop; Tenancy.run (runtime/tenancy.py) then restarts the tenant.
        """
        wait = FIRST_WAIT
        while True:
            raise_if_cancelled()
            began = time.monotonic()
            try:
                await self._once()
            except LeaseLost:
                raise
            except LogDiffers as error:
                self._failed("refused", "LogDiffers", str(error))
                await asyncio.sleep(REFUSED_WAIT)
            except (
                Again,
                sa.exc.DBAPIError,
                sa.exc.TimeoutError,
                nats.errors.Error,
                OSError,
                TimeoutError,
            ) as error:
                kind = type(error).__name__
                self._failed("again", kind, words_of(error), is_away(error))
                if time.monotonic() - began > 10 * wait:
                    wait = FIRST_WAIT
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    def _failed(self, state: str, kind: str, why: str, logged_elsewhere: bool = False) -> None:
        """Notes a failure, and logs it once per kind of error. `logged_elsewhere`: not logged here, because the pulse logs
        it. `runs` logs the recovery.
        """
        if self.state in ("running", "waiting"):
            steady = time.monotonic() - self.since > STEADY
            self.failures = 1 if steady else self.failures + 1
        self.failure = why
        self._become(state, why)
        if kind != self.logged_kind and not logged_elsewhere:
            self.logged_kind = kind
            log.warning("refuses to run" if state == "refused" else "starts again", loop=self.name, why=why)

    async def _once(self) -> None:
        try:
            await self.run_once()
        except asyncio.CancelledError as error:
            raise_if_cancelled()
            raise Again("a library has cancelled what waited on it") from error
