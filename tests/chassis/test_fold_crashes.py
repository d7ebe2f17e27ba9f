"""A fold crashes at every commit, meets a second fold, or finds another log: every event is in the log once, in order.

These tests fail for bugs that ordinary tests do not notice: a position in a transaction of its own, a fence without its
epoch, a start that does not read the log.
"""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.errors import Fenced, LogDiffers
from microgov.services.chassis.fold.appender import Appender
from microgov.services.chassis.fold.lease import Lease, LeaseLost
from microgov.services.chassis.fold.loop import LOG_READER
from microgov.services.chassis.log import MemoryLog, Stored
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.store import bookkeeping, lease_row
from microgov.services.chassis.store.bookkeeping import Bookkeeping, StreamPosition
from microgov.services.chassis.store.engine import engine as make_engine
from tests.chassis import tool_service
from tests.chassis.running_fold import RunningFold, run_fold


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path}/tools.sqlite")
    prepare(made, tool_service.service())
    yield made
    made.dispose()


class ProcessDied(BaseException):
    """Stands for the death of the process, right after a commit."""


def die_after_commits(database: Engine, commits: int) -> Callable[[], int]:
    """Raises ProcessDied at the n-th commit of the database and at every later one; returns a counter of commits."""
    seen = 0

    def committed(connection: sa.Connection) -> None:
        nonlocal seen
        seen += 1
        if seen >= commits:
            connection.connection.commit()
            raise ProcessDied

    sa.event.listen(database, "commit", committed)
    return lambda: seen


def send_tools(alive: RunningFold) -> None:
    """Sends commands for seven tools: each is offered, lent, and lent again, which is refused."""
    for n in range(7):
        alive.send(tool_service.OfferTool(), f"tool-{n}")
        alive.send(tool_service.LendTool(), f"tool-{n}", by="p-2")
        alive.send(tool_service.LendTool(), f"tool-{n}", by="p-3")


def words(log: MemoryLog) -> list[tuple[str, bytes]]:
    return [(m.subject, m.data) for m in log.messages if m.subject.startswith("log.t.tools.")]


async def test_a_fold_that_crashes_after_any_commit_emits_every_event_once(tmp_path: Path) -> None:
    wanted: list[tuple[str, bytes]] = []
    for commits in range(1, 60):
        made = make_engine(f"sqlite:///{tmp_path}/{commits}.sqlite")
        prepare(made, tool_service.service())
        log = MemoryLog("t")
        if not wanted:
            async with run_fold(made, tool_service.service(), log) as alive:
                send_tools(alive)
                await alive.rest()
            wanted = words(log)
            assert len(wanted) == 21
            continue
        send_tools(RunningFold(made, tool_service.service(), log))
        doomed = RunningFold(made, tool_service.service(), log)
        doomed.fold.batch = doomed.fold.window = 4
        await doomed.lease.take()
        count = die_after_commits(made, commits)
        life = asyncio.create_task(doomed.fold.run_once())
        while not life.done() and len(words(log)) < len(wanted):  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0.005)
        await asyncio.wait({life}, timeout=0.05)
        await cancel_and_wait(life)
        died = count() >= commits
        made.dispose()
        again = make_engine(f"sqlite:///{tmp_path}/{commits}.sqlite")
        with again.begin() as c:
            c.execute(bookkeeping.LEASE.update().values(until=0))
        async with run_fold(again, tool_service.service(), log) as alive:
            await alive.rest()
        assert words(log) == wanted, f"died after commit {commits}"
        again.dispose()
        if not died:
            break
    assert commits > 5


def test_positions_and_numbers_change_only_under_the_present_epoch(database: Engine) -> None:
    mine = Bookkeeping(database.dialect)
    with database.begin() as c:
        bookkeeping.prepare(c, (LOG_READER,), ("tools",))
        epoch = lease_row.take_lease(c, "me")
        assert epoch is not None
        mine.fence(c, LOG_READER, 0, StreamPosition(3, "x", 1), epoch.epoch)
        assert mine.take(c, "tools", 2, 0, epoch.epoch) == 1
    for wrong in (epoch.epoch - 1, epoch.epoch + 1):
        for act in (
            lambda c, e=wrong: mine.fence(c, LOG_READER, 3, StreamPosition(4, "y", 1), e),
            lambda c, e=wrong: mine.take(c, "tools", 1, 0, e),
            lambda c, e=wrong: bookkeeping.set_writer(c, "tools", 9, 9, e),
            lambda c, e=wrong: lease_row.renew_lease(c, "me", e),
        ):
            with pytest.raises(Fenced), database.begin() as c:
                act(c)
    with pytest.raises(Fenced), database.begin() as c:
        mine.fence(c, LOG_READER, 2, StreamPosition(4, "y", 1), epoch.epoch)
    with database.connect() as c:
        assert bookkeeping.position(c, LOG_READER).seq == 3
        assert bookkeeping.writer(c, "tools").next == 3


async def test_after_a_takeover_the_former_holder_can_write_nothing(database: Engine) -> None:
    first, second = (Lease(database, (LOG_READER,), ("tools",)) for _ in range(2))
    await first.take()
    with database.begin() as c:
        c.execute(bookkeeping.LEASE.update().values(until=0))
    await second.take()

    assert second.epoch > first.epoch
    with pytest.raises(LeaseLost):
        first.confirm()


async def started(database: Engine, log: MemoryLog) -> None:
    lease = Lease(database, (LOG_READER,), ("tools",))
    await lease.take()
    try:
        await Appender("tools").start(log, database, lease.epoch)
    finally:
        lease.give_back()


@pytest.mark.parametrize("how", ["shorter", "another"])
async def test_a_log_that_contradicts_the_outbox_is_refused(how: str, database: Engine) -> None:
    log = MemoryLog("t")
    async with run_fold(database, tool_service.service(), log) as alive:
        send_tools(alive)
        await alive.rest()
        alive.send(tool_service.OfferTool(), "last")
        await alive.rest()
    await started(database, log)
    mine = [at for at, m in enumerate(log.messages) if m.subject.startswith("log.t.tools.")]
    if how == "shorter":
        log.messages = log.messages[: mine[3]]
    else:
        last = log.messages[mine[-1]]
        changed = last.data.replace(b'"id":"', b'"id":"0', 1)[: len(last.data) + 1]
        log.messages[mine[-1]] = Stored(last.seq, last.subject, changed)

    with pytest.raises(LogDiffers, match="lost its end" if how == "shorter" else "does not belong"):
        await started(database, log)
