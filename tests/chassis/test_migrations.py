"""The migrations of a service create exactly the tables of its classes."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from microgov.services.chassis.store import migrate
from microgov.services.chassis.store.engine import engine
from tests.support.servers import PostgresServer

HOMES = ("gateway", "issues", "matching", "notify")


def differences(url: str, home: str) -> list[Any]:
    made = engine(url)
    migrate.upgrade(made, home)
    migrate.upgrade(made, home)  # again is harmless
    with made.connect() as c:
        every: Any = migrate.metadata_of(home)  # Alembic takes a list of them, its annotation does not
        found = list(compare_metadata(MigrationContext.configure(c), every))
    made.dispose()
    return found


@pytest.mark.parametrize("home", HOMES)
def test_on_sqlite(home: str) -> None:
    assert differences("sqlite://", home) == []


@pytest.mark.parametrize("home", HOMES)
def test_on_postgresql(home: str, postgres: PostgresServer) -> None:
    assert differences(postgres.create(f"migrate_{home}"), home) == []
