"""A copy of a stopped deployment can be started by `make up`. A running deployment is not copied, no file is overwritten."""

import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from microgov.__main__ import run
from microgov.copying import tree
from microgov.services.gateway.accounts.credentials import Credentials
from tests.support.ports import deployment_ports, free_port

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent


def environment(var: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MICROGOV_")}
    return {**kept, **deployment_ports(), "MICROGOV_VAR": str(var)}


def microgov(env: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [str(BIN / "microgov"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


def all_is_ready(env: dict[str, str]) -> bool:
    return microgov(env, "status").returncode == 0


@contextmanager
def up(var: Path, ready: Callable[[dict[str, str]], bool] = all_is_ready) -> Iterator[dict[str, str]]:
    """Runs `microgov up` on this folder until the block ends; the block begins when it is ready."""
    env = environment(var)
    running = subprocess.Popen([str(BIN / "microgov"), "up"], env=env, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not ready(env):
            assert time.monotonic() < until
            assert running.poll() is None
        yield env
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(timeout=60)


@pytest.fixture(scope="module")
def played_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data of a stopped deployment in which a story was played."""
    var = tmp_path_factory.mktemp("lived") / "var"
    with up(var) as env:
        assert microgov(env, "demo", "vegetable-patch").returncode == 0
        refused = microgov(env, "copy", str(var.parent / "early"))
        assert refused.returncode == 1
        assert "The system is running" in refused.stderr
        assert not (var.parent / "early").exists()
    yield var


@pytest.fixture
def stopped(played_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of this data for one test."""
    shutil.copytree(played_data, tmp_path / "var")
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("MICROGOV_LANG", raising=False)
    for name in ("MICROGOV_NATS_URL", "MICROGOV_SECRETS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "var"


def copied(capsys: pytest.CaptureFixture[str], to: Path) -> dict[str, Any]:
    capsys.readouterr()
    code = run(["copy", str(to), "--json"])
    said = capsys.readouterr()
    assert said.out, said.err
    found: dict[str, Any] = json.loads(said.out)
    assert code == (0 if found["ok"] else 1)
    return found


def test_a_deployment_continues_from_its_copy(played_data: Path, tmp_path: Path) -> None:
    made = microgov(environment(played_data), "copy", str(tmp_path / "copy"), "--json")
    assert made.returncode == 0, made.stderr
    known = json.loads(made.stdout)

    with up(tmp_path / "copy") as env:
        checked = json.loads(microgov(env, "check", "--tenant", "demo", "--json").stdout)
        assert checked["ok"]
        assert checked["LOG-demo"]["messages"] == known["streams"]["LOG-demo"] > 150
        played = microgov(env, "demo", "order")
        assert played.returncode == 0, played.stdout + played.stderr
        assert microgov(env, "check", "--tenant", "demo").returncode == 0


def test_a_copy_is_identical_in_bytes_and_modes_and_its_counts_are_printed(
    stopped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = copied(capsys, stopped.parent / "deep" / "copy")

    copy = stopped.parent / "deep" / "copy"
    assert found["databases"] == 8
    assert found["findings"] == []
    assert found["files"] == len(tree.files(copy))
    quiet = lambda _: None  # noqa: E731  # prints no progress
    assert tree.digests(stopped, quiet) == tree.digests(copy, quiet)
    assert [(copy / file).stat().st_mode for file in tree.files(copy)] == [
        (stopped / file).stat().st_mode for file in tree.files(stopped)
    ]
    assert sorted(path.name for path in (stopped.parent / "deep").iterdir()) == ["copy"]


def test_a_copy_overwrites_nothing_and_cannot_be_inside_of_its_source(
    stopped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stopped.parent / "full").mkdir()
    (stopped.parent / "full" / "mine").write_text("mine")
    (stopped.parent / "empty").mkdir()

    codes = [
        run(["copy", str(to)])
        for to in (
            stopped.parent / "full",
            stopped.parent / "full" / "mine",
            stopped,
            stopped / "inside",
            stopped.parent,
        )
    ]

    assert codes == [2] * 5
    assert (stopped.parent / "full" / "mine").read_text() == "mine"
    assert run(["copy", str(stopped.parent / "empty")]) == 0
    assert "The copy is whole" in capsys.readouterr().out


def test_a_folder_without_a_deployment_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MICROGOV_VAR", str(tmp_path))

    assert run(["copy", str(tmp_path / "x")]) == 2
    assert "There is no installation in" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("holder", ["make up", "a service", "a broker"])
def test_a_running_process_is_named(holder: str, stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = {
        "make up": "import fcntl; f = open('.lock', 'w'); fcntl.flock(f, fcntl.LOCK_EX)",
        "a service": "import sqlite3; c = sqlite3.connect('issues/demo.sqlite'); c.execute('SELECT count(*) FROM lease')",
        "a broker": f"import subprocess; subprocess.Popen([{str(BIN / 'nats-server')!r}, '-c', 'nats/nats.conf'])",
    }[holder]
    made = Credentials(stopped / "nats", stopped / "secrets")
    made.write_server(port=free_port(), store_dir=str(stopped / "nats" / "store"))
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}; print(1, flush=True); input()"],
        cwd=stopped,
        process_group=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as at_work:
        assert at_work.stdout is not None
        assert at_work.stdout.readline()
        time.sleep(0.5 if holder == "a broker" else 0)

        refused = run(["copy", str(stopped.parent / "copy")])
        os.killpg(at_work.pid, signal.SIGKILL)

    said = capsys.readouterr().err
    assert refused == 1
    assert "A copy of a running system cannot be trusted" in said
    assert {"make up": "`make up`", "a service": " open", "a broker": "the broker at nats:"}[holder] in said
    assert not (stopped.parent / "copy").exists()


def test_make_up_does_not_start_during_a_copy(stopped: Path) -> None:
    from microgov.client.idle import hold_lock

    with hold_lock(stopped), (stopped / ".lock").open("w") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_faults_of_a_deployment_are_found_in_its_copy(
    stopped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = stopped / "matching/demo.sqlite"
    file.write_bytes(os.urandom(512) + file.read_bytes()[512:])
    with sqlite3.connect(stopped / "issues/demo.sqlite") as opened:
        opened.execute("UPDATE reader SET seq = 1000000 WHERE stream = 'LOG'")
    opened.close()

    found = copied(capsys, stopped.parent / "copy")

    assert not found["ok"]
    assert any("matching/demo.sqlite" in one for one in found["findings"])
    assert any("a database knows of 1000000" in one for one in found["findings"])
    shutil.rmtree(stopped.parent / "copy")
    for block in stopped.glob("nats/store/jetstream/HOUSE/streams/LOG-demo/msgs/*.blk"):
        block.write_bytes(block.read_bytes()[:-20000])
    assert not copied(capsys, stopped.parent / "copy")["ok"]


def test_a_change_during_a_copy_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    for name in ("a", "b"):
        (tmp_path / "from" / name).write_text("as it was")

    def meanwhile(_: int) -> None:
        (tmp_path / "from" / "a").write_text("changed")
        (tmp_path / "from" / "c").write_text("new")

    made = tree.copy(tmp_path / "from", tmp_path / "to", meanwhile)

    assert tree.differing_files(made, tree.digests(tmp_path / "from", lambda _: None)) == ["a", "c"]
    assert tree.differing_files(made, tree.digests(tmp_path / "to", lambda _: None)) == []


def test_a_link_is_refused(stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stopped / "nats" / "elsewhere").symlink_to("/etc")

    assert run(["copy", str(stopped.parent / "copy")]) == 1
    assert "elsewhere" in capsys.readouterr().err
    assert not (stopped.parent / "copy").exists()
