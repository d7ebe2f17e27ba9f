"""deploy/compose.yaml for real: built, started, both stories told, every container killed, all stopped and back."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.gateway.accounts import config
from services.gateway.secrets import make

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
LASTING = ("nats", "postgres", "gateway", "issues", "matching", "notify")


def compose(*arguments: str, check: bool = True) -> str:
    command = ["docker", "compose", "-f", str(DEPLOY / "compose.yaml"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, f"{' '.join(command)}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def microgov(*arguments: str) -> str:
    """The command line of this machine, through the published port."""
    env = {**os.environ, "MICROGOV_NATS_URL": "nats://127.0.0.1:4222", "MICROGOV_SECRETS": str(DEPLOY / "secrets"),
           "MICROGOV_PUBLISHERS": str(DEPLOY / "secrets" / "nats")}
    done = subprocess.run([sys.executable, "-m", "services", *arguments], env=env, capture_output=True, text=True,
                          check=False, cwd=ROOT)
    assert done.returncode == 0, f"microgov {' '.join(arguments)}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def state(service: str) -> tuple[int, int, str]:
    """The main process, how often it was restarted, and its health."""
    container = compose("ps", "-a", "-q", service).strip()
    done = subprocess.run(["docker", "inspect", container], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)[0]
    return found["State"]["Pid"], found["RestartCount"], found["State"].get("Health", {}).get("Status", "")


def back(service: str, restarts: int) -> bool:
    pid, count, health = state(service)
    return pid != 0 and count > restarts and health == "healthy"


def engine() -> bool:
    asked = ["docker", "info"]
    return bool(shutil.which("docker")) and subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def stack() -> Iterator[None]:
    if not engine():
        if os.environ.get("CI"):
            pytest.fail("no container engine: run this under ../shared/compose-rig/rig.sh run -- …")
        pytest.skip("no container engine at hand: run this under ../shared/compose-rig/rig.sh run -- …")
    make(DEPLOY / "secrets")
    compose("down", "-v", check=False)
    compose("build")
    compose("up", "--wait", "--wait-timeout", "180")
    yield
    print(compose("logs", "--tail", "30", check=False))
    compose("down", "-v", check=False)


def test_the_servers_configuration_is_what_the_code_generates() -> None:
    included = "accounts/accounts.conf"
    wanted = config(port=4222, store_dir="/data", host="0.0.0.0", http_port=8222, accounts_file=included)

    assert (DEPLOY / "nats" / "nats.conf").read_text().split("\n", 1)[1] == wanted


@pytest.mark.compose
def test_every_story_is_told_through_the_published_port(stack: None) -> None:
    microgov("status")
    microgov("demo", "all")
    microgov("check")


@pytest.mark.compose
@pytest.mark.parametrize("service", LASTING)
def test_a_killed_main_process_comes_back_and_nothing_is_lost(stack: None, service: str) -> None:
    pid, restarts, _ = state(service)

    os.kill(pid, signal.SIGKILL)

    until = time.monotonic() + 60
    while not back(service, restarts):
        assert time.monotonic() < until, f"{service} did not come back"
        time.sleep(0.5)
    compose("up", "--wait", "--wait-timeout", "60")
    microgov("check")


@pytest.mark.compose
def test_down_and_up_leaves_everything_as_it_was(stack: None) -> None:
    before = microgov("check")

    compose("down")
    compose("up", "--wait", "--wait-timeout", "180")

    assert microgov("check") == before
    microgov("demo", "order")
