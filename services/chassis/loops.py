"""What every loop of a service shares: it runs under the lease, and after a failure of infrastructure it starts again."""

import asyncio

import nats.errors
import sqlalchemy as sa

from services.chassis.ending import heed
from services.chassis.errors import Again, LogDiffers
from services.chassis.lease import Lease, LeaseLost
from services.chassis.telemetry import logger

log = logger("loop")
FIRST_WAIT, LONGEST_WAIT, REFUSED_WAIT = 0.05, 2.0, 5.0


class Loop:
    """`state` is what health shows: starting, running, again (with the reason) or refused (with what to do)."""

    def __init__(self, name: str, lease: Lease) -> None:
        self.name, self.lease = name, lease
        self.state, self.reason = "starting", ""

    async def once(self) -> None:
        """Runs from what the database holds until something is in doubt."""
        raise NotImplementedError(self.name)

    def outgoing(self) -> int:
        """How many messages it has said that do not stand in their stream yet."""
        return 0

    async def run(self) -> None:
        """Runs until the lease is lost; an error of another kind ends the process, whose keeper starts it again."""
        wait = FIRST_WAIT
        while True:
            heed()
            began = asyncio.get_running_loop().time()
            try:
                self.state, self.reason = "running", ""
                await self._once()
            except LeaseLost:
                raise
            except LogDiffers as error:
                self.state, self.reason = "refused", str(error)
                log.error("refuses to run", loop=self.name, why=str(error))
                await asyncio.sleep(REFUSED_WAIT)
            except (Again, sa.exc.DBAPIError, sa.exc.TimeoutError, nats.errors.Error, OSError, TimeoutError) as error:
                self.state, self.reason = "again", f"{type(error).__name__}: {error}"[:300]
                log.warning("starts again", loop=self.name, why=self.reason)
                if asyncio.get_running_loop().time() - began > 10 * wait:
                    wait = FIRST_WAIT
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    async def _once(self) -> None:
        try:
            await self.once()
        except asyncio.CancelledError as error:
            heed()
            raise Again("a library has cancelled what waited on it") from error
