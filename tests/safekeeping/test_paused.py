"""After a restore nothing of OUT is handed out until it is decided; then it is, or only what came later."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from microgov.safekeeping import paused
from microgov.safekeeping.paused import Paused
from microgov.safekeeping.refilling import make_reading_places
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.gateway.accounts import streams
from microgov.services.gateway.accounts.permissions import Publisher
from tests.support.servers import NatsServer

RESTORED = datetime(2026, 3, 2, 8, 2, tzinfo=UTC)


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    """A connection to a broker on which six events were written, four of them before the restore; the publisher `portal`
    had acknowledged the first.
    """
    with NatsServer(tmp_path / "broker") as server:
        made = await Bus.connect(BrokerAddress(server.url))
        js = made.nc.jetstream()
        await streams.ensure(js, streams.out_stream())
        for minute in range(6):
            body = {"n": minute, "time": f"2026-03-02T08:0{max(0, minute - 1)}:00Z"}
            await js.publish("out.portal.donghu.issues.vote_cast.v1", json.dumps(body).encode())
        await make_reading_places(made, "OUT", {"portal": 1}, paused.marks(RESTORED))
        yield made
        await made.close()


async def handed_out(bus: Bus) -> list[int]:
    """The numbers of the events that the publisher gets."""
    reader = await bus.nc.jetstream().pull_subscribe_bind("portal", "OUT")
    try:
        return [json.loads(one.data)["n"] for one in await reader.fetch(10, timeout=0.5)]
    except TimeoutError:
        return []


async def test_a_paused_publisher_gets_nothing_also_when_it_is_set_up_again(bus: Bus) -> None:
    assert await paused.paused(bus, ["portal", "nobody"]) == [Paused("portal", 3, 5)]

    await streams.ensure_publisher(bus.nc.jetstream(), Publisher("portal", ("donghu",), ""))

    assert await handed_out(bus) == []
    assert await paused.paused(bus, ["portal"]) == [Paused("portal", 3, 5)]


async def test_what_is_sent_is_handed_out_from_where_the_publisher_was(bus: Bus) -> None:
    await paused.hand_out(bus, "portal")

    assert await handed_out(bus) == [1, 2, 3, 4, 5]
    assert await paused.paused(bus, ["portal"]) == []


async def test_what_is_closed_is_skipped_and_what_came_later_is_handed_out(bus: Bus) -> None:
    (held,) = await paused.paused(bus, ["portal"])

    await paused.close(bus, held, "they have it")

    assert await handed_out(bus) == [4, 5]
    info = await bus.api("CONSUMER.INFO.OUT.portal")
    assert info["config"]["metadata"]["closed_because"] == "they have it"


async def test_where_nothing_came_later_nothing_is_handed_out(bus: Bus) -> None:
    await bus.api("STREAM.PURGE.OUT", {"seq": 5})
    for _ in range(2):
        await bus.api("STREAM.MSG.DELETE.OUT", {"seq": 5 + _, "no_erase": True})
    (held,) = await paused.paused(bus, ["portal"])

    await paused.close(bus, held, "they have it")

    assert await handed_out(bus) == []
