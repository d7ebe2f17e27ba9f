"""Rebuilding: a service's folded tables are made anew, and its next start folds the whole log again, comparing.

What it says is compared with what the log holds, message by message, and nothing is appended until it says something
new; a difference stops it. Kept tables stay as they are.
"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.chassis import books, handled
from services.chassis.database import reading
from services.chassis.fold import READER
from services.chassis.lease import Lease
from services.chassis.service import Service


def whose(engine: Engine, service: Service) -> str | None:
    """The tenant whose log the service has folded there, by what it has said; empty: it has said nothing yet.

    None: the service has never worked there. Makes nothing, not even a file.
    """
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file is not None and not Path(file).exists():
        return None
    with reading(engine) as c:
        if not sa.inspect(c).has_table(books.WRITER.name) or not books.writers(c, service.name):
            return None
        mine = sa.select(books.OUTBOX.c.subject).where(books.OUTBOX.c.writer == service.name).limit(1)
        said: str | None = c.execute(mine).scalar()
    return said.split(".")[1] if said is not None else ""


async def reset(engine: Engine, service: Service) -> None:
    """Waits for the lease (so no instance is at work), then empties the folded tables and goes back to the beginning."""
    lease = Lease(engine, (READER,), (service.name, f"{service.name}-edge"))
    await lease.take()
    with engine.begin() as c:
        handled.empty(c, service, READER, lease.epoch)
    lease.give_back()
