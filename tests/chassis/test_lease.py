"""A lease holder that stops inside a transaction does not block the process that takes over its lease."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator

import psutil
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.fold.loop import LOG_READER
from microgov.services.chassis.store import bookkeeping, lease_row
from microgov.services.chassis.store.engine import engine as make_engine
from microgov.services.chassis.store.fold_session.bulk import overlapped
from tests.support.servers import PostgresServer

pytestmark = pytest.mark.slow

PATIENCE = 8.0
"""Seconds: five in which nothing comes from the one that stopped, and a few polls."""


def stop_in_transaction(url: str, how: str) -> None:
    """Runs in the other process: takes the lease, writes, and stops in the middle."""
    mine = make_engine(url)
    with mine.begin() as c:
        bookkeeping.prepare(c, (LOG_READER,), ("tools",))
        assert lease_row.take_lease(c, "stopped") is not None
    with mine.connect() as c, c.begin():
        driver = c.connection.driver_connection
        assert driver is not None
        touch = "UPDATE reader SET seq = seq + 1"
        if how == "between statements":
            driver.cursor().execute(touch)
            os.kill(os.getpid(), signal.SIGSTOP)
        elif how == "while statements overlap":
            with overlapped(c):
                driver.cursor().execute(touch)
                driver.cursor().execute("SELECT 1").fetchone()
                os.kill(os.getpid(), signal.SIGSTOP)
        else:
            driver.cursor().execute(touch)
            with driver.cursor() as cursor, cursor.copy("COPY outbox FROM STDIN") as copy:
                copy.write(b"tools\t")
                os.kill(os.getpid(), signal.SIGSTOP)


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Engine]:
    made = make_engine(postgres.create(f"lease_{uuid.uuid4().hex[:8]}"))
    bookkeeping.KEPT.create_all(made)
    yield made
    made.dispose()


@pytest.mark.parametrize("how", ["between statements", "while statements overlap", "while it sends"])
def test_a_holder_that_stops_in_a_transaction_blocks_nobody(how: str, database: Engine) -> None:
    url = database.url.render_as_string(hide_password=False)
    stopped = subprocess.Popen([sys.executable, "-m", "tests.chassis.test_lease", url, how])
    try:
        while psutil.Process(stopped.pid).status() != psutil.STATUS_STOPPED:
            assert stopped.poll() is None, "it ended before it could stop"
            time.sleep(0.05)
        began = time.monotonic()
        successor = Lease(database, (LOG_READER,), ("tools",))
        while not successor._take():
            assert time.monotonic() < began + PATIENCE, "nobody takes over"
            time.sleep(0.3)
        with database.connect() as c:
            assert c.execute(sa.select(bookkeeping.READER.c.seq)).scalar() == 0, (
                "what was not committed is gone"
            )
    finally:
        stopped.kill()
        stopped.wait()


if __name__ == "__main__":
    stop_in_transaction(sys.argv[1], sys.argv[2])
