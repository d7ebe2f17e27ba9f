"""Rebuild: empties a service's folded tables, so that its next start folds the whole log again.

The fold's answers are then compared with the log, message by message. They are appended only from the first answer on that
the log does not hold yet; another id stops the fold (refolding.py). Kept tables stay as they are (architecture.md §7).
"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.services.chassis.fold import handled_types
from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.fold.loop import LOG_READER
from microgov.services.chassis.service import Service
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.engine import reading


def owner_of_tables(engine: Engine, service: Service) -> str | None:
    """The tenant whose log this database was folded from, taken from the service's outbox; an empty string if the outbox
    is empty, None if the service has never worked with this database. Creates nothing, not even a file.
    """
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file is not None and not Path(file).exists():
        return None
    with reading(engine) as c:
        if not sa.inspect(c).has_table(bookkeeping.WRITER.name) or not bookkeeping.writers(c, service.name):
            return None
        mine = (
            sa.select(bookkeeping.OUTBOX.c.subject)
            .where(bookkeeping.OUTBOX.c.writer == service.name)
            .limit(1)
        )
        said: str | None = c.execute(mine).scalar()
    return said.split(".")[1] if said is not None else ""


async def reset(engine: Engine, service: Service, strict: bool = False) -> None:
    """Waits for the lease, so that no instance is at work; then empties the folded tables and sets the position to 0.

    `strict`: the fold will also stop at a refusal whose code is another one than in the log.
    """
    lease = Lease(engine, (LOG_READER,), (service.name, f"{service.name}-edge"))
    await lease.take()
    with engine.begin() as c:
        handled_types.empty(c, service, LOG_READER, lease.epoch, strict)
    lease.give_back()
