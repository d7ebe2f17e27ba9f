"""Watches over this process: whoever cannot go on ends, and whoever keeps the process starts it again.

The watchdog is a timer in a thread of C. It needs neither the event loop nor Python's lock: where nobody winds it up any
more it prints every thread's stack and ends the process with 1.
"""

import asyncio
import faulthandler
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, NoReturn

import nats.errors
from faststream.nats import NatsBroker

from microgov.services.chassis.fold.pulse import Pulse
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.telemetry import logger

PACE, ASKED_EVERY, STOP, NOBODY = 1.0, 5.0, 5.0, 300.0
"""Seconds: between two looks; between two questions to our own /health; that an orderly stop may take; that no tenant
may be well before the process gives up."""
CODE = 1
log = logger("watch")


class Watch:
    """`limit`: after so many seconds a loop that does not turn, a silent /health or a computing handler ends the process."""

    def __init__(self, tenancies: Sequence[Tenancy], broker: NatsBroker, limit: float) -> None:
        self.tenancies, self.broker, self.limit = tenancies, broker, limit
        self.pulse = Pulse("the broker")
        self.faces = Pulse("/health of this process")
        self.address: tuple[str, int] | None = None
        self.well = time.monotonic()
        self.computing: dict[str, tuple[object, float]] = {}
        self.stopping = False

    async def run(self) -> None:
        """Until the application stops."""
        self._limit_the_stop()
        await asyncio.gather(self._wind_up(), self._ask_the_broker(), self._ask_ourselves())

    def troubles(self) -> list[str]:
        """What is wrong with the process as a whole."""
        self.pulse.look()
        return [one for one in (self.pulse.trouble(),) if one]

    # --- the watchdog ---

    async def _wind_up(self) -> None:
        turned = time.monotonic()
        while True:
            before, turned = turned, time.monotonic()
            if turned - before > self.limit:  # it was stopped, and woke before the timer's thread did
                self.end("the event loop stood still", seconds=round(turned - before))
            if not self.stopping and time.monotonic() - self.faces.last < self.limit + 2 * ASKED_EVERY:
                faulthandler.dump_traceback_later(self.limit, exit=True)
            self._look_at_handlers()
            self._look_at_tenants()
            await asyncio.sleep(PACE)

    def _look_at_handlers(self) -> None:
        now = time.monotonic()
        for t in self.tenancies:
            name, at = f"{t.service.name}/{t.tenant.name}", t.fold.folding.at
            before, since = self.computing.get(name, (None, now))
            self.computing[name] = (at, since if at is not None and at is before else now)
            if at is not None and now - self.computing[name][1] > self.limit:
                self.end(
                    "a handler computes for too long",
                    fold=name,
                    seq=at.stored.seq,
                    type=at.m.type,
                    seconds=round(self.limit),
                )

    def _look_at_tenants(self) -> None:
        if not self.tenancies or any(t.begun or not t.troubles() for t in self.tenancies):
            self.well = time.monotonic()
        elif time.monotonic() - self.well > NOBODY:
            why = {f"{t.service.name}/{t.tenant.name}": t.troubles() for t in self.tenancies}
            self.end("no tenant could be started", seconds=round(NOBODY), why=why)

    def end(self, what: str, **given: Any) -> NoReturn:
        """All stacks, and an end that no thread can delay."""
        log.error(f"{what}: this process ends", **given)
        faulthandler.dump_traceback(all_threads=True)
        sys.stderr.flush()
        os._exit(CODE)

    def _limit_the_stop(self) -> None:
        """From the signal on: what hangs in a thread would otherwise outlast the loop and the interpreter."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(sign)
            if callable(before):
                signal.signal(sign, self._told(before))

    def _told(self, before: Callable[[int, FrameType | None], Any]) -> Callable[[int, FrameType | None], Any]:
        def told(sign: int, frame: FrameType | None) -> None:
            self.must_stop()
            before(sign, frame)

        return told

    def must_stop(self) -> None:
        """From now on the process has five seconds left."""
        if not self.stopping:
            self.stopping = True
            faulthandler.dump_traceback_later(STOP, exit=True)

    # --- what it asks ---

    async def _ask_the_broker(self) -> None:
        while True:
            await asyncio.sleep(PACE)
            connection = self.broker._connection  # the property raises before the first connection
            try:
                if connection is None or not connection.is_connected:
                    raise ConnectionError("not connected")
                await connection.flush(timeout=2)
                self.pulse.beat()
            except (nats.errors.Error, OSError, TimeoutError) as error:
                self.pulse.missed(error)
            if connection is not None and connection.is_closed and not self.stopping:
                self.end("the broker has shut us out", why=self.pulse.why)

    async def _ask_ourselves(self) -> None:
        """Whether /health can be reached from outside; whatever it says, it has answered."""
        while True:
            await asyncio.sleep(ASKED_EVERY)  # at first until somebody listens
            try:
                async with asyncio.timeout(ASKED_EVERY):
                    await self._asked()
                self.faces.beat()
            except (OSError, TimeoutError, EOFError) as error:
                self.faces.missed(error)

    async def _asked(self) -> None:
        if self.address is None:
            return  # somebody else's server runs this application, and looks at it
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            writer.write(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            await reader.readuntil(b"\r\n")
        finally:
            writer.close()
