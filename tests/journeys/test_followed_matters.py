"""A publisher gets copies of events about entities that its own commands created, and about no others."""

import asyncio
import uuid

import orjson
import sqlalchemy as sa
from nats.aio.msg import Msg

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.kinds import kind_of
from microgov.contracts.notify import ContactRegistered
from microgov.services.chassis.log import Outgoing
from microgov.services.chassis.recording.audit import walk
from microgov.services.gateway.courier.followed_matters import relearn
from microgov.services.gateway.model import Matter
from tests.journeys.conftest import RunningTenant
from tests.support.deployment import OutsideProgram


def hazard(number: str, place: str) -> issues.HazardDetected:
    ref = issues.ExternalRef(system="sensor", number=number)
    return issues.HazardDetected(ref=ref, hazard="blocked_fire_lane", title="x", text="x", place=place)


async def set_up_sensor(running: RunningTenant) -> OutsideProgram:
    """A program that may report hazards and gets copies of all events about them. p-1 is set up as resident and branch."""
    client, town = running.client, running.client.tenant
    await client.send(directory.RegisterPerson(household="h", place=town), "p-1", by="office")
    for role in (Role.RESIDENT, Role.BRANCH):
        await client.send(directory.GrantRole(role=role, place=town), "p-1", by="office")
    sensor = await running.deployment.outsider("sensor")
    grant = directory.GrantPublisher(
        types=[issues.HazardDetected.TYPE], follows=["*"], roles=[Role.SYSTEM], speaks_for="itself"
    )
    await client.reaction(await client.send(grant, "sensor", role="operator"))
    return sensor


async def test_a_publisher_gets_no_copies_about_an_entity_that_it_did_not_create(
    running: RunningTenant,
) -> None:
    client, town = running.client, running.client.tenant
    sensor, copied = await set_up_sensor(running), set[str]()

    async def on(message: Msg) -> None:
        copied.add(message.subject.split(".")[-2])

    await running.deployment.nc.subscribe(f"out.sensor.{town}.>", cb=on)
    lamp = issues.SubmitIssue(title="路灯", text="不亮", place=town, channel="app")
    await client.reaction(await client.send(lamp, "lamp", by="p-1", role="resident"))
    await sensor.receipt(await sensor.publish(hazard("1", town), "lamp"), "refused")
    await sensor.send(hazard("2", town), "ballot-1")
    await sensor.send(hazard("3", town), "mine")
    await running.deployment.quiet()
    copied.clear()
    for issue in ("lamp", "mine"):
        await client.reaction(await client.send(issues.AcceptIssue(), issue, by="p-1", role="branch"))
    await running.deployment.quiet()

    with running.deployment.tenancies["gateway"].engine.connect() as c:
        query = (
            sa.select(Matter.entity, Matter.kind).where(Matter.publisher == "sensor").order_by(Matter.entity)
        )
        rows = [tuple(row) for row in c.execute(query)]
    assert rows == [("ballot-1", "issue"), ("mine", "issue")]
    assert copied <= {"issue_accepted", "emergency_dispatched", "notice_delivered", "clock_started"}


async def test_a_gateway_without_rows_of_followed_matters_derives_them_from_the_log(
    running: RunningTenant,
) -> None:
    client, deployment = running.client, running.deployment
    engine = deployment.tenancies["gateway"].engine
    await client.reaction(
        await client.send(directory.RegisterPerson(household="h", place=client.tenant), "p-1", by="office")
    )
    before: list[tuple[str, ...]] = []
    async with asyncio.timeout(10):
        while ("p-1", "person", "cli") not in before:
            await asyncio.sleep(0.05)
            with engine.connect() as c:
                before = sorted(map(tuple, c.execute(sa.select(Matter.__table__))))
    log = await deployment.log()
    page = [stored async for stored in walk(log)]

    with engine.begin() as c:
        c.execute(sa.delete(Matter))
    for _ in range(2):
        relearn(engine, client.tenant, page)

    with engine.connect() as c:
        assert sorted(map(tuple, c.execute(sa.select(Matter.__table__)))) == before
    await log.close()


async def test_log_messages_that_cannot_be_copied_do_not_stop_the_courier(running: RunningTenant) -> None:
    client, town = running.client, running.client.tenant
    log = await running.deployment.log()
    body = {"tenant": town, "writer": "legacy", "recordedtime": "2026-03-02T08:00:00Z"}
    odd: list[tuple[str, dict[str, object]]] = [
        ("issues.issue_submitted.v1", {"publisher": "cli", "data": {}}),
        ("issues.issue_submitted.v1", {"publisher": "cli", "publisherid": ["x"], "data": {}}),
        ("log.command_refused.v1", {"publisher": "cli", "publisherid": "x", "data": {}}),
        ("issues.issue_submitted.v1", {"subject": ["x"], "data": {}}),
        ("issues.issue_submitted.v1", {"data": []}),
        ("issues.issue_submitted.v1", {"causationid": {}, "data": {}}),
        ("issues.issue_submitted.v1", {"type": 3, "data": {}}),
    ]
    rows = list[Outgoing]()
    for n, (kind, more) in enumerate(odd, 1):
        whole = {"id": str(uuid.uuid4()), "sequence": str(n), "subject": "x", "type": kind, **body, **more}
        rows.append(Outgoing(n, f"odd-{n}", f"log.{town}.legacy.{kind}", orjson.dumps(whole)))

    await log.append("legacy", rows, 0)
    await log.close()

    sent = await client.send(directory.RegisterPerson(household="h", place=town), "p-1", by="office")
    assert sent.code is None
    assert running.deployment.tenancies["gateway"].troubles() == []


def test_a_contact_point_and_a_person_of_the_same_id_are_of_different_kinds() -> None:
    assert kind_of(ContactRegistered) != kind_of(directory.PersonRegistered)
