"""Messages that the door does not accept, and the receipts for them."""

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from tests.journeys.conftest import RunningTenant

ACCEPT = issues.AcceptIssue()


async def test_the_door_rejects_wrong_roles_types_and_publishers_and_repeats_the_receipt_of_a_known_id(
    running: RunningTenant,
) -> None:
    client, tenant = running.client, running.client.tenant
    for message in (
        directory.RegisterPerson(household="h", place=tenant),
        directory.GrantRole(role=Role.RESIDENT, place=tenant),
    ):
        await client.reaction(await client.send(message, "p-1", by="office"))
    grant = directory.GrantPublisher(
        types=[issues.SubmitIssue.TYPE], follows=[], roles=[Role.SYSTEM], speaks_for="itself"
    )
    portal = await running.deployment.outsider("portal")
    await client.reaction(await client.send(grant, "portal", role="operator"))

    roles = [
        await client.send(ACCEPT, "x", by="p-1"),
        await client.send(ACCEPT, "x", by="p-1", role="resident"),
    ]
    types = [
        await portal.send(ACCEPT, "x"),
        await portal.send(issues.SubmitIssue(title="t", text="x", place=tenant, channel="web"), by="p-1"),
    ]
    first = await client.send(
        issues.SubmitIssue(title="t", text="x", place=tenant, channel="app"), "veg", by="p-1", id="same"
    )
    again = await client.send(
        issues.SubmitIssue(title="u", text="y", place=tenant, channel="app"), "veg-2", by="p-1", id="same"
    )
    await client.reaction(await client.send(directory.WithdrawPublisher(), "portal", role="operator"))
    withdrawn = await portal.send(issues.SubmitIssue(title="t", text="x", place=tenant, channel="web"))

    assert [receipt.code for receipt in roles] == ["role_missing", "role_not_allowed"]
    assert [receipt["code"] for receipt in types] == ["type_not_granted", "may_not_speak_for_others"]
    assert withdrawn["code"] == "publisher_unknown"
    assert all(receipt.message and receipt.message.zh and receipt.message.en for receipt in roles)
    assert again.model_copy(update={"sequence": first.sequence}) == first
