"""The row about the last rebuild of a fold from a stream (fold/refolding.py). There is none before the first rebuild.

Everything here runs inside the caller's transaction.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.store.bookkeeping import REBUILD


def last_rebuild(c: Connection, stream: str) -> tuple[bool, int]:
    """Whether the last rebuild is strict, and how many codes have differed since it began; False and 0 if there was none."""
    mine = sa.select(REBUILD.c.strict, REBUILD.c.other_codes).where(REBUILD.c.stream == stream)
    row = c.execute(mine).first()
    return (bool(row.strict), int(row.other_codes)) if row is not None else (False, 0)


def begin_rebuild(c: Connection, stream: str, strict: bool) -> None:
    """Stores that a rebuild begins."""
    c.execute(REBUILD.delete().where(REBUILD.c.stream == stream))
    c.execute(REBUILD.insert().values(stream=stream, strict=strict, other_codes=0))


def set_rebuild(c: Connection, stream: str, strict: bool, other_codes: int) -> None:
    """Stores whether the rebuild is strict, and how many codes have differed; nothing if there was no rebuild."""
    mine = REBUILD.update().where(REBUILD.c.stream == stream)
    c.execute(mine.values(strict=strict, other_codes=other_codes))
