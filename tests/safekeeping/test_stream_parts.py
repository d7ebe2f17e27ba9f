"""The parts of a log hold what the broker holds, with its times; each addition adds only what is new."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from microgov.safekeeping import stream_parts
from microgov.safekeeping.stream_parts import add_parts, parts_in
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.log import Stored
from microgov.services.gateway.accounts import streams
from tests.support.servers import NatsServer


@pytest.fixture
async def bus(nats_server: NatsServer) -> AsyncIterator[Bus]:
    made = await Bus.connect(BrokerAddress(nats_server.url))
    yield made
    await made.close()


async def log_with(bus: Bus, tenant: str, count: int) -> list[Stored]:
    """A log with so many messages."""
    js = bus.nc.jetstream()
    await streams.ensure(js, streams.log_stream(tenant))
    made: list[Stored] = []
    for n in range(count):
        subject, data = (
            f"log.{tenant}.gateway.tools.lend.v1",
            b'{"n":%d,"text":"\xe8\xb7\xaf,\\"seq\\":7"}' % n,
        )
        made.append(Stored((await js.publish(subject, data)).seq, subject, data))
    return made


def held(folder: Path) -> list[Stored]:
    return [one.message for part in parts_in(folder) for one in part.messages()]


async def test_parts_hold_the_log_and_grow_by_what_is_new(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_parts, "MOST", 40)
    monkeypatch.setattr(stream_parts, "READ_TOGETHER", 10)
    first = await log_with(bus, "parts", 100)

    made = await add_parts(bus, "LOG-parts", tmp_path, 1, 95)
    assert [(part.first, part.last) for part in made] == [(1, 40), (41, 80), (81, 95)]
    before = {part.path: part.path.read_bytes() for part in made}
    more = await log_with(bus, "parts", 20)
    again = await add_parts(bus, "LOG-parts", tmp_path, 1, 120)

    assert [(part.first, part.last) for part in again] == [(96, 120)]
    assert await add_parts(bus, "LOG-parts", tmp_path, 1, 120) == []
    assert held(tmp_path) == [*first, *more]
    assert all(path.read_bytes() == data for path, data in before.items())


async def test_the_brokers_times_and_holes_are_kept(bus: Bus, tmp_path: Path) -> None:
    await log_with(bus, "holes", 5)
    await bus.api("STREAM.MSG.DELETE.LOG-holes", {"seq": 3, "no_erase": True})

    await add_parts(bus, "LOG-holes", tmp_path, 1, 5)

    (part,) = parts_in(tmp_path)
    found = [*part.messages()]
    assert [one.message.seq for one in found] == [1, 2, 4, 5]
    for one in found:
        told = await bus.nc.jetstream().get_msg("LOG-holes", one.message.seq)
        assert told.time is not None
        assert abs(told.time.timestamp() - one.stored / 1e9) < 0.001


async def test_an_addition_that_was_interrupted_is_completed(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_parts, "MOST", 40)
    monkeypatch.setattr(stream_parts, "READ_TOGETHER", 10)
    whole, count = await log_with(bus, "cut", 100), 0

    def stop(more: int) -> None:
        nonlocal count
        count += more
        if count >= 60:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await add_parts(bus, "LOG-cut", tmp_path, 1, 100, stop)
    assert [part.last for part in parts_in(tmp_path)] == [40]
    await add_parts(bus, "LOG-cut", tmp_path, 1, 100)

    assert held(tmp_path) == whole
    assert not (tmp_path / ".part").exists()


async def test_a_log_that_has_lost_its_last_messages_does_not_keep_the_backup_waiting(
    bus: Bus, tmp_path: Path
) -> None:
    await log_with(bus, "tail", 5)
    for seq in (4, 5):
        await bus.api("STREAM.MSG.DELETE.LOG-tail", {"seq": seq, "no_erase": True})

    (part,) = await add_parts(bus, "LOG-tail", tmp_path, 1, 5)

    assert (part.first, part.last, len([*part.messages()])) == (1, 5, 3)
    assert await add_parts(bus, "LOG-tail", tmp_path, 1, 5) == []


async def test_a_part_that_was_taken_away_is_made_again_as_it_was(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_parts, "MOST", 20)
    await log_with(bus, "gap", 100)
    made = await add_parts(bus, "LOG-gap", tmp_path, 1, 100)
    before = [part.path.read_bytes() for part in made]
    for n in (0, 2, 4):
        made[n].path.unlink()

    again = await add_parts(bus, "LOG-gap", tmp_path, 1, 100)

    assert [part.first for part in again] == [1, 41, 81]
    assert [part.path.read_bytes() for part in parts_in(tmp_path)] == before


async def test_what_nobody_has_checked_is_kept_byte_for_byte(bus: Bus, tmp_path: Path) -> None:
    js = bus.nc.jetstream()
    await streams.ensure(js, streams.in_stream("sent", "portal"))
    sent = [b"", b"\n", b"{no json", b"\xff\xfe\x00", bytes(range(256)), b'{"event":1,"seq":2}']
    for data in sent:
        await js.publish("in.portal.sent.tools.lend.v1", data)

    await add_parts(bus, "IN-sent_portal", tmp_path, 1, len(sent), as_sent=True)

    assert [one.data for one in held(tmp_path)] == sent


async def test_parts_of_another_log_are_not_continued(bus: Bus, tmp_path: Path) -> None:
    await log_with(bus, "first", 5)
    await add_parts(bus, "LOG-first", tmp_path, 1, 5)
    await log_with(bus, "shorter", 4)
    await log_with(bus, "other", 6)

    for stream, end in (("LOG-shorter", 4), ("LOG-other", 6)):
        with pytest.raises(Problem, match="is not the stream whose backup"):
            await add_parts(bus, stream, tmp_path, 1, end)
