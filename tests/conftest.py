"""Servers that one run of the tests shares; a test that kills its server starts one of its own."""

import gc
import os
from collections.abc import Iterator

import pytest

from tests.servers import NatsServer, PostgresServer
from tests.tries import is_machine

gc.set_threshold(50_000, 20, 50)
"""Looking for cycles took an eighth of the time; pytest looks for them at the end anyway."""
LONG = ("real_input", "rig", "journeys", "test_starting", "test_readme", "test_supervisor")
"""What takes longest begins first, so that nobody waits for it in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """State machines are marked as such: `make rig` runs them again, longer."""
    for item in items:
        if is_machine(item):
            item.add_marker(pytest.mark.machine)
    items.sort(key=lambda item: not any(name in item.nodeid for name in LONG))


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with NatsServer(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer(os.environ.get("DATABASE_URL")) as server:
        yield server
