"""A service as a process, for tests of how it ends and what its health says; the sick one (sick.py) where none is named."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chassis.service_process import FAILING_APP, Process

LIMIT = 3.0
Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a service with these settings; what runs is killed in the end."""
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
