"""Takes, renews and gives back the lease of a service for one tenant, one row of the table `lease`.

Everything here runs inside the caller's transaction.
"""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.errors import Fenced
from microgov.services.chassis.store.bookkeeping import LEASE, READER, WRITER
from microgov.services.chassis.store.engine import is_postgresql, milliseconds

LEASE_MS = 3000
_END_STOPPED_HOLDER = """SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a, lease l
WHERE a.datname = current_database() AND a.usename = current_user AND a.pid <> pg_backend_pid()
AND a.backend_xid IS NOT NULL AND a.wait_event_type = 'Client' AND a.state_change < clock_timestamp() - interval '5 s'
AND l.until < extract(epoch from clock_timestamp()) * 1000"""
"""Ends the connection of an instance that was stopped inside a transaction and has lost the lease since: it holds locks that
its successor needs. idle_in_transaction_session_timeout covers only a stop between two statements; within a pipeline or a
COPY the connection counts as `active`. So the query looks for a connection that has written and waits for its client.
"""


class Taken(NamedTuple):
    """The lease is taken under `epoch`; `clean` says whether the previous holder gave it back."""

    epoch: int
    clean: bool


def take_lease(c: Connection, holder: str) -> Taken | None:
    """Takes the lease for three seconds; returns None while another instance holds it. Taking it raises the epoch in the
    rows of all readers and writers.

    A lease that ends more than 6 s from now was taken before the database's clock was set back, and counts as free.
    """
    if is_postgresql(c):
        c.exec_driver_sql(_END_STOPPED_HOLDER)
        c.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
    now: sa.ColumnElement[int] = sa.literal_column(milliseconds(c))
    free = sa.or_(LEASE.c.holder == "", LEASE.c.until < now, LEASE.c.until > now + 2 * LEASE_MS)
    row = c.execute(sa.select(LEASE.c.holder, LEASE.c.epoch).where(free).with_for_update()).first()
    if row is None:
        return None
    epoch = row.epoch + 1
    c.execute(LEASE.update().values(holder=holder, epoch=epoch, until=now + LEASE_MS))
    c.execute(READER.update().values(epoch=epoch))
    c.execute(WRITER.update().values(epoch=epoch))
    return Taken(epoch, row.holder == "")


def renew_lease(c: Connection, holder: str, epoch: int) -> None:
    """Renews the lease for three seconds. Raises Fenced if another instance holds it."""
    until: sa.ColumnElement[int] = sa.literal_column(milliseconds(c)) + LEASE_MS
    mine = sa.and_(LEASE.c.holder == holder, LEASE.c.epoch == epoch)
    if c.execute(LEASE.update().where(mine).values(until=until)).rowcount != 1:
        raise Fenced("the lease is somebody else's")


def give_back_lease(c: Connection, holder: str, epoch: int) -> None:
    """Gives the lease back at a clean stop, so that the next instance need not wait."""
    c.execute(
        LEASE.update().where(LEASE.c.holder == holder, LEASE.c.epoch == epoch).values(holder="", until=0)
    )
