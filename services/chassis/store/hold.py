"""The hold: after a restore a service sends nothing to people until an operator has decided what becomes of that which may
have been sent before (`microgov resume`). Everything inside the log goes on.

It begins where the log holds a number of this service's writers that the database has not given yet: then the database is
older than the log. `microgov restore` begins it, too. Everything here runs inside the caller's transaction.
"""

import time
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.store.bookkeeping import HOLD, REBUILD


class Hold(NamedTuple):
    """`since`: when it began. `latest`: the greatest recordedtime that the log held then; what was to be sent up to that
    time may have been sent. Both are microseconds since 1970, UTC; `latest` is 0 until the log is read.
    """

    since: int
    latest: int


def begin(c: Connection) -> None:
    """Begins a hold; one that lasts begins anew, and then holds back what has come since as well."""
    c.execute(HOLD.delete())
    c.execute(HOLD.insert().values(one=1, since=int(time.time() * 1_000_000), latest=0))


def begin_unless_rebuilding(c: Connection) -> None:
    """Begins a hold unless the fold's database was rebuilt: then that is why it has numbers to give again, and what was
    claimed and sent is in kept tables.
    """
    if c.execute(sa.select(REBUILD.c.stream)).first() is None:
        begin(c)


def held(c: Connection) -> Hold | None:
    """The hold; None if things are sent."""
    row = c.execute(sa.select(HOLD.c.since, HOLD.c.latest)).first()
    return Hold(*row) if row is not None else None


def set_latest(c: Connection, latest: int) -> None:
    """Stores the greatest recordedtime, once."""
    c.execute(HOLD.update().where(HOLD.c.latest == 0).values(latest=latest))


def end(c: Connection) -> None:
    """Ends the hold: the next thing that is due is sent."""
    c.execute(HOLD.delete())
