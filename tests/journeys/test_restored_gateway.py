"""A gateway that starts on a restored copy of its database, which is older than the log."""

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import pytest
from nats.aio.msg import Msg

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.services.chassis.jetstream import log as jetstream
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.reader import JetStreamReader
from microgov.services.chassis.log import Stored
from microgov.services.gateway.door import door
from tests.journeys.lamp_issues import clean, database, everything_once, lamp, people
from tests.support.deployment import deployed
from tests.support.servers import NatsServer


async def test_a_gateway_restored_from_a_copy_loses_no_receipt_and_doubles_nothing(
    nats_server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        door, "PURGE_EVERY", float("inf")
    )  # what the door has read still stands in IN, as it may
    tenant, where = "restored", (nats_server.url, database(tmp_path), tmp_path, "restored")
    async with deployed(*where, only=("gateway",)) as deployment:
        await people(await deployment.outsider())
        await deployment.quiet()
    shutil.copytree(tmp_path / "gateway", tmp_path / "copy")

    async with deployed(*where, only=("gateway",)) as deployment:
        cli = await deployment.outsider()
        ids = [
            await cli.publish(lamp(tenant), f"i-{n}", by="p-1" if n % 2 else "p-nobody", id=f"a-{n}")
            for n in range(10)
        ]
        everything = directory.GrantPublisher(
            types=["*"], follows=["*"], roles=list(Role), speaks_for="anyone"
        )
        await cli.receipt(await cli.publish(everything, "late", role="operator", id="grant"), "accepted")
        late = await deployment.outsider("late")
        lates = [
            await late.publish(lamp(tenant), f"l-{n}", by=("p-1", "p-nobody")[n % 2], id=f"b-{n}")
            for n in range(6)
        ]
        await everything_once(cli, ids)
        await everything_once(late, lates)
        await deployment.quiet()
    shutil.rmtree(tmp_path / "gateway")
    shutil.copytree(tmp_path / "copy", tmp_path / "gateway")

    async with deployed(*where, only=("gateway",)) as deployment:
        cli, late = await deployment.outsider(), await deployment.outsider("late")
        more = [
            await cli.publish(lamp(tenant), f"j-{n}", by="p-1" if n % 2 else "p-nobody", id=f"c-{n}")
            for n in range(10)
        ]
        later = [await late.publish(lamp(tenant), f"k-{n}", by="p-1", id=f"e-{n}") for n in range(4)]
        await everything_once(cli, more)
        await everything_once(late, later)
        await everything_once(cli, [await cli.publish(lamp(tenant), "i-1", by="p-1", id="a-1")])
        end = await deployment.quiet()

        assert await clean(deployment) == []
        assert not (set(ids) - {"a-1"}) & set(cli.receipts)
        assert not set(lates) & set(late.receipts)
        told: list[dict[str, Any]] = [
            m for m in await deployment.everything() if m.get("publisherid") == "a-1"
        ]
        assert len([m for m in told if m["writer"] == "gateway"]) == 1
        assert end > 0


def stalling(stream: str, goes_on: asyncio.Event) -> type[JetStreamReader]:
    """A reader who is given nothing of the whole of this stream until then."""

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
    """A broker that stalls has not come to the end: what the courier has not read yet the door would let in once more."""
    monkeypatch.setattr(door, "PURGE_EVERY", float("inf"))
    where, goes_on = (nats_server.url, database(tmp_path), tmp_path, "courier"), asyncio.Event()
    async with deployed(*where, only=("gateway",)) as deployment:
        await people(await deployment.outsider())
        await deployment.quiet()
    shutil.copytree(tmp_path / "gateway", tmp_path / "copy")
    async with deployed(*where, only=("gateway",)) as deployment:
        cli = await deployment.outsider()
        ids = [await cli.publish(lamp("courier"), f"i-{n}", by="p-1", id=f"a-{n}") for n in range(5)]
        await everything_once(cli, ids)
        end = await deployment.quiet()
    shutil.rmtree(tmp_path / "gateway")
    shutil.copytree(tmp_path / "copy", tmp_path / "gateway")

    monkeypatch.setattr(jetstream, "JetStreamReader", stalling("LOG-courier", goes_on))
    async with deployed(*where, only=("gateway",)) as deployment:
        await asyncio.sleep(1.5)
        at_the_door = next(
            loop for loop in deployment.tenancies["gateway"].loops if isinstance(loop, door.Door)
        )
        assert at_the_door.state == "waiting"
        assert at_the_door.courier.state == "running"
        goes_on.set()
        await deployment.quiet()
        cli = await deployment.outsider()
        assert (await cli.receipt(await cli.publish(lamp("courier"), "i-1", by="p-1", id="a-1")))[
            "status"
        ] == "accepted"
        assert await deployment.quiet() == end
        assert await clean(deployment) == []


async def test_a_restored_gateway_follows_what_began_after_the_copy(
    nats_server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "PURGE_EVERY", float("inf"))
    where, both = (nats_server.url, database(tmp_path), tmp_path, "followed"), ("gateway", "issues")
    async with deployed(*where, only=both) as deployment:
        cli = await deployment.outsider()
        await people(cli)
        await cli.receipt(
            await cli.publish(directory.GrantRole(role=Role.BRANCH, place="followed"), "p-1", by="office"),
            "accepted",
        )
        grant = directory.GrantPublisher(types=["*"], follows=["*"], roles=list(Role), speaks_for="anyone")
        await cli.receipt(await cli.publish(grant, "portal", role="operator"), "accepted")
        portal = await deployment.outsider("portal")
        await portal.receipt(
            await portal.publish(lamp("followed"), "before", by="p-1", role="resident", id="b"), "accepted"
        )
        await deployment.quiet()
    shutil.copytree(tmp_path / "gateway", tmp_path / "copy")
    async with deployed(*where, only=both) as deployment:
        portal = await deployment.outsider("portal")
        await portal.receipt(
            await portal.publish(lamp("followed"), "after", by="p-1", role="resident", id="a"), "accepted"
        )
        await deployment.quiet()
    shutil.rmtree(tmp_path / "gateway")
    shutil.copytree(tmp_path / "copy", tmp_path / "gateway")

    async with deployed(*where, only=both) as deployment:
        cli, told = await deployment.outsider(), list[str]()

        async def on(message: Msg) -> None:
            told.append(json.loads(message.data)["subject"])

        await deployment.nc.subscribe("out.portal.followed.issues.issue_accepted.v1", cb=on)
        for issue in ("before", "after"):
            sent = await cli.publish(issues.AcceptIssue(), issue, by="p-1", role="branch", id=f"x-{issue}")
            await cli.receipt(sent, "accepted")
        await deployment.quiet()
        async with asyncio.timeout(10):
            while len(told) < 2:  # noqa: ASYNC110  # the post has its own pace
                await asyncio.sleep(0.05)
    assert sorted(told) == ["after", "before"]
