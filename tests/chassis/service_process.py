"""A service process, started as users start it, its /health, and a tenant's log with messages for it."""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from microgov.contracts.fields import Role
from microgov.contracts.ids import MESSAGE_NAMESPACE, message_id
from microgov.contracts.issues import SubmitIssue
from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.messages.stamp import Input, Sender, stamp_input
from tests.support.deployment import deployed
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
FAILING_APP = "tests.chassis.failing_service:make_app"


def eventually(holds: Callable[[], bool], within: float, what: str) -> None:
    until = time.monotonic() + within
    while not holds():
        assert time.monotonic() < until, f"not within {within} s: {what}"
        time.sleep(0.05)


@dataclass
class Process:
    """`faststream run` of a factory; `start` can be called again, as a supervisor would."""

    folder: Path
    environment: dict[str, str]
    factory: str = FAILING_APP
    port: int = field(default_factory=free_port)
    running: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.folder / "service.log").read_text()

    def start(self) -> Self:
        command = [
            sys.executable,
            "-m",
            "faststream",
            "run",
            "--factory",
            self.factory,
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        env = {**os.environ, **self.environment, "SICK": str(self.folder / "sick"), "PYTHONUNBUFFERED": "1"}
        with (self.folder / "service.log").open("ab") as log:
            self.running = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log)
        return self

    def health(self) -> tuple[int, dict[str, Any]]:
        """Status and body of /health; status 0 if nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)
        except OSError:
            return 0, {}

    def is_ready(self) -> bool:
        status, body = self.health()
        return status == 200 and bool(body["ready"])

    def ready(self, within: float = 20.0) -> Self:
        eventually(self.is_ready, within, f"ready: {self.health()}")
        return self

    def wait_until_unhealthy(self, why: str, within: float = 20.0) -> None:
        """Waits until /health has status 503 and contains `why`."""
        eventually(
            lambda: self.health()[0] == 503 and why in json.dumps(self.health()[1], ensure_ascii=False),
            within,
            f"{why}: {self.health()}",
        )

    def ended(self, within: float) -> int:
        assert self.running is not None
        return self.running.wait(within)

    def kill(self) -> None:
        if self.running is not None and self.running.poll() is None:
            self.running.kill()
            self.running.wait()


@dataclass
class Tenant:
    """A tenant with reference data; issues are appended directly to its log, as an older gateway might have done."""

    url: str
    name: str
    said: int = 0

    async def submit(self, *titles: str) -> None:
        """Appends an issue i-1, i-2, … with each of the titles."""
        log = JetStreamLog(await Bus.connect(BrokerAddress(self.url)), self.name)
        last = await log.last("legacy")
        rows = []
        for title in titles:
            self.said += 1
            given = Input(
                SubmitIssue(title=title, text="x", place=self.name, channel="app"),
                f"i-{self.said}",
                message_id(MESSAGE_NAMESPACE, f"{self.name}/{self.said}"),
                datetime.now(UTC),
                Sender("p-1", "app_user", Role.RESIDENT, self.name),
            )
            rows.append(stamp_input(self.name, "legacy", given).numbered(self.said))
        await log.append("legacy", rows, last.seq if last is not None else 0)
        await log.close()

    async def wait_for_event(self, subject: str, what: str = "issue_submitted", within: float = 10.0) -> None:
        """Waits until the service has emitted this event about an issue."""
        async with asyncio.timeout(within):
            while what not in await self.events_about(subject):  # noqa: ASYNC110  # the service is another process
                await asyncio.sleep(0.1)

    async def events_about(self, subject: str) -> list[str]:
        """The names of the service's events about an issue."""
        log = JetStreamLog(await Bus.connect(BrokerAddress(self.url)), self.name)
        end, reader = await log.end(), await log.read(0, None)
        found = []
        while reader.taken < end:
            for stored in await reader.batch(1000, 2.0):
                body = json.loads(stored.data)
                if body["subject"] == subject and body["writer"] == "issues":
                    found.append(body["type"].split(".")[1])
        await log.close()
        return found


async def tenant(url: str, database: str, folder: Path, name: str) -> Tenant:
    """Sets up a tenant whose first messages the directory has folded."""
    async with deployed(url, database, folder, name, simulated=False, only=("gateway",)) as deployment:
        await deployment.quiet()
    return Tenant(url, name)


def files(folder: Path) -> str:
    """The database URL of SQLite files in this folder, with {service} and {tenant}."""
    return f"sqlite:///{folder}/{{service}}/{{tenant}}.sqlite"
