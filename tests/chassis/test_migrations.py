"""Migrations create exactly the tables of the classes; a database of another version is migrated or refused."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from microgov.commands.reasons import in_chinese
from microgov.services.chassis.errors import Problem
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


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        made = engine(f"sqlite:///{tmp_path}/x.sqlite")
    else:
        made = engine(request.getfixturevalue("postgres").create("other_schema"))
    yield made
    made.dispose()


def contents(database: sa.Engine) -> dict[str, list[Any]]:
    """Of every table its columns, then its rows."""
    found = sa.MetaData()
    with database.connect() as c:
        found.reflect(c)
        return {name: [*table.c.keys(), *c.execute(sa.select(table))] for name, table in found.tables.items()}


def test_a_database_of_a_newer_version_is_refused_and_stays_as_it_is(database: sa.Engine) -> None:
    migrate.upgrade(database, "notify")
    with database.begin() as c:
        c.exec_driver_sql("ALTER TABLE deadline ADD COLUMN of_a_newer_version INTEGER")
        c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = contents(database)

    with pytest.raises(Problem) as refused:
        migrate.upgrade(database, "notify")

    newest = sorted(path.stem for path in migrate.migrations_of("notify").glob("[0-9]*.py"))[-1]
    for part in ("notify", "9999", newest, version("microgov"), "`microgov restore`"):
        assert part in refused.value.zh
        assert part in refused.value.en
    assert in_chinese(f"Problem: {refused.value}") == refused.value.zh
    assert contents(database) == before


def test_a_database_of_an_older_version_is_migrated_and_the_log_says_from_where_to_where(
    database: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "microgov.migrate"):
        with database.begin() as c:
            command.upgrade(migrate.configured("notify", c), "0002")
        migrate.upgrade(database, "notify")
        migrate.upgrade(database, "notify")

    newest = contents(database)["alembic_version"][1].version_num
    said = [record.__dict__["given"] for record in caplog.records if record.name == "microgov.migrate"]
    assert newest > "0002"
    assert said == [{"service": "notify", "revision": "0002", "to": newest}]


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
