"""The lease of a service for one tenant, a row in its database: one instance folds, the others stand by.

The lease only avoids conflicts. The two fences make conflicts harmless: the epoch in the database, and the expected last
message at the broker. A lease lasts three seconds of real time, by the database's clock (architecture.md §4.5).
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
from microgov.services.chassis.store import bookkeeping, lease_row
from microgov.services.chassis.telemetry import logger

RENEW, POLL = 1.0, 0.3
T = TypeVar("T")
log = logger("lease")


class LeaseLost(Fenced):
    """Another instance holds the lease: all loops stop, and this instance stands by."""


class Lease:
    """The lease as one instance sees it. `epoch` is 0 while the instance stands by; `clean` says whether the previous
    holder gave the lease back at a clean stop.

    Taking and renewing the lease also shows whether the database answers (`pulse`). Both run in a separate thread, so that
    other work that waits for the database does not delay them.
    """

    def __init__(self, engine: Engine, readers: Sequence[str], writers: Sequence[str]) -> None:
        self.engine, self.readers, self.writers = engine, readers, writers
        self.holder = uuid.uuid4().hex
        self.epoch = 0
        self.clean = True
        self.pulse = Pulse("the database")
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="lease")

    async def _in_own_thread(self, what: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.thread, what)

    async def take(self) -> None:
        """Waits until this instance holds the lease; tries every 0.3 s."""
        while not await self._in_own_thread(self._take):  # noqa: ASYNC110  # the holder is another process
            await asyncio.sleep(POLL)

    def _take(self) -> bool:
        try:
            with self.engine.begin() as c:
                bookkeeping.prepare(c, self.readers, self.writers)
                taken = lease_row.take_lease(c, self.holder)
        except sa.exc.SQLAlchemyError as error:
            self.pulse.missed(error)
            return False
        self.pulse.beat()
        if taken is None:
            return False
        self.epoch, self.clean = taken
        return True

    def confirm(self) -> None:
        """Renews the lease. Raises LeaseLost if another instance holds it."""
        with self.engine.begin() as c:
            try:
                lease_row.renew_lease(c, self.holder, self.epoch)
            except Fenced as error:
                raise LeaseLost(str(error)) from error

    async def keep(self) -> None:
        """Renews the lease every second until it is lost (LeaseLost). A database that cannot be reached does not by itself
        mean that the lease is lost.
        """
        while True:
            await asyncio.sleep(RENEW)
            try:
                await self._in_own_thread(self.confirm)
            except sa.exc.SQLAlchemyError as error:
                self.pulse.missed(error)
            else:
                self.pulse.beat()

    def give_back(self) -> None:
        """Gives the lease back at a clean stop, so that the next instance need not wait until it expires."""
        epoch, self.epoch = self.epoch, 0
        try:
            with self.engine.begin() as c:
                lease_row.give_back_lease(c, self.holder, epoch)
        except sa.exc.SQLAlchemyError:
            log.warning("the lease could not be given back; it runs out by itself")
