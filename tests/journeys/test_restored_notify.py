"""A notify whose database is older than the log sends nothing until an operator has decided."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.notify import RegisterContact, ResumeSending, SetContact, ShowHeld
from microgov.services.chassis.fold.rebuild import reset
from microgov.services.notify.handlers import service
from tests.journeys.lamp_issues import database, lamp, register_resident
from tests.notify.receiver import Receiver, receiver
from tests.support.deployment import Deployment, deployed
from tests.support.servers import NatsServer

SERVICES = ("gateway", "issues", "notify")


@pytest.fixture
async def webhook() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


async def ask(deployment: Deployment, question: Any) -> dict[str, Any]:
    """What notify answers to the operator."""
    subject = f"ask.operator.{deployment.tenant.name}.notify.{question.NAME}"
    reply = await deployment.nc.request(subject, question.model_dump_json().encode(), timeout=10)
    answer: dict[str, Any] = json.loads(reply.data)["answer"]
    return answer


async def accept_an_issue(deployment: Deployment, id: str) -> None:
    """The resident p-1 reports an issue, and is told that it is accepted."""
    cli = await deployment.outsider()
    for message, by in ((lamp(deployment.tenant.name), "p-1"), (issues.AcceptIssue(), "p-branch")):
        sent = await cli.publish(message, id, by=by, id=f"{id}-{message.NAME}")
        await cli.receipt(sent, "accepted")
        await deployment.quiet()


async def set_up(deployment: Deployment, url: str) -> None:
    """A resident with a webhook, and a branch."""
    cli = await deployment.outsider()
    await register_resident(cli)
    await cli.send(directory.RegisterPerson(household="b", place=cli.tenant), "p-branch", by="office")
    await cli.send(directory.GrantRole(role=Role.BRANCH, place=cli.tenant), "p-branch", by="office")
    await deployment.quiet()
    await ask(deployment, SetContact(person="p-1", channel="webhook", address=url, secret="x" * 16))
    await cli.send(RegisterContact(channel="webhook"), "p-1", by="p-1")
    await deployment.quiet()


async def until(condition: Any, what: str) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(what)


async def tell_three_times(where: tuple[str, str, Path, str], webhook: Receiver, folder: Path) -> None:
    """The resident is told of three issues. After the first the database is copied; the third notice is never answered."""
    async with deployed(*where, simulated=False, only=SERVICES) as deployment:
        await set_up(deployment, webhook.url + "/well")
        await accept_an_issue(deployment, "lamp-1")
        await until(lambda: webhook.letters.total() == 1, "the first notice is not sent")
        await deployment.quiet()
    shutil.copytree(folder / "notify", folder / "copy")
    async with deployed(*where, simulated=False, only=SERVICES) as deployment:
        await accept_an_issue(deployment, "lamp-2")
        await until(lambda: webhook.letters.total() == 2, "the second notice is not sent")
        await deployment.quiet()
        await ask(
            deployment,
            SetContact(person="p-1", channel="webhook", address=webhook.url + "/dripping", secret="x" * 16),
        )
        await accept_an_issue(deployment, "lamp-3")
        await until(lambda: webhook.letters.total() == 3, "the third notice is not on its way")


@pytest.mark.parametrize("lost", ["of yesterday", "lost"])
async def test_a_notice_that_may_have_been_sent_is_not_sent_again(
    lost: str, nats_server: NatsServer, tmp_path: Path, webhook: Receiver
) -> None:
    tenant = "held-" + lost[-4:]
    where = (nats_server.url, database(tmp_path), tmp_path, tenant)
    await tell_three_times(where, webhook, tmp_path)
    shutil.rmtree(tmp_path / "notify")
    if lost == "of yesterday":
        shutil.copytree(tmp_path / "copy", tmp_path / "notify")

    async with deployed(*where, simulated=False, only=SERVICES) as deployment:
        notify = deployment.tenancies["notify"]
        await until(lambda: notify.edge.held, "nothing is held back")
        await accept_an_issue(deployment, "lamp-4")
        await asyncio.sleep(1.0)
        assert webhook.letters.total() == 3
        assert any("microgov resume" in note for note in notify.health().notes)
        assert notify.health().ok
        shown = await ask(deployment, ShowHeld())
        assert [(group["name"], group["count"]) for group in shown["groups"]] == [("webhook/waiting", 1)]
        assert shown["later"] == 1
        await ask(deployment, ResumeSending(close=["webhook/waiting"], reason="told by phone"))
        await ask(
            deployment,
            SetContact(person="p-1", channel="webhook", address=webhook.url + "/well", secret="x" * 16),
        )
        await until(lambda: webhook.letters.total() == 4, "what came later is not sent")
        await deployment.quiet()
        unknown = [m for m in await deployment.everything() if m["type"] == "notify.delivery_unknown.v1"]
        assert [m["data"]["reason"] for m in unknown if "reason" in m["data"]] == ["told by phone"]
        assert notify.health().notes == []
    assert set(webhook.letters.values()) == {1}


async def test_after_a_rebuild_nothing_is_held_back(
    nats_server: NatsServer, tmp_path: Path, webhook: Receiver
) -> None:
    where = (nats_server.url, database(tmp_path), tmp_path, "rebuilt-notify")
    async with deployed(*where, simulated=False, only=SERVICES) as deployment:
        await set_up(deployment, webhook.url + "/well")
        await accept_an_issue(deployment, "lamp-1")
        await until(lambda: webhook.letters.total() == 1, "the first notice is not sent")
        await deployment.quiet()
        engine = deployment.tenancies["notify"].engine
    await reset(engine, service)
    engine.dispose()
    async with deployed(*where, simulated=False, only=SERVICES) as deployment:
        await accept_an_issue(deployment, "lamp-2")
        await until(lambda: webhook.letters.total() == 2, "the second notice is held back")
