"""What every loop of a service shares: it runs under the lease, and after a failure of infrastructure it starts again."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import nats.errors
import sqlalchemy as sa

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
            if _cancelled():
                raise asyncio.CancelledError
            began = asyncio.get_running_loop().time()
            try:
                self.state, self.reason = "running", ""
                await self.once()
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

    async def together(self, *parts: Coroutine[Any, Any, None]) -> None:
        """Runs the parts until one fails; then ends the others and raises what it raised."""
        await together(*parts)


def _cancelled() -> bool:
    """Whether somebody wants this loop to end: nats-py may have swallowed or renamed what told it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def together(*parts: Coroutine[Any, Any, None]) -> None:
    """The first failure ends all; returns when all have returned."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
