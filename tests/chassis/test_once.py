"""A fold dies at every commit, is restored, rebuilt, and met by another: each message is said once, in order, as it was.

What stands here would be broken by a bug that no ordinary test notices: a position in a transaction of its own, a fence
without its epoch, a start that does not look, a rebuild that forgets what was put aside.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from contracts.fields import Role
from contracts.log import RetryMessage
from services.chassis import Service, books
from services.chassis.appender import Appender
from services.chassis.books import Books, Position
from services.chassis.database import engine as make_engine
from services.chassis.ending import ended
from services.chassis.errors import Fenced, LogDiffers
from services.chassis.fold import READER
from services.chassis.lease import Lease, LeaseLost
from services.chassis.log import MemoryLog, Stored
from services.chassis.model import Said
from services.chassis.rebuild import reset
from services.chassis.replay import digest, prepare
from tests.chassis import tools
from tests.chassis.living import Living, living


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path}/tools.sqlite")
    prepare(made, tools.service())
    yield made
    made.dispose()


class Died(BaseException):
    """The process is no more, from right after a commit on."""


def dies_after(database: Engine, commits: int) -> Callable[[], int]:
    """From the n-th commit of the database on nothing more is done; returns how many there were."""
    seen = 0

    def committed(connection: sa.Connection) -> None:
        nonlocal seen
        seen += 1
        if seen >= commits:
            connection.connection.commit()
            raise Died

    sa.event.listen(database, "commit", committed)
    return lambda: seen


def house(alive: Living) -> None:
    """Tools that are offered, lent, and lent again, which is refused."""
    for n in range(7):
        alive.send(tools.OfferTool(), f"tool-{n}")
        alive.send(tools.LendTool(), f"tool-{n}", by="p-2")
        alive.send(tools.LendTool(), f"tool-{n}", by="p-3")


def words(log: MemoryLog) -> list[tuple[str, bytes]]:
    return [(m.subject, m.data) for m in log.messages if m.subject.startswith("log.t.tools.")]


async def test_a_fold_that_dies_after_any_commit_says_everything_once(tmp_path: Path) -> None:
    wanted: list[tuple[str, bytes]] = []
    for commits in range(1, 60):
        made = make_engine(f"sqlite:///{tmp_path}/{commits}.sqlite")
        prepare(made, tools.service())
        log = MemoryLog("t")
        if not wanted:
            async with living(made, tools.service(), log) as alive:
                house(alive)
                await alive.rest()
            wanted = words(log)
            assert len(wanted) == 21
            continue
        house(Living(made, tools.service(), log))
        doomed = Living(made, tools.service(), log)
        doomed.fold.batch = doomed.fold.window = 4
        await doomed.lease.take()
        count = dies_after(made, commits)
        life = asyncio.create_task(doomed.fold.once())
        while not life.done() and len(words(log)) < len(wanted):  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.005)
        await asyncio.wait({life}, timeout=0.05)
        await ended(life)
        died = count() >= commits
        made.dispose()
        again = make_engine(f"sqlite:///{tmp_path}/{commits}.sqlite")
        with again.begin() as c:
            c.execute(books.LEASE.update().values(until=0))
        async with living(again, tools.service(), log) as alive:
            await alive.rest()
        assert words(log) == wanted, f"died after commit {commits}"
        again.dispose()
        if not died:
            break
    assert commits > 5


def test_positions_and_numbers_move_under_the_present_epoch_alone(database: Engine) -> None:
    mine = Books(database.dialect)
    with database.begin() as c:
        books.prepare(c, (READER,), ("tools",))
        epoch = books.take_lease(c, "me")
        assert epoch is not None
        mine.fence(c, READER, 0, Position(3, "x", 1), epoch.epoch)
        assert mine.take(c, "tools", 2, 0, epoch.epoch) == 1
    for wrong in (epoch.epoch - 1, epoch.epoch + 1):
        for act in (
            lambda c, e=wrong: mine.fence(c, READER, 3, Position(4, "y", 1), e),
            lambda c, e=wrong: mine.take(c, "tools", 1, 0, e),
            lambda c, e=wrong: books.set_writer(c, "tools", 9, 9, e),
            lambda c, e=wrong: books.renew_lease(c, "me", e),
        ):
            with pytest.raises(Fenced), database.begin() as c:
                act(c)
    with pytest.raises(Fenced), database.begin() as c:
        mine.fence(c, READER, 2, Position(4, "y", 1), epoch.epoch)
    with database.connect() as c:
        assert books.position(c, READER).seq == 3 and books.writer(c, "tools").next == 3


async def test_whoever_takes_over_ends_what_the_other_may_do(database: Engine) -> None:
    first, second = (Lease(database, (READER,), ("tools",)) for _ in range(2))
    await first.take()
    with database.begin() as c:
        c.execute(books.LEASE.update().values(until=0))
    await second.take()

    assert second.epoch > first.epoch
    with pytest.raises(LeaseLost):
        first.confirm()


async def started(database: Engine, log: MemoryLog) -> None:
    lease = Lease(database, (READER,), ("tools",))
    await lease.take()
    try:
        await Appender("tools").start(log, database, lease.epoch)
    finally:
        lease.give_back()


@pytest.mark.parametrize("how", ["shorter", "another"])
async def test_a_log_that_is_not_what_the_outbox_knows_is_refused(how: str, database: Engine) -> None:
    log = MemoryLog("t")
    async with living(database, tools.service(), log) as alive:
        house(alive)
        await alive.rest()
        alive.send(tools.OfferTool(), "last")
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


def otherwise() -> Service:
    """Lends to somebody else than whoever asked."""
    whole = tools.service()

    def lend(m: Any, s: Any) -> Iterator[Said]:
        for said in whole.handlers[tools.LendTool](m, s):
            yield said._replace(subject=f"{said.subject}-x")

    return replace(whole, handlers={**whole.handlers, tools.LendTool: lend})


async def test_what_is_folded_again_is_compared_with_what_was_said(database: Engine) -> None:
    log = MemoryLog("t")
    async with living(database, tools.service(), log) as alive:
        house(alive)
        await alive.rest()
    before = list(log.messages)
    await reset(database, tools.service())
    async with living(database, tools.service(), log) as alive:
        await alive.rest()
        assert log.messages == before
    await reset(database, tools.service())

    async with living(database, otherwise(), log) as alive:
        await alive.rest()
        assert alive.fold.state == "refused" and "decides differently" in alive.fold.reason
    assert log.messages == before


BROKEN = {"lend": False}


def fragile() -> Service:
    whole = tools.service()

    def lend(m: Any, s: Any) -> Iterator[Said]:
        if BROKEN["lend"]:
            raise ZeroDivisionError("broken on purpose")
        yield from whole.handlers[tools.LendTool](m, s)

    return replace(whole, handlers={**whole.handlers, tools.LendTool: lend})


async def test_what_waits_is_not_forgotten_at_a_start_nor_in_a_rebuild_and_is_folded_in_order(database: Engine) -> None:
    log, service = MemoryLog("t"), fragile()
    BROKEN["lend"] = True
    async with living(database, service, log) as alive:
        alive.send(tools.OfferTool(), "tool-1")
        bad = alive.send(tools.LendTool(), "tool-1", by="p-0")
        await alive.rest()
    BROKEN["lend"] = False
    async with living(database, service, log) as alive:
        for person in ("p-1", "p-2", "p-3"):
            alive.send(tools.LendTool(), "tool-1", by=person)
        await alive.rest()
        assert alive.said("tool_lent") == []
    with database.connect() as c:
        state = digest(c, service)
    await reset(database, service)
    async with living(database, service, log) as alive:
        await alive.rest()
        assert alive.fold.state == "running" and alive.said("tool_lent") == []
        with database.connect() as c:
            assert digest(c, service) == state

        alive.send(RetryMessage(service="tools", stream_seq=bad), "mend", role=Role.OPERATOR)
        await alive.rest()
        told = [(m["authid"], m["type"].split(".")[1]) for m in alive.said("tool_lent") + alive.said("command_refused")]
        assert told == [("op" if person is None else person, kind) for person, kind in (
            ("p-0", "tool_lent"), ("p-1", "command_refused"), ("p-2", "command_refused"), ("p-3", "command_refused"))]


FAILURES: dict[str, Callable[[], Exception]] = {
    "away": lambda: sa.exc.OperationalError("SELECT", {}, Exception("the database is away")),
    "damaged": lambda: sa.exc.DatabaseError("SELECT", {}, Exception("database disk image is malformed")),
    "no pool": lambda: sa.exc.TimeoutError("no connection is free"),
}


@pytest.mark.parametrize("how", FAILURES)
async def test_a_database_that_fails_is_nobodys_fault(how: str, database: Engine) -> None:
    whole, left = tools.service(), [5]

    def lend(m: Any, s: Any) -> Iterator[Said]:
        if left[0]:
            left[0] -= 1
            raise FAILURES[how]()
        yield from whole.handlers[tools.LendTool](m, s)

    service = replace(whole, handlers={**whole.handlers, tools.LendTool: lend})
    async with living(database, service, MemoryLog("t")) as alive:
        house(alive)
        await alive.rest()

        assert left == [0] and alive.said("message_quarantined") == [] and len(alive.said("tool_lent")) == 7
