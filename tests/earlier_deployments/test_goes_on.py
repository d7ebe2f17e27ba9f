"""The present services start on the databases and the log of an earlier deployment, and continue with it.

A new fold of its log gives the same events and rows. `make.py` explains what an archive contains and how it is made.
"""

import asyncio
import json
import os
import shutil
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nats
import psycopg
import pytest
import sqlalchemy as sa
from rich.console import Console

from microgov.__main__ import run
from microgov.client import simulated_clock
from microgov.client.connection import connection_settings
from microgov.client.publisher import Client
from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.contracts.log import DiscardMessage
from microgov.contracts.message import Envelope, Message
from microgov.contracts.notify import DeliveryFailed
from microgov.contracts.registry import every_message
from microgov.contracts.subjects import in_subject
from microgov.contracts.validation.incoming import incoming
from microgov.demo.player import Player
from microgov.folds import FOLDS
from microgov.local.up import TENANTS
from microgov.services.chassis.log import Stored
from microgov.services.chassis.recording.recording import Recording
from microgov.services.chassis.replay.digest import digest
from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.replay.replay import check
from microgov.services.chassis.store.engine import engine
from microgov.services.gateway.model import Matter
from microgov.stories.catalogue import STORIES
from microgov.stories.story import Step, Story
from microgov.text.sentences import Sentence
from tests.earlier_deployments.make import running
from tests.support.ports import deployment_ports
from tests.support.servers import PostgresServer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EARLIER_DEPLOYMENTS = sorted(Path(__file__).parent.glob("*.tar.xz"))


class EarlierDeployment(NamedTuple):
    """An unpacked archive, on which the present services run; `left` is its `house.json`."""

    left: dict[str, Any]
    database: str

    def next(self, tenant: str) -> list[dict[str, Any]]:
        """The step that comes next for each entity that was left open."""
        return [one for one in self.left["next"] if one["tenant"] == tenant]


@pytest.fixture(
    params=[(file, database) for file in EARLIER_DEPLOYMENTS for database in ("sqlite", "postgresql")],
    ids=lambda pair: f"{pair[0].name.split('.')[0]}-{pair[1]}",
)
def deployment(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EarlierDeployment]:
    file, database = request.param
    with tarfile.open(file) as archive:
        archive.extractall(tmp_path, filter="data")
    var, ports = tmp_path / "var", tuple(deployment_ports().values())
    monkeypatch.setenv("MICROGOV_VAR", str(var))
    monkeypatch.delenv("MICROGOV_LANG", raising=False)
    left = json.loads((tmp_path / "house.json").read_text())
    url, command = (
        f"sqlite:///{var}/{{service}}/{{tenant}}.sqlite",
        ["-m", "microgov", "up", "--nats-port", ports[0], "--health-port", ports[1]],
    )
    if database == "postgresql":
        url = load_dumps(request.getfixturevalue("postgres"), tmp_path / "postgresql")
        for service in ("gateway", "issues", "matching", "notify"):
            shutil.rmtree(var / service)
        command = ["-m", "tests.earlier_deployments.on_postgres", "up", str(var), *ports, url]
    with running([sys.executable, *command], ROOT, dict(os.environ)):
        yield EarlierDeployment(left, url)


def load_dumps(postgres: PostgresServer, dumps: Path) -> str:
    """Creates a database from each dump, and returns their URL with {service} and {tenant}."""
    for file in dumps.glob("*.sql"):
        url = postgres.create(f"before_{file.stem}")
        with psycopg.connect(url.replace("+psycopg", "", 1)) as c:
            c.execute(file.read_bytes())
    return postgres.url("before_{service}_{tenant}")


def test_an_earlier_deployment_continues_with_the_present_code(
    deployment: EarlierDeployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["status", "--wait", "30"]) == 0, capsys.readouterr()
    for tenant in TENANTS:
        assert run(["check", "--tenant", tenant]) == 0, capsys.readouterr()
        asyncio.run(check_same_as_log(deployment, tenant))
        asyncio.run(check_next_steps(deployment, tenant))
    check_followed_matters(deployment)
    asyncio.run(check_quarantined_message(deployment.left["quarantined"]))
    asyncio.run(check_publisher(deployment.left["publisher"]))
    for tenant in TENANTS:
        assert run(["check", "--tenant", tenant]) == 0, capsys.readouterr()
        asyncio.run(check_same_as_log(deployment, tenant))
    assert run(["status", "--wait", "30"]) == 0, capsys.readouterr()


def check_followed_matters(deployment: EarlierDeployment) -> None:
    """Asserts that the gateway has derived from the log which publisher created which issue."""
    directory = engine(deployment.database.format(service="gateway", tenant="demo"))
    with directory.connect() as c:
        begun = c.execute(sa.select(sa.func.count()).where(Matter.kind == "issue")).scalar_one()
    directory.dispose()
    assert begun > 20


async def check_same_as_log(deployment: EarlierDeployment, tenant: str) -> None:
    """Asserts that a fold by the present code gives exactly the events of the log and the rows of the databases."""
    every_message()
    async with Client(connection_settings(), tenant) as client:
        end, digests = await at_rest(client, deployment)
        found: list[Stored] = []
        async for stored in client.raw_log():
            found.append(stored)
            if stored.seq >= end:
                break
    recording = Recording(tenant, tuple(found), {})
    for service in FOLDS:
        memory = engine("sqlite://")
        prepare(memory, service)
        assert check(service, recording, memory) is None
        with memory.connect() as c:
            assert digests[service.name] == digest(c, service), f"{service.name}/{tenant}"


async def at_rest(client: Client, deployment: EarlierDeployment) -> tuple[int, dict[str, str]]:
    """The end of the log and every service's digest there; with a real clock a message can arrive at any time."""
    for _ in range(20):
        end, digests = await client.settle(), dict[str, str]()
        for service in FOLDS:
            home = "gateway" if service.name == "directory" else service.name
            made = engine(deployment.database.format(service=home, tenant=client.tenant))
            with made.connect() as c:
                digests[service.name] = digest(c, service)
            made.dispose()
        if await client.end() == end:
            return end, digests
    raise AssertionError(f"{client.tenant} does not come to rest")


class WatchingPlayer(Player):
    """Notes the type of the event that each step leads to, by id of the step."""

    def __init__(self, client: Client) -> None:
        super().__init__(client, Console(quiet=True))
        self.effects: dict[str, str] = {}

    def _effect(self, step: Step, effect: Envelope[Message]) -> None:
        super()._effect(step, effect)
        self.effects[step.id] = effect.type


async def check_next_steps(deployment: EarlierDeployment, tenant: str) -> None:
    """Asserts that every next step has the effect noted in the archive; then plays a story."""
    wanted = deployment.next(tenant)
    async with Client(connection_settings(), tenant) as client:
        player, end = WatchingPlayer(client), await client.end()
        await player.play(Story("on", Sentence("", ""), "on", [step(one) for one in wanted]))
        assert player.effects == {one["id"]: one["effect"] for one in wanted}
        if tenant == "demo":
            await player.play(STORIES["order"].make("now", await simulated_clock.now(client), tenant))
            kept = await client.ask(
                "issues", issues.ReadHouseholdFile(household="all9-h5", by="all9-fed", why="care")
            )
            assert kept["entries"]
        else:  # the reporter of the accepted issue has a webhook at an address where nothing listens
            await wait_for_event(client, end, DeliveryFailed.TYPE)


def step(one: dict[str, Any]) -> Step:
    """The step of a story that `leave_in_real_time.step_as_json` wrote."""
    kind = next(m for m in every_message() if one["type"] == m.TYPE)
    message = kind.model_validate_json(json.dumps(one["data"]))
    return Step(
        Sentence(one["id"], one["id"]),
        message,
        one["subject"],
        one["by"],
        one["role"],
        one["on_behalf_of"],
        id=one["id"],
        sealed=one["sealed"],
    )


async def wait_for_event(client: Client, after: int, kind: str, containing: str = "") -> None:
    """Waits at most 15 seconds for an event of this type behind that sequence of the log."""
    async with asyncio.timeout(15):
        async for stored, _ in client.log(after):
            if stored.subject.endswith(f".{kind}") and containing in stored.data.decode():
                return


async def check_quarantined_message(left: dict[str, Any]) -> None:
    """Discards the quarantined message, and asserts that the command held behind it has its effect."""
    async with Client(connection_settings(), left["tenant"]) as client:
        receipt = await client.send(DiscardMessage(service="issues", stream_seq=left["seq"]), role="operator")
        after = (receipt.log_seq or 1) - 1
        await wait_for_event(client, after, issues.IssueCosigned.TYPE, left["held"])


async def check_publisher(portal: dict[str, str]) -> None:
    """Connects a program with its secret from the archive, and asserts that its message is accepted."""
    nc = await nats.connect(connection_settings().nats_url, user=portal["name"], password=portal["secret"])
    try:
        issue = issues.SubmitIssue(title="路灯", text="又不亮了。", place="all0-yuan", channel="app")
        raw = incoming(issue, id="portal-1", source="/portal", authid="all0-wang", role=Role.RESIDENT)
        await nc.request(in_subject(portal["name"], "demo", issue.TYPE), raw, timeout=5)
    finally:
        await nc.close()
    async with Client(connection_settings(), "demo") as client:
        await wait_for_event(client, 0, issues.IssueSubmitted.TYPE, "portal-1")
