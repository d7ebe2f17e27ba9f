"""P7: the time from `make up` until the first command is accepted.

*Clean* is the first start of a new checkout, with packages in pip's cache; *warm* is every later start.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.ports import deployment_ports

ROOT = Path(__file__).parents[1]
COMMAND = """{"specversion":"1.0","id":"bench-%d","source":"/bench","type":"directory.define_place.v1","subject":"bench-%d",
"authid":"office","data":{"kind":"community","name":"东湖苑","parent":"demo"}}"""


def start_times(rounds: int) -> dict[str, list[float]]:
    """The seconds of `rounds` warm starts and of one clean start, which installs everything."""
    with tempfile.TemporaryDirectory() as folder:
        checkout, var = Path(folder) / "microgov", Path(folder) / "var"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(checkout)], check=True)
        clean = _seconds_until_accepted(checkout, var, 0)
        warm = [_seconds_until_accepted(checkout, var, n + 1) for n in range(rounds)]
        shutil.rmtree(var, ignore_errors=True)
    return {"warm": warm, "clean": [clean]}


def _seconds_until_accepted(checkout: Path, var: Path, n: int) -> float:
    """Runs `make up` in the checkout, sends a command with the number `n`, and ends `make up` again."""
    env = {
        **os.environ,
        "MICROGOV_VAR": str(var),
        **deployment_ports(),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    began = time.perf_counter()
    running = subprocess.Popen(
        ["make", "up"], cwd=checkout, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert running.stdout is not None
        for line in running.stdout:
            if "Ready in" in line:
                break
        command = [str(checkout / ".venv/bin/microgov"), "send", "-", "--tenant", "demo"]
        client = {
            **env,
            "MICROGOV_NATS_URL": f"nats://127.0.0.1:{env['MICROGOV_NATS_PORT']}",
            "MICROGOV_SECRETS": f"{var}/secrets",
        }
        sent = COMMAND.replace("%d", str(n))
        subprocess.run(
            command, input=sent, text=True, env=client, cwd=checkout, check=True, capture_output=True
        )
        return round(time.perf_counter() - began, 2)
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.wait(timeout=30)
