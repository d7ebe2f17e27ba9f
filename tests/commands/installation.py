"""An installation of `make up` in a folder of its own, and the commands that are typed for it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ports import deployment_ports

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


@contextmanager
def up_with_key(var: Path) -> Iterator[dict[str, str]]:
    """Like `up`, with a key for backups, whose private half is `my.key` beside the folder.

    The first backup by itself is due as it starts, so that the newest is the one that the caller makes.
    """
    (var / "secrets").mkdir(parents=True)
    assert microgov(environment(var), "backup", "key", str(var.parent / "my.key")).returncode == 0
    with up(var) as env:
        yield env


def kill(var: Path) -> None:
    """Kills `make up` of this folder, and with it everything that it runs."""
    os.kill(int((var / "log" / "supervisor.pid").read_text()), signal.SIGKILL)


def copied(var: Path, folder: Path) -> dict[str, str]:
    """The environment of commands on a copy of the data, beside which the private key `my.key` lies."""
    shutil.copytree(var, folder / "var")
    shutil.copy(var.parent / "my.key", folder / "my.key")
    return environment(folder / "var") | {"MICROGOV_LANG": "en"}
