"""The fixture `start`: it starts a service as a process, by default the one in failing_service.py."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chassis.service_process import FAILING_APP, Process

LIMIT = 3.0
"""Seconds after which a handler counts as stuck."""
Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts services with these settings; they are killed after the test."""
    made: list[Process] = []

    def begin(url: str, database: str, factory: str = FAILING_APP, **more: str) -> Process:
        env = {
            "MICROGOV_NATS_URL": url,
            "MICROGOV_DATABASE": database,
            "MICROGOV_TENANTS": str(tmp_path / "tenants.toml"),
            "MICROGOV_STUCK_SECONDS": str(LIMIT),
            **more,
        }
        made.append(Process(tmp_path, env, factory).start())
        return made[-1]

    yield begin
    for one in made:
        one.kill()
