"""The answer to AskProgress: up to which message a service has folded the log of one tenant."""

import asyncio

import sqlalchemy as sa

from microgov.contracts.log import Progress
from microgov.services.chassis.columns import instant
from microgov.services.chassis.fold.loop import LOG_READER
from microgov.services.chassis.fold.quarantine import next_due
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.engine import reading
from microgov.services.chassis.store.rebuild_row import last_rebuild

AFTER_WAIT = 2.0


async def progress(tenancy: Tenancy, after: int = 0) -> Progress:
    """How far the fold has come. Waits two seconds at most for it to fold everything up to the sequence `after`."""
    until = asyncio.get_running_loop().time() + AFTER_WAIT
    lag = await tenancy.fold.behind()
    while lag and tenancy.fold.position.seq < after and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.01)
        lag = await tenancy.fold.behind()
    return await asyncio.to_thread(_progress, tenancy, lag)


def _progress(tenancy: Tenancy, lag: int) -> Progress:
    folding = tenancy.fold.folding
    with reading(tenancy.engine) as c:
        at = bookkeeping.position(c, LOG_READER)
        due = next_due(c, folding)
        quarantined = c.execute(sa.select(sa.func.count()).select_from(folding.quarantined)).scalar_one()
        unreported = tenancy.unreported(c)
        _, other_codes = last_rebuild(c, LOG_READER)
    return Progress(
        service=tenancy.service.name,
        writer=tenancy.service.name,
        position=at.seq,
        lag=lag,
        outgoing=sum(loop.outgoing() for loop in tenancy.loops) + unreported,
        now=instant(at.now) if at.now else None,
        next_due=due,
        active=tenancy.active,
        quarantined=quarantined,
        other_codes=other_codes,
    )
