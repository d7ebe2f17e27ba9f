"""Commands that are killed at a step."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class Commands:
    """Runs commands of microgov one after another, and kills them before a step (killed_at.py)."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def run(self, *arguments: str, kill_at: str = "") -> tuple[list[str], int | None]:
        """Runs a command; returns the names of the steps that it reached, and its exit code (None: it was killed)."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([kill_at, arguments]).encode() + b"\n")
        self.process.stdin.flush()
        steps, code = json.loads(self.process.stdout.readline())
        return steps, code


@contextmanager
def commands_in(folder: Path, env: Mapping[str, str]) -> Iterator[Commands]:
    """Commands with this environment, whose steps are what they change in the folder; their process ends with the block."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MICROGOV_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.safekeeping.killed_at", str(folder)],
        env={**inherited, **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Commands(process)
    finally:
        process.communicate(timeout=60)
