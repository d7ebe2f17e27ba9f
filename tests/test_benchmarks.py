"""Every contestant of the benchmark still runs: what is measured once in a while goes stale unseen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import NatsServer, PostgresServer

pytestmark = pytest.mark.rig
ROOT = Path(__file__).parents[1]
CONTESTANTS = {
    "ours": ["3000"], "hand": ["3000"], "naive": ["100"], "crowd": ["400", "2000"], "million": ["400"],
    "lives": ["400", "0"], "lives, the obvious way": ["100", "1"],
    "orders": ["400", "0", "2000"], "orders, the obvious way": ["100", "1", "0"],
}  # fmt: skip


@pytest.mark.parametrize("name", CONTESTANTS)
def test_a_contestant_runs(name: str, tmp_path: Path, postgres: PostgresServer) -> None:
    with NatsServer(tmp_path / "nats") as nats:
        command = [f"bench.{name.split(',')[0]}", nats.url, postgres.create("bench"), *CONTESTANTS[name]]
        done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=os.environ, capture_output=True, text=True,
                              timeout=120, check=False)  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]
    assert '"rate"' in done.stdout
