"""Appends what door and courier have written for publishers from the outbox to the streams RECEIPT and OUT.

Each `receipt.<publisher>.<tenant>` and each `out.<publisher>.<tenant>.>` is a writer with its own numbers and its own
fence. If the database is older than a stream (restored from a backup), the numbers continue after the last one in the
stream, and what the stream holds already is not written a second time.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy.engine import Connection

from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.errors import Again, LogDiffers
from microgov.services.chassis.fold.appender import Appender
from microgov.services.chassis.fold.recovery import expected_batch
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import FIRST_GENERATION, Outgoing, Stored, body_of, number_of
from microgov.services.chassis.messages.stamp import Draft
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.bookkeeping import Bookkeeping

STREAMS = {"receipt": "RECEIPT", "out": "OUT"}
Key = tuple[Any, ...]


def receipt_writer(publisher: str, tenant: str) -> str:
    """The writer of a publisher's receipts; the same text is their subject."""
    return f"receipt.{publisher}.{tenant}"


def out_writer(publisher: str, tenant: str) -> str:
    """The writer of the copies for a publisher."""
    return f"out.{publisher}.{tenant}.>"


def writers_of(publisher: str, tenant: str) -> tuple[str, str]:
    """Both writers of a publisher."""
    return receipt_writer(publisher, tenant), out_writer(publisher, tenant)


def make_draft(id: str, subject: str, body: dict[str, object]) -> Draft:
    """A message for RECEIPT or OUT; its number is filled in later."""
    return Draft(id, subject, orjson.dumps({**body, "sequence": "0" * 19}, option=orjson.OPT_SORT_KEYS))


def shown(generation: int) -> dict[str, int]:
    """The field of a receipt with the generation of the log to which its sequence belongs; none for the first."""
    return {"generation": generation} if generation > FIRST_GENERATION else {}


def key_of(body: dict[str, Any]) -> Key:
    """The fields by which two receipts, or two copies, count as the same."""
    return tuple(body.get(name) for name in ("publisherid", "status", "id", "code"))


class OutboundWriter(RetryLoop):
    """The loop that appends to RECEIPT and OUT, with one appender per writer. `known`: writers whose last number in their
    stream is known. `refused`: writer → why it cannot be used. `restored`: writer whose stream holds messages that the
    database does not know → the keys (`key_of`) of these messages.
    """

    def __init__(self, tenancy: Tenancy) -> None:
        super().__init__(f"post/{tenancy.tenant.name}", tenancy.lease)
        self.tenancy, self.books = tenancy, Bookkeeping(tenancy.engine.dialect)
        self.appenders: dict[str, Appender] = {}
        self.known: set[str] = set()
        self.refused: dict[str, str] = {}
        self.restored: dict[str, set[Key]] = {}
        self.changed, self.started = asyncio.Event(), asyncio.Condition()

    def outgoing(self) -> int:
        return sum(appender.outgoing() for appender in self.appenders.values())

    def trouble(self) -> str:
        why = "; ".join(self.refused.values())
        return super().trouble() or (
            f"{self.name} refuses to write to {', '.join(self.refused)}: {why}" if why else ""
        )

    async def run_once(self) -> None:
        self.changed.clear()
        bus = await self.tenancy.bus()
        try:
            started: dict[str, tuple[Appender, JetStreamLog]] = {}
            self.refused.clear()
            for name in await asyncio.to_thread(self._writers):
                log = JetStreamLog(bus, self.tenancy.tenant.name, STREAMS[name.split(".")[0]])
                try:
                    started[name] = (await self._start(name, log), log)
                except LogDiffers as differs:  # this concerns one publisher; the others continue
                    self.refused[name] = str(differs)
            self.appenders = {name: appender for name, (appender, _) in started.items()}
            self.runs()
            async with self.started:
                self.started.notify_all()
            await self._until_changed([appender.run(log) for appender, log in started.values()])
        finally:
            self.appenders = {}
            await bus.close()

    async def _start(self, name: str, log: JetStreamLog) -> Appender:
        appender = Appender(name, continues=True, ages=True)
        next_ = await asyncio.to_thread(self._next, name)
        last = await log.last(name)
        if last is not None and number_of(last) >= next_ and name not in self.restored:
            self.restored[name] = {key_of(body_of(m)) for m in await _own(log, name) if number_of(m) >= next_}
        await appender.start(log, self.tenancy.engine, self.lease.epoch)
        self.known.add(name)
        return appender

    async def _until_changed(self, runs: Sequence[Coroutine[Any, Any, None]]) -> None:
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(run) for run in (self.changed.wait(), *runs)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await cancel_and_wait(*tasks)

    def _writers(self) -> list[str]:
        self.lease.confirm()
        with self.tenancy.engine.begin() as c:
            return bookkeeping.writers(c, "receipt.", "out.")

    def _next(self, name: str) -> int:
        with self.tenancy.engine.begin() as c:
            return bookkeeping.writer(c, name).next

    async def open_writers(self, writers: Iterable[str]) -> None:
        """Waits until the last numbers of these writers in their streams are known, or the writer is refused. Their numbers
        must not be taken before that.
        """
        wanted = set(writers)
        if not self._unknown(wanted):
            return
        await asyncio.to_thread(self._prepare, self._unknown(wanted))
        self.changed.set()
        async with self.started:
            await self.started.wait_for(lambda: not self._unknown(wanted))

    def _unknown(self, wanted: set[str]) -> list[str]:
        return sorted(wanted - self.known - self.refused.keys())

    def _prepare(self, names: Sequence[str]) -> None:
        with self.tenancy.engine.begin() as c:
            bookkeeping.prepare(c, (), names)

    def write(self, c: Connection, writer: str, drafts: Sequence[Draft], old: bool = False) -> list[Outgoing]:
        """Takes numbers and writes outbox rows in the caller's transaction; call `put` with the rows after the commit.

        `old`: the drafts follow from messages that LOG or IN held before this start, so the stream may hold them already.
        Raises Again for a writer that is not known yet.
        """
        if old and writer in self.restored:
            drafts = [one for one in drafts if key_of(orjson.loads(one.data)) not in self.restored[writer]]
        if not drafts:
            return []
        if writer not in self.known and writer not in self.refused:
            raise Again(f"the post does not know {writer} yet")
        appender = self.appenders.get(writer)
        first = self.books.take(
            c, writer, len(drafts), appender.published if appender is not None else 0, self.lease.epoch
        )
        rows = [one.numbered(first + at) for at, one in enumerate(drafts)]
        self.books.write(c, writer, rows)
        return rows

    def put(self, rows: dict[str, list[Outgoing]]) -> None:
        """Hands the rows (by writer) to their appenders; call it after the commit, in the event loop. For a writer without
        an appender the loop starts again and finds the rows in the outbox.
        """
        for writer, mine in rows.items():
            appender = self.appenders.get(writer)
            if appender is None:
                self.changed.set()
            else:
                appender.put(mine)


async def _own(log: JetStreamLog, writer: str) -> list[Stored]:
    """All messages of one writer in its stream."""
    found: list[Stored] = []
    end, reader = await log.last(writer), await log.read_subject(writer)
    while end is not None and reader.taken < end.seq:
        found += await expected_batch(reader, 1000)
    await reader.close()
    return found
