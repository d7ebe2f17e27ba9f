"""Only the owner may read the files of a deployment: household files, keys, secrets, the log."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.earlier_deployments.make import running
from tests.support.ports import deployment_ports

ROOT = Path(__file__).parents[1]
FOR_THE_SERVER = ("publishers.toml", "accounts.conf", "nats.conf")
"""Hold no secret; where containers read them, their mode is what it has to be."""


@pytest.fixture
def loose() -> Iterator[None]:
    """Sets a umask that lets others read, as on most machines."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def others_may(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) & 0o077


@pytest.mark.slow
def test_only_the_owner_may_read_files_of_make_up_and_of_commands(loose: None, tmp_path: Path) -> None:
    var = tmp_path / "var"
    (var / "issues").mkdir(parents=True)
    env = {**os.environ, "MICROGOV_VAR": str(var), **deployment_ports()}
    microgov = [sys.executable, "-m", "microgov"]
    assert others_may(var)

    with running([*microgov, "up"], ROOT, env):
        subprocess.run(
            [*microgov, "log", "record", str(var.parent / "made.ndjson"), "--tenant", "demo"],
            cwd=ROOT,
            env=env,
            check=True,
            capture_output=True,
        )
        made = [path for path in var.rglob("*") if path.is_file() and path.name not in FOR_THE_SERVER]
        open_to_others = [str(path.relative_to(var)) for path in made if others_may(path)]

    assert others_may(var) == 0
    assert others_may(tmp_path / "made.ndjson") == 0
    assert open_to_others == []
    assert {".sqlite", ".sqlite-wal", ".blk", ".log"} <= {path.suffix for path in made}


def test_containers_can_read_their_secrets_with_any_umask(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "microgov", "secrets", "make", str(tmp_path / "secrets")],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )

    assert others_may(tmp_path / "secrets") == 0
    assert stat.S_IMODE((tmp_path / "secrets" / "nats").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "secrets" / "nats" / "accounts.conf").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "secrets" / "nats_gateway").stat().st_mode) == 0o444
