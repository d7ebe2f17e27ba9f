"""Brings a service's database to the newest revision; run before anything else starts.

    python -m services.chassis.migrate issues "what changes"      # writes the next revision from the tables' classes
"""

import importlib
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection, Engine

from services.chassis.books import KEPT
from services.chassis.database import engine, is_postgresql
from services.chassis.folding import folding_tables

HERE = Path(__file__).parent
LOCK = 0x6D6963726F  # any number that all instances share
ONE_AT_A_TIME = threading.Lock()  # Alembic keeps its context in globals


def configured(home: str, connection: Connection, metadata: list[sa.MetaData] | None = None) -> Config:
    """Alembic's configuration for one service on one connection."""
    made = Config()
    made.set_main_option("script_location", str(HERE / "migration"))
    made.set_main_option("version_locations", str(HERE.parent / home / "migrations"))
    made.set_main_option("path_separator", "newline")
    made.set_main_option("file_template", "%%(rev)s")
    made.attributes["connection"] = connection
    made.attributes["metadata"] = metadata
    return made


def upgrade(to: Engine, home: str) -> None:
    """All instances may call it at once: one migrates, the others wait and find it done."""
    with ONE_AT_A_TIME, to.begin() as c:
        if is_postgresql(c):
            c.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        command.upgrade(configured(home, c), "head")


def metadata_of(home: str) -> list[sa.MetaData]:
    """All tables of a service: folded ones, its own kept ones, the bookkeeping."""
    model = importlib.import_module(f"services.{home}.model")
    folding_tables(model.Base.metadata)
    kept = getattr(model, "Kept", None)
    return [model.Base.metadata, *([kept.metadata] if kept is not None else []), KEPT]


def write_revision(home: str, message: str) -> None:
    """The next revision file, from what the classes have and the newest revision has not."""
    importlib.import_module(f"services.{home}.handlers")
    folder = HERE.parent / home / "migrations"
    folder.mkdir(exist_ok=True)
    number = f"{len(list(folder.glob('[0-9]*.py'))) + 1:04d}"
    with TemporaryDirectory() as scratch:
        made = engine(f"sqlite:///{scratch}/scratch.sqlite")
        upgrade(made, home)
        with made.begin() as c:
            command.revision(configured(home, c, metadata_of(home)), message, autogenerate=True, rev_id=number)
        made.dispose()


if __name__ == "__main__":
    write_revision(*sys.argv[1:3])
