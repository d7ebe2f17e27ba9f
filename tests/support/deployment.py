"""A tenant with all services in one process: real broker, real database, every loop of the services, but no HTTP."""

import asyncio
import json
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from microgov.contracts.fields import Role
from microgov.contracts.message import Message
from microgov.contracts.subjects import in_subject
from microgov.contracts.validation.incoming import incoming
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.jetstream.connection import Bus
from microgov.services.chassis.jetstream.log import JetStreamLog
from microgov.services.chassis.runtime.questions import ASKERS, answer
from microgov.services.chassis.runtime.settings import Settings, TenantSettings
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.gateway.accounts import streams
from microgov.services.gateway.accounts.permissions import Publisher
from microgov.services.gateway.door.door import Door
from microgov.services.gateway.questions import forward
from microgov.services.gateway.tenants.setup import add_tenant

SERVICES = ("gateway", "issues", "matching", "notify")
START_POLLS = 250
"""How often a question checks, every 10 ms, whether its service has started; less than a client waits for an answer."""


@dataclass
class OutsideProgram:
    """A program outside: publishes under its own name, and collects its receipts by the id of the message."""

    nc: Client
    name: str
    tenant: str
    ids: Any = field(default_factory=lambda: count(1))
    receipts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    async def open(self) -> "OutsideProgram":
        """Creates the streams of the program and subscribes to its receipts; returns the program."""
        js = self.nc.jetstream()
        await streams.ensure_publisher(js, Publisher(self.name, (self.tenant,), ""))
        await self.nc.subscribe(f"receipt.{self.name}.{self.tenant}", cb=self._collect)
        return self

    async def _collect(self, message: Any) -> None:
        receipt = json.loads(message.data)
        self.receipts.setdefault(receipt["publisherid"], []).append(receipt)

    async def publish(
        self,
        message: Message,
        subject: str | None = None,
        by: str | None = None,
        role: str | None = None,
        on_behalf_of: str | None = None,
        id: str | None = None,
    ) -> str:
        """Publishes a message for the door; returns the id under which its receipts come."""
        id = id or f"{self.name}-{next(self.ids)}"
        data = incoming(
            message,
            id=id,
            source=f"/{self.name}",
            subject=subject,
            authid=by,
            role=Role(role) if role else None,
            onbehalfof=on_behalf_of,
        )
        await self.publish_raw(message.TYPE, data)
        return id

    async def publish_raw(self, kind: str, data: bytes) -> None:
        """Publishes bytes under the subject of this message type."""
        await self.nc.jetstream().publish(in_subject(self.name, self.tenant, kind), data)

    async def receipt(self, id: str, status: str | None = None, seconds: float = 10.0) -> dict[str, Any]:
        """The first receipt for that id, with that status if one is given; raises AssertionError after `seconds`."""
        for _ in range(int(seconds / 0.01)):
            for receipt in self.receipts.get(id, []):
                if status is None or receipt["status"] == status:
                    return receipt
            await asyncio.sleep(0.01)
        raise AssertionError(f"no receipt {status or ''} for {id}: {self.receipts.get(id)}")

    async def send(
        self,
        message: Message,
        subject: str | None = None,
        by: str | None = None,
        role: str | None = None,
        on_behalf_of: str | None = None,
    ) -> dict[str, Any]:
        """Publishes a message and returns the door's receipt."""
        return await self.receipt(await self.publish(message, subject, by, role, on_behalf_of))


@dataclass
class Deployment:
    """The running services of one tenant, by name in `tenancies`."""

    settings: Settings
    tenant: TenantSettings
    tenancies: dict[str, Tenancy]
    nc: Client

    async def outsider(self, name: str = "cli") -> OutsideProgram:
        """A program outside with this name, whose receipts are collected."""
        return await OutsideProgram(self.nc, name, self.tenant.name).open()

    async def log(self) -> JetStreamLog:
        """The log of the tenant, on a connection of its own; the caller closes it."""
        return JetStreamLog(await Bus.connect(self.settings.address()), self.tenant.name)

    async def quiet(self, seconds: float = 20.0) -> int:
        """Waits until every fold has reached the end of the log and added nothing for 0.2 s; returns the end.

        Raises AssertionError after `seconds`.
        """
        log = await self.log()
        try:
            same = 0
            end = -1
            for _ in range(int(seconds / 0.02)):
                now = await log.end()
                idle = await self._door_is_through() and not sum(
                    [await t.fold.behind() for t in self.tenancies.values()]
                )
                idle = idle and all(t.fold.at_rest for t in self.tenancies.values())
                same = same + 1 if idle and now == end else 0
                end = now
                if same >= 10:
                    return end
                await asyncio.sleep(0.02)
            raise AssertionError("the services do not come to rest")
        finally:
            await log.close()

    async def _door_is_through(self) -> bool:
        """Whether the door has read everything that publishers sent."""
        for loop in self.tenancies["gateway"].loops if "gateway" in self.tenancies else []:
            if isinstance(loop, Door):
                for publisher, position in loop.streams.positions.items():
                    info = await self.nc.jetstream().stream_info(f"IN-{self.tenant.name}_{publisher}")
                    if info.state.last_seq > position:
                        return False
        return True

    async def everything(self) -> list[dict[str, Any]]:
        """All messages of the log, each with its sequence as `seq`."""
        log = await self.log()
        found: list[dict[str, Any]] = []
        end, reader = await log.end(), await log.read(0, None)
        while len(found) < end:
            found += [
                json.loads(stored.data) | {"seq": stored.seq} for stored in await reader.batch(1000, 2.0)
            ]
        await log.close()
        return found


@asynccontextmanager
async def deployed(
    nats_url: str,
    database: str,
    folder: Path,
    tenant: str,
    simulated: bool = True,
    only: Sequence[str] = SERVICES,
    start: datetime | None = None,
) -> AsyncIterator[Deployment]:
    """Sets up a tenant and runs its services (`only`: some of them) until the block ends.

    With `simulated` the time of the tenant is set by messages, and begins at `start`.
    """
    settings = Settings(nats_url=nats_url, database=database, tenants=folder / "tenants.toml")
    await add_tenant(tenant, settings, simulated, **({"start": start} if start else {}))
    settled = TenantSettings(name=tenant, simulated_clock=simulated)
    tenancies = {
        name: import_module(f"microgov.services.{name}.app").tenancy(settled, settings) for name in only
    }
    nc = await nats.connect(nats_url)
    for asker in ASKERS:
        await nc.subscribe(f"ask.{asker}.{tenant}.>", cb=_answers(list(tenancies.values())))
    await nc.subscribe(
        f"ask.*.{tenant}.>", cb=_outside([t for t in tenancies.values() if t.home == "gateway"], nc)
    )
    running = [asyncio.create_task(t.run()) for t in tenancies.values()]
    for task in running:
        task.add_done_callback(_print_error)
    try:
        yield Deployment(settings, settled, tenancies, nc)
        for task in running:
            if task.done():
                task.result()
    finally:
        await cancel_and_wait(*running)
        await nc.close()


def _answers(tenancies: list[Tenancy]) -> Callable[[Msg], Awaitable[None]]:
    """Answers questions like the application; a question that arrives too early waits until its service has started."""

    async def asked(message: Msg) -> None:
        reply = await answer(tenancies, message.subject, message.data)
        for _ in range(START_POLLS):
            if reply is not None:
                break
            await asyncio.sleep(0.01)
            reply = await answer(tenancies, message.subject, message.data)
        if reply is not None:
            await message.respond(reply)

    return asked


def _outside(tenancies: list[Tenancy], nc: Client) -> Callable[[Msg], Awaitable[None]]:
    """Answers questions of outside programs, as the gateway's application does."""

    async def ask(subject: str, body: bytes) -> bytes:
        return (await nc.request(subject, body, timeout=5)).data

    async def asked(message: Msg) -> None:
        reply = await forward(tenancies, ask, message.subject, message.data)
        if reply is not None:
            await message.respond(reply)

    return asked


def _print_error(task: "asyncio.Task[None]") -> None:
    """Prints the error of a service that ended by itself; a test that waits for the service would only see a time-out."""
    if not task.cancelled() and task.exception() is not None:
        traceback.print_exception(task.exception())
