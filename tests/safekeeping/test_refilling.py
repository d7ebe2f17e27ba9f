"""A stream that is filled from its parts is the stream it was: sequences, holes, bytes, and how far publishers have read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from microgov.safekeeping.refilling import Refilling, make_reading_places, make_stream
from microgov.safekeeping.stream_parts import add_parts, parts_in
from microgov.services.chassis.errors import Again
from microgov.services.chassis.jetstream.connection import ApiError, BrokerAddress, Bus
from microgov.services.chassis.jetstream.log import generation_of
from microgov.services.gateway.accounts import streams
from microgov.services.gateway.accounts.permissions import Publisher
from tests.safekeeping.backup_steps import whole
from tests.support.servers import NatsServer


@pytest.fixture
async def bus(nats_server: NatsServer) -> AsyncIterator[Bus]:
    made = await Bus.connect(BrokerAddress(nats_server.url))
    yield made
    await made.close()


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Bus]:
    """A connection to another broker, which has no streams."""
    with NatsServer(tmp_path / "empty") as server:
        made = await Bus.connect(BrokerAddress(server.url))
        yield made
        await made.close()


async def test_a_log_with_holes_becomes_the_same_log_of_the_next_generation(
    bus: Bus, empty: Bus, tmp_path: Path
) -> None:
    js = bus.nc.jetstream()
    await streams.ensure(js, streams.log_stream("refill"))
    for n in range(1200):
        writer = "gateway" if n % 3 else "issues"
        await js.publish(f"log.refill.{writer}.tools.lend.v1", b'{"n":%d}' % n)
    for seq in (1, 2, 700, 1199, 1200):
        await bus.api("STREAM.MSG.DELETE.LOG-refill", {"seq": seq, "no_erase": True})
    await add_parts(bus, "LOG-refill", tmp_path, 1, 1200)

    await make_stream(empty, streams.log_stream("refill"), 1, 2)
    refilling = Refilling(empty, "LOG-refill", 1)
    messages = (one for part in parts_in(tmp_path) for one in part.messages())
    await refilling.fill(messages, "log.refill.gateway.hole.v1", 1200)

    assert await whole(empty, "LOG-refill") == await whole(bus, "LOG-refill")
    info = await empty.api("STREAM.INFO.LOG-refill")
    assert generation_of(info) == 2
    states = [(await one.api("STREAM.INFO.LOG-refill"))["state"] for one in (bus, empty)]
    for name in ("first_seq", "last_seq", "messages", "num_deleted"):
        assert states[0].get(name) == states[1].get(name), name
    await streams.ensure(
        empty.nc.jetstream(), streams.log_stream("refill")
    )  # as at each start: nothing is lost by it
    assert generation_of(await empty.api("STREAM.INFO.LOG-refill")) == 2
    with pytest.raises(ApiError):
        await make_stream(empty, streams.log_stream("refill"), 5, 3)


async def test_receipts_begin_where_they_began_and_publishers_read_on(
    bus: Bus, empty: Bus, tmp_path: Path
) -> None:
    js = bus.nc.jetstream()
    await streams.ensure(js, streams.receipt_stream())
    before = (await bus.api("STREAM.INFO.RECEIPT"))["state"]["last_seq"]
    for n in range(30):
        await js.publish("receipt.portal.refill", b'{"n":%d}' % n)
    first, end = before + 11, before + 30
    await bus.api("STREAM.PURGE.RECEIPT", {"seq": first})
    await add_parts(bus, "RECEIPT", tmp_path, first, end)

    await make_stream(empty, streams.receipt_stream(), first, 1)
    refilling = Refilling(empty, "RECEIPT", first)
    await refilling.fill((one for part in parts_in(tmp_path) for one in part.messages()), "receipt.x.y", end)
    await make_reading_places(empty, "RECEIPT", {"portal": first + 4}, {})

    assert [one.seq for one in await whole(empty, "RECEIPT")] == [*range(first, end + 1)]
    await streams.ensure_publisher(
        empty.nc.jetstream(), Publisher("portal", ("refill",), "")
    )  # as at each start
    place = await empty.nc.jetstream().pull_subscribe_bind("portal", "RECEIPT")
    (next_,) = await place.fetch(1)
    assert next_.metadata.sequence.stream == first + 5


async def test_what_nobody_has_read_is_sent_one_by_one(bus: Bus, empty: Bus, tmp_path: Path) -> None:
    js = bus.nc.jetstream()
    await streams.ensure(js, streams.in_stream("refill", "portal"))
    for n in range(5):
        await js.publish("in.portal.refill.tools.lend.v1", bytes([n, 255, 10]))
    await add_parts(bus, "IN-refill_portal", tmp_path, 3, 5, as_sent=True)

    await make_stream(empty, streams.in_stream("refill", "portal"), 3, 1)
    refilling = Refilling(empty, "IN-refill_portal", 3, together=1)
    await refilling.fill(
        (one for part in parts_in(tmp_path) for one in part.messages()), "in.portal.refill.x", 5
    )

    assert [(one.seq, one.data) for one in await whole(empty, "IN-refill_portal")] == [
        (3, b"\x02\xff\n"),
        (4, b"\x03\xff\n"),
        (5, b"\x04\xff\n"),
    ]


async def test_a_stream_into_which_somebody_else_writes_is_not_gone_on_with(empty: Bus) -> None:
    await make_stream(empty, streams.log_stream("busy"), 1, 1)
    await empty.nc.jetstream().publish("log.busy.gateway.x.v1", b"{}")

    with pytest.raises(Again, match="somebody else writes"):
        await Refilling(empty, "LOG-busy", 1).fill([], "log.busy.gateway.hole.v1", 3)
