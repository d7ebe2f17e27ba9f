"""Helpers for the deployment of deploy/compose.yaml: the container engine, its services, and the command line in it."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
LIMIT = 10
"""Seconds after which a hanging process must end (MICROGOV_STUCK_SECONDS)."""
SERVICES = ("gateway", "issues", "matching", "notify")
LASTING = ("nats", "postgres", *SERVICES)


def compose(*arguments: str, check: bool = True) -> str:
    command = ["docker", "compose", "-f", str(DEPLOY / "compose.yaml"), *arguments]
    env = {**os.environ, "MICROGOV_STUCK_SECONDS": str(LIMIT)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, (
        f"{' '.join(command)}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    )
    return done.stdout


def microgov(*arguments: str) -> str:
    """Runs the command line of this machine, through the published port."""
    env = {**os.environ, "MICROGOV_SECRETS": str(DEPLOY / "secrets")}
    done = subprocess.run(
        [sys.executable, "-m", "microgov", *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, f"microgov {' '.join(arguments)}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def cli(
    *arguments: str, files: Path | None = None, code: int = 0, say: str | None = None, service: str = "cli"
) -> str:
    """Runs the command line of the deployment as the README describes; it must end with exit code `code`."""
    mount = ["-v", f"{files}:/files"] if files else []
    command = [
        "docker",
        "compose",
        "-f",
        str(DEPLOY / "compose.yaml"),
        "run",
        "--rm",
        "-T",
        *mount,
        service,
        *arguments,
    ]
    done = subprocess.run(command, input=say or "", capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == code, f"{' '.join(command)}: {said[-3000:]}"
    assert "Traceback" not in said, f"{' '.join(command)}: {said[-3000:]}"
    return said if code else done.stdout


def person(id: str, subject: str, kind: str, tenant: str, **data: str) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": id,
        "source": "/me",
        "type": f"directory.{kind}.v1",
        "subject": subject,
        "authid": "office",
        "data": {**data, "place": tenant},
    }


def state(service: str) -> tuple[int, int, str]:
    """The id of the main process, how often the container was restarted, and its health."""
    container = compose("ps", "-a", "-q", service).strip()
    done = subprocess.run(["docker", "inspect", container], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)[0]
    return found["State"]["Pid"], found["RestartCount"], found["State"].get("Health", {}).get("Status", "")


def restarted_and_healthy(service: str, restarts: int) -> bool:
    pid, count, health = state(service)
    return pid != 0 and count > restarts and health == "healthy"


def healths() -> dict[str, str]:
    """The health of each service, as the container engine reports it."""
    return {service: state(service)[2] for service in SERVICES}


def until_all_are(health: str, seconds: float) -> None:
    """Waits until every service has this health; `up --wait` gives up at the first service that is not healthy yet."""
    until = time.monotonic() + seconds
    while (found := healths()) != dict.fromkeys(SERVICES, health):
        assert time.monotonic() < until, found
        time.sleep(1)


def engine() -> bool:
    asked = ["docker", "info"]
    return (
        bool(shutil.which("docker"))
        and subprocess.run(asked, capture_output=True, check=False).returncode == 0
    )


def no_secrets() -> None:
    """Removes the secrets, as in a fresh clone; those of removed volumes are of no use any more."""
    for path in (DEPLOY / "secrets").iterdir():
        if path.name != ".gitignore":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def main_process(service: str) -> psutil.Process:
    """The process of the service: the first one of the container only reaps child processes."""
    first = psutil.Process(state(service)[0])
    return next(
        (one for one in first.children(recursive=True) if "faststream" in " ".join(one.cmdline())), first
    )
