"""A running fold and failing handlers: a quarantine is cheap, delays no other message, and never floods the log."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.contracts.fields import EVERYBODY, Role
from microgov.contracts.log import DiscardMessage, RetryMessage
from microgov.contracts.message import Command, Message
from microgov.services.chassis import Service
from microgov.services.chassis.fold import breaker
from microgov.services.chassis.log import MemoryLog
from microgov.services.chassis.model import Said
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.service import Handler, several
from microgov.services.chassis.store.engine import engine as make_engine
from tests.chassis import tool_service
from tests.chassis.running_fold import run_fold

OWNER = "test_failing_handlers"


class BendTool(Command, roles=EVERYBODY, creates=True):
    pass


class WashTool(Command, roles=EVERYBODY, creates=True):
    pass


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path}/tools.sqlite"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").create("isolating")
    made = make_engine(url)
    prepare(made, tool_service.service())
    yield made
    made.dispose()


CALLS: Counter[str] = Counter()
BROKEN: set[str] = set()
"""Which handlers fail now; `lend-odd`: lending fails for tools with an odd number."""


def failing_tools() -> Service:
    """The example service whose handlers of lending, bending and washing fail if they are in BROKEN."""
    CALLS.clear()
    BROKEN.clear()
    whole = tool_service.service()

    def lend(m: Any, s: Any) -> Iterator[Said]:
        CALLS["lend"] += 1
        if "lend" in BROKEN or ("lend-odd" in BROKEN and int(m.subject.split("-")[1]) % 2):
            raise ZeroDivisionError("broken on purpose")
        yield from several(whole.handlers[tool_service.LendTool](m, s))
        if "unwritable" in BROKEN and m.authid == "p-bad":
            s.get(whole.base.registry.mappers.__iter__().__next__().class_, m.subject).state = None

    def other(name: str) -> Any:
        def handler(m: Any, s: Any) -> Iterator[Said]:
            if name in BROKEN:
                raise ZeroDivisionError("broken on purpose")
            yield from ()

        return handler

    mine: dict[type[Message], Handler] = {
        tool_service.LendTool: lend,
        BendTool: other("bend"),
        WashTool: other("wash"),
    }
    return replace(whole, handlers={**whole.handlers, **mine})


async def test_a_handler_that_fails_at_every_second_message_costs_little(database: Engine) -> None:
    service = failing_tools()
    BROKEN.add("lend-odd")
    log = MemoryLog("t")
    async with run_fold(database, service, log) as alive:
        for n in range(200):
            alive.send(tool_service.OfferTool(), f"tool-{n}")
        for n in range(200):
            alive.send(tool_service.LendTool(), f"tool-{n}", by="p-2")
        await alive.rest()

        assert len(alive.said("message_quarantined")) == 100
        assert len(alive.said("tool_lent")) == 100
        assert CALLS["lend"] <= 4 * 200


async def test_a_retry_that_fails_in_a_large_batch_calls_the_handler_once(database: Engine) -> None:
    service, log = failing_tools(), MemoryLog("t")
    BROKEN.add("lend")
    async with run_fold(database, service, log) as alive:
        alive.send(tool_service.OfferTool(), "tool-0")
        alive.send(tool_service.LendTool(), "tool-0", by="p-2")
        await alive.rest()
        bad, before = alive.said("message_quarantined")[0]["data"]["stream_seq"], CALLS["lend"]
        for n in range(1, 500):
            alive.send(tool_service.OfferTool(), f"tool-{n}")
            if n == 250:
                alive.send(RetryMessage(service="tools", stream_seq=bad), "mend", role=Role.OPERATOR)
        await alive.rest()

        assert CALLS["lend"] == before + 1
        assert len(alive.said("message_quarantined")) == 2
        assert list(alive.fold.breaker.failures.values()) == [2]


async def test_ten_failures_in_a_row_stop_a_handler_until_a_new_release_or_an_operator_lifts_the_stop(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, log = failing_tools(), MemoryLog("t")
    BROKEN.add("lend")
    async with run_fold(database, service, log) as alive:
        for n in range(15):
            alive.send(tool_service.OfferTool(), f"tool-{n}")
            alive.send(tool_service.LendTool(), f"tool-{n}", by="p-2")
        await alive.rest()
        codes = [m["data"]["code"] for m in alive.said("message_quarantined")]
        assert codes == ["handler_failed"] * 10 + ["handler_stopped"] * 5
        assert len(alive.said("tool_offered")) == 15
        assert CALLS["lend"] == 10
        assert alive.fold.breaker.stopped == {tool_service.LendTool.TYPE}
        BROKEN.clear()
    async with run_fold(database, service, log) as alive:
        alive.send(tool_service.OfferTool(), "tool-20")
        alive.send(tool_service.LendTool(), "tool-20", by="p-2")
        await alive.rest()
        assert CALLS["lend"] == 10
        assert alive.fold.breaker.stopped
        assert alive.fold.breaker.lift() == [tool_service.LendTool.TYPE]
        alive.send(tool_service.OfferTool(), "tool-21")
        alive.send(tool_service.LendTool(), "tool-21", by="p-2")
        await alive.rest()
        assert CALLS["lend"] == 11
        assert alive.said("tool_lent")[-1]["subject"] == "tool-21"
        BROKEN.add("lend")
        for n in range(30, 40):
            alive.send(tool_service.LendTool(), f"tool-{n}", by="p-2")
        await alive.rest()
        assert alive.fold.breaker.stopped
        BROKEN.clear()
    monkeypatch.setattr(breaker, "release", lambda: "another")
    async with run_fold(database, service, log) as alive:
        alive.send(tool_service.OfferTool(), "tool-50")
        alive.send(tool_service.LendTool(), "tool-50", by="p-2")
        await alive.rest()
        assert alive.said("tool_lent")[-1]["subject"] == "tool-50"


async def test_a_bad_release_stops_the_fold_before_it_fills_the_log(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, log = failing_tools(), MemoryLog("t")
    BROKEN.update({"lend", "bend", "wash"})
    async with run_fold(database, service, log) as alive:
        for n in range(30):
            alive.send((tool_service.LendTool, BendTool, WashTool)[n % 3](), f"tool-{n}", by="p-2")
        await alive.rest()
        assert alive.fold.state == "refused"
        assert "not fit for this log" in alive.fold.trouble()
        assert len(alive.said("message_quarantined")) == 9
    async with run_fold(database, service, log) as alive:
        await alive.rest()
        assert alive.fold.state == "refused"
        assert len(alive.said("message_quarantined")) == 9
    BROKEN.clear()
    monkeypatch.setattr(breaker, "release", lambda: "another")
    async with run_fold(database, service, log) as alive:
        await alive.rest()
        assert alive.fold.state == "running"
        assert len(alive.said("message_quarantined")) == 9


async def test_a_held_message_whose_row_the_database_refuses_is_quarantined_after_a_discard(
    database: Engine,
) -> None:
    service, log = failing_tools(), MemoryLog("t")
    async with run_fold(database, service, log) as alive:
        alive.send(tool_service.OfferTool(), "tool-1")
        await alive.rest()
        BROKEN.add("lend")
        first = alive.send(tool_service.LendTool(), "tool-1", by="p-2")
        await alive.rest()
        BROKEN.clear()
        BROKEN.add("unwritable")
        bad = alive.send(tool_service.LendTool(), "tool-1", by="p-bad")
        alive.send(tool_service.LendTool(), "tool-1", by="p-3")
        alive.send(DiscardMessage(service="tools", stream_seq=first), "mend", role=Role.OPERATOR)
        alive.send(tool_service.OfferTool(), "tool-2")
        await alive.rest()

        assert [m["data"]["stream_seq"] for m in alive.said("message_quarantined")] == [first, bad]
        assert alive.said("tool_offered")[-1]["subject"] == "tool-2"
        alive.send(DiscardMessage(service="tools", stream_seq=bad), "mend", role=Role.OPERATOR)
        await alive.rest()
        assert alive.said("tool_lent")[-1]["authid"] == "p-3"


GARBAGE = (
    b"",
    b"{}",
    b"no json \xff\x00",
    b"[1]",
    b'{"id":7,"recordedtime":"never"}',
    b'{"data":null,"subject":"\\u0000"}',
)


async def test_bytes_that_are_no_message_are_quarantined_and_can_be_discarded(database: Engine) -> None:
    service, log = failing_tools(), MemoryLog("t")
    async with run_fold(database, service, log) as alive:
        alive.send(tool_service.OfferTool(), "tool-1")
        bad = [alive.put(data, f"log.t.notify.{tool_service.LendTool.TYPE}") for data in GARBAGE]
        alive.send(tool_service.LendTool(), "tool-1", by="p-2")
        await alive.rest()
        assert [m["data"]["stream_seq"] for m in alive.said("message_quarantined")] == bad
        assert len(alive.said("tool_lent")) == 1

        alive.send(RetryMessage(service="tools", stream_seq=bad[0]), "mend", role=Role.OPERATOR)
        for seq in bad:
            alive.send(DiscardMessage(service="tools", stream_seq=seq), "mend", role=Role.OPERATOR)
        await alive.rest()
        with database.connect() as c:
            assert (
                c.execute(sa.select(sa.func.count()).select_from(alive.fold.folding.quarantined)).scalar_one()
                == 0
            )
