"""Who may grant roles, change rules for the whole tenant and move people. The door refuses and records other attempts."""

import json
import uuid

import pytest

from microgov.client.publisher import Client
from microgov.contracts import directory, issues, matching
from microgov.contracts.fields import Role
from microgov.contracts.ids import outside_id
from microgov.contracts.log import RetryMessage
from microgov.contracts.message import Message
from microgov.contracts.receipt import Receipt
from microgov.contracts.rules import CourseRules
from microgov.services.gateway.door import refused_attempts
from tests.journeys.conftest import RunningTenant


async def set_up_people(client: Client) -> None:
    """Defines two communities, west and east. In west p-clerk has the role office and p-deputy the role operator."""
    town = client.tenant
    for place in ("west", "east"):
        await client.send(
            directory.DefinePlace(kind="community", name=place, parent=town), place, by="office"
        )
    for person, place in (("p-clerk", "west"), ("p-deputy", "west"), ("p-far", "east"), ("p-chief", town)):
        await client.send(directory.RegisterPerson(household=f"h-{person}", place=place), person, by="office")
    await client.send(directory.GrantRole(role=Role.OFFICE, place="west"), "p-clerk", by="office")
    for person, place in (("p-deputy", "west"), ("p-chief", town)):
        await client.send(directory.GrantRole(role=Role.OPERATOR, place=place), person, role="operator")


def commands_beyond_rights(town: str) -> list[tuple[Message, str | None, str, str]]:
    """Commands that exceed the sender's rights: message, subject, sender, role."""
    operator, office = Role.OPERATOR, Role.OFFICE
    everything = directory.GrantPublisher(types=["*"], follows=["*"], roles=list(Role), speaks_for="anyone")
    return [
        (directory.GrantRole(role=operator, place="west"), "p-clerk", "p-clerk", "office"),
        (directory.RevokeRole(role=operator, place="west"), "p-deputy", "p-clerk", "office"),
        (directory.GrantRole(role=operator, place="east"), "p-far", "p-deputy", "operator"),
        (directory.GrantRole(role=office, place="west"), "p-far", "p-clerk", "office"),
        (directory.GrantRole(role=office, place=town), "p-clerk", "office", "office"),
        (directory.ChangeRules(content=CourseRules(returns=3)), "course", "p-clerk", "office"),
        (everything, "thief", "p-deputy", "operator"),
        (directory.WithdrawPublisher(), "cli", "p-deputy", "operator"),
        (RetryMessage(service="issues", stream_seq=1), None, "p-deputy", "operator"),
        (directory.DefinePlace(kind="sub_district", name="mine"), "mine", "p-clerk", "office"),
        (directory.RegisterPerson(household="h-1", place="west"), "p-far", "p-clerk", "office"),
        (directory.GrantRole(role=Role.VOLUNTEER, place="east"), "p-far", "p-clerk", "office"),
        (directory.RevokeRole(role=Role.VOLUNTEER, place="east"), "p-far", "p-clerk", "office"),
        (directory.RegisterPerson(household="h-1", place="east"), "p-clerk", "p-clerk", "office"),
        (directory.DefinePlace(kind="compound", name="yard", parent="east"), "yard", "p-clerk", "office"),
    ]


async def test_rights_are_granted_from_above_and_refused_attempts_are_recorded(
    running: RunningTenant,
) -> None:
    client, town = running.client, running.client.tenant
    await set_up_people(client)

    async def code(message: Message, subject: str | None, by: str, role: str) -> str | None:
        receipt: Receipt = await client.send(message, subject, by=by, role=role)
        return receipt.code

    operator, office = Role.OPERATOR, Role.OFFICE
    refused = [await code(*one) for one in commands_beyond_rights(town)]
    allowed = [
        await code(directory.GrantRole(role=office, place="east"), "p-far", "office", "office"),
        await code(directory.GrantRole(role=office, place=town), "p-clerk", "p-chief", "operator"),
        await code(directory.GrantRole(role=Role.RESIDENT, place="west"), "p-deputy", "p-clerk", "office"),
        await code(directory.RegisterPerson(household="h-9", place="west"), "p-far", "office", "office"),
        await code(directory.ChangeRules(content=CourseRules(returns=3)), "course", "office", "office"),
        await code(directory.GrantRole(role=operator, place="west"), "p-far", "p-deputy", "operator"),
    ]

    assert refused == [
        "operators_only",
        "operators_only",
        "outside_scope",
        "not_from_above",
        "not_from_above",
        *["whole_tenant_needed"] * 5,
        "not_from_there",
        *["outside_scope"] * 4,
    ]
    assert allowed == [None] * 6
    kept = directory.Attempts.model_validate_json(
        json.dumps(await client.ask("directory", directory.ListAttempts()))
    )
    assert kept.count == len(refused)
    assert [one.code for one in reversed(kept.attempts)] == refused
    assert (kept.attempts[-1].person, kept.attempts[-1].about) == ("p-clerk", "operator at west")
    assert running.deployment.tenancies["gateway"].counters["refused_attempts"] == len(refused)


async def test_only_the_newest_refused_attempts_are_kept(
    running: RunningTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refused_attempts, "KEPT_AT_MOST", 3)
    for n in range(5):
        receipt = await running.client.send(
            directory.GrantRole(role=Role.OPERATOR, place="x"), f"p-{n}", by="office", role="office"
        )
        assert receipt.code == "operators_only"

    kept = directory.Attempts.model_validate_json(
        json.dumps(await running.client.ask("directory", directory.ListAttempts()))
    )
    assert (kept.count, [one.subject for one in kept.attempts]) == (3, ["p-4", "p-3", "p-2"])


async def test_a_program_in_its_own_name_may_not_administer_the_tenant(running: RunningTenant) -> None:
    client, town = running.client, running.client.tenant
    robot = await running.deployment.outsider("robot")
    grant = directory.GrantPublisher(
        types=["*"], follows=["*"], roles=[Role.OFFICE, Role.OPERATOR], speaks_for="anyone"
    )
    await client.send(grant, "robot", role="operator")

    codes = [
        (await robot.send(message, subject, role=role))["code"]
        for message, subject, role in (
            (directory.RegisterPerson(household="h", place=town), "p-robot", "office"),
            (directory.GrantRole(role=Role.OPERATOR, place=town), "office", "operator"),
            (directory.ChangeRules(content=CourseRules(returns=3)), "course", "office"),
            (RetryMessage(service="issues", stream_seq=1), None, "operator"),
        )
    ]

    assert codes == ["people_are_needed"] * 4


async def test_a_role_revoked_by_one_message_cannot_be_used_by_the_next(running: RunningTenant) -> None:
    client = running.client
    await set_up_people(client)
    await client.send(directory.GrantRole(role=Role.OFFICE, place=client.tenant), "p-clerk", role="operator")
    cli = await running.deployment.outsider()

    ids = [
        await cli.publish(
            directory.RevokeRole(role=Role.OFFICE, place=client.tenant), "p-clerk", role="operator"
        ),
        await cli.publish(directory.RevokeRole(role=Role.OFFICE, place="west"), "p-clerk", role="operator"),
        await cli.publish(
            directory.GrantRole(role=Role.OFFICE, place="west"), "p-far", by="p-clerk", role="office"
        ),
    ]

    assert (await cli.receipt(ids[-1]))["code"] == "role_missing"


async def test_a_new_entity_takes_no_id_of_the_form_that_services_generate(running: RunningTenant) -> None:
    client, town = running.client, running.client.tenant
    await set_up_people(client)
    await client.send(directory.GrantRole(role=Role.RESIDENT, place="west"), "p-clerk", by="office")
    lamp = issues.SubmitIssue(title="路灯", text="不亮", place="west", channel="app")

    taken = await client.send(
        lamp, outside_id(town, "hotline", "HZ-2026-000777"), by="p-clerk", role="resident"
    )
    mine = [
        await client.send(lamp, str(one), by="p-clerk", role="resident")
        for one in (uuid.uuid4(), uuid.uuid1())
    ]
    nameless = await client.send(directory.RegisterPerson(household="h-7", place="west"), by="office")
    assert nameless.subject is not None
    again = await client.send(
        directory.RegisterPerson(household="h-8", place="west"), nameless.subject, by="office"
    )

    assert (taken.code, taken.field) == ("reserved_id", "subject")
    assert [one.code for one in (*mine, again)] == [None] * 3


async def test_a_draft_is_drafted_again_under_the_id_that_the_service_generated(
    running: RunningTenant,
) -> None:
    client, town = running.client, running.client.tenant
    await set_up_people(client)
    await client.send(directory.GrantRole(role=Role.BRANCH, place=town), "p-chief", by="office")
    filing = matching.FileOrganisation(
        name="理发社", status="filed", domains=["haircut"], places=[town], representatives=["p-far"]
    )
    await client.reaction(await client.send(filing, "org", by="p-chief", role="branch"))
    await client.send(directory.GrantRole(role=Role.ORGANISATION, place=town), "p-far", by="office")
    draft = matching.DraftOffer(
        organisation="org", title="理发", module="convenience", place="east", slots=[]
    )

    first = await client.send(draft, by="p-far", role="organisation")
    again = await client.send(draft, first.subject, by="p-far", role="organisation")

    assert (first.code, again.code) == (None, None)
