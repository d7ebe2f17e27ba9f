"""Backups under compose, and an installation that is restored from one by deploy/restore.sh."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.compose.engine import DEPLOY, cli, compose, microgov, no_secrets


@pytest.mark.compose
def test_backups_are_made_by_hand_and_by_themselves(stack: None, tmp_path: Path) -> None:
    assert "Run `microgov backup key FILE`" in cli("status")
    cli("backup", "key", "my.key", files=tmp_path)
    until = time.monotonic() + 120
    while "backup:" in cli("status"):  # until one was made by itself, and verified
        assert time.monotonic() < until, compose("logs", "backup")
    made = json.loads(cli("backup", "create", "--json"))["backup"]
    assert made in cli("backup", "list")
    assert "sealed files opened" in cli("backup", "verify", made, "--key", "my.key", files=tmp_path)


@pytest.mark.compose
def test_everything_is_lost_and_restored_from_a_backup(stack: None, tmp_path: Path) -> None:
    cli("backup", "key", "lost.key", "--replace", files=tmp_path)
    made = json.loads(cli("backup", "create", "--json"))["backup"]
    before = microgov("check", "--tenant", "demo")
    cli("demo", "order")
    assert "The system is running" in restored(tmp_path, "--replace", code=1)

    compose("stop")
    assert "add --replace" in restored(tmp_path, code=2)
    said = restored(tmp_path, "--replace")
    assert made in said
    assert "microgov log show" in said  # what came after the backup is kept
    compose("up", "--wait", "--wait-timeout", "180")
    assert "sends nothing since a restore" in cli("status", code=1)
    cli("resume", "--send", "all")
    assert "all is ready" in cli("status", "--wait", "30")
    assert microgov("check", "--tenant", "demo") == before

    compose("down", "-v")
    no_secrets()
    assert made in restored(tmp_path)
    compose("up", "--wait", "--wait-timeout", "180")
    cli("resume", "--send", "all")
    assert microgov("check", "--tenant", "demo") == before
    cli("demo", "order")


def restored(files: Path, *options: str, code: int = 0) -> str:
    """What deploy/restore.sh says, with the key `lost.key` in this folder."""
    done = subprocess.run(
        ["sh", str(DEPLOY / "restore.sh"), "--key", "lost.key", *options],
        cwd=files,
        env={**os.environ, "MICROGOV_LANG": "en"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr
