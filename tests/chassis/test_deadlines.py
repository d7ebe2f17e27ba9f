"""A due deadline is reported once; a deadline that cannot be folded keeps its row, and delays no other."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.contracts.log import DeadlineReached
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.fold.clock import RealClock
from microgov.services.chassis.fold.edge import DUE_PER_QUERY, Edge
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.fold.loop import LOG_READER
from microgov.services.chassis.fold.quarantine import next_due
from microgov.services.chassis.log import Log, MemoryLog, recorded_in
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.issues.handlers import service as issues
from microgov.services.issues.model import Deadline

BEFORE = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path}/issues.sqlite"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").create("due")
    made = make_engine(url)
    prepare(made, issues)
    with made.begin() as c:
        bookkeeping.prepare(c, (LOG_READER,), ("issues", "issues-edge"))
    yield made
    made.dispose()


def put(database: Engine, count: int, name: str, at: datetime = BEFORE) -> None:
    rows = [{"kind": "review", "entity": f"{name}-{n:04}", "due_at": at} for n in range(count)]
    with database.begin() as c:
        c.execute(sa.insert(Deadline), rows)


async def do_nothing() -> None:
    return None


async def test_a_quarantined_deadline_delays_no_other_deadline(database: Engine) -> None:
    lease = Lease(database, (LOG_READER,), ("issues", "issues-edge"))
    await lease.take()
    edge = Edge("issues", "t", database, do_nothing, lease, RealClock(), Deadline, do_nothing)  # type: ignore[arg-type]  # never run
    put(database, 2 * DUE_PER_QUERY + 20, "stuck")

    said = []
    while rows := edge._due():
        said += rows
    assert len(said) == 2 * DUE_PER_QUERY + 20
    assert edge._due() == []
    put(database, 3, "fresh", BEFORE + timedelta(hours=1))

    assert [b"fresh-000%d" % n in row.data for n, row in enumerate(edge._due())] == [True] * 3
    again = Edge("issues", "t", database, do_nothing, lease, RealClock(), Deadline, do_nothing)  # type: ignore[arg-type]  # never run
    assert again._due() == []
    lease.give_back()


@dataclass
class Fast:
    """A machine's clock that is fast by `by`."""

    by: timedelta

    def read(self) -> datetime:
        return datetime.now(UTC) + self.by

    async def wait_until_known(self) -> None:
        return None


async def test_an_edge_continues_from_the_time_of_its_last_message(database: Engine) -> None:
    log, said = MemoryLog("t"), list[datetime]()

    async def connect() -> Log:
        return log

    for n, by in enumerate((timedelta(hours=1), timedelta(0)), 1):
        lease = Lease(database, (LOG_READER,), ("issues", "issues-edge"))
        await lease.take()
        put(database, 1, f"due{n}")
        edge = Edge("issues", "t", database, connect, lease, RealClock(Fast(by)), Deadline, do_nothing)
        running = asyncio.create_task(edge.run())
        async with asyncio.timeout(5):
            while len(log.messages) < n:  # noqa: ASYNC110  # there is no event for it
                await asyncio.sleep(0.01)
        await cancel_and_wait(running)
        lease.give_back()
        said.append(recorded_in(log.messages[-1]))

    assert said[0] - datetime.now(UTC) > timedelta(minutes=59)
    assert said[1] >= said[0]


async def test_the_clock_does_not_wait_for_a_quarantined_deadline_or_one_behind_it(database: Engine) -> None:
    folding = Fold(issues, "t")
    put(database, 2, "stuck")
    put(database, 1, "later", BEFORE + timedelta(days=1))
    subject = f"log.t.issues-edge.{DeadlineReached.TYPE}"
    rows = [
        {
            "seq": 7 + n,
            "subject": f"stuck-{n}",
            "log_subject": subject,
            "code": "handler_failed",
            "data": f'{{"data":{{"kind":"review","entity":"stuck-000{n}"}}}}',
        }
        for n in range(2)
    ]
    with database.begin() as c:
        assert next_due(c, folding) == BEFORE
        c.execute(sa.insert(folding.quarantined), rows[:1])
        c.execute(sa.insert(folding.held), rows[1:])

        assert next_due(c, folding) == BEFORE + timedelta(days=1)
