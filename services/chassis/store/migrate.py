"""Migrates a service's database to the newest revision; this runs before anything else starts.

    python -m microgov.services.chassis.store.migrate issues "what changes"

writes the next revision from the tables' classes.
"""

import importlib
import sys
import threading
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from microgov.services.chassis.errors import Problem
from microgov.services.chassis.installed import installed_service
from microgov.services.chassis.store.bookkeeping import KEPT
from microgov.services.chassis.store.engine import engine, is_postgresql
from microgov.services.chassis.store.quarantine_tables import folding_tables
from microgov.services.chassis.store.time_limits import patient
from microgov.services.chassis.telemetry import logger

FOLDER = Path(__file__).parent
log = logger("migrate")
LOCK = 0x6D6963726F  # an arbitrary number, the same for all instances
HOUR = 3600.0
ONE_AT_A_TIME = threading.Lock()  # Alembic keeps its context in globals


if TYPE_CHECKING:
    from alembic.config import Config


def migrations_of(home: str) -> Path:
    """The folder with the migrations of an installed service."""
    return installed_service(home).folder / "migrations"


def configured(home: str, connection: Connection, metadata: list[sa.MetaData] | None = None) -> "Config":
    """Alembic's configuration for one service on one connection. `home` is the name of the service that owns the
    database.
    """
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER / "migration"))
    made.set_main_option("version_locations", str(migrations_of(home)))
    made.set_main_option("path_separator", "newline")
    made.set_main_option("file_template", "%%(rev)s")
    made.attributes["connection"] = connection
    made.attributes["metadata"] = metadata
    return made


def upgrade(to: Engine, home: str) -> None:
    """Migrates the database to the newest revision. All instances may call it at once: one migrates, the others wait (on
    SQLite for 10 s) and then find nothing to do. Raises Problem, and changes nothing, if a newer version has worked with it.
    """
    known = sorted(path.stem for path in migrations_of(home).glob("[0-9]*.py"))
    there = _revision_of(to)
    if there == known[-1]:
        return
    if there is not None and there not in known:
        raise _newer(home, there, known[-1])
    if there is not None:
        log.info("migrates its database", service=home, revision=there, to=known[-1])
    from alembic import command  # imported here because it takes half a second

    with ONE_AT_A_TIME, to.begin() as c, patient(c, HOUR):
        if is_postgresql(c):
            c.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        command.upgrade(configured(home, c), "head")


def _revision_of(database: Engine) -> str | None:
    """The revision of the database; None if it has no tables yet."""
    with database.connect() as c:
        if not sa.inspect(c).has_table("alembic_version"):
            return None
        found: str | None = c.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return found


def _newer(home: str, there: str, newest: str) -> Problem:
    mine = version("microgov")
    return Problem(
        f"{home} 的数据库版本为 {there}，此版本（{mine}）只认得到 {newest}：请启动更新的版本，或恢复之前的备份"
        "（`microgov restore`）。",
        f"The database of {home} is at revision {there}, and this version ({mine}) knows {newest} at most: a newer one has "
        "worked with it. Start that version, or restore a backup of before by `microgov restore`.",
    )


def metadata_of(home: str) -> list[sa.MetaData]:
    """All tables of a service: the folded ones, its own kept ones, the bookkeeping."""
    package = installed_service(home).package
    importlib.import_module(f"{package}.handlers")  # imports all modules that have tables
    model = importlib.import_module(f"{package}.model")
    folding_tables(model.Base.metadata)
    kept = getattr(model, "Kept", None)
    return [model.Base.metadata, *([kept.metadata] if kept is not None else []), KEPT]


def write_revision(home: str, message: str) -> None:
    """Writes the next revision file, from the difference between the classes and the newest revision; 0001 if the service
    has none yet.
    """
    from alembic import command

    folder = migrations_of(home)
    folder.mkdir(exist_ok=True)
    revisions = len(list(folder.glob("[0-9]*.py")))
    with TemporaryDirectory() as scratch:
        database = engine(f"sqlite:///{scratch}/scratch.sqlite")
        if revisions:
            upgrade(database, home)
        with database.begin() as c:
            configuration = configured(home, c, metadata_of(home))
            command.revision(configuration, message, autogenerate=True, rev_id=f"{revisions + 1:04d}")
        database.dispose()


if __name__ == "__main__":
    write_revision(*sys.argv[1:3])
