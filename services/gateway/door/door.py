"""The door: checks what publishers sent, stamps what is accepted and copies it into the log, and answers the rest with
receipts.

One transaction per batch holds the position in the IN stream, the ids seen, the outbox and the rejections. The door writes
under the writer name `gateway`.
"""

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import sqlalchemy as sa

from microgov.services.chassis.cancellation import run_together
from microgov.services.chassis.errors import Again, Denied
from microgov.services.chassis.fold.clock import begun
from microgov.services.chassis.fold.edge import InputWriter
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.jetstream.connection import ApiError, Bus
from microgov.services.chassis.jetstream.reader import JetStreamReader
from microgov.services.chassis.log import Outgoing, Stored
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.bookkeeping import Books, StreamPosition
from microgov.services.chassis.store.bulk import Bulk
from microgov.services.chassis.store.engine import reading
from microgov.services.chassis.telemetry import logger
from microgov.services.gateway.courier.courier import Courier
from microgov.services.gateway.door import refused_attempts
from microgov.services.gateway.door.admission import Admission
from microgov.services.gateway.door.behaviour_rise import Raising
from microgov.services.gateway.door.durability import must_be_durable
from microgov.services.gateway.model import WRITER, Grant, Seen
from microgov.services.gateway.outbound.outbound import Post, receipt_writer, writers_of

BATCH, PAUSE, PURGE_EVERY, SHUT_FOR, NO_STREAM = 256, 0.25, 1.0, 10.0, 10059
log = logger("door")


class DoorOutcome(NamedTuple):
    """The result of one transaction: rows for the log, receipts, how many messages of the batch it took, and whether the
    directory must be folded before the door goes on.
    """

    rows: list[Outgoing]
    receipts: list[Outgoing]
    taken: int
    wait: bool


class Door(RetryLoop):
    """Reads the IN streams of a tenant in turn."""

    def __init__(self, tenancy: Tenancy, post: Post, courier: Courier) -> None:
        super().__init__(f"door/{tenancy.tenant.name}", tenancy.lease)
        self.tenancy, self.post, self.courier, self.tenant = tenancy, post, courier, tenancy.tenant.name
        self.engine, self.points = tenancy.engine, tenancy.points
        self.pen = InputWriter(WRITER, self.engine, self.lease, self.points)
        self.books, self.clock = Books(self.engine.dialect), tenancy.clock
        self.raising = Raising(tenancy, self.pen)
        self.seen = Bulk(sa.inspect(Seen).local_table, self.engine.dialect)  # type: ignore[arg-type]  # a mapped class has a Table
        self.readers: dict[str, JetStreamReader] = {}
        self.positions: dict[str, int] = {}
        self.read_before: dict[str, int] = {}
        self.made: dict[str, str] = {}
        self.purged: dict[str, tuple[int, float]] = {}
        self.shut: dict[tuple[str, bool], float] = {}
        self.gone: set[str] = set()
        self.more = asyncio.Event()

    def outgoing(self) -> int:
        return self.pen.appender.outgoing()

    def notes(self) -> list[str]:
        return [
            f"the stream of publisher {publisher} is gone from the broker, and nothing it sends is taken. Run `microgov "
            f"publishers mend {publisher}`"
            for publisher in sorted(self.gone)
        ]

    async def run_once(self) -> None:
        behind = "directory and courier have not reached the head of the log yet"
        await self.until(self.tenancy.fold.reached.wait(), behind)
        await self.until(self.courier.reached.wait(), behind)
        bus = await self.tenancy.bus()
        source = await self.tenancy.log()
        try:
            await must_be_durable(bus)
            await asyncio.to_thread(self.lease.confirm)
            await self.pen.appender.start(source, self.engine, self.lease.epoch)
            await begun(self.clock, source, WRITER)
            await self.until(self.clock.wait_until_known(), "the machine's clock cannot be believed")
            self.readers, self.positions = {}, {}
            self.runs()
            await run_together(self.pen.appender.run(source), self._serve(bus), self.raising.run(bus))
        finally:
            await source.close()
            await bus.close()

    async def _serve(self, bus: Bus) -> None:
        looked = 0.0
        while True:
            now = asyncio.get_running_loop().time()
            if now - looked > 1.0 or not self.readers:
                await self._open_new(bus)
                looked = now
            if self.raising.agreed:
                self.pen.put(await asyncio.to_thread(self.raising.raised))
            self.more.clear()
            served = [await self._turn(bus, publisher) for publisher in sorted(self.readers)]
            if not any(served):
                with suppress(TimeoutError):
                    async with asyncio.timeout(PAUSE):
                        await self.more.wait()

    async def _open_new(self, bus: Bus) -> None:
        now = asyncio.get_running_loop().time()
        granted = await asyncio.to_thread(self._granted)
        self.gone &= {publisher for publisher, in_force in granted if in_force} - self.readers.keys()
        for publisher, in_force in granted:
            if publisher not in self.readers and self.shut.get((publisher, in_force), 0.0) < now:
                await self._open(bus, publisher, in_force)

    def _granted(self) -> list[tuple[str, bool]]:
        """All publishers that ever had a grant, and whether it is in force: messages under a withdrawn grant are still
        answered.
        """
        with reading(self.engine) as c:
            return [
                (row.id, row.in_force)
                for row in c.execute(sa.select(Grant.id, Grant.in_force).order_by(Grant.id))
            ]

    def _stream(self, publisher: str) -> str:
        return f"IN-{self.tenant}_{publisher}"

    async def _open(self, bus: Bus, publisher: str, in_force: bool) -> None:
        stream = self._stream(publisher)
        known = await asyncio.to_thread(self._position, stream)
        try:
            info = await bus.api(f"STREAM.INFO.{stream}")
        except ApiError as error:
            if error.code != NO_STREAM:
                raise
            if in_force and known.seq and publisher not in self.gone:
                self.gone.add(publisher)
                log.error(
                    "the stream of this publisher is gone from the broker; the others go on",
                    publisher=publisher,
                )
            return
        except Denied as error:
            if in_force:
                log.warning(
                    "this publisher's stream may not be read; the others go on",
                    publisher=publisher,
                    why=str(error),
                )
            again = SHUT_FOR if in_force else math.inf  # after a withdrawal tried once, until a new grant
            self.shut[publisher, in_force] = asyncio.get_running_loop().time() + again
            return
        at, state, self.made[publisher] = known.seq, info["state"], str(info["created"])
        if state["last_seq"] < at or known.event_id not in ("", self.made[publisher]):
            log.warning(
                "this publisher's stream was made anew, and is read from its beginning: what was let in before is "
                "known by its id",
                publisher=publisher,
                stream=stream,
                ends=state["last_seq"],
                read=at,
            )
            at = await asyncio.to_thread(self._begin_anew, stream, self.made[publisher])
        if state["first_seq"] > at + 1 and state["last_seq"] > at:
            log.error("messages were dropped unread", stream=stream, first=state["first_seq"], read=at)
        await self.post.know(writers_of(publisher, self.tenant))
        restored = receipt_writer(publisher, self.tenant) in self.post.restored
        self.read_before[publisher] = int(state["last_seq"]) if restored else 0
        reader = await JetStreamReader.open(bus, stream, at, None)
        reader.more = self.more
        self.readers[publisher], self.positions[publisher] = reader, at

    def _position(self, stream: str) -> StreamPosition:
        with self.engine.begin() as c:
            bookkeeping.prepare(c, (stream,), ())
            return bookkeeping.position(c, stream)

    def _begin_anew(self, stream: str, made: str) -> int:
        with self.engine.begin() as c:
            self.books.fence(
                c, stream, bookkeeping.position(c, stream).seq, StreamPosition(0, made, 0), self.lease.epoch
            )
        return 0

    async def _turn(self, bus: Bus, publisher: str) -> bool:
        """Handles one batch of one publisher completely, in several transactions if needed; returns
        whether there was one.
        """
        batch = await self.readers[publisher].batch(BATCH, 0)
        worked = bool(batch)
        while batch:
            old = [stored for stored in batch if stored.seq <= self.read_before[publisher]]
            self.points.hit("after_fetch")
            outcome = await asyncio.to_thread(self._transaction, publisher, old or batch, bool(old))
            self.points.hit("after_commit")
            self.pen.put(outcome.rows)
            self.post.put(
                {receipt_writer(publisher, self.tenant): outcome.receipts} if outcome.receipts else {}
            )
            batch = batch[outcome.taken :]
            if outcome.wait:
                await self._directory_is_there()
        if worked:
            await self.pen.appender.idle.wait()
            await self._purge(bus, publisher)
        return worked

    async def _directory_is_there(self) -> None:
        """Waits until the directory has folded what the door has written: the next message may depend on it, for example a
        vote of a person registered just before.
        """
        await self.pen.appender.idle.wait()
        wanted = self.pen.appender.last
        while self.tenancy.fold.position.seq < wanted:
            async with self.tenancy.fold.folded:
                try:
                    async with asyncio.timeout(5):
                        await self.tenancy.fold.folded.wait()
                except TimeoutError as error:
                    raise Again("the directory does not get on") from error

    async def _purge(self, bus: Bus, publisher: str) -> None:
        at, when = self.purged.get(publisher, (0, 0.0))
        now = asyncio.get_running_loop().time()
        if self.positions[publisher] > at and now - when > PURGE_EVERY:
            await bus.api(f"STREAM.PURGE.{self._stream(publisher)}", {"seq": self.positions[publisher] + 1})
            self.purged[publisher] = (self.positions[publisher], now)

    # --- in the thread ---

    def _transaction(self, publisher: str, batch: Sequence[Stored], old: bool) -> DoorOutcome:
        stream = self._stream(publisher)
        with self.engine.begin() as c:
            judged = Admission(c, publisher, self.tenancy)
            count = judged.judge(batch, old)
            last = batch[count - 1].seq
            self.books.fence(
                c,
                stream,
                self.positions[publisher],
                StreamPosition(last, self.made[publisher], 0),
                self.lease.epoch,
            )
            self.seen.insert(
                c, [(publisher, let.m.id, let.draft.id, let.m.type, let.subject, 0) for let in judged.let]
            )
            rows = self.pen.write(c, [let.draft for let in judged.let])
            receipts = self.post.write(c, receipt_writer(publisher, self.tenant), judged.receipts, old)
            judged.keep_clock(c)
            refused_attempts.keep(c, judged.attempts)
            self.points.hit("in_transaction")
        self.positions[publisher] = last
        self.tenancy.counters["refused_attempts"] += len(judged.attempts)
        return DoorOutcome(rows, receipts, count, judged.directory)
