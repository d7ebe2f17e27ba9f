"""Rebuilding: a service's folded tables are made anew, and its next start folds the whole log again, comparing.

What it says is compared with what the log holds, message by message, and nothing is appended until it says something
new; a difference stops it. Kept tables stay as they are.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.chassis import books
from services.chassis.fold import READER
from services.chassis.held import folding_tables
from services.chassis.lease import Lease
from services.chassis.service import Service


async def reset(engine: Engine, service: Service) -> None:
    """Waits for the lease (so no instance is at work), then empties the folded tables and goes back to the beginning."""
    lease = Lease(engine, (READER,), (service.name, f"{service.name}-edge"))
    await lease.take()
    folding_tables(service.base.metadata)
    with engine.begin() as c:
        for table in service.base.metadata.sorted_tables:
            c.execute(sa.delete(table))
        c.execute(books.READER.update().where(books.READER.c.stream == READER).values(seq=0, event_id="", handled="", now=0))
        c.execute(books.WRITER.update().where(books.WRITER.c.name == service.name).values(next=1))
    lease.give_back()
