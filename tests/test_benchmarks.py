"""Every program of the benchmark still runs: code that is rarely measured breaks unnoticed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.accounts import broker
from tests.earlier_deployments.make import running
from tests.support.ports import deployment_ports
from tests.support.servers import PostgresServer

pytestmark = pytest.mark.rig
ROOT = Path(__file__).parents[1]
CONTESTANTS = {
    "ours": ["3000"],
    "handwritten": ["3000"],
    "naive": ["100"],
    "message_cost": ["400", "2000"],
    "million_votes": ["400"],
    "issue_lives": ["400", "0"],
    "issue_lives, the obvious way": ["100", "1"],
    "order_lives": ["400", "0", "2000"],
    "order_lives, the obvious way": ["100", "1", "0"],
}


@pytest.mark.parametrize("name", CONTESTANTS)
def test_a_contestant_runs(name: str, tmp_path: Path, postgres: PostgresServer) -> None:
    with broker(tmp_path, plain=name == "message_cost") as nats:
        done = ended(name.split(",")[0], nats.url, postgres.create("bench"), *CONTESTANTS[name])

    assert '"rate"' in done


def test_ours_and_the_handwritten_pipeline_answer_the_same_messages(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    said = []
    for name in ("ours", "handwritten"):
        with broker(tmp_path / name, plain=False) as nats:
            said.append(json.loads(ended(name, nats.url, postgres.create("bench"), "3000"))["said"])

    assert said == [3000, 3000]


def ended(name: str, *arguments: str) -> str:
    """What it printed."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_delay_from_the_gateway_to_the_inbox_is_measured_in_a_whole_deployment(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    var, ports = str(tmp_path / "var"), deployment_ports().values()
    command = [
        "tests.earlier_deployments.on_postgres",
        "up",
        var,
        *ports,
        postgres.url("bench_{service}_{tenant}"),
    ]

    with running([sys.executable, "-m", *command], ROOT, dict(os.environ)):
        found = json.loads(ended("latency", var, "1", "100"))

    assert found["peak"] > 0
    for rate in ("at 50/s", "at half of the peak"):
        assert 0 < found[rate]["p50"] <= found[rate]["p99"] <= found[rate]["most"]
        assert found[rate]["commands"] > 10
