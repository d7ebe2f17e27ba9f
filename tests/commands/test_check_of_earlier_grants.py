"""`microgov check` lists what an earlier door accepted and today's door would refuse, and how to take it back."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from microgov.client.connection import connection_settings
from microgov.client.publisher import Client
from microgov.contracts import directory
from microgov.contracts.fields import Role, Words
from microgov.contracts.message import Message
from microgov.contracts.rules import behaviour
from microgov.services.chassis.log import Stored
from microgov.services.gateway.door import admission
from microgov.services.gateway.door.hindsight import Hindsight, Note
from tests.commands.conftest import CommandLine


async def a_lenient_door(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the door accept what it accepted before today's rules: the office of a community appoints operators."""
    monkeypatch.setattr(admission, "must_be_allowed", lambda *_: None)
    town = line.tenant
    everything = directory.GrantPublisher(types=["*"], follows=["*"], roles=list(Role), speaks_for="anyone")
    operator = directory.GrantRole(role=Role.OPERATOR, place="west")
    asked: list[tuple[Message, str, str | None, str]] = [
        (directory.DefinePlace(kind="community", name="west", parent=town), "west", "office", "office"),
        *(
            (directory.RegisterPerson(household="h", place="west"), one, "office", "office")
            for one in ("clerk", "thief", "gone")
        ),
        (directory.GrantRole(role=Role.OFFICE, place="west"), "clerk", "office", "office"),
        *((operator, one, "clerk", "office") for one in ("thief", "gone")),
        (operator, "clerk", "clerk", "office"),
        (directory.GrantRole(role=Role.OFFICE, place="west"), "thief", "clerk", "office"),
        (everything, "spy", "thief", "operator"),
        (directory.RevokeRole(role=Role.OPERATOR, place="west"), "gone", "clerk", "office"),
        (operator, "clerk", None, "operator"),  # given again, by who may
    ]
    async with Client(connection_settings(), town) as client:
        for message, subject, by, role in asked:
            receipt = await client.send(message, subject, by=by, role=role)
            assert receipt.code is None, receipt
            await client.reaction(receipt)
    monkeypatch.undo()


async def test_grants_that_todays_rules_refuse_are_named_and_can_be_revoked(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as lenient:
        await a_lenient_door(line, lenient)

    found, words = await line("check", "--json"), await line("check")
    notes = json.loads(found.out)["notes"]

    assert found.code == words.code == 0
    assert json.loads(found.out)["ok"]
    assert [note["what"].split(" (")[0] for note in notes] == [
        "thief is operator at west, given by clerk",
        "thief is office at west, given by clerk",
        "the publisher spy has a grant that thief",
    ]
    assert [note["why"].split(". ")[0] for note in notes] == [
        "The role operator is given and taken by operators alone",
        f"The role office at west is given and taken from above, by {line.tenant}",
        "directory.grant_publisher.v1 concerns the whole sub-district, and your scope is west",
    ]
    assert all(note["undo"] in words.out for note in notes)
    assert "by today's rules it would be refused" in words.out

    orders = tmp_path / "orders.ndjson"
    orders.write_text("\n".join(note["undo"].split("'")[1] for note in notes[:2]))
    assert (await line("send", str(orders))).code == 0
    async with Client(connection_settings(), line.tenant) as client:
        await client.reaction(await client.send(directory.WithdrawPublisher(), "spy", role="operator"))
    assert json.loads((await line("check", "--json")).out)["notes"] == []


async def test_status_shows_a_tenant_whose_behaviour_is_behind(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behaviour, "BEHAVIOUR", behaviour.BEHAVIOUR + 1)

    body = json.loads((await line("status", "--json")).out)

    services = body["services"]
    assert body["ready"]
    assert {one["in_force"] for one in services} == {behaviour.BEHAVIOUR - 1}
    assert all(
        f"knows behaviour {behaviour.BEHAVIOUR}, and the tenant goes by {behaviour.BEHAVIOUR - 1}"
        in one["note"][0]
        for one in services
    )


def test_expired_grants_are_not_named() -> None:
    given = (Note(1, Words(zh="", en=""), Words(zh="", en=""), ""), datetime(2026, 5, 1, tzinfo=UTC))
    for last, named in (("2026-04-30T00:00:00Z", 1), ("2026-05-02T00:00:00Z", 0)):
        hindsight = Hindsight("t")
        hindsight.in_force["p", "operator", "west"] = given
        hindsight.take(
            Stored(2, "log.t.issues.issues.issue_submitted.v1", json.dumps({"recordedtime": last}).encode())
        )
        assert len(list(hindsight.notes())) == named
