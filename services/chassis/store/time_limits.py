"""PostgreSQL connections with a time limit for every request: a server that hangs causes an error, not a thread that waits
for ever.

The server's own time limits do not help if the server is paused or the network drops packets: the kernel still accepts our
bytes, and no answer comes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.errors import _WaitTimeout
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

ANSWER = 30.0
"""Seconds. Longer than any statement of the loops takes; health reports a silent database earlier."""


class TimeLimitedConnection(psycopg.Connection[Any]):
    """psycopg's connection with a time limit; a connection that did not answer in time is closed, so that it is not used
    again.
    """

    answer = ANSWER

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, self.answer if timeout is None else timeout)
        except _WaitTimeout as error:
            if timeout is not None:
                raise
            self.pgconn.finish()
            raise psycopg.OperationalError(
                f"the database has not answered within {self.answer:.0f} s"
            ) from error


@contextmanager
def patient(connection: Connection, seconds: float) -> Iterator[None]:
    """Raises the time limit for the statements in the block: a migration rewrites whole tables."""
    driver = connection.connection.driver_connection
    if isinstance(driver, TimeLimitedConnection):
        driver.answer = seconds
    try:
        yield
    finally:
        if isinstance(driver, TimeLimitedConnection):
            driver.answer = ANSWER


def connect(dialect: Any, record: Any, arguments: Any, keywords: Any) -> TimeLimitedConnection:
    """Handler for SQLAlchemy's event `do_connect`."""
    return TimeLimitedConnection.connect(*arguments, **keywords)


def guard(engine: Engine) -> None:
    """Gives the engine connections with a time limit. If a thread still uses a connection when the engine is disposed of,
    the connection is closed as soon as the thread returns it.
    """
    out, late = set[Any](), set[Any]()
    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", lambda connection, record, proxy: out.add(record))
    event.listen(engine, "engine_disposed", lambda disposed: late.update(out))

    def back(connection: Any, record: Any) -> None:
        out.discard(record)
        if record in late:
            late.discard(record)
            record.invalidate()

    event.listen(engine, "checkin", back)
