"""The edge of a service: the loop that writes inputs into the log, first of all the deadlines that have come due.

An `Edge` has its own writer name. It writes its messages into its outbox in one transaction and appends them to the log
from there. Their ids are computed from what is reported, so the same report is never written twice (architecture.md §4.8).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from microgov.contracts.log import DeadlineReached
from microgov.services.chassis.cancellation import run_together
from microgov.services.chassis.columns import micros
from microgov.services.chassis.fault_points import NO_FAULTS, FaultPoints
from microgov.services.chassis.fold.appender import Appender
from microgov.services.chassis.fold.clock import TenantClock, start_after_log
from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.fold.retry_loop import RetryLoop
from microgov.services.chassis.log import Log, Outgoing
from microgov.services.chassis.messages.stamp import Draft, Input, reported_id, stamp_input, system_sender
from microgov.services.chassis.store import hold, outbox
from microgov.services.chassis.store.bookkeeping import Bookkeeping
from microgov.services.chassis.store.engine import reading
from microgov.services.chassis.telemetry import new_traceparent

PACE, DUE_PER_QUERY = 0.2, 500
"""PACE: seconds that a task of the edge waits when it had nothing to do. DUE_PER_QUERY: deadlines per page."""
Due = tuple[str, str, datetime]
"""A deadline that is due: its kind, the id of its entity, and when it was due (UTC)."""


def no_time() -> int:
    """The greatest recordedtime of an edge that no tenancy runs."""
    return 0


class InputWriter:
    """Writes inputs under one writer's name: `write` puts them into the outbox in the caller's transaction; `put` hands
    them to the appender, which appends them to the log.
    """

    def __init__(self, writer: str, engine: Engine, lease: Lease, points: FaultPoints = NO_FAULTS) -> None:
        self.appender = Appender(writer, continues=True, points=points)
        self.writer, self.books, self.lease = writer, Bookkeeping(engine.dialect), lease

    def write(self, c: Connection, drafts: Sequence[Draft]) -> list[Outgoing]:
        """Numbers the drafts, writes them into the outbox and returns the rows. Call `put` with these after the commit.
        Raises Fenced under an older epoch.
        """
        if not drafts:
            return []
        first = self.books.take(c, self.writer, len(drafts), self.appender.published, self.lease.epoch)
        rows = [draft.numbered(first + at) for at, draft in enumerate(drafts)]
        self.books.write(c, self.writer, rows)
        return rows

    def put(self, rows: Sequence[Outgoing]) -> None:
        """Hands the rows to the appender; call it after the commit."""
        self.appender.put(rows)


class Edge(RetryLoop):
    """The edge of one service for one tenant. It reports deadlines that have come due, and runs the service's other tasks
    outside the log. All inputs are written under one writer's name. `deadline` is the service's class of deadlines (None if
    it has none).

    `further_tasks`: functions that do some work and return how much; 0 lets the edge pause. `senders`: such functions that
    send something to people; they rest while there is a hold (store/hold.py).
    """

    def __init__(
        self,
        service: str,
        tenant: str,
        engine: Engine,
        connect: Callable[[], Awaitable[Log]],
        lease: Lease,
        clock: TenantClock,
        deadline: type[Any] | None,
        caught_up: Callable[[], Awaitable[Any]],
        points: FaultPoints = NO_FAULTS,
    ) -> None:
        super().__init__(f"{service}-edge/{tenant}", lease)
        self.service, self.tenant, self.engine, self.connect = service, tenant, engine, connect
        self.clock, self.deadline, self.caught_up = clock, deadline, caught_up
        self.writer = f"{service}-edge"
        self.input_writer = InputWriter(self.writer, engine, lease, points)
        self.further_tasks: list[Callable[[], Awaitable[int]]] = []
        self.senders: list[Callable[[], Awaitable[int]]] = []
        self.held, self.latest = False, no_time
        self.written_ids: set[str] = set()

    def notes(self) -> list[str]:
        return [f"{self.name} sends nothing since a restore: see `microgov resume`"] if self.held else []

    def outgoing(self) -> int:
        return self.input_writer.appender.outgoing()

    async def run_once(self) -> None:
        await self.until(self.caught_up(), "the fold has not reached the head of the log yet")
        source = await self.connect()
        try:
            await asyncio.to_thread(self.lease.confirm)
            await self.input_writer.appender.start(source, self.engine, self.lease.epoch)
            self.held = await asyncio.to_thread(self._is_held)
            await start_after_log(self.clock, source, self.writer)
            await self.until(self.clock.wait_until_known(), "the machine's clock cannot be believed")
            self.runs()
            steps: list[Callable[[], Awaitable[int]]] = [self._tick, *self.further_tasks]
            steps += [partial(self._unless_held, send) for send in self.senders]
            await run_together(
                self.input_writer.appender.run(source), *(self._forever(step) for step in steps)
            )
        finally:
            await source.close()

    async def _forever(self, step: Callable[[], Awaitable[int]]) -> None:
        while True:
            if not await step():
                await asyncio.sleep(PACE)

    async def _unless_held(self, send: Callable[[], Awaitable[int]]) -> int:
        if self.held:
            self.held = await asyncio.to_thread(self._is_held)
        return 0 if self.held else await send()

    def _is_held(self) -> bool:
        """Whether there is a hold (store/hold.py). The fold has reached the head of the log that it began with."""
        with self.engine.begin() as c:
            hold.set_latest(c, self.latest())
            return bool(self.senders) and hold.held(c) is not None

    async def _tick(self) -> int:
        if self.deadline is None:
            return 0
        rows = await asyncio.to_thread(self._due)
        self.input_writer.put(rows)
        return len(rows)

    def _due(self) -> list[Outgoing]:
        assert self.deadline is not None
        now, named = self.clock.now(), set[str]()
        for page in self._pages(now):
            named |= page.keys()
            fresh = {id: row for id, row in page.items() if id not in self.written_ids}
            rows = self._say(fresh, now) if fresh else []
            self.written_ids |= fresh.keys()
            if rows:
                return rows
        self.written_ids &= named
        return []

    def _pages(self, now: datetime) -> Iterator[dict[str, Due]]:
        """Yields all deadlines that are due, in pages of 500, by the id of their DeadlineReached.

        A deadline whose DeadlineReached is in quarantine keeps its row for a long time, so the first page alone is not
        enough.
        """
        assert self.deadline is not None
        table = self.deadline.__table__
        order = (table.c.due_at, table.c.kind, table.c.entity)
        page = query = sa.select(table).where(table.c.due_at <= now).order_by(*order).limit(DUE_PER_QUERY)
        while True:
            with reading(self.engine) as c:
                rows = [(row.kind, row.entity, row.due_at) for row in c.execute(page)]
            yield {self._id(*row): row for row in rows}
            if len(rows) < DUE_PER_QUERY:
                return
            kind, entity, due_at = rows[-1]
            page = query.where(
                sa.tuple_(*order) > sa.tuple_(sa.literal(due_at, table.c.due_at.type), kind, entity)
            )

    def _say(self, fresh: dict[str, Due], now: datetime) -> list[Outgoing]:
        with self.engine.begin() as c:
            known = outbox.said_already(c, self.writer, list(fresh))
            drafts = [self._reached(id, *row, now) for id, row in fresh.items() if id not in known]
            return self.input_writer.write(c, drafts)

    def _id(self, kind: str, entity: str, due_at: datetime) -> str:
        return reported_id(self.tenant, self.service, kind, entity, micros(due_at))

    def _reached(self, id: str, kind: str, entity: str, due_at: datetime, now: datetime) -> Draft:
        fact = DeadlineReached(service=self.service, kind=kind, entity=entity, due_at=due_at)
        given = Input(fact, entity, id, now, system_sender(self.writer), traceparent=new_traceparent())
        return stamp_input(self.tenant, self.writer, given)

    async def report(self, inputs: Sequence[Input]) -> None:
        """Writes inputs that report what happened outside; an input whose id was written before is skipped."""
        rows = await asyncio.to_thread(self._report, inputs)
        self.input_writer.put(rows)

    def _report(self, inputs: Sequence[Input]) -> list[Outgoing]:
        with self.engine.begin() as c:
            known = outbox.said_already(c, self.writer, [one.id for one in inputs])
            return self.input_writer.write(
                c, [stamp_input(self.tenant, self.writer, one) for one in inputs if one.id not in known]
            )
