"""Makes all tables of a fold, empty, for replay and tests. The SQL is compiled once per process; if the tables exist
already, they are only emptied.
"""

import hashlib
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateIndex, CreateTable

from microgov.services.chassis.store.bookkeeping import KEPT
from microgov.services.chassis.store.engine import is_postgresql
from microgov.services.chassis.store.quarantine_tables import folding_tables

_MARK = sa.Table("prepared", sa.MetaData(), sa.Column("tables", sa.Text, nullable=False))
"""Holds a hash of the CREATE statements. A database that has this table was made by this module and may be emptied."""


class Occupied(Exception):
    """The database holds tables that this module has not made; it is not emptied, because somebody may need their data."""

    def __init__(self, c: Connection, there: Sequence[str]) -> None:
        self.url = c.engine.url.render_as_string(hide_password=True)
        self.tables = ", ".join(there[:3]) + (" …" if len(there) > 3 else "")
        super().__init__(
            f"{self.url} holds {self.tables}, made by others: it is not emptied. Name an empty database."
        )


def emptied(c: Connection, metadata: sa.MetaData) -> None:
    """Makes a fold's tables and its bookkeeping tables, empty as in a new database. Raises Occupied."""
    folding_tables(metadata)
    make(c, (metadata, KEPT))


def check_free(c: Connection) -> None:
    """Raises Occupied if the database is neither empty nor made by this module."""
    there = sa.inspect(c).get_table_names()
    if there and _MARK.name not in there:
        raise Occupied(c, sorted(there))


def make(c: Connection, every: Sequence[sa.MetaData]) -> None:
    """Makes these tables, empty. Raises Occupied if the database holds tables that were not made here."""
    check_free(c)
    names, create, mark = _statements(tuple((one, len(one.tables)) for one in every), c.dialect.name)
    if _marked(c) == mark:
        return _run(c, [f"DELETE FROM {name}" for name in names])
    _MARK.create(c, checkfirst=True)
    c.execute(_MARK.delete())
    c.execute(_MARK.insert().values(tables=mark))
    _run(c, [*(f"DROP TABLE IF EXISTS {name}" for name in names), *create])


def _marked(c: Connection) -> str | None:
    there = sa.inspect(c).has_table(_MARK.name)
    return c.execute(sa.select(_MARK.c.tables)).scalar() if there else None


@cache
def _statements(every: tuple[tuple[sa.MetaData, int], ...], dialect: str) -> tuple[list[str], list[str], str]:
    """The names of the tables, the statements that create them, and the hash of these. The number of tables is part of the
    cache key, so that a table that was added later is seen.
    """
    found = sa.make_url("postgresql+psycopg://" if dialect == "postgresql" else "sqlite://").get_dialect()()
    tables = [table for one, _ in every for table in one.sorted_tables]
    create = [str(CreateTable(table).compile(dialect=found)) for table in tables]
    indexes = [
        index for table in tables for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    create += [str(CreateIndex(index).compile(dialect=found)) for index in indexes]
    names = [found.identifier_preparer.quote(table.name) for table in tables]
    return names, create, hashlib.sha256("\n".join(create).encode()).hexdigest()


def _run(c: Connection, statements: list[str]) -> None:
    """Runs the statements; on PostgreSQL all at once."""
    for sql in [";".join(statements)] if is_postgresql(c) else statements:
        c.exec_driver_sql(sql)
