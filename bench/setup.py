"""What every contestant starts with: a new log that holds the commands, and a new database with the rows before the run.

A contestant is one of the programs that are measured side by side; each runs in a process of its own.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import sqlalchemy as sa
from nats.js.errors import NotFoundError
from sqlalchemy.engine import Engine

from bench.accounts import User, user
from bench.workload import TENANT, logged_commands, rows
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Outgoing
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.service import Service
from microgov.services.chassis.store import migrate
from microgov.services.chassis.store.engine import engine
from microgov.services.chassis.store.fold_session.bulk import Bulk
from microgov.services.gateway.accounts import streams
from microgov.services.issues.handlers import service as issues

STREAM = f"LOG-{TENANT}"


RowBatches = Iterable[tuple[str, list[dict[str, Any]]]]
"""The rows before the run, as pairs of a table's name and some rows (value by column); a table can come several times."""
CHUNK_SIZE = 20_000
"""The most rows in one insert, and the most messages in one append."""


class ContestantSetup:
    """The arguments of a contestant: URL of the broker, URL of the database, number of messages; and the service
    measured.
    """

    def __init__(
        self, nats_url: str, database: str, count: int, simulated: bool = False, service: Service = issues
    ) -> None:
        self.nats_url, self.database, self.count, self.service = nats_url, database, count, service
        self.tenant = TenantSettings(name=TENANT, simulated_clock=simulated)

    @property
    def user(self) -> User:
        """User and password file at the broker: those of the service."""
        return user(self.service.name)

    def settings(self) -> Settings:
        """The settings of a service that works with this broker and database."""
        return Settings(
            nats_url=self.nats_url,
            database=self.database,
            nats_user=self.user.name,
            nats_password_file=self.user.password_file,
        )

    def fresh_database(self, row_batches: RowBatches) -> Engine:
        """Drops all tables, migrates to the newest revision and inserts the rows before the run; returns the engine."""
        made = engine(self.database)
        with made.begin() as c:
            for old in sa.inspect(c).get_table_names():
                c.exec_driver_sql(f'DROP TABLE "{old}"')
        migrate.upgrade(made, self.service.name)
        for name, some in row_batches:
            table = self.service.base.metadata.tables[name]
            columns = [column.name for column in table.columns]
            with made.begin() as c:
                Bulk(table, made.dialect).insert(
                    c, [tuple(row.get(column) for column in columns) for row in some]
                )
        if made.dialect.name == "postgresql":
            with made.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
                c.exec_driver_sql("VACUUM ANALYZE")
                c.exec_driver_sql("CHECKPOINT")
        return made

    async def fresh_log(self, messages: Iterator[Outgoing]) -> None:
        """Deletes and makes the stream LOG, and appends the messages of the writer `gateway`."""
        bus = await Bus.connect(user("gateway").address(self.nats_url))
        js = bus.nc.jetstream(timeout=30)
        with suppress(NotFoundError):
            await js.delete_stream(STREAM)
        await streams.ensure(js, streams.log_stream(TENANT))
        log = JetStreamLog(bus, TENANT)
        last = 0
        while some := list(islice(messages, CHUNK_SIZE)):
            last = await log.append("gateway", some, last)
        await log.close()

    async def log_end(self) -> int:
        """The last sequence of the log."""
        log = JetStreamLog(await Bus.connect(self.user.address(self.nats_url)), TENANT)
        try:
            return await log.end()
        finally:
            await log.close()


class Stopwatch:
    """Measures the time after the first `warm` messages."""

    def __init__(self, warm: int) -> None:
        self.warm, self.began, self.cpu = warm, 0.0, 0.0

    def update(self, done: int) -> None:
        """Notes that `done` messages are done; starts the measurement once the warm-up is over."""
        if not self.began and done >= self.warm:
            self.began, self.cpu, self.warm = time.perf_counter(), time.process_time(), done

    def figures(self, done: int) -> dict[str, float]:
        """Messages a second after the warm-up (`rate`), and this process's CPU time for each in µs (`cpu_us`)."""
        count = done - self.warm
        seconds, cpu = time.perf_counter() - self.began, time.process_time() - self.cpu
        return {"rate": count / seconds, "cpu_us": 1e6 * cpu / count}


def run_contestant(
    run: Callable[[ContestantSetup], Awaitable[dict[str, float]]],
    row_batches: Callable[..., RowBatches] = lambda count: rows().items(),
    messages: Callable[..., Iterator[Outgoing]] = logged_commands,
    simulated: bool = False,
    service: Service = issues,
) -> None:
    """The main function of a contestant. Its arguments are NATS-URL DATABASE COUNT [NUMBER …]; it prints one line of JSON.

    `row_batches` and the function of the log's messages get all the numbers.
    """
    import uvloop

    numbers = [int(one) for one in sys.argv[3:]]
    setup = ContestantSetup(sys.argv[1], sys.argv[2], numbers[0], simulated, service)
    setup.fresh_database(row_batches(*numbers)).dispose()

    async def main() -> dict[str, float]:
        await setup.fresh_log(messages(*numbers))
        return await run(setup)

    print(json.dumps(uvloop.run(main())), flush=True)
    os._exit(0)  # a library's threads may still wait


async def wait_until_done(done: Callable[[], int], count: int, watch: Stopwatch) -> None:
    """Polls `done` until it returns `count` or more, and updates the watch meanwhile."""
    while (now := done()) < count:
        watch.update(now)
        await asyncio.sleep(0.01)
