"""Servers that one run of the tests shares; a test that kills its server starts one of its own."""

import gc
import hashlib
import os
from collections.abc import Iterator

import pytest

from tests.support.property_budget import is_machine
from tests.support.servers import NatsServer, PostgresServer

gc.set_threshold(50_000, 20, 50)
"""Automatic garbage collection took an eighth of the time; pytest collects at the end anyway."""
LONG = ("real_input", "rig", "journeys", "test_start_on_other_log", "test_readme", "test_supervisor")
"""The slowest tests start first, so that no worker is left alone with one at the end."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks the state machines, which `make rig` runs again with more examples, and sorts the slowest tests first."""
    for item in items:
        if is_machine(item):
            item.add_marker(pytest.mark.machine)
    _sample(config, items)
    items.sort(key=lambda item: not any(name in item.nodeid for name in LONG))


def _sample(config: pytest.Config, items: list[pytest.Item]) -> None:
    """SAMPLE=0.5 runs that share of the tests of `make rig`, and those marked `always`; SEED and the tests' names decide
    which.
    """
    share = float(os.environ.get("SAMPLE", "1"))
    if share >= 1:
        return
    seed = os.environ.get("SEED", "0")
    left = [
        item
        for item in items
        if item.get_closest_marker("rig")
        and not item.get_closest_marker("always")
        and not _drawn(f"{seed}/{item.nodeid}", share)
    ]
    config.hook.pytest_deselected(items=left)
    gone = set(left)
    items[:] = [item for item in items if item not in gone]
    print(f"SAMPLE={share} SEED={seed}: {len(left)} long tests are left out (`make long` runs all)")


def _drawn(name: str, share: float) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 16**8 < share


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with NatsServer(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer(os.environ.get("DATABASE_URL")) as server:
        yield server
