"""Counts the database reads of each step of a state machine, when a batch holds the same step for many entities."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bench.setup import RowBatches
from bench.workload import AddressedMessage, stamped
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.log import Stored
from microgov.services.chassis.messages.parsed import read_one
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.fold_session.bulk import Bulk


def reads_per_step(
    service: Service, life: Callable[[int], list[AddressedMessage]], held: RowBatches, count: int
) -> list[int]:
    """The number of SELECT statements of each step.

    `life` gives the commands of the n-th entity, `held` the rows that the database has before, `count` the number of
    entities.
    No command may be refused.
    """
    engine, folding, statements = _prepared_engine(service, held), Fold(service, "bench"), list[str]()
    engine.raw_connection().driver_connection.set_trace_callback(statements.append)  # type: ignore[union-attr]
    found = list[int]()
    for step, sent in enumerate(zip(*map(life, range(count)), strict=True)):
        found.append(_reads_of(engine, folding, sent, step, statements))
    return found


def _prepared_engine(service: Service, held: RowBatches) -> Engine:
    """A database in memory with the tables of the service and these rows."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    prepare(engine, service)
    with engine.begin() as c:
        for name, some in held:
            table = service.base.metadata.tables[name]
            names = [column.name for column in table.columns]
            Bulk(table, c.dialect).insert(c, [tuple(row.get(one) for one in names) for row in some])
    return engine


def _reads_of(engine: Engine, folding: Fold, sent: Sequence[Any], step: int, statements: list[str]) -> int:
    """Folds one batch; returns how many of its statements are neither INSERT, UPDATE nor DELETE."""
    rows = stamped(sent, f"step-{step}")
    batch = [read_one(Stored(step * 1000 + n, row.subject, row.data)) for n, row in enumerate(rows, 1)]
    statements.clear()
    with engine.begin() as c:
        drafts, folded = folding.fold(c, batch)
    assert folded == len(sent)
    assert not any(b"refused" in draft.numbered(1).data for draft in drafts)
    return sum(not one.startswith(("INSERT", "UPDATE", "DELETE")) for one in statements)
