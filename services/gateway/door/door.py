"""The door: checks the messages that publishers have sent, stamps the accepted ones and writes them into the log, and writes
receipts for rejected ones.

One transaction per batch stores the position in the IN stream, the ids of the accepted messages, the outbox rows and the
refused attempts. The door writes under the writer name `gateway`.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import sqlalchemy as sa

from microgov.services.chassis.cancellation import run_together
from microgov.services.chassis.errors import Again
from microgov.services.chassis.fold.clock import start_after_log
from microgov.services.chassis.fold.edge import InputWriter
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.log import Outgoing, Stored
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.store.bookkeeping import Bookkeeping
from microgov.services.chassis.store.fold_session.bulk import Bulk
from microgov.services.gateway.courier.courier import Courier
from microgov.services.gateway.door import refused_attempts
from microgov.services.gateway.door.admission import Admission
from microgov.services.gateway.door.behaviour_rise import BehaviourRaiser
from microgov.services.gateway.door.durability import must_be_durable
from microgov.services.gateway.door.in_streams import InStreams
from microgov.services.gateway.model import WRITER, Seen
from microgov.services.gateway.outbound.outbound import OutboundWriter, receipt_writer

BATCH, PAUSE = 256, 0.25
"""BATCH: messages per batch. PAUSE: seconds that the door waits for new messages once it has read all streams."""


class DoorOutcome(NamedTuple):
    """The result of one transaction: rows for the log, rows of receipts, how many messages of the batch were handled, and
    whether the door must wait for the directory's fold before it continues.
    """

    rows: list[Outgoing]
    receipts: list[Outgoing]
    taken: int
    wait: bool


class Door(RetryLoop):
    """The loop that reads a tenant's IN streams, one batch of each publisher after another."""

    def __init__(self, tenancy: Tenancy, outbound: OutboundWriter, courier: Courier) -> None:
        super().__init__(f"door/{tenancy.tenant.name}", tenancy.lease)
        self.tenancy, self.outbound, self.courier, self.tenant = (
            tenancy,
            outbound,
            courier,
            tenancy.tenant.name,
        )
        self.engine, self.points = tenancy.engine, tenancy.points
        self.input_writer = InputWriter(WRITER, self.engine, self.lease, self.points)
        self.books, self.clock = Bookkeeping(self.engine.dialect), tenancy.clock
        self.behaviour_raiser = BehaviourRaiser(tenancy, self.input_writer)
        self.seen = Bulk(sa.inspect(Seen).local_table, self.engine.dialect)  # type: ignore[arg-type]  # a mapped class has a Table
        self.streams = InStreams(tenancy, outbound, self.books)

    def outgoing(self) -> int:
        return self.input_writer.appender.outgoing()

    def notes(self) -> list[str]:
        return self.streams.notes()

    async def run_once(self) -> None:
        behind = "directory and courier have not reached the head of the log yet"
        await self.until(self.tenancy.fold.reached.wait(), behind)
        await self.until(self.courier.reached.wait(), behind)
        bus = await self.tenancy.bus()
        source = await self.tenancy.log()
        try:
            await must_be_durable(bus)
            await asyncio.to_thread(self.lease.confirm)
            await self.input_writer.appender.start(source, self.engine, self.lease.epoch)
            await start_after_log(self.clock, source, WRITER)
            await self.until(self.clock.wait_until_known(), "the machine's clock cannot be believed")
            self.streams.close_all()
            self.runs()
            await run_together(
                self.input_writer.appender.run(source), self._serve(bus), self.behaviour_raiser.run(bus)
            )
        finally:
            await source.close()
            await bus.close()

    async def _serve(self, bus: Bus) -> None:
        """Gives each publisher a turn, again and again; looks for new streams once a second."""
        looked = 0.0
        while True:
            now = asyncio.get_running_loop().time()
            if now - looked > 1.0 or not self.streams.readers:
                await self.streams.open_new(bus)
                looked = now
            if self.behaviour_raiser.agreed:
                self.input_writer.put(await asyncio.to_thread(self.behaviour_raiser.write_rise))
            self.streams.more.clear()
            served = [await self._turn(bus, publisher) for publisher in sorted(self.streams.readers)]
            if not any(served):
                with suppress(TimeoutError):
                    async with asyncio.timeout(PAUSE):
                        await self.streams.more.wait()

    async def _turn(self, bus: Bus, publisher: str) -> bool:
        """Handles one batch of one publisher completely, in several transactions if needed; False if there was none."""
        batch = await self.streams.readers[publisher].batch(BATCH, 0)
        worked = bool(batch)
        while batch:
            old = [stored for stored in batch if stored.seq <= self.streams.read_before[publisher]]
            self.points.hit("after_fetch")
            outcome = await asyncio.to_thread(self._transaction, publisher, old or batch, bool(old))
            self.points.hit("after_commit")
            self.input_writer.put(outcome.rows)
            self.outbound.put(
                {receipt_writer(publisher, self.tenant): outcome.receipts} if outcome.receipts else {}
            )
            batch = batch[outcome.taken :]
            if outcome.wait:
                await self._directory_has_folded()
        if worked:
            await self.input_writer.appender.idle.wait()
            await self.streams.purge(bus, publisher)
        return worked

    async def _directory_has_folded(self) -> None:
        """Waits until the directory has folded what the door has written, because the next message may depend on it; for
        example, a person who was registered just now votes.
        """
        await self.input_writer.appender.idle.wait()
        wanted = self.input_writer.appender.last
        while self.tenancy.fold.position.seq < wanted:
            async with self.tenancy.fold.folded:
                try:
                    async with asyncio.timeout(5):
                        await self.tenancy.fold.folded.wait()
                except TimeoutError as error:
                    raise Again("the directory does not get on") from error

    # --- in the thread ---

    def _transaction(self, publisher: str, batch: Sequence[Stored], old: bool) -> DoorOutcome:
        """Decides about a batch and stores everything that follows from it. `old`: as in `Admission.judge`."""
        with self.engine.begin() as c:
            judged = Admission(c, publisher, self.tenancy)
            count = judged.judge(batch, old)
            last = batch[count - 1].seq
            self.streams.move(c, publisher, last)
            self.seen.insert(
                c,
                [(publisher, one.m.id, one.draft.id, one.m.type, one.subject, 0) for one in judged.admitted],
            )
            rows = self.input_writer.write(c, [one.draft for one in judged.admitted])
            receipts = self.outbound.write(c, receipt_writer(publisher, self.tenant), judged.receipts, old)
            judged.keep_clock(c)
            refused_attempts.keep(c, judged.attempts)
            self.points.hit("in_transaction")
        self.streams.positions[publisher] = last
        self.tenancy.counters["refused_attempts"] += len(judged.attempts)
        return DoorOutcome(rows, receipts, count, judged.has_directory_message)
