"""The lease of a tenant in a service's database: one process folds, the others stand by.

It keeps things quiet; what makes them safe are the two fences (the epoch in the database, the expected last message in
the broker). Leases use real time, by the database's clock.
"""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.services.chassis.errors import Fenced
from microgov.services.chassis.fold.pulse import Pulse
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.telemetry import logger

RENEW, POLL = 1.0, 0.3
T = TypeVar("T")
log = logger("lease")


class LeaseLost(Fenced):
    """Another process holds the lease: stop every loop and stand by."""


class Lease:
    """`epoch` is 0 while standing by; `clean` tells whether the one before gave the lease back.

    Asking for it and renewing it are the pulse of the database; they have a thread of their own, so that whatever else
    waits for the database does not hold them up.
    """

    def __init__(self, engine: Engine, readers: Sequence[str], writers: Sequence[str]) -> None:
        self.engine, self.readers, self.writers = engine, readers, writers
        self.holder = uuid.uuid4().hex
        self.epoch = 0
        self.clean = True
        self.pulse = Pulse("the database")
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="lease")

    async def _apart(self, what: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.thread, what)

    async def take(self) -> None:
        """Waits until the lease is ours."""
        while not await self._apart(self._take):  # noqa: ASYNC110  # the holder is another process
            await asyncio.sleep(POLL)

    def _take(self) -> bool:
        try:
            with self.engine.begin() as c:
                bookkeeping.prepare(c, self.readers, self.writers)
                taken = bookkeeping.take_lease(c, self.holder)
        except sa.exc.SQLAlchemyError as error:
            self.pulse.missed(error)
            return False
        self.pulse.beat()
        if taken is None:
            return False
        self.epoch, self.clean = taken
        return True

    def confirm(self) -> None:
        """Renews it; LeaseLost where it is not ours any more."""
        with self.engine.begin() as c:
            try:
                bookkeeping.renew_lease(c, self.holder, self.epoch)
            except Fenced as error:
                raise LeaseLost(str(error)) from error

    async def keep(self) -> None:
        """Renews every second until it is lost; a database that is away for a while does not lose it by itself."""
        while True:
            await asyncio.sleep(RENEW)
            try:
                await self._apart(self.confirm)
            except sa.exc.SQLAlchemyError as error:
                self.pulse.missed(error)
            else:
                self.pulse.beat()

    def give_back(self) -> None:
        """A clean stop."""
        epoch, self.epoch = self.epoch, 0
        try:
            with self.engine.begin() as c:
                bookkeeping.give_back_lease(c, self.holder, epoch)
        except sa.exc.SQLAlchemyError:
            log.warning("the lease could not be given back; it runs out by itself")
