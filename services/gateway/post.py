"""The way out: what door and courier wrote for publishers goes from the outbox into the streams RECEIPT and OUT.

Each `receipt.<publisher>.<tenant>` and each `out.<publisher>.<tenant>.>` is a writer with numbers and a fence of its own.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import orjson
from sqlalchemy.engine import Connection

from services.chassis import books
from services.chassis.appender import Appender
from services.chassis.books import Books
from services.chassis.ending import ended
from services.chassis.host import Tenancy
from services.chassis.jetstream import JetStreamLog
from services.chassis.log import Outgoing
from services.chassis.loops import Loop
from services.chassis.stamp import Draft

STREAMS = {"receipt": "RECEIPT", "out": "OUT"}


def receipt_writer(publisher: str, tenant: str) -> str:
    """The writer, and at once the subject, of a publisher's receipts."""
    return f"receipt.{publisher}.{tenant}"


def out_writer(publisher: str, tenant: str) -> str:
    """The writer of the copies that a publisher gets."""
    return f"out.{publisher}.{tenant}.>"


def draft(id: str, subject: str, body: dict[str, object]) -> Draft:
    """A message for RECEIPT or OUT, its number to be filled in."""
    return Draft(id, subject, orjson.dumps({**body, "sequence": "0" * 19}, option=orjson.OPT_SORT_KEYS))


class Post(Loop):
    """One appender per writer; a writer that is new makes it start again, which finds it in the database."""

    def __init__(self, tenancy: Tenancy) -> None:
        super().__init__(f"post/{tenancy.tenant.name}", tenancy.lease)
        self.tenancy, self.books = tenancy, Books(tenancy.engine.dialect)
        self.appenders: dict[str, Appender] = {}
        self.changed = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def outgoing(self) -> int:
        return sum(appender.outgoing() for appender in self.appenders.values())

    async def once(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.changed.clear()
        bus = await self.tenancy.bus()
        try:
            names = await asyncio.to_thread(self._writers)
            logs = {kind: JetStreamLog(bus, self.tenancy.tenant.name, stream) for kind, stream in STREAMS.items()}
            started = {name: Appender(name) for name in names}
            for name, appender in started.items():
                await appender.start(logs[name.split(".")[0]], self.tenancy.engine, self.lease.epoch)
            self.appenders = started
            self.runs()
            runs = [appender.run(logs[name.split(".")[0]]) for name, appender in started.items()]
            await self._until_changed(runs)
        finally:
            self.appenders = {}
            await bus.close()

    async def _until_changed(self, runs: Sequence[Coroutine[Any, Any, None]]) -> None:
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(run) for run in (self.changed.wait(), *runs)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await ended(*tasks)

    def _writers(self) -> list[str]:
        self.lease.confirm()
        with self.tenancy.engine.begin() as c:
            return books.writers(c, "receipt.", "out.")

    def write(self, c: Connection, writer: str, drafts: Sequence[Draft]) -> list[Outgoing]:
        """Numbers and outbox rows in the caller's transaction; hand them to `put` after the commit."""
        if not drafts:
            return []
        books.prepare(c, (), (writer,))
        appender = self.appenders.get(writer)
        known = appender.published if appender is not None else 0
        first = self.books.take(c, writer, len(drafts), known, self.lease.epoch)
        rows = [one.numbered(first + at) for at, one in enumerate(drafts)]
        self.books.write(c, writer, rows)
        return rows

    def put(self, rows: dict[str, list[Outgoing]]) -> None:
        """After the commit, in the event loop; what nobody takes now is found in the outbox at the next start."""
        for writer, some in rows.items():
            appender = self.appenders.get(writer)
            if appender is None:
                self.changed.set()
            else:
                appender.put(some)
