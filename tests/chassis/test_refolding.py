"""A fold that folds messages again, after a rebuild or a failure: its events are compared with those in the log."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.contracts.fields import Role
from microgov.contracts.log import RetryMessage
from microgov.services.chassis import Service
from microgov.services.chassis.fold.loop import LOG_READER
from microgov.services.chassis.fold.rebuild import reset
from microgov.services.chassis.log import MemoryLog
from microgov.services.chassis.model import Refused, Said
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.service import several
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.chassis.store.rebuild_row import last_rebuild
from tests.chassis import tool_service
from tests.chassis.running_fold import run_fold
from tests.chassis.test_fold_crashes import send_tools


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path}/tools.sqlite")
    prepare(made, tool_service.service())
    yield made
    made.dispose()


def lending_to_another() -> Service:
    """The example service with another decision: its events about lending have another subject."""
    whole = tool_service.service()

    def lend(m: Any, s: Any) -> Iterator[Said]:
        for said in several(whole.handlers[tool_service.LendTool](m, s)):
            yield said._replace(subject=f"{said.subject}-x")

    return replace(whole, handlers={**whole.handlers, tool_service.LendTool: lend})


async def test_a_rebuilt_fold_with_other_events_than_the_log_is_refused(database: Engine) -> None:
    log = MemoryLog("t")
    async with run_fold(database, tool_service.service(), log) as alive:
        send_tools(alive)
        await alive.rest()
    before = list(log.messages)
    await reset(database, tool_service.service())
    async with run_fold(database, tool_service.service(), log) as alive:
        await alive.rest()
        assert log.messages == before
    await reset(database, tool_service.service())

    async with run_fold(database, lending_to_another(), log) as alive:
        await alive.rest()
        assert alive.fold.state == "refused"
        assert "decides differently" in alive.fold.reason
    assert log.messages == before


def refusing_otherwise() -> Service:
    """The example service, which refuses with another code."""
    whole = tool_service.service()

    def lend(m: Any, s: Any) -> list[Said]:
        try:
            return list(several(whole.handlers[tool_service.LendTool](m, s)))
        except Refused as refused:
            raise Refused("other_code", refused.words.zh, refused.words.en, refused.field) from None

    return replace(whole, handlers={**whole.handlers, tool_service.LendTool: lend})


async def test_a_rebuild_counts_refusals_with_other_codes_and_goes_on_unless_it_is_strict(
    database: Engine,
) -> None:
    log = MemoryLog("t")
    async with run_fold(database, tool_service.service(), log) as alive:
        send_tools(alive)
        for person in ("p-8", "p-9"):
            alive.send(tool_service.LendTool(), "tool-1", by=person)
        await alive.rest()
        refused = len(alive.said("command_refused"))
        assert refused >= 2
    before = list(log.messages)

    await reset(database, tool_service.service())
    async with run_fold(database, refusing_otherwise(), log) as alive:
        await alive.rest()
        assert alive.fold.state == "running"
        assert rebuild_of(database) == (False, refused)
    assert log.messages == before

    await reset(database, tool_service.service(), strict=True)
    async with run_fold(database, refusing_otherwise(), log) as alive:
        await alive.rest()
        assert alive.fold.state == "refused"
        assert "other_code" in alive.fold.reason
        assert "without --strict" in alive.fold.reason
    assert log.messages == before

    await reset(database, tool_service.service(), strict=True)
    async with run_fold(database, tool_service.service(), log) as alive:
        await alive.rest()
        assert alive.fold.state == "running"
        assert rebuild_of(database) == (False, 0), "a rebuild that has ended is strict no longer"


def rebuild_of(database: Engine) -> tuple[bool, int]:
    """Whether the last rebuild is strict, and how many codes have differed."""
    with database.connect() as c:
        return last_rebuild(c, LOG_READER)


BROKEN = {"lend": False}


def failing_tools() -> Service:
    """The example service whose handler of lending fails while BROKEN is set."""
    whole = tool_service.service()

    def lend(m: Any, s: Any) -> Iterator[Said]:
        if BROKEN["lend"]:
            raise ZeroDivisionError("broken on purpose")
        yield from several(whole.handlers[tool_service.LendTool](m, s))

    return replace(whole, handlers={**whole.handlers, tool_service.LendTool: lend})


async def test_held_messages_survive_a_restart_and_a_rebuild_and_are_folded_in_order(
    database: Engine,
) -> None:
    log, service = MemoryLog("t"), failing_tools()
    BROKEN["lend"] = True
    async with run_fold(database, service, log) as alive:
        alive.send(tool_service.OfferTool(), "tool-1")
        bad = alive.send(tool_service.LendTool(), "tool-1", by="p-0")
        await alive.rest()
    BROKEN["lend"] = False
    async with run_fold(database, service, log) as alive:
        for person in ("p-1", "p-2", "p-3"):
            alive.send(tool_service.LendTool(), "tool-1", by=person)
        await alive.rest()
        assert alive.said("tool_lent") == []
    with database.connect() as c:
        state = digest(c, service)
    await reset(database, service)
    async with run_fold(database, service, log) as alive:
        await alive.rest()
        assert alive.fold.state == "running"
        assert alive.said("tool_lent") == []
        with database.connect() as c:
            assert digest(c, service) == state

        alive.send(RetryMessage(service="tools", stream_seq=bad), "mend", role=Role.OPERATOR)
        await alive.rest()
        outcomes = [
            (m["authid"], m["type"].split(".")[1])
            for m in alive.said("tool_lent") + alive.said("command_refused")
        ]
        assert outcomes == [
            ("p-0", "tool_lent"),
            ("p-1", "command_refused"),
            ("p-2", "command_refused"),
            ("p-3", "command_refused"),
        ]


FAILURES: dict[str, Callable[[], Exception]] = {
    "away": lambda: sa.exc.OperationalError("SELECT", {}, Exception("the database is away")),
    "damaged": lambda: sa.exc.DatabaseError("SELECT", {}, Exception("database disk image is malformed")),
    "no column": lambda: sa.exc.ProgrammingError(
        "SELECT", {}, psycopg.errors.UndefinedColumn("there is no column")
    ),
    "no pool": lambda: sa.exc.TimeoutError("no connection is free"),
}


@pytest.mark.parametrize("how", FAILURES)
async def test_a_failing_database_quarantines_no_message(how: str, database: Engine) -> None:
    whole, left = tool_service.service(), [5]

    def lend(m: Any, s: Any) -> Iterator[Said]:
        if left[0]:
            left[0] -= 1
            raise FAILURES[how]()
        yield from several(whole.handlers[tool_service.LendTool](m, s))

    service = replace(whole, handlers={**whole.handlers, tool_service.LendTool: lend})
    async with run_fold(database, service, MemoryLog("t")) as alive:
        send_tools(alive)
        await alive.rest()

        assert left == [0]
        assert alive.said("message_quarantined") == []
        assert len(alive.said("tool_lent")) == 7
