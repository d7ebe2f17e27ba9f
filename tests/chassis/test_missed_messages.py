"""A reader notices missed messages by a gap in the numbers, by a heartbeat or an end that is further on, or by silence."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import psutil
import pytest

from microgov.services.chassis.errors import Hole
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.jetstream.reader import HEARTBEAT, JetStreamReader
from microgov.services.chassis.log import Stored
from microgov.services.gateway.accounts import streams
from tests.support.servers import NatsServer, suspend

NUMBERS = count(1)


@pytest.fixture
async def reader(nats_server: NatsServer) -> AsyncIterator[JetStreamReader]:
    """A reader that has read all three messages of a log."""
    tenant = f"whole{next(NUMBERS)}"
    bus = await Bus.connect(BrokerAddress(nats_server.url))
    await streams.ensure(bus.nc.jetstream(), streams.log_stream(tenant))
    for n in range(3):
        await bus.nc.jetstream().publish(f"log.{tenant}.gateway.x.y.v1", b"%d" % n)
    made = await JetStreamReader.open(bus, f"LOG-{tenant}", 0, None)
    got: list[Stored] = []
    while len(got) < 3:
        got += await made.batch(10, 2.0)
    yield made
    await bus.close()


def reply(reader: JetStreamReader, sequence: int) -> bytes:
    return b"$JS.ACK.%b.%b.1.9.%d.1700000000000000000.0" % (reader.stream.encode(), reader.token, sequence)


async def test_a_gap_in_the_numbers_of_deliveries_is_a_hole(reader: JetStreamReader) -> None:
    await reader._on(b"log.x.gateway.x.y.v1", reply(reader, reader.sequence + 2), b"{}", b"")

    with pytest.raises(Hole, match="consumer sequence"):
        await reader.batch(10, 0.1)


async def test_a_heartbeat_with_a_later_number_is_a_hole(reader: JetStreamReader) -> None:
    status = b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: %d\r\nNats-Last-Stream: 9\r\n\r\n"
    await reader._on(b"x", b"", b"", status % reader.sequence)
    assert await reader.batch(10, 0) == []

    await reader._on(b"x", b"", b"", status % (reader.sequence + 1))

    with pytest.raises(Hole, match="heartbeat at"):
        await reader.batch(10, 0.1)


async def test_a_pull_that_ends_with_another_number_of_messages_is_a_hole(reader: JetStreamReader) -> None:
    subject = b"x.%d" % reader.pulls
    status = b"NATS/1.0 408 Request Timeout\r\nNats-Pending-Messages: %d\r\nNats-Pending-Bytes: 0\r\n\r\n"

    await reader._on(subject, b"", b"", status % (reader.left + 1))

    with pytest.raises(Hole, match="pull ended"):
        await reader.batch(10, 0.1)


async def test_any_other_status_is_a_hole(reader: JetStreamReader) -> None:
    await reader._on(b"x", b"", b"", b"NATS/1.0 409 Consumer Deleted\r\n\r\n")

    with pytest.raises(Hole, match="409"):
        await reader.batch(10, 0.1)


async def test_silence_is_a_hole(reader: JetStreamReader) -> None:
    reader.alive -= 3 * HEARTBEAT

    with pytest.raises(Hole, match="silence"):
        await reader.batch(10, 0.1)


async def test_a_broker_that_hangs_is_noticed_within_eight_seconds(tmp_path: Path) -> None:
    with NatsServer(tmp_path / "nats") as server:
        bus = await Bus.connect(BrokerAddress(server.url))
        await streams.ensure(bus.nc.jetstream(), streams.log_stream("hangs"))
        reader = await JetStreamReader.open(bus, "LOG-hangs", 0, None)
        suspend(server.pid)
        try:
            with pytest.raises(Hole):
                for _ in range(16):
                    await reader.batch(10, 0.5)
        finally:
            psutil.Process(server.pid).resume()
            await bus.close()
