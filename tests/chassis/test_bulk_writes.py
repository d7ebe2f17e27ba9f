"""Errors of bulk writes are raised as SQLAlchemy would raise them, and a lost connection is survived."""

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.services.chassis.infrastructure import INFRASTRUCTURE
from microgov.services.chassis.store.bookkeeping import KEPT, OUTBOX, READER
from microgov.services.chassis.store.engine import engine
from microgov.services.chassis.store.fold_session.bulk import Bulk, overlapped
from tests.support.servers import PostgresServer

ROW = ("issues", 1, "id-1", "log.t.issues.x", "一张桌子".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def made(request: pytest.FixtureRequest, postgres: PostgresServer) -> Iterator[Engine]:
    url = "sqlite://" if request.param == "sqlite" else postgres.create("bulk_test")
    found = engine(url)
    KEPT.create_all(found)
    yield found
    found.dispose()


def test_a_key_that_is_there_already_is_an_integrity_error(made: Engine) -> None:
    outbox = Bulk(OUTBOX, made.dialect)
    with made.begin() as c:
        outbox.copy(c, [ROW])

    with pytest.raises(sa.exc.IntegrityError), made.begin() as c:
        outbox.copy(c, [(*ROW[:1], 2, *ROW[2:]), ROW])

    with made.begin() as c:
        assert [tuple(row) for row in c.execute(sa.select(OUTBOX))] == [ROW]


def test_a_connection_that_is_cut_is_a_failure_of_infrastructure(postgres: PostgresServer) -> None:
    made = engine(postgres.create("bulk_cut"))
    KEPT.create_all(made)
    outbox = Bulk(OUTBOX, made.dialect)

    with pytest.raises(INFRASTRUCTURE), made.begin() as c:
        me = c.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with made.begin() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({me})")
        outbox.copy(c, [ROW])

    with made.begin() as c:
        outbox.copy(c, [ROW])
    made.dispose()


@pytest.mark.parametrize("where", ["asking", "leaving"])
def test_a_cut_during_a_query_is_a_failure_of_infrastructure(
    where: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the handler's `get` would seem to have failed, and a valid message would be quarantined."""
    made = engine(postgres.create("bulk_asked"))
    KEPT.create_all(made)
    outbox = Bulk(OUTBOX, made.dialect)

    def cut(*_: object) -> None:
        raise psycopg.OperationalError("the connection is lost")

    with pytest.raises(INFRASTRUCTURE), made.begin() as c:
        if where == "leaving":
            monkeypatch.setattr(psycopg.Pipeline, "_exit_gen", cut)
        else:
            me = c.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with made.begin() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({me})")
        outbox.select(c, [("issues", 1)])

    monkeypatch.undo()
    with made.begin() as c:
        assert outbox.select(c, [("issues", 1)]) == []
    made.dispose()


POSITION = ("LOG", 7, "id-7", "", 0, 1)


def test_statements_that_overlap_fail_as_each_alone_would(made: Engine) -> None:
    """The first error is raised, whatever follows it, and nothing is stored."""
    reader = Bulk(READER, made.dialect)
    with made.begin() as c:
        reader.insert(c, [POSITION])

    with pytest.raises(sa.exc.IntegrityError), made.begin() as c, overlapped(c):
        reader.update(c, ("seq",), [(8, "LOG")])
        reader.insert(c, [POSITION])
        reader.delete(c, [("LOG",)])

    with made.begin() as c:
        assert reader.select(c, [("LOG",)]) == [POSITION]


def test_an_error_of_overlapping_statements_is_raised_unchanged(made: Engine) -> None:
    reader = Bulk(READER, made.dialect)
    with pytest.raises(KeyError), made.begin() as c, overlapped(c):
        reader.insert(c, [POSITION])
        raise KeyError

    with made.begin() as c:
        assert reader.select(c, [("LOG",)]) == []


def test_a_cut_while_statements_overlap_is_a_failure_of_infrastructure(postgres: PostgresServer) -> None:
    made = engine(postgres.create("bulk_overlapped"))
    KEPT.create_all(made)
    reader = Bulk(READER, made.dialect)

    with pytest.raises(INFRASTRUCTURE), made.begin() as c:
        me = c.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with overlapped(c):
            reader.insert(c, [POSITION])
            with made.begin() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({me})")
            reader.update(c, ("seq",), [(8, "LOG")])

    with made.begin() as c:
        assert reader.select(c, [("LOG",)]) == []
    made.dispose()
