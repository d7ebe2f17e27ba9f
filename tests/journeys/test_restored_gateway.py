"""A gateway that starts on a restored copy of its database, which is older than the log."""

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import pytest
from nats.aio.msg import Msg

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.services.chassis.jetstream import log as jetstream
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.reader import JetStreamReader
from microgov.services.chassis.log import Stored
from microgov.services.gateway.door import door, in_streams
from tests.journeys.lamp_issues import (
    audit_findings,
    check_one_receipt_each,
    database,
    lamp,
    register_resident,
)
from tests.support.deployment import Deployment, OutsideProgram, deployed
from tests.support.servers import NatsServer


def copy_database(folder: Path) -> None:
    """Copies the gateway's database, as an operator's backup does."""
    shutil.copytree(folder / "gateway", folder / "copy")


def restore_database(folder: Path) -> None:
    """Puts the copy in the place of the gateway's database."""
    shutil.rmtree(folder / "gateway")
    shutil.copytree(folder / "copy", folder / "gateway")


async def publish_lamps(program: OutsideProgram, name: str, senders: Sequence[str], count: int) -> list[str]:
    """Sends `count` new issues `name`-0, `name`-1, …, alternating between the senders. Returns the message ids."""
    return [
        await program.publish(
            lamp(program.tenant), f"{name}-{n}", by=senders[n % len(senders)], id=f"send-{name}-{n}"
        )
        for n in range(count)
    ]


async def test_a_gateway_restored_from_a_copy_loses_no_receipt_and_duplicates_nothing(
    nats_server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_streams, "PURGE_EVERY", float("inf"))  # the stream IN keeps what the door has read
    where = (nats_server.url, database(tmp_path), tmp_path, "restored")
    async with deployed(*where, only=("gateway",)) as deployment:
        await register_resident(await deployment.outsider())
        await deployment.quiet()
    copy_database(tmp_path)

    async with deployed(*where, only=("gateway",)) as deployment:
        cli = await deployment.outsider()
        ids = await publish_lamps(cli, "i", ("p-nobody", "p-1"), 10)
        everything = directory.GrantPublisher(
            types=["*"], follows=["*"], roles=list(Role), speaks_for="anyone"
        )
        await cli.receipt(await cli.publish(everything, "late", role="operator", id="grant"), "accepted")
        late = await deployment.outsider("late")
        late_ids = await publish_lamps(late, "l", ("p-1", "p-nobody"), 6)
        await check_one_receipt_each(cli, ids)
        await check_one_receipt_each(late, late_ids)
        await deployment.quiet()
    restore_database(tmp_path)

    async with deployed(*where, only=("gateway",)) as deployment:
        cli, late = await deployment.outsider(), await deployment.outsider("late")
        more = await publish_lamps(cli, "j", ("p-nobody", "p-1"), 10)
        later = await publish_lamps(late, "k", ("p-1",), 4)
        await check_one_receipt_each(cli, more)
        await check_one_receipt_each(late, later)
        again = await cli.publish(lamp(cli.tenant), "i-1", by="p-1", id="send-i-1")
        await check_one_receipt_each(cli, [again])
        await deployment.quiet()

        assert await audit_findings(deployment) == []
        assert not (set(ids) - {again}) & set(cli.receipts)
        assert not set(late_ids) & set(late.receipts)
        stored = [m for m in await deployment.everything() if m.get("publisherid") == again]
        assert len([m for m in stored if m["writer"] == "gateway"]) == 1


def stalling(stream: str, goes_on: asyncio.Event) -> type[JetStreamReader]:
    """A reader class that delivers nothing of this stream to a reader of all its types, until `goes_on` is set."""

    class Stalling(JetStreamReader):
        whole = False

        @classmethod
        async def open(cls, bus: Bus, stream: str, after: int, filters: Sequence[str] | None) -> Self:
            made = await super().open(bus, stream, after, filters)
            made.whole = filters is None
            return made

        async def batch(self, most: int, wait: float) -> list[Stored]:
            if self.stream != stream or not self.whole or goes_on.is_set():
                return await super().batch(most, wait)
            await asyncio.sleep(wait)
            return []

    return Stalling


async def test_the_door_of_a_restored_gateway_waits_for_its_courier(
    nats_server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the broker stalls, the courier has not read the whole log, and the door would accept a message a second time."""
    monkeypatch.setattr(in_streams, "PURGE_EVERY", float("inf"))
    where, goes_on = (nats_server.url, database(tmp_path), tmp_path, "courier"), asyncio.Event()
    async with deployed(*where, only=("gateway",)) as deployment:
        await register_resident(await deployment.outsider())
        await deployment.quiet()
    copy_database(tmp_path)
    async with deployed(*where, only=("gateway",)) as deployment:
        cli = await deployment.outsider()
        ids = [await cli.publish(lamp("courier"), f"i-{n}", by="p-1", id=f"a-{n}") for n in range(5)]
        await check_one_receipt_each(cli, ids)
        end = await deployment.quiet()
    restore_database(tmp_path)

    monkeypatch.setattr(jetstream, "JetStreamReader", stalling("LOG-courier", goes_on))
    async with deployed(*where, only=("gateway",)) as deployment:
        await asyncio.sleep(1.5)
        loops = deployment.tenancies["gateway"].loops
        waiting_door = next(loop for loop in loops if isinstance(loop, door.Door))
        assert waiting_door.state == "waiting"
        assert waiting_door.courier.state == "running"
        goes_on.set()
        await deployment.quiet()
        cli = await deployment.outsider()
        await cli.receipt(await cli.publish(lamp("courier"), "i-1", by="p-1", id="a-1"), "accepted")
        assert await deployment.quiet() == end
        assert await audit_findings(deployment) == []


async def test_a_restored_gateway_copies_events_about_issues_that_began_after_the_backup(
    nats_server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_streams, "PURGE_EVERY", float("inf"))
    where, both = (nats_server.url, database(tmp_path), tmp_path, "followed"), ("gateway", "issues")
    async with deployed(*where, only=both) as deployment:
        cli = await deployment.outsider()
        await register_resident(cli)
        granting = directory.GrantRole(role=Role.BRANCH, place="followed")
        await cli.receipt(await cli.publish(granting, "p-1", by="office"), "accepted")
        grant = directory.GrantPublisher(types=["*"], follows=["*"], roles=list(Role), speaks_for="anyone")
        await cli.receipt(await cli.publish(grant, "portal", role="operator"), "accepted")
        await submit_through_portal(deployment, "before")
    copy_database(tmp_path)
    async with deployed(*where, only=both) as deployment:
        await submit_through_portal(deployment, "after")
    restore_database(tmp_path)

    async with deployed(*where, only=both) as deployment:
        cli, copied = await deployment.outsider(), list[str]()

        async def on(message: Msg) -> None:
            copied.append(json.loads(message.data)["subject"])

        await deployment.nc.subscribe("out.portal.followed.issues.issue_accepted.v1", cb=on)
        for issue in ("before", "after"):
            sent = await cli.publish(issues.AcceptIssue(), issue, by="p-1", role="branch", id=f"x-{issue}")
            await cli.receipt(sent, "accepted")
        await deployment.quiet()
        async with asyncio.timeout(10):
            while len(copied) < 2:  # noqa: ASYNC110  # the courier copies at its own pace
                await asyncio.sleep(0.05)
    assert sorted(copied) == ["after", "before"]


async def submit_through_portal(deployment: Deployment, issue: str) -> None:
    portal = await deployment.outsider("portal")
    sent = await portal.publish(lamp("followed"), issue, by="p-1", role="resident", id=issue[0])
    await portal.receipt(sent, "accepted")
    await deployment.quiet()
