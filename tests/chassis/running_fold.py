"""Runs the live loop of a fold on a log in memory and a real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Engine

from microgov.contracts.fields import Role
from microgov.contracts.ids import outside_id
from microgov.contracts.message import Message
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.fold.lease import Lease
from microgov.services.chassis.fold.loop import LOG_READER, FoldLoop
from microgov.services.chassis.log import Log, MemoryLog, Stored, body_of
from microgov.services.chassis.messages.stamp import Input, Sender, stamp_input
from microgov.services.chassis.service import Service

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


class RunningFold:
    """`send` appends a command to the log; `rest` waits until the fold has folded everything or has stopped as refused."""

    def __init__(self, engine: Engine, service: Service, log: MemoryLog) -> None:
        self.engine, self.log, self.service = engine, log, service
        self.lease = Lease(engine, (LOG_READER,), (service.name,))
        self.fold = FoldLoop(service, "t", engine, self._connect, self.lease)

    async def _connect(self) -> Log:
        return self.log

    def send(self, message: Message, subject: str, by: str = "p-1", role: Role = Role.RESIDENT) -> int:
        seq = len(self.log.messages) + 1
        mine = 1 + sum(".gateway." in m.subject for m in self.log.messages)
        given = Input(
            message,
            subject,
            outside_id("t", "x", str(seq)),
            START + timedelta(seconds=seq),
            Sender(by, "app_user", role),
        )
        return self.put(
            stamp_input("t", "gateway", given).numbered(mine).data, f"log.t.gateway.{message.TYPE}"
        )

    def put(self, data: bytes, subject: str) -> int:
        """Appends any bytes under a subject of the log; returns their sequence."""
        self.log.messages.append(Stored(len(self.log.messages) + 1, subject, data))
        grown, self.log.grown = self.log.grown, asyncio.Event()
        grown.set()
        return len(self.log.messages)

    async def rest(self, seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            while self.fold.state != "refused":
                if self.fold.reached.is_set() and not await self.fold.behind() and self.fold.at_rest:
                    return
                await asyncio.sleep(0.01)

    def said(self, name: str) -> list[dict[str, Any]]:
        """The events of the fold with this name."""
        mine = f"log.t.{self.service.name}."
        return [
            body_of(m) for m in self.log.messages if m.subject.startswith(mine) and f".{name}." in m.subject
        ]


@asynccontextmanager
async def run_fold(engine: Engine, service: Service, log: MemoryLog) -> AsyncIterator[RunningFold]:
    """Runs a fold until the block ends; the tables must exist."""
    made = RunningFold(engine, service, log)
    await made.lease.take()
    running = asyncio.create_task(made.fold.run())
    try:
        yield made
        if running.done():
            running.result()
    finally:
        await cancel_and_wait(running)
        made.lease.give_back()
