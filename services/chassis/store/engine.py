"""Engines for SQLite and PostgreSQL, set so that a commit is durable.

SQLite: WAL, synchronous=FULL, BEGIN IMMEDIATE; a second writer waits up to 10 s for the first. PostgreSQL:
synchronous_commit on. An instance that stops inside a transaction loses its connection (after 5 s by the server's timeout,
or by `lease_row.take_lease`), so that it cannot block its successor.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

from microgov.services.chassis.store import time_limits

SCRATCH = "sqlite:///file:?uri=true"
"""A database of this process alone, empty at first: in memory up to the size of its cache, beyond that in a temporary file
that nobody else sees.
"""
_PG_OPTIONS = "-c synchronous_commit=on -c idle_in_transaction_session_timeout=5000 -c timezone=UTC"


def engine(url: str, password: Callable[[], str | None] = lambda: None, cache_kb: int = 65_536) -> Engine:
    """An engine for `sqlite:///FILE`, `sqlite://` (in memory, one connection), SCRATCH or `postgresql+psycopg://…`.

    `password` is called for each new connection, because the password may change meanwhile; None: the URL has all that is
    needed. `cache_kb`: how much of a database SQLite keeps in memory.
    """
    parsed = sa.make_url(url)
    return (
        _sqlite(parsed, cache_kb) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed, password)
    )


def _postgresql(url: sa.URL, password: Callable[[], str | None]) -> Engine:
    arguments = {"options": _PG_OPTIONS, "connect_timeout": 3}
    made = sa.create_engine(url, pool_size=8, max_overflow=8, hide_parameters=True, connect_args=arguments)

    def connecting(_dialect: Any, _record: Any, _args: Any, given: dict[str, Any]) -> None:
        secret = password()
        given |= {} if secret is None else {"password": secret}

    sa.event.listen(made, "do_connect", connecting)
    time_limits.guard(made)
    return made


def _sqlite(url: sa.URL, cache_kb: int) -> Engine:
    arguments = {"check_same_thread": False, "isolation_level": None, "timeout": 10.0}
    alone = url.database in (None, "", ":memory:", "file:")
    if not alone:
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    pool: dict[str, Any] = {"poolclass": StaticPool} if alone else {}
    made = sa.create_engine(url, connect_args=arguments, hide_parameters=True, **pool)
    kept = ("journal_mode=MEMORY", "synchronous=OFF") if alone else ("journal_mode=WAL", "synchronous=FULL")
    pragmas = (*kept, f"cache_size=-{cache_kb}", "busy_timeout=10000")

    def connected(connection: Any, _: Any) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    sa.event.listen(made, "connect", connected)
    sa.event.listen(made, "begin", _begin)
    return made


def _begin(connection: Connection) -> None:
    reading_only = connection.get_execution_options().get("reading_only", False)
    connection.exec_driver_sql("BEGIN" if reading_only else "BEGIN IMMEDIATE")


def reading(from_: Engine) -> Connection:
    """A connection for reading only; on SQLite it does not wait for a writer."""
    return from_.connect().execution_options(reading_only=True)


def is_postgresql(connection: Connection) -> bool:
    """Whether the connection is to PostgreSQL (else: SQLite)."""
    return connection.dialect.name == "postgresql"


def milliseconds(connection: Connection) -> str:
    """SQL for the database's own clock, in whole milliseconds."""
    if is_postgresql(connection):
        return "(extract(epoch from clock_timestamp()) * 1000)::bigint"
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
