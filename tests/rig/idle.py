"""Finds out from databases and broker, without asking the processes, whether messages are still in flight."""

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from microgov.services.chassis.errors import Again
from microgov.services.chassis.fold.fold import types_of
from microgov.services.chassis.infrastructure import INFRASTRUCTURE
from microgov.services.chassis.jetstream.connection import ApiError, BrokerAddress, Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.log import number_of
from microgov.services.chassis.service import Service
from microgov.services.chassis.store import bookkeeping
from microgov.services.chassis.store.engine import reading

PATIENCE = 45.0
"""Seconds to wait by default."""
PAUSE = 0.1
"""Seconds between two looks."""


class IdleWatch:
    """Watches one tenant; `databases` holds the engine of each service by the name of its process."""

    def __init__(
        self, url: str, tenant: str, services: Sequence[Service], databases: Mapping[str, Engine]
    ) -> None:
        self.address, self.tenant, self.services, self.databases = (
            BrokerAddress(url),
            tenant,
            services,
            databases,
        )

    async def wait(self, patience: float = PATIENCE) -> str:
        """Waits until nothing is in flight. Returns an empty text, or what is still in flight after `patience` seconds."""
        until, before, in_flight = time.monotonic() + patience, -1, "not checked yet"
        while time.monotonic() < until:
            try:
                end, in_flight = await self._in_flight()
            except (Again, *INFRASTRUCTURE) as error:
                end, in_flight = -1, f"cannot be seen: {error!r}"[:300]
            if not in_flight and end == before:
                return ""
            before = end if not in_flight else -1
            await asyncio.sleep(PAUSE)
        return in_flight or "the log still grows"

    async def _in_flight(self) -> tuple[int, str]:
        """The end of the log, and what is in flight, in words."""
        bus = await Bus.connect(self.address, "idle")
        try:
            log = JetStreamLog(bus, self.tenant)
            end = await log.end()
            for service in self.services:
                in_flight = await self._service_in_flight(bus, log, service)
                if in_flight:
                    return end, in_flight
            return end, await self._gateway_in_flight(bus, end) if "gateway" in self.databases else ""
        finally:
            await bus.close()

    async def _service_in_flight(self, bus: Bus, log: JetStreamLog, service: Service) -> str:
        engine = self.databases[home_of(service)]
        with reading(engine) as c:
            at = (
                c.execute(
                    sa.select(bookkeeping.READER.c.seq).where(bookkeeping.READER.c.stream == "LOG")
                ).scalar()
                or 0
            )
            said = _outboxes(c)
        waiting = await pending(bus, log, at, types_of(service))
        if waiting:
            return f"{service.name} at {at} has {waiting} before it"
        for writer, last in said.items():
            stream = {"receipt": "RECEIPT", "out": "OUT"}.get(writer.split(".")[0]) if "." in writer else None
            stands = await JetStreamLog(bus, self.tenant, stream).last(writer)
            n = number_of(stands) if stands is not None else 0
            if n < last:
                return f"{writer} has said {last} messages, {n} are in its stream"
        return ""

    async def _gateway_in_flight(self, bus: Bus, end: int) -> str:
        """What the door or the courier has not read yet; an empty text if both have read everything."""
        with reading(self.databases["gateway"]) as c:
            readers: dict[str, int] = {r.stream: r.seq for r in c.execute(sa.select(bookkeeping.READER))}
        if readers.get("COURIER") != end:
            return f"the courier is at {readers.get('COURIER')} of {end}"
        for stream in (await bus.api("STREAM.NAMES", {"subject": f"in.*.{self.tenant}.>"}))["streams"]:
            at, last = readers.get(stream, 0), (await bus.api(f"STREAM.INFO.{stream}"))["state"]["last_seq"]
            if last != at:
                return f"the door is at {at} of {last} in {stream}"
        return ""


def home_of(service: Service) -> str:
    """The name of the process whose database the service uses."""
    return "gateway" if service.name == "directory" else service.name


def _outboxes(c: sa.Connection) -> dict[str, int]:
    box = bookkeeping.OUTBOX.c
    return {
        writer: n for writer, n in c.execute(sa.select(box.writer, sa.func.max(box.n)).group_by(box.writer))
    }


async def pending(bus: Bus, log: JetStreamLog, at: int, types: Sequence[str]) -> int:
    """How many messages of these types are behind a sequence of the log."""
    name = f"idle-{uuid.uuid4().hex}"
    config: dict[str, Any] = {
        "name": name,
        "deliver_policy": "by_start_sequence",
        "opt_start_seq": at + 1,
        "ack_policy": "none",
        "mem_storage": True,
        "inactive_threshold": 5_000_000_000,
        "num_replicas": 1,
        "filter_subjects": [f"log.{log.tenant}.*.{kind}" for kind in types],
    }
    answer = await bus.api(
        f"CONSUMER.CREATE.{log.stream}.{name}",
        {"stream_name": log.stream, "config": config, "action": "create"},
    )
    with suppress(ApiError):
        await bus.api(f"CONSUMER.DELETE.{log.stream}.{name}")
    return int(answer["num_pending"])
