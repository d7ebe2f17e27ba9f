"""The courier: reads the whole log, and writes receipts for publishers' messages and copies of events about the matters that
publishers began.

Its position is in a kept table. A rebuild does not reset it, so no receipt is written twice.
"""

import asyncio
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from microgov.services.chassis.fold.recovery import check_position
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.log import Log, Outgoing, Stored, body_of, id_of
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.bookkeeping import Bookkeeping, StreamPosition
from microgov.services.chassis.store.engine import reading
from microgov.services.chassis.store.fold_session.bulk import Bulk
from microgov.services.chassis.telemetry import logger
from microgov.services.gateway.courier import followed_matters
from microgov.services.gateway.courier.batch_effects import (
    Accepted,
    BatchEffects,
    Body,
    is_accepted,
    seen_row,
)
from microgov.services.gateway.model import Grant, Seen
from microgov.services.gateway.outbound.outbound import OutboundWriter, writers_of

READER, BATCH = "COURIER", 500
log = logger("courier")


class Courier(RetryLoop):
    """Writes receipts (accepted, refused) to RECEIPT and copies of events to OUT."""

    def __init__(self, tenancy: Tenancy, outbound: OutboundWriter) -> None:
        super().__init__(f"courier/{tenancy.tenant.name}", tenancy.lease)
        self.tenancy, self.outbound, self.tenant, self.engine = (
            tenancy,
            outbound,
            tenancy.tenant.name,
            tenancy.engine,
        )
        self.books = Bookkeeping(self.engine.dialect)
        self.seen = Bulk(sa.inspect(Seen).local_table, self.engine.dialect)  # type: ignore[arg-type]  # a mapped class has a Table
        self.position = StreamPosition(0, "", 0)
        self.reached = asyncio.Event()

    async def run_once(self) -> None:
        source = await self.tenancy.log()
        try:
            await asyncio.to_thread(self._open)
            await check_position(source, "LOG", self.position)
            await self._learn(source)
            head, self.tenancy.generation = await source.end(), await source.generation()
            reader = await source.read(self.position.seq, None)
            await self.outbound.open_writers(await asyncio.to_thread(self._writers))
            self.runs()
            while True:
                if not self.reached.is_set() and (self.position.seq >= head or await reader.behind() == 0):
                    self.reached.set()
                batch = await reader.batch(BATCH, 0.5)
                old = [stored for stored in batch if stored.seq <= head]
                for some in (old, batch[len(old) :]):
                    if some:
                        self.outbound.put(await asyncio.to_thread(self._transaction, some, some is old))
        finally:
            await source.close()

    def _open(self) -> None:
        self.lease.confirm()
        with self.engine.begin() as c:
            bookkeeping.prepare(c, (READER,), ())
            self.position = bookkeeping.position(c, READER)

    def _can_be_read(self, stored: Stored) -> bool:
        """Whether this is a readable message; if not, it is logged and skipped. `microgov check` names such entries."""
        if followed_matters.readable(body_of(stored)):
            return True
        log.error("what stands in the log is no message", stream_seq=stored.seq, subject=stored.subject)
        return False

    async def _learn(self, source: Log) -> None:
        """Once, for a tenant that an older release has served: learns which publisher follows which entity from the part of
        the log that the courier has read before.
        """
        if not await asyncio.to_thread(followed_matters.unlearned, self.engine):
            return
        self.waits("it learns from the log who began what")
        async for batch in followed_matters.pages(source, self.position.seq):
            await asyncio.to_thread(followed_matters.relearn, self.engine, self.tenant, batch)
        await asyncio.to_thread(followed_matters.learned, self.engine, self.lease.epoch)

    def _writers(self) -> list[str]:
        """The writers of all publishers that ever had a grant."""
        with reading(self.engine) as c:
            return [
                writer
                for id in c.execute(sa.select(Grant.id)).scalars()
                for writer in writers_of(id, self.tenant)
            ]

    def _transaction(self, batch: Sequence[Stored], old: bool) -> dict[str, list[Outgoing]]:
        bodies = [(stored.seq, body_of(stored)) for stored in batch if self._can_be_read(stored)]
        new = StreamPosition(batch[-1].seq, id_of(batch[-1]), 0)
        with self.engine.begin() as c:
            self.books.fence(c, READER, self.position.seq, new, self.lease.epoch)
            self._see(c, [seen_row(seq, body) for seq, body in bodies if is_accepted(body)])
            known = followed_matters.load(c, self.tenant, [body for _, body in bodies])
            effects = BatchEffects(self.tenant, self.tenancy.generation, _grants(c), known)
            for seq, body in bodies:
                self._take(effects, seq, body)
            effects.matters.keep(c)
            rows = {
                writer: self.outbound.write(c, writer, drafts, old)
                for writer, drafts in sorted(effects.drafts.items())
            }
        self.position = new
        return rows

    def _take(self, effects: BatchEffects, seq: int, body: Body) -> None:
        """Processes one message without any database query. An error is counted (`untold`) and affects only this message."""
        try:
            effects.take(seq, body)
        except Exception:
            self.tenancy.counters["untold"] += 1
            log.error("a message of the log could not be told to publishers; the others are", stream_seq=seq)

    def _see(self, c: Connection, accepted: Sequence[Accepted]) -> None:
        """Stores the log sequence of accepted messages in `Seen`; adds messages that are missing there because the database
        was restored.
        """
        if not accepted:
            return
        asked = sa.tuple_(Seen.publisher, Seen.publisherid).in_([one[:2] for one in accepted])
        known = {tuple(row) for row in c.execute(sa.select(Seen.publisher, Seen.publisherid).where(asked))}
        self.seen.insert(c, [one for one in accepted if one[:2] not in known])
        self.seen.update(c, ("log_seq",), [(one[5], *one[:2]) for one in accepted if one[:2] in known])


def _grants(c: Connection) -> dict[str, list[str]]:
    """Publisher with a grant in force → the types of events that it follows."""
    rows = c.execute(sa.select(Grant.id, Grant.follows).where(Grant.in_force).order_by(Grant.id))
    return {row.id: row.follows for row in rows}
