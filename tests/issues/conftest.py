"""Fixtures for tests of the issues service."""

from collections.abc import Iterator

import pytest

from microgov.services.chassis.replay.feeding import prepare
from microgov.services.chassis.store.engine import engine
from microgov.services.issues.handlers import service
from microgov.testing.driver_session import DriverSession
from microgov.testing.service_driver import ServiceDriver, driver_of
from tests.issues import issue_steps
from tests.support.servers import PostgresServer


@pytest.fixture(scope="module")
def postgres_url(postgres: PostgresServer) -> str:
    """An empty database for the tests of one module; `driver` makes the tables anew for each test."""
    return postgres.create("issues")


@pytest.fixture(params=["sqlite", "postgresql"])
def driver(request: pytest.FixtureRequest) -> Iterator[ServiceDriver]:
    """A service with places, people and rules; each test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield issue_steps.start()
        return
    made = engine(request.getfixturevalue("postgres_url"))
    prepare(made, service)
    with DriverSession(made) as s:
        yield driver_of(service, s)
    made.dispose()
