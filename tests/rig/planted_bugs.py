"""Planted bugs: each replaces one honest object of the chassis or the gateway; none can be switched on in a service."""

import asyncio
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import nats
import sqlalchemy as sa
from nats.aio.client import Client
from sqlalchemy.engine import Connection, Engine

from microgov.contracts.issues import IssueSubmitted, SubmitIssue
from microgov.contracts.message import Envelope
from microgov.services.chassis.fold.appender import Appender
from microgov.services.chassis.fold.edge import InputWriter
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.fold.isolating import Answer
from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.fold.loop import LOG_READER, FoldLoop
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import Log, Outgoing
from microgov.services.chassis.messages.parsed import Parsed
from microgov.services.chassis.messages.stamp import Draft, EventStamper
from microgov.services.chassis.model import AnyMessage, Said
from microgov.services.chassis.service import several
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.bookkeeping import Bookkeeping, StreamPosition
from microgov.services.chassis.store.fold_session.session import FoldSession
from microgov.services.issues.handlers import service as issues


class NoLease(Lease):
    """Every process holds the lease, all under the same epoch."""

    def _take(self) -> bool:
        with self.engine.begin() as c:
            bookkeeping.prepare(c, self.readers, self.writers)
        return True

    def confirm(self) -> None:
        return None


class NoDatabaseFence(Bookkeeping):
    """Updates the position whatever it was, and takes numbers under any epoch."""

    def fence(self, c: Connection, stream: str, old: int, new: StreamPosition, epoch: int) -> None:
        c.execute(
            bookkeeping.READER.update().where(bookkeeping.READER.c.stream == stream).values(**new._asdict())
        )

    def take(self, c: Connection, writer: str, count: int, published: int, epoch: int) -> int:
        row = bookkeeping.WRITER
        c.execute(row.update().where(row.c.name == writer).values(next=row.c.next + count))
        return int(c.execute(sa.select(row.c.next).where(row.c.name == writer)).scalar_one()) - count


class NoExpectation(JetStreamLog):
    """Appends batches without the expected last message of the writer, so that the broker refuses nothing."""

    def _frame(self, row: Outgoing, at: int, of: int, fence: str, batch: str, inbox: str) -> bytes:
        return super()._frame(row, at, of, "", batch, inbox)


class PositionApart(FoldLoop):
    """Commits state and outbox in one transaction, and the position in a second one."""

    def _transaction(self, batch: Sequence[Parsed]) -> tuple[list[Outgoing], int]:
        with self.engine.begin() as c:
            said, count = self.folding.fold(c, batch)
            rows = self._numbered(c, said)
            self.points.hit("in_transaction")
        after = self._after(batch[:count])
        with self.engine.begin() as c:
            self.books.fence(c, LOG_READER, self.position.seq, after, self.lease.epoch)
            self.points.hit("in_transaction")
        self.position = after
        return rows, count


class NoLogCheckAtStart(Appender):
    """At a start it trusts its database, and does not read its last message in the log."""

    async def start(self, log: Log, engine: Engine, epoch: int) -> int:
        self.waiting.clear()
        mine = await log.last(self.writer)
        self.last = mine.seq if mine is not None else 0
        with engine.begin() as c:
            self.published = bookkeeping.writer(c, self.writer).published
        rest = await asyncio.to_thread(self._rest, engine)
        if rest:
            self.last = await log.append(self.writer, rest, self.last)
            self.published = rest[-1].n
        return 0


class AppendBeforeCommit(Appender):
    """Can append to the log before the transaction is committed."""

    def __init__(self, honest: Appender) -> None:
        super().__init__(honest.writer, honest.continues, honest.points)
        self.way: tuple[Log, asyncio.AbstractEventLoop] | None = None

    async def run(self, log: Log, *rest: Any) -> None:
        self.way = (log, asyncio.get_running_loop())
        await super().run(log, *rest)

    def at_once(self, rows: Sequence[Outgoing]) -> None:
        """Appends the rows now; called in the thread of the transaction."""
        assert self.way is not None
        log, loop = self.way
        self.last = asyncio.run_coroutine_threadsafe(log.append(self.writer, rows, self.last), loop).result(
            10
        )
        self.published = rows[-1].n


class PublishBeforeCommit(InputWriter):
    """Appends its messages to the log while the transaction is still open."""

    def __init__(self, honest: InputWriter, engine: Engine) -> None:
        super().__init__(honest.writer, engine, honest.lease)
        self.appender = self.hasty = AppendBeforeCommit(honest.appender)

    def write(self, c: Connection, drafts: Sequence[Draft]) -> list[Outgoing]:
        rows = super().write(c, drafts)
        if rows:
            self.hasty.at_once(rows)
        return rows


class Pipelined(JetStreamLog):
    """Publishes many single messages at once by a client that reconnects; unconfirmed messages are published again."""

    client: Client | None = None

    async def append(self, writer: str, rows: Sequence[Outgoing], last: int) -> int:
        if self.client is None:
            here = self.bus.nc.connected_url
            assert here is not None
            self.client = await nats.connect(
                here.geturl(), max_reconnect_attempts=-1, reconnect_time_wait=0.05, error_cb=_quiet
            )
        waiting, js = list(rows), self.client.jetstream()
        while waiting:
            futures = [await js.publish_async(row.subject, row.data) for row in waiting]
            done, _ = await asyncio.wait(futures, timeout=1.0)
            kept = [one for one in done if one.exception() is None]
            waiting = [row for row, one in zip(waiting, futures, strict=True) if one not in kept]
            last = max([last, *(one.result().seq for one in kept)])
        return last

    async def close(self) -> None:
        if self.client is not None:
            await asyncio.gather(self.client.close(), return_exceptions=True)
        await super().close()


async def _quiet(_: Exception) -> None:
    return None


class RandomIds(EventStamper):
    """Every event gets a random id, which does not depend on its cause."""

    def because_of(self, cause: AnyMessage, said: list[Said]) -> list[Draft]:
        return [self._anew(draft) for draft in super().because_of(cause, said)]

    def _anew(self, draft: Draft) -> Draft:
        id = str(uuid.uuid4())
        return Draft(id, draft.subject, draft.data.replace(draft.id.encode(), id.encode()))


class SwallowErrors(Fold):
    """Ignores every exception of a handler."""

    def _call_handler(self, s: FoldSession, parsed: Parsed, m: AnyMessage) -> Answer:
        try:
            return super()._call_handler(s, parsed, m)
        except Exception:
            return Answer(parsed, m, [])


def _reads_the_clock(m: Envelope[SubmitIssue], s: Any) -> Iterator[Said]:
    for event, subject, version in several(issues.handlers[SubmitIssue](m, s)):
        if isinstance(event, IssueSubmitted):
            event = event.model_copy(update={"title": f"{event.title} {time.time_ns()}"})
        yield Said(event, subject, version)


CLOCK_READER = replace(issues, handlers={**issues.handlers, SubmitIssue: _reads_the_clock})
