"""The gateway raises the tenant's number `behaviour` once all services know the next one; nobody can lower it."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from microgov.client.publisher import Client
from microgov.contracts import directory
from microgov.contracts.fields import EVERYBODY
from microgov.contracts.message import Command
from microgov.contracts.rules import BehaviourRules, behaviour
from microgov.folds import FOLDS
from microgov.services.chassis.fold.behaviour import NotKnown
from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.fold.loop import LOG_READER
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.audit import check_log
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.replay.replay import check
from microgov.services.chassis.store.engine import engine
from microgov.services.gateway.door import behaviour_rise
from microgov.services.gateway.door.door import Door
from microgov.services.issues.model import Place as IssuesPlace
from tests.journeys.conftest import RunningTenant, TenantPlace
from tests.support.deployment import Deployment, deployed

OWNER = "test_behaviour"

LOGS = Path(__file__).parents[1] / "logs"
NEXT = behaviour.BEHAVIOUR + 1


class OfferRoof(Command, roles=EVERYBODY, creates=True, since=NEXT):
    """A message type that services of the present release do not know."""


def change_behaviour(number: int) -> directory.ChangeRules:
    return directory.ChangeRules(content=BehaviourRules(behaviour=number))


async def behaviour_changes(running: Deployment) -> list[dict[str, Any]]:
    """Every command in the log that sets the tenant's behaviour."""
    return [
        m
        for m in await running.everything()
        if m["type"] == directory.ChangeRules.TYPE and m["data"]["content"]["section"] == "house"
    ]


async def test_the_behaviour_cannot_be_lowered_or_raised_by_hand(running: RunningTenant) -> None:
    client = running.client
    lower = await client.send(change_behaviour(behaviour.BEHAVIOUR - 1), "house", by="office", role="office")
    same = await client.send(change_behaviour(behaviour.BEHAVIOUR), "house", role="operator")
    higher = await client.send(change_behaviour(NEXT), "house", role="operator")
    new = await client.send(OfferRoof(), by="office", role="office")

    assert [one.code for one in (lower, same, higher, new)] == [
        "behaviour_lowered",
        None,
        "behaviour_not_by_hand",
        "not_yet_known",
    ]
    assert lower.field == "data.content.behaviour"
    assert "only rises" in str(lower.message)
    assert (await client.rules())["house"]["behaviour"] == behaviour.BEHAVIOUR


@pytest.mark.slow
async def test_the_behaviour_rises_once_every_service_knows_the_next_and_new_types_are_accepted(
    place: TenantPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = (place.nats_url, place.database, place.folder, place.tenant)
    async with deployed(*where) as running:
        await running.quiet()
    monkeypatch.setattr(behaviour_rise, "PACE", 0.1)
    monkeypatch.setattr(behaviour, "BEHAVIOUR", NEXT)
    async with deployed(*where, only=("gateway", "issues", "matching")) as running:
        await asyncio.sleep(1)
        assert [one["data"]["content"]["behaviour"] for one in await behaviour_changes(running)] == [NEXT - 1]
        database = engine(running.settings.database_url("notify", place.tenant))
        elsewhere = Lease(database, (LOG_READER,), ("notify", "notify-edge"))
        # The holder of the lease may be an older release, so that the behaviour of a stand-by does not count.
        await elsewhere.take()
    async with deployed(*where) as running:
        await asyncio.sleep(1)
        assert [one["data"]["content"]["behaviour"] for one in await behaviour_changes(running)] == [NEXT - 1]
        assert not running.tenancies["notify"].active
        elsewhere.give_back()
    database.dispose()

    for _ in range(2):
        async with deployed(*where) as running, Client(running.settings, place.tenant) as client:
            async with asyncio.timeout(20):
                while (await client.rules())["house"]["behaviour"] < NEXT:  # noqa: ASYNC110  # another's log
                    await asyncio.sleep(0.05)
            assert (await client.send(OfferRoof(), by="office", role="office")).code is None
            await running.quiet()
            raised = (await behaviour_changes(running))[1:]
            audit = await check_log(JetStreamLog(client.bus, client.tenant))
    assert [(m["writer"], m["authtype"], m["role"], m["data"]["content"]["behaviour"]) for m in raised] == [
        ("gateway", "system", "operator", NEXT)
    ]
    assert audit.findings == []


async def test_a_release_that_does_not_know_the_behaviour_stops_before_the_change(
    place: TenantPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, old = (place.nats_url, place.database, place.folder, place.tenant), behaviour.BEHAVIOUR
    async with deployed(*where) as running:
        await running.quiet()
    monkeypatch.setattr(behaviour, "BEHAVIOUR", NEXT)
    async with deployed(*where, only=("gateway",)) as running:
        at = await raised_by_the_gateway_alone(running)

    monkeypatch.setattr(behaviour, "BEHAVIOUR", old)
    async with deployed(*where, only=("gateway", "issues")) as running:
        gateway, issues = (running.tenancies[name] for name in ("gateway", "issues"))
        async with asyncio.timeout(20):
            while "refused" not in issues.fold.state or "refused" not in gateway.fold.state:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        with issues.engine.connect() as c:
            found = c.execute(select(IssuesPlace.id).where(IssuesPlace.id == "late")).scalar()

        rises = f"From {at} in the log on the house decides by behaviour {NEXT}; this release knows"
        assert rises in issues.fold.reason
        too_high = f"the house decides by behaviour {NEXT}; this release knows {old}: install"
        assert too_high in gateway.fold.reason
        assert found == "late"
        assert issues.fold.position.seq < at  # what stands before it is folded
        assert not issues.health().ok
        assert not gateway.health().ok


async def raised_by_the_gateway_alone(running: Deployment) -> int:
    """Defines a place "late", then has the gateway raise the behaviour. Returns the sequence of that change in the log."""
    tenant = running.tenant.name
    async with Client(running.settings, tenant) as client:
        late = directory.DefinePlace(kind="community", name="late", parent=tenant)
        await client.send(late, "late", by="office")
        door = next(loop for loop in running.tenancies["gateway"].loops if isinstance(loop, Door))
        door.behaviour_raiser.agreed = (
            NEXT  # as if the other services had known it and were then replaced by an older release
        )
        async with asyncio.timeout(20):
            while (await client.rules())["house"]["behaviour"] < NEXT:  # noqa: ASYNC110  # another's log
                await asyncio.sleep(0.05)
    raised = {"section": "house", "behaviour": NEXT}
    changed = [m for m in await running.everything() if m["type"] == directory.RulesChanged.TYPE]
    return next(int(m["seq"]) for m in changed if m["data"]["content"] == raised)


async def test_a_recording_of_a_newer_release_is_not_replayed() -> None:
    recording = recordings.read(LOGS / "wish.ndjson")
    newer = tuple(
        stored._replace(data=re.sub(rb'"behaviour":\d+', b'"behaviour":%d' % NEXT, stored.data))
        for stored in recording.messages
    )
    issues = next(service for service in FOLDS if service.name == "issues")
    made = engine("sqlite://")
    prepare(made, issues)

    with pytest.raises(NotKnown, match="install a newer one"):
        check(issues, replace(recording, messages=newer), made)
    made.dispose()
