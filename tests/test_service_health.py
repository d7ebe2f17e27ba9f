"""A real `make up`: a process that cannot continue ends and is restarted, and `status` names a tenant that is not served."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from microgov.services.chassis.jetstream.connection import BrokerAddress, Bus
from tests.chassis.service_process import ROOT, eventually
from tests.support.ports import deployment_ports

pytestmark = pytest.mark.slow


class UpProcess:
    """A running `microgov up` with its own folder."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.env = {
            **os.environ,
            "MICROGOV_VAR": str(var),
            **deployment_ports(),
            "MICROGOV_STUCK_SECONDS": "3",
            "MICROGOV_LANG": "en",
        }
        self.running: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        self.var.mkdir(exist_ok=True)
        with (self.var.parent / "up.log").open("ab") as log:
            self.running = subprocess.Popen(
                self._command("up"), env=self.env, cwd=ROOT, stdout=log, stderr=log
            )

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "microgov", *arguments]

    @property
    def said(self) -> str:
        return (self.var.parent / "up.log").read_text()

    def pid(self, service: str) -> int:
        return int((self.var / "log" / f"{service}.pid").read_text())

    def status(self) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            self._command("status", "--json"), env=self.env, cwd=ROOT, capture_output=True, check=False
        )
        return done.returncode, json.loads(done.stdout or b"{}")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command against this deployment."""
        return subprocess.run(
            self._command(*arguments), env=self.env, cwd=ROOT, capture_output=True, text=True, check=False
        )

    async def delete_stream(self, stream: str) -> None:
        """Deletes a stream at the broker."""
        password = (self.var / "secrets/nats_gateway").read_text().strip()
        bus = await Bus.connect(
            BrokerAddress(f"nats://127.0.0.1:{self.env['MICROGOV_NATS_PORT']}", "gateway", password)
        )
        await bus.api(f"STREAM.DELETE.{stream}")
        await bus.close()

    def stop(self) -> None:
        if self.running is not None:
            self.running.send_signal(signal.SIGINT)
            self.running.wait(30)
            self.running = None


@pytest.fixture
def up(tmp_path: Path) -> Iterator[UpProcess]:
    made = UpProcess(tmp_path / "var")
    yield made
    made.stop()


def test_a_hanging_process_is_restarted_and_a_tenant_that_is_not_served_is_named(up: UpProcess) -> None:
    up.up()
    eventually(lambda: "Ready in" in up.said, 40, "ready")
    assert up.status()[0] == 0
    pid = up.pid("issues")

    os.kill(pid, signal.SIGSTOP)
    eventually(lambda: up.status()[0] == 1, 10, "status sees that issues does not answer")
    time.sleep(3)
    os.kill(pid, signal.SIGCONT)

    eventually(lambda: up.pid("issues") != pid, 15, "another process")
    eventually(lambda: up.status()[0] == 0, 20, "ready again")
    assert "issues: 意外退出（" in up.said

    up.stop()
    file = up.var / "matching" / "donghu.sqlite"
    file.write_bytes(b"garbage" * 80 + file.read_bytes()[560:])
    up.up()

    eventually(lambda: "Not ready yet: matching" in up.said, 60, "who is late is named")
    code, body = up.status()
    why = {(one["service"], one["tenant"]): one["why"] for one in body["services"] if not one["ready"]}
    assert code == 1
    assert not body["ready"]
    assert set(why) == {("matching", "donghu")}
    assert "file is not a database" in why["matching", "donghu"][0]


PERSON = {
    "specversion": "1.0",
    "id": "a-1",
    "source": "/desk",
    "type": "directory.register_person.v1",
    "subject": "p-1",
    "authid": "office",
    "role": "office",
    "data": {"household": "h-1", "place": "donghu"},
}


def test_a_lost_stream_is_reported_and_one_command_creates_it_again(up: UpProcess, tmp_path: Path) -> None:
    up.up()
    eventually(lambda: "Ready in" in up.said, 40, "ready")
    file = tmp_path / "message.json"
    file.write_text(json.dumps(PERSON))
    assert up.command("send", str(file), "--tenant", "donghu").returncode == 0

    asyncio.run(up.delete_stream("IN-donghu_cli"))

    eventually(lambda: up.status()[0] == 1, 10, "status sees it")
    why = {
        (one["service"], one["tenant"]): one["why"] for one in up.status()[1]["services"] if not one["ready"]
    }
    assert list(why) == [("directory", "donghu")]
    assert "Run `microgov publishers mend cli`" in why["directory", "donghu"][0]
    refused = up.command("send", str(file), "--tenant", "donghu")
    assert refused.returncode == 1
    assert "Run `microgov publishers mend cli`" in refused.stderr
    assert json.loads(up.command("publishers", "mend", "cli", "--json").stdout) == {
        "name": "cli",
        "made": ["donghu"],
    }
    assert json.loads(up.command("publishers", "mend", "cli", "--json").stdout) == {"name": "cli", "made": []}
    eventually(lambda: up.status()[0] == 0, 10, "all is ready again")
    again = up.command("send", str(file), "--tenant", "donghu", "--json").stdout.splitlines()[0]
    assert json.loads(again)["status"] == "accepted"
    assert up.command("check", "--tenant", "donghu").returncode == 0


def test_a_database_of_a_newer_version_is_named_and_the_others_go_on(up: UpProcess) -> None:
    up.up()
    eventually(lambda: "Ready in" in up.said, 40, "ready")
    up.stop()
    file = up.var / "matching" / "donghu.sqlite"
    with closing(sqlite3.connect(file)) as c, c:
        c.execute("UPDATE alembic_version SET version_num = '9999'")
    before = file.read_bytes()
    up.up()

    def why() -> dict[tuple[str, str], list[str]]:
        of_all = up.status()[1].get("services", [])
        return {(one["service"], one["tenant"]): one["why"] for one in of_all if not one["ready"]}

    eventually(lambda: list(why()) == [("matching", "donghu")], 40, "the others are ready")
    eventually(lambda: "is at revision 9999" in " ".join(why()["matching", "donghu"]), 20, "it says why")
    assert "Start that version, or restore a backup of before by `microgov restore`." in " ".join(
        why()["matching", "donghu"]
    )
    up.stop()
    assert file.read_bytes() == before
