"""Reads the outbox: the messages of a service's writers, by their numbers. Everything here runs inside the caller's
transaction.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.log import Outgoing
from microgov.services.chassis.store.bookkeeping import OUTBOX


def after(c: Connection, name: str, n: int, most: int = 5000) -> list[Outgoing]:
    """A writer's outbox rows with numbers above `n`, in order, 5,000 at most."""
    query = (
        sa.select(OUTBOX.c.n, OUTBOX.c.id, OUTBOX.c.subject, OUTBOX.c.data)
        .where(OUTBOX.c.writer == name, OUTBOX.c.n > n)
        .order_by(OUTBOX.c.n)
        .limit(most)
    )
    return [Outgoing(*row) for row in c.execute(query)]


def id_at(c: Connection, name: str, n: int) -> str | None:
    """The message id in one outbox row; None if there is no such row."""
    found: str | None = c.execute(
        sa.select(OUTBOX.c.id).where(OUTBOX.c.writer == name, OUTBOX.c.n == n)
    ).scalar()
    return found


def said_already(c: Connection, name: str, ids: Sequence[str]) -> set[str]:
    """Which of these ids a writer's outbox holds."""
    return set(
        c.execute(sa.select(OUTBOX.c.id).where(OUTBOX.c.writer == name, OUTBOX.c.id.in_(ids))).scalars()
    )
