"""The supervisor, with children that only sleep."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from microgov.local import up as supervisor
from microgov.local.supervisor import Child, ChildFailed, Children
from microgov.local.up import Up
from tests.support.ports import DEPLOYMENT, free_port
from tests.support.servers import alive, is_open

SLEEP = ("sleep", "600")


def eventually(holds: Callable[[], bool], within: float = 5.0) -> None:
    until = time.monotonic() + within
    while not holds():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.02)


class Watched:
    """A supervisor with its children, and the lines that it has reported."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self.children = Children(folder, self.said.append)

    def pid(self, name: str) -> int | None:
        process = self.children.running[name].process
        return process.pid if process is not None and process.exitcode is None else None


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    yield made
    made.children.stop()


def test_a_killed_child_is_restarted_within_two_seconds(watched: Watched) -> None:
    watched.children.start(Child("broker", SLEEP), Child("issues", SLEEP, rank=1))
    old, other, file = watched.pid("issues"), watched.pid("broker"), watched.children.logs / "issues.pid"
    assert old is not None
    old_file = file.stat().st_ino

    os.kill(old, signal.SIGKILL)
    begun = time.monotonic()
    while watched.pid("issues") in (None, old):
        watched.children.tick()
        assert time.monotonic() - begun < 2

    assert watched.pid("broker") == other
    assert int(file.read_text()) == watched.pid("issues")
    assert file.stat().st_ino != old_file  # replaced, not written over: a reader never meets half of it
    assert "issues" in watched.said[0]
    assert "-9" in watched.said[0]


def test_services_stop_first_and_the_broker_last(watched: Watched) -> None:
    watched.children.start(Child("broker", SLEEP))
    watched.children.start(Child("issues", SLEEP, rank=1), Child("notify", SLEEP, rank=1))

    watched.children.stop()

    assert [line.split(":")[0] for line in watched.said] == ["issues", "notify", "broker"]
    assert list(watched.children.logs.glob("*.pid")) == []


def test_a_child_that_will_not_stop_is_killed(watched: Watched) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); "
        "time.sleep(600)"
    )
    log = watched.children.logs / "stubborn.log"
    watched.children.start(
        Child("stubborn", (sys.executable, "-c", stubborn), ready=lambda: log.read_bytes() != b"")
    )
    pid = watched.pid("stubborn")
    assert pid is not None

    watched.children.stop(patience=0.2)

    assert not psutil.pid_exists(pid)


def test_a_child_that_dies_at_once_is_given_up_with_its_name(watched: Watched) -> None:
    with pytest.raises(ChildFailed, match="broken") as caught:
        watched.children.start(
            Child("broken", ("sh", "-c", "echo no such table; exit 3"), ready=lambda: False)
        )

    assert supervisor.last_line(caught.value.log) == "no such table"


@pytest.mark.parametrize(
    "what", ['("sleep", "600")', "main=lambda: time.sleep(600)"], ids=["commands", "forks"]
)
def test_kill_9_of_the_supervisor_leaves_no_orphans(tmp_path: Path, what: str) -> None:
    code = f"""
import time
from pathlib import Path
from microgov.local.supervisor import Child, Children
children = Children(Path({str(tmp_path)!r}), print)
children.start(Child("a", {what}), Child("b", {what}))
print(*(one.process.pid for one in children.running.values()), flush=True)
children.watch()
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2

        parent.kill()

        eventually(lambda: not any(psutil.pid_exists(pid) and alive(psutil.Process(pid)) for pid in pids))


FORKS = """
import os, signal, sys, time
from pathlib import Path
from microgov.local.supervisor import Child, ChildFailed, Children
said = []
children = Children(Path(sys.argv[1]), said.append)
def work():
    print("here", os.environ["NAME"], os.getsid(0) == os.getpid(), flush=True)
    time.sleep(600)
children.start(Child("a", main=work, env={"NAME": "a"}))
old = children.running["a"].process.pid
os.kill(old, signal.SIGKILL)
while children.running["a"].process is None or children.running["a"].process.pid == old:
    children.tick()
    time.sleep(0.01)
try:
    children.start(Child("b", main=lambda: 1 / 0, ready=lambda: False))
except ChildFailed as failed:
    print(failed.name, failed.log.read_text().strip().splitlines()[-1], flush=True)
children.stop()
print(*said, sep="; ")
"""


def test_a_forked_child_has_its_own_environment_session_and_log_and_is_restarted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FORKS, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)

    assert "here a True" in (tmp_path / "a.log").read_text()
    assert "b ZeroDivisionError: division by zero" in done.stdout
    assert "a: 意外退出（-9）" in done.stdout
    assert "b: 意外退出（1）" in done.stdout
    assert "a: 已停止 · stopped" in done.stdout


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")

    assert supervisor.main(["--var", str(tmp_path / "file" / "var")]) == 1

    said = capsys.readouterr().err
    assert "Cannot write to" in said
    assert "MICROGOV_VAR" in said


class FakeUp(Up):
    """`make up` with the real broker, but without services and tenants."""

    def service(self, name: str) -> Child:
        return Child(name, SLEEP, rank=1)

    def tenant(self, name: str, options: tuple[str, ...]) -> None:
        self.report(f"tenant {name} {options}")


def up(var: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    code = (
        f"import sys; from pathlib import Path; from tests.test_supervisor import FakeUp; "
        f"sys.exit(FakeUp(Path({str(var)!r}), {port}, {port} + 1).run())"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as one:
        try:
            yield one
        finally:
            one.kill()


def until_ready(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "ctrl-C" in line:
            break
    return lines


def test_up_starts_the_broker_prints_what_to_type_and_can_be_started_again(tmp_path: Path) -> None:
    port = free_port(1 + DEPLOYMENT)
    for _ in range(2):
        for process in up(tmp_path / "var", port):
            lines = until_ready(process)
            assert any("demo all" in line for line in lines)
            assert is_open(port)
            assert int((tmp_path / "var/log/supervisor.pid").read_text()) == process.pid
            broker = next(p for p in psutil.Process(process.pid).children() if "nats-server" in p.name())

            broker.kill()
            eventually(partial(is_open, port))
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read() if process.stdout else ""

            assert process.wait(timeout=10) == 0
            assert rest.rstrip().endswith("nats-server: 已停止 · stopped")
            assert not is_open(port)
            assert not (tmp_path / "var/log/supervisor.pid").exists()
