"""Tests that every kind of log passes: JetStream and a list in memory."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import nats
import pytest

from microgov.contracts.message import canonical
from microgov.services.chassis.errors import Fenced
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Log, MemoryLog, Outgoing, Stored
from microgov.services.gateway.accounts import streams
from tests.support.servers import NatsServer

TENANTS = count(1)


def row(
    n: int, writer: str = "issues", kind: str = "issues.issue_accepted.v1", tenant: str = "t"
) -> Outgoing:
    body = {"id": f"{writer}-{n}", "sequence": f"{n:019d}", "text": "菜"}
    return Outgoing(n, f"{writer}-{n}", f"log.{tenant}.{writer}.{kind}", canonical(body))


@pytest.fixture(params=["memory", "jetstream"])
async def log(request: pytest.FixtureRequest, nats_server: NatsServer) -> AsyncIterator[Log]:
    if request.param == "memory":
        yield MemoryLog("t")
    else:
        tenant = f"log{next(TENANTS)}"
        nc = await nats.connect(nats_server.url)
        await streams.ensure(nc.jetstream(), streams.log_stream(tenant))
        await nc.close()
        made = JetStreamLog(await Bus.connect(BrokerAddress(nats_server.url)), tenant)
        yield made
        await made.close()


def rows(
    log: Log, *numbers: int, writer: str = "issues", kind: str = "issues.issue_accepted.v1"
) -> list[Outgoing]:
    return [row(n, writer, kind, log.tenant) for n in numbers]


async def all_of(log: Log, after: int = 0, types: list[str] | None = None) -> list[Stored]:
    reader = await log.read(after, types)
    found: list[Stored] = []
    while batch := await reader.batch(3, 0.2):
        found += batch
    await reader.close()
    return found


class TestLog:
    async def test_what_is_appended_is_read_in_order(self, log: Log) -> None:
        last = await log.append("issues", rows(log, 1, 2, 3), 0)
        last = await log.append("issues", rows(log, 4), last)

        found = await all_of(log)

        assert [m.seq for m in found] == [1, 2, 3, 4]
        assert last == 4 == await log.end()
        assert [m.data for m in found] == [r.data for r in rows(log, 1, 2, 3, 4)]

    async def test_the_first_message_of_a_type_is_found(self, log: Log) -> None:
        await log.append("issues", rows(log, 1, 2), 0)
        await log.append("gateway", rows(log, 1, 2, writer="gateway", kind="issues.accept_issue.v1"), 0)

        found = await log.first("issues.accept_issue.v1")

        assert found is not None
        assert found.seq == 3
        assert await log.first("issues.close_issue.v1") is None

    async def test_reading_starts_after_a_sequence_and_returns_only_the_wanted_types(self, log: Log) -> None:
        await log.append("issues", rows(log, 1, 2), 0)
        await log.append("gateway", rows(log, 1, 2, writer="gateway", kind="issues.accept_issue.v1"), 0)

        assert [m.seq for m in await all_of(log, 1)] == [2, 3, 4]
        assert [m.seq for m in await all_of(log, 0, ["issues.accept_issue.v1"])] == [3, 4]

    async def test_a_batch_with_a_wrong_last_sequence_of_its_writer_is_refused_as_a_whole(
        self, log: Log
    ) -> None:
        last = await log.append("issues", rows(log, 1), 0)

        for expected in (0, last + 5):
            for numbers in ((2,), (2, 3)):
                with pytest.raises(Fenced):
                    await log.append("issues", rows(log, *numbers), expected)
        assert await log.end() == 1

    async def test_messages_of_other_writers_do_not_change_a_writers_last_sequence(self, log: Log) -> None:
        mine = await log.append("issues", rows(log, 1), 0)
        await log.append("gateway", rows(log, 1, 2, writer="gateway"), 0)

        assert await log.append("issues", rows(log, 2), mine) == 4

    async def test_the_last_message_of_a_writer_is_found(self, log: Log) -> None:
        assert await log.last("issues") is None
        await log.append("issues", rows(log, 1, 2), 0)
        await log.append("issues-edge", rows(log, 1, writer="issues-edge"), 0)

        found = await log.last("issues")

        assert found is not None
        assert found.seq == 2
        assert found.data == rows(log, 2)[0].data

    async def test_a_message_is_found_by_its_sequence(self, log: Log) -> None:
        await log.append("issues", rows(log, 1), 0)

        found = await log.get(1)

        assert found is not None
        assert found.subject == rows(log, 1)[0].subject
        assert await log.get(2) is None

    async def test_a_reader_waits_for_new_messages(self, log: Log) -> None:
        reader = await log.read(0, None)
        assert await reader.batch(10, 0.05) == []
        waiting = asyncio.create_task(reader.batch(10, 5.0))
        await asyncio.sleep(0.05)

        await log.append("issues", rows(log, 1), 0)

        assert [m.seq for m in await waiting] == [1]
        assert await reader.behind() == 0
        assert reader.taken == 1
        await reader.close()

    async def test_a_reader_counts_the_messages_that_it_has_not_read_yet(self, log: Log) -> None:
        await log.append("issues", rows(log, 1, 2, 3), 0)
        reader = await log.read(1, None)

        assert await reader.behind() == 2
        await reader.batch(1, 1.0)
        assert await reader.behind() == 1
        await reader.close()

    async def test_more_rows_than_fit_into_one_chunk_are_appended_in_order(self, log: Log) -> None:
        last = await log.append("issues", rows(log, *range(1, 1202)), 0)

        assert last == 1201
        assert [m.seq for m in await all_of(log)] == list(range(1, 1202))
