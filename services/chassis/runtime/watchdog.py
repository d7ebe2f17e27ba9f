"""The watchdog of the process: ends it if it hangs, so that `make up` or compose starts it again (architecture.md §10).

It is a timer in a C thread (faulthandler) and needs neither the event loop nor the GIL. If the event loop does not restart
the timer in time, it prints the stacks of all threads and ends the process with code 1.
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

PACE, ASKED_EVERY, STOP_WITHIN, ALL_IN_TROUBLE = 1.0, 5.0, 5.0, 300.0
"""PACE: seconds between two checks. ASKED_EVERY: seconds between two requests to our own /health. STOP_WITHIN: seconds
that an orderly stop may take. ALL_IN_TROUBLE: seconds that all tenants may be in trouble before the process ends.
"""
EXIT_CODE = 1
log = logger("watch")


class Watch:
    """The checks of one process. `limit`: seconds for which the event loop may stand still or a handler may compute.

    A silent /health also ends the process: once it is silent for `limit` + 10 s the timer is not restarted any more.
    """

    def __init__(self, tenancies: Sequence[Tenancy], broker: NatsBroker, limit: float) -> None:
        self.tenancies, self.broker, self.limit = tenancies, broker, limit
        self.pulse = Pulse("the broker")
        self.health_pulse = Pulse("/health of this process")
        self.address: tuple[str, int] | None = None
        self.last_well = time.monotonic()
        self.computing: dict[str, tuple[object, float]] = {}
        self.stopping = False

    async def run(self) -> None:
        """Runs until the application stops."""
        self._limit_the_stop()
        await asyncio.gather(self._restart_timer(), self._ask_the_broker(), self._ask_ourselves())

    def troubles(self) -> list[str]:
        """What is wrong with the process as a whole, beside the troubles of its tenants."""
        self.pulse.check_silence()
        return [one for one in (self.pulse.trouble(),) if one]

    # --- the watchdog ---

    async def _restart_timer(self) -> None:
        turned = time.monotonic()
        while True:
            before, turned = turned, time.monotonic()
            if turned - before > self.limit:  # the process was paused, and this ran before the timer thread
                self.end("the event loop stood still", seconds=round(turned - before))
            if not self.stopping and time.monotonic() - self.health_pulse.last < self.limit + 2 * ASKED_EVERY:
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
            self.last_well = time.monotonic()
        elif time.monotonic() - self.last_well > ALL_IN_TROUBLE:
            why = {f"{t.service.name}/{t.tenant.name}": t.troubles() for t in self.tenancies}
            self.end("no tenant could be started", seconds=round(ALL_IN_TROUBLE), why=why)

    def end(self, what: str, **fields: Any) -> NoReturn:
        """Prints all stacks and ends the process at once; no thread can delay it."""
        log.error(f"{what}: this process ends", **fields)
        faulthandler.dump_traceback(all_threads=True)
        sys.stderr.flush()
        os._exit(EXIT_CODE)

    def _limit_the_stop(self) -> None:
        """Limits the time of the stop from the signal on: a thread that hangs would otherwise keep the process alive."""
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(signal_number)
            if callable(before):
                signal.signal(signal_number, self._stopping_first(before))

    def _stopping_first(
        self, before: Callable[[int, FrameType | None], Any]
    ) -> Callable[[int, FrameType | None], Any]:
        def must_stop_first(signal_number: int, frame: FrameType | None) -> None:
            self.must_stop()
            before(signal_number, frame)

        return must_stop_first

    def must_stop(self) -> None:
        """Gives the process five seconds to end by itself."""
        if not self.stopping:
            self.stopping = True
            faulthandler.dump_traceback_later(STOP_WITHIN, exit=True)

    # --- requests to the broker and to /health ---

    async def _ask_the_broker(self) -> None:
        while True:
            await asyncio.sleep(PACE)
            connection = self.broker._connection  # the public property raises before the first connection
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
        """Checks that /health answers over the network; the content of the answer does not matter."""
        while True:
            await asyncio.sleep(ASKED_EVERY)  # the first wait also lets the server start
            try:
                async with asyncio.timeout(ASKED_EVERY):
                    await self._asked()
                self.health_pulse.beat()
            except (OSError, TimeoutError, EOFError) as error:
                self.health_pulse.missed(error)

    async def _asked(self) -> None:
        if self.address is None:
            return  # another server runs this application, and has to check it
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            writer.write(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            await reader.readuntil(b"\r\n")
        finally:
            writer.close()
