"""A broker on the files of one that does not run: it ends with whoever needs it, and says what it cannot open."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from microgov.safekeeping.private_broker import broker_on
from microgov.services.chassis.errors import Problem

NEEDS_IT = """
from pathlib import Path
from microgov.safekeeping.private_broker import broker_on
with broker_on(Path({store!r})):
    print(1, flush=True)
    input()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel of Linux alone does it")
def test_it_ends_with_the_process_that_started_it_however_that_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-c", NEEDS_IT.format(store=str(tmp_path))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as needs_it:
        assert needs_it.stdout is not None
        assert needs_it.stdout.readline() == "1\n"
        (broker,) = Path(f"/proc/{needs_it.pid}/task/{needs_it.pid}/children").read_text().split()
        started = command_of(broker)
        assert b"nats-server" in started

        needs_it.kill()

    until = time.monotonic() + 10
    while command_of(broker) == started:
        assert time.monotonic() < until
        time.sleep(0.01)


def command_of(pid: str) -> bytes:
    """The command of a process; nothing if there is none."""
    try:
        return (Path("/proc") / pid / "cmdline").read_bytes()
    except OSError:
        return b""


def test_streams_that_it_cannot_open_are_named(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("no folder")

    with (
        pytest.raises(Problem, match=r"cannot open its streams: .+ storage directory is not a directory"),
        broker_on(tmp_path / "store"),
    ):
        pass
