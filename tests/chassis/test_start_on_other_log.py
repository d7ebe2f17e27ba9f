"""How a service starts on a database that is older than its log, newer than it, or belongs to another log."""

import asyncio
import shutil
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from microgov.client import simulated_clock
from microgov.client.publisher import Client
from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.log import SetClock
from microgov.demo.player import Player
from microgov.folds import FOLDS
from microgov.services.chassis.columns import instant
from microgov.services.chassis.fold.rebuild import reset
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.store.engine import engine
from microgov.stories.vegetable_patch import vegetable_patch
from tests.support.deployment import Deployment, deployed
from tests.support.servers import NatsServer

ISSUES = next(service for service in FOLDS if service.name == "issues")


def database(folder: Path) -> str:
    return f"sqlite:///{folder}/{{service}}/{{tenant}}.sqlite"


def state(folder: Path, tenant: str) -> str:
    made = engine(database(folder).format(service="issues", tenant=tenant))
    with made.connect() as c:
        found = digest(c, ISSUES)
    made.dispose()
    return found


async def play_story(deployment: Deployment) -> None:
    async with Client(deployment.settings, deployment.tenant.name) as client:
        story = vegetable_patch("a", await simulated_clock.now(client), deployment.tenant.name)
        await Player(client, Console(file=StringIO())).play(story)
    await deployment.quiet()


async def add_issue(deployment: Deployment) -> int:
    """Adds an issue with everything that follows from it; returns the end of the log."""
    tenant = deployment.tenant.name
    async with Client(deployment.settings, tenant) as client:
        for message, subject, by in (
            (directory.RegisterPerson(household="h", place=tenant), "p-late", "office"),
            (directory.GrantRole(role=Role.RESIDENT, place=tenant), "p-late", "office"),
            (issues.SubmitIssue(title="路灯", text="不亮", place=tenant, channel="app"), "lamp", "p-late"),
        ):
            await client.reaction(await client.send(message, subject, by=by))
    return await deployment.quiet()


def back_up(folder: Path, tenant: str) -> None:
    for part in folder.glob(f"issues/{tenant}.sqlite*"):
        shutil.copy(part, folder / part.name)


def restore(folder: Path, tenant: str) -> None:
    for part in folder.glob(f"issues/{tenant}.sqlite*"):
        part.unlink()
    for part in folder.glob(f"{tenant}.sqlite*"):
        shutil.copy(part, folder / "issues" / part.name)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["rebuilt", "restored"])
async def test_a_service_on_an_older_database_folds_again_and_appends_nothing(
    how: str, nats_server: NatsServer, tmp_path: Path
) -> None:
    tenant, file = f"start-{how}", tmp_path / "issues" / f"start-{how}.sqlite"
    async with deployed(nats_server.url, database(tmp_path), tmp_path, tenant) as deployment:
        await play_story(deployment)
    back_up(tmp_path, tenant)
    async with deployed(nats_server.url, database(tmp_path), tmp_path, tenant) as deployment:
        end = await add_issue(deployment)
    before = state(tmp_path, tenant)
    if how == "restored":
        restore(tmp_path, tenant)
    else:
        made = engine(f"sqlite:///{file}")
        await reset(made, ISSUES)
        made.dispose()
    assert state(tmp_path, tenant) != before

    async with deployed(nats_server.url, database(tmp_path), tmp_path, tenant) as deployment:
        assert await deployment.quiet() == end
        outsider = await deployment.outsider()
        await outsider.send(SetClock(to=await _later(deployment)), "clock")
        assert await deployment.quiet() == end + 1

    assert state(tmp_path, tenant) == before


async def _later(deployment: Deployment) -> datetime:
    return instant(deployment.tenancies["issues"].fold.position.now) + timedelta(seconds=1)


async def test_a_database_of_another_log_is_refused_with_a_reason(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    async with deployed(nats_server.url, database(tmp_path), tmp_path, "mine") as deployment:
        await deployment.quiet()
    other = tmp_path / "other"
    async with deployed(nats_server.url, database(other), other, "theirs", only=("gateway",)) as deployment:
        await deployment.quiet()
        shutil.copytree(tmp_path / "issues", other / "issues", dirs_exist_ok=True)
        shutil.copy(other / "issues" / "mine.sqlite", other / "issues" / "theirs.sqlite")
    async with deployed(
        nats_server.url, database(other), other, "theirs", only=("gateway", "issues")
    ) as deployment:
        for _ in range(500):
            if deployment.tenancies["issues"].loops[0].state == "refused":
                break
            await asyncio.sleep(0.01)

        assert "does not belong to this log" in deployment.tenancies["issues"].loops[0].reason
        assert not deployment.tenancies["issues"].health().ok
