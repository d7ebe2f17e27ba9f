"""A machine with a wrong clock: the real application, started as users start it, sees another time than the broker.

Only the system time is wrong, not the monotonic clock.
"""

import asyncio
import os
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from microgov.client.publisher import Client
from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.log import ConfirmClock
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import recorded_in
from microgov.services.chassis.recording.audit import check_log
from microgov.services.chassis.runtime.settings import Settings
from tests.chassis.service_process import ROOT, Process, tenant
from tests.support.servers import NatsServer, PostgresServer

pytestmark = pytest.mark.slow

HOURS = 3600
SOURCE = Path(__file__).with_name("wrong_clock.c")
if shutil.which("cc") is None and not os.environ.get("CI"):
    pytest.skip("needs a C compiler, for a library of fifty lines", allow_module_level=True)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shared library that makes a process see another time."""
    made = tmp_path_factory.mktemp("clock") / "wrong_clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(made), str(SOURCE)], check=True)
    return made


class Machine:
    """A machine whose services see a clock that is fast by a number of seconds."""

    def __init__(self, folder: Path, url: str, database: str, library: Path) -> None:
        self.folder, self.url, self.fast = folder, url, folder / "fast"
        self.settings = Settings(nats_url=url, database=database, tenants=folder / "tenants.toml")
        self.env = {
            "MICROGOV_NATS_URL": url,
            "MICROGOV_DATABASE": database,
            "MICROGOV_TENANTS": str(folder / "tenants.toml"),
            "LD_PRELOAD": str(library),
            "FAST": str(self.fast),
        }
        self.made: list[Process] = []
        self.set(0)

    def set(self, seconds: int) -> None:
        with self.fast.open("r+b" if self.fast.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))

    def start(self, service: str = "gateway") -> Process:
        self.made.append(Process(self.folder, self.env, f"microgov.services.{service}.app:make_app").start())
        return self.made[-1]

    def stop(self, process: Process) -> None:
        assert process.running is not None
        process.running.terminate()
        assert process.ended(15) in (0, -signal.SIGTERM)

    @asynccontextmanager
    async def client(self, name: str) -> AsyncIterator[Client]:
        async with Client(self.settings, name) as client:
            yield client


@pytest.fixture
def machine(nats_server: NatsServer, tmp_path: Path, library: Path) -> Iterator[Machine]:
    made = Machine(tmp_path, nats_server.url, f"sqlite:///{tmp_path}/{{service}}/{{tenant}}.sqlite", library)
    yield made
    for one in made.made:
        one.kill()


async def audit_findings(machine: Machine, client: Client) -> list[str]:
    return (await check_log(JetStreamLog(client.bus, client.tenant))).findings


async def test_time_does_not_go_back_at_a_restart_and_an_expired_role_stays_expired(machine: Machine) -> None:
    await tenant(machine.url, machine.settings.database, machine.folder, "back")
    machine.set(2 * HOURS)
    process = machine.start()
    process.wait_until_unhealthy("7200 s ahead of the broker's")
    lamp = issues.SubmitIssue(title="路灯", text="不亮", place="back", channel="app")
    until = datetime.now(UTC) + timedelta(hours=1)

    async with machine.client("back") as client:
        await client.ask("directory", ConfirmClock())
        await client.ask("directory", ConfirmClock())
        process.ready()
        registered = directory.RegisterPerson(household="h", place="back")
        for message in (registered, directory.GrantRole(role=Role.RESIDENT, place="back", until=until)):
            assert (await client.send(message, "p-1", by="office")).code is None
        assert (await client.send(lamp, by="p-1")).code == "role_missing"
        machine.stop(process)

        machine.set(0)
        process = machine.start().ready()
        again = await client.send(lamp, by="p-1")
        more = await client.send(registered, "p-2", by="office")

        assert (again.code, more.code) == ("role_missing", None)
        assert await audit_findings(machine, client) == []
        health = await client.health("directory")
    assert health is not None
    assert health.stands_until is not None
    assert timedelta(hours=1.9) < health.stands_until - datetime.now(UTC) < timedelta(hours=2.1)


async def test_the_first_messages_of_a_tenant_have_no_future_time(machine: Machine) -> None:
    machine.set(2 * HOURS)
    settings = {
        "MICROGOV_SECRETS": str(machine.folder / "none"),
        "MICROGOV_PUBLISHERS": str(machine.folder / "none"),
    }
    command = [sys.executable, "-m", "microgov", "tenant", "add", "early"]

    adding = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **machine.env, **settings}, cwd=ROOT
    )
    assert await adding.wait() == 0

    now = datetime.now(UTC)
    async with machine.client("early") as client:
        stamped, end = list[datetime](), await client.end()
        async for stored in client.raw_log():
            stamped.append(recorded_in(stored))
            if stored.seq == end:
                break
    assert len(stamped) > 10
    assert all(now - timedelta(minutes=1) < at <= now for at in stamped)


def states(process: Process) -> tuple[str, str]:
    """The states of the door and of the timekeeper."""
    loops = {one["name"]: one["state"] for one in process.health()[1]["tenants"]["directory/leap"]["loops"]}
    return loops["door/leap"], loops["time-directory/leap"]


async def test_a_clock_that_jumps_stamps_nothing_until_it_is_right_again(machine: Machine) -> None:
    await tenant(machine.url, machine.settings.database, machine.folder, "leap")
    process, registered = machine.start().ready(), directory.RegisterPerson(household="h", place="leap")

    async with machine.client("leap") as client:
        end = await client.end()
        for seconds in (HOURS, -HOURS):
            machine.set(seconds)
            process.wait_until_unhealthy(f"it has leapt by {HOURS} s {'forward' if seconds > 0 else 'back'}")
            asked = asyncio.create_task(client.send(registered, f"p{seconds}", by="office"))
            await asyncio.sleep(2)
            assert not asked.done()
            assert await client.end() == end
            async with asyncio.timeout(20):
                while states(process) != ("waiting", "waiting"):  # noqa: ASYNC110  # another process changes it
                    await asyncio.sleep(0.1)

            machine.set(0)
            process.ready()
            receipt = await asked
            assert receipt.code is None
            assert await client.reaction(receipt, 10.0) is not None
            end = await client.end()


async def test_a_jump_of_the_clock_is_remembered_over_a_restart_until_it_is_confirmed(
    machine: Machine,
) -> None:
    await tenant(machine.url, machine.settings.database, machine.folder, "outlasts")
    process, registered = machine.start().ready(), directory.RegisterPerson(household="h", place="outlasts")

    async with machine.client("outlasts") as client:
        machine.set(HOURS)
        process.wait_until_unhealthy("has leapt")
        await asyncio.sleep(1)
        machine.stop(process)
        process = machine.start()
        process.wait_until_unhealthy("has leapt")  # a restart makes a wrong clock no better
        answer = await client.ask("directory", ConfirmClock())
        assert [(one["witness"], one["seconds"] // 60) for one in answer["differences"]] == [("broker", 60)]
        process.ready()
        machine.stop(process)
        process = machine.start().ready()
        assert (await client.send(registered, "p-late", by="office")).code is None

        machine.set(2 * HOURS)
        process.wait_until_unhealthy("has leapt")  # a further leap asks again
        machine.set(0)
        process.ready()  # and now the broker agrees
        machine.stop(process)
        assert await audit_findings(machine, client) == []


async def test_a_process_whose_clock_is_in_doubt_waits_and_does_not_end(machine: Machine) -> None:
    await tenant(machine.url, machine.settings.database, machine.folder, "waits")
    machine.set(HOURS)
    machine.env["NOBODY"] = "3"
    process = Process(machine.folder, machine.env).start()
    machine.made.append(process)
    process.wait_until_unhealthy("3600 s ahead of the broker's")

    await asyncio.sleep(6)

    process.wait_until_unhealthy("3600 s ahead of the broker's", within=1)
    machine.set(0)
    process.ready()


async def test_a_clock_that_differs_from_the_databases_is_reported(
    nats_server: NatsServer, postgres: PostgresServer, tmp_path: Path, library: Path
) -> None:
    postgres.create("gateway_apart")
    machine = Machine(tmp_path, nats_server.url, postgres.url("{service}_apart"), library)
    await tenant(machine.url, machine.settings.database, tmp_path, "apart")
    machine.set(-HOURS)
    process = machine.start()
    try:
        process.wait_until_unhealthy("it is 3600 s behind the broker's; it is 3600 s behind the database's")
    finally:
        process.kill()
