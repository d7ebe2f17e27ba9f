"""`microgov backup create --stopped`: of an installation that was ended or killed; nothing may run on it meanwhile."""

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from microgov.client.idle import hold_lock
from microgov.services.gateway.accounts.credentials import Credentials
from tests.commands.installation import BIN, copied, environment, kill, microgov, up_with_key
from tests.support.ports import free_port

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data of an installation that was killed after a story. A backup was made while it ran."""
    var = tmp_path_factory.mktemp("lived") / "var"
    with up_with_key(var) as env:
        assert microgov(env, "demo", "first").returncode == 0
        running = microgov(env, "backup", "create", "--stopped")
        assert running.returncode == 1
        assert "The system is running: its `make up`" in running.stderr
        assert microgov(env, "backup", "create").returncode == 0
        kill(var)
    yield var


@pytest.fixture
def env(killed: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of commands on a copy of this data."""
    return copied(killed, tmp_path)


def create(env: dict[str, str], *options: str) -> "subprocess.CompletedProcess[str]":
    return microgov(env, "backup", "create", "--stopped", *options)


def test_it_holds_what_a_backup_of_the_running_system_holds(env: dict[str, str], tmp_path: Path) -> None:
    made = create(env, "--json")
    assert made.returncode == 0, made.stderr

    *_, before, after = json.loads(microgov(env, "backup", "list", "--json").stdout)
    assert json.loads(made.stdout)["backup"] == after["backup"]
    for name, stream in before["streams"].items():
        assert after["streams"][name]["parts"] == stream["parts"] or not name.startswith("LOG-")
        assert after["streams"][name]["end"] >= stream["end"]
    for name, database in before["databases"].items():
        assert after["databases"][name]["rows"].keys() == database["rows"].keys()
    verified = microgov(env, "backup", "verify", "--key", str(tmp_path / "my.key"), "--json")
    assert json.loads(verified.stdout)["ok"], verified.stdout
    assert (tmp_path / "var" / "issues" / "demo.sqlite").exists()


@pytest.mark.parametrize("holder", ["make up", "a service", "a broker"])
def test_what_runs_is_named_and_no_backup_is_made(holder: str, env: dict[str, str], tmp_path: Path) -> None:
    var, before = tmp_path / "var", microgov(env, "backup", "list", "--json").stdout
    code = {
        "make up": "import fcntl; f = open('.lock', 'w'); fcntl.flock(f, fcntl.LOCK_EX)",
        "a service": "import sqlite3; c = sqlite3.connect('issues/demo.sqlite'); c.execute('SELECT count(*) FROM lease')",
        "a broker": f"import subprocess; subprocess.Popen([{str(BIN / 'nats-server')!r}, '-c', 'nats/nats.conf'])",
    }[holder]
    made = Credentials(var / "nats", var / "secrets")
    made.write_server(port=free_port(), store_dir=str(var / "nats" / "store"))
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}; print(1, flush=True); input()"],
        cwd=var,
        process_group=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as at_work:
        assert at_work.stdout is not None
        assert at_work.stdout.readline()
        time.sleep(0.5 if holder == "a broker" else 0)

        refused = create(env)
        os.killpg(at_work.pid, signal.SIGKILL)

    assert refused.returncode == 1
    assert "The system is running" in refused.stderr
    assert {"make up": "`make up`", "a service": " open", "a broker": " open"}[holder] in refused.stderr
    assert microgov(env, "backup", "list", "--json").stdout == before


def test_make_up_does_not_start_meanwhile(env: dict[str, str], tmp_path: Path) -> None:
    var = tmp_path / "var"
    with hold_lock(var), (var / ".lock").open("w") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_where_there_is_nothing_nothing_is_made(tmp_path: Path) -> None:
    env = environment(tmp_path / "var")

    refused = create(env)

    assert refused.returncode == 2
    assert "There is no installation in" in refused.stderr
    assert not (tmp_path / "var").exists()
    compose = create({**env, "MICROGOV_COMPOSE": "true"})
    assert "up --detach --wait nats postgres" in compose.stderr


def test_what_is_damaged_is_named_and_no_backup_is_made(env: dict[str, str], tmp_path: Path) -> None:
    before = microgov(env, "backup", "list", "--json").stdout
    with sqlite3.connect(tmp_path / "var" / "issues" / "demo.sqlite") as opened:
        opened.execute("UPDATE reader SET seq = 1000000 WHERE stream = 'LOG'")
    opened.close()
    lost = create(env)
    assert lost.returncode == 1
    assert "the database issues/demo knows of 1000000" in lost.stderr

    file = tmp_path / "var" / "matching" / "demo.sqlite"
    file.write_bytes(os.urandom(512) + file.read_bytes()[512:])
    damaged = create(env)
    assert damaged.returncode == 1
    assert "matching/demo" in damaged.stderr
    assert "Traceback" not in damaged.stderr
    assert microgov(env, "backup", "list", "--json").stdout == before
