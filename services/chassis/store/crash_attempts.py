"""Counts how often the handling of a message has begun (table `mark`), and stores why a message was quarantined (table
`trouble`).

Everything here runs inside the caller's transaction.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.store.bookkeeping import MARK, TROUBLE


def count_attempt(c: Connection, stream: str, seq: int, counts: bool = True) -> int:
    """Stores which message is folded next; returns how often its handling has begun. `counts`: a repeated attempt is
    counted.
    """
    row = c.execute(sa.select(MARK.c.seq, MARK.c.tries).where(MARK.c.stream == stream)).first()
    tries = row.tries + counts if row is not None and row.seq == seq else 1
    if row is None:
        c.execute(MARK.insert().values(stream=stream, seq=seq, tries=tries))
    else:
        c.execute(MARK.update().where(MARK.c.stream == stream).values(seq=seq, tries=tries))
    return tries


def note_trouble(c: Connection, stream: str, seq: int, error: str, trace: str) -> None:
    """Keeps error and trace of a quarantined message, for the person who repairs the cause."""
    c.execute(TROUBLE.delete().where(TROUBLE.c.stream == stream, TROUBLE.c.seq == seq))
    c.execute(TROUBLE.insert().values(stream=stream, seq=seq, error=error[:2000], trace=trace[:20000]))


def trouble(c: Connection, stream: str) -> dict[int, dict[str, Any]]:
    """Log sequence → error and trace of the quarantined message."""
    rows = c.execute(
        sa.select(TROUBLE.c.seq, TROUBLE.c.error, TROUBLE.c.trace).where(TROUBLE.c.stream == stream)
    )
    return {row.seq: {"error": row.error, "trace": row.trace} for row in rows}
