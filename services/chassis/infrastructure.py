"""Whether the database is at fault, or the message that was folded: the first is tried again, the second quarantined."""

import nats.errors
import psycopg
import sqlalchemy as sa

from microgov.services.chassis.errors import Away

INFRASTRUCTURE = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.TimeoutError)
"""Errors that are always the database's. `is_infrastructure` knows the others."""
MESSAGES = ("22", "23")
"""Classes of PostgreSQL's error codes that a row can cause: data exception, integrity violation."""
IDLED, IDLE = "25P03", 5.0


def words_of(error: BaseException) -> str:
    """An error in a line: what the driver says, without what SQLAlchemy adds about itself."""
    said = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error
    return f"{type(said).__name__}: {' '.join(str(said).split())}"[:300]


def is_infrastructure(error: BaseException) -> bool:
    """A server that is away, a file that is damaged, a table or a column that is not there, a right that is missing."""
    if isinstance(error, INFRASTRUCTURE):
        return True
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    code = _code(error)
    return (
        error.connection_invalidated
        or type(error) is sa.exc.DatabaseError
        or (bool(code) and code[:2] not in MESSAGES)
    )


def is_away(error: BaseException) -> bool:
    """Broker or database cannot be reached, or were lost: their pulse tells of it, once for all who notice."""
    if isinstance(error, sa.exc.DBAPIError):
        return error.connection_invalidated or (
            isinstance(error.orig, psycopg.OperationalError) and not _code(error)
        )
    lost = nats.errors.Error | OSError
    return isinstance(error, Away | lost) or isinstance(error.__cause__, lost)


def idled(error: sa.exc.StatementError, seconds: float) -> bool:
    """PostgreSQL has ended a transaction of so many seconds, since nothing was asked in it for five: somebody computed.

    Where the next statement was one of several at once, all that is told is that the connection is lost.
    """
    if not isinstance(error.orig, psycopg.Error) or not isinstance(error, sa.exc.DBAPIError):
        return False
    return _code(error) == IDLED or (seconds > IDLE and not _code(error) and error.connection_invalidated)


def _code(error: sa.exc.DBAPIError) -> str:
    """PostgreSQL's five letters; empty on SQLite, and where the client refused to send a value."""
    return getattr(error.orig, "sqlstate", None) or ""
