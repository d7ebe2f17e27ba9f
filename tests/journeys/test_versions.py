"""A program that still sends the first version of a message, and one that sends the second."""

import pytest

from microgov.client.publisher import Client
from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.rules import behaviour
from microgov.folds import FOLDS
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.collecting import states_of
from microgov.services.gateway.tenants import setup
from tests.journeys.conftest import RunningTenant, TenantPlace
from tests.support.deployment import Deployment, deployed


async def report_lamp(client: Client) -> None:
    """Registers four neighbours, of whom the first reports an issue."""
    for n in range(1, 5):
        home = directory.RegisterPerson(household=f"h-{n}", place=client.tenant)
        await client.send(home, f"p-{n}", by="office")
        grant = directory.GrantRole(role=Role.RESIDENT, place=client.tenant)
        await client.send(grant, f"p-{n}", by="office")
    lamp = issues.SubmitIssue(title="路灯", text="不亮", place=client.tenant, channel="app")
    await client.reaction(await client.send(lamp, "lamp", by="p-1"))


async def recording_of(deployment: Deployment) -> Recording:
    end, log = await deployment.quiet(), await deployment.log()
    reader = await log.read(0, None)
    found: list[Stored] = []
    while len(found) < end:
        found += await reader.batch(1000, 1.0)
    await log.close()
    return Recording(log.tenant, tuple(found), {})


async def test_both_versions_are_decided_alike_and_the_log_keeps_what_was_sent(
    running: RunningTenant,
) -> None:
    client = running.client
    await report_lamp(client)

    first = await client.send(issues.CosignIssueV1(channel="app"), "lamp", by="p-2")
    second = await client.send(issues.CosignIssue(), "lamp", by="p-3")
    own = await client.send(issues.CosignIssueV1(channel="app"), "lamp", by="p-1")
    away = await client.send(issues.CosignIssueV1(channel="app"), "lamp", by="p-9")

    assert [(one.code, one.type) for one in (first, second, own)] == [
        (None, "issues.cosign_issue.v1"),
        (None, "issues.cosign_issue.v2"),
        (None, "issues.cosign_issue.v1"),
    ]
    assert away.code == "unknown_person"
    recording = await recording_of(running.deployment)
    bodies = await running.deployment.everything()
    cosigned = [m["data"]["people"] for m in bodies if m["type"] == issues.IssueCosigned.TYPE]
    (refused,) = [m["data"] for m in bodies if m["type"].startswith("log.command_refused")]
    assert cosigned == [1, 2]
    assert (refused["code"], refused["command_type"]) == ("own_issue", "issues.cosign_issue.v1")
    assert [states_of(service, recording)[1] for service in FOLDS] == [None] * len(FOLDS)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
async def test_the_second_version_is_refused_until_every_service_knows_it(
    place: TenantPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (behaviour, setup):
        monkeypatch.setattr(module, "BEHAVIOUR", issues.CosignIssue.SINCE - 1)
    where = (place.nats_url, place.database, place.folder, place.tenant)
    async with deployed(*where) as running, Client(running.settings, place.tenant) as client:
        await report_lamp(client)

        second = await client.send(issues.CosignIssue(), "lamp", by="p-3")
        first = await client.send(issues.CosignIssueV1(channel="app"), "lamp", by="p-2")

        assert (second.code, second.field) == ("not_yet_known", "type")
        assert first.code is None
