"""Repeated requests: each step is one transaction, an id is one message, and a report is in the log once."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nats
import pytest
import sqlalchemy as sa

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.log import DeadlineReached
from microgov.contracts.subjects import in_subject
from microgov.contracts.validation.incoming import incoming
from microgov.services.chassis.fold.edge import Edge
from microgov.services.chassis.fold.loop import FoldLoop
from microgov.services.chassis.messages.stamp import Input, reported_id, system_sender
from microgov.services.gateway.courier.courier import Courier
from microgov.services.gateway.door.door import Door
from microgov.services.notify import app as notify
from tests.journeys.conftest import RunningTenant
from tests.support.deployment import deployed
from tests.support.servers import NatsServer

WORK: list[tuple[type[Any], str]] = [
    (FoldLoop, "_transaction"),
    (Courier, "_transaction"),
    (Door, "_transaction"),
    (Edge, "_report"),
]


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[int]]]:
    """How many commits each call of a method in WORK made: a list for each class name."""
    found: dict[str, list[int]] = {cls.__name__: [] for cls, _ in WORK}
    here = threading.local()

    def counting(cls: type[Any], honest: Callable[..., Any]) -> Callable[..., Any]:
        def work(self: Any, *arguments: Any) -> Any:
            here.count = 0
            try:
                return honest(self, *arguments)
            finally:
                found[cls.__name__].append(here.count)
                here.count = None

        return work

    def committed(_: object) -> None:
        if getattr(here, "count", None) is not None:
            here.count += 1

    for cls, name in WORK:
        monkeypatch.setattr(cls, name, counting(cls, getattr(cls, name)))
    sa.event.listen(sa.engine.Engine, "commit", committed)
    yield found
    sa.event.remove(sa.engine.Engine, "commit", committed)


async def test_position_state_and_outbox_are_committed_in_one_transaction(
    commits: dict[str, list[int]], nats_server: NatsServer, tmp_path: Path
) -> None:
    where = (nats_server.url, f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite", tmp_path, "commits")
    async with deployed(*where, only=("gateway", "issues")) as deployment:
        cli = await deployment.outsider()
        await cli.send(directory.RegisterPerson(household="h", place="commits"), "p-1", by="office")
        fact = DeadlineReached(
            service="issues", kind="review", entity="x", due_at=deployment.tenancies["issues"].clock.now()
        )
        edge = deployment.tenancies["issues"].edge
        id = reported_id("commits", "issues", "x")
        for _ in range(2):
            await edge.report([Input(fact, "x", id, edge.clock.now(), system_sender(edge.writer))])
        await deployment.quiet()
        written = [m for m in await deployment.everything() if m["id"] == id]

    assert {name: set(counts) for name, counts in commits.items()} == {cls.__name__: {1} for cls, _ in WORK}
    assert len(written) == 1


async def test_an_id_sent_by_two_publishers_is_two_messages_and_an_id_repeated_by_one_is_one(
    running: RunningTenant,
) -> None:
    client, town = running.client, running.client.tenant
    for message in (
        directory.RegisterPerson(household="h", place=town),
        directory.GrantRole(role=Role.RESIDENT, place=town),
    ):
        await client.reaction(await client.send(message, "p-1", by="office"))
    portal = await running.deployment.outsider("portal")
    everything = directory.GrantPublisher(types=["*"], follows=[], roles=list(Role), speaks_for="anyone")
    await client.reaction(await client.send(everything, "portal", role="operator"))
    cli = await running.deployment.outsider()
    lamp = issues.SubmitIssue(title="路灯", text="不亮", place=town, channel="app")
    nc = await nats.connect(running.deployment.settings.nats_url)

    for publisher in ("cli", "portal"):
        for n in range(3):
            raw = incoming(lamp, id="a-1", source="/x", subject=f"{publisher}-{n}", authid="p-1")
            await nc.publish(in_subject(publisher, town, lamp.TYPE), raw)
    await nc.flush()
    receipts = [await cli.receipt("a-1", "accepted"), await portal.receipt("a-1", "accepted")]
    await running.deployment.quiet()
    await nc.close()

    stored = [
        m
        for m in await running.deployment.everything()
        if m.get("publisherid") == "a-1" and m["writer"] == "gateway"
    ]
    assert sorted(m["subject"] for m in stored) == ["cli-0", "portal-0"]
    assert len({m["id"] for m in stored}) == 2
    assert {receipt["subject"] for receipt in receipts} == {"cli-0", "portal-0"}


async def test_reports_of_the_sender_have_ids_derived_from_the_attempt(running: RunningTenant) -> None:
    from microgov.contracts.notify import DeliverySucceeded

    of = running.deployment.tenancies["notify"]
    first, again, other = (
        notify._input(of, "d-1", DeliverySucceeded(attempt=n, code="http_200")) for n in (1, 1, 2)
    )

    assert first.id == again.id != other.id
