"""The gateway continues although streams of the broker were emptied or created again while it was down."""

import asyncio
from pathlib import Path

from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.gateway.accounts import streams
from tests.journeys.lamp_issues import audit_findings, database, lamp, register_resident
from tests.support.deployment import deployed
from tests.support.servers import NatsServer


async def test_receipts_are_still_sent_after_all_earlier_ones_have_expired(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    where = (nats_server.url, database(tmp_path), tmp_path, "silence")
    async with deployed(*where, only=("gateway",)) as deployment:
        await register_resident(await deployment.outsider())
        await deployment.quiet()
    bus = await Bus.connect(deployment.settings.address())
    for stream in ("RECEIPT", "OUT"):
        for subject in (f"{stream.lower()}.cli.silence", f"{stream.lower()}.cli.silence.>"):
            await bus.api(f"STREAM.PURGE.{stream}", {"filter": subject})
    await bus.close()

    async with deployed(*where, only=("gateway",)) as deployment:
        cli = await deployment.outsider()
        await cli.receipt(await cli.publish(lamp("silence"), "i-1", by="p-1"), "accepted")
        await asyncio.sleep(0.2)
        assert deployment.tenancies["gateway"].troubles() == []


async def test_a_recreated_stream_of_a_publisher_stops_no_loop(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    where = (nats_server.url, database(tmp_path), tmp_path, "anew")
    async with deployed(*where, only=("gateway",)) as deployment:
        cli = await deployment.outsider()
        await register_resident(cli)
        await deployment.quiet()
        ids = [await cli.publish(lamp("anew"), f"i-{n}", by="p-1") for n in range(5)]
        await cli.receipt(ids[-1], "accepted")
    bus = await Bus.connect(deployment.settings.address())
    await bus.api("STREAM.DELETE.IN-anew_cli")
    await bus.close()

    async with deployed(*where, only=("gateway",)) as deployment:
        bus = await Bus.connect(deployment.settings.address())
        await streams.ensure(bus.nc.jetstream(), streams.in_stream("anew", "cli"))
        cli = await deployment.outsider()
        await cli.receipt(await cli.publish(lamp("anew"), "i-9", by="p-1", id="new-1"), "accepted")
        again = await cli.receipt(await cli.publish(lamp("anew"), "i-0", by="p-1", id=ids[0]))
        assert again["status"] == "accepted"
        await deployment.quiet()
        assert await audit_findings(deployment) == []
        assert deployment.tenancies["gateway"].troubles() == []
        await bus.close()


async def test_a_recreated_stream_beyond_the_old_position_is_read_from_its_beginning(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    where = (nats_server.url, database(tmp_path), tmp_path, "grown")
    async with deployed(*where, only=("gateway",)) as deployment:
        await register_resident(await deployment.outsider())
        await deployment.quiet()
    async with deployed(*where, only=()) as deployment:
        bus = await Bus.connect(deployment.settings.address())
        await bus.api("STREAM.DELETE.IN-grown_cli")
        await streams.ensure(bus.nc.jetstream(), streams.in_stream("grown", "cli"))
        await bus.close()
        cli = await deployment.outsider()
        ids = [await cli.publish(lamp("grown"), f"i-{n}", by="p-1", id=f"n-{n}") for n in range(12)]
    async with deployed(*where, only=("gateway",)) as deployment:
        await deployment.quiet()
        assert [m["publisherid"] for m in await deployment.everything() if m.get("publisherid") in ids] == ids
        assert await audit_findings(deployment) == []
