"""The migrations of a service create exactly the tables of its classes."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from microgov.services.chassis.installed import installed
from microgov.services.chassis.store import migrate
from microgov.services.chassis.store.engine import engine
from tests.support.servers import PostgresServer

HOMES = [one.name for one in installed()]


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


def test_the_first_revision_of_a_service_is_written_like_every_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new service has no revision to begin with: 0001 makes all its tables, 0002 what has changed since."""
    tables = sa.MetaData()
    tool = sa.Table("tool", tables, sa.Column("id", sa.String, primary_key=True))
    (tmp_path / "tools").mkdir()
    monkeypatch.setattr(migrate, "migrations_of", lambda home: tmp_path / home / "migrations")
    monkeypatch.setattr(migrate, "metadata_of", lambda home: [tables])

    migrate.write_revision("tools", "tools")
    tool.append_column(sa.Column("state", sa.String))
    migrate.write_revision("tools", "their state")

    written = [path.name for path in sorted((tmp_path / "tools" / "migrations").glob("*.py"))]
    assert written == ["0001.py", "0002.py"]
    assert differences("sqlite://", "tools") == []
