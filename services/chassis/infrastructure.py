"""Decides whether an error comes from the infrastructure (then it is retried) or from the message that was folded (then it
is quarantined).
"""

import nats.errors
import psycopg
import sqlalchemy as sa

from microgov.services.chassis.errors import Away

INFRASTRUCTURE = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.TimeoutError)
"""Errors that always come from the database itself; `is_infrastructure` knows the others."""
CAUSED_BY_ROWS = ("22", "23")
"""Classes (the first two characters) of PostgreSQL's error codes that a row can cause: data exception, integrity violation.
"""
IDLE_TIMEOUT_CODE, IDLE_SECONDS = "25P03", 5.0


def words_of(error: BaseException) -> str:
    """The error in one line of at most 300 characters: the driver's text without SQLAlchemy's additions."""
    said = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error
    return f"{type(said).__name__}: {' '.join(str(said).split())}"[:300]


def is_infrastructure(error: BaseException) -> bool:
    """Whether the error comes from the database itself: a server that cannot be reached, a damaged file, a missing table,
    column or permission.
    """
    if isinstance(error, INFRASTRUCTURE):
        return True
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    code = _code(error)
    return (
        error.connection_invalidated
        or type(error) is sa.exc.DatabaseError
        or (bool(code) and code[:2] not in CAUSED_BY_ROWS)
    )


def is_away(error: BaseException) -> bool:
    """Whether the connection to the broker or the database failed or was lost. The pulse logs such an error, once for all
    loops.
    """
    if isinstance(error, sa.exc.DBAPIError):
        return error.connection_invalidated or (
            isinstance(error.orig, psycopg.OperationalError) and not _code(error)
        )
    lost = nats.errors.Error | OSError
    return isinstance(error, Away | lost) or isinstance(error.__cause__, lost)


def idled(error: sa.exc.StatementError, seconds: float) -> bool:
    """Whether PostgreSQL has ended the transaction, which took this many seconds, because it got no statement for 5 s: the
    handler computed too long.

    If the next statement was sent in a pipeline, the error only says that the connection is lost.
    """
    if not isinstance(error.orig, psycopg.Error) or not isinstance(error, sa.exc.DBAPIError):
        return False
    return _code(error) == IDLE_TIMEOUT_CODE or (
        seconds > IDLE_SECONDS and not _code(error) and error.connection_invalidated
    )


def _code(error: sa.exc.DBAPIError) -> str:
    """PostgreSQL's error code of five characters; empty on SQLite, and if the client refused to send a value."""
    return getattr(error.orig, "sqlstate", None) or ""
