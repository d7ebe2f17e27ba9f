"""PostgreSQL connections whose every request has an end: a server that hangs is an error, not a thread that waits for ever.

The server's own limits do not help against a server that is paused, or a network that swallows what is sent: then the
kernel still takes our bytes, and nothing comes back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.errors import _WaitTimeout
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

ANSWER = 30.0
"""Seconds. Longer than any statement of the loops takes; health says long before that the database is silent."""


class Limited(psycopg.Connection[Any]):
    """As psycopg's own; a connection that gave no answer in time is closed, so that nobody uses it again."""

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
    """Statements in here may take longer: a migration rewrites whole tables."""
    driver = connection.connection.driver_connection
    if isinstance(driver, Limited):
        driver.answer = seconds
    try:
        yield
    finally:
        if isinstance(driver, Limited):
            driver.answer = ANSWER


def connect(dialect: Any, record: Any, arguments: Any, keywords: Any) -> Limited:
    """For SQLAlchemy's event `do_connect`."""
    return Limited.connect(*arguments, **keywords)


def guard(engine: Engine) -> None:
    """Its connections are limited ones; one that a thread still holds when the engine is disposed of is closed as soon as
    it is given back."""
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
