"""Every step of an issue's whole life costs the database as much for many issues as for few: its rows come together."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bench.lives import LENGTH, held, life
from bench.workload import stamped
from services.chassis.database import Bulk
from services.chassis.folding import Folding
from services.chassis.log import Stored
from services.chassis.parsed import read_one
from services.chassis.replay import prepare
from services.issues.handlers import service

STEPS = [type(message).__name__ for _, message, _, _ in life(0)]


def ground(count: int) -> Engine:
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    prepare(engine, service)
    with engine.begin() as c:
        for name, some in held(count * LENGTH):
            table = service.base.metadata.tables[name]
            names = [column.name for column in table.columns]
            Bulk(table, c.dialect).insert(c, [tuple(row.get(one) for one in names) for row in some])
    return engine


@cache
def asked(count: int) -> list[int]:
    """How many statements each step of so many lives takes, when a batch holds that step of all of them."""
    engine, folding, statements = ground(count), Folding(service, "bench"), list[str]()
    engine.raw_connection().driver_connection.set_trace_callback(statements.append)  # type: ignore[union-attr]
    found = list[int]()
    for step, sent in enumerate(zip(*map(life, range(count)), strict=True)):
        found.append(_one(engine, folding, sent, step, statements))
    return found


def _one(engine: Engine, folding: Folding, sent: Sequence[Any], step: int, statements: list[str]) -> int:
    rows = stamped(sent, f"step-{step}")
    batch = [read_one(Stored(step * 1000 + n, row.subject, row.data)) for n, row in enumerate(rows, 1)]
    statements.clear()
    with engine.begin() as c:
        drafts, folded = folding.fold(c, batch)
    assert folded == len(sent) and not any(b"refused" in draft.numbered(1).data for draft in drafts)
    return sum(not one.startswith(("INSERT", "UPDATE", "DELETE")) for one in statements)


def test_a_life_has_a_step_of_every_kind() -> None:
    assert len(STEPS) == LENGTH and len(set(STEPS)) > 20


@pytest.mark.parametrize("step", range(LENGTH), ids=lambda n: f"{n}-{STEPS[n]}")
def test_a_step_of_many_issues_asks_the_database_no_more_often(step: int) -> None:
    assert asked(12)[step] == asked(3)[step]
