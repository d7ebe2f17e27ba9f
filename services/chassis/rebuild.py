"""Rebuilding: a service's folded tables are made anew, and its next start folds the whole log again, comparing.

What it says is compared with what the log holds, message by message, and nothing is appended until it says something
new; a difference stops it. Kept tables stay as they are.
"""

from sqlalchemy.engine import Engine

from services.chassis import handled
from services.chassis.fold import READER
from services.chassis.lease import Lease
from services.chassis.service import Service


async def reset(engine: Engine, service: Service) -> None:
    """Waits for the lease (so no instance is at work), then empties the folded tables and goes back to the beginning."""
    lease = Lease(engine, (READER,), (service.name, f"{service.name}-edge"))
    await lease.take()
    with engine.begin() as c:
        handled.empty(c, service, READER, lease.epoch)
    lease.give_back()
