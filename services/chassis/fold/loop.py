"""The loop around a fold: read, fold in one transaction, append. After an error it restarts from the stored position."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from microgov.services.chassis import telemetry
from microgov.services.chassis.cancellation import run_together
from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.fold import handled_types
from microgov.services.chassis.fold.appender import Appender
from microgov.services.chassis.fold.breaker import Breaker
from microgov.services.chassis.fold.fold import Fold
from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.fold.opening import Opening
from microgov.services.chassis.fold.recovery import check_position
from microgov.services.chassis.fold.refolding import Refolding
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.fold.suspects import Suspects, culprit
from microgov.services.chassis.infrastructure import is_infrastructure
from microgov.services.chassis.log import Log, Outgoing, Reader
from microgov.services.chassis.messages.parsed import HandlerFailed, Parsed, greatest_time, kind_of, read_one
from microgov.services.chassis.messages.stamp import Draft
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.bookkeeping import Bookkeeping, StreamPosition

BATCH, FEW = 1000, 32
LOG_READER = "LOG"
T = TypeVar("T")
log = telemetry.logger("fold")


class FoldLoop(RetryLoop):
    """The loop of one fold. `position`: as stored. `handed`: sequence up to which the answers are handed to the appender.
    `head`: the log's last sequence at the start; `reached` is set once the fold is there. `refolding`: the answers that the
    log holds already. `window`: how many messages the next transaction may take."""

    def __init__(
        self,
        service: Service,
        tenant: str,
        engine: Engine,
        connect: Callable[[], Awaitable[Log]],
        lease: Lease,
        points: FaultPoints = NO_FAULTS,
        batch: int = BATCH,
    ) -> None:
        super().__init__(f"{service.name}/{tenant}", lease)
        self.service, self.tenant, self.engine, self.connect, self.points = (
            service,
            tenant,
            engine,
            connect,
            points,
        )
        self.batch = batch
        self.folding = Fold(service, tenant)
        self.books = Bookkeeping(engine.dialect)
        self.appender = Appender(service.name, points=points)
        self.position = StreamPosition(0, "", 0)
        self.handed = self.head = 0
        self.refolding = Refolding(service.name)
        self.breaker = Breaker(engine, LOG_READER)
        self.suspects = Suspects(engine, self.folding, self.breaker, LOG_READER)
        self.window = batch
        self.reached = asyncio.Event()
        self.folded = asyncio.Condition()
        self.reader: Reader | None = None
        self.thread = ThreadPoolExecutor(1, thread_name_prefix=f"fold-{service.name}")

    @property
    def lag(self) -> int:
        """How many messages wait to be folded, as the broker reported with the last message."""
        return self.reader.pending if self.reader is not None else 0

    @property
    def at_rest(self) -> bool:
        """Whether the log holds the answers to everything that was folded."""
        return self.handed == self.position.seq and self.appender.idle.is_set()

    async def behind(self) -> int:
        """Asks the broker how many messages are not folded yet; at least 1 while that is not known."""
        reader = self.reader
        if reader is None or not self.reached.is_set():
            return max(1, self.lag)
        return await reader.behind() + (self.position.seq < reader.taken)

    def outgoing(self) -> int:
        return self.appender.outgoing()

    async def run_once(self) -> None:
        """Starts, then reads and folds from the stored position on, until an error occurs."""
        source = await self.connect()
        try:
            await self._start(source)
            self.runs()
            await run_together(self._read(), self.appender.run(source))
        finally:
            self.reader = None
            await self._idle()
            await source.close()

    async def _idle(self) -> None:
        """Waits until a transaction that still runs in the thread has ended, before the loop restarts."""
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self.thread, lambda: None))

    # --- starting ---

    async def _start(self, source: Log) -> None:
        opening = Opening(self.engine, self.lease, self.folding, self.breaker)
        self.position, before = await asyncio.to_thread(opening.stored)
        await check_position(source, LOG_READER, self.position)
        outdated = await handled_types.outdated(source, before, self.folding.types, self.position.seq)
        self.position = await asyncio.to_thread(opening.open, outdated)
        self.handed = self.position.seq
        known = await self.appender.start(source, self.engine, self.lease.epoch)
        next_ = await asyncio.to_thread(opening.next_number)
        self.refolding = await asyncio.to_thread(opening.refolding)
        await self.refolding.read(source, next_, known)
        self.folding.forced = self.refolding.forced
        if not self.lease.clean:
            self.suspects.remaining, self.lease.clean = self.batch, True
        self.head = await source.end()
        self.reader = await source.read(self.position.seq, self.folding.types)

    # --- reading ---

    async def _read(self) -> None:
        assert self.reader is not None
        batch: list[Parsed] = []
        while True:
            if not self.reached.is_set() and await self._at_the_head(bool(batch)):
                self.reached.set()
            if not batch:
                batch = await self._next_batch(0.5)
                if not batch:
                    continue
            self.points.hit("after_fetch")
            rest = await self._fold(batch)
            batch = rest or await self._next_batch(0)

    async def _at_the_head(self, in_hand: bool) -> bool:
        """Whether all messages that the log held at the start are folded; silence may also mean that the broker stalls."""
        assert self.reader is not None
        return self.position.seq >= self.head or (not in_hand and await self.reader.behind() == 0)

    async def _next_batch(self, wait: float) -> list[Parsed]:
        assert self.reader is not None
        stored = await self.reader.batch(1 if self.suspects.remaining > 0 else self.batch, wait)
        if len(stored) <= FEW:
            return [read_one(one) for one in stored]
        return await asyncio.get_running_loop().run_in_executor(
            self.thread, lambda: [read_one(one) for one in stored]
        )

    async def _fold(self, batch: list[Parsed]) -> list[Parsed]:
        """Folds what one transaction may hold, hands the answers to the appender, returns the rest of the batch."""
        some = batch[: 1 if self.suspects.remaining > 0 else self.window]
        if self.suspects.remaining > 0:
            await self._in_thread(self.suspects.count_attempt, batch[0])
        running = asyncio.get_running_loop().run_in_executor(self.thread, self._transaction, some)
        try:
            rows, count = await asyncio.shield(running)
        except HandlerFailed as failed:
            return await self._isolate(batch, failed)
        except (
            sa.exc.IntegrityError,
            sa.exc.DataError,
            sa.exc.ProgrammingError,
            sa.exc.StatementError,
        ) as error:
            return await self._unwritten(batch, some, error)
        self.window = min(2 * self.window, self.batch)
        await self.appender.idle.wait()
        self.appender.put(rows)
        self.handed = self.position.seq
        async with self.folded:
            self.folded.notify_all()
        return batch[count:]

    async def _isolate(self, batch: list[Parsed], failed: HandlerFailed) -> list[Parsed]:
        """Folds the messages before the failed one and condemns that one; returns the messages after it. The next
        transactions are small at first.
        """
        at = next((n for n, one in enumerate(batch) if one is failed.during), 0)
        before, after = batch[:at], batch[at:]
        while before:
            self.window = len(before)
            before = await self._fold(before)
        await self._in_thread(self.suspects.condemn, failed)
        self.window = 1
        return after

    async def _unwritten(
        self, batch: list[Parsed], some: list[Parsed], error: sa.exc.StatementError
    ) -> list[Parsed]:
        """Handles rows that the database refused: folds the messages one by one to find the one that wrote them."""
        if is_infrastructure(error):
            self.suspects.blame(some, error)
            raise error
        if len(some) > 1:
            self.window, self.suspects.remaining = 1, len(some)
            return batch
        failed = await self._in_thread(culprit, self.engine, self.folding, some[0], error)
        await self._in_thread(self.suspects.condemn, failed)
        return batch

    async def _in_thread(self, what: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.thread, what, *arguments)

    # --- in the thread ---

    def _transaction(self, batch: Sequence[Parsed]) -> tuple[list[Outgoing], int]:
        self.suspects.transaction_begins()
        self.folding.stopped = frozenset() if self.refolding.ids else self.breaker.stopped
        self.folding.worked = [] if self.breaker.failures else None
        old, after = self.position, self._after(batch)
        with self.engine.begin() as c:
            self.books.fence(c, LOG_READER, old.seq, after, self.lease.epoch)
            said, count = self.folding.fold(c, batch)
            if count < len(batch):
                after = self._after(batch[:count])
                self.books.fence(c, LOG_READER, batch[-1].stored.seq, after, self.lease.epoch)
            rows = self._numbered(c, said)
            self.points.hit("in_transaction")
        self.points.hit("after_commit")
        self.position = after
        self.breaker.worked({kind_of(one) for one in self.folding.worked or ()})
        self.suspects.committed(after.seq)
        if telemetry.tracing():
            for one in batch[:count]:
                telemetry.span(f"{self.service.name} {one.m.type}", one.m.traceparent, seq=one.stored.seq)
        return rows, count

    def _after(self, batch: Sequence[Parsed]) -> StreamPosition:
        return StreamPosition(batch[-1].stored.seq, batch[-1].m.id, greatest_time(batch, self.position.now))

    def _numbered(self, c: Connection, said: Sequence[Draft]) -> list[Outgoing]:
        if not said:
            return []
        first = self.books.take(c, self.service.name, len(said), self.appender.published, self.lease.epoch)
        rows = [draft.numbered(first + at) for at, draft in enumerate(said)]
        if self.refolding.ids:
            rows = self.refolding.new(c, LOG_READER, rows)
        self.books.write(c, self.service.name, rows)
        return rows
