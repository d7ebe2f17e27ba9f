"""What every loop of a service shares: it runs under the lease, and after a failure of infrastructure it starts again."""

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
"""Seconds that an interruption may last, and after which a loop counts as well again; how many failures are too many.
One interruption is one failure, however often the loop tries again before it is over."""


class RetryLoop(ABC):
    """`state` is what health shows: connecting, waiting, running, again (with the reason) or refused (with what to do).

    A loop says itself when it has begun its work (`runs`), or that it waits for another loop (`waits`).
    """

    def __init__(self, name: str, lease: Lease) -> None:
        self.name, self.lease = name, lease
        self.state, self.reason, self.since = "connecting", "", time.monotonic()
        self.begun, self.failures, self.failure, self.told = False, 0, "", ""

    @abstractmethod
    async def once(self) -> None:
        """Runs from what the database holds until something is in doubt."""

    def outgoing(self) -> int:
        """How many messages it has said that do not stand in their stream yet."""
        return 0

    def notes(self) -> list[str]:
        """What an operator has to see to, although it works."""
        return []

    def runs(self) -> None:
        """It has reached all that it needs, and works."""
        if self.told:
            log.info("runs again", loop=self.name, failures=self.failures)
            self.told = ""
        self.begun = True
        self._become("running")

    def waits(self, what: str) -> None:
        """It does nothing until another loop is so far."""
        self.begun = True
        self._become("waiting", what)

    async def until(self, ready: Awaitable[Any], what: str) -> None:
        """Waits for something else, and says so where that is not so far yet."""
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
        """Why it does not do its work; empty where it does, or where what interrupted it may be over in a moment."""
        so_far = time.monotonic() - self.since
        if self.state == "refused":
            return f"{self.name} refuses to run: {self.reason}"
        if self.state == "running" and self.failures >= OFTEN and so_far < STEADY:
            return f"{self.name} fails again and again: {self.failure}"
        if self.state in ("running", "waiting") or (self.begun and so_far < GRACE and self.failures < OFTEN):
            return ""
        return f"{self.name} does not get on: {self.failure or 'it has not begun yet'}"

    async def run(self) -> None:
        """Runs until the lease is lost; an error of another kind is the tenancy's to deal with."""
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

    def _failed(self, state: str, kind: str, why: str, told: bool = False) -> None:
        """In the log once for each kind, unless somebody else tells it; and once more when it works again."""
        if self.state in ("running", "waiting"):
            steady = time.monotonic() - self.since > STEADY
            self.failures = 1 if steady else self.failures + 1
        self.failure = why
        self._become(state, why)
        if kind != self.told and not told:
            self.told = kind
            log.warning("refuses to run" if state == "refused" else "starts again", loop=self.name, why=why)

    async def _once(self) -> None:
        try:
            await self.once()
        except asyncio.CancelledError as error:
            raise_if_cancelled()
            raise Again("a library has cancelled what waited on it") from error
