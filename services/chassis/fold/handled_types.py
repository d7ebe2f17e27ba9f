"""Compares the message types that a fold's rows were made from with the types that today's code handles.

The column `reader.handled` holds the former as a list. If the log has no message of an added or removed type up to the
position, the rows are as today's code would have made them, and the fold continues. Otherwise it rebuilds them.
"""

import hashlib
import re
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.errors import Fenced
from microgov.services.chassis.log import Log
from microgov.services.chassis.service import Service
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.quarantine_tables import folding_tables
from microgov.services.chassis.store.rebuild_row import begin_rebuild

LIST = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+(,[a-z0-9_]+(\.[a-z0-9_]+)+)*")


def joined(types: Sequence[str]) -> str:
    """The types as the reader's row keeps them."""
    return ",".join(types)


async def outdated(source: Log, before: str, types: Sequence[str], seq: int) -> str:
    """Why rows that were folded up to `seq` from the types `before` must be rebuilt; an empty string if they need not be
    rebuilt.
    """
    if not seq or not before or before in (joined(types), _hash(types)):
        return ""
    if not LIST.fullmatch(before):
        return "it is not known which message types its rows were folded from"
    for kind in sorted({*before.split(",")} ^ {*types}):
        first = await source.first(kind)
        if first is not None and first.seq <= seq:
            return f"{kind} stands at {first.seq}, and was {'not ' if kind in types else ''}folded"
    return ""


def _hash(types: Sequence[str]) -> str:
    """The hash of the types, which older releases stored in place of the list."""
    return hashlib.sha256(joined(types).encode()).hexdigest()[:16]


def empty(c: Connection, service: Service, stream: str, epoch: int, strict: bool = False) -> None:
    """Empties the folded tables and sets the position to 0. `strict`: see refolding.py. Raises Fenced if another instance
    has taken the lease.
    """
    folding_tables(service.base.metadata)
    mine = sa.and_(bookkeeping.READER.c.stream == stream, bookkeeping.READER.c.epoch == epoch)
    if (
        c.execute(
            bookkeeping.READER.update().where(mine).values(seq=0, event_id="", handled="", now=0)
        ).rowcount
        != 1
    ):
        raise Fenced(f"{stream}: another epoch")
    begin_rebuild(c, stream, strict)
    for table in service.base.metadata.sorted_tables:
        c.execute(sa.delete(table))
    c.execute(bookkeeping.WRITER.update().where(bookkeeping.WRITER.c.name == service.name).values(next=1))
